/* SCTP packets of one association down to user messages. */
#include "dissect/net/sctp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const SctpLimits LIMITS = {
  .associations = 2, .bytes = 4096, .message_bytes = 512, .wait_ns = 1000};

static void pull(SctpTable *table, const Packet *packet)
{
  SctpMessage message;

  while (sctp_next(table, &message)) {
    g_assert(message.from_packet || message.octets.len <= LIMITS.message_bytes);
    g_assert(!message.from_packet || message.octets.len <= packet->payload.len);
    g_assert(slice_find(message.octets, '\0') <= message.octets.len); /* all can be read */
  }
}

/* A packet: direction and whether it was cut, how many octets, the octets. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  enum { HEAD = 2 };
  SctpTable *table = sctp_table_new(LIMITS);
  Packet packet = {.kind = PACKET_SCTP};

  while (size >= HEAD) {
    packet.frame++;
    packet.time_ns += 100 * (data[0] >> 2);
    packet.src.port = data[0] & 1;
    packet.cut = data[0] & 2;
    packet.payload = slice_of((const char *) data + HEAD, MIN(data[1], size - HEAD));
    data += HEAD + packet.payload.len;
    size -= HEAD + packet.payload.len;
    sctp_feed(table, &packet);
    pull(table, &packet);
  }
  sctp_expire(table, INT64_MAX);
  pull(table, &packet);
  sctp_table_free(table);
  return 0;
}
