#include "ui/alert_runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/error.h"
#include "ui/rights.h"

enum { MESSAGE_MAX = 32 * 1024, REAP_MS = 100 };

struct AlertRunner {
  int fd; /* a message for each start, and for each end */
};

/* An end. */
typedef struct {
  uint32_t command;
  int32_t fault, status;
} News;

typedef struct {
  pid_t pid; /* 0: none */
  uint32_t command;
} Child;

/* --- In the process of its own ---------------------------------------------------------------- */

typedef struct {
  char **const *commands;
  uint32_t count;
  int fd;
  Child children[ALERT_CHILDREN_MAX];
} Runner;

/* Nothing to read, and the terminal may show a screen; nor does a command that goes on hold a pipe
 * open behind the program. */
static void leave_terminal(void)
{
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);

  for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
    dup2(null, fd);
}

/* Signals are as for any program. */
static int spawn(char *const *words, char *const *variables, pid_t *ret_pid)
{
  posix_spawnattr_t attributes;
  sigset_t none, all;

  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  int fault = posix_spawnp(ret_pid, words[0], NULL, &attributes, words, variables);
  posix_spawnattr_destroy(&attributes);
  return fault;
}

static Child *free_child(Runner *runner)
{
  for (unsigned i = 0; i < ALERT_CHILDREN_MAX; i++)
    if (runner->children[i].pid == 0)
      return &runner->children[i];
  return NULL;
}

static void report(const Runner *runner, const News *news)
{
  (void) send(runner->fd, news, sizeof *news, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* The number of a command, then variables, each ended by NUL. */
static void start(Runner *runner, const char *message, size_t len)
{
  uint32_t command;
  Child *child = free_child(runner);
  g_autoptr(GPtrArray) variables = g_ptr_array_new();

  if (!child || len < sizeof command || message[len - 1] != '\0')
    return;
  memcpy(&command, message, sizeof command);
  if (command >= runner->count)
    return;
  for (char **own = environ; own && *own; own++)
    g_ptr_array_add(variables, *own);
  for (const char *at = message + sizeof command; at < message + len; at += strlen(at) + 1)
    g_ptr_array_add(variables, (gpointer) (uintptr_t) at);
  g_ptr_array_add(variables, NULL);
  int fault =
    spawn(runner->commands[command], (char *const *) (void *) variables->pdata, &child->pid);
  child->command = command;
  if (fault == 0)
    return;
  child->pid = 0;
  report(runner, &(News){.command = command, .fault = fault});
}

static unsigned reap(Runner *runner)
{
  unsigned running = 0;
  int status;

  for (unsigned i = 0; i < ALERT_CHILDREN_MAX; i++) {
    Child *child = &runner->children[i];
    if (child->pid == 0)
      continue;
    if (waitpid(child->pid, &status, WNOHANG) != child->pid) {
      running++;
      continue;
    }
    child->pid = 0;
    report(runner, &(News){.command = child->command, .status = status});
  }
  return running;
}

/* Until the other end is closed.  When all places are taken, starts wait in the socket. */
static void run(Runner *runner)
{
  g_autofree char *message = g_malloc(MESSAGE_MAX);

  for (;;) {
    unsigned running = reap(runner);
    struct pollfd waits = {.fd = runner->fd, .events = POLLIN};
    bool is_full = running == ALERT_CHILDREN_MAX;
    (void) poll(&waits, is_full ? 0 : 1, running > 0 ? REAP_MS : -1);
    if (is_full || !(waits.revents & (POLLIN | POLLHUP)))
      continue;
    ssize_t len = recv(runner->fd, message, MESSAGE_MAX, 0);
    if (len <= 0)
      return;
    start(runner, message, (size_t) len);
  }
}

/* --- In the program --------------------------------------------------------------------------- */

AlertRunner *alert_runner_new(char **const *commands, const char *user, GError **error)
{
  int ends[2];
  Runner runner = {.commands = commands};

  while (commands[runner.count])
    runner.count++;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "--exec: %s", g_strerror(errno));
    return NULL;
  }
  pid_t pid = fork();
  if (pid < 0) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "--exec: %s", g_strerror(errno));
    close(ends[0]);
    close(ends[1]);
    return NULL;
  }
  if (pid == 0) {
    close(ends[0]);
    runner.fd = ends[1];
    signal(SIGINT, SIG_IGN); /* of the terminal: it ends with the program */
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    leave_terminal();
    if (rights_drop(user, NULL))
      run(&runner);
    _exit(0);
  }
  close(ends[1]);
  AlertRunner *made = g_new0(AlertRunner, 1);
  made->fd = ends[0];
  return made;
}

void alert_runner_free(AlertRunner *runner)
{
  if (!runner)
    return;
  close(runner->fd);
  g_free(runner);
}

bool alert_runner_start(AlertRunner *runner, uint32_t command, const GPtrArray *variables)
{
  g_autoptr(GString) message = g_string_new_len((const char *) &command, sizeof command);

  for (guint i = 0; i < variables->len; i++)
    g_string_append_len(message, variables->pdata[i], (gssize) strlen(variables->pdata[i]) + 1);
  return message->len <= MESSAGE_MAX && send(runner->fd, message->str, message->len,
                                             MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t) message->len;
}

bool alert_runner_news(AlertRunner *runner, uint32_t *ret_command, int *ret_fault, int *ret_status)
{
  News news;

  if (recv(runner->fd, &news, sizeof news, MSG_DONTWAIT) != sizeof news)
    return false;
  *ret_command = news.command;
  *ret_fault = news.fault;
  *ret_status = news.status;
  return true;
}
