#include "dissect/net/sctp.h"

#include "capture/hash.h"
#include "capture/reader.h"

/* --- Fragments -------------------------------------------------------------------------------- */

/*
 * Fragments of user messages of one direction, until a message is whole.  Fragments of a DATA
 * message have consecutive TSNs (RFC 9260 6.9), those of an I-DATA message consecutive fragment
 * numbers of their own (RFC 8260 2.1): `order` is the one or the other, `group` distinguishes
 * I-DATA messages and is 0 for DATA.  Sorted by both; bounded in number.
 */
enum { PART_END = 1, PART_BEGIN = 2, PART_UNORDERED = 4 };

typedef struct {
  uint64_t group;
  int64_t order;
  uint32_t tsn;
  uint16_t stream, sequence;
  uint8_t flags; /* PART_... */
  bool cut;      /* the snap length took its end */
  int64_t seen_ns;
  uint64_t frame;
  int64_t time_ns;
  uint16_t ip_id;
} PartHead;

typedef struct {
  PartHead head;
  size_t len;
  char octets[];
} Part;

/* Zeroed it is empty. */
typedef struct {
  Part **parts;
  size_t count, room;
  size_t bytes; /* with what the parts cost themselves */
} Parts;

/* Consecutive fragments that begin a message: parts[first] to parts[end - 1]. */
typedef struct {
  size_t first, end;
  bool whole; /* they end it, too */
} Run;

enum {
  PARTS_MAX = 2048, /* of one direction */
  PART_COST = sizeof(Part) + 16,
};

static bool parts_is_full(const Parts *parts)
{
  return parts->count >= PARTS_MAX;
}

/* Index of the first part that is not before. */
static size_t find_part(const Parts *parts, uint64_t group, int64_t order)
{
  size_t low = 0, high = parts->count;

  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const Part *part = parts->parts[middle];

    if (part->head.group < group || (part->head.group == group && part->head.order < order))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Adds a copy; *ret_index says where.  False when it was there. */
static bool parts_add(Parts *parts, const PartHead *head, Slice octets, size_t *ret_index)
{
  size_t index = find_part(parts, head->group, head->order);
  const Part *there = index < parts->count ? parts->parts[index] : NULL;

  if (there && there->head.group == head->group && there->head.order == head->order)
    return false;
  if (parts->count == parts->room) {
    parts->room = MAX(parts->room * 2, (size_t) 8);
    parts->parts = g_renew(Part *, parts->parts, parts->room);
  }
  Part *part = g_malloc(sizeof *part + octets.len);
  part->head = *head;
  part->len = octets.len;
  memcpy(part->octets, octets.data, octets.len);
  memmove(parts->parts + index + 1, parts->parts + index, (parts->count - index) * sizeof(Part *));
  parts->parts[index] = part;
  parts->count++;
  parts->bytes += PART_COST + octets.len;
  *ret_index = index;
  return true;
}

static bool is_followed_by(const Part *part, const Part *next)
{
  return next->head.group == part->head.group && next->head.order == part->head.order + 1 &&
         next->head.stream == part->head.stream && next->head.sequence == part->head.sequence &&
         !((next->head.flags ^ part->head.flags) & PART_UNORDERED) &&
         !(part->head.flags & PART_END) && !(next->head.flags & PART_BEGIN);
}

/* The fragments around `index`, if they begin with the first of a message. */
static bool parts_run(const Parts *parts, size_t index, Run *ret_run)
{
  size_t first = index, end = index + 1;

  while (first > 0 && is_followed_by(parts->parts[first - 1], parts->parts[first]))
    first--;
  if (!(parts->parts[first]->head.flags & PART_BEGIN))
    return false;
  while (end < parts->count && is_followed_by(parts->parts[end - 1], parts->parts[end]))
    end++;
  *ret_run = (Run){first, end, parts->parts[end - 1]->head.flags & PART_END};
  return true;
}

/* Frees the fragments from `first` to `end`. */
static void parts_remove(Parts *parts, size_t first, size_t end)
{
  for (size_t i = first; i < end; i++) {
    parts->bytes -= PART_COST + parts->parts[i]->len;
    g_free(parts->parts[i]);
  }
  if (end < parts->count)
    memmove(parts->parts + first, parts->parts + end, (parts->count - end) * sizeof(Part *));
  parts->count -= end - first;
}

/* --- Associations ----------------------------------------------------------------------------- */

enum {
  CHUNK_DATA = 0,
  CHUNK_INIT = 1,
  CHUNK_INIT_ACK = 2,
  CHUNK_I_DATA = 64,
};

enum {
  TSN_FAR = 64 * 1024, /* further off than that is another association */
};

/* One direction of one association. */
typedef struct {
  ConnectionKey key; /* a: the source */
  Parts parts;
  GList link;      /* in `recent` or `closing` */
  GList wait_link; /* in `waiting` */
  bool waits;
  bool ending;      /* all parts are given up */
  int64_t since_ns; /* when waits */
  bool has_tsn;
  int64_t tsn;                     /* the highest; its low 32 bits are the number */
  uint64_t seen[SCTP_WINDOW / 64]; /* bit per TSN, in a ring */
} SctpWay;

/* A DATA or I-DATA chunk. */
typedef struct {
  uint32_t tsn;
  PartHead head;
  Slice octets;
} Chunk;

struct SctpTable {
  SctpLimits limits;
  GHashTable *ways; /* of ConnectionKey, which lies in its SctpWay */
  GQueue recent;    /* those in the table, last used first */
  GQueue closing;   /* taken out of the table, parts still to be handed over */
  GQueue waiting;   /* those with parts, the first to be looked at first */
  int64_t now_ns;
  size_t bytes;
  uint32_t seed;
  const Packet *packet; /* whose chunks are read */
  SctpWay *way;         /* of it */
  Reader chunks;
  GByteArray *whole; /* the message given last */
};

SctpTable *sctp_table_new(SctpLimits limits)
{
  SctpTable *table = g_new0(SctpTable, 1);

  table->limits = limits;
  table->limits.associations = MAX(limits.associations, (size_t) 1);
  table->ways = g_hash_table_new(connection_key_hash, connection_key_equal);
  table->seed = (uint32_t) hash_seed_new();
  table->whole = g_byte_array_new();
  return table;
}

static void ways_free(GQueue *queue)
{
  for (GList *link; (link = g_queue_pop_head_link(queue));) {
    SctpWay *way = link->data;
    Parts *parts = &way->parts;
    for (size_t i = 0; i < parts->count; i++)
      g_free(parts->parts[i]);
    g_free(parts->parts);
    *parts = (Parts){0};
    g_free(way);
  }
}

void sctp_table_free(SctpTable *table)
{
  if (!table)
    return;
  ways_free(&table->recent);
  ways_free(&table->closing);
  g_hash_table_unref(table->ways);
  g_byte_array_unref(table->whole);
  g_free(table);
}

static void way_close(SctpTable *table, SctpWay *way)
{
  g_hash_table_remove(table->ways, &way->key);
  g_queue_unlink(&table->recent, &way->link);
  g_queue_push_tail_link(&table->closing, &way->link);
  way->ending = true;
}

static SctpWay *way_of(SctpTable *table, const Packet *packet)
{
  ConnectionKey key = {packet->src, packet->dst, packet->tunnel, table->seed};
  SctpWay *way = g_hash_table_lookup(table->ways, &key);

  if (way) {
    g_queue_unlink(&table->recent, &way->link);
    g_queue_push_head_link(&table->recent, &way->link);
    return way;
  }
  if (g_hash_table_size(table->ways) >= table->limits.associations)
    way_close(table, g_queue_peek_tail(&table->recent));
  way = g_new0(SctpWay, 1);
  way->key = key;
  way->link.data = way->wait_link.data = way;
  g_hash_table_add(table->ways, &way->key);
  g_queue_push_head_link(&table->recent, &way->link);
  return way;
}

static void set_clock(SctpTable *table, int64_t now_ns)
{
  table->now_ns = CLAMP(now_ns, 0, INT64_MAX / 4);
}

void sctp_feed(SctpTable *table, const Packet *packet)
{
  set_clock(table, packet->time_ns);
  table->packet = packet;
  table->chunks = reader_of(packet->payload.data, packet->payload.len);
  table->way = way_of(table, packet);
}

void sctp_expire(SctpTable *table, int64_t now_ns)
{
  table->packet = NULL;
  table->way = NULL;
  if (now_ns != INT64_MAX)
    set_clock(table, now_ns);
  while (now_ns == INT64_MAX && table->recent.tail)
    way_close(table, table->recent.tail->data);
}

static void wait_stop(SctpTable *table, SctpWay *way)
{
  if (way->waits)
    g_queue_unlink(&table->waiting, &way->wait_link);
  way->waits = false;
}

static void wait_start(SctpTable *table, SctpWay *way)
{
  wait_stop(table, way);
  way->waits = true;
  way->since_ns = table->now_ns;
  g_queue_push_tail_link(&table->waiting, &way->wait_link);
}

/* Notes that the TSN came; false when it came before, or is too old to know. */
static bool note_tsn(SctpWay *way, uint32_t tsn)
{
  int32_t further = (int32_t) (tsn - (uint32_t) way->tsn);

  if (!way->has_tsn || further > TSN_FAR || further < -TSN_FAR) {
    memset(way->seen, 0, sizeof way->seen);
    way->has_tsn = true;
    way->tsn = (INT64_C(1) << 32) + tsn;
    further = 0;
  }
  if (further <= -SCTP_WINDOW)
    return false;
  if (further >= SCTP_WINDOW)
    memset(way->seen, 0, sizeof way->seen);
  for (int32_t i = 1; i <= further && further < SCTP_WINDOW; i++) {
    uint64_t bit = (uint64_t) (way->tsn + i) % SCTP_WINDOW;
    way->seen[bit / 64] &= ~(UINT64_C(1) << bit % 64);
  }
  int64_t at = way->tsn + further;
  uint64_t bit = (uint64_t) at % SCTP_WINDOW, mask = UINT64_C(1) << bit % 64;
  bool is_new = !(way->seen[bit / 64] & mask);
  way->seen[bit / 64] |= mask;
  way->tsn = MAX(way->tsn, at);
  return is_new;
}

/* A new association begins with that TSN, unless the chunk was sent again (RFC 9260 5.1). */
static void read_init(SctpWay *way, Reader value)
{
  reader_skip(&value, 4 + 4 + 2 + 2); /* tag, window, streams */
  uint32_t tsn = reader_u32(&value);
  int32_t ago = (int32_t) ((uint32_t) way->tsn - tsn);

  if (!value.failed && way->has_tsn && (ago < 0 || ago >= SCTP_WINDOW))
    way->has_tsn = false;
}

static bool read_data(Reader value, uint8_t type, uint8_t flags, Chunk *ret_chunk)
{
  Chunk chunk = {.tsn = reader_u32(&value), .head = {.flags = flags & 7}};

  chunk.head.stream = reader_u16(&value);
  if (type == CHUNK_DATA) {
    chunk.head.sequence = reader_u16(&value);
    reader_skip(&value, 4); /* RFC 4168: the payload protocol means nothing */
  } else {
    reader_skip(&value, 2);
    uint64_t message = reader_u32(&value);
    uint32_t fragment = reader_u32(&value); /* the payload protocol in the first one */
    chunk.head.group = UINT64_C(1) << 63 | (uint64_t) (flags & PART_UNORDERED) << 48 |
                       (uint64_t) chunk.head.stream << 32 | message;
    chunk.head.order = flags & PART_BEGIN ? 0 : fragment;
  }
  chunk.octets = reader_rest(&value);
  if (value.failed || chunk.octets.len == 0)
    return false;
  *ret_chunk = chunk;
  return true;
}

/* Makes the range as wide as to hold that TSN, too. */
static void range_add(uint32_t tsn, uint32_t *first, uint32_t *end)
{
  if ((int32_t) (tsn - *first) < 0)
    *first = tsn;
  if ((int32_t) (tsn + 1 - *end) > 0)
    *end = tsn + 1;
}

typedef struct {
  uint8_t type, flags;
  bool cut; /* the snap length took its end */
  Reader value;
} RawChunk;

/* The next chunk of any type (RFC 9260 3.2); false at the end, and where lengths are wrong. */
static bool take_chunk(Reader *r, const Packet *packet, RawChunk *ret_chunk)
{
  enum { HEADER = 4, ALIGN = 4 };

  if (reader_left(r) < HEADER)
    return false;
  ret_chunk->type = reader_u8(r);
  ret_chunk->flags = reader_u8(r);
  size_t len = reader_u16(r);
  bool cut = len >= HEADER && len - HEADER > reader_left(r);
  if (len < HEADER || (cut && !packet->cut))
    return false;
  len = cut ? reader_left(r) : len - HEADER;
  ret_chunk->cut = cut;
  ret_chunk->value = reader_of(reader_take(r, len), len);
  reader_skip(r, MIN(reader_left(r), (ALIGN - len % ALIGN) % ALIGN));
  return true;
}

/* The next DATA or I-DATA chunk of the packet; false at its end. */
static bool next_chunk(SctpTable *table, Chunk *ret_chunk)
{
  RawChunk raw;

  while (take_chunk(&table->chunks, table->packet, &raw)) {
    if (raw.type == CHUNK_INIT || raw.type == CHUNK_INIT_ACK)
      read_init(table->way, raw.value);
    if ((raw.type == CHUNK_DATA || raw.type == CHUNK_I_DATA) &&
        read_data(raw.value, raw.type, raw.flags, ret_chunk)) {
      ret_chunk->head.cut = raw.cut;
      return true;
    }
  }
  return false;
}

bool sctp_packet_tsns(const Packet *packet, uint32_t *ret_first, uint32_t *ret_end)
{
  Reader r = reader_of(packet->payload.data, packet->payload.len);
  uint32_t first = 0, end = 0;
  bool any = false;
  RawChunk raw;
  Chunk chunk;

  while (take_chunk(&r, packet, &raw)) {
    if ((raw.type != CHUNK_DATA && raw.type != CHUNK_I_DATA) ||
        !read_data(raw.value, raw.type, raw.flags, &chunk))
      continue;
    if (!any)
      first = end = chunk.tsn;
    any = true;
    range_add(chunk.tsn, &first, &end);
  }
  if (!any)
    return false;
  *ret_first = first;
  *ret_end = end;
  return true;
}

static SctpMessage whole_message(const SctpWay *way)
{
  return (SctpMessage){.src = way->key.a, .dst = way->key.b, .tunnel = way->key.tunnel};
}

/* Puts the fragments together and takes them out. */
static SctpMessage message_of_run(SctpTable *table, SctpWay *way, Run run)
{
  SctpMessage message = whole_message(way);
  size_t before = way->parts.bytes;

  bool hole = false;
  message.tsn = message.tsn_end = way->parts.parts[run.first]->head.tsn;
  g_byte_array_set_size(table->whole, 0);
  for (size_t i = run.first; i < run.end; i++) {
    const Part *part = way->parts.parts[i];
    size_t len = hole ? 0 : MIN(part->len, table->limits.message_bytes - table->whole->len);
    g_byte_array_append(table->whole, (const guint8 *) part->octets, (guint) len);
    hole |= part->head.cut || len < part->len;
    range_add(part->head.tsn, &message.tsn, &message.tsn_end);
    if (part->head.frame >= message.frame) {
      message.frame = part->head.frame;
      message.time_ns = part->head.time_ns;
      message.ip_id = part->head.ip_id;
    }
  }
  parts_remove(&way->parts, run.first, run.end);
  table->bytes -= before - way->parts.bytes;
  message.cut = hole || !run.whole;
  message.octets = slice_of((const char *) table->whole->data, table->whole->len);
  return message;
}

/* Keeps a fragment; true when that makes a message whole. */
static bool keep_part(SctpTable *table, Chunk *chunk, SctpMessage *ret_message)
{
  const Packet *packet = table->packet;
  SctpWay *way = table->way;
  size_t before = way->parts.bytes, index;
  Run run;

  if (chunk->head.group == 0)
    chunk->head.order = way->tsn + (int32_t) (chunk->tsn - (uint32_t) way->tsn);
  chunk->head.tsn = chunk->tsn;
  chunk->head.seen_ns = table->now_ns;
  chunk->head.frame = packet->frame;
  chunk->head.time_ns = packet->time_ns;
  chunk->head.ip_id = packet->ip_id;
  if (!parts_add(&way->parts, &chunk->head, chunk->octets, &index))
    return false;
  table->bytes += way->parts.bytes - before;
  if (!way->waits)
    wait_start(table, way);
  if (!parts_run(&way->parts, index, &run) || !run.whole)
    return false;
  *ret_message = message_of_run(table, way, run);
  return true;
}

/* Gives up what has waited too long: the next message that at least began. */
static bool give_up(SctpTable *table, SctpWay *way, SctpMessage *ret_message)
{
  int64_t limit = table->now_ns - table->limits.wait_ns;
  bool all = way->ending || parts_is_full(&way->parts) || table->bytes > table->limits.bytes;

  for (size_t i = way->parts.count; i-- > 0;) {
    const Part *part = way->parts.parts[i];
    Run run;
    if (!all && part->head.seen_ns > limit && part->head.seen_ns <= table->now_ns)
      continue;
    if (parts_run(&way->parts, i, &run)) {
      *ret_message = message_of_run(table, way, run);
      return true;
    }
    size_t before = way->parts.bytes;
    parts_remove(&way->parts, i, i + 1);
    table->bytes -= before - way->parts.bytes;
  }
  if (way->parts.count > 0)
    wait_start(table, way);
  else
    wait_stop(table, way);
  return false;
}

/* What must be given up: of the ways that are closing, that are too full, or waited too long. */
static bool next_given_up(SctpTable *table, SctpMessage *ret_message)
{
  SctpWay *way;

  while ((way = g_queue_peek_head(&table->closing))) {
    if (give_up(table, way, ret_message))
      return true;
    wait_stop(table, way);
    g_queue_unlink(&table->closing, &way->link);
    g_free(way->parts.parts);
    g_free(way);
  }
  if (table->way && parts_is_full(&table->way->parts) && give_up(table, table->way, ret_message))
    return true;
  while ((way = g_queue_peek_head(&table->waiting))) {
    bool due = table->now_ns - way->since_ns >= table->limits.wait_ns ||
               way->since_ns > table->now_ns || table->bytes > table->limits.bytes;
    if (!due)
      return false;
    if (give_up(table, way, ret_message))
      return true;
  }
  return false;
}

bool sctp_next(SctpTable *table, SctpMessage *ret_message)
{
  enum { WHOLE = PART_BEGIN | PART_END };
  Chunk chunk;

  for (;;) {
    if (next_given_up(table, ret_message))
      return true;
    if (!table->packet || !next_chunk(table, &chunk)) {
      table->packet = NULL;
      return false;
    }
    if (!note_tsn(table->way, chunk.tsn))
      continue;
    if ((chunk.head.flags & WHOLE) == WHOLE) {
      const Packet *packet = table->packet;
      SctpMessage message = whole_message(table->way);
      message.octets = chunk.octets;
      message.from_packet = true;
      message.in_frame = packet->in_frame;
      message.ref = packet->ref + (uint64_t) (chunk.octets.data - packet->payload.data);
      message.cut = chunk.head.cut;
      message.tsn = chunk.tsn;
      message.tsn_end = chunk.tsn + 1;
      message.frame = packet->frame;
      message.time_ns = packet->time_ns;
      message.ip_id = packet->ip_id;
      *ret_message = message;
      return true;
    }
    if (keep_part(table, &chunk, ret_message))
      return true;
  }
}
