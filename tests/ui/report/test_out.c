#include "tests/test.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "capture/error.h"
#include "ui/report/out.h"

static void test_order_is_kept(void **state)
{
  g_autofree char *big = g_strnfill(OUT_ROOM + 10, 'b');
  g_autoptr(GString) expected = g_string_new(NULL), got = g_string_new(NULL);
  char path[] = "/tmp/test_out.XXXXXX", chunk[4096];
  int fd = mkstemp(path);
  ssize_t len;
  Out out;

  (void) state;
  assert_true(fd >= 0);
  unlink(path);
  out_init(&out, fd, path);
  for (unsigned i = 0; i < 20000; i++) { /* more than the buffer holds */
    g_autofree char *number = g_strdup_printf("%u", i);
    out_string(&out, number);
    out_char(&out, ',');
    g_string_append_printf(expected, "%u,", i);
  }
  out_write(&out, slice_from_string(big));
  out_string(&out, "end");
  g_string_append_printf(expected, "%send", big);
  assert_true(out_finish(&out, NULL));
  assert_false(out_is_over(&out));
  out_clear(&out);

  assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
  while ((len = read(fd, chunk, sizeof chunk)) > 0)
    g_string_append_len(got, chunk, len);
  close(fd);
  assert_int_equal(got->len, expected->len);
  assert_memory_equal(got->str, expected->str, got->len);
}

static void test_full_device_is_a_failure(void **state)
{
  g_autoptr(GError) error = NULL;
  int fd = open("/dev/full", O_WRONLY);
  Out out;

  (void) state;
  if (fd < 0)
    skip();
  out_init(&out, fd, "report.txt");
  out_string(&out, "text");
  out_flush(&out);
  assert_true(out_is_over(&out));
  out_string(&out, "more");
  assert_false(out_finish(&out, &error));
  assert_true(g_error_matches(error, APP_ERROR, APP_ERROR_IO));
  assert_string_equal(error->message, "cannot write report.txt: No space left on device");
  out_clear(&out);
  close(fd);
}

static void test_closed_pipe_ends_quietly(void **state)
{
  g_autoptr(GError) error = NULL;
  int ends[2];
  Out out;

  (void) state;
  assert_int_equal(pipe(ends), 0);
  close(ends[0]);
  out_init(&out, ends[1], "stdout");
  out_string(&out, "text");
  assert_false(out_is_over(&out));
  out_flush(&out);
  assert_true(out_is_over(&out));
  assert_true(out_finish(&out, &error));
  assert_null(error);
  out_clear(&out);
  close(ends[1]);
}

/* "a\nbb\nccc\n" and so on, as a page of it. */
static void put_page(OutPage *page, unsigned lines, size_t len)
{
  g_autofree char *line = g_strnfill(len, 'x');
  Out out;

  out_init_page(&out, page, "page");
  for (unsigned i = 0; i < lines; i++) {
    g_autofree char *number = g_strdup_printf("%u", i);
    out_string(&out, number);
    out_string(&out, line);
    out_char(&out, '\n');
  }
  assert_true(out_finish(&out, NULL));
  out_clear(&out);
}

static void test_pages(void **state)
{
  static const struct {
    unsigned lines, skip, most;
    const char *text;
    bool has_more;
  } CASES[] = {
    {3, 0, 3, "0\n1\n2\n", false}, {3, 0, 2, "0\n1\n", true}, {3, 1, 1, "1\n", true},
    {3, 2, 1, "2\n", false},       {3, 3, 1, "", false},      {0, 0, 1, "", false},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    OutPage page = {.skip = CASES[i].skip, .most = CASES[i].most, .text = text};
    put_page(&page, CASES[i].lines, 0);
    assert_string_equal(text->str, CASES[i].text);
    assert_int_equal(page.has_more, CASES[i].has_more);
  }
}

/* Long lines make a page shorter; one that is longer than a page is whole, and alone. */
static void test_pages_of_long_lines(void **state)
{
  g_autoptr(GString) text = g_string_new(NULL), alone = g_string_new(NULL);
  OutPage page = {.most = 500, .text = text}, large = {.skip = 1, .most = 500, .text = alone};

  (void) state;
  put_page(&page, 500, OUT_PAGE_BYTES / 10);
  assert_int_equal(out_page_count(&page), 10);
  assert_true(page.has_more);
  put_page(&large, 4, OUT_PAGE_BYTES + 1);
  assert_int_equal(out_page_count(&large), 1);
  assert_int_equal(text->str[text->len - 1], '\n');
}

static void test_endless_line_is_a_failure(void **state)
{
  g_autoptr(GString) text = g_string_new(NULL);
  g_autofree char *part = g_strnfill(OUT_ROOM, 'x');
  OutPage page = {.most = 1, .text = text};
  Out out;

  (void) state;
  out_init_page(&out, &page, "page");
  for (size_t len = 0; len < 2 * (size_t) OUT_PAGE_LINE_MAX; len += OUT_ROOM)
    out_write(&out, slice_of(part, OUT_ROOM));
  assert_false(out_finish(&out, NULL));
  assert_true(text->len < 2 * (size_t) OUT_PAGE_LINE_MAX);
  out_clear(&out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_order_is_kept),
    cmocka_unit_test(test_full_device_is_a_failure),
    cmocka_unit_test(test_closed_pipe_ends_quietly),
    cmocka_unit_test(test_pages),
    cmocka_unit_test(test_pages_of_long_lines),
    cmocka_unit_test(test_endless_line_is_a_failure),
  };

  signal(SIGPIPE, SIG_IGN);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
