#include "ui/terminal.h"

#include "capture/language.h"

#include <langinfo.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH_WITHOUT_TERMINAL = 100, WIDTH_LEAST = 20 };

static unsigned terminal_width(int fd)
{
  struct winsize size = {0};

  if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return WIDTH_WITHOUT_TERMINAL;
  return MAX(size.ws_col, WIDTH_LEAST);
}

/* https://no-color.org: set and not empty. */
static bool can_show_color(int fd)
{
  const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

  return isatty(fd) && !(no_color && *no_color) && !(term && strcmp(term, "dumb") == 0);
}

TextCharset terminal_charset(void)
{
  return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? TEXT_UTF8 : TEXT_ASCII;
}

Look terminal_look(const Options *options, int fd)
{
  return (Look){
    .charset = options->ascii ? TEXT_ASCII : terminal_charset(),
    .color = options->color == COLOR_ALWAYS || (options->color == COLOR_AUTO && can_show_color(fd)),
    .fits = options->width > 0 || isatty(fd),
    .width = options->width > 0 ? options->width : terminal_width(fd),
  };
}

/* --- Progress --------------------------------------------------------------------------------- */

enum { FIRST_US = 500000, EVERY_US = 100000, BAR_WIDTH = 30 };

Progress progress_new(bool enabled, bool ascii)
{
  return (Progress){.enabled = enabled, .ascii = ascii, .started_us = g_get_monotonic_time()};
}

void progress_update(Progress *progress, SourceProgress done, uint64_t messages)
{
  int64_t now_us = progress->enabled ? g_get_monotonic_time() : 0;

  if (!progress->enabled || now_us - progress->started_us < FIRST_US ||
      now_us - progress->drawn_us < EVERY_US)
    return;
  g_autoptr(GString) line = g_string_new("\r");
  if (done.bytes_total > 0) {
    uint64_t read = MIN(done.bytes_done, done.bytes_total);
    /* In double: bytes times width need not fit in 64 bits. */
    unsigned filled = (unsigned) ((double) read / (double) done.bytes_total * BAR_WIDTH);

    g_string_append_c(line, '[');
    for (unsigned i = 0; i < BAR_WIDTH; i++)
      g_string_append(line, i < filled ? (progress->ascii ? "#" : "█") : " ");
    g_string_append_printf(line, "] %3u%%  ",
                           (unsigned) ((double) read / (double) done.bytes_total * 100));
  }
  g_string_append_printf(line, _("%" G_GUINT64_FORMAT " messages"), messages);
  g_string_append(line, "\033[K");
  fputs(line->str, stderr);
  fflush(stderr);
  progress->drawn = true;
  progress->drawn_us = now_us;
}

void progress_erase(Progress *progress)
{
  if (!progress->drawn)
    return;
  fputs("\r\033[K", stderr);
  fflush(stderr);
  progress->drawn = false;
}

/* --- Signals ---------------------------------------------------------------------------------- */

/* As nohup(1) sets it; a blocked signal would be pending all the same. */
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

/* Called for every batch, so it asks the system one thing only while no signal is pending. */
bool signals_came(void)
{
  sigset_t set, pending;
  int signal;

  sigemptyset(&pending);
  if (sigpending(&pending) != 0 || sigisemptyset(&pending))
    return false;
  set = ending_signals();
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

static sigset_t reopen_signals(void)
{
  sigset_t set;

  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  if (hangup_is_ignored())
    sigaddset(&set, SIGHUP);
  return set;
}

/* A signal that is ignored ends nothing, but waits to be taken while it is blocked. */
void signals_hold_reopen(void)
{
  struct sigaction ignore = {.sa_handler = SIG_IGN};

  if (!isatty(STDERR_FILENO))
    sigaction(SIGHUP, &ignore, NULL);
  sigset_t set = reopen_signals();
  pthread_sigmask(SIG_BLOCK, &set, NULL);
}

bool signals_asked_to_reopen(void)
{
  static const struct timespec NO_TIME = {0, 0};
  sigset_t set = reopen_signals();

  return sigtimedwait(&set, NULL, &NO_TIME) > 0;
}

void signals_ignore_of_writing(void)
{
  struct sigaction ignore = {.sa_handler = SIG_IGN};

  sigaction(SIGPIPE, &ignore, NULL);
  sigaction(SIGXFSZ, &ignore, NULL);
}
