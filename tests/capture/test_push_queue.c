#include "capture/push_queue.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/test.h"

enum { LIMIT = 1000 };

static char *folder_new(void)
{
  char *folder = g_dir_make_tmp("rung-test-XXXXXX", NULL);

  assert_non_null(folder);
  return folder;
}

static PushQueue *open_queue(const char *folder, uint64_t limit)
{
  PushQueue *queue = push_queue_open(folder, limit, NULL);

  assert_non_null(queue);
  return queue;
}

static bool add(PushQueue *queue, const char *body)
{
  const PushBatch batch = {
    .rows = 10, .into = (char *) (uintptr_t) "`t` (`a`)", .body = slice_from_string(body)};

  return push_queue_add(queue, &batch, NULL);
}

/* Takes the oldest off, which must have that body. */
static void take(PushQueue *queue, const char *body)
{
  g_auto(PushBatch) batch = {0};

  assert_true(push_queue_first(queue, &batch));
  assert_slice(batch.body, body);
  assert_string_equal(batch.into, "`t` (`a`)");
  assert_int_equal(batch.rows, 10);
  push_queue_remove(queue, batch.number);
}

static void assert_empty(PushQueue *queue)
{
  PushBatch batch;

  assert_false(push_queue_first(queue, &batch));
  assert_int_equal(push_queue_count(queue), 0);
  assert_int_equal(push_queue_rows(queue), 0);
}

/* And no file is left but the lock. */
static void remove_folder(const char *folder)
{
  g_autofree char *lock = g_build_filename(folder, "lock", NULL);

  assert_int_equal(unlink(lock), 0);
  assert_int_equal(rmdir(folder), 0);
}

/* A file beside those of the queue. */
static void write_beside(const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename(folder, name, NULL);

  assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void test_order(void **state)
{
  g_autoptr(PushQueue) queue = open_queue(NULL, LIMIT);

  (void) state;
  assert_null(push_queue_folder(queue));
  assert_empty(queue);
  assert_true(add(queue, "one") && add(queue, "two\nlines") && add(queue, ""));
  assert_int_equal(push_queue_rows(queue), 30);
  take(queue, "one");
  assert_true(add(queue, "four"));
  take(queue, "two\nlines");
  take(queue, "");
  take(queue, "four");
  assert_empty(queue);
  assert_int_equal(push_queue_lost(queue), 0);
}

/* What is left is sent by the next run, in order and before anything new. */
static void test_next_run(void **state)
{
  g_autofree char *folder = folder_new();
  g_autoptr(PushQueue) queue = open_queue(folder, LIMIT);

  (void) state;
  assert_string_equal(push_queue_folder(queue), folder);
  for (unsigned i = 0; i < 12; i++) {
    char body[8];
    g_snprintf(body, sizeof body, "%u", i);
    assert_true(add(queue, body));
  }
  take(queue, "0");
  g_clear_pointer(&queue, push_queue_free);
  queue = open_queue(folder, LIMIT);
  assert_int_equal(push_queue_count(queue), 11);
  assert_true(add(queue, "new"));
  for (unsigned i = 1; i < 12; i++) {
    char body[8];
    g_snprintf(body, sizeof body, "%u", i);
    take(queue, body);
  }
  take(queue, "new");
  assert_empty(queue);
  g_clear_pointer(&queue, push_queue_free);
  remove_folder(folder);
}

/* The program, or the machine, ended while a batch was written. */
static void test_crash(void **state)
{
  g_autofree char *folder = folder_new();
  g_autoptr(PushQueue) queue = open_queue(folder, LIMIT);

  (void) state;
  assert_true(add(queue, "whole"));
  g_clear_pointer(&queue, push_queue_free);
  write_beside(folder, "00000000000000000001.part", "rung-batch 1 10 5 `t` (`a`)\nha");
  write_beside(folder, "00000000000000000002.batch", "rung-batch 1 10 5 `t` (`a`)\nhalf");
  write_beside(folder, "00000000000000000003.batch", "");
  write_beside(folder, "00000000000000000004.batch", "rung-batch 1 10 -5 `t` (`a`)\nwhole");
  write_beside(folder, "00000000000000000005.batch", "rung-batch 2 10 5 `t` (`a`)\nwhole");
  write_beside(folder, "00000000000000000006.batch", "rung-batch 1 10 5");
  write_beside(folder, "x0000000000000000007.batch", "not ours");
  queue = open_queue(folder, LIMIT);
  assert_int_equal(push_queue_count(queue), 1);
  assert_int_equal(push_queue_lost(queue), 5);
  assert_true(add(queue, "next"));
  take(queue, "whole");
  take(queue, "next");
  assert_empty(queue);
  g_clear_pointer(&queue, push_queue_free);
  g_autofree char *other = g_build_filename(folder, "x0000000000000000007.batch", NULL);
  assert_int_equal(unlink(other), 0);
  remove_folder(folder);
}

/* The oldest go, but not one that is being sent. */
static void test_bound(void **state)
{
  g_autoptr(PushQueue) queue = open_queue(NULL, 10);
  g_auto(PushBatch) sending = {0};

  (void) state;
  assert_true(push_queue_has_room(queue, 10));
  assert_false(push_queue_has_room(queue, 11));
  assert_false(add(queue, "eleven char"));
  assert_true(add(queue, "aaaa") && add(queue, "bbbb"));
  assert_true(push_queue_has_room(queue, 2) && !push_queue_has_room(queue, 3));
  assert_int_equal(push_queue_lost(queue), 0);
  assert_true(add(queue, "cccc"));
  assert_int_equal(push_queue_lost(queue), 10);
  assert_true(push_queue_first(queue, &sending));
  assert_slice(sending.body, "bbbb");
  assert_true(add(queue, "dddd"));
  assert_int_equal(push_queue_lost(queue), 20);
  push_queue_remove(queue, sending.number);
  take(queue, "dddd");
  assert_empty(queue);
}

/* One that is being sent alone takes all the room there is. */
static void test_no_room_beside(void **state)
{
  g_autoptr(PushQueue) queue = open_queue(NULL, 10);
  g_auto(PushBatch) sending = {0};

  (void) state;
  assert_true(add(queue, "aaaaaaaa"));
  assert_true(push_queue_first(queue, &sending));
  assert_false(add(queue, "bbb"));
  push_queue_remove(queue, sending.number);
  assert_true(add(queue, "bbb"));
  take(queue, "bbb");
}

static void test_gone(void **state)
{
  g_autofree char *folder = folder_new();
  g_autoptr(PushQueue) queue = open_queue(folder, LIMIT);
  g_autofree char *path = g_build_filename(folder, "00000000000000000000.batch", NULL);

  (void) state;
  assert_true(add(queue, "a") && add(queue, "b"));
  assert_int_equal(unlink(path), 0);
  take(queue, "b");
  assert_int_equal(push_queue_lost(queue), 10);
  g_clear_pointer(&queue, push_queue_free);
  remove_folder(folder);
}

static void test_one_at_a_time(void **state)
{
  g_autofree char *folder = folder_new();
  g_autoptr(PushQueue) queue = open_queue(folder, LIMIT);
  g_autoptr(GError) error = NULL;

  (void) state;
  assert_null(push_queue_open(folder, LIMIT, &error));
  assert_non_null(strstr(error->message, folder));
  g_clear_pointer(&queue, push_queue_free);
  queue = open_queue(folder, LIMIT);
  g_clear_pointer(&queue, push_queue_free);
  remove_folder(folder);
  g_clear_error(&error);
  assert_null(push_queue_open("/dev/null/folder", LIMIT, &error));
  assert_non_null(error);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_order),          cmocka_unit_test(test_next_run),
    cmocka_unit_test(test_crash),          cmocka_unit_test(test_bound),
    cmocka_unit_test(test_no_room_beside), cmocka_unit_test(test_gone),
    cmocka_unit_test(test_one_at_a_time),
  };

  return cmocka_run_group_tests_name("push_queue", tests, NULL, NULL);
}
