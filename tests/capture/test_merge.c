#include "tests/source_read.h"

typedef struct {
  const char *packets; /* a digit each: its time */
  size_t cut;          /* octets missing at the end */
} File;

static void put_digits(Build *b, const char *digits)
{
  put_pcap_header(b, 0xa1b2c3d4, 1);
  for (; *digits; digits++) {
    char text[] = {*digits, '\0'};
    put_pcap_packet(b, (PcapPacket){(uint32_t) (*digits - '0'), 0, text, 1, 0});
  }
}

static char *add_file(const Folder *folder, File file, const char *name)
{
  g_auto(Build) b = build_new(false);

  put_digits(&b, file.packets);
  return folder_add(folder, name, slice_head(build_slice(&b), b.bytes->len - file.cut));
}

static void assert_order(const Reading *reading, const char *times, const char *inputs)
{
  g_autoptr(GString) expected = g_string_new(NULL);

  for (size_t i = 0; times[i]; i++)
    g_string_append_printf(expected, "%zu %c.000000000 1 1/1 %c\n", i + 1, times[i], times[i]);
  assert_string_equal(reading->frames->str, expected->str);
  assert_string_equal(reading->inputs->str, inputs);
}

static void test_order(void **state)
{
  static const struct {
    File files[4];
    const char *times, *inputs, *faults;
  } CASES[] = {
    {{{"135", 0}, {"246", 0}}, "123456", "010101", ""},
    {{{"246", 0}, {"135", 0}}, "123456", "101010", ""},
    {{{"122", 0}, {"122", 0}, {"2", 0}}, "1122222", "0100112", ""},
    /* times that jump back: the order within a file stays */
    {{{"52", 0}, {"134", 0}}, "13452", "11100", ""},
    {{{"", 0}, {"1", 0}, {"", 0}, {"0", 0}}, "01", "31", ""},
    /* a broken file does not stop the others */
    {{{"149", 3}, {"235", 0}},
     "12345",
     "01101",
     "0: truncated at byte 72: the last packet is cut short\n"},
  };
  static const char *const NAMES[] = {"0", "1", "2", "3"};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(Folder) folder = folder_new();
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    for (size_t n = 0; n < 4 && CASES[i].files[n].packets; n++)
      g_ptr_array_add(paths, add_file(&folder, CASES[i].files[n], NAMES[n]));
    g_ptr_array_add(paths, NULL);
    g_auto(Reading) reading =
      read_all(&(SourceOptions){.files = (const char *const *) paths->pdata});
    assert_order(&reading, CASES[i].times, CASES[i].inputs);
    assert_string_equal(reading.faults->str, CASES[i].faults);
  }
}

/* More than one batch, of files that are read in many pieces. */
static void test_many(void **state)
{
  enum { FILES = 40, PACKETS = 500 };
  g_auto(Folder) folder = folder_new();
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GString) expected = g_string_new(NULL);
  g_autofree char *text = g_strnfill(200, 'y');

  (void) state;
  for (unsigned file = 0; file < FILES; file++) {
    g_auto(Build) b = build_new(false);
    g_autofree char *name = g_strdup_printf("%u", file);
    put_pcap_header(&b, 0xa1b2c3d4, 1);
    for (unsigned i = 0; i < PACKETS; i++)
      put_pcap_packet(&b, (PcapPacket){i, (file * 7) % FILES, text, 200, 0});
    g_ptr_array_add(paths, folder_add(&folder, name, build_slice(&b)));
  }
  g_ptr_array_add(paths, NULL);
  g_auto(Reading) reading = read_all(&(SourceOptions){.files = (const char *const *) paths->pdata});
  for (unsigned i = 0; i < PACKETS * FILES; i++)
    g_string_append_printf(expected, "%u %u.%09u 1 200/200 %s\n", i + 1, i / FILES,
                           i % FILES * 1000, text);
  assert_string_equal(reading.frames->str, expected->str);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_order),
    cmocka_unit_test(test_many),
  };

  return cmocka_run_group_tests_name("merge", tests, NULL, NULL);
}
