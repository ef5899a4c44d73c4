#include "capture/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

/* What the kernel did with a system call. */
typedef enum { DONE, REFUSED, DIED } Verdict;

typedef bool Act(const char *folder); /* false, and errno: it failed */

static const char *const NAMES[] = {"done", "refused", "died"};

static bool read_file(const char *folder)
{
  g_autofree char *path = g_build_filename(folder, "old", NULL);

  return open(path, O_RDONLY | O_CLOEXEC) >= 0;
}

static bool read_system_file(const char *folder)
{
  (void) folder;
  return open("/etc/passwd", O_RDONLY) >= 0;
}

static bool list_folder(const char *folder)
{
  return open(folder, O_RDONLY | O_DIRECTORY) >= 0;
}

static bool write_file(const char *folder)
{
  g_autofree char *path = g_build_filename(folder, "old", NULL);

  return open(path, O_WRONLY) >= 0;
}

static bool create_file(const char *folder)
{
  g_autofree char *path = g_build_filename(folder, "new", NULL);

  return creat(path, 0600) >= 0;
}

static bool create_unnamed_file(const char *folder)
{
  return open(folder, O_TMPFILE | O_RDWR, 0600) >= 0;
}

static bool rename_file(const char *folder)
{
  g_autofree char *from = g_build_filename(folder, "old", NULL);
  g_autofree char *to = g_build_filename(folder, "other", NULL);

  return rename(from, to) == 0;
}

static bool unlink_file(const char *folder)
{
  g_autofree char *path = g_build_filename(folder, "old", NULL);

  return unlink(path) == 0;
}

static bool open_ip_socket(const char *folder)
{
  (void) folder;
  return socket(AF_INET, SOCK_DGRAM, 0) >= 0;
}

static bool open_local_socket(const char *folder)
{
  (void) folder;
  return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool open_packet_socket(const char *folder)
{
  (void) folder;
  return socket(AF_PACKET, SOCK_RAW, 0) >= 0;
}

static bool run_program(const char *folder)
{
  (void) folder;
  execl("/bin/true", "true", NULL);
  return false;
}

static bool fork_process(const char *folder)
{
  (void) folder;
  pid_t child = fork();
  if (child == 0)
    _exit(0);
  return child > 0;
}

static bool trace_parent(const char *folder)
{
  (void) folder;
  return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0;
}

static bool make_namespace(const char *folder)
{
  (void) folder;
  return unshare(CLONE_NEWUSER) == 0;
}

static bool type_into_terminal(const char *folder)
{
  (void) folder;
  return ioctl(STDIN_FILENO, TIOCSTI, "x") == 0 || errno != EPERM;
}

static bool make_code(const char *folder)
{
  (void) folder;
  return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
         MAP_FAILED;
}

/* What the kernel does not know either. */
static bool call_unknown(const char *folder)
{
  (void) folder;
  return syscall(SYS_sched_setaffinity, 0, 0, NULL) == 0 || errno != ENOSYS;
}

static bool work(const char *folder)
{
  enum { PIECE = 100 * 1000, PIECES = 100 };
  void *pieces[PIECES];
  int pair[2];

  (void) folder;
  for (unsigned round = 0; round < 3; round++) {
    for (unsigned i = 0; i < PIECES; i++)
      memset(pieces[i] = g_malloc(PIECE), 1, PIECE);
    for (unsigned i = PIECES; i > 0; i--)
      g_free(pieces[i - 1]);
  }
  return g_strerror(ENOSPC) && pipe(pair) != 0 && errno == ENOSYS &&
         write(STDERR_FILENO, "", 0) == 0;
}

static gpointer act_confined(gpointer data)
{
  void **arguments = data;
  Act *act = *(Act *const *) arguments[0];

  confine_parser();
  _exit(act(arguments[1]) ? DONE : REFUSED);
}

/* In a process of its own, by its main thread or by a parser. */
static Verdict try_act(Act *act, const char *folder, const Confinement *confinement, bool is_parser)
{
  pid_t child = fork();
  int status;

  if (child == 0) {
    void *arguments[] = {&act, (void *) (uintptr_t) folder};
    signal(SIGSYS, SIG_DFL);
    confine_process(confinement);
    if (is_parser)
      g_thread_join(g_thread_new("parser", act_confined, arguments));
    _exit(act(folder) ? DONE : REFUSED);
  }
  assert_true(waitpid(child, &status, 0) == child);
  if (WIFEXITED(status))
    return (Verdict) WEXITSTATUS(status);
  assert_int_equal(WTERMSIG(status), SIGSYS);
  return DIED;
}

typedef struct {
  const char *name;
  Act *act;
  Verdict batch, browsing, parser;
} Case;

static const Case CASES[] = {
  {"read a file", read_file, DONE, DONE, REFUSED},
  {"read a file of the system", read_system_file, DONE, DONE, REFUSED},
  {"list a folder", list_folder, DONE, DONE, REFUSED},
  {"write a file", write_file, DONE, DONE, DIED},
  {"create a file", create_file, DONE, DONE, DIED},
  {"create a file without a name", create_unnamed_file, DONE, DONE, DIED},
  {"rename a file", rename_file, DONE, DONE, DIED},
  {"delete a file", unlink_file, DONE, DONE, DIED},
  {"open a socket", open_ip_socket, REFUSED, REFUSED, DIED},
  {"open a local socket", open_local_socket, REFUSED, DONE, DIED},
  {"open a socket to capture", open_packet_socket, REFUSED, REFUSED, DIED},
  {"run a program", run_program, REFUSED, REFUSED, DIED},
  {"fork", fork_process, DONE, DONE, DIED},
  {"trace a process", trace_parent, REFUSED, REFUSED, DIED},
  {"make a namespace", make_namespace, REFUSED, REFUSED, DIED},
  {"type into the terminal", type_into_terminal, REFUSED, REFUSED, DONE},
  {"make code", make_code, DONE, DONE, REFUSED},
  {"call what is unknown", call_unknown, DONE, DONE, REFUSED},
  {"work", work, REFUSED, REFUSED, DONE},
};

static char *folder_with_file(void)
{
  char *folder = g_dir_make_tmp("rung-XXXXXX", NULL);
  g_autofree char *path = g_build_filename(folder, "old", NULL);

  assert_true(g_file_set_contents(path, "x", 1, NULL));
  return folder;
}

static void remove_folder(char *folder)
{
  static const char *const FILES[] = {"old", "new", "other"};

  for (size_t i = 0; i < G_N_ELEMENTS(FILES); i++) {
    g_autofree char *path = g_build_filename(folder, FILES[i], NULL);
    unlink(path);
  }
  rmdir(folder);
  g_free(folder);
}

static void check(const Case *row, const Confinement *confinement, bool is_parser, Verdict expected)
{
  char *folder = folder_with_file();
  const char *const folders[] = {folder, NULL};
  Confinement here = *confinement;

  here.folders = folders;
  Verdict verdict = try_act(row->act, folder, &here, is_parser);
  remove_folder(folder);
  if (verdict != expected)
    fail_msg("%s: %s, not %s", row->name, NAMES[verdict], NAMES[expected]);
}

static void need_both(void)
{
  g_autofree char *means = confine_means();

  if (!means || !strstr(means, "seccomp") || !strstr(means, "Landlock"))
    skip();
}

static void test_batch(void **state)
{
  (void) state;
  need_both();
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    check(&CASES[i], &(Confinement){0}, false, CASES[i].batch);
}

static void test_browsing(void **state)
{
  (void) state;
  need_both();
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    check(&CASES[i], &(Confinement){.all_files = true, .may_play = true}, false, CASES[i].browsing);
}

static void test_parser(void **state)
{
  (void) state;
  need_both();
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    check(&CASES[i], &(Confinement){.all_files = true, .may_connect = true}, true, CASES[i].parser);
}

/* What is not in a folder that was named, and not the system's. */
static void test_other_folder(void **state)
{
  char *folder = folder_with_file(), *other = folder_with_file();
  const char *const folders[] = {other, "/does/not/exist", NULL};
  static Act *const ACTS[] = {read_file,           list_folder, write_file, create_file,
                              create_unnamed_file, rename_file, unlink_file};

  (void) state;
  need_both();
  for (size_t i = 0; i < G_N_ELEMENTS(ACTS); i++) {
    assert_int_equal(try_act(ACTS[i], folder, &(Confinement){.folders = folders}, false), REFUSED);
    assert_int_equal(try_act(ACTS[i], folder, &(Confinement){.all_files = true}, false), DONE);
    remove_folder(folder);
    folder = folder_with_file();
  }
  remove_folder(folder);
  remove_folder(other);
}

static void test_sending(void **state)
{
  const Confinement may_connect = {.all_files = true, .may_connect = true};

  (void) state;
  need_both();
  assert_int_equal(try_act(open_ip_socket, "/", &may_connect, false), DONE);
  assert_int_equal(try_act(open_local_socket, "/", &may_connect, false), REFUSED);
  assert_int_equal(try_act(open_packet_socket, "/", &may_connect, false), REFUSED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_batch),   cmocka_unit_test(test_browsing),
    cmocka_unit_test(test_parser),  cmocka_unit_test(test_other_folder),
    cmocka_unit_test(test_sending),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
