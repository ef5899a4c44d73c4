/*
 * HEP as a layer: packets of version 3, one after the other, each with its length (hep.h).  What
 * was copied is a piece, whatever it is; a damaged packet is one without bytes.  After a hole the
 * next packet is looked for.
 */
#include "dissect/net/hep.h"
#include "dissect/stream/stream.h"

enum { IDLE_ROOM = 2 * 1024 };

typedef struct {
  Slice input;
  GByteArray *held;     /* of a packet that comes in parts, as far as it is here */
  GByteArray *unpacked; /* the payload of the last packet, if it was changed */
  HepPacket packet;     /* the last one */
  bool is_held_used;    /* it lies in `held` */
  bool is_lost;         /* it is not known where the next packet begins */
  bool is_cut;          /* nothing more of the held packet comes */
} Hep;

static void begin(StreamStage *stage)
{
  Hep *hep = stage->state;

  hep->held = g_byte_array_new();
  hep->unpacked = g_byte_array_new();
  hep->is_lost = !stage->at_start;
}

static void clear(StreamStage *stage)
{
  Hep *hep = stage->state;

  g_byte_array_unref(hep->held);
  g_byte_array_unref(hep->unpacked);
}

/* Its room is freed when much of it is not needed. */
static void empty(GByteArray **array)
{
  if ((*array)->len > IDLE_ROOM) {
    g_byte_array_unref(*array);
    *array = g_byte_array_new();
  }
  g_byte_array_set_size(*array, 0);
}

static Slice held_bytes(const Hep *hep)
{
  return slice_of((const char *) hep->held->data, hep->held->len);
}

static void drop_held(Hep *hep)
{
  empty(&hep->held);
  hep->is_held_used = hep->is_cut = false;
}

static void feed(StreamStage *stage, Slice bytes)
{
  Hep *hep = stage->state;

  if (hep->is_held_used)
    drop_held(hep);
  empty(&hep->unpacked);
  hep->input = bytes;
}

/* What is held of a packet is given as it is. */
static void gap(StreamStage *stage, uint64_t len)
{
  Hep *hep = stage->state;

  (void) len;
  if (hep->is_held_used)
    drop_held(hep);
  hep->input = SLICE_NONE;
  hep->is_lost = true;
  hep->is_cut = hep->held->len > 0;
}

static void skip(StreamStage *stage, size_t len)
{
  Hep *hep = stage->state;

  stage->stream->skipped += len;
  hep->input = slice_from(hep->input, len);
}

/* The few bytes that are held begin no packet after all: one may begin after the first of them. */
static void lose_way(StreamStage *stage)
{
  Hep *hep = stage->state;
  size_t at = 1 + hep3_find(slice_from(held_bytes(hep), 1));

  stage->stream->skipped += at;
  g_byte_array_remove_range(hep->held, 0, (guint) at);
  hep->is_lost = hep->held->len == 0;
}

static bool find_packet(StreamStage *stage)
{
  Hep *hep = stage->state;

  if (!hep->is_lost)
    return true;
  skip(stage, hep3_find(hep->input));
  hep->is_lost = hep->input.len == 0;
  return !hep->is_lost;
}

/* Takes bytes of the input until so many are held. */
static bool hold_until(Hep *hep, size_t len)
{
  Slice part = slice_head(hep->input, len - MIN(len, hep->held->len));

  if (part.len > 0)
    g_byte_array_append(hep->held, (const guint8 *) part.data, (guint) part.len);
  hep->input = slice_from(hep->input, part.len);
  return hep->held->len >= len;
}

/* The bytes of the next packet, in the input or held; false when there is none, or `*ret_bytes` is
 * none. */
static bool gather(StreamStage *stage, Slice *ret_bytes)
{
  Hep *hep = stage->state;

  if (hep->held->len == 0 && hep->input.len >= HEP3_SHOWN && hep3_begins(hep->input)) {
    size_t len = hep3_len(hep->input);
    if (len <= hep->input.len) {
      *ret_bytes = slice_head(hep->input, len);
      hep->input = slice_from(hep->input, len);
      return true;
    }
  }
  if (!hold_until(hep, HEP3_SHOWN))
    return false;
  if (!hep3_begins(held_bytes(hep))) {
    *ret_bytes = SLICE_NONE;
    return true;
  }
  if (!hold_until(hep, hep3_len(held_bytes(hep))))
    return false;
  hep->is_held_used = true;
  *ret_bytes = held_bytes(hep);
  return true;
}

static StreamPiece piece_of(StreamStage *stage, Slice bytes)
{
  Hep *hep = stage->state;
  bool is_read =
    hep3_read(bytes, hep->is_cut, &hep->packet) && hep_unpack(&hep->packet, hep->unpacked);

  hep->packet.sender = stage->stream->tcp->src;
  return (StreamPiece){.octets = is_read ? hep->packet.payload : SLICE_NONE,
                       .from_input = is_read && !hep->is_held_used && hep->unpacked->len == 0,
                       .cut = hep->packet.cut,
                       .copy = &hep->packet,
                       .left = hep->input.len};
}

static bool next(StreamStage *stage, StreamPiece *ret_piece)
{
  Hep *hep = stage->state;
  Slice bytes;

  if (hep->is_held_used)
    drop_held(hep);
  if (hep->is_cut) {
    hep->is_held_used = true;
    *ret_piece = piece_of(stage, held_bytes(hep));
    return true;
  }
  for (;;) {
    if (!find_packet(stage) || !gather(stage, &bytes))
      return false;
    if (bytes.data) {
      *ret_piece = piece_of(stage, bytes);
      return true;
    }
    lose_way(stage);
  }
}

static uint64_t pending(const StreamStage *stage)
{
  const Hep *hep = stage->state;

  return hep->held->len > 0 && !hep->is_held_used ? UINT64_MAX : 0;
}

static size_t kept(const StreamStage *stage)
{
  const Hep *hep = stage->state;

  return hep->held->len + hep->unpacked->len;
}

const StreamLayer STREAM_HEP = {
  .state_size = sizeof(Hep),
  .begin = begin,
  .feed = feed,
  .gap = gap,
  .next = next,
  .pending = pending,
  .kept = kept,
  .clear = clear,
};
