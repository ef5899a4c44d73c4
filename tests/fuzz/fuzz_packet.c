/* Two bytes choose the link type; then frames follow, each after its length. */
#include "dissect/net/packet.h"

#include "capture/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  Reader in = reader_of(data, size);
  Frame frame = {.link_type = reader_u16(&in), .matched = true};
  g_autoptr(PacketDecoder) decoder = packet_decoder_new((PacketLimits){4096, 1000});
  Arena scratch;
  Packet packet;

  arena_init(&scratch, 64);
  while (reader_left(&in) > 2) {
    size_t len = reader_u16(&in);
    len = MIN(len, reader_left(&in));
    g_autofree uint8_t *octets = g_memdup2(reader_take(&in, len), len);
    frame.data = octets;
    frame.len = (uint32_t) len;
    frame.wire_len = frame.len + (uint32_t) (++frame.number % 2);
    frame.time_ns += 100;
    PacketKind kind = packet_decode(decoder, &frame, &scratch, &packet);
    if (kind != PACKET_NONE && kind != PACKET_UNDECODED)
      g_free(slice_dup(packet.payload)); /* reads every byte of it */
    while (packet_decoder_expire(decoder, frame.time_ns, &scratch, &packet))
      g_free(slice_dup(packet.payload));
  }
  while (packet_decoder_expire(decoder, INT64_MAX, &scratch, &packet))
    g_free(slice_dup(packet.payload));
  arena_clear(&scratch);
  return 0;
}
