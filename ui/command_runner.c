#include "ui/command_runner.h"

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
#include "capture/language.h"
#include "ui/rights.h"

enum { MESSAGE_MAX = 32 * 1024, REAP_MS = 100 };

struct CommandRunner {
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
  Child children[COMMAND_CHILDREN_MAX];
} Runner;

/* Nothing to read, and the terminal may show a screen; nor does a command that goes on hold a pipe
 * open behind the program. */
static void leave_terminal(void)
{
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);

  for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
    dup2(null, fd);
}

/* A start as it was received. */
typedef struct {
  char bytes[MESSAGE_MAX]; /* the number of a command, then variables, each ended by NUL */
  size_t len;
  int files[COMMAND_FILES]; /* or -1: none */
} Message;

/* Signals are as for any program. */
static int spawn(char *const *words, char *const *variables, const Message *message, pid_t *ret_pid)
{
  static const int STANDARD[COMMAND_FILES] = {STDIN_FILENO, STDERR_FILENO};
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  sigset_t none, all;

  sigemptyset(&none);
  sigfillset(&all);
  posix_spawn_file_actions_init(&actions);
  for (int i = 0; i < COMMAND_FILES; i++)
    if (message->files[i] >= 0)
      posix_spawn_file_actions_adddup2(&actions, message->files[i], STANDARD[i]);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  int fault = posix_spawnp(ret_pid, words[0], &actions, &attributes, words, variables);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return fault;
}

static Child *free_child(Runner *runner)
{
  for (unsigned i = 0; i < COMMAND_CHILDREN_MAX; i++)
    if (runner->children[i].pid == 0)
      return &runner->children[i];
  return NULL;
}

static void report(const Runner *runner, const News *news)
{
  (void) send(runner->fd, news, sizeof *news, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void start(Runner *runner, const Message *message)
{
  uint32_t command;
  Child *child = free_child(runner);
  const char *end = message->bytes + message->len, *at = message->bytes + sizeof command;
  g_autoptr(GPtrArray) variables = g_ptr_array_new();

  if (!child || at > end || (at < end && end[-1] != '\0'))
    return;
  memcpy(&command, message->bytes, sizeof command);
  if (command >= runner->count)
    return;
  for (char **own = environ; own && *own; own++)
    g_ptr_array_add(variables, *own);
  for (; at < end; at += strlen(at) + 1)
    g_ptr_array_add(variables, (gpointer) (uintptr_t) at);
  g_ptr_array_add(variables, NULL);
  int fault = spawn(runner->commands[command], (char *const *) (void *) variables->pdata, message,
                    &child->pid);
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

  for (unsigned i = 0; i < COMMAND_CHILDREN_MAX; i++) {
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

/* Room for the control message of COMMAND_FILES descriptors. */
typedef union {
  struct cmsghdr header;
  char bytes[CMSG_SPACE(COMMAND_FILES * sizeof(int))];
} Control;

/* False at the end. */
static bool receive(int fd, Message *message)
{
  Control control = {0};
  struct iovec part = {message->bytes, sizeof message->bytes};
  struct msghdr parts = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t len = recvmsg(fd, &parts, MSG_CMSG_CLOEXEC);
  const struct cmsghdr *header = len > 0 ? CMSG_FIRSTHDR(&parts) : NULL;

  message->len = (size_t) MAX(len, 0);
  memset(message->files, -1, sizeof message->files);
  if (header && header->cmsg_type == SCM_RIGHTS && header->cmsg_len >= CMSG_LEN(0))
    memcpy(message->files, CMSG_DATA(header),
           MIN(header->cmsg_len - CMSG_LEN(0), sizeof message->files));
  return len > 0;
}

/* Until the other end is closed.  When all places are taken, starts wait in the socket. */
static void run(Runner *runner)
{
  g_autofree Message *message = g_new(Message, 1);

  for (;;) {
    unsigned running = reap(runner);
    struct pollfd waits = {.fd = runner->fd, .events = POLLIN};
    bool is_full = running == COMMAND_CHILDREN_MAX;
    (void) poll(&waits, is_full ? 0 : 1, running > 0 ? REAP_MS : -1);
    if (is_full || !(waits.revents & (POLLIN | POLLHUP)))
      continue;
    if (!receive(runner->fd, message))
      return;
    start(runner, message);
    for (int i = 0; i < COMMAND_FILES; i++)
      if (message->files[i] >= 0)
        close(message->files[i]);
  }
}

/* --- In the program --------------------------------------------------------------------------- */

CommandRunner *command_runner_new(char **const *commands, const char *user, GError **error)
{
  int ends[2];
  Runner runner = {.commands = commands};

  while (commands[runner.count])
    runner.count++;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot start commands: %s"), g_strerror(errno));
    return NULL;
  }
  pid_t pid = fork();
  if (pid < 0) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot start commands: %s"), g_strerror(errno));
    close(ends[0]);
    close(ends[1]);
    return NULL;
  }
  if (pid == 0) {
    close(ends[0]);
    runner.fd = ends[1];
    setsid();                /* what a command leaves running stays when the terminal is closed */
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
  CommandRunner *made = g_new0(CommandRunner, 1);
  made->fd = ends[0];
  return made;
}

void command_runner_free(CommandRunner *runner)
{
  if (!runner)
    return;
  close(runner->fd);
  g_free(runner);
}

bool command_runner_start(CommandRunner *runner, uint32_t command, const GPtrArray *variables,
                          const int files[COMMAND_FILES])
{
  g_autoptr(GString) message = g_string_new_len((const char *) &command, sizeof command);
  Control control = {.header = {.cmsg_len = CMSG_LEN(COMMAND_FILES * sizeof *files),
                                .cmsg_level = SOL_SOCKET,
                                .cmsg_type = SCM_RIGHTS}};

  for (guint i = 0; variables && i < variables->len; i++)
    g_string_append_len(message, variables->pdata[i], (gssize) strlen(variables->pdata[i]) + 1);
  struct iovec part = {message->str, message->len};
  struct msghdr parts = {.msg_iov = &part, .msg_iovlen = 1};
  if (files) {
    memcpy(CMSG_DATA(&control.header), files, COMMAND_FILES * sizeof *files);
    parts.msg_control = &control;
    parts.msg_controllen = sizeof control;
  }
  return message->len <= MESSAGE_MAX &&
         sendmsg(runner->fd, &parts, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t) message->len;
}

bool command_runner_news(CommandRunner *runner, uint32_t *ret_command, int *ret_fault,
                         int *ret_status)
{
  News news;

  if (recv(runner->fd, &news, sizeof news, MSG_DONTWAIT) != sizeof news)
    return false;
  *ret_command = news.command;
  *ret_fault = news.fault;
  *ret_status = news.status;
  return true;
}
