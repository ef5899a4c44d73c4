/* The list of addresses-of-record and the page of one: how they look, and where lines lead. */
#include "tests/ui/screen.h"

static void test_screens(void **state)
{
  static const ScreenCase CASES[] = {
    {"view/registrations/list-80.txt", "registrations.pcap", "Down", 80, 24},
    {"view/registrations/list-200.txt", "registrations.pcap", "", 200, 20},
    {"view/registrations/none-80.txt", "basic.pcap", "", 80, 24},
    {"view/registrations/page-80.txt", "registrations.pcap", "Enter Down", 80, 24},
    {"view/registrations/page-200.txt", "registrations.pcap", "Down Down Enter", 200, 20},
    {"view/registrations/page-20.txt", "registrations.pcap", "Down Down Enter", 20, 24},
  };

  (void) state;
  assert_screens(CASES, G_N_ELEMENTS(CASES), "B");
}

/* An event leads to its message; what is no event leads nowhere. */
static void test_places(void **state)
{
  g_autoptr(Screen) screen = screen_open_at("registrations.pcap", 100, 30, "B");

  (void) state;
  screen_keys(screen, "Enter");
  assert_int_equal(screen_scope(screen), SCOPE_REGISTRATION);
  screen_keys(screen, "Enter");
  assert_int_equal(screen_scope(screen), SCOPE_REGISTRATION);
  assert_shows(screen, "no message belongs to this line");
  screen_keys(screen, "End Enter");
  assert_int_equal(screen_scope(screen), SCOPE_FLOW);
  assert_shows(screen, "call 9");
}

static void test_search(void **state)
{
  g_autoptr(Screen) screen = screen_open_at("registrations.pcap", 100, 30, "B");

  (void) state;
  screen_keys(screen, "/ R E J E C Enter");
  assert_shows(screen, "Registrations 4/4");
  screen_keys(screen, "/ 1 9 8 . Enter n");
  assert_shows(screen, "Registrations 2/4");
  screen_keys(screen, "N");
  assert_shows(screen, "Registrations 1/4");
  screen_keys(screen, "/ x y z Enter");
  assert_shows(screen, "not found");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_screens),
    cmocka_unit_test(test_places),
    cmocka_unit_test(test_search),
  };

  return cmocka_run_group_tests_name("registrations_view", tests, NULL, NULL);
}
