#include "ui/show/remark_file.h"

#include <sys/stat.h>

#include <glib/gstdio.h>

#include "capture/error.h"
#include "tests/test.h"

static char *folder, *capture, *notes;

static int begin(void **state)
{
  (void) state;
  folder = g_dir_make_tmp("rung-notes-XXXXXX", NULL);
  capture = g_build_filename(folder, "a.pcap", NULL);
  notes = remark_file_path(capture);
  return folder ? 0 : -1;
}

static int end(void **state)
{
  (void) state;
  g_unlink(notes);
  g_rmdir(folder);
  g_free(folder);
  g_free(capture);
  g_free(notes);
  return 0;
}

static void set(Remarks *remarks, int64_t start_ms, const char *id, const char *text)
{
  const Remark remark = {start_ms, slice_from_string(id), (char *) (uintptr_t) text};

  assert_true(remarks_set(remarks, &remark));
}

static void write_text(const char *text)
{
  assert_true(g_file_set_contents(notes, text, -1, NULL));
}

static void test_round_trip(void **state)
{
  g_autoptr(Remarks) written = remarks_new(), read = remarks_new();
  g_autofree char *text = NULL;

  (void) state;
  set(written, INT64_C(1764475953007), "a\\b\t\n@host", "back\\slash \"quoted\" \xe5\x8d\x97");
  set(written, -1, "", "before 1970");
  assert_true(remark_file_write(capture, written, NULL));
  assert_true(g_file_get_contents(notes, &text, NULL, NULL));
  assert_non_null(strstr(text, "\n1969-12-31T23:59:59.999Z\t\tbefore 1970\n"));
  assert_non_null(strstr(text, "\n2025-11-30T04:12:33.007Z\ta\\\\b\\t\\n@host\tback\\\\slash"));
  assert_true(remark_file_read(capture, false, read, NULL));
  const Call call = {
    .start_ns = INT64_C(1764475953007999999), .texts = "a\\b\t\n@host", .text_lens = {10}};
  assert_string_equal(remarks_of(read, &call), "back\\slash \"quoted\" \xe5\x8d\x97");
  assert_int_equal(remarks_count(read), 2);
}

static void test_none(void **state)
{
  g_autoptr(Remarks) remarks = remarks_new();

  (void) state;
  g_unlink(notes);
  assert_true(remark_file_read(capture, false, remarks, NULL));
  assert_true(remark_file_write(capture, remarks, NULL));
  assert_false(g_file_test(notes, G_FILE_TEST_EXISTS));
  write_text("");
  assert_true(remark_file_write(capture, remarks, NULL));
  assert_false(g_file_test(notes, G_FILE_TEST_EXISTS));
}

/* Of several captures: changed and taken away, it is so again when all are read. */
static void test_of_another_capture(void **state)
{
  g_autofree char *other = g_build_filename(folder, "b.pcap", NULL);
  g_autofree char *other_notes = remark_file_path(other);
  const Call call[] = {{.texts = "a", .text_lens = {1}}, {.texts = "b", .text_lens = {1}}};

  (void) state;
  g_unlink(notes);
  assert_true(g_file_set_contents(
    other_notes, "1970-01-01T00:00:00Z\ta\told\n1970-01-01T00:00:00Z\tb\told\n", -1, NULL));
  for (unsigned i = 0; i < 2; i++) { /* and what is written again is the same */
    g_autoptr(Remarks) remarks = remarks_new(), again = remarks_new();
    assert_true(remark_file_read(other, true, remarks, NULL));
    assert_true(remark_file_read(capture, false, remarks, NULL));
    set(remarks, 0, "a", "new");
    set(remarks, 0, "b", "");
    assert_null(remarks_of(remarks, &call[1]));
    assert_true(remark_file_write(capture, remarks, NULL));
    assert_true(remark_file_read(other, true, again, NULL));
    assert_true(remark_file_read(capture, false, again, NULL));
    assert_string_equal(remarks_of(again, &call[0]), "new");
    assert_null(remarks_of(again, &call[1]));
    assert_int_equal(remarks_count(again), 1);
  }
  g_unlink(other_notes);
}

static void test_faults(void **state)
{
  static const char *const WRONG[] = {
    "hello\n",           "2025-11-30T04:12:33Z\ta\n",       "2025-11-30T04:12:33Z\ta\tb\tc\n",
    "yesterday\ta\tb\n", "2025-11-30T04:12:33Z\ta\t\xff\n",
  };
  g_autoptr(Remarks) remarks = remarks_new();

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(WRONG); i++) {
    g_autofree char *text = g_strconcat("# a comment\n \t\n", WRONG[i], NULL);
    g_autoptr(GError) error = NULL;
    write_text(text);
    assert_false(remark_file_read(capture, false, remarks, &error));
    assert_int_equal(error->code, APP_ERROR_FORMAT);
    assert_non_null(strstr(error->message, "line 3 "));
    /* nor is it replaced */
    g_autofree char *after = NULL;
    assert_false(remark_file_write(capture, remarks, NULL));
    assert_true(g_file_get_contents(notes, &after, NULL, NULL));
    assert_string_equal(after, text);
  }
  assert_int_equal(remarks_count(remarks), 0);
}

/* It is not waited for. */
static void test_pipe(void **state)
{
  g_autoptr(Remarks) remarks = remarks_new();
  g_autoptr(GError) error = NULL;

  (void) state;
  g_unlink(notes);
  assert_int_equal(mkfifo(notes, 0600), 0);
  assert_false(remark_file_read(capture, false, remarks, &error));
  assert_int_equal(error->code, APP_ERROR_IO);
}

static void test_no_folder(void **state)
{
  g_autoptr(Remarks) remarks = remarks_new();
  g_autoptr(GError) error = NULL;

  (void) state;
  set(remarks, 0, "a", "b");
  assert_false(remark_file_write("/nowhere/at/all.pcap", remarks, &error));
  assert_int_equal(error->code, APP_ERROR_IO);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_round_trip),
    cmocka_unit_test(test_none),
    cmocka_unit_test(test_of_another_capture),
    cmocka_unit_test(test_faults),
    cmocka_unit_test(test_pipe),
    cmocka_unit_test(test_no_folder),
  };

  return cmocka_run_group_tests_name("remark_file", tests, begin, end);
}
