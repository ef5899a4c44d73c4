#include "dissect/net/rtp.h"

#include "capture/reader.h"

static Reader reader_of_slice(Slice s)
{
  return reader_of(s.data, s.len);
}

/* RFC 3550 5.1: the last byte is the count, itself included. */
static void take_padding(RtpPacket *packet, bool cut)
{
  if (!packet->has_padding || cut)
    return;
  Slice payload = packet->payload;
  size_t count = payload.len > 0 ? (uint8_t) payload.data[payload.len - 1] : 0;
  if (count == 0 || count > payload.len)
    packet->is_padding_wrong = true;
  else
    packet->payload.len -= count;
}

static uint32_t u32_at(const uint8_t *bytes)
{
  return (uint32_t) bytes[0] << 24 | (uint32_t) bytes[1] << 16 | (uint32_t) bytes[2] << 8 |
         bytes[3];
}

bool rtp_parse(Slice datagram, bool cut, RtpPacket *ret_packet)
{
  Reader rest = reader_of_slice(datagram);
  RtpPacket packet = {0};
  const uint8_t *header = reader_take(&rest, RTP_HEADER);

  if (!header)
    return false;
  uint8_t first = header[0], second = header[1];
  packet.csrc_count = first & 0xf;
  packet.has_extension = first >> 4 & 1;
  packet.has_padding = first >> 5 & 1;
  packet.marker = second >> 7;
  packet.payload_type = second & 0x7f;
  packet.seq = (uint16_t) (header[2] << 8 | header[3]);
  packet.timestamp = u32_at(header + 4);
  packet.ssrc = u32_at(header + 8);
  reader_skip(&rest, packet.csrc_count * 4U);
  if (packet.has_extension) {
    reader_skip(&rest, 2);
    reader_skip(&rest, reader_u16(&rest) * 4U);
  }
  if (rest.failed || first >> 6 != RTP_VERSION)
    return false;
  packet.payload = reader_rest(&rest);
  take_padding(&packet, cut);
  *ret_packet = packet;
  return true;
}

bool rtp_is_setup(Slice datagram)
{
  enum { STUN_TYPES = 4, DTLS_FIRST = 20, DTLS_LAST = 63, DTLS_VERSION = 0xfe };
  const uint32_t STUN_COOKIE = 0x2112A442;
  Reader in = reader_of_slice(datagram);
  uint8_t first = reader_u8(&in), second = reader_u8(&in);

  if (first >= DTLS_FIRST && first <= DTLS_LAST)
    return second == DTLS_VERSION && !in.failed;
  reader_skip(&in, 2); /* length */
  return first < STUN_TYPES && reader_u32(&in) == STUN_COOKIE && !in.failed;
}

bool rtcp_next(Slice *rest, RtcpPacket *ret_packet)
{
  Reader in = reader_of_slice(*rest);
  RtcpPacket packet = {0};
  uint8_t first = reader_u8(&in);

  packet.count = first & 0x1f;
  packet.type = reader_u8(&in);
  packet.body = reader_slice(&in, reader_u16(&in) * 4U);
  if (in.failed || first >> 6 != RTP_VERSION)
    return false;
  *rest = reader_rest(&in);
  if (first >> 5 & 1) { /* padding */
    size_t count = packet.body.len > 0 ? (uint8_t) packet.body.data[packet.body.len - 1] : 0;
    if (count == 0 || count > packet.body.len)
      return false;
    packet.body.len -= count;
  }
  *ret_packet = packet;
  return true;
}

bool rtcp_is_whole(Slice datagram)
{
  RtcpPacket packet;

  while (datagram.len > 0)
    if (!rtcp_next(&datagram, &packet) || packet.type < 192 || packet.type > 223)
      return false;
  return true;
}

bool rtcp_sender(const RtcpPacket *packet, uint32_t *ret_ssrc)
{
  Reader in = reader_of_slice(packet->body);
  uint32_t ssrc = reader_u32(&in);

  if (in.failed || packet->type == RTCP_DESCRIPTION || packet->type == RTCP_BYE)
    return false;
  *ret_ssrc = ssrc;
  return true;
}

bool rtcp_sent_time(const RtcpPacket *packet, uint32_t *ret_middle)
{
  Reader in = reader_of_slice(packet->body);

  reader_skip(&in, 4); /* SSRC */
  reader_skip(&in, 2);
  uint32_t middle = reader_u32(&in);
  if (in.failed || packet->type != RTCP_SENDER_REPORT)
    return false;
  *ret_middle = middle;
  return true;
}

/* 24 bits, signed. */
static int32_t lost_of(uint32_t word)
{
  int32_t lost = (int32_t) (word & 0xffffff);

  return lost >= 0x800000 ? lost - 0x1000000 : lost;
}

bool rtcp_report_at(const RtcpPacket *packet, unsigned index, RtcpReport *ret_report)
{
  enum { SSRC = 4, SENDER_INFO = 20, BLOCK = 24 };
  Reader in = reader_of_slice(packet->body);

  if (packet->type != RTCP_SENDER_REPORT && packet->type != RTCP_RECEIVER_REPORT)
    return false;
  if (index >= packet->count)
    return false;
  reader_skip(&in, SSRC + (packet->type == RTCP_SENDER_REPORT ? SENDER_INFO : 0));
  reader_skip(&in, (size_t) index * BLOCK);
  RtcpReport report = {0};
  report.ssrc = reader_u32(&in);
  uint32_t loss = reader_u32(&in);
  report.fraction = (uint8_t) (loss >> 24);
  report.lost = lost_of(loss);
  report.highest_seq = reader_u32(&in);
  report.jitter = reader_u32(&in);
  report.last_report = reader_u32(&in);
  report.since_last_report = reader_u32(&in);
  if (in.failed)
    return false;
  *ret_report = report;
  return true;
}

bool rtcp_bye_at(const RtcpPacket *packet, unsigned index, uint32_t *ret_ssrc)
{
  Reader in = reader_of_slice(packet->body);

  if (packet->type != RTCP_BYE || index >= packet->count)
    return false;
  reader_skip(&in, (size_t) index * 4);
  uint32_t ssrc = reader_u32(&in);
  if (in.failed)
    return false;
  *ret_ssrc = ssrc;
  return true;
}

static bool read_voip_metrics(Slice block, uint32_t *ret_ssrc, RtcpVoipMetrics *ret_metrics)
{
  Reader in = reader_of_slice(block);
  uint32_t ssrc = reader_u32(&in);
  RtcpVoipMetrics metrics = {0};

  metrics.loss = reader_u8(&in);
  metrics.discard = reader_u8(&in);
  metrics.burst_density = reader_u8(&in);
  metrics.gap_density = reader_u8(&in);
  metrics.burst_ms = reader_u16(&in);
  metrics.gap_ms = reader_u16(&in);
  metrics.round_trip_ms = reader_u16(&in);
  metrics.end_system_ms = reader_u16(&in);
  reader_skip(&in, 4); /* signal and noise level, echo return loss, Gmin */
  metrics.r_factor = reader_u8(&in);
  metrics.external_r_factor = reader_u8(&in);
  metrics.mos_lq = reader_u8(&in);
  metrics.mos_cq = reader_u8(&in);
  reader_skip(&in, 2); /* receiver configuration */
  metrics.jitter_buffer_ms = reader_u16(&in);
  reader_skip(&in, 4); /* maximum and absolute maximum of the jitter buffer */
  if (in.failed)
    return false;
  *ret_ssrc = ssrc;
  *ret_metrics = metrics;
  return true;
}

bool rtcp_voip_metrics_next(Slice *blocks, uint32_t *ret_ssrc, RtcpVoipMetrics *ret_metrics)
{
  enum { VOIP_METRICS = 7 };
  Reader in = reader_of_slice(*blocks);

  while (!in.failed && reader_left(&in) > 0) {
    uint8_t type = reader_u8(&in);
    reader_skip(&in, 1);
    Slice block = reader_slice(&in, reader_u16(&in) * 4U);
    if (!in.failed && type == VOIP_METRICS && read_voip_metrics(block, ret_ssrc, ret_metrics)) {
      *blocks = reader_rest(&in);
      return true;
    }
  }
  return false;
}
