/* TCP segments of one connection, out of order and with holes, down to SIP messages. */
#include "dissect/trace/carrier.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const CarrierLimits LIMITS = {
  .connections = 2, .stream_bytes = 1 << 16, .message_bytes = 4096, .gap_wait_ns = 1000};

static void pull(Carrier *carrier, Arena *scratch)
{
  RawMessage message;

  while (carrier_next(carrier, scratch, &message)) {
    g_assert(message.octets.len > 0 && message.octets.len <= LIMITS.message_bytes);
    g_assert(slice_find(message.octets, '\0') <= message.octets.len); /* all can be read */
  }
}

/* A segment: direction and flags, how far its number jumps back, how many octets, the octets. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  enum { HEAD = 3, FLAGS = TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK };
  Carrier *carrier = carrier_new(LIMITS);
  Arena scratch;
  uint32_t next[2] = {UINT32_MAX - 100, 7};

  arena_init(&scratch, 1024);
  for (uint64_t frame = 1; size >= HEAD; frame++) {
    bool back = data[0] & 0x80;
    Packet packet = {.kind = PACKET_TCP, .frame = frame, .time_ns = (int64_t) frame * 100};
    packet.src = (Endpoint){.port = back ? 2 : 1, .family = ADDRESS_IPV4};
    packet.dst = (Endpoint){.port = back ? 1 : 2, .family = ADDRESS_IPV4};
    packet.tcp_flags = data[0] & FLAGS;
    packet.cut = (data[0] & 0x68) == 0x68;
    packet.tcp_seq = next[back] + (uint32_t) (int8_t) data[1];
    packet.tcp_ack = next[!back];
    packet.payload = slice_of((const char *) data + HEAD, MIN(data[2], size - HEAD));
    next[back] =
      packet.tcp_seq + (uint32_t) packet.payload.len + (packet.tcp_flags & TCP_SYN ? 1 : 0);
    data += HEAD + packet.payload.len;
    size -= HEAD + packet.payload.len;
    carrier_feed(carrier, &packet);
    pull(carrier, &scratch);
  }
  carrier_expire(carrier, INT64_MAX);
  pull(carrier, &scratch);
  carrier_free(carrier);
  arena_clear(&scratch);
  return 0;
}
