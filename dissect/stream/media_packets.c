#include "dissect/stream/media_packets.h"

#include "dissect/net/rtp.h"

enum { SCRATCH_FIRST = 4096 };

struct MediaPackets {
  Carrier *carrier;
  Arena scratch; /* of messages, which are not wanted */
  Packet datagram;
  bool has_datagram, has_segments; /* something may be left to pull */
};

MediaPackets *media_packets_new(CarrierLimits limits)
{
  MediaPackets *media = g_new0(MediaPackets, 1);

  media->carrier = carrier_new(limits);
  arena_init(&media->scratch, SCRATCH_FIRST);
  return media;
}

void media_packets_free(MediaPackets *media)
{
  if (!media)
    return;
  carrier_free(media->carrier);
  arena_clear(&media->scratch);
  g_free(media);
}

void media_packets_add_keys(MediaPackets *media, Slice lines)
{
  TlsKeyLogFaults unused = {0};

  carrier_add_keys(media->carrier, lines, &unused);
}

bool media_packets_srtp_key(const MediaPackets *media, const Endpoint *src, const Endpoint *dst,
                            DtlsSrtpKey *ret_key)
{
  return carrier_srtp_key(media->carrier, src, dst, ret_key);
}

void media_packets_feed(MediaPackets *media, const Packet *packet)
{
  bool is_datagram = packet->kind == PACKET_UDP;

  if (is_datagram && rtp_classify(packet->payload) != RTP_IS_OTHER) {
    media->datagram = *packet;
    media->has_datagram = true;
  } else if (packet->kind == PACKET_TCP || (is_datagram && dtls_is_likely(packet->payload))) {
    carrier_feed(media->carrier, packet);
    media->has_segments = true;
  }
}

void media_packets_expire(MediaPackets *media, int64_t now_ns)
{
  carrier_expire(media->carrier, now_ns);
  media->has_segments = true;
}

bool media_packets_next(MediaPackets *media, Packet *ret_packet)
{
  RawMessage raw;

  if (media->has_datagram) {
    media->has_datagram = false;
    *ret_packet = media->datagram;
    return true;
  }
  while (media->has_segments && carrier_next(media->carrier, &media->scratch, &raw)) {
    arena_reset(&media->scratch);
    if (!raw.is_media)
      continue;
    *ret_packet = raw_media_packet(&raw);
    return true;
  }
  media->has_segments = false;
  return false;
}
