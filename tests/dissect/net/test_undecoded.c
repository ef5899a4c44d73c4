#include "dissect/net/undecoded.h"

#include "tests/dissect/net/packets.h"

static const struct {
  const char *what; /* "" when nothing is counted */
  uint16_t link_type;
  const char *layers[LAYERS_MAX];
} CASES[] = {
  {"link type 259", 259, {"00"}},
  {"loopback address family 99", LINK_TYPE_NULL, {"00000063"}},
  {"", LINK_TYPE_NULL, {"00000800", IPV4("11"), UDP}},
  {"EtherType 0x88b5", LINK_TYPE_ETHERNET, {ETHERNET("88b5")}},
  {"EtherType 0x88b5", LINK_TYPE_ETHERNET, {ETHERNET("8100"), "0007 88b5"}},
  {"EtherType 0x6400", LINK_TYPE_RAW, {IPV4("2f"), "0000 6400"}},
  {"", LINK_TYPE_ETHERNET, {ETHERNET("0806")}},
  {"", LINK_TYPE_ETHERNET, {ETHERNET("88cc")}},
  {"PPP protocol 0x002d", LINK_TYPE_ETHERNET, {ETHERNET("8864"), "1100 0009 len", "002d"}},
  {"", LINK_TYPE_ETHERNET, {ETHERNET("8864"), "1100 0009 len", "c021"}},
  {"GRE version 1 protocol 0x6401", LINK_TYPE_RAW, {IPV4("2f"), "2001 6401 len 0001"}},
  {"IP protocol 253", LINK_TYPE_RAW, {IPV4("fd")}},
  {"IP protocol 253", LINK_TYPE_RAW, {IPV4("04"), IPV4("fd")}},
  {"IP protocol 253", LINK_TYPE_RAW, {IPV6("fd")}},
  {"", LINK_TYPE_RAW, {IPV4("01")}},
  {"", LINK_TYPE_RAW, {IPV6("3a")}},
  {"encrypted ESP", LINK_TYPE_RAW, {IPV4("32"), "01020304 00000001"}},
  {"encrypted ESP", LINK_TYPE_RAW, {IPV4("11"), UDP_PORTS("1194", "1194"), "01020304 00000001"}},
  {"encrypted MACsec", LINK_TYPE_ETHERNET, {ETHERNET("88e5"), "0c 00 00000001"}},
  {"encrypted CAPWAP", LINK_TYPE_RAW, {IPV4("11"), UDP_PORTS("d431", "147f"), "01000000"}},
  {"", LINK_TYPE_RAW, {IPV4("11"), UDP_PORTS("1194", "1194"), "00000000 00000001"}},
  {"", LINK_TYPE_RAW, {IPV4("11"), UDP_PORTS("1194", "1194")}},
  {"", LINK_TYPE_RAW, {IPV4("11"), UDP_PORTS("12b5", "12b5"), "ffff"}}, /* no VXLAN */
  {"damaged headers", LINK_TYPE_RAW, {"4500 0013 1234 0000 4011 0000 0a000001 0a000002"}},
};

/* What is not decoded has a name; what is decoded, or never has SIP, is not counted. */
static void test_kinds(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(PacketDecoder) decoder = packet_decoder_new(TEST_LIMITS);
    g_autoptr(GByteArray) octets = packet_build(CASES[i].layers, SLICE("text that is no header"));
    Frame frame = frame_of(CASES[i].link_type, octets, octets->len);
    char name[UNDECODED_NAME_MAX] = "";
    Arena scratch = {0};
    Packet packet;

    arena_init(&scratch, 1024);
    packet_decode(decoder, &frame, &scratch, &packet);
    const Undecoded *undecoded = packet_decoder_undecoded(decoder);
    if (undecoded->count > 0)
      (void) undecoded_name(&undecoded->rows[0], name);
    assert_string_equal(name, CASES[i].what);
    frame.matched = false; /* the capture filter wants none of it */
    uint64_t count = undecoded->count > 0 ? undecoded->rows[0].count : 0;
    packet_decode(decoder, &frame, &scratch, &packet);
    assert_int_equal(undecoded->count > 0 ? undecoded->rows[0].count : 0, count);
    arena_clear(&scratch);
    frame_clear(&frame);
  }
}

static void test_table_is_bounded(void **state)
{
  Undecoded undecoded = {0}, copy;
  uint64_t sum = 0;

  (void) state;
  for (unsigned i = 0; i < 3 * UNDECODED_MAX; i++)
    undecoded_add(&undecoded, UNDECODED_ETHERTYPE, (uint16_t) i, 2);
  undecoded_add(&undecoded, UNDECODED_ETHERTYPE, 3, 5);
  undecoded_copy(&copy, &undecoded);
  assert_int_equal(copy.count, UNDECODED_MAX);
  assert_int_equal(copy.rows[3].count, 7);
  assert_int_equal(copy.rows[UNDECODED_MAX - 1].kind, UNDECODED_OTHERS);
  for (unsigned i = 0; i < copy.count; i++)
    sum += copy.rows[i].count;
  assert_int_equal(sum, 6 * UNDECODED_MAX + 5);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_kinds),
    cmocka_unit_test(test_table_is_bounded),
  };

  return cmocka_run_group_tests_name("undecoded", tests, NULL, NULL);
}
