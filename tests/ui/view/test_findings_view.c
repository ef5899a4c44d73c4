/* The page of findings: how it looks, and where its lines lead; the hop before a message. */
#include "tests/ui/screen.h"

static void test_screens(void **state)
{
  static const ScreenCase CASES[] = {
    {"view/findings/fork-80.txt", "fork.pcap", "E", 80, 30},
    {"view/findings/failed-100.txt", "failed.pcap", "* E", 100, 40},
    {"view/findings/clean-80.txt", "basic.pcap", "E", 80, 24},
    {"view/findings/narrow-20.txt", "fork.pcap", "E Down Down", 20, 10},
    {"view/findings/marked-100.txt", "fork.pcap", "Enter t E Down Down Down Enter", 100, 30},
    {"view/findings/from-list-100.txt", "retransmission.pcap", "E Down Down Enter t", 100, 24},
    {"view/findings/hop-100.txt", "proxies.pcap", "Enter Down Down p", 100, 30},
  };

  (void) state;
  assert_screens(CASES, G_N_ELEMENTS(CASES), "");
}

/* From the ladder the page leads back to it; a line without a message leads nowhere. */
static void test_places(void **state)
{
  g_autoptr(Screen) screen = screen_open_at("fork.pcap", 100, 30, "Enter E");

  (void) state;
  assert_int_equal(screen_scope(screen), SCOPE_FINDINGS);
  screen_keys(screen, "Enter");
  assert_int_equal(screen_scope(screen), SCOPE_FINDINGS);
  screen_keys(screen, "Down Down Enter");
  assert_int_equal(screen_scope(screen), SCOPE_FLOW);
  screen_keys(screen, "Esc");
  assert_int_equal(screen_scope(screen), SCOPE_CALLS);
  screen_keys(screen, "E Down Down Enter");
  assert_int_equal(screen_scope(screen), SCOPE_FLOW);
  screen_keys(screen, "Esc");
  assert_int_equal(screen_scope(screen), SCOPE_FINDINGS);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_screens),
    cmocka_unit_test(test_places),
  };

  return cmocka_run_group_tests_name("findings_view", tests, NULL, NULL);
}
