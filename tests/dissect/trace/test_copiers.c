#include "dissect/trace/copiers.h"

#include "tests/test.h"

static HepPacket copy_of(uint8_t host, uint32_t agent, const char *node)
{
  return (HepPacket){
    .sender = {.family = ADDRESS_IPV4, .address = {10, 0, 0, host}, .port = agent & 7},
    .agent = agent,
    .node = slice_from_string(node)};
}

static void test_numbers(void **state)
{
  static const struct {
    uint8_t host;
    uint32_t agent;
    const char *node;
    uint16_t number;
  } ROWS[] = {{1, 7, "a", 1}, {1, 8, "a", 2}, {2, 7, "a", 3}, {1, 7, "", 4}, {1, 7, "a", 1}};
  g_autoptr(Copiers) copiers = copiers_new();

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
    HepPacket copy = copy_of(ROWS[i].host, ROWS[i].agent, ROWS[i].node);
    assert_int_equal(copiers_number(copiers, &copy, 1), ROWS[i].number);
    copy.sender.port++; /* ports come and go */
    assert_int_equal(copiers_number(copiers, &copy, 1), ROWS[i].number);
  }
  assert_int_equal(copiers_at(copiers, 2)->agent, 8);
  assert_slice(copiers_at(copiers, 3)->node, "a");
}

static void test_limits(void **state)
{
  g_autoptr(Copiers) copiers = copiers_new();
  g_autofree char *name = g_strnfill(COPIER_NAME_MAX + 100, 'x');

  (void) state;
  for (uint32_t agent = 1; agent < COPIERS_MAX + 10; agent++) {
    HepPacket copy = copy_of(1, agent, name);
    assert_int_equal(copiers_number(copiers, &copy, 1), MIN(agent, COPIERS_MAX));
  }
  assert_int_equal(copiers_at(copiers, 1)->node.len, COPIER_NAME_MAX);
  assert_false(copiers_at(copiers, COPIERS_MAX - 1)->is_others);
  assert_true(copiers_at(copiers, COPIERS_MAX)->is_others);
}

static void test_rates(void **state)
{
  const int64_t second = INT64_C(1000000000), start = 1000 * second;
  g_autoptr(Copiers) copiers = copiers_new();
  HepPacket copy = copy_of(1, 7, "a");

  (void) state;
  for (int64_t i = 0; i < 100; i++) /* 20 per second */
    copiers_number(copiers, &copy, start + i * second / 20);
  const Copier *copier = copiers_at(copiers, 1);
  assert_true(copier_rate(copier, start + 5 * second) == 20); /* before 10 s have passed, too */
  for (int64_t i = 100; i <= 400; i++)
    copiers_number(copiers, &copy, start + i * second / 20);
  assert_int_equal(copier->last_ns, start + 20 * second);
  assert_true(copier_rate(copier, copier->last_ns) == 20);
  assert_true(copier_rate(copier, copier->last_ns + 100 * second) < 0.02); /* silent since */
  copiers_number(copiers, &copy, start - second); /* a clock that was set back */
  assert_true(copier_rate(copier, start) >= 0);
}

static void test_clocks(void **state)
{
  g_autoptr(Copiers) copiers = copiers_new();
  CopierClock clock;

  (void) state;
  for (uint32_t agent = 1; agent < COPIERS_MAX + 10; agent++) {
    HepPacket copy = copy_of(1, agent, "");
    copiers_number(copiers, &copy, 1);
  }
  assert_false(copier_clock(copiers_at(copiers, 2), &clock));
  copiers_note_clock(copiers, 1, 2, 50); /* the first one is ahead */
  copiers_note_clock(copiers, 2, 1, -60);
  copiers_note_clock(copiers, 2, 1, -900);
  assert_false(copier_clock(copiers_at(copiers, 1), &clock));
  assert_true(copier_clock(copiers_at(copiers, 2), &clock));
  assert_ptr_equal(clock.other, copiers_at(copiers, 1));
  assert_int_equal(clock.ahead_ns, -60);
  assert_int_equal(clock.spread_ns, 10);
  assert_int_equal(clock.samples, 3);
  for (int64_t i = 0; i < 2 * COPIER_SAMPLES; i++) /* it was set */
    copiers_note_clock(copiers, 2, 1, 1000 + i);
  assert_true(copier_clock(copiers_at(copiers, 2), &clock));
  assert_int_equal(clock.samples, COPIER_SAMPLES);
  assert_int_equal(clock.ahead_ns, 1000 + COPIER_SAMPLES + COPIER_SAMPLES / 2);
  copiers_note_clock(copiers, 3, 1, 5);
  copiers_note_clock(copiers, 3, 2, 7777); /* compared with the first one */
  assert_true(copier_clock(copiers_at(copiers, 3), &clock));
  assert_int_equal(clock.ahead_ns, 5);
  copiers_note_clock(copiers, COPIERS_MAX, 1, 5); /* several are counted as that one */
  assert_false(copier_clock(copiers_at(copiers, COPIERS_MAX), &clock));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_numbers),
    cmocka_unit_test(test_limits),
    cmocka_unit_test(test_rates),
    cmocka_unit_test(test_clocks),
  };

  return cmocka_run_group_tests_name("copiers", tests, NULL, NULL);
}
