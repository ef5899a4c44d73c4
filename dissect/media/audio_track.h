/*
 * AudioTrack: the packets of one RTP stream in order, decoded, as pieces of sound with their place.
 *
 * The RTP timestamp places a piece, relative to an anchor: a packet's time of capture, mostly that
 * of the first one.  There is a new anchor where both clocks disagree for good: the timestamps
 * jump, the sequence numbers begin anew, the clock rate changes, or a clock is slow.
 * So late packets lie where they belong; what is lost, silent, an event or comfort noise is a gap.
 *
 * Packets that come out of order wait for those before them: at most AUDIO_WAIT_NS of capture time,
 * and a bounded number of bytes.  Copies and packets that come later than that are left out.
 */
#pragma once

#include "dissect/media/audio_codec.h"
#include "dissect/media/media_book.h"
#include "dissect/net/rtp.h"

#define AUDIO_WAIT_NS (INT64_C(1) * 1000 * 1000 * 1000)
/* No piece is placed farther from its time of capture. */
#define AUDIO_JUMP_NS (INT64_C(2) * 1000 * 1000 * 1000)

/* Counts of packets. */
typedef struct {
  uint64_t decoded;
  uint64_t copies;
  uint64_t late;      /* came when later packets were decoded already */
  uint64_t cut;       /* bytes are missing in the capture */
  uint64_t malformed; /* not what the codec's payload format allows */
  uint64_t undecoded; /* no decoder: other payload types, or built without the library */
} AudioCounts;

typedef struct {
  int64_t anchor_ns; /* time of capture of the anchor */
  int64_t offset;    /* samples after the anchor, at that rate; may be negative */
  uint32_t rate;     /* samples per second */
  size_t count;
  const int16_t *samples; /* valid until the track is asked or fed again */
} AudioPiece;

/* What a payload type means at a time: by the session description in force, or the static types of
 * RFC 3551; false when it is not known.  `owner`: NULL where none announced the stream. */
bool audio_format_at(const MediaOwner *owner, uint8_t payload_type, int64_t time_ns,
                     MediaPayload *ret_format);

typedef struct AudioTrack AudioTrack;

/* What `owner` says of payload types is copied; NULL: none. */
AudioTrack *audio_track_new(const MediaOwner *owner);
void audio_track_free(AudioTrack *track);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AudioTrack, audio_track_free)

/* Takes the next packet in the order of capture.  Then take all pieces. */
void audio_track_feed(AudioTrack *track, const RtpPacket *packet, int64_t time_ns, bool cut);

/* What has waited too long at that time need not wait; with INT64_MAX, for nothing. */
void audio_track_expire(AudioTrack *track, int64_t now_ns);

/* The next piece, in the order of sequence numbers; false when there is none (yet). */
bool audio_track_next(AudioTrack *track, AudioPiece *ret_piece);

const AudioCounts *audio_track_counts(const AudioTrack *track);
