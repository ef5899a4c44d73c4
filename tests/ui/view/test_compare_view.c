/* Two calls compared: how the screen looks, and where its lines lead. */
#include "tests/ui/screen.h"

static void test_screens(void **state)
{
  static const ScreenCase CASES[] = {
    {"view/compare/auth-100.txt", "auth.pcap", "Space Space =", 100, 40},
    {"view/compare/cursor-80.txt", "unanswered.pcap", "Space =", 80, 40},
    {"view/compare/swapped-80.txt", "unanswered.pcap", "Space = s", 80, 24},
    {"view/compare/narrow-30.txt", "failed.pcap", "Space Space = n n", 30, 16},
    {"view/compare/unicode-80.txt", "unicode.pcap", "Space Space =", 80, 24},
  };

  (void) state;
  assert_screens(CASES, G_N_ELEMENTS(CASES), "");
}

/* A line of both messages leads to both, one of neither nowhere. */
static void test_places(void **state)
{
  g_autoptr(Screen) screen = screen_open_at("failed.pcap", 100, 40, "");

  (void) state;
  screen_keys(screen, "=");
  assert_shows(screen, "mark two calls to compare them; 0 are marked");
  screen_keys(screen, "Space Space Space =");
  assert_shows(screen, "mark two calls to compare them; 3 are marked");
  screen_keys(screen, "u g Space =");
  assert_int_equal(screen_scope(screen), SCOPE_COMPARISON);
  screen_keys(screen, "Enter");
  assert_shows(screen, "no message belongs to this line");
  screen_keys(screen, "N");
  assert_shows(screen, "this is the first difference");
  screen_keys(screen, "n n n Enter");
  assert_int_equal(screen_scope(screen), SCOPE_DIFF);
  screen_keys(screen, "Esc Esc");
  assert_int_equal(screen_scope(screen), SCOPE_CALLS);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_screens),
    cmocka_unit_test(test_places),
  };

  return cmocka_run_group_tests_name("compare_view", tests, NULL, NULL);
}
