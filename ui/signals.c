#include "ui/signals.h"

#include <pthread.h>
#include <signal.h>

static sigset_t ending_signals(void)
{
  sigset_t set;

  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

void signals_hold(void)
{
  sigset_t set = ending_signals();

  pthread_sigmask(SIG_BLOCK, &set, NULL);
}

bool signals_came(void)
{
  sigset_t set = ending_signals(), pending;
  int signal;

  sigemptyset(&pending);
  sigpending(&pending);
  if (!sigismember(&pending, SIGINT) && !sigismember(&pending, SIGTERM))
    return false;
  sigwait(&set, &signal);
  signals_release();
  return true;
}

void signals_release(void)
{
  sigset_t set = ending_signals();

  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void signals_ignore_pipe(void)
{
  struct sigaction ignore = {.sa_handler = SIG_IGN};

  sigaction(SIGPIPE, &ignore, NULL);
}
