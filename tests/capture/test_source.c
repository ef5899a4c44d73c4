#include "capture/source.h"

#include <fcntl.h>
#include <zlib.h>
#include <zstd.h>

#include "capture/error.h"
#include "tests/source_read.h"

#define HELLO "1 1.000002000 1 5/9 hello\n"
#define BYE "2 2.000000000 1 3/3 bye\n"

/* HELLO and BYE as pcap: 24 octets, 21, 19. */
enum { HELLO_END = 24 + 21, BYE_END = HELLO_END + 19 };

static Build two_packets(void)
{
  Build b = build_new(false);

  put_pcap_header(&b, 0xa1b2c3d4, 1);
  put_pcap_packet(&b, (PcapPacket){1, 2, "hello", 9, 0});
  put_pcap_packet(&b, (PcapPacket){2, 0, "bye", 3, 0});
  return b;
}

static Build two_packets_ng(void)
{
  Build b = build_new(true);

  put_section(&b);
  put_interface(&b, 1, 0, SLICE_NONE);
  put_enhanced(&b, (NgPacket){0, 1000002, "hello", 9});
  put_enhanced(&b, (NgPacket){0, 2000000, "bye", 3});
  return b;
}

/* Compressed in one piece, appended to what there is. */
static void put_gzip(Build *b, Slice octets)
{
  uint8_t out[4096];
  z_stream zlib = {0};

  assert_int_equal(deflateInit2(&zlib, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  g_autofree char *in = exact_copy(octets.data, octets.len);
  zlib.next_in = (Bytef *) in;
  zlib.avail_in = (uInt) octets.len;
  zlib.next_out = out;
  zlib.avail_out = sizeof out;
  assert_int_equal(deflate(&zlib, Z_FINISH), Z_STREAM_END);
  put(b, out, sizeof out - zlib.avail_out);
  deflateEnd(&zlib);
}

static void put_zstd(Build *b, Slice octets)
{
  uint8_t out[4096];
  ZSTD_CCtx *context = ZSTD_createCCtx();

  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  size_t len = ZSTD_compress2(context, out, sizeof out, octets.data, octets.len);
  assert_false(ZSTD_isError(len));
  put(b, out, len);
  ZSTD_freeCCtx(context);
}

static void test_not_opened(void **state)
{
  static const struct {
    const char *name;
    Slice octets;
    const char *error;
  } CASES[] = {
    {"notes.txt",
     {"some notes", 10},
     "notes.txt: not a capture file (pcap, pcapng, snoop, NetMon, or one of them "
     "compressed: gzip, zstd"},
    {"short",
     {"\xa1\xb2\xc3", 3},
     "short: not a capture file (pcap, pcapng, snoop, NetMon, or one of them "
     "compressed: gzip, zstd"},
    {"empty.pcap", {"", 0}, "empty.pcap: the file is empty"},
    {"cut.gz", {"\x1f\x8b\x08\0", 4}, "cut.gz: truncated at byte 4: the gzip data ends too early"},
    {"bad.gz",
     {"\x1f\x8b\xff\xff\xff", 5},
     "bad.gz: damaged near byte 4: gzip: unknown compression method"},
  };
  g_auto(Folder) folder = folder_new();

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *path = folder_add(&folder, CASES[i].name, CASES[i].octets);
    g_auto(Reading) reading = read_file(path);
    assert_non_null(reading.error);
    assert_true(g_str_has_prefix(reading.error, CASES[i].error));
  }
  g_auto(Reading) missing = read_file("/nowhere/call.pcap");
  assert_string_equal(missing.error, "call.pcap: No such file or directory");
  assert_int_equal(missing.error_code, APP_ERROR_IO);
  g_auto(Reading) directory = read_file(folder.path);
  assert_true(g_str_has_suffix(directory.error, ": is a directory, not a capture file; "
                                                "--recursive reads what is in it"));
  g_auto(Reading) nothing = read_all(&(SourceOptions){0});
  assert_int_equal(nothing.error_code, APP_ERROR_USAGE);
}

/* Every way a capture may lie in a file. */
static void test_containers(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_auto(Build) pcap = two_packets();
  g_auto(Build) ng = two_packets_ng();
  const Build *const plain[] = {&pcap, &ng};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(plain); i++) {
    Slice all = build_slice(plain[i]);
    g_auto(Build) gzip = build_new(false), members = build_new(false), padded = build_new(false);
    g_auto(Build) zstd = build_new(false), frames = build_new(false);
    put_gzip(&gzip, all);
    put_gzip(&members, slice_head(all, 30));
    put_gzip(&members, SLICE(""));
    put_gzip(&members, slice_from(all, 30));
    put_gzip(&padded, all);
    put(&padded, "\0\0\0\0\0", 5);
    put_zstd(&zstd, all);
    put(&frames, "\x50\x2a\x4d\x18\x03\0\0\0abc", 11); /* a skippable frame */
    put_zstd(&frames, slice_head(all, 2));
    put_zstd(&frames, slice_from(all, 2));
    const Build *const files[] = {plain[i], &gzip, &members, &padded, &zstd, &frames};
    for (size_t n = 0; n < G_N_ELEMENTS(files); n++) {
      g_autofree char *path = folder_add(&folder, "capture", build_slice(files[n]));
      g_auto(Reading) reading = read_file(path);
      assert_null(reading.error);
      assert_string_equal(reading.frames->str, HELLO BYE);
      assert_string_equal(reading.faults->str, "");
      assert_int_equal(reading.progress.bytes_done, files[n]->bytes->len);
      assert_int_equal(reading.progress.bytes_total, files[n]->bytes->len);
    }
  }
}

static void test_no_packets(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_auto(Build) pcap = build_new(true);
  g_auto(Build) ng = build_new(true);

  (void) state;
  put_pcap_header(&pcap, 0xa1b2c3d4, 1);
  put_section(&ng);
  const Build *const files[] = {&pcap, &ng};
  for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
    g_autofree char *path = folder_add(&folder, "capture", build_slice(files[i]));
    g_auto(Reading) reading = read_file(path);
    assert_null(reading.error);
    assert_string_equal(reading.frames->str, "");
    assert_string_equal(reading.faults->str, "");
  }
}

static void test_truncated(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_auto(Build) b = two_packets();

  (void) state;
  for (size_t len = 4; len <= b.bytes->len; len++) {
    g_autofree char *path = folder_add(&folder, "a.pcap", slice_head(build_slice(&b), len));
    g_auto(Reading) reading = read_file(path);
    g_autofree char *fault =
      g_strdup_printf("a.pcap: truncated at byte %zu: %s\n", len,
                      len < 24 ? "the file header is cut short" : "the last packet is cut short");
    bool whole = len == 24 || len == HELLO_END || len == BYE_END;
    assert_null(reading.error);
    assert_string_equal(reading.faults->str, whole ? "" : fault);
    assert_string_equal(reading.frames->str, len == BYE_END     ? HELLO BYE
                                             : len >= HELLO_END ? HELLO
                                                                : "");
  }
}

/* However much is missing: frames from the beginning, and one line. */
static void assert_prefix(const Folder *folder, Slice octets, size_t whole)
{
  for (size_t len = 5; len <= whole; len++) {
    g_autofree char *path = folder_add(folder, "a.gz", slice_head(octets, len));
    g_auto(Reading) reading = read_file(path);
    if (reading.error) {
      assert_true(len < whole);
      assert_non_null(strstr(reading.error, ": truncated at byte "));
      continue;
    }
    assert_true(g_str_has_prefix(HELLO BYE, reading.frames->str));
    if (len == whole) {
      assert_string_equal(reading.frames->str, HELLO BYE);
      assert_string_equal(reading.faults->str, "");
      continue;
    }
    g_autofree char *fault = g_strdup_printf("a.gz: truncated at byte %zu: the ", len);
    assert_true(g_str_has_prefix(reading.faults->str, fault));
    assert_ptr_equal(strchr(reading.faults->str, '\n'), strrchr(reading.faults->str, '\n'));
  }
}

static void test_truncated_compressed(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_auto(Build) b = two_packets();
  g_auto(Build) gzip = build_new(false);
  g_auto(Build) zstd = build_new(false);

  (void) state;
  put_gzip(&gzip, build_slice(&b));
  put_zstd(&zstd, build_slice(&b));
  assert_prefix(&folder, build_slice(&gzip), gzip.bytes->len);
  assert_prefix(&folder, build_slice(&zstd), zstd.bytes->len);
}

static void test_damaged(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_auto(Build) plain = two_packets();
  g_auto(Build) checksum = build_new(false), garbage = build_new(false), zstd = build_new(false);

  (void) state;
  put_gzip(&checksum, build_slice(&plain));
  checksum.bytes->data[checksum.bytes->len - 8] ^= 1;
  put_gzip(&garbage, build_slice(&plain));
  put_text(&garbage, "what is this");
  put_zstd(&zstd, build_slice(&plain));
  put_text(&zstd, "what is this");
  plain.bytes->data[HELLO_END + 11] = 0x7f;
  const struct {
    const Build *build;
    const char *frames, *fault;
  } cases[] = {
    {&plain, HELLO, "a: corrupt at byte 45: impossible packet length\n"},
    {&checksum, HELLO BYE, "gzip: incorrect data check\n"},
    {&garbage, HELLO BYE, "gzip: incorrect header check\n"},
    {&zstd, HELLO BYE, "zstd: Unknown frame descriptor\n"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autofree char *path = folder_add(&folder, "a", build_slice(cases[i].build));
    g_auto(Reading) reading = read_file(path);
    assert_string_equal(reading.frames->str, cases[i].frames);
    assert_true(g_str_has_suffix(reading.faults->str, cases[i].fault));
    assert_ptr_equal(strchr(reading.faults->str, '\n'), strrchr(reading.faults->str, '\n'));
  }
}

/* Records that lie across every border between pieces, and a block larger than a piece. */
static void put_many(Build *b, char *text, size_t packets)
{
  put_section(b);
  put_interface(b, 1, 0, SLICE_NONE);
  for (size_t i = 0; i < packets; i++) {
    size_t len = i * 7919 % 3000;
    text[len] = '\0';
    put_enhanced(b, (NgPacket){0, i, text, (uint32_t) len});
    text[len] = 'x';
    if (i == packets / 2) {
      guint at = begin_block(b, 0x77);
      for (int n = 0; n < 300000; n++)
        put_u32(b, 6);
      end_block(b, at);
    }
  }
}

static void test_larger_than_a_piece(void **state)
{
  enum { PACKETS = 1000 };
  g_auto(Folder) folder = folder_new();
  g_auto(Build) b = build_new(false);
  g_autofree char *text = g_strnfill(3000, 'x');

  (void) state;
  put_many(&b, text, PACKETS);
  g_autofree char *path = folder_add(&folder, "a.pcapng", build_slice(&b));
  g_auto(Reading) reading = read_file(path);
  g_autoptr(GString) expected = g_string_new(NULL);
  for (size_t i = 0; i < PACKETS; i++)
    g_string_append_printf(expected, "%zu 0.%09zu 1 %zu/%zu %.*s\n", i + 1, i * 1000,
                           i * 7919 % 3000, i * 7919 % 3000, (int) (i * 7919 % 3000), text);
  assert_string_equal(reading.faults->str, "");
  assert_string_equal(reading.frames->str, expected->str);
}

static void test_stop(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_auto(Build) b = two_packets();
  g_autofree char *path = folder_add(&folder, "a.pcap", build_slice(&b));
  const char *const files[] = {path, path, NULL};

  (void) state;
  for (int first = 0; first < 2; first++) {
    g_autoptr(StoreSet) stores = store_set_new();
    g_autoptr(Source) source = source_open(&(SourceOptions){.files = files + first}, stores, NULL);
    FrameBatch batch = {0};
    assert_int_equal(source_input_count(source), 2 - first);
    assert_string_equal(source_input_name(source, 0), path);
    assert_false(source_is_live(source));
    source_stop(source);
    assert_int_equal(source_read(source, &batch), SOURCE_END);
    assert_int_equal(batch.count, 0);
    assert_int_equal(source_faults(source)->len, 0);
    assert_int_equal(source_read(source, &batch), SOURCE_END);
    frame_batch_clear(&batch);
  }
}

static void append_to(const char *path, Slice octets)
{
  FILE *file = fopen(path, "ab");

  assert_non_null(file);
  assert_int_equal(fwrite(octets.data, 1, octets.len, file), octets.len);
  assert_int_equal(fclose(file), 0);
}

/* A file that is being written has no end: half a packet waits for the other half. */
static void test_follow(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_auto(Build) b = two_packets();
  Slice all = build_slice(&b);

  (void) state;
  for (size_t cut = HELLO_END; cut < BYE_END; cut++) {
    g_autofree char *path = folder_add(&folder, "a.pcap", slice_head(all, cut));
    const char *const files[] = {path, NULL};
    g_autoptr(StoreSet) stores = store_set_new();
    g_autoptr(Source) source =
      source_open(&(SourceOptions){.files = files, .follow = true}, stores, NULL);
    FrameBatch batch = {0};

    assert_true(source_is_live(source) && source_follows(source));
    assert_int_equal(source_read(source, &batch), SOURCE_FRAMES);
    assert_int_equal(batch.count, 1);
    assert_int_equal(source_read(source, &batch), SOURCE_IDLE);
    append_to(path, slice_from(all, cut));
    assert_int_equal(source_read(source, &batch), SOURCE_FRAMES);
    assert_int_equal(batch.count, 1);
    assert_int_equal(batch.frames[0].number, 2);
    check_ref(stores, &batch.frames[0]);
    source_stop(source);
    assert_int_equal(source_read(source, &batch), SOURCE_END);
    assert_int_equal(source_faults(source)->len, 0);
    frame_batch_clear(&batch);
  }
}

/* Nothing more comes out of a file that was written anew, or whose name another one has got. */
static void test_follow_replaced(void **state)
{
  static const char *const WHY[] = {"truncated", "replaced"};
  g_auto(Folder) folder = folder_new();
  g_auto(Build) b = two_packets();

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(WHY); i++) {
    g_autofree char *path = folder_add(&folder, "a.pcap", build_slice(&b));
    const char *const files[] = {path, NULL};
    g_autoptr(StoreSet) stores = store_set_new();
    g_autoptr(Source) source =
      source_open(&(SourceOptions){.files = files, .follow = true}, stores, NULL);
    FrameBatch batch = {0};

    assert_int_equal(source_read(source, &batch), SOURCE_FRAMES);
    assert_int_equal(source_read(source, &batch), SOURCE_IDLE);
    if (i == 0)
      assert_int_equal(truncate(path, HELLO_END), 0);
    else
      g_free(folder_add(&folder, "a.pcap", build_slice(&b)));
    assert_int_equal(source_read(source, &batch), SOURCE_END);
    assert_int_equal(source_faults(source)->len, 1);
    assert_true(g_str_has_suffix(source_faults(source)->pdata[0], WHY[i]));
    frame_batch_clear(&batch);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_not_opened),
    cmocka_unit_test(test_containers),
    cmocka_unit_test(test_no_packets),
    cmocka_unit_test(test_truncated),
    cmocka_unit_test(test_truncated_compressed),
    cmocka_unit_test(test_damaged),
    cmocka_unit_test(test_larger_than_a_piece),
    cmocka_unit_test(test_stop),
    cmocka_unit_test(test_follow),
    cmocka_unit_test(test_follow_replaced),
  };

  return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
