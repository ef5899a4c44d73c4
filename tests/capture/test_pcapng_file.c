#include "capture/pcapng_file.h"
#include "tests/capture_build.h"

typedef struct {
  GString *text;
  size_t rest;
  Walk walk;
} Walked;

static Walked walk_octets(Slice octets)
{
  g_autofree char *copy = exact_copy(octets.data, octets.len);
  Walked walked = {.text = g_string_new(NULL)};
  FrameBatch batch = {0};
  PcapngFile file;

  pcapng_file_init(&file);
  walked.walk =
    (Walk){.rest = reader_of(copy, octets.len), .start = (const uint8_t *) copy, .batch = &batch};
  pcapng_file_walk(&file, &walked.walk);
  for (size_t i = 0; i < batch.count; i++) {
    Frame *frame = &batch.frames[i];
    frame->number = i + 1;
    frame_to_text(frame, walked.text);
    assert_true(frame->ref == (uint64_t) ((const char *) frame->data - copy));
  }
  walked.rest = reader_left(&walked.walk.rest);
  pcapng_file_clear(&file);
  frame_batch_clear(&batch);
  return walked;
}

static void assert_walk(const Build *b, const char *expected)
{
  Walked walked = walk_octets(build_slice(b));

  assert_string_equal(walked.text->str, expected);
  assert_null(walked.walk.fault);
  assert_int_equal(walked.rest, 0);
  g_string_free(walked.text, true);
}

static void assert_fault(const Build *b, const char *fault, const char *frames)
{
  Walked walked = walk_octets(build_slice(b));

  assert_non_null(walked.walk.fault);
  assert_string_equal(walked.walk.fault, fault);
  assert_string_equal(walked.text->str, frames);
  assert_true(walked.rest > 0);
  g_string_free(walked.text, true);
}

static void put_start(Build *b)
{
  put_section(b);
  put_interface(b, 1, 0, SLICE_NONE);
}

static void test_packet_blocks(void **state)
{
  (void) state;
  for (int big = 0; big < 2; big++) {
    g_auto(Build) b = build_new(big);
    put_section(&b);
    put_interface(&b, 1, 4, SLICE_NONE);
    put_interface(&b, 12, 0, SLICE_NONE);
    put_enhanced(&b, (NgPacket){0, 1000002, "hello", 9});
    put_old_packet(&b, (NgPacket){1, 2000000, "old", 3});
    put_simple(&b, "simp", 6); /* cut at the snap length of the first interface */
    put_simple(&b, "abc", 3);
    put_enhanced(&b, (NgPacket){1, (UINT64_C(1) << 32) * 1000000, "", 0});
    assert_walk(&b, "1 1.000002000 1 5/9 hello\n"
                    "2 2.000000000 101 3/3 old\n"
                    "3 2.000000000 1 4/6 simp\n"
                    "4 2.000000000 1 3/3 abc\n"
                    "5 4294967296.000000000 101 0/0 \n");
  }
}

/* Each section has its byte order and its interfaces. */
static void test_sections(void **state)
{
  g_auto(Build) b = build_new(false);

  (void) state;
  put_start(&b);
  put_enhanced(&b, (NgPacket){0, 1, "one", 3});
  b.big_endian = true;
  put_section(&b);
  put_interface(&b, 113, 0, SLICE_NONE);
  put_enhanced(&b, (NgPacket){0, 2, "two", 3});
  b.big_endian = false;
  put_start(&b);
  put_enhanced(&b, (NgPacket){0, 3, "three", 5});
  assert_walk(&b,
              "1 0.000001000 1 3/3 one\n2 0.000002000 113 3/3 two\n3 0.000003000 1 5/5 three\n");
}

static void test_other_blocks_are_passed_over(void **state)
{
  g_auto(Build) b = build_new(true);

  (void) state;
  put_start(&b);
  end_block(&b, begin_block(&b, 5)); /* interface statistics, empty */
  guint at = begin_block(&b, 0x80001234);
  for (int i = 0; i < 1000; i++)
    put_u32(&b, 6);
  end_block(&b, at);
  put_enhanced(&b, (NgPacket){0, 1, "one", 3});
  assert_walk(&b, "1 0.000001000 1 3/3 one\n");
}

static void test_interface_options(void **state)
{
  static const struct {
    Slice options; /* big-endian */
    const char *expected;
  } CASES[] = {
    {{"\0\x09\0\1\x09\0\0\0", 8}, "1 0.001000000 1 1/1 x\n"},
    {{"\0\x09\0\1\x83\0\0\0\0\0\0\0", 12}, "1 125000.000000000 1 1/1 x\n"},
    {{"\0\x0e\0\x08\0\0\0\0\0\0\0\x05\0\0\0\0", 16}, "1 6.000000000 1 1/1 x\n"},
    {{"\0\x0e\0\x08\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 16}, "1 0.000000000 1 1/1 x\n"},
    /* behind another one, whose value is padded */
    {{"\0\x02\0\5eth0\0\0\0\0\0\x09\0\1\x03\0\0\0", 20}, "1 1000.000000000 1 1/1 x\n"},
    /* behind the end, too long, of a wrong length: the default */
    {{"\0\0\0\0\0\x09\0\1\x03\0\0\0", 12}, "1 1.000000000 1 1/1 x\n"},
    {{"\0\x02\xff\xff\0\x09\0\1\x03\0\0\0", 12}, "1 1.000000000 1 1/1 x\n"},
    {{"\0\x09\0\2\x03\x03\0\0", 8}, "1 1.000000000 1 1/1 x\n"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(Build) b = build_new(true);
    put_section(&b);
    put_interface(&b, 1, 0, CASES[i].options);
    put_enhanced(&b, (NgPacket){0, 1000000, "x", 1});
    assert_walk(&b, CASES[i].expected);
  }
}

static void test_clock(void **state)
{
  static const struct {
    uint8_t resolution;
    int64_t offset_s;
    uint64_t ticks;
    int64_t ns;
  } CASES[] = {
    {6, 0, 1700000000123456, 1700000000123456000},
    {9, 0, 1700000000123456789, 1700000000123456789},
    {0, 0, 1700000000, 1700000000000000000},
    {3, -1, 1999, 999000000},
    {3, -1, 999, 0},
    {12, 0, 1000000000999, 1000000000},
    {19, 0, UINT64_MAX, 1844674407},
    {20, 0, UINT64_MAX, 184467440},
    {28, 0, UINT64_MAX, 1},
    {29, 0, UINT64_MAX, 0},
    {127, 0, UINT64_MAX, 0},
    {0x80, 0, 7, 7000000000},
    {0x80 | 1, 0, 3, 1500000000},
    {0x80 | 10, 0, 1700000000 * UINT64_C(1024) + 512, 1700000000500000000},
    {0x80 | 30, 0, (UINT64_C(1) << 30) + 1, 1000000000},
    {0x80 | 32, 0, UINT64_C(0x6553f10080000000), 1700000000500000000},
    {0x80 | 34, 0, (UINT64_C(1) << 34) - 1, 999999999},
    {0x80 | 63, 0, UINT64_C(1) << 62, 500000000},
    {0x80 | 64, 0, UINT64_C(1) << 63, 500000000},
    {0x80 | 65, 0, UINT64_C(1) << 63, 250000000},
    {0x80 | 127, 0, UINT64_MAX, 0},
    /* times that no frame can have */
    {0, 0, UINT64_MAX, FRAME_TIME_MAX},
    {0, 0, UINT64_C(1) << 40, FRAME_TIME_MAX},
    {0, 0, UINT64_C(1) << 33, FRAME_TIME_MAX},
    {6, INT64_MAX, 0, FRAME_TIME_MAX},
    {6, INT64_MIN, 0, 0},
    {0, INT64_MAX, UINT64_MAX, FRAME_TIME_MAX},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    PcapngClock clock = PCAPNG_CLOCK_DEFAULT;
    pcapng_clock_set_resolution(&clock, CASES[i].resolution);
    clock.offset_s = CASES[i].offset_s;
    assert_int_equal(pcapng_clock_to_ns(&clock, CASES[i].ticks), CASES[i].ns);
  }
}

static void test_cut_at_every_octet(void **state)
{
  g_auto(Build) b = build_new(false);

  (void) state;
  put_start(&b);
  guint first = b.bytes->len;
  put_enhanced(&b, (NgPacket){0, 1, "one", 3});
  guint second = b.bytes->len;
  put_simple(&b, "two", 3);
  for (size_t len = 0; len <= b.bytes->len; len++) {
    Walked walked = walk_octets(slice_head(build_slice(&b), len));
    const char *expected = len == b.bytes->len
                             ? "1 0.000001000 1 3/3 one\n2 0.000001000 1 3/3 two\n"
                           : len >= second ? "1 0.000001000 1 3/3 one\n"
                                           : "";
    assert_string_equal(walked.text->str, expected);
    assert_null(walked.walk.fault);
    if (len == first || len == second || len == b.bytes->len)
      assert_int_equal(walked.rest, 0);
    if (walked.rest > 0)
      assert_true(walked.walk.need > walked.rest && walked.walk.cut);
    g_string_free(walked.text, true);
  }
}

static void test_block_lengths(void **state)
{
  static const struct {
    uint32_t len, len_again;
    const char *fault;
  } CASES[] = {
    {0, 0, "impossible block length"},
    {8, 8, "impossible block length"},
    {38, 38, "impossible block length"},
    {0xfffffffc, 0xfffffffc, "impossible block length"},
    {16 * 1024 * 1024 + 4, 0, "impossible block length"},
    {36, 32, "block with two different lengths"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(Build) b = build_new(true);
    put_start(&b);
    put_enhanced(&b, (NgPacket){0, 1, "one", 3});
    put_u32(&b, 6);
    put_u32(&b, CASES[i].len);
    for (int n = 0; n < 6; n++)
      put_u32(&b, 0);
    put_u32(&b, CASES[i].len_again);
    assert_fault(&b, CASES[i].fault, "1 0.000001000 1 3/3 one\n");
  }
}

static void put_short_block(Build *b, uint32_t type, size_t len)
{
  static const uint8_t ZEROS[32];
  guint at = begin_block(b, type);

  put(b, ZEROS, len);
  end_block(b, at);
}

/* A packet of `len` octets in a block that has four. */
static void put_overlong(Build *b, uint32_t type, uint32_t len)
{
  guint at = begin_block(b, type);

  for (int i = 0; i < 3 && type != 3; i++)
    put_u32(b, 0);
  put_u32(b, len);
  if (type != 3)
    put_u32(b, len);
  put_text(b, "abcd");
  end_block(b, at);
}

static void test_block_contents(void **state)
{
  static const char TOO_LONG[] = "packet longer than its block";
  static const uint32_t PACKETS[] = {2, 3, 6};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(PACKETS); i++) {
    g_auto(Build) overlong = build_new(false);
    put_start(&overlong);
    put_overlong(&overlong, PACKETS[i], 5);
    assert_fault(&overlong, TOO_LONG, "");
    g_auto(Build) huge = build_new(true);
    put_start(&huge);
    put_overlong(&huge, PACKETS[i], UINT32_MAX);
    assert_fault(&huge, TOO_LONG, "");
    for (size_t len = 0; len < 20; len += 4) {
      g_auto(Build) b = build_new(false);
      put_start(&b);
      put_short_block(&b, PACKETS[i], len);
      Walked walked = walk_octets(build_slice(&b));
      assert_true(walked.walk.fault || strlen(walked.text->str) > 0);
      g_string_free(walked.text, true);
    }
    g_auto(Build) unknown = build_new(false);
    put_section(&unknown);
    put_short_block(&unknown, PACKETS[i], 20);
    assert_fault(&unknown, "packet of an undescribed interface", "");
  }
}

static void test_bad_headers(void **state)
{
  g_auto(Build) order = build_new(false);
  g_auto(Build) version = build_new(false);
  g_auto(Build) interface = build_new(true);

  (void) state;
  put_section(&order);
  order.bytes->data[8] ^= 1;
  assert_fault(&order, "section header without byte-order magic", "");
  put_section(&version);
  version.bytes->data[12] = 2;
  assert_fault(&version, "unknown pcapng version", "");
  put_section(&interface);
  put_short_block(&interface, 1, 4);
  assert_fault(&interface, "interface description too short", "");
}

static void test_many_interfaces(void **state)
{
  g_auto(Build) b = build_new(false);

  (void) state;
  put_section(&b);
  for (int i = 0; i < 65536; i++)
    put_interface(&b, (uint16_t) i, 0, SLICE_NONE);
  put_enhanced(&b, (NgPacket){65535, 1, "x", 1});
  assert_walk(&b, "1 0.000001000 65535 1/1 x\n");
  put_interface(&b, 1, 0, SLICE_NONE);
  assert_fault(&b, "too many interfaces", "1 0.000001000 65535 1/1 x\n");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_packet_blocks),
    cmocka_unit_test(test_sections),
    cmocka_unit_test(test_other_blocks_are_passed_over),
    cmocka_unit_test(test_interface_options),
    cmocka_unit_test(test_clock),
    cmocka_unit_test(test_cut_at_every_octet),
    cmocka_unit_test(test_block_lengths),
    cmocka_unit_test(test_block_contents),
    cmocka_unit_test(test_bad_headers),
    cmocka_unit_test(test_many_interfaces),
  };

  return cmocka_run_group_tests_name("pcapng_file", tests, NULL, NULL);
}
