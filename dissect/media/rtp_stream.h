/*
 * RtpStream: what is known of one RTP stream (RFC 3550): the packets of one source address, one
 * destination address and one SSRC, in counters of fixed size.
 *
 * The table RtpStreams (rtp_streams.h) of the ingest thread makes these records.  A record that was
 * published is never changed again: the table goes on with a copy, and publishes that later.  So
 * other threads read it without a lock; the model that it was published to frees it (g_free).
 * Events are in the same block, after the record: streams without any do not pay for them.
 * Times are nanoseconds since 1970, counts are packets unless the name says otherwise.
 */
#pragma once

#include "dissect/net/rtp.h"
#include "dissect/net/endpoint.h"

/* Clock rates (Hz) that jitter is kept for while the rate of a payload type is not known. */
#define RTP_RATES                                                                                  \
  {                                                                                                \
    8000, 16000, 32000, 48000, 90000                                                               \
  }

enum {
  RTP_RATE_COUNT = 5,
  RTP_PAYLOADS = 4, /* payload types of a stream that are counted */
  RTP_DIGITS = 64,  /* events of a stream that are kept */
  RTP_WINDOW = 256, /* the highest sequence number and those below whose arrival is remembered */
};

typedef enum {
  RTP_HAS_CSRC = 1U << 0,
  RTP_HAS_EXTENSION = 1U << 1,
  RTP_HAS_PADDING = 1U << 2,
  RTP_RTCP_MUX = 1U << 3,     /* RTCP came on the ports of the stream (RFC 5761) */
  RTP_BYE = 1U << 4,          /* its sender sent BYE */
  RTP_DSCP_CHANGED = 1U << 5, /* dscp is that of the first packet */
  RTP_OVER_TCP = 1U << 6,     /* RFC 4571, or interleaved (RFC 2326 10.12) */
} RtpFlags;

typedef enum {
  RTP_MEDIA,
  RTP_EVENTS,        /* RFC 4733 */
  RTP_COMFORT_NOISE, /* RFC 3389 */
} RtpPayloadKind;

/* One payload type, in order of appearance. */
typedef struct {
  uint32_t packets; /* copies are not counted; 0: there is none here */
  uint8_t type;     /* 0..127 */
  uint8_t kind;     /* RtpPayloadKind, as the packets show it */
  uint16_t bytes;   /* of the payload of the last packet */
} RtpPayload;

/* RFC 3550 6.4.1, after each packet of media. */
typedef struct {
  double sum_ms;
  float now_ms, max_ms;
} RtpJitter;

/* An event (RFC 4733), however many packets it had. */
typedef struct {
  int64_t time_ns;      /* of the first of them that came */
  uint32_t duration;    /* of the last update (RFC 4733 2.5.1.4), in units of the RTP clock */
  uint8_t payload_type; /* 0..127 */
  char digit;           /* "0123456789*#ABCD", '!' for a flash */
} RtpDigit;

/* RTCP about the stream, as the tap saw it. */
typedef struct {
  uint32_t packets;     /* RTCP packets from its sender, or with a report about it */
  uint32_t reports;     /* report blocks about it; the next five are of the last one */
  int32_t lost;         /* cumulative, may be negative (RFC 3550 6.4.1) */
  uint32_t jitter;      /* in units of the RTP clock */
  uint32_t lsr, dlsr;   /* of RFC 3550 6.4.1 */
  uint8_t fraction;     /* lost since the report before, in 1/256 */
  uint8_t max_fraction; /* of all reports */
  uint32_t round_trips;
  /* From the tap to the receiver and back: time from a sender report until a report block that
   * answers it, without the receiver's own delay (DLSR).  The whole round trip is this plus the
   * same of the opposite stream. */
  uint64_t round_trips_us; /* sum of them */
  /* The last sender reports, the newest first: when, and what answers have as their LSR. */
  int64_t sent_ns[2];
  uint32_t sent_middle[2];
} RtpReports;

/* State for counting alone; what each packet changes comes first. */
typedef struct {
  uint64_t
    came[RTP_WINDOW / 64]; /* bit n: the packet of the window whose number mod its size is n */
  int64_t arrival_ns;      /* of the last packet that was not a copy */
  int64_t media_ns;        /* of the last packet of media, and the next three too */
  uint32_t timestamp;
  uint8_t media_type;
  bool has_media;
  bool is_losing;          /* the last packet that has left the window was lost */
  bool last_was_media;     /* the last packet in order */
  uint32_t timestamp_last; /* of the last packet in order that was no event */
  uint16_t stray_seq;      /* of the packet before, whose sequence number was far from the others */
  bool has_stray;
  bool is_published; /* nothing may be written any more */
  bool has_event;
  bool event_ended;
  uint8_t event; /* the last one */
  uint16_t event_duration;
  uint32_t event_timestamp;
  uint32_t slot; /* the table's place for it */
} RtpTrack;

/* The key, what each packet changes and what few packets change follow one another, so that a
 * packet finds its counters in four cache lines. */
typedef struct {
  Endpoint src, dst;
  uint32_t ssrc;
  uint32_t tunnel;       /* Packet.tunnel */
  uint32_t hash;         /* of the four, seeded */
  uint32_t ends_hash;    /* of src and dst, seeded: the same for both directions */
  uint32_t number;       /* from 1, in the order in which streams were found */
  uint8_t flags;         /* RtpFlags */
  uint8_t dscp;          /* of the first packet */
  uint16_t type_changes; /* of media */

  uint64_t packets;                /* all received, copies included */
  uint64_t bytes;                  /* of them: RTP header and payload */
  uint64_t first_seq, highest_seq; /* extended (RFC 3550 A.1), since the last restart */
  int64_t last_ns;
  int64_t max_gap_ns;      /* between two packets, silence not counted */
  uint32_t timestamp_step; /* between the last two packets of media in sequence, not 0 */
  uint32_t jitter_packets; /* that the mean is over */
  RtpTrack track;
  RtpPayload payloads[RTP_PAYLOADS];
  /* [n]: were RTP_RATES[n] the rate of all payload types whose rate is not static.  While there
   * was none of those, only [0] is kept. */
  RtpJitter jitter[RTP_RATE_COUNT];

  int64_t first_ns;
  uint64_t expected_before; /* before the last restart */
  int64_t silence_ns;       /* sequence numbers go on where timestamps jump: nothing was sent */
  uint32_t silences;
  uint32_t restarts;       /* the sequence numbers began anew */
  uint32_t duplicates;     /* same sequence number again, for whatever reason */
  uint32_t out_of_order;   /* below the highest so far, without copies */
  uint32_t bursts;         /* runs of one or more lost packets that have left the window */
  uint32_t other_payloads; /* packets of types beyond payloads[] */
  RtpReports reports;
  RtcpVoipMetrics voip; /* that the receiver reported last, if has_voip */
  bool has_voip;
  bool has_unknown_rate; /* of a payload type: see jitter */
  uint16_t digit_count;  /* RFC 4733 events 0-16; the first are kept */
  uint16_t digit_room;   /* for so many, after the record */
} RtpStream;

G_STATIC_ASSERT(offsetof(RtpStream, jitter) + sizeof(RtpJitter) <= 256);
G_STATIC_ASSERT(sizeof(RtpStream) <= 456); /* malloc gives it 464 bytes */

/* True if the packet with that extended sequence number, which is in the window, has arrived. */
static inline bool rtp_track_came(const RtpTrack *track, uint64_t seq)
{
  return track->came[seq % RTP_WINDOW / 64] >> seq % 64 & 1;
}

/* Bytes of the record and its digits. */
size_t rtp_stream_size(const RtpStream *stream);

/* The first events, at most RTP_DIGITS, in the order in which they came. */
const RtpDigit *rtp_stream_digits(const RtpStream *stream, size_t *ret_count);

static inline Transport rtp_stream_transport(const RtpStream *stream)
{
  return stream->flags & RTP_OVER_TCP ? TRANSPORT_TCP : TRANSPORT_UDP;
}

/* By sequence numbers, over all restarts. */
uint64_t rtp_stream_expected(const RtpStream *stream);

/* Expected minus different ones received; 0 when more came. */
uint64_t rtp_stream_lost(const RtpStream *stream);

/* Of those expected, 0..100. */
double rtp_stream_loss_percent(const RtpStream *stream);

/* Runs of one or more lost packets, those in the window too. */
uint32_t rtp_stream_bursts(const RtpStream *stream);

/* The payload type of media with the most packets; NULL when there were only others. */
const RtpPayload *rtp_stream_payload(const RtpStream *stream);

/* Mean and highest jitter.  `clock_rate`: of the payload types that are not static, as a session
 * description names it, or 0.  False if it is not known. */
bool rtp_stream_jitter(const RtpStream *stream, uint32_t clock_rate, double *ret_mean_ms,
                       double *ret_max_ms);
