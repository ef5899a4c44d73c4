#include "capture/writer.h"

#include <fcntl.h>
#include <unistd.h>

#include "capture/error.h"
#include "tests/source_read.h"

static const char *const INPUTS[] = {"eth0", "a name that is much longer than any interface has, "
                                             "so that it must be cut somewhere, which it is not "
                                             "allowed to be in the middle of a character: "
                                             "ääääääääääääääääääääää"
                                             "ääääääääääääääääääääää"};

static Frame frame(const char *text, int64_t time_ns, uint16_t link_type, uint16_t input)
{
  uint32_t len = (uint32_t) strlen(text);

  return (Frame){.data = (const uint8_t *) text,
                 .len = len,
                 .wire_len = len + input * 1000,
                 .time_ns = time_ns,
                 .link_type = link_type,
                 .input = input,
                 .matched = true};
}

/* Writes the frames and reads them back. */
static Reading write_and_read(WriterFormat format, const Frame *frames, size_t count)
{
  g_auto(Folder) folder = folder_new();
  g_autofree char *path = folder_add(&folder, "out", SLICE(""));
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  WriterOptions options = {
    .fd = fd, .name = "out", .format = format, .inputs = INPUTS, .input_count = 2};
  g_autoptr(Writer) writer = writer_new(options);

  assert_true(fd >= 0);
  for (size_t i = 0; i < count; i++)
    assert_true(writer_add(writer, &frames[i], NULL));
  assert_true(writer_finish(writer, NULL));
  close(fd);
  return read_file(path);
}

static void check(WriterFormat format, const Frame *frames, size_t count)
{
  g_autoptr(GString) expected = g_string_new(NULL);
  g_auto(Reading) reading = write_and_read(format, frames, count);

  for (size_t i = 0; i < count; i++) {
    Frame numbered = frames[i];
    numbered.number = i + 1;
    frame_to_text(&numbered, expected);
  }
  assert_null(reading.error);
  assert_string_equal(reading.faults->str, "");
  assert_string_equal(reading.frames->str, expected->str);
}

static void test_read_back_equals(void **state)
{
  const Frame frames[] = {frame("abcd", 0, 1, 0), frame("", 1, 1, 0), frame("x", 999999999, 1, 1),
                          frame("yz", INT64_C(1767322800123456789), 1, 1),
                          frame("five!", INT64_C(4294967295999999999), 1, 0)};

  (void) state;
  for (size_t count = 0; count <= G_N_ELEMENTS(frames); count++) {
    check(WRITER_PCAP, frames, count);
    check(WRITER_PCAPNG, frames, count);
  }
}

static void test_several_link_types(void **state)
{
  const Frame frames[] = {frame("a", 1, 1, 0), frame("bb", 2, 113, 0), frame("ccc", 3, 1, 1),
                          frame("dddd", FRAME_TIME_MAX, 101, 1), frame("eeeee", 5, 1, 0)};

  (void) state;
  check(WRITER_PCAPNG, frames, G_N_ELEMENTS(frames));
}

/* Larger than any buffer, and many of them. */
static void test_sizes(void **state)
{
  g_autofree char *text = g_strnfill(262144, 'x');
  Frame frames[60];

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(frames); i++) {
    frames[i] = frame(text, (int64_t) i, 1, 0);
    frames[i].len = frames[i].wire_len = (uint32_t) (i * 65537 % 262145);
  }
  frames[7].len = frames[7].wire_len = 262144;
  check(WRITER_PCAP, frames, G_N_ELEMENTS(frames));
  check(WRITER_PCAPNG, frames, G_N_ELEMENTS(frames));
}

static void test_names(void **state)
{
  const Frame frames[] = {frame("a", 1, 1, 0), frame("b", 2, 1, 1), frame("c", 2, 1, 2)};
  g_auto(Folder) folder = folder_new();
  g_autofree char *path = folder_add(&folder, "out", SLICE(""));
  g_autofree char *octets = NULL;
  gsize len;
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  g_autoptr(Writer) writer =
    writer_new((WriterOptions){fd, "out", WRITER_PCAPNG, INPUTS, G_N_ELEMENTS(INPUTS)});

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(frames); i++)
    assert_true(writer_add(writer, &frames[i], NULL));
  assert_true(writer_finish(writer, NULL));
  close(fd);
  assert_true(g_file_get_contents(path, &octets, &len, NULL));
  assert_non_null(memmem(octets, len,
                         "\x02\x00\x04\x00"
                         "eth0\x09\x00\x01\x00\x09\x00\x00\x00",
                         16));
  assert_non_null(memmem(octets, len, "unknown", 7));
  assert_non_null(memmem(octets, len, "a name that is much longer", 26));
  assert_null(memmem(octets, len, INPUTS[1], strlen(INPUTS[1])));
}

/* The file can be read before there is a frame, and has the frames' link type once there is one. */
static void test_begun_at_once(void **state)
{
  const Frame one = frame("abc", 1, 113, 0);

  (void) state;
  for (unsigned i = 0; i < 4; i++) {
    WriterFormat format = i % 2 == 0 ? WRITER_PCAP : WRITER_PCAPNG;
    bool may_replace = i < 2 || format == WRITER_PCAPNG;
    g_auto(Folder) folder = folder_new();
    g_autofree char *path = folder_add(&folder, "out", SLICE(""));
    int fd = open(path, O_WRONLY | O_CLOEXEC | (i < 2 ? 0 : O_APPEND));
    g_autoptr(Writer) writer = writer_new((WriterOptions){fd, "out", format, INPUTS, 1});

    assert_true(writer_begin(writer, NULL));
    g_auto(Reading) before = read_file(path);
    assert_int_equal(before.error == NULL, may_replace);
    assert_true(writer_add(writer, &one, NULL));
    assert_true(writer_finish(writer, NULL));
    close(fd);
    g_auto(Reading) after = read_file(path);
    g_autoptr(GString) expected = g_string_new(NULL);
    Frame numbered = one;
    numbered.number = 1;
    frame_to_text(&numbered, expected);
    assert_null(after.error);
    assert_string_equal(after.frames->str, expected->str);
  }
}

/* Each flush is whole: a file that ends after one has all frames before it. */
static void test_packed(void **state)
{
  static const Packing PACKINGS[] = {PACKING_GZIP, PACKING_ZSTD};
  const Frame frames[] = {frame("abc", 1, 113, 0), frame("de", 2, 113, 0), frame("f", 3, 113, 0)};

  (void) state;
  for (size_t i = 0; i < 2 * G_N_ELEMENTS(PACKINGS); i++) {
    g_auto(Folder) folder = folder_new();
    g_autofree char *path = folder_add(&folder, "out", SLICE(""));
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    g_autoptr(GString) expected = g_string_new(NULL);
    g_autoptr(Writer) writer = writer_new((WriterOptions){.fd = fd,
                                                          .name = "out",
                                                          .format = (WriterFormat) (i % 2),
                                                          .inputs = INPUTS,
                                                          .input_count = 1,
                                                          .packing = PACKINGS[i / 2]});
    assert_true(writer_begin(writer, NULL));
    for (size_t n = 0; n < G_N_ELEMENTS(frames); n++) {
      Frame numbered = frames[n];
      numbered.number = n + 1;
      frame_to_text(&numbered, expected);
      assert_true(writer_add(writer, &frames[n], NULL));
      assert_true(writer_flush(writer, NULL));
      g_auto(Reading) reading = read_file(path);
      assert_null(reading.error);
      assert_string_equal(reading.faults->str, "");
      assert_string_equal(reading.frames->str, expected->str);
    }
    assert_int_equal(writer_bytes(writer), lseek(fd, 0, SEEK_END));
    close(fd);
  }
}

static void test_refused(void **state)
{
  static const struct {
    int64_t time_ns;
    uint16_t link_type;
    const char *message;
  } CASES[] = {
    {1, 113,
     "cannot write out.pcap: the packets have several link types (1, 113), which only pcapng can "
     "hold; use a name that ends in .pcapng"},
    {INT64_C(4294967296000000000), 1,
     "cannot write out.pcap: pcap has no times after 2106; use a name that ends in .pcapng"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const Frame first = frame("a", 1, 1, 0);
    const Frame second = frame("b", CASES[i].time_ns, CASES[i].link_type, 0);
    g_autoptr(GError) error = NULL;
    g_autoptr(Writer) writer = writer_new((WriterOptions){-1, "out.pcap", WRITER_PCAP, NULL, 0});

    assert_true(writer_add(writer, &first, NULL));
    assert_false(writer_add(writer, &second, &error));
    assert_string_equal(error->message, CASES[i].message);
    assert_true(g_error_matches(error, APP_ERROR, APP_ERROR_IO));
  }
}

static void test_full_disk(void **state)
{
  const Frame one = frame("a", 1, 1, 0);
  g_autoptr(GError) error = NULL;
  int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

  (void) state;
  if (fd < 0)
    skip();
  g_autoptr(Writer) writer = writer_new((WriterOptions){fd, "out", WRITER_PCAP, NULL, 0});
  assert_true(writer_add(writer, &one, NULL));
  assert_false(writer_finish(writer, &error));
  assert_non_null(strstr(error->message, "cannot write out: "));
  close(fd);
}

static void test_format(void **state)
{
  (void) state;
  assert_int_equal(writer_format_of("a.pcapng"), WRITER_PCAPNG);
  assert_int_equal(writer_format_of("a.pcap"), WRITER_PCAP);
  assert_int_equal(writer_format_of("-"), WRITER_PCAP);
  assert_int_equal(writer_format_of("a.pcapng.zst"), WRITER_PCAPNG);
  assert_int_equal(writer_format_of("a.gz"), WRITER_PCAP);
  assert_int_equal(packing_of("a.pcapng.gz"), PACKING_GZIP);
  assert_int_equal(packing_of("a.zst"), PACKING_ZSTD);
  assert_int_equal(packing_of("gz"), PACKING_NONE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_read_back_equals),
    cmocka_unit_test(test_several_link_types),
    cmocka_unit_test(test_sizes),
    cmocka_unit_test(test_names),
    cmocka_unit_test(test_begun_at_once),
    cmocka_unit_test(test_packed),
    cmocka_unit_test(test_refused),
    cmocka_unit_test(test_full_disk),
    cmocka_unit_test(test_format),
  };

  return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
