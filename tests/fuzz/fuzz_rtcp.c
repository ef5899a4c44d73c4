/* One datagram as RTCP: whole or not, each packet of it, all that they report. */
#include "dissect/net/rtp.h"

#include <glib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_packet(const RtcpPacket *rtcp)
{
  Slice blocks = slice_from(rtcp->body, 4);
  RtcpVoipMetrics metrics;
  RtcpReport report;
  uint32_t word;

  (void) rtcp_sender(rtcp, &word);
  (void) rtcp_sent_time(rtcp, &word);
  for (unsigned i = 0; rtcp_report_at(rtcp, i, &report); i++)
    g_assert(report.lost >= -0x800000 && report.lost <= 0x7fffff);
  for (unsigned i = 0; rtcp_bye_at(rtcp, i, &word); i++)
    g_assert(i < 31);
  for (size_t left = blocks.len; rtcp_voip_metrics_next(&blocks, &word, &metrics);
       left = blocks.len)
    g_assert(blocks.len < left);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  Slice datagram = slice_of((const char *) data, size), rest = datagram;
  size_t bytes = 0;
  RtcpPacket rtcp;

  while (rtcp_next(&rest, &rtcp)) {
    bytes = size - rest.len;
    read_packet(&rtcp);
  }
  g_assert(!rtcp_is_whole(datagram) || bytes == size);
  return 0;
}
