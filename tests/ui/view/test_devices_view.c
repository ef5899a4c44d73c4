/* The list of devices and the page of one: how they look, how the tree folds, where lines lead. */
#include "tests/ui/screen.h"

static void test_screens(void **state)
{
  static const ScreenCase CASES[] = {
    {"view/devices/list-80.txt", "gb28181.pcap", "Down", 80, 24},
    {"view/devices/list-200.txt", "gb28181.pcap", "", 200, 50},
    {"view/devices/folded-80.txt", "gb28181.pcap", "Down Left", 80, 24},
    {"view/devices/none-80.txt", "basic.pcap", "", 80, 24},
    {"view/devices/page-80.txt", "gb28181.pcap", "Down Enter Down", 80, 24},
    {"view/devices/page-200.txt", "gb28181.pcap", "Down Enter", 200, 50},
    {"view/devices/channel-80.txt", "gb28181.pcap", "Down Down Enter", 80, 24},
  };

  (void) state;
  assert_screens(CASES, G_N_ELEMENTS(CASES), "D");
}

/* An event leads to its message; what is no event leads nowhere. */
static void test_places(void **state)
{
  g_autoptr(Screen) screen = screen_open_at("gb28181.pcap", 100, 40, "D");

  (void) state;
  screen_keys(screen, "Down Enter Enter");
  assert_int_equal(screen_scope(screen), SCOPE_DEVICE);
  assert_shows(screen, "no message belongs to this line");
  screen_keys(screen, "End Up Enter");
  assert_int_equal(screen_scope(screen), SCOPE_FLOW);
  assert_shows(screen, "call 16");
}

static void test_folds(void **state)
{
  g_autoptr(Screen) screen = screen_open_at("gb28181.pcap", 100, 30, "D");

  (void) state;
  assert_shows(screen, "Devices 1/5");
  screen_keys(screen, "Down Down Left"); /* a channel: to its device */
  assert_shows(screen, "Devices 2/5");
  screen_keys(screen, "Left"); /* which folds */
  assert_shows(screen, "Devices 2/2");
  screen_keys(screen, "Left");
  assert_shows(screen, "Devices 1/2");
  screen_keys(screen, "Left Right");
  assert_shows(screen, "Devices 1/2");
  screen_keys(screen, "+ End");
  assert_shows(screen, "Devices 5/5");
  screen_keys(screen, "-");
  assert_shows(screen, "Devices 1/1");
  screen_keys(screen, "Right");
  assert_shows(screen, "Devices 1/2");
  assert_not_shown(screen, "3402000000131");
}

static void test_search(void **state)
{
  g_autoptr(Screen) screen = screen_open_at("gb28181.pcap", 100, 30, "D");

  (void) state;
  screen_keys(screen, "/ O F F L I N E Enter");
  assert_shows(screen, "Devices 4/5");
  screen_keys(screen, "/ 3 4 0 2 Enter n");
  assert_shows(screen, "Devices 1/5");
  screen_keys(screen, "N");
  assert_shows(screen, "Devices 5/5");
  screen_keys(screen, "/ x y z Enter");
  assert_shows(screen, "not found");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_screens),
    cmocka_unit_test(test_places),
    cmocka_unit_test(test_folds),
    cmocka_unit_test(test_search),
  };

  return cmocka_run_group_tests_name("devices_view", tests, NULL, NULL);
}
