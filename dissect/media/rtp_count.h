/*
 * What one packet changes in the counters of its stream (rtp_stream.h): pure functions of the
 * record and the packet.
 */
#pragma once

#include "dissect/media/rtp_stream.h"

/* One RTP packet as it came. */
typedef struct {
  RtpPacket rtp;
  int64_t time_ns;
  uint32_t bytes;         /* RTP header and payload on the wire */
  uint32_t payload_bytes; /* on the wire; of a packet that is cut with its padding */
  uint8_t dscp;
} RtpArrival;

/* Must the record have room for one more event before the packet is counted?  Room is made by
 * whoever allocated the record; a digit without room is counted, not kept. */
bool rtp_stream_needs_room(const RtpStream *stream, const RtpArrival *arrival);

/* `stream` has its key, all else is 0: this is its first packet. */
void rtp_stream_begin(RtpStream *stream, const RtpArrival *first);

/* The next packet. */
void rtp_stream_count(RtpStream *stream, const RtpArrival *arrival);

/* RTCP of the sender of the stream: a sender report went out. */
void rtp_stream_note_sent(RtpStream *stream, uint32_t middle, int64_t time_ns);

/* RTCP of its receiver. */
void rtp_stream_note_report(RtpStream *stream, const RtcpReport *report, int64_t time_ns);
