/*
 * RTP and RTCP in a connection as a layer: frames of RFC 4571, or interleaved with RTSP (RFC 2326
 * 10.12).  Each piece is a packet.
 *
 * A hole in a frame leaves the borders of the others known: that packet is given cut.  After any
 * other one a frame is looked for that has an SSRC of before, or where a segment begins with it;
 * what is passed over meanwhile is counted.  Kept is one frame, or one header block of RTSP.
 */
#include <glib.h>

#include "dissect/stream/rtp_frame.h"
#include "dissect/stream/stream.h"

enum {
  SOURCES = 4,          /* SSRCs that are remembered, the last ones */
  TEXT_MAX = 16 * 1024, /* of a header block of RTSP */
};

typedef enum {
  MEDIA_FRAMES, /* a frame begins here, or RTSP */
  MEDIA_TEXT,   /* a header block of RTSP */
  MEDIA_LOST,   /* no border is known */
} MediaMode;

typedef struct {
  RtpFraming framing;
  MediaMode mode;
  Slice input;  /* what was fed and is not used yet */
  char *buffer; /* the beginning of something whose rest is to come, before the input */
  size_t buffer_len, buffer_room;
  size_t used;       /* bytes that the last piece has of both */
  size_t scanned;    /* TEXT: its end is not before here */
  uint64_t pass;     /* bytes that are in no packet, before anything else */
  bool at_segment;   /* the input begins with a segment */
  StreamPiece piece; /* cut by a hole, if has_piece */
  bool has_piece;
  uint32_t sources[SOURCES];
  unsigned source_count;
} Media;

/* --- Bytes ---------------------------------------------------------------------------------- */

static size_t available(const Media *media)
{
  return media->buffer_len + media->input.len;
}

static void keep(Media *media, size_t len)
{
  Slice more = slice_head(media->input, len);
  size_t needed = media->buffer_len + more.len;

  if (more.len == 0)
    return;
  if (needed > media->buffer_room) {
    media->buffer_room = needed + needed / 2;
    media->buffer = g_realloc(media->buffer, media->buffer_room);
  }
  memcpy(media->buffer + media->buffer_len, more.data, more.len);
  media->buffer_len = needed;
  media->input = slice_from(media->input, more.len);
}

/* The first `len` bytes in one piece; when there are fewer, those there are, which are kept. */
static Slice peek(Media *media, size_t len)
{
  if (media->buffer_len == 0 && media->input.len >= len)
    return slice_head(media->input, len);
  if (media->buffer_len < len)
    keep(media, len - media->buffer_len);
  return slice_of(media->buffer, MIN(len, media->buffer_len));
}

static void take(Media *media, size_t len)
{
  size_t of_buffer = MIN(len, media->buffer_len);

  media->buffer_len -= of_buffer;
  if (of_buffer > 0 && media->buffer_len > 0)
    memmove(media->buffer, media->buffer + of_buffer, media->buffer_len);
  media->input = slice_from(media->input, len - of_buffer);
}

/* The last piece was used: its bytes go. */
static void release(Media *media)
{
  take(media, media->used);
  media->used = 0;
}

/* --- Where frames are ----------------------------------------------------------------------- */

static bool is_known(const Media *media, uint32_t ssrc)
{
  for (unsigned i = 0; i < MIN(media->source_count, SOURCES); i++)
    if (media->sources[i] == ssrc)
      return true;
  return false;
}

static void note_source(Media *media, uint32_t ssrc)
{
  if (!is_known(media, ssrc))
    media->sources[media->source_count++ % SOURCES] = ssrc;
}

/* Does a frame of a known source begin here, and another one after it if that is here, too? */
static bool is_border(const Media *media, Slice bytes)
{
  RtpFrame frame, next;

  if (rtp_frame_read(bytes, media->framing, &frame) != RTP_FRAME_MEDIA ||
      !is_known(media, frame.ssrc))
    return false;
  Slice rest = slice_from(bytes, frame.length);
  return rest.len == 0 || (media->framing == RTP_FRAMING_INTERLEAVED && rest.data[0] != '$') ||
         rtp_frame_read(rest, media->framing, &next) != RTP_FRAME_NO;
}

/* Is the segment one that nothing was left over for by the one before? */
static bool begins_anew(const Media *media)
{
  if (!media->at_segment)
    return false;
  return rtp_frames_fit(media->input, media->framing) ||
         (media->framing == RTP_FRAMING_INTERLEAVED && rtsp_begins(media->input));
}

/* Looks for a border in all that is there; only what may begin a frame remains without one. */
static void search(StreamStage *stage)
{
  Media *media = stage->state;
  Slice input = media->input;
  size_t before = media->buffer_len;
  bool is_found = begins_anew(media);
  size_t at = is_found ? before : 0;

  keep(media, input.len);
  Slice bytes = slice_of(media->buffer, media->buffer_len);
  while (!is_found && at + RTP_FRAME_HEADER <= bytes.len) {
    is_found = is_border(media, slice_from(bytes, at));
    at += !is_found;
  }
  if (is_found) { /* frames of the input are read where they lie */
    media->input = input;
    media->buffer_len = before;
  }
  stage->stream->skipped += at;
  take(media, at);
  media->at_segment = false;
  media->mode = is_found ? MEDIA_FRAMES : MEDIA_LOST;
}

/* --- RTSP ----------------------------------------------------------------------------------- */

/* RFC 2326 12.14; 0 where there is none. */
static uint64_t content_length(Slice block)
{
  uint64_t length = 0;

  while (block.len > 0) {
    Slice row = slice_take_line(&block);
    Slice name = slice_trim(slice_cut(&row, ':'));
    if (slice_eq_nocase(name, SLICE("Content-Length")) && slice_to_u64(slice_trim(row), &length))
      return length;
  }
  return 0;
}

/* A header block; false while its end is not here. */
static bool read_text(Media *media)
{
  Slice text = peek(media, MIN(available(media), (size_t) TEXT_MAX));
  size_t end = http_header_end(text, media->scanned);

  if (end == 0 && text.len < TEXT_MAX) {
    keep(media, media->input.len);
    media->scanned = text.len;
    return false;
  }
  media->scanned = 0;
  if (end == 0 || !rtsp_begins(text)) {
    media->mode = MEDIA_LOST;
    return true;
  }
  media->pass = content_length(slice_head(text, end));
  take(media, end);
  media->mode = MEDIA_FRAMES;
  return true;
}

/* RFC 2326 4: a method, or "RTSP/1.0"; line ends between messages may be keep-alives. */
static bool may_be_text(const Media *media, Slice bytes)
{
  char first = bytes.len > 0 ? bytes.data[0] : '\0';

  return media->framing == RTP_FRAMING_INTERLEAVED &&
         ((first >= 'A' && first <= 'Z') || first == '\r' || first == '\n');
}

static void begin_text(Media *media, Slice bytes)
{
  if (bytes.data[0] == '\r' || bytes.data[0] == '\n')
    take(media, 1);
  else
    media->mode = MEDIA_TEXT;
}

/* --- Frames --------------------------------------------------------------------------------- */

static StreamPiece piece_of(Media *media, Slice whole, const RtpFrame *frame)
{
  bool from_input = media->buffer_len == 0;

  media->used = whole.len;
  return (StreamPiece){.octets = slice_from(whole, frame->prefix),
                       .from_input = from_input,
                       .left = available(media) - whole.len};
}

typedef enum { STEP_WAIT, STEP_ON, STEP_PIECE } Step;

static Step read_frame(Media *media, StreamPiece *ret_piece)
{
  Slice head = peek(media, RTP_FRAME_HEADER);
  RtpFrame frame;

  if (head.len == 0)
    return STEP_WAIT;
  RtpFrameKind kind = rtp_frame_read(head, media->framing, &frame);
  if (kind == RTP_FRAME_MORE)
    return STEP_WAIT;
  if (kind == RTP_FRAME_NO) {
    if (may_be_text(media, head))
      begin_text(media, head);
    else
      media->mode = MEDIA_LOST;
    return STEP_ON;
  }
  Slice whole = peek(media, frame.length);
  if (whole.len < frame.length)
    return STEP_WAIT;
  if (kind == RTP_FRAME_MEDIA)
    note_source(media, frame.ssrc);
  *ret_piece = piece_of(media, whole, &frame);
  return STEP_PIECE;
}

static void pass_over(Media *media)
{
  size_t here = (size_t) MIN(media->pass, (uint64_t) available(media));

  take(media, here);
  media->pass -= here;
}

static bool media_next(StreamStage *stage, StreamPiece *ret_piece)
{
  Media *media = stage->state;

  if (media->has_piece) {
    *ret_piece = media->piece;
    media->has_piece = false;
    return true;
  }
  release(media);
  for (;;) {
    pass_over(media);
    if (media->pass > 0)
      return false;
    if (media->mode == MEDIA_LOST) {
      search(stage);
      if (media->mode == MEDIA_LOST)
        return false;
    } else if (media->mode == MEDIA_TEXT) {
      if (!read_text(media))
        return false;
    } else {
      Step step = read_frame(media, ret_piece);
      if (step == STEP_WAIT)
        return false;
      if (step == STEP_PIECE && ret_piece->octets.len > 0)
        return true;
      release(media);
    }
  }
}

/* --- Feeding -------------------------------------------------------------------------------- */

RtpFraming media_framing(const StreamStage *stage, Slice bytes)
{
  const StreamStage *peer = stage_peer(stage);
  const Media *other = peer && peer->layer == &STREAM_MEDIA ? peer->state : NULL;
  RtpFraming framing = RTP_FRAMING_NONE;
  RtpFrame frame;

  if (rtsp_begins(bytes))
    return RTP_FRAMING_INTERLEAVED;
  if (rtp_guess(bytes, &framing) == RTP_GUESS_YES)
    return framing;
  if (!other)
    return RTP_FRAMING_NONE;
  RtpFrameKind kind = rtp_frame_read(bytes, other->framing, &frame);
  return kind == RTP_FRAME_MEDIA || kind == RTP_FRAME_OTHER ? other->framing : RTP_FRAMING_NONE;
}

static void media_feed(StreamStage *stage, Slice bytes)
{
  Media *media = stage->state;

  if (media->framing == RTP_FRAMING_NONE)
    media->framing = media_framing(stage, bytes);
  release(media);
  media->input = bytes;
  media->at_segment = !stage->on_head;
}

/* The frame under way, which has a hole: true if its header and its end are known. */
static bool cut_frame(Media *media, uint64_t gap)
{
  Slice begun = slice_of(media->buffer, media->buffer_len);
  RtpFrame frame;
  RtpFrameKind kind = rtp_frame_read(begun, media->framing, &frame);

  if (begun.len == 0 || kind == RTP_FRAME_NO || frame.length == 0)
    return false;
  uint64_t missing = frame.length - begun.len;
  if (kind == RTP_FRAME_MEDIA) {
    media->piece = (StreamPiece){
      .octets = slice_from(begun, frame.prefix), .cut = true, .missing = (uint32_t) missing};
    media->has_piece = true;
    media->used = begun.len;
  } else {
    take(media, begun.len);
  }
  media->pass = missing - MIN(missing, gap);
  return gap <= missing;
}

/* With the end nothing is missing, and no frame is complete any more. */
static void media_gap(StreamStage *stage, uint64_t len)
{
  Media *media = stage->state;

  release(media);
  if (len == STREAM_REST)
    return;
  if (media->mode == MEDIA_FRAMES && media->pass > 0) {
    if (len <= media->pass) {
      media->pass -= len;
      return;
    }
    media->pass = 0;
  } else if (media->mode == MEDIA_FRAMES && cut_frame(media, len)) {
    return;
  }
  if (!media->has_piece) {
    stage->stream->skipped += media->buffer_len;
    media->buffer_len = 0;
  }
  media->scanned = 0;
  media->mode = MEDIA_LOST;
}

static uint64_t media_pending(const StreamStage *stage)
{
  const Media *media = stage->state;

  return available(media) - media->used;
}

static size_t media_kept(const StreamStage *stage)
{
  const Media *media = stage->state;

  return media->buffer_len;
}

static void media_clear(StreamStage *stage)
{
  const Media *media = stage->state;

  g_free(media->buffer);
}

const StreamLayer STREAM_MEDIA = {
  .is_media = true,
  .state_size = sizeof(Media),
  .feed = media_feed,
  .gap = media_gap,
  .next = media_next,
  .pending = media_pending,
  .kept = media_kept,
  .clear = media_clear,
};
