/*
 * Rtp: headers of RTP (RFC 3550 5) and packets of RTCP (RFC 3550 6, RFC 3611); pure functions over
 * the bytes of one datagram.  Slices point into it.
 *
 * STUN, ZRTP, DTLS, TURN channels, RTP and RTCP may share a port: the first byte tells them apart
 * (RFC 7983 7), the second RTP from RTCP (RFC 5761 4).  SRTP and SRTCP leave the headers in clear
 * (RFC 3711 3), but not the count of padding, nor anything of RTCP but the first 8 bytes.
 */
#pragma once

#include "capture/slice.h"

typedef enum {
  RTP_IS_OTHER, /* neither of them */
  RTP_IS_DATA,
  RTP_IS_CONTROL,
} RtpClass;

enum { RTP_HEADER = 12, RTP_VERSION = 2 };

/* What the datagram may be, by its first bytes. */
static inline RtpClass rtp_classify(Slice datagram)
{
  const uint8_t *bytes = (const uint8_t *) datagram.data;

  if (datagram.len < 8 || bytes[0] >> 6 != RTP_VERSION)
    return RTP_IS_OTHER;
  if (bytes[1] >= 192 && bytes[1] <= 223)
    return RTP_IS_CONTROL;
  /* RFC 5761 4: RTP has no payload types that look like RTCP with the marker bit. */
  bool is_reserved = (bytes[1] & 0x7f) >= 64 && (bytes[1] & 0x7f) <= 95;
  return is_reserved || datagram.len < RTP_HEADER ? RTP_IS_OTHER : RTP_IS_DATA;
}

typedef struct {
  uint8_t payload_type; /* 0..127 */
  bool marker;
  uint16_t seq;
  uint32_t timestamp, ssrc;
  uint8_t csrc_count;
  bool has_extension, has_padding;
  bool is_padding_wrong; /* its count exceeds the payload, as in SRTP */
  Slice payload;         /* without padding, unless that is wrong or cut off */
} RtpPacket;

/* `cut`: bytes are missing at the end.  False if it is not RTP (version, lengths). */
bool rtp_parse(Slice datagram, bool cut, RtpPacket *ret_packet);

typedef enum {
  RTCP_SENDER_REPORT = 200,
  RTCP_RECEIVER_REPORT = 201,
  RTCP_DESCRIPTION = 202, /* SDES */
  RTCP_BYE = 203,
  RTCP_APP = 204,
  RTCP_EXTENDED_REPORT = 207, /* RFC 3611 */
} RtcpType;

/* One packet of a compound. */
typedef struct {
  uint8_t type;  /* RtcpType, or another */
  uint8_t count; /* of report blocks, or of sources */
  Slice body;    /* after the first four bytes, without padding */
} RtcpPacket;

/* Is it STUN (RFC 8489 5) or DTLS (RFC 9147 4), which come before RTP between the same ports? */
bool rtp_is_setup(Slice datagram);

/* True if the lengths of its packets add up to the datagram; with SRTCP they do not. */
bool rtcp_is_whole(Slice datagram);

/* Takes the next packet from *rest, which starts as a datagram; false when there is none. */
bool rtcp_next(Slice *rest, RtcpPacket *ret_packet);

/* The sender's SSRC: the first four bytes of most types; false for the other types. */
bool rtcp_sender(const RtcpPacket *packet, uint32_t *ret_ssrc);

/* The middle 32 bits of a sender report's NTP timestamp: the LSR of its answers (RFC 3550 6.4.1).
 * False if the packet is no sender report. */
bool rtcp_sent_time(const RtcpPacket *packet, uint32_t *ret_middle);

/* RFC 3550 6.4.1 */
typedef struct {
  uint32_t ssrc;    /* of the stream that it is about */
  uint8_t fraction; /* lost, in 1/256 */
  int32_t lost;
  uint32_t highest_seq, jitter;
  uint32_t last_report;       /* LSR; 0: none */
  uint32_t since_last_report; /* DLSR, in 1/65536 s */
} RtcpReport;

/* The report block at `index`, from 0, of a sender or receiver report; false after the last. */
bool rtcp_report_at(const RtcpPacket *packet, unsigned index, RtcpReport *ret_report);

/* The SSRC at `index` that a BYE names; false after the last. */
bool rtcp_bye_at(const RtcpPacket *packet, unsigned index, uint32_t *ret_ssrc);

/* VoIP metrics (RFC 3611 4.7); all as they were sent. */
typedef struct {
  uint8_t loss, discard, burst_density, gap_density; /* in 1/256 */
  uint16_t burst_ms, gap_ms, round_trip_ms, end_system_ms;
  uint8_t r_factor, external_r_factor, mos_lq, mos_cq; /* 127: not known; MOS times 10 */
  uint16_t jitter_buffer_ms;                           /* nominal */
} RtcpVoipMetrics;

/* Takes the next VoIP metrics block from *blocks, which start as the body of an extended report
 * without its first four bytes; *ret_ssrc: of the stream it is about.  False after
 * the last. */
bool rtcp_voip_metrics_next(Slice *blocks, uint32_t *ret_ssrc, RtcpVoipMetrics *ret_metrics);
