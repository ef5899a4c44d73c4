#include "capture/pcap_file.h"

#include "capture/pcap_write.h"
#include "tests/capture_build.h"

/* Walks octets that end where their block does. */
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
  PcapFile file = {0};

  walked.walk = (Walk){.rest = reader_of(copy, octets.len),
                       .start = (const uint8_t *) copy,
                       .start_ref = byte_ref_make(3, 1000),
                       .batch = &batch};
  pcap_file_walk(&file, &walked.walk);
  for (size_t i = 0; i < batch.count; i++) {
    Frame *frame = &batch.frames[i];
    frame->number = i + 1;
    frame_to_text(frame, walked.text);
    assert_true(frame->ref ==
                byte_ref_make(3, 1000 + (uint64_t) ((const char *) frame->data - copy)));
  }
  walked.rest = reader_left(&walked.walk.rest);
  frame_batch_clear(&batch);
  return walked;
}

static void test_formats(void **state)
{
  static const struct {
    uint32_t magic, network;
    unsigned extra;
    const char *expected;
  } CASES[] = {
    {0xa1b2c3d4, 1, 0, "1 1.000002000 1 5/9 hello\n2 4294967295.999999000 1 0/0 \n"},
    {0xa1b23c4d, 1, 0, "1 1.000000002 1 5/9 hello\n2 4294967295.000999999 1 0/0 \n"},
    {0xa1b2cd34, 1, 8, "1 1.000002000 1 5/9 hello\n2 4294967295.999999000 1 0/0 \n"},
    /* the length of the FCS stands above the link type */
    {0xa1b2c3d4, 0x24000071, 0, "1 1.000002000 113 5/9 hello\n2 4294967295.999999000 113 0/0 \n"},
    /* raw IP by its number on Linux and on OpenBSD */
    {0xa1b2c3d4, 12, 0, "1 1.000002000 101 5/9 hello\n2 4294967295.999999000 101 0/0 \n"},
    {0xa1b2c3d4, 14, 0, "1 1.000002000 101 5/9 hello\n2 4294967295.999999000 101 0/0 \n"},
  };

  (void) state;
  for (size_t i = 0; i < 2 * G_N_ELEMENTS(CASES); i++) {
    size_t n = i / 2;
    g_auto(Build) b = build_new(i % 2 == 0);
    put_pcap_header(&b, CASES[n].magic, CASES[n].network);
    put_pcap_packet(&b, (PcapPacket){1, 2, "hello", 9, CASES[n].extra});
    put_pcap_packet(&b, (PcapPacket){UINT32_MAX, 999999, "", 0, CASES[n].extra});
    assert_true(pcap_file_detect(build_slice(&b)));
    Walked walked = walk_octets(build_slice(&b));
    assert_string_equal(walked.text->str, CASES[n].expected);
    assert_null(walked.walk.fault);
    assert_int_equal(walked.rest, 0);
    g_string_free(walked.text, true);
  }
}

/* Versions before 2.4 may have the lengths the other way round. */
static void test_old_lengths(void **state)
{
  g_auto(Build) b = build_new(false);

  (void) state;
  put_pcap_header(&b, 0xa1b2c3d4, 1);
  b.bytes->data[6] = 3;
  put_u32(&b, 1);
  put_u32(&b, 0);
  put_u32(&b, 9);
  put_u32(&b, 5);
  put_text(&b, "hello");
  Walked walked = walk_octets(build_slice(&b));
  assert_string_equal(walked.text->str, "1 1.000000000 1 5/9 hello\n");
  g_string_free(walked.text, true);
}

/* A wire length below the captured one is a mistake of the writer; the octets are there. */
static void test_wire_len_is_not_less(void **state)
{
  g_auto(Build) b = build_new(false);

  (void) state;
  put_pcap_header(&b, 0xa1b2c3d4, 1);
  put_pcap_packet(&b, (PcapPacket){1, 0, "hello", 2, 0});
  Walked walked = walk_octets(build_slice(&b));
  assert_string_equal(walked.text->str, "1 1.000000000 1 5/5 hello\n");
  g_string_free(walked.text, true);
}

static void test_cut_at_every_octet(void **state)
{
  static const char *const EXPECTED[] = {"", "1 1.000000002 1 5/5 hello\n",
                                         "1 1.000000002 1 5/5 hello\n2 3.000000004 1 3/3 bye\n"};
  g_auto(Build) b = build_new(true);

  (void) state;
  put_pcap_header(&b, 0xa1b23c4d, 1);
  put_pcap_packet(&b, (PcapPacket){1, 2, "hello", 5, 0});
  put_pcap_packet(&b, (PcapPacket){3, 4, "bye", 3, 0});
  for (size_t len = 0; len <= b.bytes->len; len++) {
    int frames = (len >= 24 + 21) + (len >= 24 + 21 + 19);
    Walked walked = walk_octets(slice_head(build_slice(&b), len));
    assert_string_equal(walked.text->str, EXPECTED[frames]);
    assert_null(walked.walk.fault);
    bool whole = len == 24 || len == 24 + 21 || len == 24 + 21 + 19;
    assert_int_equal(walked.rest == 0, whole || len == 0);
    if (walked.rest > 0)
      assert_true(walked.walk.need > walked.rest && walked.walk.cut);
    g_string_free(walked.text, true);
  }
}

static void test_faults(void **state)
{
  static const struct {
    size_t at; /* of the octet that is changed, in a little-endian file */
    uint8_t value;
    const char *fault, *frames;
  } CASES[] = {
    {0, 0xd5, "no pcap file header", ""},
    {4, 3, "unknown pcap version", ""},
    {6, 5, "unknown pcap version", ""},
    {24 + 8 + 2, 5, "impossible packet length", ""},
    {24 + 21 + 8 + 3, 0x80, "impossible packet length", "1 1.000002000 1 5/5 hello\n"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(Build) b = build_new(false);
    put_pcap_header(&b, 0xa1b2c3d4, 1);
    put_pcap_packet(&b, (PcapPacket){1, 2, "hello", 5, 0});
    put_pcap_packet(&b, (PcapPacket){3, 4, "bye", 3, 0});
    b.bytes->data[CASES[i].at] = CASES[i].value;
    Walked walked = walk_octets(build_slice(&b));
    assert_non_null(walked.walk.fault);
    assert_string_equal(walked.walk.fault, CASES[i].fault);
    assert_string_equal(walked.text->str, CASES[i].frames);
    g_string_free(walked.text, true);
  }
}

/* What we write is what we read. */
static void test_written_headers(void **state)
{
  static const struct {
    Frame frame;
    const char *expected;
  } CASES[] = {
    {{.data = (const uint8_t *) "hello", .len = 5, .wire_len = 9, .time_ns = 1000000002},
     "1 1.000000002 113 5/9 hello\n"},
    {{.data = (const uint8_t *) "", .time_ns = INT64_C(4294967295999999999)},
     "1 4294967295.999999999 113 0/0 \n"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(Build) b = build_new(false);
    uint8_t file_header[PCAP_FILE_HEADER_LEN], record_header[PCAP_RECORD_HEADER_LEN];
    pcap_write_file_header(113, file_header);
    pcap_write_record_header(&CASES[i].frame, record_header);
    put(&b, file_header, sizeof file_header);
    put(&b, record_header, sizeof record_header);
    put(&b, CASES[i].frame.data, CASES[i].frame.len);
    Walked walked = walk_octets(build_slice(&b));
    assert_string_equal(walked.text->str, CASES[i].expected);
    assert_int_equal(walked.rest, 0);
    g_string_free(walked.text, true);
  }
}

static void test_detect(void **state)
{
  (void) state;
  assert_false(pcap_file_detect(SLICE("")));
  assert_false(pcap_file_detect(SLICE("\xa1\xb2\xc3")));
  assert_false(pcap_file_detect(SLICE("\x0a\x0d\x0d\x0a")));
  assert_false(pcap_file_detect(SLICE("INVITE sip:")));
  assert_true(pcap_file_detect(SLICE("\xa1\xb2\xc3\xd4")));
  assert_true(pcap_file_detect(SLICE("\x4d\x3c\xb2\xa1")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_formats),
    cmocka_unit_test(test_old_lengths),
    cmocka_unit_test(test_wire_len_is_not_less),
    cmocka_unit_test(test_cut_at_every_octet),
    cmocka_unit_test(test_faults),
    cmocka_unit_test(test_written_headers),
    cmocka_unit_test(test_detect),
  };

  return cmocka_run_group_tests_name("pcap_file", tests, NULL, NULL);
}
