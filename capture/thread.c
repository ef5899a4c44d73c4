#include "capture/thread.h"

#include <signal.h>

#include "capture/error.h"
#include "capture/language.h"

/* A blocked signal of a crash ends the program without its handler. */
static sigset_t blocked_signals(void)
{
  static const int CRASHES[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
  sigset_t set;

  sigfillset(&set);
  for (size_t i = 0; i < G_N_ELEMENTS(CRASHES); i++)
    sigdelset(&set, CRASHES[i]);
  return set;
}

GThread *thread_new(const char *name, GThreadFunc run, gpointer data, GError **error)
{
  sigset_t blocked = blocked_signals(), before;
  g_autoptr(GError) why = NULL;

  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  GThread *thread = g_thread_try_new(name, run, data, &why);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (!thread)
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot start a thread: %s"), why->message);
  return thread;
}
