/* The call list on the screen: keys go in, golden screens come out. */
#include "tests/screen.h"

#define SAMPLES                                                                                    \
  "basic.pcap busy.pcap failed.pcap cancel.pcap registration.pcap options.pcap ringing.pcap "      \
  "unanswered.pcap redirect.pcap ipv6.pcap"

static Screen *open_list(int width, int height)
{
  return screen_open(&(ScreenSetup){.samples = SAMPLES, .width = width, .height = height});
}

/* What keys lead to. */
typedef struct {
  const char *name, *keys, *typed;
  int width, height;
} Case;

static const Case CASES[] = {
  {"list-80", "", "", 80, 24},
  {"list-120", "", "", 120, 40},
  {"list-200", "", "", 200, 50},
  {"list-40", "", "", 40, 12},
  {"right", "Right Right", "", 80, 24},
  {"sorted", "> > z", "", 80, 24},
  {"marked", "Space Down Space End Space", "", 80, 24},
  {"filter", "/", "call.outcome == failed", 80, 24},
  {"filter-fault", "/", "call.status == abc", 80, 24},
  {"filter-kept", "/", "call.ring > 10ms\n", 80, 24},
  {"filter-hides", "/", "nothing-like-it", 80, 24},
  {"filter-complete", "/", "call.re\t", 80, 24},
  {"quick", "f", "", 80, 40},
  {"quick-chosen", "f Down Space", "", 120, 40},
  {"columns", "t", "", 80, 24},
  {"columns-wide", "t Down Space Down +", "", 120, 40},
  {"cleared", "F5", "", 80, 24},
};

static void type(Screen *screen, const char *text)
{
  for (const char *p = text; *p; p++)
    screen_press(screen, *p == '\n'   ? (KeyCode) KEY_CODE_ENTER
                         : *p == '\t' ? (KeyCode) KEY_CODE_TAB
                                      : (KeyCode) (unsigned char) *p);
}

static void test_screens(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const Case *c = &CASES[i];
    g_autoptr(Screen) screen = open_list(c->width, c->height);
    g_autofree char *name = g_strdup_printf("calls-view/%s.txt", c->name);

    screen_keys(screen, c->keys);
    type(screen, c->typed);
    assert_screen(screen, name, false);
  }
}

static void test_styles(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 24);

  (void) state;
  assert_screen(screen, "calls-view/styles.txt", true);
}

static void test_ascii(void **state)
{
  g_autoptr(Screen) screen = screen_open(
    &(ScreenSetup){.samples = SAMPLES, .width = 80, .height = 24, .charset = TEXT_ASCII});

  (void) state;
  screen_keys(screen, "> >");
  assert_screen(screen, "calls-view/ascii.txt", false);
}

static void test_no_sip(void **state)
{
  g_autoptr(Screen) screen =
    screen_open(&(ScreenSetup){.samples = "truncated.pcap", .width = 80, .height = 24});

  (void) state;
  call_index_clear(screen->model.index);
  screen_settle(screen);
  assert_int_equal(call_index_count(screen->model.index), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_screens),
    cmocka_unit_test(test_styles),
    cmocka_unit_test(test_ascii),
    cmocka_unit_test(test_no_sip),
  };

  return cmocka_run_group_tests_name("calls_view", tests, NULL, NULL);
}
