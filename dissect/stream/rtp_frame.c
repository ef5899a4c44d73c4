#include "dissect/stream/rtp_frame.h"

#include <glib.h>

#include "capture/reader.h"

enum {
  GUESS_SOURCES = 4, /* SSRCs that are followed */
  GUESS_FRAMES = 32, /* in which one of them must show itself */
  GUESS_PROOF = 3,   /* packets */
  FORWARD_MAX = 50,  /* between two of them, as the sender may drop some */
};

/* --- One frame ------------------------------------------------------------------------------ */

/* RFC 3550 6.1: the length of the first packet of a compound, which has an SSRC. */
static bool is_control(Slice packet, size_t whole)
{
  Reader in = reader_of(packet.data, packet.len);

  reader_skip(&in, 2);
  return (reader_u16(&in) + 1U) * 4U <= whole && !in.failed;
}

/* May a packet begin with these bytes, of which there are few? */
static bool may_begin(Slice packet)
{
  Reader in = reader_of(packet.data, packet.len);
  uint8_t first = reader_u8(&in);

  if (in.failed || first >> 6 == RTP_VERSION || first <= 3)
    return true;
  return first >= 20 && first <= 63 && (reader_u8(&in) == 0xfe || in.failed);
}

/* `packet`: its first bytes, RTP_HEADER of them or all there are; `whole`: its length. */
static RtpFrameKind read_packet(Slice packet, size_t whole, RtpFrame *frame)
{
  Reader in = reader_of(packet.data, packet.len);

  switch (rtp_classify(packet)) {
  case RTP_IS_DATA:
    reader_skip(&in, 2);
    frame->seq = reader_u16(&in);
    reader_skip(&in, 4);
    frame->ssrc = reader_u32(&in);
    return RTP_FRAME_MEDIA;
  case RTP_IS_CONTROL:
    return is_control(packet, whole) ? RTP_FRAME_OTHER : RTP_FRAME_NO;
  case RTP_IS_OTHER:
    break;
  }
  return whole == 0 || rtp_is_setup(packet) ? RTP_FRAME_OTHER : RTP_FRAME_NO;
}

RtpFrameKind rtp_frame_read(Slice bytes, RtpFraming framing, RtpFrame *ret_frame)
{
  Reader in = reader_of(bytes.data, bytes.len);
  RtpFrame frame = {.prefix = framing == RTP_FRAMING_INTERLEAVED ? 4 : 2};

  *ret_frame = frame;
  if (framing == RTP_FRAMING_INTERLEAVED && bytes.len > 0 && bytes.data[0] != '$')
    return RTP_FRAME_NO;
  if (bytes.len < frame.prefix)
    return RTP_FRAME_MORE;
  reader_skip(&in, frame.prefix - 2);
  size_t whole = reader_u16(&in);
  size_t shown = MIN(whole, (size_t) RTP_HEADER);
  frame.length = frame.prefix + whole;
  *ret_frame = frame;
  if (reader_left(&in) < shown)
    return may_begin(reader_rest(&in)) ? RTP_FRAME_MORE : RTP_FRAME_NO;
  RtpFrameKind kind = read_packet(reader_slice(&in, shown), whole, &frame);
  *ret_frame = frame;
  return kind;
}

bool rtp_frames_fit(Slice bytes, RtpFraming framing)
{
  bool has_packet = false;
  unsigned frames = 0;

  while (bytes.len > 0) {
    RtpFrame frame;
    RtpFrameKind kind = rtp_frame_read(bytes, framing, &frame);
    if (kind == RTP_FRAME_NO)
      return false;
    has_packet |= kind == RTP_FRAME_MEDIA;
    if (kind == RTP_FRAME_MORE || frame.length > bytes.len)
      return has_packet && frames > 0;
    frames++;
    bytes = slice_from(bytes, frame.length);
  }
  return has_packet;
}

/* --- What a stream is ----------------------------------------------------------------------- */

typedef struct {
  uint32_t ssrc;
  uint16_t seq;
  unsigned packets;
} GuessSource;

/* True when this packet is the proof. */
static bool follow(GuessSource sources[GUESS_SOURCES], const RtpFrame *frame)
{
  size_t i = 0;

  while (i < GUESS_SOURCES && sources[i].packets > 0 && sources[i].ssrc != frame->ssrc)
    i++;
  if (i == GUESS_SOURCES)
    return false;
  GuessSource *source = &sources[i];
  uint16_t forward = (uint16_t) (frame->seq - source->seq);
  bool rises = source->packets > 0 && forward > 0 && forward <= FORWARD_MAX;
  *source = (GuessSource){frame->ssrc, frame->seq, rises ? source->packets + 1 : 1};
  return source->packets == GUESS_PROOF;
}

static RtpGuess guess_framing(Slice bytes, RtpFraming framing)
{
  GuessSource sources[GUESS_SOURCES] = {0};

  if (bytes.len > RTP_GUESS_MAX)
    bytes.len = RTP_GUESS_MAX;
  bool is_all = bytes.len == RTP_GUESS_MAX;
  for (unsigned n = 0; n < GUESS_FRAMES; n++) {
    RtpFrame frame;
    RtpFrameKind kind = rtp_frame_read(bytes, framing, &frame);
    if (kind == RTP_FRAME_NO)
      return RTP_GUESS_NO;
    if (kind == RTP_FRAME_MEDIA && follow(sources, &frame))
      return RTP_GUESS_YES;
    if (kind == RTP_FRAME_MORE || frame.length > bytes.len)
      return is_all ? RTP_GUESS_NO : RTP_GUESS_MORE;
    bytes = slice_from(bytes, frame.length);
  }
  return RTP_GUESS_NO;
}

RtpGuess rtp_guess(Slice bytes, RtpFraming *ret_framing)
{
  static const RtpFraming FRAMINGS[] = {RTP_FRAMING_INTERLEAVED, RTP_FRAMING_LENGTH};
  RtpGuess best = RTP_GUESS_NO;

  for (size_t i = 0; i < G_N_ELEMENTS(FRAMINGS); i++) {
    RtpGuess guess = guess_framing(bytes, FRAMINGS[i]);
    if (guess == RTP_GUESS_YES) {
      *ret_framing = FRAMINGS[i];
      return guess;
    }
    best = MAX(best, guess);
  }
  return best;
}

static bool is_version(Slice text)
{
  return slice_eq(text, SLICE("RTSP/1.0")) || slice_eq(text, SLICE("RTSP/2.0"));
}

bool rtsp_begins(Slice bytes)
{
  enum { VERSION = 8 };
  bool may_begin = bytes.len > VERSION && bytes.data[0] >= 'A' && bytes.data[0] <= 'Z';
  size_t end = may_begin ? slice_find(bytes, '\n') : bytes.len;

  if (end == bytes.len)
    return false;
  Slice line = slice_trim(slice_head(bytes, end));
  if (line.len <= VERSION)
    return false;
  return (line.data[VERSION] == ' ' && is_version(slice_head(line, VERSION))) ||
         (line.data[line.len - VERSION - 1] == ' ' &&
          is_version(slice_from(line, line.len - VERSION)));
}
