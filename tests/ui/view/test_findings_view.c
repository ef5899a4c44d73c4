/* The page of findings: how it looks, and where its lines lead; the hop before a message. */
#include "tests/ui/screen.h"
#include "ui/view/screens.h"

static Screen *open_sample(const char *samples, int width, int height)
{
  Screen *screen =
    screen_open(&(ScreenSetup){.samples = samples, .width = width, .height = height});

  screen_settle(screen);
  return screen;
}

static void test_screens(void **state)
{
  static const struct {
    const char *golden, *samples, *keys;
    int width, height;
  } CASES[] = {
    {"view/findings/fork-80.txt", "fork.pcap", "E", 80, 30},
    {"view/findings/failed-100.txt", "failed.pcap", "* E", 100, 40},
    {"view/findings/clean-80.txt", "basic.pcap", "E", 80, 24},
    {"view/findings/narrow-20.txt", "fork.pcap", "E Down Down", 20, 10},
    {"view/findings/marked-100.txt", "fork.pcap", "Enter t E Down Down Down Enter", 100, 30},
    {"view/findings/from-list-100.txt", "retransmission.pcap", "E Down Down Enter t", 100, 24},
    {"view/findings/hop-100.txt", "proxies.pcap", "Enter Down Down p", 100, 30},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Screen) screen = open_sample(CASES[i].samples, CASES[i].width, CASES[i].height);
    screen_keys(screen, CASES[i].keys);
    screen_settle(screen);
    assert_screen(screen, CASES[i].golden, true);
  }
}

static CommandScope scope_of(Screen *screen)
{
  screen_settle(screen);
  return host_view(screen->app)->ops->scope;
}

/* From the ladder the page leads back to it; a line without a message leads nowhere. */
static void test_places(void **state)
{
  g_autoptr(Screen) screen = open_sample("fork.pcap", 100, 30);

  (void) state;
  screen_keys(screen, "Enter E");
  screen_draw(screen);
  assert_int_equal(scope_of(screen), SCOPE_FINDINGS);
  screen_keys(screen, "Enter");
  assert_int_equal(scope_of(screen), SCOPE_FINDINGS);
  screen_keys(screen, "Down Down Enter");
  assert_int_equal(scope_of(screen), SCOPE_FLOW);
  screen_keys(screen, "Esc");
  assert_int_equal(scope_of(screen), SCOPE_CALLS);
  screen_keys(screen, "E");
  screen_draw(screen);
  screen_keys(screen, "Down Down Enter");
  assert_int_equal(scope_of(screen), SCOPE_FLOW);
  screen_keys(screen, "Esc");
  assert_int_equal(scope_of(screen), SCOPE_FINDINGS);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_screens),
    cmocka_unit_test(test_places),
  };

  return cmocka_run_group_tests_name("findings_view", tests, NULL, NULL);
}
