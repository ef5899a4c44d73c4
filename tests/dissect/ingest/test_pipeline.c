#include "dissect/ingest/pipeline.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/test.h"

/* Of a capture that comes through a pipe, so that it is spooled. */
enum { FIRST_PART = 1500 };

typedef struct {
  char *octets;
  size_t len;
  int ends[2];
} Feed;

static void feed_part(const Feed *feed, size_t from, size_t to)
{
  assert_int_equal(write(feed->ends[1], feed->octets + from, to - from), to - from);
}

static Feed feed_new(const char *sample)
{
  g_autofree char *path = g_build_filename(g_getenv("RUNG_SAMPLES"), sample, NULL);
  Feed feed;

  assert_true(g_file_get_contents(path, &feed.octets, &feed.len, NULL));
  assert_true(feed.len > FIRST_PART);
  assert_int_equal(pipe2(feed.ends, O_CLOEXEC), 0);
  return feed;
}

static Source *open_feed(const Feed *feed, StoreSet *stores)
{
  g_autofree char *name = g_strdup_printf("/dev/fd/%d", feed->ends[0]);
  const char *const files[] = {name, NULL};
  const SourceOptions options = {.files = files};
  Source *source = source_open(&options, stores, NULL);

  assert_non_null(source);
  return source;
}

static void limit_file_size(rlim_t size)
{
  struct rlimit limit;

  assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
  limit.rlim_cur = MIN(size, limit.rlim_max);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Until there are packets, or to the end; how many. */
static uint64_t take(Pipeline *pipeline, bool to_end, guint *faults)
{
  uint64_t packets = 0;
  bool last = false;

  while (!last && (to_end || packets == 0)) {
    Batch *batch = pipeline_take(pipeline, G_USEC_PER_SEC);
    if (!batch)
      continue;
    packets += batch->packets;
    *faults += batch->faults->len;
    last = batch->last;
    pipeline_give_back(pipeline, batch);
  }
  return packets;
}

/* What could not be spooled is told, and can be read again when there is room again. */
static void test_spool_is_full_for_a_while(void **state)
{
  Feed feed = feed_new("basic.pcap");
  g_autoptr(StoreSet) stores = store_set_new();
  g_autoptr(Source) source = NULL;
  g_autoptr(Pipeline) pipeline = NULL;

  (void) state;
  signal(SIGXFSZ, SIG_IGN);
  feed_part(&feed, 0, FIRST_PART);
  limit_file_size(2);
  source = open_feed(&feed, stores);
  pipeline = pipeline_start(&(Setup){source, stores, &LIMITS_DEFAULT});
  guint faults = 0;
  uint64_t packets = take(pipeline, false, &faults), flushed = source_flushed_frames(source);
  limit_file_size(RLIM_INFINITY);
  assert_int_equal(flushed, 0);

  feed_part(&feed, FIRST_PART, feed.len);
  close(feed.ends[1]);
  packets += take(pipeline, true, &faults);
  assert_int_equal(source_flushed_frames(source), packets);
  assert_int_equal(faults, 1);
  close(feed.ends[0]);
  g_free(feed.octets);
}

/* The packets of a sample over and over: more than 8 reads. */
static char *write_long_file(void)
{
  enum { HEADER = 24, SIZE = 4 << 20 };
  g_autofree char *sample = g_build_filename(g_getenv("RUNG_SAMPLES"), "basic.pcap", NULL);
  g_autofree char *octets = NULL;
  char *path = NULL;
  size_t len;
  int fd = g_file_open_tmp("rung-test-XXXXXX", &path, NULL);

  assert_true(fd >= 0 && g_file_get_contents(sample, &octets, &len, NULL));
  assert_int_equal(write(fd, octets, len), len);
  for (size_t size = 0; size < SIZE; size += len - HEADER)
    assert_int_equal(write(fd, octets + HEADER, len - HEADER), len - HEADER);
  close(fd);
  return path;
}

/* All batches that come while none is given back. */
static GPtrArray *take_batches(Pipeline *pipeline)
{
  enum { MORE_THAN_ANY = 100, WAIT_US = 300 * 1000 }; /* a followed file gives one each 50 ms */
  GPtrArray *batches = g_ptr_array_new();

  while (batches->len < MORE_THAN_ANY) {
    Batch *batch = pipeline_take(pipeline, WAIT_US);
    if (!batch)
      break;
    g_ptr_array_add(batches, batch);
  }
  return batches;
}

/* Live, 32 batches are made when none comes back, from a file 8: then reading waits until one
 * does. */
static void test_batches_are_bounded(void **state)
{
  static const struct {
    bool is_live;
    unsigned most;
  } CASES[] = {{true, 32}, {false, 8}};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *path = write_long_file();
    const char *const files[] = {path, NULL};
    const SourceOptions options = {.files = files, .follow = CASES[i].is_live};
    g_autoptr(StoreSet) stores = store_set_new();
    g_autoptr(Source) source = source_open(&options, stores, NULL);
    g_autoptr(Pipeline) pipeline = pipeline_start(&(Setup){source, stores, &LIMITS_DEFAULT});
    g_autoptr(GPtrArray) batches = take_batches(pipeline);

    unlink(path);
    assert_int_equal(batches->len, CASES[i].most);
    pipeline_give_back(pipeline, batches->pdata[0]);
    batches->pdata[0] = pipeline_take(pipeline, 10 * G_USEC_PER_SEC);
    assert_non_null(batches->pdata[0]);
    for (guint n = 0; n < batches->len; n++)
      pipeline_give_back(pipeline, batches->pdata[n]);
  }
}

/* Without a thread the same comes, one batch at a time. */
static void test_without_thread(void **state)
{
  g_autofree char *path = g_build_filename(g_getenv("RUNG_SAMPLES"), "basic.pcap", NULL);
  const char *const files[] = {path, NULL};
  const SourceOptions options = {.files = files};
  uint64_t packets[2];

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(packets); i++) {
    g_autoptr(StoreSet) stores = store_set_new();
    g_autoptr(Source) source = source_open(&options, stores, NULL);
    const Setup setup = {source, stores, &LIMITS_DEFAULT};
    g_autoptr(Pipeline) pipeline = i == 0 ? pipeline_start(&setup) : pipeline_new(&setup);
    guint faults = 0;
    if (i == 1) {
      Batch *batch = pipeline_take(pipeline, 0);
      assert_non_null(batch);
      assert_null(pipeline_take(pipeline, 0));
      packets[i] = batch->packets;
      pipeline_give_back(pipeline, batch);
    } else {
      packets[i] = 0;
    }
    packets[i] += take(pipeline, true, &faults);
    assert_null(pipeline_take(pipeline, 0));
    assert_int_equal(faults, 0);
  }
  assert_true(packets[0] > 0);
  assert_int_equal(packets[0], packets[1]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_spool_is_full_for_a_while),
    cmocka_unit_test(test_batches_are_bounded),
    cmocka_unit_test(test_without_thread),
  };

  return cmocka_run_group_tests_name("pipeline", tests, NULL, NULL);
}
