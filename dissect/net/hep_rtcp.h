/*
 * HepRtcp: a report of RTCP as JSON, as rtpengine, heplify, captagent, Asterisk and others send it
 * with HEP type 5, and the packet of RTCP (RFC 3550 6.4, RFC 3611 4.7) that it tells of.
 *
 * The objects are alike everywhere: "ssrc", "type", "sender_information", "report_blocks", and an
 * object for VoIP metrics of one of two names.  Numbers may be in quotes or have a fraction.  Keys
 * that are not known are passed over.
 */
#pragma once

#include <glib.h>

#include "dissect/net/rtp.h"

enum { HEP_RTCP_REPORTS = 31 }; /* the most that a packet of RTCP has */

typedef struct {
  uint32_t ssrc; /* of the sender */
  bool has_ssrc;
  bool has_sender_info;
  uint32_t ntp_seconds, ntp_fraction, rtp_time, packets, octets;
  unsigned report_count;
  RtcpReport reports[HEP_RTCP_REPORTS];
  bool has_voip;
  uint32_t voip_ssrc;
  RtcpVoipMetrics voip;
} HepRtcp;

/* Does it begin as a JSON object? */
bool hep_rtcp_is_json(Slice text);

/* False when it is damaged, or has nothing of a report. */
bool hep_rtcp_parse(Slice text, HepRtcp *ret_report);

/* Appends it as RTCP. */
void hep_rtcp_append(const HepRtcp *report, GByteArray *to);

/* What a datagram of RTCP, whose lengths add up, reports; false when that is nothing. */
bool hep_rtcp_read(Slice datagram, HepRtcp *ret_report);

/* Appends it as JSON. */
void hep_rtcp_append_json(const HepRtcp *report, GString *to);
