/* The layer that every stream begins with: it finds out what the bytes are. */
#include "dissect/net/hep.h"
#include "dissect/sip/sip_msg.h"
#include "dissect/stream/stream.h"
#include "dissect/stream/websocket.h"

/* Bytes in which a stream must show what it is. */
enum { FIRST_LINE_MAX = 1024 };

/* A TLS record (RFC 8446 5.1), of any version since SSL 3.0. */
static bool is_tls(Slice bytes)
{
  const uint8_t *p = (const uint8_t *) bytes.data;

  return bytes.len >= 3 && p[0] >= 0x14 && p[0] <= 0x17 && p[1] == 3 && p[2] <= 4;
}

static Slice skip_fillers(Slice bytes)
{
  size_t at = 0;

  while (at < bytes.len && (bytes.data[at] == '\r' || bytes.data[at] == '\n'))
    at++;
  return slice_from(bytes, at);
}

static bool hep3_is_in(Slice bytes)
{
  return hep3_find(bytes) + HEP3_SHOWN <= bytes.len;
}

bool stream_can_begin(Slice bytes)
{
  RtpFraming framing;

  if (bytes.len >= RTP_FRAME_HEADER && rtp_guess(bytes, &framing) != RTP_GUESS_NO)
    return true;
  if (proxy_begins(bytes) || hep3_is_in(bytes))
    return true;
  bytes = skip_fillers(bytes);
  return bytes.len == 0 || is_tls(bytes) || websocket_has_sip(bytes) || sip_msg_is_likely(bytes) ||
         http_begins(bytes);
}

/* Has the first line come, or so much that it need not be waited for? */
static bool has_first_line(Slice bytes)
{
  return slice_find(bytes, '\n') < bytes.len || bytes.len > FIRST_LINE_MAX;
}

static bool begins_tls(const StreamStage *stage, Slice bytes)
{
  (void) stage;
  return is_tls(bytes);
}

static bool begins_websocket(const StreamStage *stage, Slice bytes)
{
  return !stage->at_start && websocket_has_sip(bytes);
}

/* Where the beginning was not captured, the first packet may come later. */
static bool begins_hep(const StreamStage *stage, Slice bytes)
{
  if (stage->at_start)
    return bytes.len >= HEP3_SHOWN && hep3_begins(bytes);
  return hep3_is_in(bytes);
}

static bool begins_media(const StreamStage *stage, Slice bytes)
{
  return media_framing(stage, bytes) != RTP_FRAMING_NONE;
}

static bool begins_http(const StreamStage *stage, Slice bytes)
{
  const StreamStage *peer = stage_peer(stage);

  bool is_peer_of_http =
    peer && peer->layer == &STREAM_HTTP && stage->stream->restarts == 0; /* no tunnel */

  bytes = skip_fillers(bytes);
  return http_begins(bytes) || (is_peer_of_http && has_first_line(bytes));
}

/* Whatever it is, SIP may be found in it later. */
static bool begins_sip(const StreamStage *stage, Slice bytes)
{
  const StreamStage *peer = stage_peer(stage);
  bool peer_is_known = peer && peer->layer != &STREAM_DETECT;
  RtpFraming framing;

  if (rtp_guess(bytes, &framing) == RTP_GUESS_MORE ||
      (bytes.len < HEP3_SHOWN && hep3_begins(bytes)))
    return false;
  bytes = skip_fillers(bytes);
  return has_first_line(bytes) || (slice_starts_with(bytes, SLICE("SIP/")) && !peer_is_known);
}

/* The first row that is right counts; none is while more bytes are needed. */
static const struct {
  bool (*begins)(const StreamStage *stage, Slice bytes);
  const StreamLayer *layer;
} BEGINNINGS[] = {
  {preface_begins, &STREAM_PREFACE},
  {begins_tls, &STREAM_TLS},
  {begins_websocket, &STREAM_WEBSOCKET},
  {begins_hep, &STREAM_HEP},
  {begins_media, &STREAM_MEDIA},
  {begins_http, &STREAM_HTTP},
  {begins_sip, &STREAM_SIP},
};

static const StreamLayer *decide(const StreamStage *stage, Slice bytes)
{
  for (size_t i = 0; i < G_N_ELEMENTS(BEGINNINGS); i++)
    if (BEGINNINGS[i].begins(stage, bytes))
      return BEGINNINGS[i].layer;
  return NULL;
}

/* First bytes that came in parts: the head has them all once they show what they are. */
static void detect_feed(StreamStage *stage, Slice bytes)
{
  if (stage->head_len > 0) {
    stage_head_add(stage, bytes);
    bytes = stage_head(stage);
  }
  const StreamLayer *layer = decide(stage, bytes);
  if (!layer && stage->head_len == 0)
    stage_head_add(stage, bytes);
  if (!layer)
    return;
  stage->on_head = stage->head_len > 0;
  stage_hand_over(stage, layer, bytes);
}

/* A hole before the bytes have shown what they are: whatever the head is, it ends here. */
static void detect_gap(StreamStage *stage, uint64_t len)
{
  StreamPiece none;

  if (stage->head_len == 0) {
    stage->at_start = false;
    return;
  }
  stage->on_head = true;
  stage_hand_over(stage, &STREAM_SIP, stage_head(stage));
  stage->at_start = false;
  (void) stage->layer->next(stage, &none); /* the head has no whole line: there is none */
  stage->layer->gap(stage, len);
}

static bool nothing_next(StreamStage *stage, StreamPiece *ret_piece)
{
  (void) stage;
  (void) ret_piece;
  return false;
}

static uint64_t detect_pending(const StreamStage *stage)
{
  (void) stage;
  return UINT64_MAX;
}

const StreamLayer STREAM_DETECT = {
  .feed = detect_feed,
  .gap = detect_gap,
  .next = nothing_next,
  .pending = detect_pending,
};

static void ignore(StreamStage *stage, Slice bytes)
{
  (void) stage;
  (void) bytes;
}

const StreamLayer STREAM_IGNORED = {
  .feed = ignore,
  .next = nothing_next,
};
