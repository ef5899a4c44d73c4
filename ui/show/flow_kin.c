#include "ui/show/flow_kin.h"

#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_uri.h"
#include "dissect/sip/sip_values.h"

static const struct {
  const char *text;
  bool is_fact;
} EVIDENCE[FLOW_EVIDENCE_COUNT] = {
#define EVIDENCE_HINT(id, text) [FLOW_EVIDENCE_##id] = {text, false},
#define EVIDENCE_FACT(id, text) [FLOW_EVIDENCE_##id] = {text, true},
  FLOW_EVIDENCE(EVIDENCE_HINT, EVIDENCE_FACT)
#undef EVIDENCE_HINT
#undef EVIDENCE_FACT
};

bool flow_evidence_is_fact(FlowEvidence evidence)
{
  return EVIDENCE[evidence].is_fact;
}

const char *flow_evidence_text(FlowEvidence evidence)
{
  return EVIDENCE[evidence].text;
}

void flow_kin_append(GString *to, const GArray *kin)
{
  enum { MOST = 6 };
  guint count = MIN(kin->len, MOST);

  g_string_append(to, kin->len == 1 ? "call" : "calls");
  for (guint i = 0; i < count; i++) {
    const FlowKin *one = &g_array_index(kin, FlowKin, i);
    bool same_follows = i + 1 < count && one[1].evidence == one->evidence;
    g_string_append_printf(to, "%s %u", i > 0 ? "," : "", one->number);
    if (!same_follows)
      g_string_append_printf(to, " (%s)", flow_evidence_text(one->evidence));
  }
  if (kin->len > count)
    g_string_append_printf(to, " and %u more", kin->len - count);
}

static void add_named(FlowNames *names, FlowEvidence evidence, Slice call_id)
{
  call_id = slice_trim(call_id);
  if (call_id.len > 0 && names->named_count < FLOW_NAMED_MAX)
    names->named[names->named_count++] = (FlowNamed){evidence, call_id};
}

/* A nil UUID says that the half is not known yet (RFC 7989 5). */
static Slice session_half(Slice uuid)
{
  for (size_t i = 0; i < uuid.len; i++)
    if (uuid.data[i] != '0')
      return uuid;
  return SLICE_NONE;
}

static void read_session_id(Slice value, FlowNames *names)
{
  Slice remote = SLICE_NONE;

  names->session_ids[0] = session_half(slice_trim(sip_cut_params(&value)));
  if (sip_param_find(value, SLICE("remote"), &remote))
    names->session_ids[1] = session_half(slice_trim(remote));
}

/* RFC 3515 2.1; RFC 3891 4: <sip:bob@example.com?Replaces=12345%40example.com%3Bto-tag%3D...> */
static void read_refer_to(Arena *arena, Slice value, FlowNames *names)
{
  Slice uri = sip_addr_parse(value).uri;
  SipUri parts;

  names->refer_to = uri;
  if (!sip_uri_parse(uri, &parts))
    return;
  for (Slice headers = parts.headers; headers.len > 0;) {
    Slice header = slice_cut(&headers, '&');
    Slice name = slice_cut(&header, '=');
    Slice said = sip_unescape(arena, header);

    if (slice_eq_nocase(name, SLICE("Replaces")))
      add_named(names, FLOW_EVIDENCE_REPLACES, sip_cut_params(&said));
    else if (slice_eq_nocase(name, SLICE("Join")))
      add_named(names, FLOW_EVIDENCE_JOIN, sip_cut_params(&said));
  }
}

static FlowEvidence evidence_of(const SipHeaderRow *row)
{
  if (row->header == SIP_HEADER_REPLACES)
    return FLOW_EVIDENCE_REPLACES;
  if (row->header == SIP_HEADER_JOIN)
    return FLOW_EVIDENCE_JOIN;
  if (row->header == SIP_HEADER_TARGET_DIALOG)
    return FLOW_EVIDENCE_TARGET_DIALOG;
  if (slice_eq_nocase(row->name, SLICE("X-Call-ID")) || slice_eq_nocase(row->name, SLICE("X-CID")))
    return FLOW_EVIDENCE_X_CALL_ID;
  return FLOW_EVIDENCE_NONE;
}

static void read_row(Arena *arena, const SipHeaderRow *row, FlowNames *names)
{
  FlowEvidence evidence = evidence_of(row);
  Slice value = row->value;

  if (evidence != FLOW_EVIDENCE_NONE)
    add_named(names, evidence, sip_cut_params(&value));
  else if (row->header == SIP_HEADER_SESSION_ID)
    read_session_id(value, names);
  else if (row->header == SIP_HEADER_REFER_TO)
    read_refer_to(arena, value, names);
  else if (row->header == SIP_HEADER_REFERRED_BY)
    names->referrer = sip_addr_parse(value).uri;
}

FlowNames flow_names_read(Arena *arena, const SipMsg *sip)
{
  FlowNames names = {0};
  SipHeaderRow row;

  for (SipHeaderIter rows = sip_header_iter(sip); sip_header_next(&rows, &row);)
    read_row(arena, &row, &names);
  if (sip->method != SIP_METHOD_REFER)
    names.refer_to = SLICE_NONE;
  else if (names.referrer.len == 0) /* who sends it need not say so (RFC 3892 2.1) */
    names.referrer = sip_addr_parse(sip->from).uri;
  if (sip->method == SIP_METHOD_INVITE) {
    names.targets[0] = sip->uri;
    names.targets[1] = sip_addr_parse(sip->to).uri;
  }
  return names;
}
