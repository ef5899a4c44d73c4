#include "ui/view/flow/flow_extend.h"

#include "dissect/sip/sip_uri.h"

enum { SLICE = 64, SCRATCH_FIRST = 4096, KEY_MAX = 512 };

struct FlowExtend {
  FlowExtendSetup setup;
  GArray *calls;     /* uint32_t */
  GHashTable *known; /* their numbers */
  GHashTable *keys;  /* char *: what a call that belongs to them would say */
  GHashTable *users; /* char *: of From and To */
  int64_t start_ns, end_ns;
  GArray *facts, *hints;
  size_t read, looked; /* of the calls, of the trace's */
  Arena scratch;
  GString *text;
};

FlowExtend *flow_extend_new(const FlowExtendSetup *setup)
{
  FlowExtend *extend = g_new0(FlowExtend, 1);

  extend->setup = *setup;
  extend->calls = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  extend->known = g_hash_table_new(NULL, NULL);
  extend->keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  extend->users = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  extend->facts = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  extend->hints = g_array_new(FALSE, FALSE, sizeof(uint32_t));
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
  g_hash_table_unref(extend->users);
  g_array_unref(extend->facts);
  g_array_unref(extend->hints);
  arena_clear(&extend->scratch);
  g_string_free(extend->text, TRUE);
  g_free(extend);
}

/* Of a call: what others may know it by. */
typedef struct {
  Slice call_id;
  Slice other_call_id;  /* that its header names */
  Slice session_ids[2]; /* its own half and the peer's (RFC 7989 5) */
} Names;

/* A nil UUID says that the half is not known yet (RFC 7989 5). */
static Slice session_half(Slice uuid)
{
  for (size_t i = 0; i < uuid.len; i++)
    if (uuid.data[i] != '0')
      return uuid;
  return SLICE_NONE;
}

static void read_session_id(Slice value, Names *names)
{
  Slice local = slice_trim(slice_cut(&value, ';'));

  names->session_ids[0] = session_half(local);
  while (value.len > 0) {
    Slice parameter = slice_trim(slice_cut(&value, ';'));
    Slice name = slice_trim(slice_cut(&parameter, '='));

    if (slice_eq_nocase(name, SLICE("remote")))
      names->session_ids[1] = session_half(slice_trim(parameter));
  }
}

/* Reads the call's first message. */
static Names names_of(FlowExtend *extend, const Call *call)
{
  Names names = {.call_id = call->call_id};
  SipHeaderRow row;
  SipMsg sip;

  arena_reset(&extend->scratch);
  if (!call->first ||
      !message_load(call->first, extend->setup.stores, &extend->scratch, &sip, NULL))
    return names;
  for (SipHeaderIter rows = sip_header_iter(&sip); sip_header_next(&rows, &row);) {
    if (slice_eq_nocase(row.name, SLICE("X-Call-ID")) || slice_eq_nocase(row.name, SLICE("X-CID")))
      names.other_call_id = row.value;
    else if (row.header == SIP_HEADER_SESSION_ID)
      read_session_id(row.value, &names);
  }
  return names;
}

/* "c:" before what is looked for among Call-IDs, and so on; valid until the next one. */
static const char *key_of(FlowExtend *extend, char kind, Slice name)
{
  g_string_printf(extend->text, "%c:", kind);
  g_string_append_len(extend->text, name.data, (gssize) MIN(name.len, KEY_MAX));
  return extend->text->str;
}

static void add_key(FlowExtend *extend, char kind, Slice name)
{
  if (name.len > 0)
    g_hash_table_add(extend->keys, g_strdup(key_of(extend, kind, name)));
}

static bool has_key(FlowExtend *extend, char kind, Slice name)
{
  return name.len > 0 && g_hash_table_contains(extend->keys, key_of(extend, kind, name));
}

/* Users of From and To; NULL when one is missing: nobody is like nobody else. */
static const char *users_of(FlowExtend *extend, const Call *call)
{
  Slice from = sip_uri_user(call->from), to = sip_uri_user(call->to);

  if (call->method != SIP_METHOD_INVITE || from.len == 0 || to.len == 0)
    return NULL;
  g_string_truncate(extend->text, 0);
  g_string_append_len(extend->text, from.data, (gssize) MIN(from.len, KEY_MAX));
  g_string_append_c(extend->text, '\n');
  g_string_append_len(extend->text, to.data, (gssize) MIN(to.len, KEY_MAX));
  return extend->text->str;
}

static const Call *call_of(const FlowExtend *extend, uint32_t number)
{
  const Trace *trace = extend->setup.trace;

  return number > 0 && number <= trace_call_count(trace) ? trace_call_at(trace, number - 1) : NULL;
}

/* What others would have to say to belong to this call. */
static void learn(FlowExtend *extend, const Call *call)
{
  if (!call)
    return;
  Names names = names_of(extend, call);
  add_key(extend, 'x', names.call_id);       /* their header names it */
  add_key(extend, 'c', names.other_call_id); /* it names theirs */
  add_key(extend, 'x', names.other_call_id); /* both name a third */
  add_key(extend, 's', names.session_ids[0]);
  add_key(extend, 's', names.session_ids[1]);
  const char *users = users_of(extend, call);
  if (users)
    g_hash_table_add(extend->users, g_strdup(users));
  extend->start_ns = MIN(extend->start_ns, call->start_ns);
  extend->end_ns = MAX(extend->end_ns, call->end_ns);
}

static bool says_so(FlowExtend *extend, const Call *call)
{
  Names names = names_of(extend, call);

  return has_key(extend, 'x', names.other_call_id) || has_key(extend, 'c', names.call_id) ||
         has_key(extend, 's', names.session_ids[0]) || has_key(extend, 's', names.session_ids[1]);
}

/* Legs begin while the call is there; the first of them may have begun a little before it. */
static bool is_in_time(const FlowExtend *extend, const Call *call)
{
  const int64_t before_ns = INT64_C(5) * 1000 * 1000 * 1000;

  return call->start_ns <= extend->end_ns &&
         (call->start_ns >= extend->start_ns || extend->start_ns - call->start_ns <= before_ns);
}

static void judge(FlowExtend *extend, const Call *call)
{
  if (!call || !is_in_time(extend, call) ||
      g_hash_table_contains(extend->known, GUINT_TO_POINTER(call->number)))
    return;
  if (says_so(extend, call)) {
    if (extend->facts->len < FLOW_EXTEND_MAX)
      g_array_append_val(extend->facts, call->number);
    return;
  }
  const char *users = users_of(extend, call);
  if (users && g_hash_table_contains(extend->users, users) && extend->hints->len < FLOW_EXTEND_MAX)
    g_array_append_val(extend->hints, call->number);
}

static bool step(FlowExtend *extend)
{
  if (extend->read < extend->calls->len) {
    learn(extend, call_of(extend, g_array_index(extend->calls, uint32_t, extend->read)));
    extend->read++;
    return true;
  }
  if (extend->looked >= trace_call_count(extend->setup.trace))
    return false;
  judge(extend, trace_call_at(extend->setup.trace, extend->looked++));
  return true;
}

bool flow_extend_step(FlowExtend *extend, int64_t until_us)
{
  do {
    for (unsigned i = 0; i < SLICE; i++)
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
