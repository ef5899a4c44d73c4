#include "dissect/net/packet.h"

#include "capture/source.h"
#include "tests/dissect/net/packet_cases.h"

#define IPV4_LEN(len, place, protocol)                                                             \
  "4500" len "1234" place "40" protocol "0000 0a000001 0a000002"
#define PORTS "13c4 13c6"
#define EIGHT "6162636465666768"

/* Lengths that agree with the frame, and such that do not; `snap` octets the capture left out. */
static const struct {
  const char *name, *octets;
  unsigned snap;
  PacketKind kind;
  size_t payload;
  bool cut;
} LENGTHS[] = {
  {"all agree", IPV4_LEN("0024", "0000", "11") PORTS "0010 0000" EIGHT, 0, PACKET_UDP, 8, false},
  {"don't fragment", IPV4_LEN("0024", "4000", "11") PORTS "0010 0000" EIGHT, 0, PACKET_UDP, 8,
   false},
  {"empty", IPV4_LEN("001c", "0000", "11") PORTS "0008 0000", 0, PACKET_UDP, 0, false},
  {"IP shorter than the frame", IPV4_LEN("0021", "0000", "11") PORTS "000d 0000" EIGHT, 0,
   PACKET_UDP, 5, false},
  {"IP longer than the frame", IPV4_LEN("0025", "0000", "11") PORTS "0011 0000" EIGHT, 0,
   PACKET_UDP, 8, true},
  {"IP longer, snapped", IPV4_LEN("0025", "0000", "11") PORTS "0011 0000" EIGHT, 1, PACKET_UDP, 8,
   true},
  {"only padding snapped", IPV4_LEN("0024", "0000", "11") PORTS "0010 0000" EIGHT, 9, PACKET_UDP, 8,
   false},
  {"IP without length", IPV4_LEN("0000", "0000", "11") PORTS "0010 0000" EIGHT, 0, PACKET_UDP, 8,
   false},
  {"IP shorter than its header", IPV4_LEN("0013", "0000", "11") PORTS "0010 0000" EIGHT, 0,
   PACKET_UNDECODED, 0, false},
  {"IP header of 16 octets",
   "44"
   "00 0024 1234 0000 4011 0000 0a000001 0a000002" PORTS "0010 0000",
   0, PACKET_UNDECODED, 0, false},
  {"IP options",
   "46"
   "00 0028 1234 0000 4011 0000 0a000001 0a000002 01010100" PORTS "0010 0000" EIGHT,
   0, PACKET_UDP, 8, false},
  {"IP options past the end",
   "4f"
   "00 0040 1234 0000 4011 0000 0a000001 0a000002" PORTS,
   0, PACKET_UNDECODED, 0, false},
  {"UDP shorter than IP", IPV4_LEN("0024", "0000", "11") PORTS "000b 0000" EIGHT, 0, PACKET_UDP, 3,
   false},
  {"UDP longer than IP", IPV4_LEN("0024", "0000", "11") PORTS "0011 0000" EIGHT, 0, PACKET_UDP, 8,
   true},
  {"UDP without length", IPV4_LEN("0024", "0000", "11") PORTS "0000 0000" EIGHT, 0, PACKET_UDP, 8,
   false},
  {"UDP without length, snapped", IPV4_LEN("0000", "0000", "11") PORTS "0000 0000" EIGHT, 3,
   PACKET_UDP, 8, true},
  {"UDP of 7 octets", IPV4_LEN("0024", "0000", "11") PORTS "0007 0000" EIGHT, 0, PACKET_UNDECODED,
   0, false},
  {"UDP header past IP's end", IPV4_LEN("001b", "0000", "11") PORTS "0010 0000" EIGHT, 0,
   PACKET_UNDECODED, 0, false},
  {"IPv6 without length", "60000000 0000 1140" IPV6_1 IPV6_2 PORTS "0000 0000" EIGHT, 0, PACKET_UDP,
   8, false},
  {"IPv6 shorter than the frame", "60000000 000d 1140" IPV6_1 IPV6_2 PORTS "000d 0000" EIGHT, 0,
   PACKET_UDP, 5, false},
  {"extension header past the end", "60000000 0010 0040" IPV6_1 IPV6_2 "1102 0000 00000000" EIGHT,
   0, PACKET_UNDECODED, 0, false},
  {"TCP", IPV4_LEN("0030", "0000", "06") PORTS "00000001 00000002 5018 0000 00000000" EIGHT, 0,
   PACKET_TCP, 8, false},
  {"TCP, cut", IPV4_LEN("0031", "0000", "06") PORTS "00000001 00000002 5018 0000 00000000" EIGHT, 1,
   PACKET_TCP, 8, true},
  {"TCP header of 16 octets",
   IPV4_LEN("0030", "0000", "06") PORTS "00000001 00000002 4018 0000 00000000" EIGHT, 0,
   PACKET_UNDECODED, 0, false},
  {"TCP header past the end",
   IPV4_LEN("0030", "0000", "06") PORTS "00000001 00000002 8018 0000 00000000" EIGHT, 0,
   PACKET_UNDECODED, 0, false},
  {"SCTP without header", IPV4_LEN("001e", "0000", "84") PORTS "00000001 0000", 0, PACKET_UNDECODED,
   0, false},
};

/* In Ethernet, where the usual headers are read at once, all is as in the layers. */
static void check_in_ethernet(const char *template, unsigned snap, const Packet *wanted)
{
  Bench bench = bench_of(TEST_LIMITS);
  g_autofree char *both = g_strdup_printf("020000000001 020000000002 %s %s",
                                          template[0] == '6' ? "86dd" : "0800", template);
  g_autoptr(GByteArray) octets = wrap(both, g_byte_array_new());
  Frame frame = frame_of(1, octets, octets->len);
  Packet packet;

  frame.wire_len += snap;
  assert_int_equal(bench_decode(&bench, &frame), wanted->kind);
  packet = bench.packet;
  assert_true(slice_eq(packet.payload, wanted->payload));
  packet.payload = wanted->payload;
  packet.ref = wanted->ref;
  assert_memory_equal(&packet, wanted, sizeof packet);
  frame_clear(&frame);
  bench_clear(&bench);
}

static void test_lengths(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(LENGTHS); i++) {
    Bench bench = bench_of(TEST_LIMITS);
    g_autoptr(GByteArray) octets = wrap(LENGTHS[i].octets, g_byte_array_new());
    Frame frame = frame_of(101, octets, octets->len);
    frame.wire_len += LENGTHS[i].snap;
    print_message("  %s\n", LENGTHS[i].name);
    assert_int_equal(bench_decode(&bench, &frame), LENGTHS[i].kind);
    if (is_transport(LENGTHS[i].kind)) {
      assert_int_equal(bench.packet.payload.len, LENGTHS[i].payload);
      assert_int_equal(bench.packet.cut, LENGTHS[i].cut);
      check_in_ethernet(LENGTHS[i].octets, LENGTHS[i].snap, &bench.packet);
    }
    frame_clear(&frame);
    bench_clear(&bench);
  }
}

/* What a capture's UDP and TCP packets look like, joined ones among them. */
typedef struct {
  size_t sip_datagrams, segments, tunnelled_segments;
} Census;

static bool begins_like_sip(Slice octets)
{
  Slice line = slice_take_line(&octets);
  g_autofree char *text = slice_dup(line);

  return slice_starts_with(line, SLICE("SIP/2.0 ")) || strstr(text, " SIP/2.0") != NULL;
}

static void census_add(Census *census, const Packet *packet)
{
  if (packet->kind == PACKET_UDP)
    census->sip_datagrams += begins_like_sip(packet->payload);
  if (packet->kind == PACKET_TCP) {
    census->segments++;
    census->tunnelled_segments += packet->tunnel != 0;
  }
}

static Census census_of(const char *path)
{
  const char *const files[] = {path, NULL};
  g_autoptr(StoreSet) stores = store_set_new();
  g_autoptr(Source) source = source_open(&(SourceOptions){.files = files}, stores, NULL);
  Bench bench = bench_of(TEST_LIMITS);
  FrameBatch batch = {0};
  Census census = {0};

  assert_non_null(source);
  while (source_read(source, &batch) == SOURCE_FRAMES) {
    for (size_t i = 0; i < batch.count; i++) {
      if (is_transport(bench_decode(&bench, &batch.frames[i])))
        census_add(&census, &bench.packet);
    }
    arena_reset(&bench.scratch);
  }
  while (packet_decoder_expire(bench.decoder, INT64_MAX, &bench.scratch, &bench.packet))
    census_add(&census, &bench.packet);
  frame_batch_clear(&batch);
  bench_clear(&bench);
  return census;
}

/* What the index counts though it is no message of its own: quotations in ICMP errors. */
static size_t quoted_in_icmp(const char *name)
{
  return strcmp(name, "repro-jitsi-long.pcapng") == 0 ? 3 : 0;
}

/* Each capture of the index has at least the datagrams that others found in it. */
static void test_captures(void **state)
{
  const char *shared = g_getenv("RUNG_SHARED");
  g_autofree char *index = shared ? g_build_filename(shared, "captures", "INDEX.tsv", NULL) : NULL;
  g_autofree char *rows = NULL;

  (void) state;
  if (!index || !g_file_get_contents(index, &rows, NULL, NULL))
    skip();
  g_auto(GStrv) lines = g_strsplit(rows, "\n", 0);
  size_t found = 0;
  for (size_t i = 1; lines[i] && lines[i][0]; i++) {
    g_auto(GStrv) fields = g_strsplit(lines[i], "\t", 0);
    const char *udp = strstr(fields[5], "udp:");
    g_autofree char *path = g_build_filename(shared, "captures", fields[0], NULL);
    Census census = census_of(path);
    print_message("  %s: %zu, %s\n", fields[0], census.sip_datagrams, fields[5]);
    size_t expected = udp ? strtoul(udp + 4, NULL, 10) : 0;
    assert_true(census.sip_datagrams + quoted_in_icmp(fields[0]) >= expected);
    found += census.sip_datagrams;
    if (strcmp(fields[0], "ipip-tcp-invite.pcap") == 0) {
      assert_int_equal(census.segments, 4);
      assert_int_equal(census.tunnelled_segments, 2);
    }
  }
  assert_true(found > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_lengths),
    cmocka_unit_test(test_captures),
  };

  return cmocka_run_group_tests_name("packet", tests, NULL, NULL);
}
