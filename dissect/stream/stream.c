#include "dissect/stream/stream.h"

/* Stages of one stream; more than protocols are put into each other on purpose. */
enum { DEPTH_MAX = 6 };

/* --- Stages --------------------------------------------------------------------------------- */

void stage_head_add(StreamStage *stage, Slice bytes)
{
  size_t len = stage->head_len + bytes.len;

  if (len > stage->head_room) {
    stage->head_room = len + len / 2;
    stage->head = g_realloc(stage->head, stage->head_room);
  }
  if (bytes.len > 0)
    memcpy(stage->head + stage->head_len, bytes.data, bytes.len);
  stage->head_len = len;
}

void stage_head_clear(StreamStage *stage)
{
  g_free(stage->head);
  stage->head = NULL;
  stage->head_len = stage->head_room = 0;
}

void stage_head_set(StreamStage *stage, Slice bytes)
{
  bool in_head =
    stage->head_len > 0 && bytes.data >= stage->head && bytes.data <= stage->head + stage->head_len;

  if (!in_head) {
    stage->head_len = 0;
    stage_head_add(stage, bytes);
    return;
  }
  memmove(stage->head, bytes.data, bytes.len);
  stage->head_len = bytes.len;
}

/* Frees the stages above, and the layer's state. */
static void stage_strip(StreamStage *stage)
{
  if (stage->above) {
    stage_strip(stage->above);
    stage_head_clear(stage->above);
    g_free(stage->above);
  }
  stage->above = NULL;
  if (stage->layer->clear)
    stage->layer->clear(stage);
  g_free(stage->state);
  stage->state = NULL;
}

static unsigned height_of(const StreamStage *stage)
{
  unsigned height = 1;

  for (; stage->below; stage = stage->below)
    height++;
  return height;
}

static Transport transport_in(const StreamLayer *layer, Transport below)
{
  if (!layer->transport)
    return below;
  return layer->transport == TRANSPORT_WS && below == TRANSPORT_TLS ? TRANSPORT_WSS
                                                                    : layer->transport;
}

/* The stage has no layer yet, or its layer has been stripped. */
static void stage_set_layer(StreamStage *stage, const StreamLayer *layer)
{
  if (layer->above && height_of(stage) == DEPTH_MAX)
    layer = &STREAM_IGNORED;
  stage->layer = layer;
  stage->transport = transport_in(layer, stage->below ? stage->below->transport : TRANSPORT_TCP);
  stage->state = layer->state_size > 0 ? g_malloc0(layer->state_size) : NULL;
  if (layer->begin)
    layer->begin(stage);
  if (!layer->above)
    return;
  if (!stage->below)
    stage->stream->piece_until = stage->stream->since;
  stage->above = g_new0(StreamStage, 1);
  stage->above->stream = stage->stream;
  stage->above->below = stage;
  stage->above->at_start = stage->at_start;
  stage_set_layer(stage->above, layer->above);
}

void stage_hand_over(StreamStage *stage, const StreamLayer *layer, Slice bytes)
{
  stage_strip(stage);
  stage_set_layer(stage, layer);
  stage->layer->feed(stage, bytes);
}

void stage_restart(StreamStage *stage, Slice rest)
{
  enum { RESTARTS_MAX = 4 };

  stage_skip(stage, rest.len);
  if (stage->stream->restarts++ == RESTARTS_MAX) {
    stage_head_clear(stage);
    stage_hand_over(stage, &STREAM_IGNORED, SLICE_NONE);
    return;
  }
  if (stage->head_len > 0) { /* the detector takes the whole head for its own */
    stage_head_set(stage, rest);
    stage->on_head = false;
    rest = SLICE_NONE;
  }
  stage_hand_over(stage, &STREAM_DETECT, rest);
}

void stage_skip(StreamStage *stage, size_t left)
{
  if (!stage->below)
    stage->stream->since = left;
}

const StreamStage *stage_peer(const StreamStage *stage)
{
  const Stream *stream = stage->stream->tcp->peer->user;
  const StreamStage *peer = stream ? &stream->bottom : NULL;

  for (; peer && stage->below; stage = stage->below)
    peer = peer->above;
  return peer;
}

static void stage_feed(StreamStage *stage, Slice bytes)
{
  if (stage->on_head) {
    stage->on_head = false;
    stage_head_clear(stage);
  }
  stage->layer->feed(stage, bytes);
}

static void stage_gap(StreamStage *stage, uint64_t len)
{
  stage->over |= len == STREAM_REST;
  if (stage->layer->gap)
    stage->layer->gap(stage, len);
}

static uint64_t stage_pending(const StreamStage *stage)
{
  return stage->layer->pending ? stage->layer->pending(stage) : 0;
}

/* --- The stream ----------------------------------------------------------------------------- */

Stream *stream_new(const TcpStream *tcp, size_t message_max)
{
  Stream *stream = g_new0(Stream, 1);

  stream->tcp = tcp;
  stream->message_max = message_max;
  stream->bottom.stream = stream;
  stream->bottom.at_start = tcp->from_syn;
  stream->bottom.in_place = true;
  stage_set_layer(&stream->bottom, &STREAM_DETECT);
  return stream;
}

void stream_free(Stream *stream)
{
  if (!stream)
    return;
  stage_strip(&stream->bottom);
  stage_head_clear(&stream->bottom);
  tls_session_unref(stream->tls);
  if (stream->marks)
    g_array_unref(stream->marks);
  g_free(stream);
}

void stream_feed(Stream *stream, Slice bytes)
{
  stream->since += bytes.len;
  stream->fed += bytes.len;
  stream->piece_until += bytes.len;
  stream->in_opening = false;
  stage_feed(&stream->bottom, bytes);
}

void stream_gap(Stream *stream, uint64_t len)
{
  if (len != STREAM_REST) {
    stream->since += len;
    stream->fed += len;
    stream->piece_until += len;
  }
  stage_gap(&stream->bottom, len);
}

/* Only the last `pending` bytes that were fed can be part of a message to come, unless a stage
 * above the lowest has the beginning of one. */
static void settle(Stream *stream, uint64_t pending)
{
  for (const StreamStage *stage = stream->bottom.above; stage; stage = stage->above)
    if (stage_pending(stage) > 0)
      return;
  stream->since = MIN(stream->since, pending);
}

/* What the stages above the lowest have left is of a piece that the next message may be in, too. */
static uint64_t end_of_message(const Stream *stream)
{
  for (const StreamStage *stage = stream->bottom.above; stage; stage = stage->above)
    if (stage->left > 0)
      return stream->piece_since;
  return stream->piece_until;
}

static void feed_above(StreamStage *stage, const StreamPiece *piece)
{
  StreamStage *above = stage->above;
  Stream *stream = stage->stream;

  if (!stage->below) {
    settle(stream, stream->piece_until);
    stream->piece_since = stream->piece_until;
    stream->piece_until = piece->left;
  }
  if (piece->gap > 0)
    stage_gap(above, piece->gap);
  above->in_place = stage->in_place && piece->from_input && !stage->on_head;
  above->cut = piece->cut;
  above->left = piece->octets.len;
  stream->refers_back = piece->refers_back || (stage->below && stream->refers_back);
  if (piece->octets.len > 0)
    stage_feed(above, piece->octets);
}

uint64_t stream_begun(const Stream *stream)
{
  static const uint64_t PLACES_MAX = UINT64_C(1) << 30; /* sequence numbers wrap */

  return MIN(stream->fed, PLACES_MAX);
}

static StreamMessage message_of(StreamStage *stage, const StreamPiece *piece)
{
  Stream *stream = stage->stream;
  StreamMessage message = {.octets = piece->octets,
                           .from_input = piece->from_input && stage->in_place && !stage->on_head,
                           .cut = piece->cut,
                           .is_media = stage->layer->is_media,
                           .missing = piece->missing,
                           .is_plain = stage->layer == &STREAM_SIP,
                           .before = piece->before,
                           .transport = stage->transport,
                           .copy = piece->copy,
                           .refers_back = stream->refers_back,
                           .since = stream->refers_back ? stream_begun(stream) : stream->since,
                           .until = stage->below ? stream->piece_until : piece->left};

  stream->since = stage->below ? end_of_message(stream) : piece->left;
  return message;
}

/* The stage has nothing more to give: if that is all there will be, the one above is notified. */
static bool pass_end_on(StreamStage *stage)
{
  if (!stage->over || !stage->above || stage->above->over)
    return false;
  stage_gap(stage->above, STREAM_REST);
  return true;
}

static StreamStage *highest(StreamStage *stage)
{
  while (stage->above)
    stage = stage->above;
  return stage;
}

bool stream_next(Stream *stream, StreamMessage *ret_message)
{
  StreamStage *stage = highest(&stream->bottom);
  StreamPiece piece;

  for (;;) {
    if (stage->layer->next(stage, &piece)) {
      stage->left = piece.left;
      if (!stage->above) {
        *ret_message = message_of(stage, &piece);
        return true;
      }
      feed_above(stage, &piece);
      stage = highest(stage);
    } else if (pass_end_on(stage)) {
      stage = highest(stage);
    } else if (stage->below) {
      stage = stage->below;
    } else {
      settle(stream,
             stage->above ? MIN(stream->piece_until, stage_pending(stage)) : stage_pending(stage));
      return false;
    }
  }
}

size_t stream_take_back(Stream *stream)
{
  size_t len = stream->waiting;

  stream->waiting = 0;
  stream->fed -= MIN(stream->fed, (uint64_t) len);
  stream->since -= MIN(stream->since, (uint64_t) len);
  stream->piece_until -= MIN(stream->piece_until, (uint64_t) len);
  return len;
}

void stream_note_unread(Stream *stream)
{
  const Stream *peer = stream->tcp->peer->user;

  stream->encrypted += !stream->is_encrypted && !(peer && peer->is_encrypted);
  stream->is_encrypted = true;
}

void stream_ignore(Stream *stream)
{
  stream->waits = false;
  stage_head_clear(&stream->bottom);
  stream->bottom.on_head = false;
  stage_hand_over(&stream->bottom, &STREAM_IGNORED, SLICE_NONE);
  stream->since = 0;
}

bool stream_may_be_media(const Stream *stream)
{
  const StreamStage *bottom = &stream->bottom;
  RtpFraming framing;

  return bottom->layer == &STREAM_DETECT && bottom->head_len > 0 &&
         rtp_guess(stage_head(bottom), &framing) == RTP_GUESS_MORE;
}

size_t stream_kept(const Stream *stream)
{
  size_t kept = 0;

  for (const StreamStage *stage = &stream->bottom; stage; stage = stage->above)
    kept += stage->head_len + (stage->layer->kept ? stage->layer->kept(stage) : 0);
  return kept;
}
