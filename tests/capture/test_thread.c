#include "capture/thread.h"

#include <signal.h>

#include "capture/error.h"
#include "tests/no_threads.h"

/* The main thread handles what asks the program to end; a crash is handled where it happens. */
static gpointer look_at_signals(gpointer data)
{
  pthread_sigmask(SIG_BLOCK, NULL, data);
  return NULL;
}

static void test_signals(void **state)
{
  static const int OF_MAIN[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGWINCH, SIGUSR1};
  static const int CRASHES[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
  sigset_t blocked, before, after;

  (void) state;
  pthread_sigmask(SIG_BLOCK, NULL, &before);
  g_thread_join(thread_new("test", look_at_signals, &blocked, NULL));
  pthread_sigmask(SIG_BLOCK, NULL, &after);
  for (size_t i = 0; i < G_N_ELEMENTS(OF_MAIN); i++) {
    assert_true(sigismember(&blocked, OF_MAIN[i]));
    assert_int_equal(sigismember(&after, OF_MAIN[i]), sigismember(&before, OF_MAIN[i]));
  }
  for (size_t i = 0; i < G_N_ELEMENTS(CRASHES); i++)
    assert_false(sigismember(&blocked, CRASHES[i]));
}

static void start_none(void)
{
  g_autoptr(GError) error = NULL;
  sigset_t unused;

  assert_null(thread_new("test", look_at_signals, &unused, &error));
  assert_true(g_error_matches(error, APP_ERROR, APP_ERROR_IO));
  assert_null(thread_new("test", look_at_signals, &unused, NULL));
}

static void test_no_more_threads(void **state)
{
  (void) state;
  with_no_threads(start_none);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_signals),
    cmocka_unit_test(test_no_more_threads),
  };

  return cmocka_run_group_tests_name("thread", tests, NULL, NULL);
}
