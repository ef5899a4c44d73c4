/* Messages that were copied out of their packets: HEP, and PDUs that Wireshark exported. */
#include "dissect/net/hep.h"

#include "tests/deflated.h"
#include "tests/dissect/net/packet_cases.h"

#define TO_COLLECTOR ETHERNET("0800"), IPV4("11"), UDP_PORTS("9c40", "2364")
#define CHUNK(type, rest) "0000 " type " " rest
#define V4 CHUNK("0001", "0007 02"), CHUNK("0003", "000a 0a000001"), CHUNK("0004", "000a 0a000002")
#define PORTS CHUNK("0007", "0008 13c4") CHUNK("0008", "0008 13c6")
/* one microsecond: as frame_of */
#define TIME CHUNK("0009", "000a 00000000") CHUNK("000a", "000a 00000001")
#define BODY CHUNK("000f", "len+6")
#define HEP3 "48455033 len+6"
#define PDU_ENDS "0014 0004 0a000001 0015 0004 0a000002 0019 0004 000013c4 001a 0004 000013c6"
#define PDU_SIP "000c 0004 73697000"

static const PacketCase CASES[] = {
  {"HEP 3",
   1,
   PACKET_UDP,
   false,
   0,
   {TO_COLLECTOR, HEP3, V4, CHUNK("0002", "0007 11"), PORTS, TIME, BODY}},
  {"HEP 3, IPv6, vendor, empty chunk",
   1,
   PACKET_UDP,
   false,
   0,
   {TO_COLLECTOR, HEP3, CHUNK("0005", "0016 ") IPV6_1 CHUNK("0006", "0016 ") IPV6_2,
    "0001 0003 000a c0000201", PORTS, CHUNK("000e", "0006"), BODY}},
  {"HEP 2",
   1,
   PACKET_UDP,
   false,
   0,
   {TO_COLLECTOR, "02 10 02 11 13c4 13c6 0a000001 0a000002 00000000 01000000 d1070000"}},
  {"HEP 2 that counts its time",
   1,
   PACKET_UDP,
   false,
   0,
   {TO_COLLECTOR, "02 1c 02 11 13c4 13c6 0a000001 0a000002 00000000 01000000 d1070000"}},
  {"HEP 1, IPv6", 1, PACKET_UDP, false, 0, {TO_COLLECTOR, "01 28 0a 06 13c4 13c6" IPV6_1 IPV6_2}},
  {"PDU of IP", 252, PACKET_UDP, false, 0, {"000c 0004 69700000 00000000", IPV4("11"), UDP}},
  {"PDU of Ethernet",
   252,
   PACKET_UDP,
   false,
   0,
   {"000c 0010 6574685f776974686f757466637300 00 00000000", ETHERNET("86dd"), IPV6("11"), UDP}},
};

static void test_whole_and_cut(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    check_case(&CASES[i]);
}

static void test_changed(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    check_changed(&CASES[i]);
}

/* Decodes one datagram to a collector, or (link type 252) a PDU, with these layers in it. */
static PacketKind decode(Bench *bench, uint16_t link_type, const char *const *layers, Slice payload)
{
  g_autoptr(GByteArray) octets = packet_build(layers, payload);

  if (link_type == 1) {
    const char *const around[LAYERS_MAX] = {TO_COLLECTOR};
    GByteArray *whole = packet_build(around, slice_of_array(octets));
    g_byte_array_unref(octets);
    octets = whole;
  }
  Frame frame = frame_of(link_type, octets, octets->len);
  PacketKind kind = bench_decode(bench, &frame);
  frame_clear(&frame);
  return kind;
}

/* What its header says that it is, the message does not have to be. */
static void test_plain(void **state)
{
  static const struct {
    const char *name, *layers[LAYERS_MAX];
  } PLAIN[] = {
    {"longer than the datagram", {"48455033 len+7", V4, PORTS, BODY}},
    {"shorter than its head", {"48455033 0005", V4, PORTS, BODY}},
    {"a chunk shorter than its head", {HEP3, V4, CHUNK("0002", "0005 11"), PORTS, BODY}},
    {"a chunk past the end", {HEP3, V4, PORTS, CHUNK("000f", "len+7")}},
    {"a value that is too short", {HEP3, V4, CHUNK("0007", "0007 13"), BODY}},
    {"no addresses", {HEP3, PORTS, BODY}},
    {"addresses of two families",
     {HEP3, CHUNK("0003", "000a 0a000001") CHUNK("0006", "0016 ") IPV6_2, PORTS, BODY}},
    {"HEP 2 of another length",
     {"02 11 02 11 13c4 13c6 0a000001 0a000002 00000000 01000000 d1070000"}},
    {"HEP 2 of another family",
     {"02 10 03 11 13c4 13c6 0a000001 0a000002 00000000 01000000 d1070000"}},
    {"HEP 2 with bytes in its place of text",
     {"02 10 02 11 13c4 13c6 0a000001 0a000002 00000000 01000000 d1070000 00"}},
    {"HEP 3 in small letters", {"68657033 len+6", V4, PORTS, BODY}},
  };
  Bench bench = bench_of(TEST_LIMITS);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(PLAIN); i++) {
    print_message("  %s\n", PLAIN[i].name);
    assert_int_equal(decode(&bench, 1, PLAIN[i].layers, SLICE(PAYLOAD)), PACKET_UDP);
    assert_int_equal(bench.packet.dst.port, 9060);
    assert_int_equal(bench.packet.transport, TRANSPORT_UDP);
    assert_false(bench.packet.cut);
  }
  bench_clear(&bench);
}

static void test_transports(void **state)
{
  static const struct {
    uint16_t link_type;
    Transport transport;
    const char *layers[LAYERS_MAX];
  } ROWS[] = {
    {1, TRANSPORT_UDP, {HEP3, V4, CHUNK("0002", "0007 11"), PORTS, BODY}},
    {1, TRANSPORT_TCP, {HEP3, V4, CHUNK("0002", "0007 06"), PORTS, BODY}},
    {1,
     TRANSPORT_TCP,
     {HEP3, PORTS, "0000 000f 002d|00000002000706 00000003000a0a000001 00000004000a0a000002"}},
    {1, TRANSPORT_TLS, {HEP3, V4, CHUNK("0002", "0007 16"), PORTS, BODY}},
    {1, TRANSPORT_SCTP, {HEP3, V4, CHUNK("0002", "0007 84"), PORTS, BODY}},
    {1, TRANSPORT_TCP, {"01 10 02 06 13c4 13c6 0a000001 0a000002"}},
    {252, TRANSPORT_UDP, {PDU_SIP, PDU_ENDS, "0018 0004 00000003", "00000000"}},
    {252, TRANSPORT_TCP, {PDU_SIP, PDU_ENDS, "0018 0004 00000002", "00000000"}},
    {252, TRANSPORT_SCTP, {PDU_SIP, PDU_ENDS, "0018 0004 00000001", "00000000"}},
    {252, TRANSPORT_UDP, {PDU_SIP, PDU_ENDS, "0018 0004 ffffffff", "00000000"}},
    {252,
     TRANSPORT_UDP,
     {"0019 0004 000013c4 001a 0004 000013c6 0023 0001 00", "0014 0004 0a000001",
      "0015 0004 0a000002", "0000 0000"}},
  };
  Bench bench = bench_of(TEST_LIMITS);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
    assert_int_equal(decode(&bench, ROWS[i].link_type, ROWS[i].layers, SLICE(PAYLOAD)), PACKET_UDP);
    assert_int_equal(bench.packet.transport, ROWS[i].transport);
    assert_int_equal(bench.packet.dst.address[3], 2);
    assert_int_equal(bench.packet.dst.port, 5062);
    assert_int_equal(bench.packet.payload.len, strlen(PAYLOAD));
  }
  bench_clear(&bench);
}

static void test_pdu_badly(void **state)
{
  static const char *const ROWS[][LAYERS_MAX] = {
    {PDU_SIP, PDU_ENDS}, /* "OPTI" is no tag: its length is past the end */
    {"0014 0003 0a0000", "0000 0000"},
    {"0019 0002 13c4", "0000 0000"},
    {"0016 000f 20010db8000000000000000000000001", "0000 0000"},
    {"000c ffff 7369"},
  };
  Bench bench = bench_of(TEST_LIMITS);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++)
    assert_int_equal(decode(&bench, 252, ROWS[i], SLICE(PAYLOAD)), PACKET_UNDECODED);
  bench_clear(&bench);
}

/* Seconds and microseconds of the copy, not of the datagram that brought it. */
static void test_time(void **state)
{
  static const char *const ROWS[][LAYERS_MAX] = {
    {HEP3, V4, PORTS, CHUNK("0009", "000a 6ab13b80") CHUNK("000a", "000a 0007a120"), BODY},
    {"02 10 02 11 13c4 13c6 0a000001 0a000002 803bb16a 20a10700 d1070000"},
  };
  Bench bench = bench_of(TEST_LIMITS);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
    assert_int_equal(decode(&bench, 1, ROWS[i], SLICE(PAYLOAD)), PACKET_UDP);
    assert_true(bench.packet.time_ns == INT64_C(0x6ab13b80) * 1000000000 + 500000000);
    assert_int_equal(bench.packet.ip_id, 0);
    assert_int_equal(bench.packet.ttl, 0);
  }
  bench_clear(&bench);
}

/* Compressed as zlib or gzip: put together, also when its end is missing. */
static void test_compressed(void **state)
{
  static const char *const LAYERS[LAYERS_MAX] = {HEP3, V4, PORTS, CHUNK("0010", "len+6")};
  Bench bench = bench_of(TEST_LIMITS);

  (void) state;
  for (int window_bits = 15; window_bits <= 31; window_bits += 16) {
    g_autoptr(GByteArray) packed = g_byte_array_new();
    append_deflated(packed, window_bits, SLICE(PAYLOAD));
    assert_int_equal(decode(&bench, 1, LAYERS, slice_of_array(packed)), PACKET_UDP);
    assert_slice(bench.packet.payload, PAYLOAD);
    assert_false(bench.packet.in_frame || bench.packet.cut);
    assert_int_equal(bench.packet.src.port, 5060);
    assert_int_equal(
      decode(&bench, 1, LAYERS, slice_of((const char *) packed->data, packed->len - 12)),
      PACKET_UDP);
    assert_true(bench.packet.cut);
    assert_true(bench.packet.payload.len < strlen(PAYLOAD));
  }
  bench_clear(&bench);
}

/* What is no compressed data is counted; a million bytes of nothing come out as 64 kB. */
static void test_compressed_badly(void **state)
{
  static const char *const LAYERS[LAYERS_MAX] = {HEP3, V4, PORTS, CHUNK("0010", "len+6")};
  g_autofree char *zeros = g_malloc0(1000 * 1000);
  g_autoptr(GByteArray) packed = g_byte_array_new();
  Bench bench = bench_of(TEST_LIMITS);

  (void) state;
  assert_int_equal(decode(&bench, 1, LAYERS, SLICE(PAYLOAD)), PACKET_UDP);
  assert_int_equal(bench.packet.dst.port, 9060);
  assert_int_equal(packet_decoder_undecoded(bench.decoder)->rows[0].kind, UNDECODED_HEP);
  append_deflated(packed, 15, slice_of(zeros, 1000 * 1000));
  assert_int_equal(decode(&bench, 1, LAYERS, slice_of_array(packed)), PACKET_UDP);
  assert_int_equal(bench.packet.payload.len, UINT16_MAX);
  assert_true(bench.packet.cut);
  bench_clear(&bench);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_whole_and_cut), cmocka_unit_test(test_changed),
    cmocka_unit_test(test_plain),         cmocka_unit_test(test_transports),
    cmocka_unit_test(test_pdu_badly),     cmocka_unit_test(test_time),
    cmocka_unit_test(test_compressed),    cmocka_unit_test(test_compressed_badly),
  };

  return cmocka_run_group_tests_name("copied", tests, NULL, NULL);
}
