/* SCTP packets down to user messages: direction, cut or not and time; length; bytes. */
#include "dissect/net/sctp.h"

#include "capture/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void pull(SctpTable *table)
{
  SctpMessage message;

  while (sctp_next(table, &message))
    g_free(slice_dup(message.octets)); /* reads every octet of it */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  Reader in = reader_of(data, size);
  g_autoptr(SctpTable) table = sctp_table_new((SctpLimits){2, 4096, 512, 1000});
  Packet packet = {.kind = PACKET_SCTP};

  while (reader_left(&in) >= 2) {
    uint8_t first = reader_u8(&in), len = reader_u8(&in);
    packet.frame++;
    packet.time_ns += 100 * (first >> 2);
    packet.src.port = first & 1;
    packet.cut = first & 2;
    packet.payload = reader_slice(&in, MIN(len, reader_left(&in)));
    sctp_feed(table, &packet);
    pull(table);
  }
  sctp_expire(table, INT64_MAX);
  pull(table);
  return 0;
}
