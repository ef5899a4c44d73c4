/*
 * TCP segments for tests: two endpoints "a" and "b", one frame per segment, 1 ms apart.
 */
#pragma once

#include "dissect/net/packet.h"
#include "tests/test.h"

typedef struct {
  char from; /* 'a' or 'b'; 0 ends a list */
  uint32_t seq;
  const char *flags; /* of S, F, R, A (acknowledges `ack`), C (cut by the snap length) */
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

/* The segment after `previous`; its bytes are an exact copy, freed by the caller. */
static inline Packet test_segment(const Segment *segment, const Packet *previous)
{
  int64_t pause_ns = (segment->pause_ms + 1) * 1000 * 1000;

  return (Packet){.kind = PACKET_TCP,
                  .src = test_endpoint(segment->from),
                  .dst = test_endpoint(segment->from == 'a' ? 'b' : 'a'),
                  .payload = exact_slice(slice_from_string(segment->data ? segment->data : "")),
                  .in_frame = true,
                  .cut = strchr(segment->flags, 'C') != NULL,
                  .ref = (previous->frame + 1) * 10000,
                  .frame = previous->frame + 1,
                  .time_ns = previous->time_ns + pause_ns,
                  .fragments = 1,
                  .tcp_seq = segment->seq,
                  .tcp_ack = segment->ack,
                  .tcp_flags = test_flags(segment->flags)};
}

static inline void free_octets(Slice octets)
{
  union {
    const char *data;
    void *block;
  } u = {octets.data};

  g_free(u.block);
}

/* Numbers for shuffling, the same in every run. */
static inline uint32_t test_random(uint64_t *state, uint32_t below)
{
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t) (*state >> 33) % below;
}
