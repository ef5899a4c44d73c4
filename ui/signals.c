#include "ui/signals.h"

#include <pthread.h>
#include <signal.h>

/* nohup's wish; a blocked signal would be pending all the same. */
static bool hangup_is_ignored(void)
{
  struct sigaction action;

  return sigaction(SIGHUP, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static sigset_t ending_signals(void)
{
  sigset_t set;

  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  if (!hangup_is_ignored())
    sigaddset(&set, SIGHUP);
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
  sigandset(&pending, &pending, &set);
  if (sigisemptyset(&pending))
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

void signals_ignore_of_writing(void)
{
  struct sigaction ignore = {.sa_handler = SIG_IGN};

  sigaction(SIGPIPE, &ignore, NULL);
  sigaction(SIGXFSZ, &ignore, NULL);
}
