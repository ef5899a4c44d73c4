#include "ui/report/sipp.h"

#include "capture/error.h"
#include "capture/language.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_body.h"
#include "dissect/sip/sip_values.h"
#include "ui/show/first_hop.h"
#include "ui/show/text.h"

enum { TAGS_MAX = 64, ARENA_FIRST = 64 * 1024 };

typedef struct {
  const Message *message;
  SipMsg sip;
  SippSide from;
  size_t request; /* of a response, an ACK of a refusal or a CANCEL; SIPP_STEPS_MAX: none */
} Step;

typedef struct {
  Slice text;
  SippSide owner; /* who made it up */
} Tag;

struct SippCall {
  Arena arena;
  uint32_t number;
  bool is_stream; /* played over TCP */
  Step *steps;
  size_t count, left_out;
  Tag tags[TAGS_MAX];
  size_t tag_count;
};

/* --- reading ---------------------------------------------------------------------------------- */

/* Of a call whose beginning was not captured, that of its first message. */
static FirstHop find_hop(const Trace *trace, const Call *call, const StoreSet *stores, Arena *arena)
{
  const CallSummary summary = call_summarize(call, trace_now(trace));
  CallPath path;

  call_path_find(trace, call, stores, arena, &path);
  const Branch *root = first_hop_find(call, &summary, &path);
  const FirstHop hop = {trace, root ? root->from : call->first->src,
                        root ? root->to : call->first->dst};
  call_path_clear(&path);
  return hop;
}

static bool read_steps(SippCall *sipp, const FirstHop *hop, const Call *call,
                       const StoreSet *stores, GError **error)
{
  int first = 0;

  sipp->steps = arena_alloc(&sipp->arena, SIPP_STEPS_MAX * sizeof *sipp->steps);
  for (const Message *m = call->first; m; m = m->next) {
    int direction = first_hop_direction(hop, m);
    if (direction == 0 || m->flags & (MESSAGE_RETRANSMISSION | MESSAGE_DUPLICATE))
      continue;
    if (sipp->count == SIPP_STEPS_MAX) {
      sipp->left_out++;
      continue;
    }
    Step *step = &sipp->steps[sipp->count++];
    first = first != 0 ? first : direction;
    *step = (Step){.message = m, .from = direction == first ? SIPP_UAC : SIPP_UAS};
    if (!message_load(m, stores, &sipp->arena, &step->sip, error))
      return false;
    sipp->is_stream |= m->transport != TRANSPORT_UDP;
  }
  if (sipp->count > 0 && sipp->steps[0].sip.is_request)
    return true;
  g_set_error(error, APP_ERROR, APP_ERROR_IO,
              _("call %u cannot be played by SIPp: it does not begin with a request"),
              call->number);
  return false;
}

static SippSide other_side(SippSide side)
{
  return side == SIPP_UAC ? SIPP_UAS : SIPP_UAC;
}

/* The newest request before it with the same branch: of a response one of the other side, of an
 * ACK of a refusal or a CANCEL one of the same side. */
static size_t find_request(const SippCall *sipp, size_t at)
{
  const SipMsg *sip = &sipp->steps[at].sip;
  SippSide sender = sip->is_request ? sipp->steps[at].from : other_side(sipp->steps[at].from);

  for (size_t i = at; i-- > 0;) {
    const Step *step = &sipp->steps[i];
    bool is_same = sip->via_branch.len > 0 ? slice_eq(step->sip.via_branch, sip->via_branch)
                                           : step->sip.cseq == sip->cseq;
    if (step->from == sender && step->sip.is_request && is_same &&
        step->sip.method != SIP_METHOD_ACK &&
        (sip->is_request || slice_eq(step->sip.method_text, sip->cseq_method_text)))
      return i;
  }
  return SIPP_STEPS_MAX;
}

static const Tag *find_tag(const SippCall *sipp, Slice text)
{
  for (size_t i = 0; text.len > 0 && i < sipp->tag_count; i++)
    if (slice_eq(sipp->tags[i].text, text))
      return &sipp->tags[i];
  return NULL;
}

static void note_tag(SippCall *sipp, Slice text, SippSide owner)
{
  if (text.len > 0 && !find_tag(sipp, text) && sipp->tag_count < TAGS_MAX)
    sipp->tags[sipp->tag_count++] = (Tag){text, owner};
}

/* A sender has made up the From tag of its request and the To tag of its response; what is not
 * known so is the other side's. */
static void find_tags(SippCall *sipp)
{
  for (size_t i = 0; i < sipp->count; i++) {
    const Step *step = &sipp->steps[i];
    SippSide other = other_side(step->from);
    note_tag(sipp, step->sip.from_tag, step->sip.is_request ? step->from : other);
    note_tag(sipp, step->sip.to_tag, step->sip.is_request ? other : step->from);
  }
}

SippCall *sipp_call_new(const Trace *trace, const Call *call, const StoreSet *stores,
                        GError **error)
{
  g_autoptr(SippCall) sipp = g_new0(SippCall, 1);

  arena_init(&sipp->arena, ARENA_FIRST);
  sipp->number = call->number;
  const FirstHop hop = find_hop(trace, call, stores, &sipp->arena);
  if (!read_steps(sipp, &hop, call, stores, error))
    return NULL;
  for (size_t i = 0; i < sipp->count; i++)
    sipp->steps[i].request = find_request(sipp, i);
  find_tags(sipp);
  return g_steal_pointer(&sipp);
}

void sipp_call_free(SippCall *call)
{
  if (!call)
    return;
  arena_clear(&call->arena);
  g_free(call);
}

static bool is_text(Slice bytes)
{
  return slice_find(bytes, '\0') == bytes.len;
}

void sipp_call_append_notes(const SippCall *call, GPtrArray *lines)
{
  unsigned binary = 0;

  for (size_t i = 0; i < call->count; i++)
    binary += !is_text(call->steps[i].sip.body);
  if (binary > 0)
    g_ptr_array_add(lines,
                    g_strdup_printf(_("call %u: %u bodies are left out: SIPp sends only text"),
                                    call->number, binary));
  if (call->left_out > 0)
    g_ptr_array_add(lines,
                    g_strdup_printf(_("call %u: %zu messages are left out, after the first %d"),
                                    call->number, call->left_out, SIPP_STEPS_MAX));
}

/* --- texts ------------------------------------------------------------------------------------ */

/* SIPp would take brackets as keywords, and cut blanks at the beginning of a line.  Without the
 * line ends of folds. */
static void append_text(GString *to, Slice text)
{
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char) text.data[i];
    bool is_at_start = to->len == 0 || to->str[to->len - 1] == '\n';
    if (c == '\r' || c == '\n')
      continue;
    if (c == '\0')
      g_string_append_c(to, '?');
    else if (strchr("[]\\", c) || c < ' ' || (c == ' ' && is_at_start))
      g_string_append_printf(to, "\\x%02x", c);
    else
      g_string_append_c(to, (char) c);
  }
}

/* --- one message ------------------------------------------------------------------------------ */

/* One side's scenario while it is made. */
typedef struct {
  const SippCall *sipp;
  SippSide side;
  GString *to;
  unsigned count;                  /* elements so far; SIPp numbers branches by them */
  unsigned places[SIPP_STEPS_MAX]; /* of the steps that it sent or received */
  bool has_tag[TAGS_MAX];          /* of the other side: it was received */
  bool is_challenged;
  GString *variables; /* all must be referred to */
} Scenario;

static bool is_own(const Scenario *scenario, const Step *step)
{
  return step->from == scenario->side;
}

static void append_start_line(const SipMsg *sip, GString *to)
{
  SipUri uri;
  Slice phone;

  if (!sip->is_request) {
    g_string_append_printf(to, "SIP/2.0 %u ", sip->status);
    append_text(to, sip->reason);
    g_string_append_c(to, '\n');
    return;
  }
  append_text(to, sip->method_text);
  g_string_append_c(to, ' ');
  bool is_sip =
    sip_uri_parse(sip->uri, &uri) && (uri.kind == SIP_URI_SIP || uri.kind == SIP_URI_SIPS);
  if (!is_sip) {
    append_text(to, sip->uri);
  } else {
    g_string_append(to, "sip:");
    if (uri.user.len > 0) {
      append_text(to, uri.user);
      g_string_append_c(to, '@');
    }
    g_string_append(to, "[remote_ip]:[remote_port]");
    if (uri.params.data && sip_param_find(uri.params, SLICE("user"), &phone) && phone.data) {
      g_string_append(to, ";user=");
      append_text(to, phone);
    }
  }
  g_string_append(to, " SIP/2.0\n");
}

/* A response has the Via of its request, as it was received; ACK and CANCEL have its branch. */
static void append_via(const Scenario *scenario, size_t at)
{
  const SippCall *sipp = scenario->sipp;
  const SipMsg *sip = &sipp->steps[at].sip;
  size_t request = sipp->steps[at].request;
  GString *to = scenario->to;

  if (!sip->is_request && request == SIPP_STEPS_MAX)
    g_string_append(to, "[last_Via:]\n");
  else if (!sip->is_request)
    g_string_append_printf(to, "Via:[$via%zu]\n", request + 1);
  else
    g_string_append(to, "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch");
  if (sip->is_request && request != SIPP_STEPS_MAX)
    g_string_append_printf(to, "-%u", scenario->count - scenario->places[request]);
  if (sip->is_request)
    g_string_append(to, "]\n");
}

/* Of a redirection or a registrar it is somebody else's. */
static void append_contact(const SipMsg *sip, Slice value, GString *to)
{
  const SipAddr addr = sip_addr_parse(value);
  Slice user = sip_uri_user(addr.uri);
  bool is_other =
    !sip->is_request && (sip->status / 100 == 3 || sip->cseq_method == SIP_METHOD_REGISTER);

  if (is_other || addr.uri.len == 0 || slice_eq(addr.uri, SLICE("*"))) {
    append_text(to, value);
    return;
  }
  g_string_append(to, "<sip:");
  append_text(to, user);
  g_string_append(to, user.len > 0 ? "@" : "");
  g_string_append(to, "[local_ip]:[local_port];transport=[transport]>");
  if (addr.params.len > 0) {
    g_string_append_c(to, ';');
    append_text(to, addr.params);
  }
}

static void append_credentials(Slice value, GString *to)
{
  Slice scheme = sip_take_token(&value), name = SLICE("user");
  SipParam param;

  (void) scheme;
  while (sip_auth_param_next(&value, &param))
    if (slice_eq_nocase(param.name, SLICE("username")) && param.value.len > 2 &&
        sip_is_token(slice_head(slice_from(param.value, 1), param.value.len - 2)))
      name = slice_head(slice_from(param.value, 1), param.value.len - 2);
  g_string_append_printf(to, "[authentication username=%.*s password=replay]\n", SLICE_ARG(name));
}

/* The tag of a header field as this side writes it: one of the other side as it was received, or
 * else as it was captured. */
static void append_tag(const Scenario *scenario, Slice text, GString *to)
{
  const Tag *tag = find_tag(scenario->sipp, text);
  size_t index = tag ? (size_t) (tag - scenario->sipp->tags) : 0;

  if (tag && tag->owner == scenario->side)
    g_string_append_printf(to, "[pid]SIPpTag%zu-[call_number]", index + 1);
  else if (tag && scenario->has_tag[index])
    g_string_append_printf(to, "[$tag%zu]", index + 1);
  else
    append_text(to, text);
}

/* From or To: all of it, but for the tag. */
static void append_party(const Scenario *scenario, Slice value, Slice tag, GString *to)
{
  const char *at = tag.len > 0 ? tag.data : NULL;

  if (!at || at < value.data || at >= value.data + value.len) {
    append_text(to, value);
    return;
  }
  append_text(to, slice_head(value, (size_t) (at - value.data)));
  append_tag(scenario, tag, to);
  append_text(to, slice_from(value, (size_t) (at - value.data) + tag.len));
}

static void append_header(const Scenario *scenario, const SipMsg *sip, const SipHeaderRow *row)
{
  GString *to = scenario->to;
  bool has_credentials =
    row->header == SIP_HEADER_AUTHORIZATION || row->header == SIP_HEADER_PROXY_AUTHORIZATION;

  if (has_credentials && scenario->is_challenged) {
    append_credentials(row->value, to);
    return;
  }
  append_text(to, row->name);
  g_string_append(to, ": ");
  if (row->header == SIP_HEADER_FROM)
    append_party(scenario, row->value, sip->from_tag, to);
  else if (row->header == SIP_HEADER_TO)
    append_party(scenario, row->value, sip->to_tag, to);
  else if (row->header == SIP_HEADER_CALL_ID)
    g_string_append(to, "[call_id]");
  else if (row->header == SIP_HEADER_CONTACT)
    append_contact(sip, row->value, to);
  else
    append_text(to, row->value);
  g_string_append_c(to, '\n');
}

/* Of the way alone; or written anew. */
static bool is_left_out(const SipMsg *sip, const SipHeaderRow *row)
{
  bool is_of_body = row->header == SIP_HEADER_CONTENT_TYPE ||
                    row->header == SIP_HEADER_CONTENT_ENCODING ||
                    row->header == SIP_HEADER_CONTENT_DISPOSITION;

  return !row->name.data || row->header == SIP_HEADER_VIA ||
         row->header == SIP_HEADER_RECORD_ROUTE || row->header == SIP_HEADER_ROUTE ||
         row->header == SIP_HEADER_CONTENT_LENGTH || (is_of_body && !is_text(sip->body));
}

/* --- bodies --- */

/* All words but the last two are as they were. */
static void append_origin(Slice line, GString *to)
{
  enum { WORDS = 4 }; /* user, session, version, "IN" */

  for (unsigned i = 0; i < WORDS && line.len > 0; i++) {
    append_text(to, slice_cut(&line, ' '));
    g_string_append_c(to, ' ');
  }
  g_string_append(to, "IP[local_ip_type] [local_ip]");
}

/* Addresses and ports of this side; those of other media than audio and video SIPp has none for. */
static void append_sdp_line(Slice line, unsigned *media, GString *to)
{
  Slice rest = line, kind = slice_cut(&rest, ' '), port = slice_cut(&rest, ' '); /* or "IP4" */
  bool is_played = slice_eq(kind, SLICE("m=audio")) || slice_eq(kind, SLICE("m=video"));

  if (slice_starts_with(line, SLICE("a=rtcp:")))
    return;
  if (is_played && !slice_eq(port, SLICE("0"))) {
    append_text(to, kind);
    g_string_append_printf(to, " [media_port+%u] ", 2 * (*media)++);
    append_text(to, rest);
  } else if (slice_starts_with(line, SLICE("c=IN IP")) && !slice_eq(rest, SLICE("0.0.0.0"))) {
    g_string_append(to, "c=IN IP[media_ip_type] [media_ip]");
  } else if (slice_starts_with(line, SLICE("o="))) {
    append_origin(line, to);
  } else {
    append_text(to, line);
  }
  g_string_append_c(to, '\n');
}

static void append_body(const SipMsg *sip, GString *to)
{
  bool is_sdp = sip->body.len > 0 && sip_msg_sdp(sip).data == sip->body.data;
  Slice rest = is_text(sip->body) ? sip->body : SLICE_NONE;
  unsigned media = 0;

  while (rest.len > 0) {
    Slice line = slice_take_line(&rest);
    if (is_sdp) {
      append_sdp_line(line, &media, to);
      continue;
    }
    append_text(to, line);
    g_string_append_c(to, '\n');
  }
}

static void append_message(const Scenario *scenario, size_t at)
{
  const SipMsg *sip = &scenario->sipp->steps[at].sip;
  SipHeaderIter iter = sip_header_iter(sip);
  SipHeaderRow row;

  append_start_line(sip, scenario->to);
  append_via(scenario, at);
  while (sip_header_next(&iter, &row))
    if (!is_left_out(sip, &row))
      append_header(scenario, sip, &row);
  g_string_append(scenario->to, "Content-Length: [len]\n\n");
  append_body(sip, scenario->to);
}

/* --- a scenario ------------------------------------------------------------------------------- */

/* Is there a response to that request, or an ACK of that 2xx?  Then SIPp sends it again until it
 * comes. */
static bool is_answered(const SippCall *sipp, size_t at)
{
  const SipMsg *sip = &sipp->steps[at].sip;
  bool is_2xx = sip->status / 100 == 2 && sip->cseq_method == SIP_METHOD_INVITE;

  for (size_t i = at + 1; i < sipp->count; i++) {
    const Step *step = &sipp->steps[i];
    if (step->from == sipp->steps[at].from || step->sip.cseq != sip->cseq)
      continue;
    if (is_2xx ? step->sip.method == SIP_METHOD_ACK : !step->sip.is_request && step->request == at)
      return true;
  }
  return false;
}

/* As long as between the two messages. */
static void append_pause(Scenario *scenario, size_t at)
{
  const Step *steps = scenario->sipp->steps;
  int64_t ms =
    at == 0 ? 0 : time_span(steps[at - 1].message->time_ns, steps[at].message->time_ns) / 1000000;

  if (ms <= 0)
    return;
  g_string_append_printf(scenario->to, "<pause milliseconds=\"%" G_GINT64_FORMAT "\"/>\n", ms);
  scenario->count++;
}

static void append_send(Scenario *scenario, size_t at)
{
  append_pause(scenario, at);
  g_string_append(scenario->to, is_answered(scenario->sipp, at)
                                  ? "<send retrans=\"500\"><![CDATA[\n"
                                  : "<send><![CDATA[\n");
  append_message(scenario, at);
  g_string_append(scenario->to, "]]></send>\n");
}

static void append_variable(Scenario *scenario, const char *kind, size_t number)
{
  g_string_append_printf(scenario->variables, "%s%s%zu", scenario->variables->len > 0 ? "," : "",
                         kind, number);
}

static void append_tag_action(Scenario *scenario, GString *to, const char *header, Slice text)
{
  const Tag *tag = find_tag(scenario->sipp, text);
  size_t index = tag ? (size_t) (tag - scenario->sipp->tags) : 0;

  if (!tag || tag->owner == scenario->side || scenario->has_tag[index])
    return;
  scenario->has_tag[index] = true;
  g_string_append_printf(to,
                         "<ereg regexp=\";[ ]*tag=([^;]*)\" search_in=\"hdr\" header=\"%s:\" "
                         "assign_to=\"party%zu,tag%zu\"/>\n",
                         header, index + 1, index + 1);
  append_variable(scenario, "party", index + 1);
  append_variable(scenario, "tag", index + 1);
}

/* What later messages of this side need of it. */
static void append_actions(Scenario *scenario, size_t at, GString *to)
{
  const SipMsg *sip = &scenario->sipp->steps[at].sip;

  if (sip->is_request && sip->method != SIP_METHOD_ACK) {
    g_string_append_printf(to,
                           "<ereg regexp=\".*\" search_in=\"hdr\" header=\"Via:\" "
                           "assign_to=\"via%zu\"/>\n",
                           at + 1);
    append_variable(scenario, "via", at + 1);
  }
  append_tag_action(scenario, to, "From", sip->from_tag);
  append_tag_action(scenario, to, "To", sip->to_tag);
}

static void append_recv(Scenario *scenario, size_t at)
{
  const SipMsg *sip = &scenario->sipp->steps[at].sip;
  bool is_challenge = sip->status == 401 || sip->status == 407;
  g_autoptr(GString) actions = g_string_new(NULL);
  GString *to = scenario->to;

  g_string_append(to, "<recv ");
  if (sip->is_request) {
    g_string_append(to, "request=\"");
    text_append_markup(to, sip->method_text);
    g_string_append_c(to, '"');
  } else {
    g_string_append_printf(to, "response=\"%u\"%s", sip->status,
                           is_challenge ? " auth=\"true\"" : "");
  }
  scenario->is_challenged |= is_challenge;
  append_actions(scenario, at, actions);
  if (actions->len > 0)
    g_string_append_printf(to, ">\n<action>\n%s</action>\n</recv>\n", actions->str);
  else
    g_string_append(to, "/>\n");
}

void sipp_call_append(const SippCall *call, SippSide side, GString *to)
{
  g_autoptr(GString) variables = g_string_new(NULL);
  Scenario scenario = {.sipp = call, .side = side, .to = to, .variables = variables};

  g_string_append_printf(to,
                         "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n"
                         "<scenario name=\"call %u, %s\">\n",
                         call->number, side == SIPP_UAC ? "caller" : "callee");
  for (size_t i = 0; i < call->count; i++) {
    bool sends = is_own(&scenario, &call->steps[i]);
    if (sends)
      append_send(&scenario, i);
    else
      append_recv(&scenario, i);
    scenario.places[i] = scenario.count++;
  }
  if (variables->len > 0)
    g_string_append_printf(to, "<Reference variables=\"%s\"/>\n", variables->str);
  g_string_append(to, "</scenario>\n");
}

void sipp_call_append_script(const SippCall *call, const char *stem, GString *to)
{
  enum { SPARE_S = 40 };
  int64_t length_ns =
    time_span(call->steps[0].message->time_ns, call->steps[call->count - 1].message->time_ns);

  g_string_append_printf(
    to,
    "#!/bin/sh\n"
    "# Plays call %u on the loopback interface; UAC_PORT and UAS_PORT choose the ports.\n"
    "cd \"$(dirname \"$0\")\" || exit 1\n"
    "uac=${UAC_PORT:-5080} uas=${UAS_PORT:-5070}\n"
    "common='-m 1 -nostdin -default_behaviors none -i 127.0.0.1 -t %s -timeout %us'\n"
    "sipp -sf %s-uas.xml $common -p \"$uas\" -mp 26000 >/dev/null &\n"
    "server=$!\n"
    "sleep 1\n"
    "sipp -sf %s-uac.xml $common -p \"$uac\" -mp 36000 127.0.0.1:\"$uas\" >/dev/null\n"
    "status=$?\n"
    "wait \"$server\" || status=$?\n"
    "exit \"$status\"\n",
    call->number, call->is_stream ? "t1" : "u1",
    SPARE_S + (unsigned) (MAX(length_ns, 0) / 1000000000), stem, stem);
}
