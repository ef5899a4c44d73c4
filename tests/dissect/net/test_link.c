#include "dissect/net/link.h"

#include "tests/dissect/net/packet_cases.h"

#define WLAN(kind, flags) kind flags "0000 020000000001 020000000002 020000000003 1000"
#define SNAP(type) "aaaa03 000000" type
#define RADIOTAP "0000 0800 00000000"
#define SLL(hardware, protocol) "0000" hardware "0006 0200000000010000" protocol
#define SLL2(hardware, protocol) protocol "0000 00000002" hardware "0006 0200000000010000"

static const PacketCase CASES[] = {
  {"Ethernet, UDP", 1, PACKET_UDP, false, 0, {ETHERNET("0800"), IPV4("11"), UDP}},
  {"Ethernet, TCP", 1, PACKET_TCP, false, 0, {ETHERNET("0800"), IPV4("06"), TCP}},
  {"Ethernet, SCTP", 1, PACKET_SCTP, false, 0, {ETHERNET("0800"), IPV4("84"), SCTP}},
  {"Ethernet, IPv6, UDP", 1, PACKET_UDP, false, 0, {ETHERNET("86dd"), IPV6("11"), UDP}},
  {"Ethernet, IPv6, TCP", 1, PACKET_TCP, false, 0, {ETHERNET("86dd"), IPV6("06"), TCP}},
  {"padding", 1, PACKET_UDP, false, 7, {ETHERNET("0800") "|00000000000000", IPV4("11"), UDP}},
  {"IPv6 padding", 1, PACKET_UDP, false, 4, {ETHERNET("86dd") "|00000000", IPV6("11"), UDP}},
  {"802.1Q", 1, PACKET_UDP, false, 0, {ETHERNET("8100"), "0064 0800", IPV4("11"), UDP}},
  {"802.1ad, 802.1Q",
   1,
   PACKET_UDP,
   false,
   0,
   {ETHERNET("88a8"), "0064 8100", "0065 0800", IPV4("11"), UDP}},
  {"tags 9100, 9200, 9300",
   1,
   PACKET_UDP,
   false,
   0,
   {ETHERNET("9100"), "0064 9200", "0065 9300", "0066 86dd", IPV6("11"), UDP}},
  {"VN-Tag, 802.1Q",
   1,
   PACKET_UDP,
   false,
   0,
   {ETHERNET("8926"), "00010002 8100", "0065 0800", IPV4("11"), UDP}},
  {"802.1ah",
   1,
   PACKET_UDP,
   false,
   0,
   {ETHERNET("88a8"), "0064 88e7", "00000001", ETHERNET("0800"), IPV4("11"), UDP}},
  {"802.3, LLC, SNAP",
   1,
   PACKET_UDP,
   false,
   0,
   {ETHERNET("") "len", SNAP("0800"), IPV4("11"), UDP}},
  {"802.3, LLC, SNAP, padding",
   1,
   PACKET_UDP,
   false,
   2,
   {ETHERNET("len|0000"), SNAP("0800"), IPV4("11"), UDP}},
  {"802.3, LLC of IP", 1, PACKET_UDP, false, 0, {ETHERNET("len"), "060603", IPV4("11"), UDP}},
  {"802.1Q with a length",
   1,
   PACKET_UDP,
   false,
   0,
   {ETHERNET("8100"), "0064 len", SNAP("0800"), IPV4("11"), UDP}},
  {"PPPoE", 1, PACKET_UDP, false, 0, {ETHERNET("8864"), "1100 0001 len", "0021", IPV4("11"), UDP}},
  {"PPPoE, compressed protocol, padding",
   1,
   PACKET_UDP,
   false,
   1,
   {ETHERNET("8864"), "1100 0001 len|00", "57", IPV6("11"), UDP}},
  {"MPLS", 1, PACKET_UDP, false, 0, {ETHERNET("8847"), "00064040 00065140", IPV4("11"), UDP}},
  {"MPLS, IPv6", 1, PACKET_UDP, false, 0, {ETHERNET("8848"), "00065140", IPV6("11"), UDP}},
  {"MPLS, control word, Ethernet",
   1,
   PACKET_UDP,
   false,
   0,
   {ETHERNET("8847"), "00065140 00000000", ETHERNET("0800"), IPV4("11"), UDP}},
  {"MPLS, Ethernet",
   1,
   PACKET_UDP,
   false,
   0,
   {ETHERNET("8847"), "00065140", ETHERNET("8100"), "0001 0800", IPV4("11"), UDP}},
  {"MPLS, Ethernet, an address like an IP header",
   1,
   PACKET_UDP,
   false,
   0,
   {ETHERNET("8847"), "00065140", "4600ffff0001 020000000002 0800", IPV4("11"), UDP}},
  {"NULL, little-endian", 0, PACKET_UDP, false, 0, {"02000000", IPV4("11"), UDP}},
  {"NULL, big-endian", 0, PACKET_UDP, false, 0, {"00000002", IPV4("11"), UDP}},
  {"NULL, macOS IPv6", 0, PACKET_UDP, false, 0, {"1e000000", IPV6("11"), UDP}},
  {"LOOP", 108, PACKET_UDP, false, 0, {"0000001c", IPV6("11"), UDP}},
  {"RAW", 101, PACKET_UDP, false, 0, {IPV4("11"), UDP}},
  {"RAW, IPv6", 101, PACKET_UDP, false, 0, {IPV6("11"), UDP}},
  {"DLT_RAW", 12, PACKET_UDP, false, 0, {IPV4("11"), UDP}},
  {"DLT_RAW of OpenBSD", 14, PACKET_UDP, false, 0, {IPV4("11"), UDP}},
  {"IPV4", 228, PACKET_UDP, false, 0, {IPV4("11"), UDP}},
  {"IPV6", 229, PACKET_UDP, false, 0, {IPV6("11"), UDP}},
  {"SLL", 113, PACKET_UDP, false, 0, {SLL("0001", "0800"), IPV4("11"), UDP}},
  {"SLL, 802.1Q", 113, PACKET_UDP, false, 0, {SLL("0001", "8100"), "0064 0800", IPV4("11"), UDP}},
  {"SLL, 802.1ad, tag without EtherType",
   113,
   PACKET_UDP,
   false,
   0,
   {SLL("0001", "88a8"), "0001 0800 0002 0800", IPV4("11"), UDP}},
  {"SLL, 802.1ad, tag without EtherType, IPv6",
   113,
   PACKET_UDP,
   false,
   0,
   {SLL("0001", "88a8"), "0001 86dd 0002 86dd", IPV6("11"), UDP}},
  {"SLL, LLC", 113, PACKET_UDP, false, 0, {SLL("0001", "0004"), SNAP("0800"), IPV4("11"), UDP}},
  {"SLL without protocol", 113, PACKET_UDP, false, 0, {SLL("fffe", "0000"), IPV4("11"), UDP}},
  {"SLL2", 276, PACKET_UDP, false, 0, {SLL2("0001", "86dd"), IPV6("11"), UDP}},
  {"PPP", 9, PACKET_UDP, false, 0, {"0021", IPV4("11"), UDP}},
  {"PPP, address and control", 9, PACKET_UDP, false, 0, {"ff03 0057", IPV6("11"), UDP}},
  {"PPP_HDLC", 50, PACKET_UDP, false, 0, {"ff03 0021", IPV4("11"), UDP}},
  {"PPP_HDLC, Cisco", 50, PACKET_UDP, false, 0, {"0f00 0800", IPV4("11"), UDP}},
  {"PPP, MPLS", 9, PACKET_UDP, false, 0, {"0281 00065140", IPV4("11"), UDP}},
  {"PPP_ETHER", 51, PACKET_UDP, false, 0, {"1100 0001 len", "0021", IPV4("11"), UDP}},
  {"PPP_WITH_DIR", 204, PACKET_UDP, false, 0, {"01 ff03 0021", IPV4("11"), UDP}},
  {"C_HDLC", 104, PACKET_UDP, false, 0, {"0f00 0800", IPV4("11"), UDP}},
  {"ENC", 109, PACKET_UDP, false, 0, {"02000000 00001234 00000001", IPV4("11"), UDP}},
  {"SLIP", 8, PACKET_UDP, false, 0, {"00450000000000000000000000000000", IPV4("11"), UDP}},
  {"FDDI",
   10,
   PACKET_UDP,
   false,
   0,
   {"50 020000000001 020000000002", SNAP("0800"), IPV4("11"), UDP}},
  {"IP_OVER_FC",
   122,
   PACKET_UDP,
   false,
   0,
   {"1000020000000001 1000020000000002", SNAP("0800"), IPV4("11"), UDP}},
  {"APPLE_IP_OVER_IEEE1394",
   138,
   PACKET_UDP,
   false,
   0,
   {"0200000000000001 0200000000000002 0800", IPV4("11"), UDP}},
  {"NETANALYZER", 240, PACKET_UDP, false, 0, {"00000000", ETHERNET("0800"), IPV4("11"), UDP}},
  {"802.11", 105, PACKET_UDP, false, 0, {WLAN("08", "02"), SNAP("0800"), IPV4("11"), UDP}},
  {"802.11, 4 addresses",
   105,
   PACKET_UDP,
   false,
   0,
   {WLAN("08", "03"), "020000000004", SNAP("0800"), IPV4("11"), UDP}},
  {"802.11, QoS",
   105,
   PACKET_UDP,
   false,
   4,
   {WLAN("88", "01") "|11223344", "0600", SNAP("86dd"), IPV6("11"), UDP}},
  {"802.11, QoS, HT control",
   105,
   PACKET_UDP,
   false,
   0,
   {WLAN("88", "81"), "0600 00000000", SNAP("0800"), IPV4("11"), UDP}},
  {"802.11, A-MSDU",
   105,
   PACKET_UDP,
   false,
   0,
   {WLAN("88", "01"), "8000", ETHERNET("len"), SNAP("0800"), IPV4("11"), UDP}},
  {"radiotap",
   127,
   PACKET_UDP,
   false,
   0,
   {RADIOTAP, WLAN("08", "01"), SNAP("0800"), IPV4("11"), UDP}},
  {"radiotap, timestamp, aligned body",
   127,
   PACKET_UDP,
   false,
   0,
   {"0000 1900 03000080 00000000 00000000 0000000000000000 20", WLAN("88", "01"), "0000 0000",
    SNAP("0800"), IPV4("11"), UDP}},
  {"Prism",
   119,
   PACKET_UDP,
   false,
   0,
   {"44000000 10000000 0000000000000000", WLAN("08", "01"), SNAP("0800"), IPV4("11"), UDP}},
  {"Prism, big-endian",
   119,
   PACKET_UDP,
   false,
   0,
   {"00000044 00000010 0000000000000000", WLAN("08", "01"), SNAP("0800"), IPV4("11"), UDP}},
  {"AVS",
   163,
   PACKET_UDP,
   false,
   0,
   {"80211001 00000010 0000000000000000", WLAN("08", "01"), SNAP("0800"), IPV4("11"), UDP}},
  {"PPI",
   192,
   PACKET_UDP,
   false,
   0,
   {"0000 0c00 69000000 00000000", WLAN("08", "01"), SNAP("0800"), IPV4("11"), UDP}},
  {"PPI, Ethernet",
   192,
   PACKET_UDP,
   false,
   0,
   {"0000 0800 01000000", ETHERNET("0800"), IPV4("11"), UDP}},
  {"NFLOG",
   239,
   PACKET_UDP,
   false,
   4,
   {"02000000 08000100 08000100 05000a00 00000000 5d00 0900|000000 00", IPV4("11"), UDP}},
  {"NFLOG, big-endian",
   239,
   PACKET_UDP,
   false,
   0,
   {"0a000000 00080001 08000100 len+4 0009", IPV6("11"), UDP}},
};

/* What carries nothing of ours, or nothing that can be read. */
static const PacketCase OTHERS[] = {
  {"ARP", 1, PACKET_NONE, false, 0, {ETHERNET("0806"), "0001"}},
  {"PTP", 1, PACKET_NONE, false, 0, {ETHERNET("88f7")}},
  {"EtherType between length and type", 1, PACKET_NONE, false, 0, {ETHERNET("05ff")}},
  {"LLC of spanning tree", 1, PACKET_NONE, false, 0, {ETHERNET("len"), "424203"}},
  {"SNAP of Cisco", 1, PACKET_NONE, false, 0, {ETHERNET("len"), "aaaa03 00000c 2000"}},
  {"LLC information frame",
   1,
   PACKET_NONE,
   false,
   0,
   {ETHERNET("len"), "aaaa00 000000 0800", IPV4("11"), UDP}},
  {"SLL, tag without EtherType before another one",
   113,
   PACKET_UNDECODED,
   false,
   0,
   {SLL("0001", "88a8"), "0001 0800 0002 86dd", IPV4("11"), UDP}},
  {"PPPoE discovery", 1, PACKET_NONE, false, 0, {ETHERNET("8864"), "1109 0000 len"}},
  {"LCP", 9, PACKET_NONE, false, 0, {"c021"}},
  {"VJ compression", 9, PACKET_UNDECODED, false, 0, {"002d"}},
  {"MPLS, channel", 1, PACKET_NONE, false, 0, {ETHERNET("8847"), "00065140 10000001"}},
  {"NULL, AppleTalk", 0, PACKET_UNDECODED, false, 0, {"10000000", IPV4("11"), UDP}},
  {"SLL, netlink", 113, PACKET_NONE, false, 0, {SLL("0338", "0800"), IPV4("11"), UDP}},
  {"SLL, CAN", 113, PACKET_NONE, false, 0, {SLL("0118", "000c")}},
  {"802.11, protected",
   105,
   PACKET_UNDECODED,
   false,
   0,
   {WLAN("08", "41"), SNAP("0800"), IPV4("11"), UDP}},
  {"802.11, fragment",
   105,
   PACKET_NONE,
   false,
   0,
   {WLAN("08", "05"), SNAP("0800"), IPV4("11"), UDP}},
  {"802.11, later fragment",
   105,
   PACKET_NONE,
   false,
   0,
   {"0801 0000 020000000001 020000000002 020000000003 1100", SNAP("0800"), IPV4("11"), UDP}},
  {"802.11, null data", 105, PACKET_NONE, false, 0, {WLAN("48", "01")}},
  {"802.11, beacon", 105, PACKET_NONE, false, 0, {WLAN("80", "00")}},
  {"NFLOG without packet", 239, PACKET_NONE, false, 0, {"02000000 len+4 000a|00"}},
  {"ICMP that quotes",
   1,
   PACKET_NONE,
   false,
   0,
   {ETHERNET("0800"), IPV4("01"), "0303 0000 00000000", IPV4("11"), UDP}},
  {"ICMPv6 that quotes",
   1,
   PACKET_NONE,
   false,
   0,
   {ETHERNET("86dd"), IPV6("3a"), "0104 0000 00000000", IPV6("11"), UDP}},
  {"IGMP", 1, PACKET_NONE, false, 0, {ETHERNET("0800"), IPV4("02")}},
  {"IPv6, no next header", 1, PACKET_NONE, false, 0, {ETHERNET("86dd"), IPV6("3b")}},
  {"RAW, version 5", 101, PACKET_NONE, false, 0, {"50000000"}},
  {"unknown link type", 147, PACKET_UNDECODED, false, 0, {IPV4("11"), UDP}},
  {"link type far away", 65535, PACKET_UNDECODED, false, 0, {IPV4("11"), UDP}},
  {"gap in the table", 2, PACKET_UNDECODED, false, 0, {IPV4("11"), UDP}},
  {"PPI of an unknown type", 192, PACKET_UNDECODED, false, 0, {"0000 0800 93000000"}},
  {"PPI that is too short", 192, PACKET_UNDECODED, false, 0, {"0000 0700 01000000"}},
  {"radiotap that is too long", 127, PACKET_UNDECODED, false, 0, {"0000 ff00 00000000"}},
  {"radiotap of version 1", 127, PACKET_UNDECODED, false, 0, {"0100 0800 00000000"}},
  {"NFLOG attribute of length 3", 239, PACKET_UNDECODED, false, 0, {"02000000 03000100"}},
  {"IPv4 in name only", 1, PACKET_UNDECODED, false, 0, {ETHERNET("0800"), IPV6("11"), UDP}},
  {"IPv6 in name only", 1, PACKET_UNDECODED, false, 0, {ETHERNET("86dd"), IPV4("11"), UDP}},
};

static void test_whole_and_cut(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    check_case(&CASES[i]);
}

static void test_others(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(OTHERS); i++)
    check_case(&OTHERS[i]);
}

static void test_changed(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    check_changed(&CASES[i]);
}

/* Tags and labels end somewhere, however many there are. */
static void test_depth(void **state)
{
  static const struct {
    size_t tags;
    PacketKind kind;
  } DEPTHS[] = {{1, PACKET_UDP}, {20, PACKET_UDP}, {200, PACKET_UNDECODED}};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(DEPTHS); i++) {
    Bench bench = bench_of(TEST_LIMITS);
    const char *const inner[] = {"0001 0800", IPV4("11"), UDP, NULL};
    GByteArray *octets = packet_build(inner, SLICE(PAYLOAD));
    for (size_t n = 1; n < DEPTHS[i].tags; n++)
      octets = wrap("0001 8100", octets);
    octets = wrap(ETHERNET("8100"), octets);
    Frame frame = frame_of(1, octets, octets->len);
    assert_int_equal(bench_decode(&bench, &frame), DEPTHS[i].kind);
    frame_clear(&frame);
    g_byte_array_unref(octets);
    bench_clear(&bench);
  }
}

static void test_filter(void **state)
{
  Bench bench = bench_of(TEST_LIMITS);
  g_autoptr(GByteArray) octets = packet_build(CASES[0].layers, SLICE(PAYLOAD));
  Frame frame = frame_of(1, octets, octets->len);

  (void) state;
  frame.matched = false;
  assert_int_equal(bench_decode(&bench, &frame), PACKET_NONE);
  frame.matched = true;
  assert_int_equal(bench_decode(&bench, &frame), PACKET_UDP);
  frame_clear(&frame);
  bench_clear(&bench);
}

/* The table finds what it holds, and nothing else. */
static void test_table(void **state)
{
  size_t known = 0;

  (void) state;
  for (uint32_t type = 0; type <= UINT16_MAX; type++)
    known += link_type_find(type) != NULL;
  assert_true(known >= 25);
  assert_string_equal(link_type_find(1)->name, "ETHERNET");
  assert_string_equal(link_type_find(276)->name, "LINUX_SLL2");
  assert_null(link_type_find(277));
  assert_null(link_type_find(UINT32_MAX));
  assert_true(ethertype_known(0x0800));
  assert_false(ethertype_known(0x0806));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_whole_and_cut), cmocka_unit_test(test_others),
    cmocka_unit_test(test_changed),       cmocka_unit_test(test_depth),
    cmocka_unit_test(test_filter),        cmocka_unit_test(test_table),
  };

  return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
