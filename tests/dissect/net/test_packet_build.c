#include "dissect/net/packet_build.h"

#include <arpa/inet.h>

#include "dissect/net/packet.h"
#include "tests/test.h"

static PacketHead head_of(bool ipv6)
{
  PacketHead head = {.src = {.port = 5060, .family = ipv6 ? ADDRESS_IPV6 : ADDRESS_IPV4},
                     .dst = {.port = 5080, .family = ipv6 ? ADDRESS_IPV6 : ADDRESS_IPV4},
                     .ttl = 63,
                     .dscp = 46,
                     .ip_id = 4711};
  int family = ipv6 ? AF_INET6 : AF_INET;

  assert_int_equal(inet_pton(family, ipv6 ? "2001:db8::1" : "192.0.2.1", head.src.address), 1);
  assert_int_equal(inet_pton(family, ipv6 ? "2001:db8::2" : "192.0.2.2", head.dst.address), 1);
  return head;
}

/* Takes it apart again. */
static PacketKind decode(PacketDecoder *decoder, const GByteArray *bytes, uint32_t missing,
                         Arena *scratch, Packet *ret_packet)
{
  const Frame frame = {.data = bytes->data,
                       .len = bytes->len,
                       .wire_len = bytes->len + missing,
                       .number = 1,
                       .link_type = LINK_TYPE_RAW,
                       .matched = true};

  return packet_decode(decoder, &frame, scratch, ret_packet);
}

static PacketDecoder *decoder_new(void)
{
  return packet_decoder_new((PacketLimits){1024 * 1024, INT64_C(1000000000)});
}

static void check_ends(const Packet *packet, const PacketHead *head)
{
  assert_true(endpoint_eq(&packet->src, &head->src) && endpoint_eq(&packet->dst, &head->dst));
  assert_int_equal(packet->ttl, head->ttl);
  assert_int_equal(packet->dscp, head->dscp);
  assert_int_equal(packet->ip_id, head->src.family == ADDRESS_IPV4 ? head->ip_id : 0);
}

static void test_udp(void **state)
{
  (void) state;
  for (unsigned ipv6 = 0; ipv6 < 2; ipv6++) {
    g_autoptr(PacketDecoder) decoder = decoder_new();
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    PacketHead head = head_of(ipv6);
    Packet packet;
    Arena scratch;

    arena_init(&scratch, 1024);
    packet_build_udp(bytes, &head, SLICE("hello"));
    assert_int_equal(decode(decoder, bytes, 0, &scratch, &packet), PACKET_UDP);
    assert_slice(packet.payload, "hello");
    check_ends(&packet, &head);
    assert_false(packet.cut);
    head.missing = 10;
    packet_build_udp(bytes, &head, SLICE("hello"));
    assert_int_equal(decode(decoder, bytes, 10, &scratch, &packet), PACKET_UDP);
    assert_true(packet.cut);
    assert_slice(packet.payload, "hello");
    arena_clear(&scratch);
  }
}

static void test_tcp(void **state)
{
  (void) state;
  for (unsigned ipv6 = 0; ipv6 < 2; ipv6++) {
    g_autoptr(PacketDecoder) decoder = decoder_new();
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    PacketHead head = head_of(ipv6);
    Packet packet;
    Arena scratch;

    arena_init(&scratch, 1024);
    packet_build_tcp(bytes, &head, 17, 18, SLICE("hello"));
    assert_int_equal(decode(decoder, bytes, 0, &scratch, &packet), PACKET_TCP);
    assert_slice(packet.payload, "hello");
    check_ends(&packet, &head);
    assert_int_equal(packet.tcp_seq, 17);
    assert_int_equal(packet.tcp_ack, 18);
    assert_int_equal(packet_tcp_checksum(&packet), CHECKSUM_GOOD);
    arena_clear(&scratch);
  }
}

static void test_sctp(void **state)
{
  g_autoptr(PacketDecoder) decoder = decoder_new();
  g_autoptr(GByteArray) bytes = g_byte_array_new();
  PacketHead head = head_of(false);
  Packet packet;
  Arena scratch;

  (void) state;
  arena_init(&scratch, 1024);
  packet_build_sctp(bytes, &head, 5, SLICE("hello"));
  assert_int_equal(decode(decoder, bytes, 0, &scratch, &packet), PACKET_SCTP);
  assert_int_equal(packet.payload.len, 24); /* chunk header, and 5 bytes padded to 8 */
  assert_memory_equal(packet.payload.data + 16, "hello\0\0", 8);
  check_ends(&packet, &head);
  arena_clear(&scratch);
}

static void test_fragments(void **state)
{
  (void) state;
  for (unsigned ipv6 = 0; ipv6 < 2; ipv6++) {
    g_autoptr(PacketDecoder) decoder = decoder_new();
    g_autoptr(GByteArray) whole = g_byte_array_new(), bytes = g_byte_array_new();
    PacketHead head = head_of(ipv6);
    FragmentPart part = {.id = 99, .len = 16};
    unsigned count = 0;
    Packet packet = {0};
    Arena scratch;

    arena_init(&scratch, 1024);
    packet_build_udp(whole, &head, SLICE("one text in three fragments of a datagram"));
    for (; packet_build_fragment(bytes, whole, &part); part.at += part.len) {
      PacketKind kind = decode(decoder, bytes, 0, &scratch, &packet);
      assert_int_equal(kind, ++count == 4 ? PACKET_UDP : PACKET_NONE);
    }
    assert_int_equal(count, 4);
    assert_slice(packet.payload, "one text in three fragments of a datagram");
    assert_int_equal(packet.fragments, 4);
    part = (FragmentPart){.id = 98, .len = 24, .has_more = true};
    assert_true(packet_build_fragment(bytes, whole, &part));
    assert_int_equal(decode(decoder, bytes, 0, &scratch, &packet), PACKET_NONE);
    arena_clear(&scratch);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_udp),
    cmocka_unit_test(test_tcp),
    cmocka_unit_test(test_sctp),
    cmocka_unit_test(test_fragments),
  };

  return cmocka_run_group_tests_name("packet_build", tests, NULL, NULL);
}
