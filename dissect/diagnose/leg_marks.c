#include "dissect/diagnose/leg_marks.h"

#include "capture/hash.h"
#include "capture/heap.h"
#include "dissect/diagnose/leg_notes.h"
#include "dissect/sip/gb_media.h"
#include "dissect/sip/sdp.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_body.h"
#include "dissect/sip/sip_values.h"

enum {
  SCRATCH_FIRST = 4096,
  LOADS_MAX = 24,   /* messages read of a call */
  REFERS_MAX = 64,  /* REFERs beyond those */
  MARKS_MAX = 96,   /* of a call */
  AFFIX_MAX = 32,   /* of a Call-ID */
  UNIQUE_MIN = 10,  /* characters of an ID that no counter gives */
  DIGITS_MIN = 20,  /* if all are digits */
  DISTINCT_MIN = 5, /* of its characters */
  SESSION_MIN = 5,  /* digits of an SDP session that is not always the same */
  NUMBER_TAIL = 8,  /* digits of a telephone number that do not depend on where it is dialled */
};

bool leg_is_possible(const Call *call)
{
  return call->method != SIP_METHOD_REGISTER && call->method != SIP_METHOD_OPTIONS &&
         call->method != SIP_METHOD_PUBLISH;
}

void leg_reader_init(LegReader *reader, const Trace *trace, const StoreSet *stores)
{
  *reader = (LegReader){
    .trace = trace,
    .stores = store_set_view_new(stores),
    .seed = hash_seed_new(),
    .marks = g_array_new(false, false, sizeof(LegMark)),
    .until_ms = UINT32_MAX,
  };
  arena_init(&reader->scratch, SCRATCH_FIRST);
}

void leg_reader_clear(LegReader *reader)
{
  g_array_unref(reader->marks);
  arena_clear(&reader->scratch);
  store_set_free(reader->stores);
}

void leg_reader_expect(LegReader *reader, size_t calls)
{
  enum { USUAL_MARKS = 16 }; /* of a call; memory that is not used is none */
  size_t marks = MIN(calls * USUAL_MARKS, (size_t) G_MAXINT);

  g_array_unref(reader->marks);
  reader->marks = g_array_sized_new(false, false, sizeof(LegMark), (guint) marks);
  heap_advise_block(reader->marks->data, marks * sizeof(LegMark));
}

/* --- marks --- */

typedef struct {
  LegEvidence evidence;
  LegSide side;
  unsigned header;
  LegEvidence
    table; /* NONE: of its own evidence; else that of the marks that it is compared with */
  Slice value, second;
  const Endpoint *host; /* NULL: any */
} MarkOf;

static uint64_t key_of(const LegReader *reader, const MarkOf *of)
{
  bool is_own = of->table == LEG_EVIDENCE_NONE;
  uint64_t table = is_own ? of->evidence + ((uint64_t) of->header << 8) : of->table;
  uint64_t key = hash_bytes(of->value.data, of->value.len, reader->seed + table);

  if (of->second.len > 0)
    key = hash_bytes(of->second.data, of->second.len, key);
  return of->host ? hash_bytes(of->host, sizeof *of->host, key) : key;
}

/* Of one call a value counts once. */
static bool has_mark(const LegReader *reader, const LegMark *mark)
{
  for (guint i = reader->marks->len; i > 0; i--) {
    const LegMark *other = &g_array_index(reader->marks, LegMark, i - 1);
    if (other->call != mark->call)
      return false;
    if (other->key == mark->key && other->side == mark->side && other->evidence == mark->evidence)
      return true;
  }
  return false;
}

static bool put_mark(LegReader *reader, const LegMark *mark)
{
  if (reader->progress->marks >= MARKS_MAX || has_mark(reader, mark))
    return false;
  reader->progress->marks++;
  g_array_append_vals(reader->marks, mark, 1);
  return true;
}

static void add_mark(LegReader *reader, MarkOf of)
{
  if (of.value.len == 0 || reader->progress->marks >= MARKS_MAX)
    return;
  LegMark mark = {
    .key = key_of(reader, &of),
    .call = reader->call->number,
    .time_ms = reader->time_ms,
    .header = (uint16_t) of.header,
    .evidence = (uint8_t) of.evidence,
    .side = (uint8_t) of.side,
  };
  if (!put_mark(reader, &mark) || !reader->values)
    return;
  Slice value = arena_dup(reader->texts, of.value);
  g_array_append_val(reader->values, value);
}

static void add_shared(LegReader *reader, LegEvidence evidence, Slice value)
{
  add_mark(reader, (MarkOf){.evidence = evidence, .side = LEG_EITHER, .value = value});
}

/* A Call-ID in a header field. */
static void add_named(LegReader *reader, LegEvidence evidence, unsigned header, Slice call_id)
{
  add_mark(reader, (MarkOf){.evidence = evidence,
                            .side = LEG_SECOND,
                            .header = header,
                            .table = LEG_EVIDENCE_CALL_ID,
                            .value = slice_trim(call_id)});
}

/* --- what identifies a conversation --- */

/* RFC 7989 5: 32 hexadecimal digits, or nil, when this half is not known yet. */
static void add_session_half(LegReader *reader, Slice uuid)
{
  enum { UUID_LEN = 32 };
  bool is_nil = true;

  uuid = slice_trim(uuid);
  if (uuid.len != UUID_LEN)
    return;
  char *lower = arena_alloc(&reader->scratch, UUID_LEN);
  for (size_t i = 0; i < UUID_LEN; i++) {
    if (!g_ascii_isxdigit(uuid.data[i]))
      return;
    lower[i] = g_ascii_tolower(uuid.data[i]);
    is_nil &= lower[i] == '0';
  }
  if (!is_nil)
    add_shared(reader, LEG_EVIDENCE_SESSION_ID, slice_of(lower, UUID_LEN));
}

static void read_session_id(LegReader *reader, Slice value)
{
  Slice remote = SLICE_NONE;

  add_session_half(reader, sip_cut_params(&value));
  if (sip_param_find(value, SLICE("remote"), &remote))
    add_session_half(reader, remote);
}

/* RFC 7315 5.6: icid-value=1234bc9876e, or quoted. */
static void read_icid(LegReader *reader, Slice value)
{
  SipParam param;

  while (sip_param_next(&value, &param))
    if (slice_eq_nocase(param.name, SLICE("icid-value")) && param.value.data) {
      bool is_quoted = param.value.len > 0 && param.value.data[0] == '"';
      Slice icid = is_quoted ? sip_unquote(&reader->scratch, param.value) : param.value;

      add_shared(reader, LEG_EVIDENCE_ICID, slice_trim(icid));
      return;
    }
}

/* Cisco-Guid, X-Call-GUID, X-Genesys-CallUUID and others. */
static bool is_guid(Slice name)
{
  Slice end = slice_from(name, name.len - MIN(name.len, strlen("GUID")));
  bool ours =
    slice_starts_with_nocase(name, SLICE("X-")) || slice_starts_with_nocase(name, SLICE("Cisco-"));

  return ours && (slice_eq_nocase(end, SLICE("GUID")) || slice_eq_nocase(end, SLICE("UUID")));
}

static void read_named_headers(LegReader *reader, const SipHeaderRow *row)
{
  enum { GUID_MIN = 16 };
  Slice value = slice_trim(row->value);

  for (unsigned i = 0; reader->headers && reader->headers[i]; i++)
    if (slice_eq_nocase(row->name, slice_from_string(reader->headers[i]))) {
      add_mark(
        reader,
        (MarkOf){.evidence = LEG_EVIDENCE_HEADER, .side = LEG_EITHER, .header = i, .value = value});
      add_named(reader, LEG_EVIDENCE_HEADER, i, value);
    }
  if (row->header == SIP_HEADER_OTHER && value.len >= GUID_MIN && is_guid(row->name))
    add_shared(reader, LEG_EVIDENCE_GUID, value);
}

/* --- users --- */

/* user@host; absent if it is not such a URI. */
static Slice party_of(LegReader *reader, Slice text)
{
  SipUri uri;

  if (!sip_uri_parse(text, &uri) || uri.user.len == 0 || uri.host.len == 0)
    return SLICE_NONE;
  size_t len = uri.user.len + 1 + uri.host.len;
  char *party = arena_alloc(&reader->scratch, len);
  memcpy(party, uri.user.data, uri.user.len);
  party[uri.user.len] = '@';
  for (size_t i = 0; i < uri.host.len; i++)
    party[uri.user.len + 1 + i] = g_ascii_tolower(uri.host.data[i]);
  return slice_of(party, len);
}

/* Of a telephone number the last digits: +49 30 1234567 is 030 1234567, too. */
static Slice user_of(LegReader *reader, Slice text)
{
  Slice user = sip_uri_user(text);
  size_t digits = 0;

  if (user.len == 0)
    return SLICE_NONE;
  char *kept = arena_alloc(&reader->scratch, user.len);
  for (size_t i = 0; i < user.len; i++) {
    if (g_ascii_isdigit(user.data[i]))
      kept[digits++] = user.data[i];
    else if (!memchr("+-.()", user.data[i], 5))
      return user;
  }
  size_t tail = MIN(digits, (size_t) NUMBER_TAIL);
  return digits > NUMBER_TAIL ? slice_of(kept + digits - tail, tail) : user;
}

/* --- transfers and forwarding --- */

/* RFC 3515 2.1; RFC 3891 4: <sip:bob@example.com?Replaces=12345%40example.com%3Bto-tag%3D...> */
static void read_refer_to(LegReader *reader, const Message *refer, Slice value, Slice referrer)
{
  Slice uri = sip_addr_parse(value).uri;
  Slice target = party_of(reader, uri);
  const Endpoint receiver = *trace_endpoint(reader->trace, refer->dst);
  Endpoint host = receiver;
  SipUri parts;

  host.port = 0;
  reader->progress->traits |= LEG_REFERS;
  add_mark(reader, (MarkOf){.evidence = LEG_EVIDENCE_REFER_TO, .value = target, .host = &host});
  add_mark(reader, (MarkOf){.evidence = LEG_EVIDENCE_REFERRED,
                            .value = referrer.len > 0 ? target : SLICE_NONE,
                            .second = referrer});
  if (!sip_uri_parse(uri, &parts))
    return;
  for (Slice headers = parts.headers; headers.len > 0;) {
    Slice header = slice_cut(&headers, '&');
    Slice name = slice_cut(&header, '=');
    Slice said = sip_unescape(&reader->scratch, header);

    if (slice_eq_nocase(name, SLICE("Replaces"))) {
      reader->progress->traits |= LEG_REFERS_REPLACES;
      add_named(reader, LEG_EVIDENCE_REFER_REPLACES, 0, sip_cut_params(&said));
    } else if (slice_eq_nocase(name, SLICE("Join"))) {
      add_named(reader, LEG_EVIDENCE_JOIN, 0, sip_cut_params(&said));
    }
  }
}

/* RFC 4458, RFC 7044 10.2: a target that was mapped to another user, or the reason why. */
static bool is_diverting(Slice uri, Slice params)
{
  Slice value;
  SipUri parts;

  if (sip_param_find(params, SLICE("mp"), &value))
    return true;
  return sip_uri_parse(uri, &parts) && (sip_param_find(parts.params, SLICE("cause"), &value) ||
                                        slice_starts_with_nocase(parts.headers, SLICE("Reason=")));
}

/* A user that was called before: `caller` called it at the host that calls now. */
typedef struct {
  LegEvidence evidence;
  Slice caller;
  const Endpoint *host;
} Diverter;

static void read_diverted(LegReader *reader, Slice value, const Diverter *by)
{
  SipListIter list = sip_list(value);
  Slice one;

  while (sip_list_next(&list, &one)) {
    SipAddr addr = sip_addr_parse(one);

    if (by->evidence == LEG_EVIDENCE_DIVERSION || is_diverting(addr.uri, addr.params))
      reader->progress->traits |= LEG_FORWARDED;
    if (by->host)
      add_mark(reader, (MarkOf){.evidence = by->evidence,
                                .side = LEG_SECOND,
                                .table = LEG_EVIDENCE_DIVERSION,
                                .value = user_of(reader, addr.uri),
                                .second = by->caller,
                                .host = by->host});
  }
}

/* Of an INVITE: whom it calls, for whom, and for whom it was before. */
static void read_invite(LegReader *reader, const Message *invite, const SipMsg *sip, Slice referrer)
{
  static const SipHeader DIVERTING[] = {SIP_HEADER_DIVERSION, SIP_HEADER_HISTORY_INFO};
  const Slice targets[] = {sip->uri, sip_addr_parse(sip->to).uri};
  bool is_client = invite->transaction->via_count == 1; /* it begins here */
  Endpoint by = *trace_endpoint(reader->trace, invite->src);
  Endpoint at = *trace_endpoint(reader->trace, invite->dst);
  Slice caller = user_of(reader, sip_addr_parse(sip->from).uri);
  SipHeaderRow row;

  by.port = at.port = 0;
  for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
    Slice party = party_of(reader, targets[i]);
    add_mark(reader, (MarkOf){.evidence = LEG_EVIDENCE_REFERRED,
                              .side = LEG_SECOND,
                              .value = referrer.len > 0 ? party : SLICE_NONE,
                              .second = referrer});
    add_mark(reader, (MarkOf){.evidence = LEG_EVIDENCE_DIVERSION,
                              .value = user_of(reader, targets[i]),
                              .second = caller,
                              .host = &at});
    for (unsigned k = 0; k < 2 && is_client; k++)
      add_mark(reader, (MarkOf){.evidence = k == 0 ? LEG_EVIDENCE_REFER_TO : LEG_EVIDENCE_REDIRECT,
                                .side = LEG_SECOND,
                                .value = party,
                                .host = &by});
  }
  SipHeaderIter rows = sip_header_iter_of(sip, DIVERTING, G_N_ELEMENTS(DIVERTING));
  while (sip_header_next(&rows, &row)) {
    bool is_diversion = row.header == SIP_HEADER_DIVERSION;
    const Diverter diverter = {is_diversion ? LEG_EVIDENCE_DIVERSION : LEG_EVIDENCE_HISTORY_INFO,
                               caller, is_client ? &by : NULL};
    read_diverted(reader, row.value, &diverter);
  }
}

/* RFC 3261 8.1.3.4: whoever gets a 3xx may call its Contact. */
static void read_redirect(LegReader *reader, const Message *response, const SipMsg *sip)
{
  SipHeaderIter rows = sip_header_iter_of(sip, &(SipHeader){SIP_HEADER_CONTACT}, 1);
  Endpoint host = *trace_endpoint(reader->trace, response->dst);
  SipHeaderRow row;

  host.port = 0;
  while (sip_header_next(&rows, &row)) {
    SipListIter list = sip_list(row.value);
    for (Slice one; sip_list_next(&list, &one);)
      add_mark(reader, (MarkOf){.evidence = LEG_EVIDENCE_REDIRECT,
                                .value = party_of(reader, sip_addr_parse(one).uri),
                                .host = &host});
  }
}

/* --- session descriptions --- */

/* A description that came to a host in one call and is sent on by it in another.  On one host all
 * calls go through it: there the ports tell who sent it.  `header` is 1 in a response: see
 * LegMark. */
static void add_description(LegReader *reader, const Message *message, LegEvidence evidence,
                            Slice value)
{
  Endpoint by = *trace_endpoint(reader->trace, message->src);
  Endpoint at = *trace_endpoint(reader->trace, message->dst);

  if (!is_same_host(&by, &at))
    by.port = at.port = 0;
  for (LegSide side = LEG_FIRST; side <= LEG_SECOND; side++)
    add_mark(reader, (MarkOf){.evidence = evidence,
                              .side = side,
                              .header = !message_is_request(message),
                              .table = evidence,
                              .value = value,
                              .host = side == LEG_FIRST ? &at : &by});
}

static bool is_varied(Slice id, unsigned least)
{
  uint64_t seen[4] = {0};
  int distinct = 0;

  for (size_t i = 0; i < id.len; i++) {
    uint8_t c = (uint8_t) id.data[i];
    seen[c / 64] |= UINT64_C(1) << c % 64;
  }
  for (size_t i = 0; i < G_N_ELEMENTS(seen); i++)
    distinct += __builtin_popcountll(seen[i]);
  return distinct >= (int) least;
}

/* GB/T 28181-2022 9.2: platforms pass on which SSRC they want, and of which channel: the sender in
 * Subject, or who is called.  Answers repeat it, so that only requests tell who passed it on. */
static void read_asked(LegReader *reader, const Message *message, const SipMsg *sip, Slice body)
{
  enum { ASKED_MAX = 64 };
  char asked[ASKED_MAX];
  SipHeaderRow row;
  GbSubject subject;
  bool is_record;
  uint32_t ssrc;

  if (!message_is_request(message))
    return;
  Slice y = gb_sdp_ssrc(body), channel = sip_uri_user(sip_addr_parse(sip->to).uri);
  if (!gb_ssrc_read(y, &ssrc, &is_record) || ssrc == 0)
    return;
  if (sip_msg_find(sip, SIP_HEADER_SUBJECT, &row) && gb_subject_read(row.value, &subject))
    channel = subject.sender;
  int len = g_snprintf(asked, sizeof asked, "%.*s %.*s", SLICE_ARG(y), SLICE_ARG(channel));
  if (channel.len > 0 && len < ASKED_MAX)
    add_description(reader, message, LEG_EVIDENCE_SSRC, slice_of(asked, (size_t) len));
}

/* Who made the session, which may have several versions; in scratch. */
static Slice session_of(LegReader *reader, const Sdp *sdp)
{
  const Slice words[] = {sdp->origin.user, sdp->origin.session_id, sdp->origin.address};
  size_t len = G_N_ELEMENTS(words) - 1;

  for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
    len += words[i].len;
  char *text = arena_alloc(&reader->scratch, len), *at = text;
  for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
    if (i > 0)
      *at++ = ' ';
    if (words[i].len > 0)
      memcpy(at, words[i].data, words[i].len);
    at += words[i].len;
  }
  return slice_of(text, len);
}

static void read_sdp(LegReader *reader, const Message *message, const SipMsg *sip)
{
  enum { SESSION_DISTINCT = 3, DISCARD_PORT = 9 };
  Slice body = sip_msg_sdp(sip);
  SdpMedia media;
  Sdp sdp;

  if (!body.data || !sdp_parse(body, &sdp))
    return;
  read_asked(reader, message, sip, body);
  if (sdp.origin.session_id.len >= SESSION_MIN &&
      is_varied(sdp.origin.session_id, SESSION_DISTINCT))
    add_description(reader, message, LEG_EVIDENCE_ORIGIN, session_of(reader, &sdp));
  for (Slice rest = sdp.media; sdp_media_next(&sdp, &rest, &media);) {
    Endpoint endpoint;
    char text[ENDPOINT_TEXT_MAX];

    if (media.refused || media.port == 0 || media.port == DISCARD_PORT ||
        !endpoint_parse(media.connection.address, media.port, &endpoint) ||
        slice_eq(media.connection.address, SLICE("0.0.0.0")) ||
        slice_eq(media.connection.address, SLICE("::")))
      continue;
    endpoint_format(&endpoint, text);
    add_description(reader, message, LEG_EVIDENCE_MEDIA, slice_from_string(text));
  }
}

/* --- one message --- */

static LegEvidence named_by(const SipHeaderRow *row)
{
  if (row->header == SIP_HEADER_REPLACES)
    return LEG_EVIDENCE_REPLACES;
  if (row->header == SIP_HEADER_JOIN)
    return LEG_EVIDENCE_JOIN;
  if (row->header == SIP_HEADER_TARGET_DIALOG)
    return LEG_EVIDENCE_TARGET_DIALOG;
  if (row->header == SIP_HEADER_OTHER && (slice_eq_nocase(row->name, SLICE("X-Call-ID")) ||
                                          slice_eq_nocase(row->name, SLICE("X-CID"))))
    return LEG_EVIDENCE_X_CALL_ID;
  return LEG_EVIDENCE_NONE;
}

static void note_traits(LegReader *reader, LegEvidence named, Slice params)
{
  Slice value;

  if (named == LEG_EVIDENCE_TARGET_DIALOG)
    reader->progress->traits |= LEG_TARGET_DIALOG;
  if (named == LEG_EVIDENCE_REPLACES)
    reader->progress->traits |= LEG_REPLACES;
  if (named == LEG_EVIDENCE_REPLACES && sip_param_find(params, SLICE("early-only"), &value))
    reader->progress->traits |= LEG_EARLY_ONLY;
}

/* Those that are looked at: all, if the user named header fields, which may be any. */
static SipHeaderIter rows_of(const LegReader *reader, const SipMsg *sip)
{
  static const SipHeader HEADERS[] = {
    SIP_HEADER_REPLACES,          SIP_HEADER_JOIN,     SIP_HEADER_TARGET_DIALOG,
    SIP_HEADER_SESSION_ID,        SIP_HEADER_REFER_TO, SIP_HEADER_REFERRED_BY,
    SIP_HEADER_P_CHARGING_VECTOR, SIP_HEADER_OTHER,
  };

  return reader->headers && reader->headers[0]
           ? sip_header_iter(sip)
           : sip_header_iter_of(sip, HEADERS, G_N_ELEMENTS(HEADERS));
}

void leg_reader_read_message(LegReader *reader, const Message *message, const SipMsg *sip)
{
  Slice refer_to = SLICE_NONE, referrer = SLICE_NONE;
  SipHeaderRow row;

  for (SipHeaderIter rows = rows_of(reader, sip); sip_header_next(&rows, &row);) {
    LegEvidence named = named_by(&row);
    Slice value = row.value;

    if (named != LEG_EVIDENCE_NONE) {
      add_named(reader, named, 0, sip_cut_params(&value));
      note_traits(reader, named, value);
    } else if (row.header == SIP_HEADER_SESSION_ID) {
      read_session_id(reader, value);
    } else if (row.header == SIP_HEADER_P_CHARGING_VECTOR) {
      read_icid(reader, value);
    } else if (row.header == SIP_HEADER_REFER_TO) {
      refer_to = value;
    } else if (row.header == SIP_HEADER_REFERRED_BY) {
      referrer = sip_addr_parse(value).uri;
    }
    read_named_headers(reader, &row);
  }
  if (sip->method == SIP_METHOD_REFER) {
    /* Referred-By is optional in a REFER (RFC 3892 2.1) */
    Slice by = referrer.len > 0 ? referrer : sip_addr_parse(sip->from).uri;
    read_refer_to(reader, message, refer_to, party_of(reader, by));
  } else if (sip->method == SIP_METHOD_INVITE && !(message->flags & MESSAGE_HAS_TO_TAG)) {
    reader->progress->traits |= referrer.len > 0 ? LEG_REFERRED : 0;
    read_invite(reader, message, sip, party_of(reader, referrer));
  } else if (message->status >= 300 && message->status < 400) {
    read_redirect(reader, message, sip);
  }
  if (message->flags & MESSAGE_HAS_SDP)
    read_sdp(reader, message, sip);
}

/* --- one call --- */

/* What precedes its @, of an ID that is too long and too varied for what a counter gives. */
static bool is_unique(Slice id)
{
  Slice local = slice_head(id, slice_find(id, '@'));
  bool digits = true;

  for (size_t i = 0; i < local.len; i++)
    digits &= g_ascii_isdigit(local.data[i]);
  return local.len >= (digits ? DIGITS_MIN : UNIQUE_MIN) && is_varied(local, DISTINCT_MIN);
}

/* The users of a call, and the hosts of its first message: only hints. */
static void mark_users(LegReader *reader, const Call *call)
{
  Slice from = user_of(reader, call_text(call, CALL_TEXT_FROM, reader->stores, &reader->scratch));
  Slice to = user_of(reader, call_text(call, CALL_TEXT_TO, reader->stores, &reader->scratch));
  Endpoint by = *trace_endpoint(reader->trace, call->first->src);
  Endpoint at = *trace_endpoint(reader->trace, call->first->dst);
  const struct {
    LegEvidence evidence;
    Slice user;
  } users[] = {{LEG_EVIDENCE_CALLER, from}, {LEG_EVIDENCE_CALLED, to}};

  if (from.len > 0 && to.len > 0)
    add_mark(
      reader,
      (MarkOf){.evidence = LEG_EVIDENCE_USERS, .side = LEG_EITHER, .value = from, .second = to});
  if (is_same_host(&by, &at)) /* on one host every call goes through it */
    return;
  by.port = at.port = 0;
  for (size_t i = 0; i < G_N_ELEMENTS(users); i++)
    for (LegSide side = LEG_FIRST; side <= LEG_SECOND; side++)
      add_mark(reader, (MarkOf){.evidence = users[i].evidence,
                                .side = side,
                                .value = users[i].user,
                                .host = side == LEG_FIRST ? &at : &by});
}

static void begin_call(LegReader *reader, const Call *call)
{
  Slice id = call_text(call, CALL_TEXT_ID, reader->stores, &reader->scratch);
  size_t at = slice_find(id, '@');

  add_mark(reader, (MarkOf){.evidence = LEG_EVIDENCE_CALL_ID, .value = id});
  if (at < id.len && is_unique(id))
    add_mark(
      reader,
      (MarkOf){.evidence = LEG_EVIDENCE_CALL_ID, .side = LEG_EITHER, .value = slice_head(id, at)});
  if (call->method == SIP_METHOD_INVITE && call->first)
    mark_users(reader, call);
}

bool leg_progress_wants(LegProgress *progress, const Message *message)
{
  bool is_request = message_is_request(message);

  if (message->flags & (MESSAGE_DUPLICATE | MESSAGE_RETRANSMISSION))
    return false;
  if (is_request && message->method == SIP_METHOD_REFER && progress->refers < REFERS_MAX) {
    progress->refers++;
    return true;
  }
  bool is_initial =
    is_request && message->method == SIP_METHOD_INVITE && !(message->flags & MESSAGE_HAS_TO_TAG);
  bool is_final =
    message->method == SIP_METHOD_INVITE && message->status >= 200 && message->status < 400;
  if (progress->loads >= LOADS_MAX ||
      !(is_initial || is_final || message->flags & MESSAGE_HAS_SDP || !progress->last))
    return false;
  progress->loads++;
  return true;
}

static void add_noted(LegReader *reader, const LegNote *note)
{
  for (unsigned i = 0; i < note->count; i++) {
    const LegMark mark = {
      .key = note->marks[i].key,
      .call = reader->call->number,
      .time_ms = reader->time_ms,
      .header = note->marks[i].header,
      .evidence = note->marks[i].evidence,
      .side = note->marks[i].side,
    };
    put_mark(reader, &mark);
  }
  reader->progress->traits |= note->traits;
}

static void read_again(LegReader *reader, const Message *message)
{
  SipMsg sip;

  arena_reset(&reader->scratch);
  if (message_load(message, reader->stores, &reader->scratch, &sip, NULL))
    leg_reader_read_message(reader, message, &sip);
}

void leg_reader_read(LegReader *reader, const Call *call, LegProgress *progress)
{
  const Message *message = progress->last ? progress->last->next : call->first;
  const LegNote *note = leg_notes_of(reader->notes, call->number);

  reader->call = call;
  reader->progress = progress;
  if (!progress->last) {
    arena_reset(&reader->scratch);
    reader->time_ms = leg_time_ms(reader->trace, call->start_ns);
    begin_call(reader, call);
  }
  for (; message; message = message->next) {
    bool is_wanted = leg_progress_wants(progress, message);

    if (message->status == 181) /* RFC 3261 21.1.3: Call Is Being Forwarded */
      progress->traits |= LEG_FORWARDED;
    progress->last = message;
    reader->time_ms = leg_time_ms(reader->trace, message->time_ns);
    if (!is_wanted || reader->time_ms > reader->until_ms)
      continue;
    while (note && note->message < message->number)
      note = note->next;
    if (note && note->message == message->number)
      add_noted(reader, note);
    else
      read_again(reader, message);
  }
}

/* --- a Call-ID made of another one --- */

typedef struct {
  const LegReader *reader;
  uint64_t *keys;
  size_t count;
} IdParts;

static void add_part(IdParts *parts, Slice id)
{
  const MarkOf of = {.evidence = LEG_EVIDENCE_CALL_ID, .value = id};

  if (parts->count < LEG_ID_PARTS_MAX && is_unique(id))
    parts->keys[parts->count++] = key_of(parts->reader, &of);
}

/* What is left of an ID without a short prefix or suffix that a separator sets apart. */
static void add_parts(IdParts *parts, Slice id)
{
  for (size_t i = 1; i < MIN(id.len, (size_t) AFFIX_MAX); i++) {
    if (!g_ascii_isalnum(id.data[i - 1]))
      add_part(parts, slice_from(id, i));
    if (!g_ascii_isalnum(id.data[id.len - i]))
      add_part(parts, slice_head(id, id.len - i));
  }
}

size_t leg_reader_id_parts(LegReader *reader, const Call *call, uint64_t ret_keys[LEG_ID_PARTS_MAX])
{
  IdParts parts = {reader, ret_keys, 0};

  arena_reset(&reader->scratch);
  Slice id = call_text(call, CALL_TEXT_ID, reader->stores, &reader->scratch);
  size_t at = slice_find(id, '@');
  add_parts(&parts, id);
  if (at < id.len) {
    add_part(&parts, slice_head(id, at));
    add_parts(&parts, slice_head(id, at));
  }
  return parts.count;
}
