/* Files that appear when they are complete, with and without a name meanwhile. */
#include "tests/source_read.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/error.h"
#include "ui/report/out_file.h"

static void assert_contents(const char *path, const char *expected)
{
  g_autofree char *text = NULL;

  assert_true(g_file_get_contents(path, &text, NULL, NULL));
  assert_string_equal(text, expected);
}

static OutFile open_with(OutFileOptions options)
{
  g_autoptr(GError) error = NULL;
  OutFile file;

  if (!out_file_open(&options, &file, &error))
    fail_msg("%s", error->message);
  return file;
}

static void write_text(const OutFile *file, const char *text)
{
  assert_int_equal(write(file->fd, text, strlen(text)), strlen(text));
}

static uint64_t commit(OutFile *file)
{
  g_autoptr(GError) error = NULL;
  uint64_t bytes;

  if (!out_file_commit(file, &bytes, &error))
    fail_msg("%s", error->message);
  out_file_discard(file);
  return bytes;
}

static void assert_refused(OutFileOptions options, const char *why)
{
  g_autoptr(GError) error = NULL;
  OutFile file;

  assert_false(out_file_open(&options, &file, &error));
  if (!strstr(error->message, why))
    fail_msg("%s", error->message);
}

/* Nothing shows before the end, and nothing is left of what is given up. */
static void test_appears_when_complete(void **state)
{
  (void) state;
  for (int named = 0; named <= 1; named++) {
    g_auto(Folder) folder = folder_new();
    g_autofree char *path = g_build_filename(folder.path, "out", NULL);
    const OutFileOptions options = {.path = path, .named = named};
    OutFile file = open_with(options);

    write_text(&file, "half");
    assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    assert_int_equal(folder_count(&folder), named);
    out_file_discard(&file);
    assert_int_equal(folder_count(&folder), 0);
    file = open_with(options);
    write_text(&file, "whole");
    assert_int_equal(commit(&file), 5);
    assert_contents(path, "whole");
    assert_int_equal(folder_count(&folder), 1);
  }
}

/* The old file is there until the new one is complete. */
static void test_replaces(void **state)
{
  (void) state;
  for (int named = 0; named <= 1; named++) {
    g_auto(Folder) folder = folder_new();
    g_autofree char *path = folder_add(&folder, "out", SLICE("precious"));
    const OutFileOptions options = {.path = path, .may_replace = true, .named = named};
    OutFile file = open_with(options);

    write_text(&file, "half");
    out_file_discard(&file);
    assert_contents(path, "precious");
    file = open_with(options);
    write_text(&file, "new");
    assert_contents(path, "precious");
    assert_int_equal(commit(&file), 3);
    assert_contents(path, "new");
    assert_int_equal(folder_count(&folder), 1);
  }
}

static void test_refuses_to_replace(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_autofree char *path = folder_add(&folder, "out", SLICE("precious"));
  g_autofree char *missing = g_build_filename(folder.path, "no", "out", NULL);
  const char *inputs[] = {path, NULL};

  (void) state;
  assert_refused((OutFileOptions){.path = path, .advice = "use --force"}, "exists; use --force");
  assert_refused((OutFileOptions){.path = path, .inputs = inputs, .may_replace = true},
                 "it is the input");
  assert_refused((OutFileOptions){.path = folder.path, .may_replace = true}, "Is a directory");
  assert_refused((OutFileOptions){.path = missing}, "No such file");
  assert_refused((OutFileOptions){.path = "/dev/null", .may_replace = true, .only_regular = true},
                 "not a regular file");
  assert_contents(path, "precious");
  assert_int_equal(folder_count(&folder), 1);
}

/* One that was created meanwhile by others is not replaced either. */
static void check_file_that_appears(bool named, bool keeps_rights)
{
  g_auto(Folder) folder = folder_new();
  g_autofree char *path = g_build_filename(folder.path, "out", NULL);
  g_autoptr(GError) error = NULL;
  OutFile file = open_with((OutFileOptions){.path = path, .named = named});
  uint64_t bytes;

  if (keeps_rights)
    assert_true(out_file_keep_rights(&file, NULL));
  g_free(folder_add(&folder, "out", SLICE("precious")));
  assert_false(out_file_commit(&file, &bytes, &error));
  assert_true(g_str_has_suffix(error->message, "out exists"));
  out_file_discard(&file);
  assert_contents(path, "precious");
  assert_int_equal(folder_count(&folder), 1);
}

static void test_file_that_appears(void **state)
{
  (void) state;
  for (int named = 0; named <= 1; named++) {
    check_file_that_appears(named, false);
    check_file_that_appears(named, true);
  }
}

/* What a link leads to is replaced or created, not the link. */
static void test_links(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_autofree char *path = g_build_filename(folder.path, "out", NULL);
  g_autofree char *link = g_build_filename(folder.path, "link", NULL);
  g_autofree char *second = g_build_filename(folder.path, "second", NULL);
  const char *const TEXTS[] = {"first", "new"};

  (void) state;
  assert_int_equal(symlink("out", link), 0);
  assert_int_equal(symlink(link, second), 0);
  assert_refused((OutFileOptions){.path = second}, "dangling symbolic link");
  for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
    OutFile file = open_with((OutFileOptions){.path = second, .may_replace = true});
    write_text(&file, TEXTS[i]);
    commit(&file);
    assert_contents(path, TEXTS[i]);
    assert_true(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
    assert_true(g_file_test(second, G_FILE_TEST_IS_SYMLINK));
    assert_int_equal(folder_count(&folder), 3);
  }
}

static void test_link_to_itself(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_autofree char *link = g_build_filename(folder.path, "link", NULL);

  (void) state;
  assert_int_equal(symlink("link", link), 0);
  OutFile file;
  const OutFileOptions options = {.path = link};
  assert_false(out_file_open(&options, &file, NULL));
}

/* A file that is replaced keeps who may read it, not whom it runs as. */
static void test_rights(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_autofree char *path = folder_add(&folder, "out", SLICE("precious"));
  struct stat status;

  (void) state;
  assert_int_equal(chmod(path, 06640), 0);
  OutFile file = open_with((OutFileOptions){.path = path, .may_replace = true});
  commit(&file);
  assert_int_equal(stat(path, &status), 0);
  assert_int_equal(status.st_mode & 07777, 0640);
}

/* A live output is in its place from its beginning, and stays whatever happens. */
static void test_placed_before_the_end(void **state)
{
  (void) state;
  for (int named = 0; named <= 1; named++) {
    g_auto(Folder) folder = folder_new();
    g_autofree char *path = folder_add(&folder, "out", SLICE("precious"));
    OutFile file = open_with((OutFileOptions){.path = path, .may_replace = true, .named = named});

    write_text(&file, "first");
    assert_true(out_file_place(&file, NULL));
    write_text(&file, " second");
    assert_contents(path, "first second");
    out_file_discard(&file);
    assert_contents(path, "first second");
    assert_int_equal(folder_count(&folder), 1);
  }
}

/* A process of its own moves the file, or removes it when it is not complete. */
static void test_kept_rights(void **state)
{
  (void) state;
  for (int named = 0; named <= 1; named++) {
    g_auto(Folder) folder = folder_new();
    g_autofree char *path = g_build_filename(folder.path, "out", NULL);
    g_autoptr(GError) error = NULL;
    OutFileOptions options = {.path = path, .named = named};
    OutFile file = open_with(options);
    uint64_t bytes;

    assert_true(out_file_keep_rights(&file, NULL));
    out_file_discard(&file);
    assert_int_equal(folder_count(&folder), 0);
    file = open_with(options);
    assert_true(out_file_keep_rights(&file, NULL));
    write_text(&file, "new");
    assert_int_equal(commit(&file), 3);
    assert_int_equal(folder_count(&folder), 1);
    options.may_replace = true;
    file = open_with(options);
    assert_true(out_file_keep_rights(&file, NULL));
    assert_int_equal(kill(file.mover_pid, SIGKILL), 0);
    assert_int_equal(waitid(P_PID, (id_t) file.mover_pid, &(siginfo_t){0}, WEXITED | WNOWAIT), 0);
    assert_false(out_file_commit(&file, &bytes, &error));
    assert_non_null(strstr(error->message, "has ended"));
    out_file_discard(&file);
    assert_contents(path, "new");
  }
}

/* /dev/stdout may lead to a file that others write to as well: it is written to where they are. */
static void test_descriptors(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_autofree char *path = folder_add(&folder, "out", SLICE("before "));
  int fd = open(path, O_WRONLY | O_APPEND);
  g_autofree char *name = g_strdup_printf("/dev/fd/%d", fd);

  (void) state;
  if (!g_file_test("/dev/fd", G_FILE_TEST_EXISTS))
    skip();
  OutFile file = open_with((OutFileOptions){.path = name, .may_replace = true});
  write_text(&file, "after");
  assert_int_equal(commit(&file), 0);
  assert_int_equal(write(fd, " all", 4), 4);
  close(fd);
  assert_contents(path, "before after all");
}

static void test_pipe(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_autofree char *path = g_build_filename(folder.path, "pipe", NULL);
  char text[8] = "";

  (void) state;
  assert_int_equal(mkfifo(path, 0600), 0);
  int fd = open(path, O_RDONLY | O_NONBLOCK);
  OutFile file = open_with((OutFileOptions){.path = path});
  write_text(&file, "text");
  assert_int_equal(read(fd, text, sizeof text), 4);
  commit(&file);
  close(fd);
  assert_int_equal(folder_count(&folder), 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_appears_when_complete),
    cmocka_unit_test(test_replaces),
    cmocka_unit_test(test_refuses_to_replace),
    cmocka_unit_test(test_file_that_appears),
    cmocka_unit_test(test_links),
    cmocka_unit_test(test_link_to_itself),
    cmocka_unit_test(test_rights),
    cmocka_unit_test(test_placed_before_the_end),
    cmocka_unit_test(test_kept_rights),
    cmocka_unit_test(test_descriptors),
    cmocka_unit_test(test_pipe),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
