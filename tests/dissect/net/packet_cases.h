/*
 * Shared by test_link and test_tunnel: frames that must give their payload and frames that must
 * not, cut at every length, and with each byte changed.
 */
#pragma once

#include "tests/dissect/net/packets.h"

#define PAYLOAD "OPTIONS sip:bob@example.com SIP/2.0\r\n\r\n"

typedef struct {
  const char *name;
  uint16_t link_type;
  PacketKind kind;
  bool tunnel;
  size_t tail; /* bytes after the IP packet, which do not matter */
  const char *layers[LAYERS_MAX];
} PacketCase;

typedef struct {
  PacketDecoder *decoder;
  Arena scratch;
  Packet packet;
} Bench;

static inline Bench bench_of(PacketLimits limits)
{
  Bench bench = {.decoder = packet_decoder_new(limits)};

  arena_init(&bench.scratch, 4096);
  return bench;
}

static inline void bench_clear(Bench *bench)
{
  packet_decoder_free(bench->decoder);
  arena_clear(&bench->scratch);
}

static inline PacketKind bench_decode(Bench *bench, const Frame *frame)
{
  return packet_decode(bench->decoder, frame, &bench->scratch, &bench->packet);
}

static inline size_t payload_offset(const Packet *packet, const Frame *frame)
{
  return (size_t) ((const uint8_t *) packet->payload.data - frame->data);
}

static inline void check_whole(Bench *bench, const PacketCase *c, const Frame *frame)
{
  Packet *packet = &bench->packet;

  assert_int_equal(bench_decode(bench, frame), c->kind);
  assert_int_equal(packet->kind, c->kind);
  if (!is_transport(c->kind))
    return;
  assert_slice(packet->payload, PAYLOAD);
  assert_int_equal(packet->src.port, 5060);
  assert_int_equal(packet->dst.port, 5062);
  assert_int_equal(packet->dst.address[packet->dst.family == ADDRESS_IPV4 ? 3 : 15], 2);
  assert_false(packet->cut);
  assert_true(packet->in_frame);
  assert_true(packet->ref == frame->ref + payload_offset(packet, frame));
  assert_int_equal(packet->tunnel != 0, c->tunnel);
  assert_int_equal(packet->fragments, 1);
  assert_true(packet->frame == frame->number && packet->time_ns == frame->time_ns);
  if (c->kind == PACKET_TCP) {
    assert_int_equal(packet->tcp_seq, 100);
    assert_int_equal(packet->tcp_ack, 200);
    assert_int_equal(packet->tcp_flags, 0x18);
  }
}

/* A frame that ends early gives nothing, or what it has, marked as cut. */
static inline void check_cut(Bench *bench, const Frame *frame)
{
  PacketKind kind = bench_decode(bench, frame);

  if (!is_transport(kind))
    return;
  assert_true(bench->packet.cut);
  assert_int_equal(payload_offset(&bench->packet, frame) + bench->packet.payload.len, frame->len);
}

static inline void check_case(const PacketCase *c)
{
  Bench bench = bench_of(TEST_LIMITS);
  g_autoptr(GByteArray) octets = packet_build(c->layers, SLICE(PAYLOAD));

  print_message("  %s\n", c->name);
  for (size_t len = 0; len <= octets->len; len++) {
    Frame frame = frame_of(c->link_type, octets, len);
    if (len + c->tail >= octets->len)
      check_whole(&bench, c, &frame);
    else
      check_cut(&bench, &frame);
    /* The same when the frame does not say that it was cut. */
    frame.wire_len = frame.len;
    if (len + c->tail < octets->len && is_transport(c->kind))
      check_cut(&bench, &frame);
    frame_clear(&frame);
  }
  assert_int_equal(packet_decoder_lost_fragments(bench.decoder), 0);
  bench_clear(&bench);
}

/* Changed bytes: every payload is within the frame. */
static inline void check_changed(const PacketCase *c)
{
  static const uint8_t MASKS[] = {0x01, 0x04, 0x10, 0x40, 0x80, 0xff};
  Bench bench = bench_of(TEST_LIMITS);
  g_autoptr(GByteArray) octets = packet_build(c->layers, SLICE(PAYLOAD));

  for (size_t i = 0; i < octets->len * G_N_ELEMENTS(MASKS); i++) {
    octets->data[i / G_N_ELEMENTS(MASKS)] ^= MASKS[i % G_N_ELEMENTS(MASKS)];
    Frame frame = frame_of(c->link_type, octets, octets->len);
    if (is_transport(bench_decode(&bench, &frame)) && bench.packet.in_frame)
      assert_true(payload_offset(&bench.packet, &frame) + bench.packet.payload.len <= frame.len);
    octets->data[i / G_N_ELEMENTS(MASKS)] ^= MASKS[i % G_N_ELEMENTS(MASKS)];
    frame_clear(&frame);
  }
  while (packet_decoder_expire(bench.decoder, INT64_MAX, &bench.scratch, &bench.packet))
    assert_true(is_transport(bench.packet.kind));
  bench_clear(&bench);
}
