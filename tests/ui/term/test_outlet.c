/* A pipe as a terminal that takes nothing until it is read. */
#include "tests/test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "ui/term/outlet.h"

/* More than a pipe holds, less than two. */
enum { SENT = 100 * 1000 };

typedef struct {
  int tty, other; /* ends of the terminal */
  Outlet *outlet;
  GString *sent;
} Bench;

static int setup(void **state)
{
  Bench *bench = g_new0(Bench, 1);
  int ends[2];

  assert_int_equal(pipe(ends), 0);
  bench->other = ends[0];
  bench->tty = ends[1];
  bench->outlet = outlet_new(bench->tty);
  assert_non_null(bench->outlet);
  bench->sent = g_string_new(NULL);
  for (unsigned i = 0; bench->sent->len < SENT; i++)
    g_string_append_printf(bench->sent, "%u ", i);
  *state = bench;
  return 0;
}

static int teardown(void **state)
{
  Bench *bench = *state;

  close(bench->other);
  outlet_free(bench->outlet);
  close(bench->tty);
  g_string_free(bench->sent, TRUE);
  g_free(bench);
  return 0;
}

static void assert_read(const Bench *bench, const char *wanted)
{
  size_t len = strlen(wanted);
  g_autofree char *got = g_malloc0(len + 1);

  for (size_t done = 0; done < len;) {
    ssize_t n = read(bench->other, got + done, len - done);
    assert_true(n > 0);
    done += (size_t) n;
  }
  assert_string_equal(got, wanted);
}

static void test_stalled(void **state)
{
  Bench *bench = *state;

  assert_true(outlet_is_empty(bench->outlet));
  outlet_send(bench->outlet, slice_of(bench->sent->str, bench->sent->len)); /* does not wait */
  assert_false(outlet_is_empty(bench->outlet));
  assert_read(bench, bench->sent->str);
  assert_true(outlet_drain(bench->outlet));
}

/* What is given up does not come later, but what is drawn afterwards does. */
static void test_given_up(void **state)
{
  Bench *bench = *state;
  char got[SENT + 1];

  outlet_send(bench->outlet, slice_of(bench->sent->str, bench->sent->len));
  assert_false(outlet_drain(bench->outlet));
  size_t len = 0;
  while (!outlet_is_empty(bench->outlet) ||
         poll(&(struct pollfd){bench->other, POLLIN, 0}, 1, 0) > 0)
    if (poll(&(struct pollfd){bench->other, POLLIN, 0}, 1, 10) > 0)
      len += (size_t) read(bench->other, got + len, SENT + 1 - len);
  assert_true(len < SENT);
  assert_memory_equal(got, bench->sent->str, len);
  int fd = dup(bench->tty);
  outlet_begin(bench->outlet, fd);
  assert_int_equal(write(fd, "next", 4), 4);
  outlet_end(bench->outlet, fd);
  assert_read(bench, "next");
  close(fd);
}

/* A descriptor of the terminal goes its way for a time, and is the terminal's again. */
static void test_descriptor(void **state)
{
  Bench *bench = *state;
  int fd = dup(bench->tty);

  assert_true(fd >= 0);
  outlet_send(bench->outlet, SLICE("one "));
  outlet_begin(bench->outlet, fd);
  assert_int_equal(write(fd, "two ", 4), 4);
  outlet_end(bench->outlet, fd);
  assert_true(outlet_drain(bench->outlet));
  assert_int_equal(write(fd, "three", 5), 5);
  assert_read(bench, "one two three");
  close(fd);
}

/* Nobody takes it any more: nothing waits. */
static void test_gone(void **state)
{
  Bench *bench = *state;

  close(bench->other);
  bench->other = open("/dev/null", O_RDONLY);
  outlet_send(bench->outlet, slice_of(bench->sent->str, bench->sent->len));
  assert_true(outlet_drain(bench->outlet));
}

static void test_sequences(void **state)
{
  static const struct {
    const char *text, *plain, *wrapped;
  } CASES[] = {
    {"", "\033]52;c;\a", "\033P\033]52;c;\a\033\\"},
    {"Call-ID", "\033]52;c;Q2FsbC1JRA==\a", "\033P\033]52;c;Q2FsbC1JRA==\a\033\\"},
    {"\033\a\xFF", "\033]52;c;Gwf/\a", "\033P\033]52;c;Gwf/\a\033\\"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GString) plain = g_string_new(NULL), wrapped = g_string_new(NULL);
    Slice text = slice_from_string(CASES[i].text);

    assert_true(clipboard_append(plain, text, false));
    assert_string_equal(plain->str, CASES[i].plain);
    assert_true(clipboard_append(wrapped, text, true));
    assert_string_equal(wrapped->str, CASES[i].wrapped);
  }
}

/* The pieces say together what the whole says. */
static void test_pieces(void **state)
{
  g_autofree char *text = g_strnfill(5000, 'x');
  g_autoptr(GString) plain = g_string_new(NULL), wrapped = g_string_new(NULL);
  g_autoptr(GString) joined = g_string_new(NULL);

  (void) state;
  assert_true(clipboard_append(plain, slice_from_string(text), false));
  assert_true(clipboard_append(wrapped, slice_from_string(text), true));
  g_auto(GStrv) pieces = g_strsplit(wrapped->str, "\033\\", -1);
  assert_true(g_strv_length(pieces) > 20);
  for (char **piece = pieces; **piece; piece++) {
    assert_true(g_str_has_prefix(*piece, "\033P"));
    assert_true(strlen(*piece) < 256);
    g_string_append(joined, *piece + 2);
  }
  assert_string_equal(joined->str, plain->str);
}

static void test_limit(void **state)
{
  g_autofree char *text = g_strnfill(CLIPBOARD_MAX + 1, 'x');
  g_autoptr(GString) to = g_string_new(NULL);

  (void) state;
  assert_false(clipboard_append(to, slice_of(text, CLIPBOARD_MAX + 1), false));
  assert_int_equal(to->len, 0);
  assert_true(clipboard_append(to, slice_of(text, CLIPBOARD_MAX), false));
  assert_true(to->len <= 100001);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_stalled, setup, teardown),
    cmocka_unit_test_setup_teardown(test_given_up, setup, teardown),
    cmocka_unit_test_setup_teardown(test_descriptor, setup, teardown),
    cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
    cmocka_unit_test(test_sequences),
    cmocka_unit_test(test_pieces),
    cmocka_unit_test(test_limit),
  };

  (void) signal(SIGPIPE, SIG_IGN);
  return cmocka_run_group_tests_name("outlet", tests, NULL, NULL);
}
