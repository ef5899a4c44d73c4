/* SIP as a layer: bytes in which messages are found (RFC 3261 18.3), or one message a piece. */
#include "dissect/net/hep.h"
#include "dissect/sip/sip_msg.h"
#include "dissect/stream/sip_frame.h"
#include "dissect/stream/stream.h"
#include "dissect/stream/websocket.h"

typedef struct {
  SipFramer framer;
  bool found;       /* there was a message */
  bool after_hole;  /* what is before the next message may be the rest of another */
  bool in_hole;     /* the same of the message after that: the next one lies before the hole */
  uint64_t skipped; /* since the last message */
} Sip;

static void sip_begin(StreamStage *stage)
{
  Sip *sip = stage->state;

  sip_framer_init(&sip->framer, stage->stream->message_max, stage->at_start);
  sip->after_hole = !stage->at_start;
}

static void take_skipped(StreamStage *stage)
{
  Sip *sip = stage->state;

  stage->stream->skipped += sip->framer.skipped;
  sip->skipped += sip->framer.skipped;
  sip->framer.skipped = 0;
}

static void sip_clear(StreamStage *stage)
{
  Sip *sip = stage->state;

  take_skipped(stage);
  sip_framer_clear(&sip->framer);
}

/* A stream that was captured from the middle may be WebSocket, HEP or RTP: its frames show it some
 * time.  The head is what the detector has looked at already. */
static void sip_feed(StreamStage *stage, Slice bytes)
{
  Sip *sip = stage->state;
  bool is_open = sip->framer.state == SIP_FRAMER_LOST && !sip->found;
  RtpFraming framing;

  if (is_open && websocket_has_sip(bytes)) {
    stage_hand_over(stage, &STREAM_WEBSOCKET, bytes);
  } else if (!stage->at_start && bytes.len >= HEP3_SHOWN && hep3_begins(bytes)) {
    stage_hand_over(stage, &STREAM_HEP, bytes);
  } else if (is_open && !stage->at_start && !stage->on_head && bytes.len >= RTP_FRAME_HEADER &&
             rtp_guess(bytes, &framing) != RTP_GUESS_NO) {
    stage->stream->skipped += sip_framer_kept(&sip->framer);
    stage_hand_over(stage, &STREAM_DETECT, bytes);
  } else {
    sip_framer_feed(&sip->framer, bytes);
  }
}

static void sip_gap(StreamStage *stage, uint64_t len)
{
  Sip *sip = stage->state;

  sip_framer_gap(&sip->framer, len);
  if (sip->framer.state == SIP_FRAMER_PASS)
    sip->in_hole = true;
  else
    sip->after_hole = true;
}

static SipBefore before_message(Sip *sip)
{
  SipBefore before = sip->after_hole ? SIP_BEFORE_REST : SIP_BEFORE_FOREIGN;

  if (sip->skipped == 0)
    before = SIP_BEFORE_NOTHING;
  sip->after_hole = sip->in_hole;
  sip->in_hole = false;
  sip->skipped = 0;
  return before;
}

static bool sip_next(StreamStage *stage, StreamPiece *ret_piece)
{
  Sip *sip = stage->state;
  SipFrame frame;
  bool given = sip_framer_next(&sip->framer, &frame);

  take_skipped(stage);
  if (!given)
    return false;
  sip->found = true;
  *ret_piece = (StreamPiece){.octets = frame.octets,
                             .from_input = frame.from_input,
                             .cut = frame.cut,
                             .before = before_message(sip),
                             .left = sip_framer_left(&sip->framer)};
  return true;
}

static uint64_t sip_pending(const StreamStage *stage)
{
  const Sip *sip = stage->state;

  return sip->framer.state == SIP_FRAMER_LOST ? sip_framer_kept(&sip->framer) : UINT64_MAX;
}

static size_t sip_kept(const StreamStage *stage)
{
  const Sip *sip = stage->state;

  return sip_framer_kept(&sip->framer);
}

const StreamLayer STREAM_SIP = {
  .state_size = sizeof(Sip),
  .begin = sip_begin,
  .feed = sip_feed,
  .gap = sip_gap,
  .next = sip_next,
  .pending = sip_pending,
  .kept = sip_kept,
  .clear = sip_clear,
};

/* One message a piece, as in WebSocket (RFC 7118 5). */
typedef struct {
  StreamPiece piece;
  bool is_there;
} Single;

static void single_feed(StreamStage *stage, Slice bytes)
{
  Single *single = stage->state;

  /* else a keep-alive (RFC 7118 6), or another subprotocol */
  single->is_there = sip_msg_is_likely(bytes) && !sip_begins_inside(bytes);
  single->piece = (StreamPiece){.octets = bytes, .from_input = true, .cut = stage->cut};
}

static bool single_next(StreamStage *stage, StreamPiece *ret_piece)
{
  Single *single = stage->state;

  if (!single->is_there)
    return false;
  single->is_there = false;
  *ret_piece = single->piece;
  return true;
}

const StreamLayer STREAM_SIP_MESSAGES = {
  .state_size = sizeof(Single),
  .feed = single_feed,
  .next = single_next,
};
