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

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_spool_is_full_for_a_while),
  };

  return cmocka_run_group_tests_name("pipeline", tests, NULL, NULL);
}
