#include "ui/show/flow_extend.h"

#include "dissect/sip/sip_uri.h"

enum {
  SLICE_STEPS = 64,
  SLICE_TRANSACTIONS = 64, /* passed over in one step */
  SCRATCH_FIRST = 4096,
  KEY_MAX = 512,
  KEYS_MAX = 8192, /* however many REFERs the calls have */
};

/* What calls are found by.  X-macro: KIND(id, the kind it has for a call of the other side). */
#define KEY_KINDS(KIND)                                                                            \
  KIND(CALL_ID, CALL_ID)     /* its own, and those it names */                                     \
  KIND(SESSION, SESSION)     /* Session-ID, one half */                                            \
  KIND(USERS, USERS)         /* of From and To */                                                  \
  KIND(REFER, FOLLOWS)       /* target of a REFER, and who sent it */                              \
  KIND(FOLLOWS, REFER)       /* target of an INVITE, and whose REFER it says to follow */          \
  KIND(REFER_TO, TARGET)     /* target of a REFER */                                               \
  KIND(TARGET, REFER_TO)     /* target of an INVITE */                                             \
  KIND(CALLER_TO, CALLER_BY) /* From's user, and the host that got the INVITE */                   \
  KIND(CALLER_BY, CALLER_TO) /* From's user, and the host that sent it */                          \
  KIND(CALLED_TO, CALLED_BY) /* the same with To's user */                                         \
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
  bool learned;    /* one of those that others are to belong to; else judged */
  bool begun;
  const Transaction *next; /* to look at; valid as long as the trace has the call */
  FlowKin kin;             /* of a judged one: the strongest evidence so far */
} Reading;

struct FlowExtend {
  FlowExtendSetup setup;
  GArray *calls;     /* uint32_t */
  GHashTable *known; /* their numbers */
  GHashTable *keys;  /* char *: FlowKin *, of the call that said it */
  int64_t start_ns, end_ns;
  GArray *facts, *hints;  /* FlowKin */
  size_t learned, looked; /* of the calls, of the trace's */
  Reading reading;
  Arena scratch;
  GString *text;
};

FlowExtend *flow_extend_new(const FlowExtendSetup *setup)
{
  FlowExtend *extend = g_new0(FlowExtend, 1);

  extend->setup = *setup;
  extend->calls = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  extend->known = g_hash_table_new(NULL, NULL);
  extend->keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  extend->facts = g_array_new(FALSE, FALSE, sizeof(FlowKin));
  extend->hints = g_array_new(FALSE, FALSE, sizeof(FlowKin));
  extend->text = g_string_new(NULL);
  extend->start_ns = G_MAXINT64;
  extend->end_ns = G_MININT64;
  arena_init(&extend->scratch, SCRATCH_FIRST);
  for (size_t i = 0; i < setup->count; i++)
    g_hash_table_add(extend->known, GUINT_TO_POINTER(setup->calls[i]));
  g_array_append_vals(extend->calls, setup->calls, (guint) MIN(setup->count, FLOW_EXTEND_MAX));
  return extend;
}

void flow_extend_free(FlowExtend *extend)
{
  if (!extend)
    return;
  g_array_unref(extend->calls);
  g_hash_table_unref(extend->known);
  g_hash_table_unref(extend->keys);
  g_array_unref(extend->facts);
  g_array_unref(extend->hints);
  arena_clear(&extend->scratch);
  g_string_free(extend->text, TRUE);
  g_free(extend);
}

/* Without overflow: times of a broken capture can be centuries apart. */
static bool is_near(int64_t a_ns, int64_t b_ns)
{
  const int64_t near_ns = INT64_C(5) * 1000 * 1000 * 1000;
  int64_t difference_ns;

  return !__builtin_sub_overflow(a_ns, b_ns, &difference_ns) && difference_ns <= near_ns &&
         difference_ns >= -near_ns;
}

/* --- keys --- */

typedef struct {
  Slice first, second;
  FlowEvidence evidence; /* that it is when another call says it, too; NONE: that one tells */
} Said;

/* Valid until the next one. */
static const char *key_of(FlowExtend *extend, KeyKind kind, const Said *said)
{
  g_string_printf(extend->text, "%c", (char) ('A' + (int) kind));
  g_string_append_len(extend->text, said->first.data, (gssize) MIN(said->first.len, KEY_MAX));
  g_string_append_c(extend->text, '\n');
  if (said->second.len > 0)
    g_string_append_len(extend->text, said->second.data, (gssize) MIN(said->second.len, KEY_MAX));
  return extend->text->str;
}

static void learn(FlowExtend *extend, KeyKind kind, const Said *said)
{
  const FlowKin kin = {.of = extend->reading.number, .evidence = said->evidence};
  const char *key = key_of(extend, kind, said);

  if (g_hash_table_size(extend->keys) < KEYS_MAX && !g_hash_table_contains(extend->keys, key))
    g_hash_table_insert(extend->keys, g_strdup(key), g_memdup2(&kin, sizeof kin));
}

/* The legs of a call begin together. */
static bool begin_together(const FlowExtend *extend, uint32_t a, uint32_t b)
{
  const Trace *trace = extend->setup.trace;
  const Call *first = trace_call(trace, a), *second = trace_call(trace, b);

  return first && second && is_near(first->start_ns, second->start_ns);
}

static void judge(FlowExtend *extend, KeyKind kind, const Said *said)
{
  const char *key = key_of(extend, OTHER_SIDE[kind], said);
  const FlowKin *found = g_hash_table_lookup(extend->keys, key);
  FlowKin *kin = &extend->reading.kin;

  if (!found)
    return;
  FlowEvidence evidence = MAX(said->evidence, found->evidence);
  bool of_host = evidence == FLOW_EVIDENCE_CALLER || evidence == FLOW_EVIDENCE_CALLED;
  if (evidence > kin->evidence && (!of_host || begin_together(extend, kin->number, found->of)))
    *kin = (FlowKin){kin->number, found->of, evidence};
}

/* Something the call says that is being read. */
static void say(FlowExtend *extend, KeyKind kind, Said said)
{
  if (said.first.len == 0)
    return;
  if (extend->reading.learned)
    learn(extend, kind, &said);
  else
    judge(extend, kind, &said);
}

/* --- what a call says --- */

/* user@host; absent for what is no such URI. */
static Slice party_of(FlowExtend *extend, Slice text)
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

static void say_target(FlowExtend *extend, KeyKind kind, Slice target)
{
  say(extend, kind, (Said){target, SLICE_NONE, FLOW_EVIDENCE_REFER_TO});
}

/* Who follows a REFER says whose it was (RFC 3892). */
static void say_referred(FlowExtend *extend, KeyKind kind, Slice target, Slice referrer)
{
  if (referrer.len > 0)
    say(extend, kind, (Said){target, referrer, FLOW_EVIDENCE_REFERRED});
}

static void say_transfer(FlowExtend *extend, const FlowNames *names)
{
  Slice referrer = party_of(extend, names->referrer);
  Slice refer_to = party_of(extend, names->refer_to);

  say_target(extend, KEY_REFER_TO, refer_to);
  say_referred(extend, KEY_REFER, refer_to, referrer);
  for (size_t i = 0; i < FLOW_TARGETS_MAX; i++) {
    Slice target = party_of(extend, names->targets[i]);
    say_target(extend, KEY_TARGET, target);
    say_referred(extend, KEY_FOLLOWS, target, referrer);
  }
}

static void say_message(FlowExtend *extend, const Message *message)
{
  SipMsg sip;

  arena_reset(&extend->scratch);
  if (!message_load(message, extend->setup.stores, &extend->scratch, &sip, NULL))
    return;
  FlowNames names = flow_names_read(&extend->scratch, &sip);
  for (size_t i = 0; i < names.named_count; i++)
    say(extend, KEY_CALL_ID, (Said){names.named[i].call_id, SLICE_NONE, names.named[i].evidence});
  for (size_t i = 0; i < G_N_ELEMENTS(names.session_ids); i++)
    say(extend, KEY_SESSION, (Said){names.session_ids[i], SLICE_NONE, FLOW_EVIDENCE_SESSION_ID});
  say_transfer(extend, &names);
}

/* Its users, and the hosts its first message went between. */
static void say_users(FlowExtend *extend, const Call *call)
{
  const Trace *trace = extend->setup.trace;
  Slice from = sip_uri_user(call->from), to = sip_uri_user(call->to);
  char texts[2][ENDPOINT_TEXT_MAX];

  if (call->method != SIP_METHOD_INVITE || !call->first)
    return;
  const Endpoint *src = trace_endpoint(trace, call->first->src);
  const Endpoint *dst = trace_endpoint(trace, call->first->dst);
  Slice by = slice_from_string(endpoint_format_address(src, texts[0]));
  Slice at = slice_from_string(endpoint_format_address(dst, texts[1]));
  if (to.len > 0)
    say(extend, KEY_USERS, (Said){from, to, FLOW_EVIDENCE_USERS});
  if (slice_eq(by, at)) /* on one host every call is through it */
    return;
  say(extend, KEY_CALLER_TO, (Said){from, at, FLOW_EVIDENCE_CALLER});
  say(extend, KEY_CALLER_BY, (Said){from, by, FLOW_EVIDENCE_CALLER});
  say(extend, KEY_CALLED_TO, (Said){to, at, FLOW_EVIDENCE_CALLED});
  say(extend, KEY_CALLED_BY, (Said){to, by, FLOW_EVIDENCE_CALLED});
}

/* --- reading one call behind the other --- */

static void begin(FlowExtend *extend, const Call *call)
{
  Reading *reading = &extend->reading;

  reading->begun = true;
  reading->next = call->transactions;
  say(extend, KEY_CALL_ID, (Said){call->call_id, SLICE_NONE, FLOW_EVIDENCE_NONE});
  say_users(extend, call);
  if (call->first)
    say_message(extend, call->first);
  if (!reading->learned)
    return;
  extend->start_ns = MIN(extend->start_ns, call->start_ns);
  extend->end_ns = MAX(extend->end_ns, call->end_ns);
}

/* Passes over some transactions; the request of the next one that is a REFER, or NULL. */
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

static void finish(FlowExtend *extend)
{
  const FlowKin kin = extend->reading.kin;
  GArray *found = flow_evidence_is_fact(kin.evidence) ? extend->facts : extend->hints;

  extend->reading.number = 0;
  if (kin.evidence != FLOW_EVIDENCE_NONE && found->len < FLOW_EXTEND_MAX)
    g_array_append_val(found, kin);
}

static void go_on(FlowExtend *extend, const Call *call)
{
  if (!extend->reading.begun) {
    begin(extend, call);
    return;
  }
  const Message *refer = next_refer(&extend->reading);
  if (refer)
    say_message(extend, refer);
  else if (!extend->reading.next)
    finish(extend);
}

/* Was it there while the others were, or a little before or behind?  Who is transferred may have
 * talked for long when the new call begins. */
static bool is_in_time(const FlowExtend *extend, const Call *call)
{
  return (call->end_ns >= extend->start_ns || is_near(call->end_ns, extend->start_ns)) &&
         (call->start_ns <= extend->end_ns || is_near(call->start_ns, extend->end_ns));
}

/* The next call; false when there are no more. */
static bool choose(FlowExtend *extend)
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

static bool step(FlowExtend *extend)
{
  if (extend->reading.number == 0)
    return choose(extend);
  const Call *call = trace_call(extend->setup.trace, extend->reading.number);
  if (call)
    go_on(extend, call);
  else /* it was evicted */
    extend->reading.number = 0;
  return true;
}

bool flow_extend_step(FlowExtend *extend, int64_t until_us)
{
  do {
    for (unsigned i = 0; i < SLICE_STEPS; i++)
      if (!step(extend))
        return false;
  } while (g_get_monotonic_time() < until_us);
  return true;
}

double flow_extend_progress(const FlowExtend *extend)
{
  size_t all = trace_call_count(extend->setup.trace);

  return all > 0 ? (double) extend->looked / (double) all : 1.0;
}

const GArray *flow_extend_facts(const FlowExtend *extend)
{
  return extend->facts;
}

const GArray *flow_extend_hints(const FlowExtend *extend)
{
  return extend->hints;
}
