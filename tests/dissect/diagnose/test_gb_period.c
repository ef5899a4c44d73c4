#include "dissect/diagnose/gb_period.h"

#include "capture/frame.h"
#include "tests/test.h"

static const struct {
  int64_t gaps[5];
  size_t count;
  int64_t period;
} PERIODS[] = {
  {{0}, 0, 0},
  {{60}, 1, 0},
  {{60, 61}, 2, 61},
  {{300, 60, 59}, 3, 60},
  {{1, 300, 60, 59, 2}, 5, 59},
};

static void test_period(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(PERIODS); i++) {
    int64_t gaps[5];
    memcpy(gaps, PERIODS[i].gaps, sizeof gaps);
    assert_int_equal(gb_period_of(gaps, PERIODS[i].count), PERIODS[i].period);
  }
}

static const struct {
  int64_t gap, period, missed;
} MISSED[] = {
  {60, 60, 0},
  {89, 60, 0},
  {90, 60, 1},
  {209, 60, 2},
  {210, 60, 3},
  {-500, 60, 0},
  {500, 0, 0},
  {500, -60, 0},
  {FRAME_TIME_MAX, FRAME_TIME_MAX, 0},
  {FRAME_TIME_MAX, 2, FRAME_TIME_MAX / 2 - 1},
};

static void test_missed(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(MISSED); i++)
    if (gb_period_missed(MISSED[i].gap, MISSED[i].period) != MISSED[i].missed)
      fail_msg("%" G_GINT64_FORMAT " without any, every %" G_GINT64_FORMAT, MISSED[i].gap,
               MISSED[i].period);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_period),
    cmocka_unit_test(test_missed),
  };

  return cmocka_run_group_tests_name("gb_period", tests, NULL, NULL);
}
