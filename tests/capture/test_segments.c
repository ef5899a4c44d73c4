#include "capture/segments.h"

#include "tests/test.h"

enum { S = SEGMENT_BYTES, CHUNK = 1 << 15 };

typedef struct {
  Segments *segments;
  GArray *dropped; /* uint64_t: offsets, in order */
} Bench;

static void note_drop(void *data, uint64_t offset)
{
  g_array_append_val(((Bench *) data)->dropped, offset);
}

static void bench_init(Bench *bench)
{
  bench->dropped = g_array_new(false, false, sizeof(uint64_t));
  bench->segments = segments_new(note_drop, bench);
}

static void bench_clear(Bench *bench)
{
  segments_free(bench->segments);
  g_array_unref(bench->dropped);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bench, bench_clear)

static uint64_t find(const Bench *bench, uint64_t number)
{
  uint64_t offset = 0;

  return segments_find(bench->segments, number, &offset) ? offset : UINT64_MAX;
}

static void test_records(void **state)
{
  g_auto(Bench) bench = {0};

  (void) state;
  bench_init(&bench);
  segments_mark(bench.segments, 100, 10);
  segments_mark(bench.segments, 200, 20);
  assert_true(find(&bench, 10) == UINT64_MAX); /* not published yet */
  segments_publish(bench.segments);
  assert_true(find(&bench, 9) == UINT64_MAX);
  assert_true(find(&bench, 10) == 0 && find(&bench, 20) == 0 && find(&bench, 21) == 0);
  segments_mark(bench.segments, S - 10, 30); /* up to the fourth segment */
  segments_mark(bench.segments, 3 * S + 50, 40);
  segments_publish(bench.segments);
  assert_true(find(&bench, 30) == 0 && find(&bench, 39) == 0);
  assert_true(find(&bench, 40) == 3 * S && find(&bench, 4000) == 3 * S);
  segments_mark(bench.segments, 4 * S, 50);
  segments_unmark(bench.segments, 4 * S);
  segments_mark(bench.segments, 4 * S, 60);
  segments_publish(bench.segments);
  assert_true(find(&bench, 50) == 3 * S && find(&bench, 60) == 4 * S);
}

static void test_drops(void **state)
{
  static const uint64_t WANTED[] = {2 * S, 4 * S, 1 * S, 3 * S};
  g_auto(Bench) bench = {0};

  (void) state;
  bench_init(&bench);
  segments_hold(bench.segments, 1 * S + 5, 10);
  segments_hold(bench.segments, 1 * S + 5, 10);
  segments_hold(bench.segments, 3 * S, S);
  segments_hold(bench.segments, 6 * S - 1, 2);
  while (segments_drop_oldest(bench.segments, 5 * S))
    continue;
  segments_release(bench.segments, 1 * S + 5, 10);
  assert_int_equal(bench.dropped->len, 2);
  segments_release(bench.segments, 1 * S + 5, 10);
  segments_release(bench.segments, 3 * S, S);
  assert_int_equal(bench.dropped->len, G_N_ELEMENTS(WANTED));
  assert_memory_equal(bench.dropped->data, WANTED, sizeof WANTED);
  segments_release(bench.segments, 6 * S - 1, 2); /* not looked at before */
  assert_int_equal(bench.dropped->len, G_N_ELEMENTS(WANTED));
  segments_hold(bench.segments, 2 * S, 1); /* too late: nothing is there to be released */
  segments_release(bench.segments, 2 * S, 1);
  assert_int_equal(bench.dropped->len, G_N_ELEMENTS(WANTED));
  assert_true(segments_drop_oldest(bench.segments, 6 * S));
  assert_false(segments_drop_oldest(bench.segments, 7 * S - 1));
  assert_true(segments_drop_oldest(bench.segments, 7 * S));
  assert_int_equal(bench.dropped->len, G_N_ELEMENTS(WANTED) + 2);
}

static void test_reading_over_holes(void **state)
{
  g_auto(Bench) bench = {0};
  const Segments *segments;

  (void) state;
  bench_init(&bench);
  segments = bench.segments;
  segments_mark(bench.segments, 0, 1);
  segments_mark(bench.segments, 4 * S + 7, 2); /* the record before it goes on in 1 to 4 */
  segments_publish(bench.segments);
  assert_true(segments_gap(segments, 3, 5 * S) == 5 * S);
  assert_true(segments_resume(segments, 3 * S + 1, 5 * S) == 3 * S + 1);
  while (segments_drop_oldest(bench.segments, 3 * S))
    continue;
  assert_true(segments_gap(segments, 3, 5 * S) == S);
  assert_true(segments_gap(segments, 3, S) == S);
  assert_true(segments_gap(segments, 2 * S + 9, 5 * S) == 2 * S + 9);
  assert_true(segments_resume(segments, 9, 5 * S) == 9); /* the first one is never dropped */
  assert_true(segments_resume(segments, S, 5 * S) == 4 * S + 7);
  assert_true(segments_resume(segments, S, 4 * S) == 4 * S);
  assert_true(segments_resume(segments, 6 * S, 5 * S) == 5 * S);
}

/* Much more than one table holds: what was dropped takes no memory, and is never there again. */
static void test_long_spools(void **state)
{
  enum { SEGMENTS = 3 * CHUNK + 10, HELD = 2 * CHUNK + 5 };
  g_auto(Bench) bench = {0};

  (void) state;
  bench_init(&bench);
  for (uint64_t i = 0; i < SEGMENTS; i++)
    segments_mark(bench.segments, i * S + i % 7, 10 * i);
  segments_publish(bench.segments);
  segments_hold(bench.segments, find(&bench, 10 * HELD), 1);
  while (segments_drop_oldest(bench.segments, UINT64_C(1) * SEGMENTS * S))
    continue;
  assert_int_equal(bench.dropped->len, SEGMENTS - 2);
  assert_true(find(&bench, 10 * HELD) == UINT64_C(1) * HELD * S);
  assert_true(find(&bench, 10 * (CHUNK + 9)) == UINT64_MAX);
  assert_true(find(&bench, 10 * (HELD + 1)) == UINT64_MAX);
  assert_true(segments_resume(bench.segments, UINT64_C(9) * S, UINT64_MAX) ==
              UINT64_C(1) * HELD * S + HELD % 7);
  segments_hold(bench.segments, UINT64_C(1) * (CHUNK + 1) * S, 1);
  assert_true(segments_gap(bench.segments, UINT64_C(1) * (CHUNK + 1) * S, UINT64_MAX) ==
              UINT64_C(1) * (CHUNK + 1) * S);
  segments_release(bench.segments, find(&bench, 10 * HELD), 1);
  assert_int_equal(bench.dropped->len, SEGMENTS - 1);
  assert_true(find(&bench, 10 * HELD) == UINT64_MAX);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_records),
    cmocka_unit_test(test_drops),
    cmocka_unit_test(test_reading_over_holes),
    cmocka_unit_test(test_long_spools),
  };

  return cmocka_run_group_tests_name("segments", tests, NULL, NULL);
}
