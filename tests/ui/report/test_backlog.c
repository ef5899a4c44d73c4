/* A reader that is slow, stops or goes away, and a disk that is full. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/store.h"
#include "tests/test.h"
#include "ui/report/backlog.h"

enum { BLOCK = 10007, BLOCKS = 200 };

typedef struct {
  int ends[2];
  Backlog *backlog;
} Bed;

static Bed bed_new(uint64_t limit)
{
  Bed bed;

  assert_int_equal(pipe(bed.ends), 0);
  bed.backlog = backlog_new(bed.ends[1], limit, NULL);
  assert_non_null(bed.backlog);
  return bed;
}

static void bed_clear(Bed *bed)
{
  backlog_free(bed->backlog);
  close(bed->ends[0]);
  close(bed->ends[1]);
}

/* Blocks that differ, so that none can be in the place of another. */
static void fill(char *block, unsigned number)
{
  for (unsigned i = 0; i < BLOCK; i++)
    block[i] = (char) (number * 31 + i / 7);
}

static void put_blocks(Backlog *backlog)
{
  char block[BLOCK];

  for (unsigned i = 0; i < BLOCKS; i++) {
    fill(block, i);
    assert_int_equal(backlog_put(backlog, slice_of(block, BLOCK)), 0);
  }
}

/* Reads as long as there is something; counts the blocks that are as they were. */
static gpointer read_blocks(gpointer data)
{
  const Bed *bed = data;
  char block[BLOCK], wanted[BLOCK];
  unsigned good = 0;

  for (unsigned i = 0; i < BLOCKS; i++) {
    fill(wanted, i);
    for (size_t done = 0; done < BLOCK;) {
      ssize_t n = read(bed->ends[0], block + done, BLOCK - done);
      if (n <= 0)
        return GUINT_TO_POINTER(good);
      done += (size_t) n;
    }
    good += memcmp(block, wanted, BLOCK) == 0;
  }
  return GUINT_TO_POINTER(good);
}

/* More than a pipe takes; the reader begins when everything was put. */
static void test_reader_begins_late(void **state)
{
  Bed bed = bed_new(0);

  (void) state;
  for (unsigned round = 0; round < 2; round++) { /* the file is used again */
    put_blocks(bed.backlog);
    GThread *reader = g_thread_new("reader", read_blocks, &bed);
    assert_int_equal(backlog_drain(bed.backlog), 0);
    assert_int_equal(GPOINTER_TO_UINT(g_thread_join(reader)), BLOCKS);
  }
  bed_clear(&bed);
}

/* At the limit backlog_put waits; what is longer than the limit is written all the same. */
static void test_limit(void **state)
{
  (void) state;
  for (uint64_t limit = 1; limit <= 3 * BLOCK; limit += BLOCK) {
    Bed bed = bed_new(limit);
    GThread *reader = g_thread_new("reader", read_blocks, &bed);
    put_blocks(bed.backlog);
    assert_int_equal(backlog_drain(bed.backlog), 0);
    assert_int_equal(GPOINTER_TO_UINT(g_thread_join(reader)), BLOCKS);
    bed_clear(&bed);
  }
}

/* Bytes that the temporary file has on the disk. */
static uint64_t bytes_on_disk(void)
{
  struct stat status;

  for (int fd = STDERR_FILENO + 1; fd < 256; fd++)
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 0)
      return (uint64_t) status.st_blocks * 512;
  return 0;
}

static bool can_punch(void)
{
  int file = temporary_file_open(NULL);
  bool can = file >= 0 && ftruncate(file, BLOCK) == 0 &&
             fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, BLOCK) == 0;

  close(file);
  return can;
}

/* The reader is as fast as the writer and never catches up: the file is never empty. */
static void test_steady_reader(void **state)
{
  enum { AHEAD = 20, ROUNDS = 1000, BYTES_MAX = 1024 * 1024 };
  char block[BLOCK];

  (void) state;
  if (!can_punch())
    skip();
  Bed bed = bed_new(0);
  for (unsigned i = 0; i < AHEAD + ROUNDS; i++) {
    fill(block, i);
    assert_int_equal(backlog_put(bed.backlog, slice_of(block, BLOCK)), 0);
    for (size_t done = 0; i >= AHEAD && done < BLOCK;) {
      ssize_t n = read(bed.ends[0], block, BLOCK - done);
      assert_true(n > 0);
      done += (size_t) n;
    }
  }
  assert_in_range(bytes_on_disk(), 1, BYTES_MAX);
  signal(SIGPIPE, SIG_IGN);
  close(bed.ends[0]); /* a write that waits ends */
  bed.ends[0] = -1;
  bed_clear(&bed);
}

static void test_disk_is_full(void **state)
{
  struct rlimit before, small;
  Bed bed = bed_new(0);

  (void) state;
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  small = (struct rlimit){.rlim_cur = 5 * BLOCK / 2, .rlim_max = before.rlim_max};
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  GThread *reader = g_thread_new("reader", read_blocks, &bed);
  put_blocks(bed.backlog);
  assert_int_equal(backlog_drain(bed.backlog), 0);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  assert_int_equal(GPOINTER_TO_UINT(g_thread_join(reader)), BLOCKS);
  bed_clear(&bed);
}

/* What was put before is lost with the reader, and nothing waits for it. */
static void test_reader_goes(void **state)
{
  Bed bed = bed_new(2 * BLOCK);
  char block[BLOCK] = "";

  (void) state;
  signal(SIGPIPE, SIG_IGN);
  close(bed.ends[0]);
  bed.ends[0] = -1;
  for (unsigned i = 0; i < BLOCKS && backlog_put(bed.backlog, slice_of(block, BLOCK)) == 0; i++)
    continue;
  assert_int_equal(backlog_drain(bed.backlog), EPIPE);
  assert_int_equal(backlog_put(bed.backlog, slice_of(block, BLOCK)), EPIPE);
  bed_clear(&bed);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_reader_begins_late), cmocka_unit_test(test_limit),
    cmocka_unit_test(test_steady_reader),      cmocka_unit_test(test_disk_is_full),
    cmocka_unit_test(test_reader_goes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
