#include "ui/term/guard.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <glib.h>

enum { STACK_SIZE = 64 * 1024, COPIED_AT_ONCE = 4096 };

static const int CRASHES[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGQUIT};

/* No mouse reports, normal keys, the main screen, a cursor, no attributes, a character set. */
static const char RESTORE[] =
  "\033[?1006l\033[?1000l\033[?1l\033>\033[?1049l\033[?25h\033[0m\033(B\r";

/* If `from` is the unlinked file of guard_begin. */
static void copy_kept(int from, int to)
{
  char bytes[COPIED_AT_ONCE];
  struct stat status;
  ssize_t n;

  if (fstat(from, &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink != 0 ||
      lseek(from, 0, SEEK_SET) != 0)
    return;
  while ((n = read(from, bytes, sizeof bytes)) > 0)
    if (write(to, bytes, (size_t) n) != n)
      return;
}

/* Only what a signal handler may call (signal-safety(7)). */
static void give_back(int signal)
{
  int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  struct termios mode;

  if (tty >= 0 && write(tty, RESTORE, sizeof RESTORE - 1) > 0) {
    if (tcgetattr(tty, &mode) == 0) {
      mode.c_iflag |= ICRNL | IXON;
      mode.c_oflag |= OPOST | ONLCR;
      mode.c_lflag |= ICANON | ECHO | ECHOE | ECHOK | ISIG | IEXTEN;
      tcsetattr(tty, TCSANOW, &mode);
    }
    copy_kept(STDERR_FILENO, tty);
  }
  (void) raise(signal); /* SA_RESETHAND: by now it kills */
}

/* The original standard error; -1 if it is not redirected. */
static int keep_stderr(void)
{
  g_autofree char *path = NULL;
  int kept, before;

  if (!isatty(STDERR_FILENO) || (kept = g_file_open_tmp("rung-XXXXXX", &path, NULL)) < 0)
    return -1;
  unlink(path);
  before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
  if (before >= 0 && dup2(kept, STDERR_FILENO) < 0) {
    close(before);
    before = -1;
  }
  close(kept);
  return before;
}

void guard_begin(Guard *guard)
{
  struct sigaction before,
    ours = {.sa_handler = give_back, .sa_flags = SA_ONSTACK | (int) SA_RESETHAND};

  *guard = (Guard){.stderr_fd = -1};
  if (sigaction(SIGSEGV, NULL, &before) != 0 || before.sa_handler != SIG_DFL)
    return; /* a sanitizer handles crashes */
  guard->stack = g_malloc(STACK_SIZE);
  guard->stderr_fd = keep_stderr();
  stack_t alternative = {.ss_sp = guard->stack, .ss_size = STACK_SIZE};
  sigemptyset(&ours.sa_mask);
  sigaddset(&ours.sa_mask, SIGTTOU);
  sigaltstack(&alternative, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(CRASHES); i++)
    sigaction(CRASHES[i], &ours, NULL);
}

void guard_end(Guard *guard)
{
  struct sigaction action = {.sa_handler = SIG_DFL};
  stack_t none = {.ss_flags = SS_DISABLE};

  if (!guard->stack)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS(CRASHES); i++)
    sigaction(CRASHES[i], &action, NULL);
  sigaltstack(&none, NULL);
  if (guard->stderr_fd >= 0) {
    copy_kept(STDERR_FILENO, guard->stderr_fd);
    dup2(guard->stderr_fd, STDERR_FILENO);
    close(guard->stderr_fd);
  }
  g_free(guard->stack);
  guard->stack = NULL;
}
