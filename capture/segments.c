#include "capture/segments.h"

#include <stdatomic.h>

/* As many as offsets of 48 bits need.  AddressSanitizer writes an eighth as much as is allocated:
 * so neither a chunk nor the tables of chunks are large. */
enum { CHUNK_SEGMENTS = 1 << 15, CHUNKS = 1 << 17 };

static const uint32_t DROPPED = UINT32_MAX;

/* All zero: no record begins in it, and it is not held. */
typedef struct {
  uint64_t number; /* of the first record that begins in it, or of the one that goes on in it */
  uint32_t begins; /* 1 more than where in the segment that record begins; 0: none does */
  uint32_t holds;  /* or DROPPED */
} Segment;

/* Freed when all its segments were dropped. */
typedef struct {
  unsigned dropped;
  Segment segments[CHUNK_SEGMENTS];
} Chunk;

typedef struct {
  uint64_t segments; /* up to the one that has the last mark */
  uint64_t number;   /* of that record */
} Marked;

struct Segments {
  SegmentDrop drop;
  void *data;
  _Atomic(Chunk *) *chunks;
  uint64_t *numbers;            /* Segment.number of each chunk's first segment */
  Marked marked, marked_before; /* of the thread that appends, */
  _Atomic uint64_t published;   /* and marked.segments for the other */
  uint64_t next;                /* to be looked at by segments_drop_oldest */
};

/* What is never touched of the tables takes no memory. */
Segments *segments_new(SegmentDrop drop, void *data)
{
  Segments *segments = g_new0(Segments, 1);

  segments->drop = drop;
  segments->data = data;
  segments->chunks = g_new0(_Atomic(Chunk *), CHUNKS);
  segments->numbers = g_new0(uint64_t, CHUNKS);
  segments->next = 1;
  return segments;
}

void segments_free(Segments *segments)
{
  if (!segments)
    return;
  uint64_t count = MAX(segments->next, segments->marked.segments) / CHUNK_SEGMENTS + 2;
  for (uint64_t i = 0; i < MIN(count, (uint64_t) CHUNKS); i++)
    g_free(segments->chunks[i]);
  g_free(segments->chunks);
  g_free(segments->numbers);
  g_free(segments);
}

static Chunk *chunk_of(const Segments *segments, uint64_t index)
{
  return atomic_load_explicit(&segments->chunks[index / CHUNK_SEGMENTS], memory_order_acquire);
}

/* NULL if it was dropped with its chunk, or nothing is known of it. */
static Segment *segment_at(const Segments *segments, uint64_t index)
{
  Chunk *chunk = chunk_of(segments, index);

  return chunk ? &chunk->segments[index % CHUNK_SEGMENTS] : NULL;
}

/* Both threads may need a chunk first. */
static Segment *segment_make(Segments *segments, uint64_t index)
{
  Chunk *chunk = chunk_of(segments, index);

  if (!chunk) {
    Chunk *made = g_new0(Chunk, 1);
    if (atomic_compare_exchange_strong(&segments->chunks[index / CHUNK_SEGMENTS], &chunk, made))
      chunk = made;
    else
      g_free(made);
  }
  return &chunk->segments[index % CHUNK_SEGMENTS];
}

/* --- Records ---------------------------------------------------------------------------------- */

static void mark_segment(Segments *segments, uint64_t index, uint64_t number, uint32_t begins)
{
  Segment *segment = segment_make(segments, index);

  segment->number = number;
  segment->begins = begins;
  if (index % CHUNK_SEGMENTS == 0)
    segments->numbers[index / CHUNK_SEGMENTS] = number;
}

void segments_mark(Segments *segments, uint64_t offset, uint64_t number)
{
  uint64_t index = offset / SEGMENT_BYTES;

  segments->marked_before = segments->marked;
  for (uint64_t i = segments->marked.segments; i < index; i++)
    mark_segment(segments, i, segments->marked.number, 0);
  if (index >= segments->marked.segments)
    mark_segment(segments, index, number, (uint32_t) (offset % SEGMENT_BYTES) + 1);
  segments->marked = (Marked){MAX(index + 1, segments->marked.segments), number};
}

void segments_unmark(Segments *segments, uint64_t offset)
{
  uint64_t index = offset / SEGMENT_BYTES;

  if (index >= segments->marked_before.segments)
    segment_make(segments, index)->begins = 0;
  segments->marked = segments->marked_before;
}

void segments_publish(Segments *segments)
{
  atomic_store_explicit(&segments->published, segments->marked.segments, memory_order_release);
}

/* The last of `count` ascending numbers that is not above `number`; the first is not. */
static uint64_t last_not_above(const uint64_t *numbers, size_t stride, uint64_t count,
                               uint64_t number)
{
  uint64_t low = 0, high = count;

  while (high - low > 1) {
    uint64_t middle = low + (high - low) / 2;
    const void *at = (const char *) numbers + middle * stride;
    if (*(const uint64_t *) at <= number)
      low = middle;
    else
      high = middle;
  }
  return low;
}

bool segments_find(const Segments *segments, uint64_t number, uint64_t *ret_offset)
{
  uint64_t count = atomic_load_explicit(&segments->published, memory_order_acquire);

  if (count == 0 || number < segments->numbers[0])
    return false;
  uint64_t chunk =
    last_not_above(segments->numbers, sizeof(uint64_t), (count - 1) / CHUNK_SEGMENTS + 1, number);
  const Segment *first = segment_at(segments, chunk * CHUNK_SEGMENTS);
  if (!first)
    return false;
  uint64_t in_chunk = MIN(count - chunk * CHUNK_SEGMENTS, (uint64_t) CHUNK_SEGMENTS);
  uint64_t index =
    chunk * CHUNK_SEGMENTS + last_not_above(&first->number, sizeof(Segment), in_chunk, number);
  for (const Segment *segment = segment_at(segments, index);
       segment && segment->begins == 0 && index > 0; segment = segment_at(segments, index))
    index--; /* a long record goes on in it */
  const Segment *found = segment_at(segments, index);
  *ret_offset = index * SEGMENT_BYTES;
  return found && found->holds != DROPPED;
}

/* --- Holding and dropping --------------------------------------------------------------------- */

static bool is_dropped(const Segments *segments, uint64_t index)
{
  const Segment *segment = segment_at(segments, index);

  return segment ? segment->holds == DROPPED : index > 0 && index < segments->next;
}

static void drop(Segments *segments, uint64_t index)
{
  Chunk *chunk = chunk_of(segments, index);

  chunk->segments[index % CHUNK_SEGMENTS].holds = DROPPED;
  segments->drop(segments->data, index * SEGMENT_BYTES);
  if (++chunk->dropped < CHUNK_SEGMENTS)
    return;
  atomic_store(&segments->chunks[index / CHUNK_SEGMENTS], NULL);
  g_free(chunk);
}

void segments_hold(Segments *segments, uint64_t offset, uint64_t len)
{
  uint64_t last = (offset + MAX(len, 1U) - 1) / SEGMENT_BYTES;

  for (uint64_t i = offset / SEGMENT_BYTES; i <= last; i++)
    if (!is_dropped(segments, i))
      segment_make(segments, i)->holds++;
}

void segments_release(Segments *segments, uint64_t offset, uint64_t len)
{
  uint64_t last = (offset + MAX(len, 1U) - 1) / SEGMENT_BYTES;

  for (uint64_t i = offset / SEGMENT_BYTES; i <= last; i++) {
    Segment *segment = segment_at(segments, i);
    if (!segment || segment->holds == DROPPED || segment->holds == 0)
      continue;
    if (--segment->holds == 0 && i < segments->next && i > 0)
      drop(segments, i);
  }
}

bool segments_drop_oldest(Segments *segments, uint64_t end)
{
  if (segments->next >= end / SEGMENT_BYTES)
    return false;
  uint64_t index = segments->next++;
  if (segment_make(segments, index)->holds == 0)
    drop(segments, index);
  return true;
}

/* --- Reading ---------------------------------------------------------------------------------- */

uint64_t segments_gap(const Segments *segments, uint64_t offset, uint64_t end)
{
  for (uint64_t i = offset / SEGMENT_BYTES; i * SEGMENT_BYTES < end; i++)
    if (is_dropped(segments, i))
      return MAX(offset, i * SEGMENT_BYTES);
  return end;
}

uint64_t segments_resume(const Segments *segments, uint64_t offset, uint64_t end)
{
  uint64_t index = offset / SEGMENT_BYTES;

  if (offset >= end || !is_dropped(segments, index))
    return MIN(offset, end);
  while (index * SEGMENT_BYTES < end) {
    const Segment *segment = segment_at(segments, index);
    if (segment && segment->holds != DROPPED && segment->begins > 0)
      return MIN(index * SEGMENT_BYTES + segment->begins - 1, end);
    index = segment ? index + 1 : (index / CHUNK_SEGMENTS + 1) * CHUNK_SEGMENTS;
  }
  return end;
}
