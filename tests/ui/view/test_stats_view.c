/* The statistics view: how it looks. */
#include "tests/ui/screen.h"
#include "ui/view/screens.h"

static void test_screens(void **state)
{
  static const struct {
    const char *golden, *samples;
    int width, height;
    TextCharset charset;
    const char *keys;
  } CASES[] = {
    {"view/stats/80.txt", "failed.pcap proxies.pcap", 80, 24, TEXT_UTF8, NULL},
    {"view/stats/80-end.txt", "failed.pcap proxies.pcap", 80, 24, TEXT_UTF8, "End"},
    {"view/stats/80-shown.txt", "failed.pcap proxies.pcap", 80, 24, TEXT_ASCII, "Space"},
    {"view/stats/200.txt", "failed.pcap proxies.pcap registration.pcap tcp-split.pcap", 200, 50,
     TEXT_UTF8, NULL},
    {"view/stats/20.txt", "basic.pcap", 20, 10, TEXT_UTF8, "Down Down"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const ScreenSetup setup = {CASES[i].samples, CASES[i].width, CASES[i].height, CASES[i].charset,
                               NULL};
    g_autoptr(Screen) screen = screen_open(&setup);

    while (call_index_step(screen->model.index, INT64_MAX))
      continue;
    host_push(screen->app, stats_view_new(screen->app));
    screen_settle(screen);
    if (CASES[i].keys)
      screen_keys(screen, CASES[i].keys);
    assert_screen(screen, CASES[i].golden, true);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_screens),
  };

  return cmocka_run_group_tests_name("stats_view", tests, NULL, NULL);
}
