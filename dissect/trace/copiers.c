#include "dissect/trace/copiers.h"

#include "capture/hash.h"
#include "capture/record_table.h"

#define SECOND_NS INT64_C(1000000000)
#define RATE_NS (10 * SECOND_NS)

struct CopierSamples {
  const Copier *other;
  unsigned count;
  unsigned next; /* the oldest, once all are there */
  int64_t ahead_ns[COPIER_SAMPLES];
};

typedef struct {
  Copier copier;
  uint64_t hash;
  uint16_t number;
} Entry;

struct Copiers {
  uint64_t seed;
  RecordTable *table;
  GPtrArray *entries; /* Entry, by number - 1 */
  Arena arena;
  Entry others;
};

static uint32_t entry_hash(const void *entry)
{
  return (uint32_t) ((const Entry *) entry)->hash;
}

static bool entry_equal(const void *a, const void *b)
{
  const Entry *x = a, *y = b;

  return x->hash == y->hash && x->copier.agent == y->copier.agent &&
         endpoint_eq(&x->copier.host, &y->copier.host) && slice_eq(x->copier.node, y->copier.node);
}

static const RecordKey ENTRY_KEY = {entry_hash, entry_equal};

Copiers *copiers_new(void)
{
  enum { ARENA_FIRST = 1024 };
  Copiers *copiers = g_new0(Copiers, 1);

  copiers->seed = hash_seed_new();
  copiers->table = record_table_new(&ENTRY_KEY);
  copiers->entries = g_ptr_array_new();
  copiers->others = (Entry){.copier.is_others = true, .number = COPIERS_MAX};
  arena_init(&copiers->arena, ARENA_FIRST);
  return copiers;
}

void copiers_free(Copiers *copiers)
{
  if (!copiers)
    return;
  record_table_free(copiers->table);
  g_ptr_array_unref(copiers->entries);
  arena_clear(&copiers->arena);
  g_free(copiers);
}

static Entry entry_of(const Copiers *copiers, const HepPacket *copy)
{
  Entry entry = {.copier = {.host = copy->sender,
                            .agent = copy->agent,
                            .node = slice_head(copy->node, COPIER_NAME_MAX)}};

  entry.copier.host.port = 0;
  entry.hash = hash_bytes(&entry.copier.host, sizeof entry.copier.host, copiers->seed);
  entry.hash = hash_bytes(entry.copier.node.data, entry.copier.node.len,
                          entry.hash + copiers->seed + entry.copier.agent);
  return entry;
}

double copier_rate(const Copier *copier, int64_t now_ns)
{
  int64_t passed_ns = now_ns - copier->since_ns;
  bool has_rate = copier->messages > copier->recent;

  if (has_rate && passed_ns < RATE_NS)
    return copier->rate;
  return (double) copier->recent * 1e9 / (double) MAX(passed_ns, SECOND_NS);
}

static void count_message(Copier *copier, int64_t time_ns)
{
  if (copier->messages++ == 0)
    copier->since_ns = time_ns;
  if (time_ns - copier->since_ns >= RATE_NS || time_ns < copier->since_ns) {
    copier->rate = copier_rate(copier, time_ns);
    copier->since_ns = time_ns;
    copier->recent = 0;
  }
  copier->recent++;
  copier->last_ns = time_ns;
}

uint16_t copiers_number(Copiers *copiers, const HepPacket *copy, int64_t time_ns)
{
  Entry probe = entry_of(copiers, copy);
  Entry *known = record_table_find(copiers->table, &probe);

  if (!known && copiers->entries->len + 1 >= COPIERS_MAX)
    known = &copiers->others;
  if (known) {
    count_message(&known->copier, time_ns);
    return known->number;
  }
  count_message(&probe.copier, time_ns);
  probe.number = (uint16_t) (copiers->entries->len + 1);
  probe.copier.node = arena_dup(&copiers->arena, probe.copier.node);
  Entry *entry = arena_copy(&copiers->arena, &probe, sizeof probe);
  g_ptr_array_add(copiers->entries, entry);
  record_table_put(copiers->table, entry);
  return entry->number;
}

size_t copiers_count(const Copiers *copiers)
{
  return copiers->entries->len;
}

const Copier *copiers_at(const Copiers *copiers, uint16_t number)
{
  g_assert(number > 0 && number <= COPIERS_MAX);
  if (number > copiers->entries->len)
    return &copiers->others.copier;
  return &((const Entry *) copiers->entries->pdata[number - 1])->copier;
}

/* --- Clocks ----------------------------------------------------------------------------------- */

static void add_sample(CopierSamples *samples, int64_t ahead_ns)
{
  samples->ahead_ns[samples->next] = ahead_ns;
  samples->next = (samples->next + 1) % COPIER_SAMPLES;
  samples->count = MIN(samples->count + 1, (unsigned) COPIER_SAMPLES);
}

void copiers_note_clock(Copiers *copiers, uint16_t number, uint16_t other, int64_t ahead_ns)
{
  if (number < other) {
    copiers_note_clock(copiers, other, number, -ahead_ns);
    return;
  }
  const Copier *earlier = copiers_at(copiers, other);
  if (number > copiers->entries->len) /* several in one */
    return;
  Copier *later = &((Entry *) copiers->entries->pdata[number - 1])->copier;
  if (!later->samples) {
    later->samples = arena_new(&copiers->arena, CopierSamples);
    later->samples->other = earlier;
  }
  if (later->samples->other == earlier)
    add_sample(later->samples, ahead_ns);
}

static int compare_times(const void *a, const void *b)
{
  const int64_t *x = a, *y = b;

  return (*x > *y) - (*x < *y);
}

static int64_t median(int64_t *times, size_t count)
{
  qsort(times, count, sizeof *times, compare_times);
  return times[count / 2];
}

bool copier_clock(const Copier *copier, CopierClock *ret_clock)
{
  const CopierSamples *samples = copier->samples;
  int64_t sorted[COPIER_SAMPLES];

  if (!samples)
    return false;
  memcpy(sorted, samples->ahead_ns, samples->count * sizeof *sorted);
  *ret_clock = (CopierClock){
    .other = samples->other, .ahead_ns = median(sorted, samples->count), .samples = samples->count};
  for (unsigned i = 0; i < samples->count; i++)
    sorted[i] = ABS(sorted[i] - ret_clock->ahead_ns);
  ret_clock->spread_ns = median(sorted, samples->count);
  return true;
}
