/* Real captures and published flows beside the checkout (RUNG_SHARED): each opens, and yields as
 * many packets as it is known to have. */
#include "tests/source_read.h"

static const char *shared_or_skip(void)
{
  const char *shared = g_getenv("RUNG_SHARED");

  if (!shared) {
    print_message("RUNG_SHARED is not set: no captures to read\n");
    skip();
  }
  return shared;
}

typedef struct {
  uint64_t frames;
  GString *faults;
} Count;

static Count count_frames(const char *path)
{
  const char *const files[] = {path, NULL};
  g_autoptr(StoreSet) stores = store_set_new();
  g_autoptr(GError) error = NULL;
  g_autoptr(Source) source = source_open(&(SourceOptions){.files = files}, stores, &error);
  Count count = {0, g_string_new(NULL)};
  FrameBatch batch = {0};

  if (!source) {
    g_string_append(count.faults, error->message);
    return count;
  }
  while (source_read(source, &batch) != SOURCE_END) {
    count.frames += batch.count;
    for (size_t i = 0; i < batch.count; i++)
      check_ref(stores, &batch.frames[i]);
  }
  frame_batch_clear(&batch);
  for (guint i = 0; i < source_faults(source)->len; i++)
    g_string_append_printf(count.faults, "%s\n",
                           (const char *) g_ptr_array_index(source_faults(source), i));
  return count;
}

/* Column of a tab-separated line, from 0. */
static Slice column(Slice line, unsigned number)
{
  for (unsigned i = 0; i < number; i++)
    slice_cut(&line, '\t');
  return slice_cut(&line, '\t');
}

static void test_index(void **state)
{
  const char *shared = shared_or_skip();
  g_autofree char *index = g_build_filename(shared, "captures", "INDEX.tsv", NULL);
  g_autofree char *text = NULL;
  unsigned files = 0;

  (void) state;
  assert_true(g_file_get_contents(index, &text, NULL, NULL));
  Slice rest = slice_from_string(text);
  slice_take_line(&rest); /* the names of the columns */
  while (rest.len > 0) {
    Slice line = slice_take_line(&rest);
    g_autofree char *name = slice_dup(column(line, 0));
    g_autofree char *path = g_build_filename(shared, "captures", name, NULL);
    Count count = count_frames(path);
    uint64_t packets = count.frames;
    bool is_known = column(line, 2).len > 0;
    assert_int_equal(slice_to_u64(column(line, 2), &packets), is_known);
    if (count.frames != packets || count.faults->len > 0)
      print_error("%s: %" G_GUINT64_FORMAT " packets, not %" G_GUINT64_FORMAT "; %s\n", name,
                  count.frames, packets, count.faults->str);
    assert_true(count.frames == packets && count.frames > 0);
    assert_int_equal(count.faults->len, 0);
    g_string_free(count.faults, true);
    files++;
  }
  assert_true(files > 0);
}

/* Folders two levels down with a flow.pcap. */
static void test_flows(void **state)
{
  const char *shared = shared_or_skip();
  g_autofree char *vectors = g_build_filename(shared, "vectors", NULL);
  unsigned flows = 0;

  (void) state;
  for (unsigned i = 0; i < 2; i++) {
    static const char *const SETS[] = {"rfc3665", "gb28181"};
    g_autofree char *set = g_build_filename(vectors, SETS[i], NULL);
    GDir *dir = g_dir_open(set, 0, NULL);
    assert_non_null(dir);
    for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir)) {
      g_autofree char *path = g_build_filename(set, name, "flow.pcap", NULL);
      if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
        continue;
      Count count = count_frames(path);
      assert_true(count.frames > 0);
      assert_string_equal(count.faults->str, "");
      g_string_free(count.faults, true);
      flows++;
    }
    g_dir_close(dir);
  }
  assert_true(flows > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_index),
    cmocka_unit_test(test_flows),
  };

  return cmocka_run_group_tests_name("captures", tests, NULL, NULL);
}
