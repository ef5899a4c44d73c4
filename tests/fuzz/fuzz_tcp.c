/* Segments of one connection down to SIP messages: flags, jump of the number, length, bytes. */
#include "capture/reader.h"
#include "dissect/stream/carrier.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void pull(Carrier *carrier, Arena *scratch)
{
  RawMessage message;

  while (carrier_next(carrier, scratch, &message))
    g_free(slice_dup(message.octets)); /* reads every byte of it */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  enum { BACK = 0x80, CUT = 0x68, FLAGS = TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK };
  Reader in = reader_of(data, size);
  g_autoptr(Carrier) carrier = carrier_new((CarrierLimits){2, 1 << 16, 4096, 1000});
  Packet packet = {.kind = PACKET_TCP};
  uint32_t next[2] = {UINT32_MAX - 100, 7};
  Arena scratch;

  arena_init(&scratch, 1024);
  while (reader_left(&in) >= 3) {
    uint8_t flags = reader_u8(&in), jump = reader_u8(&in), len = reader_u8(&in);
    bool back = flags & BACK;
    packet.src.port = back ? 2 : 1;
    packet.dst.port = back ? 1 : 2;
    packet.frame++;
    packet.time_ns += 100;
    packet.tcp_flags = flags & FLAGS;
    packet.cut = (flags & CUT) == CUT;
    packet.tcp_seq = next[back] + jump - 128U * (jump / 128) * 2;
    packet.tcp_ack = next[!back];
    packet.payload = reader_slice(&in, MIN(len, reader_left(&in)));
    next[back] = packet.tcp_seq + (uint32_t) packet.payload.len + !!(flags & TCP_SYN);
    carrier_feed(carrier, &packet);
    pull(carrier, &scratch);
  }
  carrier_expire(carrier, INT64_MAX);
  pull(carrier, &scratch);
  arena_clear(&scratch);
  return 0;
}
