#include "dissect/net/tunnel.h"

#include "tests/dissect/net/packet_cases.h"

#define OUTER_IPV4(protocol) IPV4_BETWEEN(protocol, "c0000201", "c0000203")
#define OVER_UDP(port) ETHERNET("0800"), OUTER_IPV4("11"), UDP_PORTS("d431", port)
#define INNER IPV4("11"), UDP

/* A NULL cipher, its padding and pad length, next header, check value; the payload is 39 long. */
#define ESP(trailer) "00001001 00000001|" trailer
#define ICV12 "a1a2a3a4a5a6a7a8a9aaabac"
#define ICV16 ICV12 "adaeafb0"

static const PacketCase CASES[] = {
  {"IP in IP", 1, PACKET_UDP, true, 0, {ETHERNET("0800"), OUTER_IPV4("04"), INNER}},
  {"IP in IP, TCP", 1, PACKET_TCP, true, 0, {ETHERNET("0800"), OUTER_IPV4("04"), IPV4("06"), TCP}},
  {"6in4", 1, PACKET_UDP, true, 0, {ETHERNET("0800"), OUTER_IPV4("29"), IPV6("11"), UDP}},
  {"4in6", 1, PACKET_UDP, true, 0, {ETHERNET("86dd"), IPV6("04"), INNER}},
  {"EtherIP",
   1,
   PACKET_UDP,
   true,
   0,
   {ETHERNET("0800"), OUTER_IPV4("61"), "3000", ETHERNET("0800"), INNER}},
  {"MPLS in IP", 1, PACKET_UDP, true, 0, {ETHERNET("0800"), OUTER_IPV4("89"), "00065140", INNER}},
  {"Ethernet in IPv6",
   1,
   PACKET_UDP,
   true,
   0,
   {ETHERNET("86dd"), IPV6("8f"), ETHERNET("0800"), INNER}},
  {"AH",
   1,
   PACKET_UDP,
   false,
   0,
   {ETHERNET("0800"), IPV4("33"), "11 04 0000 00001001 00000001" ICV12, UDP}},
  {"hop-by-hop, routing, destination, mobility",
   1,
   PACKET_UDP,
   false,
   0,
   {ETHERNET("86dd"), IPV6("00"), "2b 00 000000000000", "3c 01 0000000000000000 000000000000",
    "87 00 000000000000", "11 00 000000000000", UDP}},
  {"atomic fragment",
   1,
   PACKET_UDP,
   false,
   0,
   {ETHERNET("86dd"), IPV6("2c"), "11 00 0000 00000001", UDP}},
  {"GRE", 1, PACKET_UDP, true, 0, {ETHERNET("0800"), OUTER_IPV4("2f"), "0000 0800", INNER}},
  {"GRE, checksum, key, sequence",
   1,
   PACKET_UDP,
   true,
   0,
   {ETHERNET("0800"), OUTER_IPV4("2f"), "b000 86dd 12340000 0000002a 00000001", IPV6("11"), UDP}},
  {"GRE, routing",
   1,
   PACKET_UDP,
   true,
   0,
   {ETHERNET("0800"), OUTER_IPV4("2f"), "4000 0800 00000000 0800 0004 c0000205 0000 0000", INNER}},
  {"GRE, Ethernet",
   1,
   PACKET_UDP,
   true,
   0,
   {ETHERNET("0800"), OUTER_IPV4("2f"), "2000 6558 0000002a", ETHERNET("8100"), "0001 0800",
    INNER}},
  {"GRE, MPLS",
   1,
   PACKET_UDP,
   true,
   0,
   {ETHERNET("0800"), OUTER_IPV4("2f"), "0000 8847 00065140", INNER}},
  {"GRE, PPP",
   1,
   PACKET_UDP,
   true,
   0,
   {ETHERNET("0800"), OUTER_IPV4("2f"), "0000 880b ff03 0021", INNER}},
  {"PPTP",
   1,
   PACKET_UDP,
   true,
   0,
   {ETHERNET("0800"), OUTER_IPV4("2f"), "3001 880b len 0007 00000001|", "ff03 0021", INNER}},
  {"ERSPAN I",
   1,
   PACKET_UDP,
   true,
   0,
   {ETHERNET("0800"), OUTER_IPV4("2f"), "0000 88be", ETHERNET("0800"), INNER}},
  {"ERSPAN II",
   1,
   PACKET_UDP,
   true,
   0,
   {ETHERNET("0800"), OUTER_IPV4("2f"), "1000 88be 00000001 1001000100000000", ETHERNET("0800"),
    INNER}},
  {"ERSPAN III",
   1,
   PACKET_UDP,
   true,
   0,
   {ETHERNET("0800"), OUTER_IPV4("2f"), "1000 22eb 00000001 20010001 00000000 0000 0000",
    ETHERNET("0800"), INNER}},
  {"ERSPAN III, platform header",
   1,
   PACKET_UDP,
   true,
   0,
   {ETHERNET("0800"), OUTER_IPV4("2f"),
    "1000 22eb 00000001 20010001 00000000 0000 0001 0000000000000000", ETHERNET("0800"), INNER}},
  {"ERSPAN III, IP",
   1,
   PACKET_UDP,
   true,
   0,
   {ETHERNET("0800"), OUTER_IPV4("2f"), "1000 22eb 00000001 20010001 00000000 0000 0800", INNER}},
  {"VXLAN",
   1,
   PACKET_UDP,
   true,
   0,
   {OVER_UDP("12b5"), "08000000 00002a00", ETHERNET("0800"), INNER}},
  {"VXLAN of Linux, group policy",
   1,
   PACKET_UDP,
   true,
   0,
   {OVER_UDP("2118"), "88080001 00002a00", ETHERNET("0800"), INNER}},
  {"VXLAN-GPE, IPv6",
   1,
   PACKET_UDP,
   true,
   0,
   {OVER_UDP("12b6"), "0c000002 00002a00", IPV6("11"), UDP}},
  {"VXLAN-GPE without a protocol",
   1,
   PACKET_UDP,
   true,
   0,
   {OVER_UDP("12b6"), "08000000 00002a00", ETHERNET("0800"), INNER}},
  {"GENEVE, options",
   1,
   PACKET_UDP,
   true,
   0,
   {OVER_UDP("17c1"), "02 40 6558 00002a00 0102800100000000", ETHERNET("0800"), INNER}},
  {"GTP", 1, PACKET_UDP, true, 0, {OVER_UDP("0868"), "30 ff len 00000001", INNER}},
  {"GTP, sequence",
   1,
   PACKET_UDP,
   true,
   0,
   {OVER_UDP("0868"), "32 ff len 00000001|", "0001 00 00", IPV6("11"), UDP}},
  {"GTP, extensions",
   1,
   PACKET_UDP,
   true,
   0,
   {OVER_UDP("0868"), "34 ff len 00000001", "0000 00 85 01 00 09 c0 02 000000000000 00", INNER}},
  {"TZSP",
   1,
   PACKET_UDP,
   true,
   0,
   {OVER_UDP("9090"), "01 00 0001 00 0a 01 c4 01", ETHERNET("0800"), INNER}},
  {"TZSP, 802.11",
   1,
   PACKET_UDP,
   true,
   0,
   {OVER_UDP("9090"), "01 00 0012 01", "0801 0000 020000000001 020000000002 020000000003 1000",
    "aaaa03 000000 0800", INNER}},
  {"L2TP", 1, PACKET_UDP, true, 0, {OVER_UDP("06a5"), "0002 0001 0002 ff03 0021", INNER}},
  {"L2TP, length, sequence, offset",
   1,
   PACKET_UDP,
   true,
   0,
   {OVER_UDP("06a5"), "4a02 len+16 0001 0002 0001 0001 0002 0000", "0021", INNER}},
  {"Teredo", 1, PACKET_UDP, true, 0, {OVER_UDP("0dd8"), IPV6("11"), UDP}},
  {"Teredo, authentication, origin",
   1,
   PACKET_UDP,
   true,
   0,
   {OVER_UDP("0dd8"), "0001 0102 aabbcc 0102030405060708 00", "0000 d431 3fffffff", IPV6("11"),
    UDP}},
  {"GTP in VXLAN",
   1,
   PACKET_UDP,
   true,
   0,
   {OVER_UDP("12b5"), "08000000 00002a00", OVER_UDP("0868"), "30 ff len 00000001", INNER}},
  /* 8 + 39 octets */
  {"ESP, check value of 12",
   1,
   PACKET_UDP,
   false,
   0,
   {ETHERNET("0800"), IPV4("32"), ESP("010203 03 11" ICV12), UDP}},
  {"ESP, 16, IPv6",
   1,
   PACKET_UDP,
   false,
   0,
   {ETHERNET("86dd"), IPV6("32"), ESP("010203 03 11" ICV16), UDP}},
  {"ESP, none",
   1,
   PACKET_UDP,
   false,
   0,
   {ETHERNET("0800"), IPV4("32"), ESP("01020304050607 07 11"), UDP}},
  /* 24 + 39 */
  {"ESP, TCP",
   1,
   PACKET_TCP,
   false,
   0,
   {ETHERNET("0800"), IPV4("32"), ESP("010203 03 06" ICV12), TCP}},
  {"ESP, tunnel mode",
   1,
   PACKET_UDP,
   true,
   0,
   {ETHERNET("0800"), OUTER_IPV4("32"), ESP("010203 03 04" ICV12), INNER}},
  {"ESP, IPv6 in tunnel mode",
   1,
   PACKET_UDP,
   true,
   0,
   {ETHERNET("0800"), OUTER_IPV4("32"), ESP("010203 03 29" ICV16), IPV6("11"), UDP}},
  {"ESP in UDP",
   1,
   PACKET_UDP,
   false,
   0,
   {ETHERNET("0800"), IPV4("11"), UDP_PORTS("1194", "1194"), ESP("010203 03 11" ICV12), UDP}},
  {"EoIP",
   1,
   PACKET_UDP,
   true,
   0,
   {ETHERNET("0800"), OUTER_IPV4("2f"), "2001 6400 len 2a00", ETHERNET("0800"), INNER}},
  {"NSH in VXLAN-GPE",
   1,
   PACKET_UDP,
   true,
   0,
   {OVER_UDP("12b6"), "0c000004 00002a00", "0fc2 02 01 00000aff", INNER}},
  {"MPLS in UDP", 1, PACKET_UDP, true, 0, {OVER_UDP("19eb"), "00064040 00065140", INNER}},
  {"LISP", 1, PACKET_UDP, true, 0, {OVER_UDP("10f5"), "80123456 00000001", INNER}},
  {"LISP, instance, IPv6",
   1,
   PACKET_UDP,
   true,
   0,
   {OVER_UDP("10f5"), "88123456 00002a01", IPV6("11"), UDP}},
  {"CAPWAP, 802.3",
   1,
   PACKET_UDP,
   true,
   0,
   {OVER_UDP("147f"), "00 100200 00000000", ETHERNET("0800"), INNER}},
  {"CAPWAP, 802.11",
   1,
   PACKET_UDP,
   true,
   0,
   {OVER_UDP("147f"), "00 100300 00000000", "0802 0000 020000000001 020000000002 020000000003 1000",
    "aaaa03 000000 0800", INNER}},
  {"CAPWAP, radio address, 802.11 with bytes swapped",
   1,
   PACKET_UDP,
   true,
   0,
   {OVER_UDP("147f"), "00 200310 00000000 06020000 00000100",
    "0288 0000 020000000001 020000000002 020000000003 1000 0000", "aaaa03 000000 0800", INNER}},
};

static const PacketCase OTHERS[] = {
  {"GRE of version 2",
   1,
   PACKET_NONE,
   false,
   0,
   {ETHERNET("0800"), OUTER_IPV4("2f"), "0002 0800", INNER}},
  {"GRE keepalive", 1, PACKET_NONE, false, 0, {ETHERNET("0800"), OUTER_IPV4("2f"), "0000 0000"}},
  {"PPTP acknowledgement",
   1,
   PACKET_NONE,
   false,
   0,
   {ETHERNET("0800"), OUTER_IPV4("2f"), "2081 880b 0000 0007 00000001"}},
  {"PPTP without key",
   1,
   PACKET_UNDECODED,
   false,
   0,
   {ETHERNET("0800"), OUTER_IPV4("2f"), "1001 880b 00000001"}},
  {"GRE routing without end",
   1,
   PACKET_UNDECODED,
   false,
   0,
   {ETHERNET("0800"), OUTER_IPV4("2f"), "4000 0800 00000000 0800 00ff"}},
  {"IP in IP of another version",
   1,
   PACKET_UNDECODED,
   false,
   0,
   {ETHERNET("0800"), OUTER_IPV4("04"), IPV6("11"), UDP}},
  {"ARP in VXLAN",
   1,
   PACKET_NONE,
   false,
   0,
   {OVER_UDP("12b5"), "08000000 00002a00", ETHERNET("0806")}},
  {"extension headers in IPv4",
   1,
   PACKET_NONE,
   false,
   0,
   {ETHERNET("0800"), IPV4("3c"), "11 00 000000000000", UDP}},
  {"ESP with a wrong padding",
   1,
   PACKET_UNDECODED,
   false,
   0,
   {ETHERNET("0800"), IPV4("32"), ESP("010303 03 11" ICV12), UDP}},
  {"ESP with another length inside",
   1,
   PACKET_UNDECODED,
   false,
   0,
   {ETHERNET("0800"), IPV4("32"), ESP("0102 02 11 00" ICV12), UDP}},
  {"ESP without SPI",
   1,
   PACKET_NONE,
   false,
   0,
   {ETHERNET("0800"), IPV4("32"), "00000000 00000001|010203 03 11" ICV12, UDP}},
  {"EoIP keep-alive",
   1,
   PACKET_NONE,
   false,
   0,
   {ETHERNET("0800"), OUTER_IPV4("2f"), "2001 6400 0000 2a00"}},
  {"EoIP without key",
   1,
   PACKET_UNDECODED,
   false,
   0,
   {ETHERNET("0800"), OUTER_IPV4("2f"), "0001 6400", ETHERNET("0800"), INNER}},
};

/* On a tunnel's port, but no tunnel: headers with one bit or length that is wrong. */
static const struct {
  const char *name, *port, *header;
} PLAIN[] = {
  {"VXLAN port", "12b5", ""},
  {"VXLAN without the VNI flag", "12b5", "00000000 00002a00"},
  {"VXLAN with reserved bits", "12b5", "08000100 00002a00"},
  {"VXLAN with the last octet", "12b5", "08000000 00002a01"},
  {"VXLAN port of Linux", "2118", ""},
  {"VXLAN-GPE port", "12b6", ""},
  {"VXLAN-GPE of version 1", "12b6", "1c000001 00002a00"},
  {"VXLAN-GPE of an unknown protocol", "12b6", "0c000006 00002a00"},
  {"VXLAN-GPE of a protocol far away", "12b6", "0c0000ff 00002a00"},
  {"GENEVE port", "17c1", ""},
  {"GENEVE of version 1", "17c1", "40 00 6558 00002a00"},
  {"GENEVE of an unknown type", "17c1", "00 00 88f7 00002a00"},
  {"GENEVE with options past the end", "17c1", "3f 00 6558 00002a00"},
  {"GTP port", "0868", ""},
  {"GTP echo", "0868", "32 01 len 00000001"},
  {"GTP of version 2", "0868", "50 ff len 00000001 45"},
  {"GTP with a length too large", "0868", "30 ff len+1 00000001"},
  {"GTP with an empty extension", "0868", "34 ff len 00000001 0000 00 85 00"},
  {"GTP with an extension past the end", "0868", "34 ff len 00000001 0000 00 85 ff"},
  {"GTP of Ethernet", "0868", "30 ff len 00000001"},
  {"TZSP port", "9090", ""},
  {"TZSP of version 2", "9090", "02 00 0001 01"},
  {"TZSP of an unknown protocol", "9090", "01 00 0002 01"},
  {"TZSP without end", "9090", "01 00 0001 00"},
  {"L2TP port", "06a5", ""},
  {"L2TP control", "06a5", "c802 len+12 0001 0000 0000 0000"},
  {"L2TP with another length", "06a5", "4002 0001 0001 0002 0021"},
  {"L2TP of version 3", "06a5", "0003 0000 00000001"},
  {"L2TP of LCP", "06a5", "0002 0001 0002 c021"},
  {"Teredo port", "0dd8", ""},
  {"Teredo with another length", "0dd8", "60000000 0001 11 40" IPV6_1 IPV6_2},
  {"MPLS port", "19eb", ""},
  {"MPLS without a packet", "19eb", "00065140"},
  {"LISP port", "10f5", ""},
  {"LISP without a packet", "10f5", "80123456 00000001"},
  {"LISP with reserved bits", "10f5", "81123456 00000001"},
  {"CAPWAP port", "147f", ""},
  {"CAPWAP of version 1", "147f", "10 100200 00000000"},
  {"CAPWAP with a header too short", "147f", "00 080200 00000000"},
  {"CAPWAP with a header past the end", "147f", "00 f80200 00000000"},
  {"CAPWAP of another radio", "147f", "00 100500 00000000"},
  {"CAPWAP keep-alive", "147f", "00 100208 00000000"},
  {"CAPWAP, encrypted", "147f", "01 000000"},
  {"SCTP port", "26ab", ""},
  {"SCTP without chunks", "26ab", SCTP},
  {"SCTP with a chunk past the end", "26ab", SCTP "0003 0100"},
  {"ESP port", "1194", ""},
  {"IKE", "1194", "00000000"},
  {"encrypted", "1194", "00001001 00000001"},
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

static void test_plain(void **state)
{
  Bench bench = bench_of(TEST_LIMITS);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(PLAIN); i++) {
    GByteArray *octets = packet_build((const char *const[]){PLAIN[i].header, NULL}, SLICE(PAYLOAD));
    size_t len = octets->len;
    g_autofree char *udp = g_strdup_printf("d431 %s len+8 0000", PLAIN[i].port);
    octets = wrap(ETHERNET("0800"), wrap(IPV4("11"), wrap(udp, octets)));
    Frame frame = frame_of(1, octets, octets->len);
    print_message("  %s\n", PLAIN[i].name);
    assert_int_equal(bench_decode(&bench, &frame), PACKET_UDP);
    assert_int_equal(bench.packet.payload.len, len);
    assert_int_equal(bench.packet.tunnel, 0);
    assert_int_equal(bench.packet.src.port, 0xd431);
    assert_false(bench.packet.cut);
    frame_clear(&frame);
    g_byte_array_unref(octets);
  }
  bench_clear(&bench);
}

/* RFC 6951: the packet is all that is in the datagram, also when its end is missing. */
static void test_sctp_in_udp(void **state)
{
  static const char *const LAYERS[LAYERS_MAX] = {ETHERNET("0800"), IPV4("11"),
                                                 UDP_PORTS("26ab", "26ab"), SCTP, "0003 len+3|00"};
  enum { HEADERS = 14 + 20 + 8 + 12, CHUNK = 4 };
  Bench bench = bench_of(TEST_LIMITS);
  g_autoptr(GByteArray) octets = packet_build(LAYERS, SLICE(PAYLOAD));

  (void) state;
  for (size_t len = HEADERS + CHUNK; len <= octets->len; len++) {
    Frame frame = frame_of(1, octets, len);
    assert_int_equal(bench_decode(&bench, &frame), PACKET_SCTP);
    assert_int_equal(bench.packet.payload.len, len - HEADERS);
    assert_int_equal(bench.packet.cut, len < octets->len);
    assert_int_equal(bench.packet.src.port, 5060);
    assert_int_equal(bench.packet.tunnel, 0);
    frame_clear(&frame);
  }
  bench_clear(&bench);
}

/* What is encrypted is counted, and is an ordinary datagram. */
static void test_undecoded(void **state)
{
  static const struct {
    const char *port, *header;
    UndecodedKind kind;
  } ROWS[] = {{"1194", "00001001 00000001", UNDECODED_ESP},
              {"147f", "01 000000", UNDECODED_CAPWAP}};
  Bench bench = bench_of(TEST_LIMITS);

  (void) state;
  for (unsigned i = 0; i < G_N_ELEMENTS(ROWS); i++) {
    g_autofree char *udp = g_strdup_printf("d431 %s len+8 0000", ROWS[i].port);
    g_autoptr(GByteArray) octets = packet_build(
      (const char *const[LAYERS_MAX]){ETHERNET("0800"), IPV4("11"), udp, ROWS[i].header},
      SLICE(PAYLOAD));
    Frame frame = frame_of(1, octets, octets->len);
    assert_int_equal(bench_decode(&bench, &frame), PACKET_UDP);
    const Undecoded *undecoded = packet_decoder_undecoded(bench.decoder);
    assert_int_equal(undecoded->count, i + 1);
    assert_int_equal(undecoded->rows[i].kind, ROWS[i].kind);
    assert_int_equal(undecoded->rows[i].count, 1);
    frame_clear(&frame);
  }
  bench_clear(&bench);
}

/* RFC 5415 3.4, 4.3: a fragment with that place and flags. */
static PacketKind decode_fragment(Bench *bench, const char *header, Slice part)
{
  g_autoptr(GByteArray) octets =
    packet_build((const char *const[LAYERS_MAX]){OVER_UDP("147f"), header}, part);
  Frame frame = frame_of(1, octets, octets->len);
  PacketKind kind = bench_decode(bench, &frame);

  assert_int_equal(packet_decoder_undecoded(bench->decoder)->count, 0);
  frame_clear(&frame);
  return kind;
}

/* In either order; others have the same identification in another connection, or as IP. */
static void test_capwap_fragments(void **state)
{
  g_autoptr(GByteArray) inside =
    packet_build((const char *const[LAYERS_MAX]){ETHERNET("0800"), INNER}, SLICE(PAYLOAD));
  Slice whole = slice_of((const char *) inside->data, inside->len);

  (void) state;
  for (unsigned first = 0; first < 2; first++) {
    static const char *const HEADERS[] = {"00 100280 00070000", "00 1002c0 00070010"};
    const Slice PARTS[] = {slice_head(whole, 16), slice_from(whole, 16)};
    Bench bench = bench_of(TEST_LIMITS);
    assert_int_equal(decode_fragment(&bench, HEADERS[first], PARTS[first]), PACKET_NONE);
    assert_true(bench.packet.waits);
    assert_int_equal(decode_fragment(&bench, HEADERS[!first], PARTS[!first]), PACKET_UDP);
    assert_slice(bench.packet.payload, PAYLOAD);
    assert_int_equal(bench.packet.fragments, 2);
    assert_int_not_equal(bench.packet.tunnel, 0);
    bench_clear(&bench);
  }
}

/* One whose rest does not come is given as far as it is there. */
static void test_capwap_fragment_alone(void **state)
{
  g_autoptr(GByteArray) inside =
    packet_build((const char *const[LAYERS_MAX]){ETHERNET("0800"), INNER}, SLICE(PAYLOAD));
  Slice first = slice_head(slice_of((const char *) inside->data, inside->len), 48);
  Bench bench = bench_of(TEST_LIMITS);

  (void) state;
  assert_int_equal(decode_fragment(&bench, "00 100280 00070000", first), PACKET_NONE);
  assert_int_equal(decode_fragment(&bench, "00 100280 00070001", SLICE("odd")), PACKET_UDP);
  assert_true(packet_decoder_expire(bench.decoder, INT64_MAX, &bench.scratch, &bench.packet));
  assert_int_equal(bench.packet.kind, PACKET_UDP);
  assert_true(bench.packet.cut);
  assert_int_equal(bench.packet.payload.len, 48 - 14 - 20 - 8);
  bench_clear(&bench);
}

/* The tunnel hash of these layers. */
static uint32_t tunnel_of(Bench *bench, const char *const *layers)
{
  g_autoptr(GByteArray) octets = packet_build(layers, SLICE(PAYLOAD));
  Frame frame = frame_of(101, octets, octets->len);

  assert_int_equal(bench_decode(bench, &frame), PACKET_UDP);
  uint32_t tunnel = bench->packet.tunnel;
  frame_clear(&frame);
  return tunnel;
}

static void test_identity(void **state)
{
#define FORTH(protocol) IPV4_BETWEEN(protocol, "c0000201", "c0000203")
#define BACK(protocol) IPV4_BETWEEN(protocol, "c0000203", "c0000201")
  static const char *const LAYERS[][LAYERS_MAX] = {
    {IPV4("11"), UDP},
    {FORTH("04"), INNER},
    {BACK("04"), INNER},
    {IPV4_BETWEEN("04", "c0000201", "c0000204"), INNER},
    {FORTH("2f"), "2000 0800 00000001", INNER},
    {BACK("2f"), "2000 0800 00000001", INNER},
    {FORTH("2f"), "2000 0800 00000002", INNER},
    {FORTH("11"), UDP_PORTS("d431", "0868"), "30 ff len 00000001", INNER},
    {BACK("11"), UDP_PORTS("0868", "0868"), "30 ff len 00000002", INNER},
    {FORTH("04"), FORTH("04"), INNER},
  };
  static const size_t SAME[] = {0, 1, 1, 3, 4, 4, 6, 7, 7, 9};
  Bench bench = bench_of(TEST_LIMITS);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(LAYERS); i++) {
    for (size_t j = 0; j < i; j++)
      assert_int_equal(tunnel_of(&bench, LAYERS[i]) == tunnel_of(&bench, LAYERS[j]),
                       SAME[i] == SAME[j]);
    assert_int_equal(tunnel_of(&bench, LAYERS[i]) == 0, i == 0);
  }
  bench_clear(&bench);
}

/* What is encrypted looks random, and must never come out as a packet. */
static void test_encrypted(void **state)
{
  Bench bench = bench_of(TEST_LIMITS);
  g_autoptr(GRand) random = g_rand_new_with_seed(73);

  (void) state;
  for (size_t round = 0; round < 200000; round++) {
    uint8_t octets[20 + 96] = {0x45, 0, 0, 0, 0, 0, 0, 0, 64, 50};
    size_t len = 20 + 16 + 4 * (size_t) g_rand_int_range(random, 0, 20);
    octets[3] = (uint8_t) len;
    for (size_t i = 12; i < len; i++)
      octets[i] = (uint8_t) g_rand_int(random);
    Frame frame = {.data = octets,
                   .len = (uint32_t) len,
                   .wire_len = (uint32_t) len,
                   .link_type = 101,
                   .matched = true};
    PacketKind kind = bench_decode(&bench, &frame);
    assert_true(kind == PACKET_UNDECODED || kind == PACKET_NONE);
  }
  bench_clear(&bench);
}

/* What lies in ESP without encryption has to agree in all of its header. */
static void test_inside_of_esp(void **state)
{
  static const struct {
    const char *trailer, *header;
    bool fits;
  } ROWS[] = {
    {"00 06", "13c4 13c6 00000064 000000c8 5018 2000 0000 0000 aaaa", true},
    {"00 06", "13c4 13c6 00000064 000000c8 5038 2000 0000 0001 aaaa", true}, /* URG */
    {"00 06", "13c4 13c6 00000064 000000c8 5018 2000 0000 0001 aaaa", false},
    {"00 06", "0000 13c6 00000064 000000c8 5018 2000 0000 0000 aaaa", false},
    {"00 06", "13c4 0000 00000064 000000c8 5018 2000 0000 0000 aaaa", false},
    {"00 06", "13c4 13c6 00000064 000000c8 5218 2000 0000 0000 aaaa", false},
    {"00 06", "13c4 13c6 00000064 000000c8 4018 2000 0000 0000 aaaa", false},
    {"00 06", "13c4 13c6 00000064 000000c8 6018 2000 0000 0000 aaaa", false}, /* 24 of 22 bytes */
    {"00 06", "13c4 13c6 00000064 000000c8 5018 2000 0000", false},
    {"00 11", "13c4 13c6 000a 0000 aaaa", true},
    {"00 11", "13c4 13c6 000b 0000 aaaa", false},
    {"00 11", "13c4 13c6 0006", false},
    {"00 11", "13c4", false},
    {"00 04", "4500 001e 1234 0000 40 11 0000 0a000001 0a000002 13c4 13c6 000a 0000 aaaa", true},
    {"00 04", "4500 001d 1234 0000 40 11 0000 0a000001 0a000002 13c4 13c6 000a 0000 aaaa", false},
    {"00 04", "6500 001e 1234 0000 40 11 0000 0a000001 0a000002 13c4 13c6 000a 0000 aaaa", false},
    {"00 29", "60000000 000a 11 40" IPV6_1 IPV6_2 "13c4 13c6 000a 0000 aaaa", true},
    {"00 29", "60000000 0009 11 40" IPV6_1 IPV6_2 "13c4 13c6 000a 0000 aaaa", false},
    {"00 29", "40000000 000a 11 40" IPV6_1 IPV6_2 "13c4 13c6 000a 0000 aaaa", false},
    {"00 84", "13c4 13c6 01020304 00000000 0003 0004 0001 0006 aaaa", true},
    {"00 84", "13c4 13c6 01020304 00000000 0003 0003 0001 0006 aaaa", false},
    {"00 84", "13c4 13c6 01020304 00000000 0003 0004 0001 0007 aaaa", false},
    {"0102 02 84", "13c4 13c6 01020304 00000000", false}, /* no chunk */
    {"00 01", "0800 0000 aaaa", false},
  };
  Bench bench = bench_of(TEST_LIMITS);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
    g_autofree char *esp = g_strdup_printf("00001001 00000001|%s" ICV12, ROWS[i].trailer);
    const char *const layers[LAYERS_MAX] = {ETHERNET("0800"), IPV4("32"), esp, ROWS[i].header};
    GByteArray *packet = packet_build(layers, SLICE(""));
    Frame frame = {.data = packet->data,
                   .len = packet->len,
                   .wire_len = packet->len,
                   .link_type = LINK_TYPE_ETHERNET,
                   .matched = true};
    if ((bench_decode(&bench, &frame) != PACKET_UNDECODED) != ROWS[i].fits)
      fail_msg("row %zu: %s %s", i, ROWS[i].trailer, ROWS[i].header);
    g_byte_array_unref(packet);
  }
  bench_clear(&bench);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_whole_and_cut),
    cmocka_unit_test(test_others),
    cmocka_unit_test(test_changed),
    cmocka_unit_test(test_plain),
    cmocka_unit_test(test_sctp_in_udp),
    cmocka_unit_test(test_undecoded),
    cmocka_unit_test(test_identity),
    cmocka_unit_test(test_encrypted),
    cmocka_unit_test(test_inside_of_esp),
    cmocka_unit_test(test_capwap_fragments),
    cmocka_unit_test(test_capwap_fragment_alone),
  };

  return cmocka_run_group_tests_name("tunnel", tests, NULL, NULL);
}
