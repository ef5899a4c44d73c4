#include "dissect/diagnose/capture_index.h"

#include "capture/hash.h"
#include "dissect/sip/sip_addr.h"

/* Calls of one key that are looked at. */
enum { KEY_WALK_MAX = 4096 };

/* Entries before evicted calls are forgotten for the first time; those of the last hour stay. */
enum { ENTRIES_FIRST = 64 * 1024 };
#define EVICTED_NS (INT64_C(3600) * 1000 * 1000 * 1000)

struct CaptureIndex {
  const Trace *trace;
  uint64_t seed;
  size_t next; /* index of the first call that was not read */
  size_t entries;
  size_t entries_max;     /* when evicted calls are forgotten next */
  uint64_t evicted;       /* TraceStats.evicted_calls, when they were forgotten last */
  GHashTable *callers;    /* hash of From URI and method -> GArray of CaptureEntry */
  GHashTable *pings;      /* hash of both addresses -> the same */
  GHashTable *registers;  /* hash of user and host of To -> the same */
  GHashTable *keepalives; /* hash of From URI of a keep-alive of GB/T 28181 -> the same */
};

static guint hash_of_key(gconstpointer key)
{
  uint64_t number = *(const uint64_t *) key;

  return (guint) (number ^ number >> 32);
}

CaptureIndex *capture_index_new(const Trace *trace)
{
  CaptureIndex *index = g_new(CaptureIndex, 1);

  *index = (CaptureIndex){
    .trace = trace,
    .seed = hash_seed_new(),
    .entries_max = ENTRIES_FIRST,
    .callers =
      g_hash_table_new_full(hash_of_key, g_int64_equal, g_free, (GDestroyNotify) g_array_unref),
    .pings =
      g_hash_table_new_full(hash_of_key, g_int64_equal, g_free, (GDestroyNotify) g_array_unref),
    .registers =
      g_hash_table_new_full(hash_of_key, g_int64_equal, g_free, (GDestroyNotify) g_array_unref),
    .keepalives =
      g_hash_table_new_full(hash_of_key, g_int64_equal, g_free, (GDestroyNotify) g_array_unref),
  };
  return index;
}

void capture_index_free(CaptureIndex *index)
{
  if (!index)
    return;
  g_hash_table_unref(index->callers);
  g_hash_table_unref(index->pings);
  g_hash_table_unref(index->registers);
  g_hash_table_unref(index->keepalives);
  g_free(index);
}

static uint64_t caller_key(const CaptureIndex *index, const Call *call)
{
  Slice from = call_text_kept(call, CALL_TEXT_FROM);

  return hash_bytes(from.data, from.len, index->seed + call->method);
}

static uint64_t ping_key(const CaptureIndex *index, const Call *call)
{
  const Message *request = call->transactions->request;
  Endpoint ends[2] = {*trace_endpoint(index->trace, request->src),
                      *trace_endpoint(index->trace, request->dst)};

  ends[0].port = 0; /* of TCP it changes */
  return hash_bytes(ends, sizeof ends, index->seed);
}

/* 0: it names nobody. */
static uint64_t register_key(const CaptureIndex *index, Slice text)
{
  SipUri uri;

  if (!sip_uri_parse(text, &uri) || uri.host.len == 0)
    return 0;
  g_autofree char *host = g_ascii_strdown(uri.host.data, (gssize) uri.host.len);
  return hash_bytes(uri.user.data, uri.user.len, hash_bytes(host, uri.host.len, index->seed));
}

static bool is_ping(const Call *call)
{
  return call->method == SIP_METHOD_OPTIONS && call->transactions && call->transactions->request;
}

static void enter(CaptureIndex *index, GHashTable *table, uint64_t key, const Call *call)
{
  GArray *entries = g_hash_table_lookup(table, &key);
  CaptureEntry entry = {call->start_ns, call->number};

  if (!entries) {
    entries = g_array_new(false, false, sizeof entry);
    g_hash_table_insert(table, g_memdup2(&key, sizeof key), entries);
  }
  g_array_append_val(entries, entry);
  index->entries++;
}

size_t capture_index_size(const CaptureIndex *index)
{
  return index->entries;
}

static bool is_forgotten(const CaptureIndex *index, const CaptureEntry *entry)
{
  return trace_now(index->trace) - entry->start_ns > EVICTED_NS &&
         !trace_call(index->trace, entry->number);
}

static gboolean forget_evicted(gpointer key, gpointer value, gpointer data)
{
  CaptureIndex *index = data;
  GArray *entries = value;
  guint kept = 0;

  (void) key;
  for (guint i = 0; i < entries->len; i++) {
    const CaptureEntry entry = g_array_index(entries, CaptureEntry, i);
    if (!is_forgotten(index, &entry))
      g_array_index(entries, CaptureEntry, kept++) = entry;
  }
  g_array_set_size(entries, kept);
  index->entries += kept;
  return kept == 0;
}

/* While a file is read nothing is evicted, as a rule: a walk through all entries would delay keys
 * for nothing. */
static void forget(CaptureIndex *index)
{
  GHashTable *tables[] = {index->callers, index->pings, index->registers, index->keepalives};
  uint64_t evicted = trace_counts(index->trace)->evicted_calls;

  if (evicted != index->evicted) {
    index->entries = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
      g_hash_table_foreach_remove(tables[i], forget_evicted, index);
  }
  index->evicted = evicted;
  index->entries_max = MAX(2 * index->entries, (size_t) ENTRIES_FIRST);
}

/* A call that has no request yet is no ping, and is not read again. */
void capture_index_update(CaptureIndex *index)
{
  size_t count = trace_call_count(index->trace);

  if (index->next == count)
    return;
  if (index->entries >= index->entries_max)
    forget(index);
  for (; index->next < count; index->next++) {
    const Call *call = trace_call_at(index->trace, index->next);
    if (!call)
      continue;
    if (call_text_kept(call, CALL_TEXT_FROM).len > 0)
      enter(index, index->callers, caller_key(index, call), call);
    if (is_ping(call))
      enter(index, index->pings, ping_key(index, call), call);
    if (call->method == SIP_METHOD_REGISTER)
      enter(index, index->registers, register_key(index, call_text_kept(call, CALL_TEXT_TO)), call);
    if (call->is_keepalive)
      enter(index, index->keepalives, caller_key(index, call), call);
  }
}

guint capture_entries_after(const GArray *entries, uint32_t number)
{
  guint low = 0, high = entries->len;

  while (low < high) {
    guint middle = low + (high - low) / 2;
    if (g_array_index(entries, CaptureEntry, middle).number <= number)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static bool is_answered(const CaptureIndex *index, const Call *again, const Call *call)
{
  return slice_eq(call_text_kept(again, CALL_TEXT_TO), call_text_kept(call, CALL_TEXT_TO)) &&
         call_summarize(again, trace_now(index->trace)).outcome == OUTCOME_ANSWERED;
}

/* Another call of the same caller in that time, and if that is asked for, one that was answered.
 * Calls are numbered in order of appearance, which is nearly that of time. */
static bool find_again(CaptureIndex *index, const Call *call, int64_t from_ns, int64_t to_ns,
                       const Call **ret_answered)
{
  capture_index_update(index);
  uint64_t key = caller_key(index, call);
  const GArray *entries = g_hash_table_lookup(index->callers, &key);
  guint first = entries ? capture_entries_after(entries, call->number) : 0;

  for (guint i = first; entries && i < entries->len && i - first < KEY_WALK_MAX; i++) {
    const CaptureEntry *entry = &g_array_index(entries, CaptureEntry, i);
    if (entry->start_ns > to_ns)
      return false;
    const Call *again = ret_answered ? trace_call(index->trace, entry->number) : NULL;
    bool counts = !ret_answered || (again && is_answered(index, again, call));
    if (entry->start_ns < from_ns || !counts)
      continue;
    if (ret_answered)
      *ret_answered = again;
    return true;
  }
  return false;
}

bool capture_index_calls_again(CaptureIndex *index, const Call *call, int64_t from_ns,
                               int64_t to_ns)
{
  return find_again(index, call, from_ns, to_ns, NULL);
}

const Call *capture_index_success(CaptureIndex *index, const Call *call, int64_t from_ns,
                                  int64_t to_ns)
{
  const Call *answered = NULL;

  return find_again(index, call, from_ns, to_ns, &answered) ? answered : NULL;
}

const Call *capture_index_ping_before(CaptureIndex *index, const Call *call)
{
  if (!is_ping(call))
    return NULL;
  capture_index_update(index);
  uint64_t key = ping_key(index, call);
  const GArray *entries = g_hash_table_lookup(index->pings, &key);
  guint place = entries ? capture_entries_after(entries, call->number) : 0;

  return place >= 2
           ? trace_call(index->trace, g_array_index(entries, CaptureEntry, place - 2).number)
           : NULL;
}

const GArray *capture_index_registers(CaptureIndex *index, Slice uri)
{
  capture_index_update(index);
  uint64_t key = register_key(index, uri);

  return key != 0 ? g_hash_table_lookup(index->registers, &key) : NULL;
}

const GArray *capture_index_keepalives(CaptureIndex *index, const Call *call)
{
  capture_index_update(index);
  uint64_t key = caller_key(index, call);

  return g_hash_table_lookup(index->keepalives, &key);
}
