/*
 * TCP segments for tests: two endpoints "a" and "b", one frame per segment, 1 ms apart.
 */
#pragma once

#include "dissect/net/packet.h"
#include "tests/test.h"

typedef struct {
  char from; /* 'a' or 'b'; 0 ends a list */
  uint32_t seq;
  const char *flags; /* of S, F, R, A (acknowledges `ack`), C (cut by the snap length), G and X (has
                        a header, and its checksum is good or wrong) */
  const char *data;
  uint32_t ack;
  int64_t pause_ms; /* before it, in addition to the 1 ms */
} Segment;

static inline Endpoint test_endpoint(char name)
{
  return (Endpoint){.address = {10, 0, 0, (uint8_t) name}, .port = 5060, .family = ADDRESS_IPV4};
}

static inline uint8_t test_flags(const char *text)
{
  return (uint8_t) ((strchr(text, 'S') ? TCP_SYN : 0) | (strchr(text, 'F') ? TCP_FIN : 0) |
                    (strchr(text, 'R') ? TCP_RST : 0) | (strchr(text, 'A') ? TCP_ACK : 0));
}

/* A header before the bytes, with a checksum that makes the sum right or not. */
static inline void test_add_header(Packet *packet, bool wrong)
{
  enum { HEADER = 20, CHECKSUM = 16 };
  size_t len = HEADER + packet->payload.len;
  uint8_t *octets = g_malloc0(len);
  uint32_t sum = 6 + (uint32_t) len, word = 0;

  if (packet->payload.len > 0)
    memcpy(octets + HEADER, packet->payload.data, packet->payload.len);
  octets[13] = packet->tcp_flags;
  for (size_t i = 0; i < 4; i++)
    sum += (uint32_t) (packet->src.address[i] + packet->dst.address[i]) << (i % 2 == 0 ? 8 : 0);
  for (size_t i = 0; i < len; i++)
    sum += (uint32_t) octets[i] << (i % 2 == 0 ? 8 : 0);
  word = ~((sum & 0xffff) + (sum >> 16)) ^ (wrong ? 0x1234U : 0U);
  octets[CHECKSUM] = (uint8_t) (word >> 8);
  octets[CHECKSUM + 1] = (uint8_t) word;
  packet->tcp_header = HEADER;
  packet->payload = slice_of((char *) octets + HEADER, packet->payload.len);
}

/* The segment after `previous`; its bytes are an exact copy, freed with free_segment. */
static inline Packet test_segment(const Segment *segment, const Packet *previous)
{
  int64_t pause_ns = (segment->pause_ms + 1) * 1000 * 1000;

  Slice octets = slice_from_string(segment->data ? segment->data : "");
  Packet packet = {.kind = PACKET_TCP,
                   .src = test_endpoint(segment->from),
                   .dst = test_endpoint(segment->from == 'a' ? 'b' : 'a'),
                   .payload = octets,
                   .in_frame = true,
                   .cut = strchr(segment->flags, 'C') != NULL,
                   .ref = (previous->frame + 1) * 10000,
                   .frame = previous->frame + 1,
                   .time_ns = previous->time_ns + pause_ns,
                   .fragments = 1,
                   .tcp_seq = segment->seq,
                   .tcp_ack = segment->ack,
                   .tcp_flags = test_flags(segment->flags)};
  if (strpbrk(segment->flags, "GX"))
    test_add_header(&packet, strchr(segment->flags, 'X') != NULL);
  else
    packet.payload = exact_slice(octets);
  return packet;
}

static inline void free_octets(Slice octets)
{
  union {
    const char *data;
    void *block;
  } u = {octets.data};

  g_free(u.block);
}

static inline void free_segment(const Packet *packet)
{
  free_octets((Slice){packet->payload.data - packet->tcp_header, packet->payload.len});
}

/* Numbers for shuffling, the same in every run. */
static inline uint32_t test_random(uint64_t *state, uint32_t below)
{
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t) (*state >> 33) % below;
}
