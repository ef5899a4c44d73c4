/* A pipe as a terminal that takes nothing until it is read. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "tests/test.h"
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

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_stalled, setup, teardown),
    cmocka_unit_test_setup_teardown(test_given_up, setup, teardown),
    cmocka_unit_test_setup_teardown(test_descriptor, setup, teardown),
    cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
  };

  (void) signal(SIGPIPE, SIG_IGN);
  return cmocka_run_group_tests_name("outlet", tests, NULL, NULL);
}
