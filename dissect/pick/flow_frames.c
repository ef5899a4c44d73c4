#include "dissect/pick/flow_frames.h"

#include "capture/hash.h"

enum {
  FRAMES_MAX = 8 * 1024, /* of one flow; more than any message has segments */
  COMMON_MAX = 32,
  CHOSEN_MAX = 16,
  CHECK_FIRST = 16,
};

typedef struct {
  uint64_t number;
  FlowRange range;
} FlowFrame;

struct Flow {
  ConnectionKey key; /* a: the source */
  GList link;        /* in `recent` */
  FlowFrame *frames;
  size_t count, room;
  size_t check_at; /* how many there are when it is time to look which are needed */
  FlowRange chosen[CHOSEN_MAX];
  unsigned chosen_count; /* those beyond CHOSEN_MAX took the place of earlier ones */
  uint64_t common[COMMON_MAX];
  unsigned common_count;
  bool is_chosen; /* the connection: its common frames are, too */
  bool has_isn;
  uint32_t isn;
};

struct FlowTable {
  GHashTable *flows; /* of ConnectionKey, which lies in its Flow */
  GQueue recent;     /* last used first */
  size_t flows_max;
  uint32_t seed;
};

FlowTable *flow_table_new(size_t flows_max)
{
  FlowTable *table = g_new0(FlowTable, 1);

  table->flows = g_hash_table_new(connection_key_hash, connection_key_equal);
  table->flows_max = MAX(flows_max, (size_t) 2); /* both directions of one */
  table->seed = (uint32_t) hash_seed_new();
  return table;
}

static void drop_oldest(FlowTable *table)
{
  Flow *flow = g_queue_peek_tail(&table->recent);

  g_queue_unlink(&table->recent, &flow->link);
  g_hash_table_remove(table->flows, &flow->key);
  g_free(flow->frames);
  g_free(flow);
}

void flow_table_free(FlowTable *table)
{
  if (!table)
    return;
  while (table->recent.tail)
    drop_oldest(table);
  g_hash_table_unref(table->flows);
  g_free(table);
}

/* TCP and SCTP have ports of their own: their keys differ in the seed. */
static ConnectionKey key_of(const FlowTable *table, const FlowName *name)
{
  return (ConnectionKey){.a = name->src,
                         .b = name->dst,
                         .tunnel = name->tunnel,
                         .seed = name->is_sctp ? ~table->seed : table->seed};
}

Flow *flow_find(FlowTable *table, const FlowName *name)
{
  ConnectionKey key = key_of(table, name);

  return g_hash_table_lookup(table->flows, &key);
}

Flow *flow_of_packet(FlowTable *table, const Packet *packet)
{
  const FlowName name = {packet->src, packet->dst, packet->tunnel, packet->kind == PACKET_SCTP};
  Flow *flow = flow_find(table, &name);

  if (flow) {
    g_queue_unlink(&table->recent, &flow->link);
    g_queue_push_head_link(&table->recent, &flow->link);
    return flow;
  }
  if (table->recent.length >= table->flows_max)
    drop_oldest(table);
  flow = g_new0(Flow, 1);
  flow->key = key_of(table, &name);
  flow->link.data = flow;
  flow->check_at = CHECK_FIRST;
  g_hash_table_add(table->flows, &flow->key);
  g_queue_push_head_link(&table->recent, &flow->link);
  return flow;
}

/* Numbers wrap: what is less than half of them behind another is later (RFC 1982). */
static bool is_before(uint32_t a, uint32_t b)
{
  return (int32_t) (a - b) < 0;
}

static bool overlaps(FlowRange a, FlowRange b)
{
  return is_before(a.start, b.end) && is_before(b.start, a.end);
}

bool flow_add(Flow *flow, uint64_t frame, FlowRange range)
{
  if (flow->count == FRAMES_MAX) { /* the first half goes: nothing was made of it */
    flow->count -= FRAMES_MAX / 2;
    memmove(flow->frames, flow->frames + FRAMES_MAX / 2, flow->count * sizeof *flow->frames);
  }
  if (flow->count == flow->room) {
    flow->room = MAX(flow->room * 2, (size_t) 4);
    flow->frames = g_renew(FlowFrame, flow->frames, flow->room);
  }
  flow->frames[flow->count++] = (FlowFrame){frame, range};
  for (unsigned i = 0; i < MIN(flow->chosen_count, CHOSEN_MAX); i++)
    if (overlaps(range, flow->chosen[i]))
      return true;
  return false;
}

/* Looks through all only when they have doubled, so a flow that waits for long costs no more. */
void flow_forget(Flow *flow, uint32_t before)
{
  size_t kept = 0;

  if (flow->count < flow->check_at)
    return;
  for (size_t i = 0; i < flow->count; i++)
    if (is_before(before, flow->frames[i].range.end))
      flow->frames[kept++] = flow->frames[i];
  flow->count = kept;
  flow->check_at = CLAMP(kept * 2, (size_t) CHECK_FIRST, (size_t) FRAMES_MAX);
}

bool flow_add_common(Flow *flow, uint64_t frame)
{
  if (flow->common_count < COMMON_MAX)
    flow->common[flow->common_count++] = frame;
  return flow->is_chosen;
}

void flow_begin(Flow *flow, uint32_t isn)
{
  if (flow->has_isn && flow->isn == isn)
    return;
  flow->has_isn = true;
  flow->isn = isn;
  flow->count = 0;
  flow->chosen_count = flow->common_count = 0;
  flow->is_chosen = false;
}

static void choose_common(Flow *flow, GArray *to)
{
  if (!flow->is_chosen)
    g_array_append_vals(to, flow->common, flow->common_count);
  flow->is_chosen = true;
}

bool flow_goes_on(const Flow *flow, FlowRange range)
{
  const FlowRange *last = &flow->chosen[(flow->chosen_count - 1) % CHOSEN_MAX];

  if (flow->chosen_count > 0 && last->end == range.start)
    return true;
  return flow->has_isn && range.start == flow->isn + 1;
}

static void note_chosen(Flow *flow, FlowRange range)
{
  FlowRange *last = &flow->chosen[(flow->chosen_count - 1) % CHOSEN_MAX];
  static const uint32_t JOINED_MAX = UINT32_C(1) << 30;

  if (flow->chosen_count > 0 && last->end == range.start && range.end - last->start < JOINED_MAX) {
    last->end = range.end;
    return;
  }
  flow->chosen[flow->chosen_count++ % CHOSEN_MAX] = range;
}

void flow_choose(FlowTable *table, Flow *flow, FlowRange range, GArray *to)
{
  ConnectionKey reverse = flow->key;

  reverse.a = flow->key.b;
  reverse.b = flow->key.a;
  Flow *peer = g_hash_table_lookup(table->flows, &reverse);
  note_chosen(flow, range);
  choose_common(flow, to);
  if (peer)
    choose_common(peer, to);
  for (size_t i = 0; i < flow->count; i++)
    if (overlaps(flow->frames[i].range, range))
      g_array_append_val(to, flow->frames[i].number);
}
