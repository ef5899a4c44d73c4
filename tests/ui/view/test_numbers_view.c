/* The numbers of the last minutes: how they look, by which field, over which time. */
#include "tests/ui/screen.h"

static void test_screens(void **state)
{
  static const ScreenCase CASES[] = {
    {"view/numbers/trunks-80.txt", "failed.pcap chain.pcap", "", 80, 24},
    {"view/numbers/trunks-200.txt", "failed.pcap chain.pcap", "Space", 200, 20},
    {"view/numbers/registrations-200.txt", "registrations.pcap", "Space", 200, 20},
    {"view/numbers/none-80.txt", "options.pcap", "", 80, 24},
  };

  (void) state;
  assert_screens(CASES, G_N_ELEMENTS(CASES), "N");
}

static void test_field(void **state)
{
  g_autoptr(Screen) screen = screen_open_at("failed.pcap", 100, 24, "N");

  (void) state;
  assert_shows(screen, "Numbers, last 5 min, by trunk");
  screen_keys(screen, "f f r o m . u s e r Enter");
  assert_shows(screen, "by from.user");
  assert_shows(screen, "alice");
  screen_keys(screen, "f m e s s a g e . s r c Enter");
  assert_shows(screen, "message.src is not a field of calls");
  screen_keys(screen, "Space");
  assert_shows(screen, "Numbers, last hour, by from.user");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_screens),
    cmocka_unit_test(test_field),
  };

  return cmocka_run_group_tests_name("numbers_view", tests, NULL, NULL);
}
