#include "ui/show/flow_extend.h"

#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_values.h"
#include "ui/show/format.h"

enum {
  SLICE_STEPS = 64,
  SLICE_TRANSACTIONS = 64, /* skipped in one step */
  SCRATCH_FIRST = 4096,
  KEY_MAX = 512,
  KEYS_MAX = 8192, /* a call can have any number of REFERs */
  NAMED_MAX = 4,
  SHARED_MAX = 8,   /* values that other legs may have, too */
  HEADERS_MAX = 16, /* that the user names */
  AFFIX_MAX = 32,   /* of a Call-ID */
  UNIQUE_MIN = 10,  /* characters of a Call-ID that no counter gives */
  DIGITS_MIN = 20,  /* if all are digits */
  DISTINCT_MIN = 5,
  TARGETS_MAX = 2,
};

/* --- evidence --- */

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

const char *flow_kin_text(const FlowKin *kin, const char *const *headers)
{
  return kin->evidence == FLOW_EVIDENCE_HEADER && headers ? headers[kin->header]
                                                          : EVIDENCE[kin->evidence].text;
}

char **flow_leg_headers(const char *setting)
{
  GStrvBuilder *names = g_strv_builder_new();
  unsigned count = 0;

  for (Slice rest = slice_from_string(setting); rest.len > 0 && count < HEADERS_MAX;) {
    Slice name = slice_trim(slice_cut(&rest, ';'));
    g_autofree char *text = slice_dup(name);

    if (name.len == 0)
      continue;
    g_strv_builder_add(names, text);
    count++;
  }
  char **headers = g_strv_builder_end(names);
  g_strv_builder_unref(names);
  return headers;
}

void flow_kin_append(GString *to, const GArray *kin, const char *const *headers)
{
  enum { MOST = 6 };
  guint count = MIN(kin->len, MOST);

  g_string_append(to, kin->len == 1 ? "call" : "calls");
  for (guint i = 0; i < count; i++) {
    const FlowKin *one = &g_array_index(kin, FlowKin, i);
    bool same_follows =
      i + 1 < count && one[1].evidence == one->evidence && one[1].header == one->header;
    g_string_append_printf(to, "%s %u", i > 0 ? "," : "", one->number);
    if (!same_follows)
      g_string_append_printf(to, " (%s)", flow_kin_text(one, headers));
  }
  if (kin->len > count)
    g_string_append_printf(to, " and %u more", kin->len - count);
}

/* --- what a message says of other calls --- */

/* A Call-ID in a header field of another call. */
typedef struct {
  FlowEvidence evidence;
  Slice call_id;
} Named;

/* A value that the legs of a conversation have in common. */
typedef struct {
  FlowEvidence evidence;
  unsigned header;
  Slice value;
} Shared;

/* What a message says of other calls.  Slices of the message or the arena, absent if it does
 * not. */
typedef struct {
  Named named[NAMED_MAX];
  size_t named_count;
  Shared shared[SHARED_MAX];
  size_t shared_count;
  Slice session_ids[2];       /* its own half and the peer's */
  Slice refer_to;             /* URI, of a REFER */
  Slice targets[TARGETS_MAX]; /* URIs, of an INVITE: Request-URI, To */
  Slice referrer; /* URI: the sender of the REFER, or of the REFER that the INVITE follows */
} Names;

static void add_named(Names *names, FlowEvidence evidence, Slice call_id)
{
  call_id = slice_trim(call_id);
  if (call_id.len > 0 && names->named_count < NAMED_MAX)
    names->named[names->named_count++] = (Named){evidence, call_id};
}

static void add_shared(Names *names, FlowEvidence evidence, unsigned header, Slice value)
{
  if (value.len > 0 && names->shared_count < SHARED_MAX)
    names->shared[names->shared_count++] = (Shared){evidence, header, value};
}

/* RFC 7315 5.6: icid-value=1234bc9876e, or quoted. */
static void read_icid(Arena *arena, Slice value, Names *names)
{
  SipParam param;

  while (sip_param_next(&value, &param))
    if (slice_eq_nocase(param.name, SLICE("icid-value")) && param.value.data) {
      Slice icid = param.value.data[0] == '"' ? sip_unquote(arena, param.value) : param.value;

      add_shared(names, FLOW_EVIDENCE_ICID, 0, slice_trim(icid));
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

static void read_shared(const char *const *headers, const SipHeaderRow *row, Names *names)
{
  enum { GUID_MIN = 16 };
  Slice value = slice_trim(row->value);

  for (unsigned i = 0; headers && headers[i]; i++)
    if (slice_eq_nocase(row->name, slice_from_string(headers[i])))
      add_shared(names, FLOW_EVIDENCE_HEADER, i, value);
  if (is_guid(row->name) && value.len >= GUID_MIN)
    add_shared(names, FLOW_EVIDENCE_GUID, 0, value);
}

/* A nil UUID: this half is not known yet (RFC 7989 5). */
static Slice session_half(Slice uuid)
{
  for (size_t i = 0; i < uuid.len; i++)
    if (uuid.data[i] != '0')
      return uuid;
  return SLICE_NONE;
}

/* RFC 3515 2.1; RFC 3891 4: <sip:bob@example.com?Replaces=12345%40example.com%3Bto-tag%3D...> */
static void read_refer_to(Arena *arena, Slice value, Names *names)
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

static void note_name_header(Arena *arena, const char *const *headers, const SipHeaderRow *row,
                             Names *names)
{
  FlowEvidence evidence = evidence_of(row);
  Slice value = row->value;

  if (evidence != FLOW_EVIDENCE_NONE)
    add_named(names, evidence, sip_cut_params(&value));
  else if (row->header == SIP_HEADER_SESSION_ID) {
    Slice remote = SLICE_NONE;

    names->session_ids[0] = session_half(slice_trim(sip_cut_params(&value)));
    if (sip_param_find(value, SLICE("remote"), &remote))
      names->session_ids[1] = session_half(slice_trim(remote));
  } else if (row->header == SIP_HEADER_REFER_TO)
    read_refer_to(arena, value, names);
  else if (row->header == SIP_HEADER_REFERRED_BY)
    names->referrer = sip_addr_parse(value).uri;
  else if (row->header == SIP_HEADER_P_CHARGING_VECTOR)
    read_icid(arena, value, names);
  read_shared(headers, row, names);
}

static Names read_names(Arena *arena, const char *const *headers, const SipMsg *sip)
{
  Names names = {0};
  SipHeaderRow row;

  for (SipHeaderIter rows = sip_header_iter(sip); sip_header_next(&rows, &row);)
    note_name_header(arena, headers, &row, &names);
  if (sip->method != SIP_METHOD_REFER)
    names.refer_to = SLICE_NONE;
  else if (names.referrer.len == 0) /* Referred-By is optional in a REFER (RFC 3892 2.1) */
    names.referrer = sip_addr_parse(sip->from).uri;
  if (sip->method == SIP_METHOD_INVITE) {
    names.targets[0] = sip->uri;
    names.targets[1] = sip_addr_parse(sip->to).uri;
  }
  return names;
}

/* --- state --- */

/* Keys by which calls are found.  X-macro: KIND(id, kind of the key on the other side). */
#define KEY_KINDS(KIND)                                                                            \
  KIND(CALL_ID, CALL_ID)     /* its own, and those in its header fields */                         \
  KIND(SESSION, SESSION)     /* Session-ID, one half */                                            \
  KIND(SHARED, SHARED)       /* value of a header field, and which one */                          \
  KIND(ID, ID_PART)          /* Call-ID, or what precedes its @ */                                 \
  KIND(ID_PART, ID)          /* the same without a prefix or suffix */                             \
  KIND(ID_LOCAL, ID_LOCAL)   /* what precedes the @ */                                             \
  KIND(USERS, USERS)         /* of From and To */                                                  \
  KIND(REFER, FOLLOWS)       /* target of a REFER, and its sender */                               \
  KIND(FOLLOWS, REFER)       /* target of an INVITE, and its Referred-By */                        \
  KIND(REFER_TO, TARGET)     /* target of a REFER */                                               \
  KIND(TARGET, REFER_TO)     /* target of an INVITE */                                             \
  KIND(CALLER_TO, CALLER_BY) /* user of From, and the host that received the INVITE */             \
  KIND(CALLER_BY, CALLER_TO) /* user of From, and the host that sent it */                         \
  KIND(CALLED_TO, CALLED_BY) /* the same for To */                                                 \
  KIND(CALLED_BY, CALLED_TO)

typedef enum {
#define KEY_ENUM(id, other) KEY_##id,
  KEY_KINDS(KEY_ENUM)
#undef KEY_ENUM
} KeyKind;

static const KeyKind OTHER_SIDE[] = {
#define KEY_OTHER(id, other) [KEY_##id] = KEY_##other,
  KEY_KINDS(KEY_OTHER)
#undef KEY_OTHER
};

/* A call whose messages are being read. */
typedef struct {
  uint32_t number; /* 0: none */
  bool learned;    /* one of the given calls; else it is judged */
  bool begun;
  const Transaction *next; /* valid as long as the trace has the call */
  FlowKin kin;             /* of a judged one: the strongest evidence so far */
} Reading;

typedef struct {
  FlowExtend result;
  FlowExtendSetup setup;
  GArray *calls;     /* uint32_t */
  GHashTable *known; /* their numbers */
  GHashTable *keys;  /* char *: FlowKin *, of the call that has it */
  int64_t start_ns, end_ns;
  size_t learned, looked; /* number of given calls, and of calls of the trace, done */
  Reading reading;
  Arena scratch;
  GString *text;
} Extending;

/* Without overflow: times of a broken capture can be centuries apart. */
static bool is_near(int64_t a_ns, int64_t b_ns)
{
  const int64_t near_ns = INT64_C(5) * 1000 * 1000 * 1000;
  int64_t difference_ns;

  return !__builtin_sub_overflow(a_ns, b_ns, &difference_ns) && difference_ns <= near_ns &&
         difference_ns >= -near_ns;
}

/* --- keys: those of the given calls are learned, others are looked up --- */

typedef struct {
  Slice first, second;
  unsigned header;
  FlowEvidence evidence; /* if another call has the same key; NONE: decided by the other call */
} CallKey;

/* Valid until the next call. */
static const char *key_text(Extending *extend, KeyKind kind, const CallKey *call_key)
{
  g_string_printf(extend->text, "%c", (char) ('A' + (int) kind));
  g_string_append_len(extend->text, call_key->first.data,
                      (gssize) MIN(call_key->first.len, KEY_MAX));
  g_string_append_c(extend->text, '\n');
  if (call_key->second.len > 0)
    g_string_append_len(extend->text, call_key->second.data,
                        (gssize) MIN(call_key->second.len, KEY_MAX));
  return extend->text->str;
}

/* Rows of one Call-ID are no legs of each other. */
static bool have_same_id(const Extending *extend, uint32_t a, uint32_t b)
{
  const Trace *trace = extend->setup.trace;
  const Call *first = trace_call(trace, a), *second = trace_call(trace, b);

  if (!first || !second || !first->call_id.data || !second->call_id.data)
    return first && second && !first->call_id.data && !second->call_id.data;
  return key_eq(&first->id, &second->id);
}

/* Legs of one call start at nearly the same time. */
static bool start_together(const Extending *extend, uint32_t a, uint32_t b)
{
  const Trace *trace = extend->setup.trace;
  const Call *first = trace_call(trace, a), *second = trace_call(trace, b);

  return first && second && is_near(first->start_ns, second->start_ns);
}

static void judge(Extending *extend, KeyKind kind, const CallKey *call_key)
{
  const char *key = key_text(extend, OTHER_SIDE[kind], call_key);
  const FlowKin *found = g_hash_table_lookup(extend->keys, key);
  FlowKin *kin = &extend->reading.kin;

  if (!found)
    return;
  FlowEvidence evidence = MAX(call_key->evidence, found->evidence);
  bool of_host = evidence == FLOW_EVIDENCE_CALLER || evidence == FLOW_EVIDENCE_CALLED;
  if (evidence <= kin->evidence || (of_host && !start_together(extend, kin->number, found->of)) ||
      (evidence == FLOW_EVIDENCE_CALL_ID && have_same_id(extend, kin->number, found->of)))
    return;
  *kin = (FlowKin){kin->number, found->of, evidence, call_key->header};
}

/* A key of the call that is being read. */
static void add_key(Extending *extend, KeyKind kind, CallKey call_key)
{
  if (call_key.first.len == 0)
    return;
  if (extend->reading.learned) {
    const FlowKin kin = {
      .of = extend->reading.number, .evidence = call_key.evidence, .header = call_key.header};
    const char *key = key_text(extend, kind, &call_key);

    if (g_hash_table_size(extend->keys) < KEYS_MAX && !g_hash_table_contains(extend->keys, key))
      g_hash_table_insert(extend->keys, g_strdup(key), g_memdup2(&kin, sizeof kin));
  } else {
    judge(extend, kind, &call_key);
  }
}

/* --- keys of a call --- */

/* user@host; absent if it is not such a URI. */
static Slice party_of(Extending *extend, Slice text)
{
  SipUri uri;

  if (!sip_uri_parse(text, &uri) || uri.user.len == 0 || uri.host.len == 0)
    return SLICE_NONE;
  size_t len = uri.user.len + 1 + uri.host.len;
  char *party = arena_alloc(&extend->scratch, len);
  memcpy(party, uri.user.data, uri.user.len);
  party[uri.user.len] = '@';
  for (size_t i = 0; i < uri.host.len; i++)
    party[uri.user.len + 1 + i] = g_ascii_tolower(uri.host.data[i]);
  return slice_of(party, len);
}

static void add_target_key(Extending *extend, KeyKind kind, Slice target)
{
  add_key(extend, kind, (CallKey){target, SLICE_NONE, 0, FLOW_EVIDENCE_REFER_TO});
}

/* An INVITE that follows a REFER has its sender in Referred-By (RFC 3892). */
static void add_referred_key(Extending *extend, KeyKind kind, Slice target, Slice referrer)
{
  if (referrer.len > 0)
    add_key(extend, kind, (CallKey){target, referrer, 0, FLOW_EVIDENCE_REFERRED});
}

static void add_message_keys(Extending *extend, const Message *message)
{
  SipMsg sip;

  arena_reset(&extend->scratch);
  if (!message_load(message, extend->setup.stores, &extend->scratch, &sip, NULL))
    return;
  Names names = read_names(&extend->scratch, extend->setup.headers, &sip);
  for (size_t i = 0; i < names.named_count; i++)
    add_key(extend, KEY_CALL_ID,
            (CallKey){names.named[i].call_id, SLICE_NONE, 0, names.named[i].evidence});
  for (size_t i = 0; i < G_N_ELEMENTS(names.session_ids); i++)
    add_key(extend, KEY_SESSION,
            (CallKey){names.session_ids[i], SLICE_NONE, 0, FLOW_EVIDENCE_SESSION_ID});
  for (size_t i = 0; i < names.shared_count; i++) {
    const Shared *shared = &names.shared[i];
    char which[TIME_TEXT_MAX];

    g_snprintf(which, sizeof which, "%d %u", (int) shared->evidence, shared->header);
    add_key(extend, KEY_SHARED,
            (CallKey){shared->value, slice_from_string(which), shared->header, shared->evidence});
  }
  Slice referrer = party_of(extend, names.referrer);
  Slice refer_to = party_of(extend, names.refer_to);
  add_target_key(extend, KEY_REFER_TO, refer_to);
  add_referred_key(extend, KEY_REFER, refer_to, referrer);
  for (size_t i = 0; i < TARGETS_MAX; i++) {
    Slice target = party_of(extend, names.targets[i]);
    add_target_key(extend, KEY_TARGET, target);
    add_referred_key(extend, KEY_FOLLOWS, target, referrer);
  }
}

/* Too long and too varied for what a counter gives. */
static bool is_unique(Slice id)
{
  Slice local = slice_head(id, slice_find(id, '@'));
  uint64_t seen[4] = {0};
  bool digits = true;
  int distinct = 0;

  for (size_t i = 0; i < local.len; i++) {
    uint8_t c = (uint8_t) local.data[i];

    digits &= g_ascii_isdigit(c);
    seen[c / 64] |= UINT64_C(1) << c % 64;
  }
  for (size_t i = 0; i < G_N_ELEMENTS(seen); i++)
    distinct += __builtin_popcountll(seen[i]);
  return local.len >= (digits ? DIGITS_MIN : UNIQUE_MIN) && distinct >= DISTINCT_MIN;
}

static void add_id_key(Extending *extend, KeyKind kind, Slice id)
{
  if (is_unique(id))
    add_key(extend, kind, (CallKey){id, SLICE_NONE, 0, FLOW_EVIDENCE_CALL_ID});
}

/* An ID, and what is left without a short prefix or suffix that a separator sets apart. */
static void add_parts(Extending *extend, Slice id)
{
  add_id_key(extend, KEY_ID, id);
  for (size_t i = 1; i < MIN(id.len, (size_t) AFFIX_MAX); i++) {
    if (!g_ascii_isalnum(id.data[i - 1]))
      add_id_key(extend, KEY_ID_PART, slice_from(id, i));
    if (!g_ascii_isalnum(id.data[id.len - i]))
      add_id_key(extend, KEY_ID_PART, slice_head(id, id.len - i));
  }
}

/* A back-to-back user agent may make the Call-ID of a leg from that of another one. */
static void add_id_keys(Extending *extend, Slice id)
{
  size_t at = slice_find(id, '@');

  add_parts(extend, id);
  if (at == id.len)
    return;
  add_parts(extend, slice_head(id, at));
  add_id_key(extend, KEY_ID_LOCAL, slice_head(id, at));
}

/* Its users, and the hosts of its first message. */
static void add_users_keys(Extending *extend, const Call *call)
{
  const Trace *trace = extend->setup.trace;
  const StoreSet *stores = extend->setup.stores;
  Slice from = sip_uri_user(call_text(call, CALL_TEXT_FROM, stores, &extend->scratch));
  Slice to = sip_uri_user(call_text(call, CALL_TEXT_TO, stores, &extend->scratch));
  char texts[2][ENDPOINT_TEXT_MAX];

  if (call->method != SIP_METHOD_INVITE || !call->first)
    return;
  const Endpoint *src = trace_endpoint(trace, call->first->src);
  const Endpoint *dst = trace_endpoint(trace, call->first->dst);
  Slice by = slice_from_string(endpoint_format_address(src, texts[0]));
  Slice at = slice_from_string(endpoint_format_address(dst, texts[1]));
  if (to.len > 0)
    add_key(extend, KEY_USERS, (CallKey){from, to, 0, FLOW_EVIDENCE_USERS});
  if (slice_eq(by, at)) /* on one host every call goes through it */
    return;
  add_key(extend, KEY_CALLER_TO, (CallKey){from, at, 0, FLOW_EVIDENCE_CALLER});
  add_key(extend, KEY_CALLER_BY, (CallKey){from, by, 0, FLOW_EVIDENCE_CALLER});
  add_key(extend, KEY_CALLED_TO, (CallKey){to, at, 0, FLOW_EVIDENCE_CALLED});
  add_key(extend, KEY_CALLED_BY, (CallKey){to, by, 0, FLOW_EVIDENCE_CALLED});
}

/* --- reading one call after the other --- */

static void read_first(Extending *extend, const Call *call)
{
  Reading *reading = &extend->reading;

  reading->begun = true;
  reading->next = call->transactions;
  arena_reset(&extend->scratch);
  Slice id = call_text(call, CALL_TEXT_ID, extend->setup.stores, &extend->scratch);
  add_key(extend, KEY_CALL_ID, (CallKey){id, SLICE_NONE, 0, FLOW_EVIDENCE_NONE});
  add_id_keys(extend, id);
  add_users_keys(extend, call);
  if (call->first)
    add_message_keys(extend, call->first);
  if (!reading->learned)
    return;
  extend->start_ns = MIN(extend->start_ns, call->start_ns);
  extend->end_ns = MAX(extend->end_ns, call->end_ns);
}

/* Skips some transactions; returns the request of the next REFER, or NULL. */
static const Message *next_refer(Reading *reading)
{
  for (unsigned i = 0; reading->next && i < SLICE_TRANSACTIONS; i++) {
    const Transaction *transaction = reading->next;
    reading->next = transaction->next;
    if (transaction->method == SIP_METHOD_REFER && transaction->request)
      return transaction->request;
  }
  return NULL;
}

static void read_on(Extending *extend, const Call *call)
{
  if (!extend->reading.begun) {
    read_first(extend, call);
    return;
  }
  const Message *refer = next_refer(&extend->reading);
  if (refer)
    add_message_keys(extend, refer);
  else if (!extend->reading.next) {
    const FlowKin kin = extend->reading.kin;
    GArray *found =
      flow_evidence_is_fact(kin.evidence) ? extend->result.facts : extend->result.hints;

    extend->reading.number = 0;
    if (kin.evidence != FLOW_EVIDENCE_NONE && found->len < FLOW_EXTEND_MAX)
      g_array_append_val(found, kin);
    else if (flow_evidence_is_fact(kin.evidence))
      extend->result.left_out++;
  }
}

/* Does it overlap the given calls in time, or nearly so?  A call may have lasted for long before it
 * is transferred. */
static bool is_in_time(const Extending *extend, const Call *call)
{
  return (call->end_ns >= extend->start_ns || is_near(call->end_ns, extend->start_ns)) &&
         (call->start_ns <= extend->end_ns || is_near(call->start_ns, extend->end_ns));
}

/* The next call; false when there are no more. */
static bool choose(Extending *extend)
{
  Reading *reading = &extend->reading;
  const Trace *trace = extend->setup.trace;

  *reading = (Reading){0};
  if (extend->learned < extend->calls->len) {
    reading->number = g_array_index(extend->calls, uint32_t, extend->learned++);
    reading->learned = true;
    return true;
  }
  if (extend->looked >= trace_call_count(trace))
    return false;
  const Call *call = trace_call_at(trace, extend->looked++);
  if (call && is_in_time(extend, call) &&
      !g_hash_table_contains(extend->known, GUINT_TO_POINTER(call->number)))
    reading->number = reading->kin.number = call->number;
  return true;
}

/* --- the job --- */

static bool extend_step(Job *job, int64_t until_us)
{
  Extending *extend = (Extending *) job;

  do {
    for (unsigned i = 0; i < SLICE_STEPS; i++) {
      if (extend->reading.number == 0) {
        if (!choose(extend))
          return false;
        continue;
      }
      const Call *call = trace_call(extend->setup.trace, extend->reading.number);
      if (call)
        read_on(extend, call);
      else /* it was evicted */
        extend->reading.number = 0;
    }
  } while (g_get_monotonic_time() < until_us);
  return true;
}

static double extend_progress(const Job *job)
{
  const Extending *extend = (const Extending *) job;
  size_t all = trace_call_count(extend->setup.trace);

  return all > 0 ? (double) extend->looked / (double) all : 1.0;
}

static void extend_free(Job *job)
{
  Extending *extend = (Extending *) job;

  g_array_unref(extend->calls);
  g_hash_table_unref(extend->known);
  g_hash_table_unref(extend->keys);
  g_array_unref(extend->result.facts);
  g_array_unref(extend->result.hints);
  arena_clear(&extend->scratch);
  g_string_free(extend->text, TRUE);
  g_free(extend);
}

FlowExtend *flow_extend_new(const FlowExtendSetup *setup)
{
  static const JobOps OPS = {"looking for calls", extend_step, extend_progress, extend_free};
  Extending *extend = g_new0(Extending, 1);

  extend->result.job.ops = &OPS;
  extend->result.facts = g_array_new(FALSE, FALSE, sizeof(FlowKin));
  extend->result.hints = g_array_new(FALSE, FALSE, sizeof(FlowKin));
  extend->setup = *setup;
  extend->calls = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  extend->known = g_hash_table_new(NULL, NULL);
  extend->keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  extend->text = g_string_new(NULL);
  extend->start_ns = G_MAXINT64;
  extend->end_ns = G_MININT64;
  arena_init(&extend->scratch, SCRATCH_FIRST);
  for (size_t i = 0; i < setup->count; i++)
    g_hash_table_add(extend->known, GUINT_TO_POINTER(setup->calls[i]));
  g_array_append_vals(extend->calls, setup->calls, (guint) MIN(setup->count, FLOW_EXTEND_MAX));
  return &extend->result;
}
