#include "capture/file_format.h"

#include "capture/netmon_file.h"
#include "capture/snoop_file.h"
#include "tests/capture_build.h"

/* The frames of a file that lies in memory and ends where its block does. */
typedef struct {
  GString *text;
  size_t rest;
  const char *fault, *cut;
} Walked;

static Walked walk_bytes(Slice bytes)
{
  g_autofree char *copy = exact_copy(bytes.data, bytes.len);
  const FileFormat *format = file_format_of(slice_head(bytes, FILE_FORMAT_HEAD_LEN));
  FrameBatch batch = {0};
  Walk walk = {
    .rest = reader_of(copy, bytes.len), .start = (const uint8_t *) copy, .batch = &batch};

  assert_non_null(format);
  void *state = format->open();
  format->walk(state, &walk);
  Walked walked = {g_string_new(NULL), reader_left(&walk.rest), walk.fault, walk.cut};
  for (size_t i = 0; i < batch.count; i++) {
    batch.frames[i].number = i + 1;
    assert_true(batch.frames[i].ref == (ByteRef) ((const char *) batch.frames[i].data - copy));
    frame_to_text(&batch.frames[i], walked.text);
  }
  format->close(state);
  frame_batch_clear(&batch);
  return walked;
}

static void check_walk(const Build *b, const char *frames, const char *fault)
{
  Walked walked = walk_bytes(build_slice(b));

  assert_string_equal(walked.text->str, frames);
  if (fault)
    assert_string_equal(walked.fault, fault);
  else
    assert_null(walked.fault);
  assert_true(fault || walked.rest == 0);
  g_string_free(walked.text, true);
}

/* Each shorter file gives fewer frames or the same, and says that its record is cut. */
static void check_cut(const Build *b, size_t until)
{
  size_t frames = 0;

  for (size_t len = FILE_FORMAT_HEAD_LEN; len < until; len++) {
    Walked walked = walk_bytes(slice_head(build_slice(b), len));
    assert_null(walked.fault);
    assert_true(walked.rest == 0 || walked.cut);
    assert_true(walked.text->len >= frames);
    frames = walked.text->len;
    g_string_free(walked.text, true);
  }
}

/* --- snoop ------------------------------------------------------------------------------------ */

static void put_snoop_header(Build *b, uint32_t version, uint32_t datalink)
{
  put(b, "snoop\0\0\0", 8);
  put_u32(b, version);
  put_u32(b, datalink);
}

static void put_snoop_packet(Build *b, const char *text, uint32_t wire_len, uint32_t padding)
{
  uint32_t len = (uint32_t) strlen(text);

  put_u32(b, wire_len);
  put_u32(b, len);
  put_u32(b, 24 + len + padding);
  put_u32(b, 7);
  put_u32(b, 3);
  put_u32(b, 4);
  put(b, "hellobye", len);
  put(b, "\xee\xee\xee\xee\xee\xee\xee\xee", padding);
}

static void test_snoop(void **state)
{
  static const struct {
    uint32_t datalink;
    unsigned link_type;
  } CASES[] = {{0, 1}, {4, 1}, {2, 6}, {8, 10}, {9, LINK_TYPE_UNKNOWN}, {0x80000004, 0xffff}};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(Build) b = build_new(true);
    put_snoop_header(&b, 2, CASES[i].datalink);
    put_snoop_packet(&b, "hello", 9, 3);
    put_snoop_packet(&b, "hellobye", 2, 0); /* a wire length below the captured one */
    g_autofree char *frames =
      g_strdup_printf("1 3.000004000 %u 5/9 hello\n2 3.000004000 %u 8/8 hellobye\n",
                      CASES[i].link_type, CASES[i].link_type);
    check_walk(&b, frames, NULL);
    check_cut(&b, b.bytes->len);
  }
}

static void test_snoop_faults(void **state)
{
  static const struct {
    size_t at;
    uint8_t value;
    const char *fault, *frames;
  } CASES[] = {
    {11, 3, "unknown snoop version", ""},
    {16 + 5, 0x10, "impossible packet length", ""},  /* captured: above the most */
    {16 + 11, 28, "impossible packet length", ""},   /* the record is shorter than its packet */
    {16 + 10, 0x11, "impossible packet length", ""}, /* or much longer */
    {16 + 32 + 4, 1, "impossible packet length", "1 3.000004000 1 5/5 hello\n"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(Build) b = build_new(true);
    put_snoop_header(&b, 2, 4);
    put_snoop_packet(&b, "hello", 5, 3);
    put_snoop_packet(&b, "hello", 5, 3);
    b.bytes->data[CASES[i].at] = CASES[i].value;
    check_walk(&b, CASES[i].frames, CASES[i].fault);
  }
}

/* --- NetMon ----------------------------------------------------------------------------------- */

enum { NETMON_PACKETS_AT = 128, NETMON_TABLE_AT = 24 };

static void put_netmon_header(Build *b, uint8_t major, uint8_t minor)
{
  static const uint16_t START[] = {2024, 1, 1, 1, 12, 0, 0, 500};

  put_text(b, major == 1 ? "RTSS" : "GMBU");
  put(b, &minor, 1);
  put(b, &major, 1);
  put_u16(b, 1);
  for (size_t i = 0; i < G_N_ELEMENTS(START); i++)
    put_u16(b, START[i]);
  for (size_t i = NETMON_TABLE_AT; i < NETMON_PACKETS_AT; i++)
    put(b, "", 1);
}

/* `ticks` in the unit of the version; format 2.3 has 12:00:01 UTC as well. */
static void put_netmon_packet(Build *b, uint64_t ticks, const char *text, uint16_t media)
{
  uint8_t major = b->bytes->data[5], minor = b->bytes->data[4];
  unsigned length_width = major == 1 ? 2 : 4;

  put_number(b, ticks, major == 1 ? 4 : 8);
  put_number(b, strlen(text) + 1, length_width);
  put_number(b, strlen(text), length_width);
  put_text(b, text);
  if (major == 2 && minor >= 1)
    put_u16(b, media);
  if (major == 2 && minor >= 2)
    put_u32(b, 0);
  if (major == 2 && minor >= 3) {
    put_number(b, UINT64_C(133485912010000000), 8);
    put_number(b, 0, 1);
  }
}

static void put_netmon_table(Build *b, unsigned packets)
{
  uint32_t at = b->bytes->len;

  for (unsigned i = 0; i < packets; i++)
    put_u32(b, 128); /* where it is does not matter */
  b->bytes->data[NETMON_TABLE_AT] = (uint8_t) at;
  b->bytes->data[NETMON_TABLE_AT + 1] = (uint8_t) (at >> 8);
  b->bytes->data[NETMON_TABLE_AT + 4] = (uint8_t) (4 * packets);
}

static void test_netmon(void **state)
{
  static const struct {
    uint8_t major, minor;
    uint64_t ticks;
    uint16_t media;
    const char *frames;
  } CASES[] = {
    {1, 1, 1500, 0, "1 1704110402.000000000 1 5/6 hello\n2 1704110400.500000000 1 2/3 hi\n"},
    {2, 0, 1500, 0, "1 1704110400.501500000 1 5/6 hello\n2 1704110400.500000000 1 2/3 hi\n"},
    {2, 1, 1500, 2, "1 1704110400.501500000 6 5/6 hello\n2 1704110400.500000000 1 2/3 hi\n"},
    {2, 2, 1500, 9, "1 1704110400.501500000 101 5/6 hello\n2 1704110400.500000000 1 2/3 hi\n"},
    {2, 3, 1500, 1, "1 1704117601.000000000 1 5/6 hello\n2 1704117601.000000000 1 2/3 hi\n"},
    {2, 1, 1500, 0xe071, "1 1704110400.501500000 113 5/6 hello\n2 1704110400.500000000 1 2/3 hi\n"},
    {2, 1, 1500, 99, "1 1704110400.501500000 65535 5/6 hello\n2 1704110400.500000000 1 2/3 hi\n"},
    /* a clock that was set back, and one far away */
    {2, 1, (uint64_t) -500000, 1,
     "1 1704110400.000000000 1 5/6 hello\n2 1704110400.500000000 1 2/3 hi\n"},
    {2, 1, UINT64_C(1) << 62, 1, "1 0.000000000 1 5/6 hello\n2 1704110400.500000000 1 2/3 hi\n"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(Build) b = build_new(false);
    put_netmon_header(&b, CASES[i].major, CASES[i].minor);
    put_netmon_packet(&b, CASES[i].ticks, "hello", CASES[i].media);
    put_netmon_packet(&b, 0, "hi", 1);
    size_t packets_end = b.bytes->len;
    put_netmon_table(&b, 2);
    check_walk(&b, CASES[i].frames, NULL);
    check_cut(&b, packets_end);
  }
}

static void test_netmon_wlan(void **state)
{
  static const char RADIO[] = "\x02\x08\1\1\1\1\1\1hello";
  g_auto(Build) b = build_new(false);

  (void) state;
  put_netmon_header(&b, 2, 1);
  put_netmon_packet(&b, 0, "\x02\x09", 6); /* a header that is longer than the packet */
  put_number(&b, 0, 8);
  put_u32(&b, sizeof RADIO - 1);
  put_u32(&b, sizeof RADIO - 1);
  put(&b, "\x02\x08\0\1\1\1\1\1hello", sizeof RADIO - 1);
  put_u16(&b, 6);
  put_netmon_table(&b, 2);
  check_walk(&b,
             "1 1704110400.500000000 65535 2/3 \x02\x09\n"
             "2 1704110400.500000000 105 5/5 hello\n",
             NULL);
}

static void test_netmon_faults(void **state)
{
  static const struct {
    size_t at;
    uint8_t value;
    const char *fault, *frames;
  } CASES[] = {
    {5, 3, "unknown NetMon version", ""},
    {NETMON_TABLE_AT + 4, 12, "packets of the frame table are missing",
     "1 1704110400.500000000 1 5/6 hello\n2 1704110400.500000000 1 2/3 hi\n"},
    {NETMON_PACKETS_AT + 15, 1, "impossible packet length", ""},
    {NETMON_PACKETS_AT + 12, 200, "impossible packet length", ""}, /* past the table */
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(Build) b = build_new(false);
    put_netmon_header(&b, 2, 1);
    put_netmon_packet(&b, 0, "hello", 1);
    put_netmon_packet(&b, 0, "hi", 1);
    put_netmon_table(&b, 2);
    b.bytes->data[CASES[i].at] = CASES[i].value;
    check_walk(&b, CASES[i].frames, CASES[i].fault);
  }
}

static void test_unread(void **state)
{
  (void) state;
  assert_string_equal(file_format_unread(SLICE("TRSNIFF data    \x1a")),
                      "a Sniffer file; convert it with editcap");
  assert_non_null(file_format_unread(SLICE("XCP\0")));
  assert_string_equal(file_format_unread(SLICE("PK\x03\x04")), "a zip file; unpack it first");
  assert_null(file_format_unread(SLICE("XCP ")));
  assert_null(file_format_unread(SLICE("TRSNIF")));
  assert_null(file_format_of(SLICE("snoop\0\0")));
  assert_null(file_format_of(SLICE("")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_snoop),         cmocka_unit_test(test_snoop_faults),
    cmocka_unit_test(test_netmon),        cmocka_unit_test(test_netmon_wlan),
    cmocka_unit_test(test_netmon_faults), cmocka_unit_test(test_unread),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
