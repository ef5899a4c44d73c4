#include "dissect/pick/early_frames.h"

#include "capture/hash.h"

/* Longer before the media they may be of an earlier call on the same ports. */
static const int64_t EARLY_NS = INT64_C(60) * 1000 * 1000 * 1000;

typedef struct {
  uint64_t number;
  int64_t time_ns;
} EarlyFrame;

typedef struct {
  ConnectionKey key; /* first: the table finds it by that; the lower endpoint is `a` */
  GList link;        /* in `recent` */
  EarlyFrame frames[EARLY_FRAMES_MAX]; /* a ring */
  size_t count;                        /* so far */
} Pair;

struct EarlyFrames {
  GHashTable *pairs; /* of ConnectionKey, in Pair */
  GQueue recent;     /* last used first */
  size_t pairs_max;
  uint32_t seed;
};

EarlyFrames *early_frames_new(size_t pairs_max)
{
  EarlyFrames *early = g_new0(EarlyFrames, 1);

  early->pairs = g_hash_table_new(connection_key_hash, connection_key_equal);
  early->pairs_max = pairs_max;
  early->seed = (uint32_t) hash_seed_new();
  return early;
}

static void drop_pair(EarlyFrames *early, Pair *pair)
{
  g_queue_unlink(&early->recent, &pair->link);
  g_hash_table_remove(early->pairs, pair);
  g_free(pair);
}

void early_frames_free(EarlyFrames *early)
{
  if (!early)
    return;
  while (early->recent.head)
    drop_pair(early, early->recent.head->data);
  g_hash_table_unref(early->pairs);
  g_free(early);
}

static Pair *find_pair(const EarlyFrames *early, const Packet *packet, ConnectionKey *ret_key)
{
  bool is_back = memcmp(&packet->src, &packet->dst, sizeof packet->src) > 0;

  *ret_key = (ConnectionKey){.a = is_back ? packet->dst : packet->src,
                             .b = is_back ? packet->src : packet->dst,
                             .tunnel = packet->tunnel,
                             .seed = early->seed};
  return g_hash_table_lookup(early->pairs, ret_key);
}

static void add_frame(Pair *pair, uint64_t number, int64_t time_ns)
{
  pair->frames[pair->count++ % EARLY_FRAMES_MAX] = (EarlyFrame){number, time_ns};
}

void early_frames_add(EarlyFrames *early, const Packet *packet)
{
  ConnectionKey key;
  Pair *pair = find_pair(early, packet, &key);

  if (pair) {
    g_queue_unlink(&early->recent, &pair->link);
  } else {
    if (early->recent.length >= early->pairs_max)
      drop_pair(early, early->recent.tail->data);
    pair = g_new0(Pair, 1);
    pair->key = key;
    pair->link.data = pair;
    g_hash_table_add(early->pairs, pair);
  }
  g_queue_push_head_link(&early->recent, &pair->link);
  add_frame(pair, packet->frame, packet->time_ns);
  for (uint32_t i = 0; i < packet->frame_count; i++)
    if (packet->frames[i] != packet->frame)
      add_frame(pair, packet->frames[i], packet->time_ns);
}

void early_frames_take(EarlyFrames *early, const Packet *packet, GArray *to)
{
  ConnectionKey key;
  Pair *pair = early->recent.length > 0 ? find_pair(early, packet, &key) : NULL;

  if (!pair)
    return;
  size_t first = pair->count - MIN(pair->count, (size_t) EARLY_FRAMES_MAX);
  for (size_t i = first; i < pair->count; i++) {
    const EarlyFrame *frame = &pair->frames[i % EARLY_FRAMES_MAX];
    if (packet->time_ns - frame->time_ns < EARLY_NS)
      g_array_append_val(to, frame->number);
  }
  drop_pair(early, pair);
}
