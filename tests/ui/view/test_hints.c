/* Hints at the bottom: their order, when they go away, and what is remembered. */
#include "tests/ui/screen.h"

static Screen *open_with(Hints *hints)
{
  Screen *screen = screen_open(&(ScreenSetup){"failed.pcap", 80, 24, TEXT_ASCII, NULL});

  screen->model.hints = hints;
  return screen;
}

/* Every hint of the tour is shown once its screen is, and goes once its key was pressed. */
static void test_tour(void **state)
{
  static const struct {
    const char *shown, *key;
  } STEPS[] = {
    {"Tour 1/11: Enter: open the ladder", "Enter"},
    {"Tour 2/11: Enter: open the message", "Enter"},
    {"Tour 3/11: t: decode the message", "t"},
    {"Tour 4/11: Esc: go back to the ladder", "Esc"},
    {"Tour 5/11: E: what went wrong", "E"},
    {"Back", "Esc"}, /* none of the findings */
    {"Tour 6/11: Esc: go back to the call list", "Esc"},
    {"Tour 7/11: !: show only the failed calls", "!"},
    {"Tour 8/11: /: filter", "/"},
    {"Enter", "Esc"}, /* none while a filter is typed */
    {"Tour 9/11: Space: mark a call", "Space"},
    {"Tour 10/11: M: list the RTP streams", "M"},
    {"Back", "Esc"},
    {"Tour 11/11: F1: show all keys", "F1"},
  };
  g_autoptr(Hints) hints = hints_new(NULL, true);
  g_autoptr(Screen) screen = open_with(hints);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(STEPS); i++) {
    assert_shows(screen, STEPS[i].shown);
    screen_keys(screen, "Down Down Up Up Down Up"); /* stays */
    assert_shows(screen, STEPS[i].shown);
    screen_keys(screen, STEPS[i].key);
  }
  screen_keys(screen, "Esc");
  assert_not_shown(screen, "Tour");
  assert_shows(screen, "q Quit");
}

static void test_end(void **state)
{
  g_autoptr(Hints) hints = hints_new(NULL, true);
  g_autoptr(Screen) screen = open_with(hints);

  (void) state;
  assert_shows(screen, "Tour 1/11");
  assert_shows(screen, "(C-g ends this)");
  screen_keys(screen, "C-g");
  assert_not_shown(screen, "Tour");
  screen_keys(screen, "Enter");
  assert_not_shown(screen, "Tour");
}

static void assert_remembered(const Config *config, const char *names)
{
  g_auto(GStrv) list = config_list(config, "history", "hints");
  g_autofree char *found = list ? g_strjoinv(" ", list) : g_strdup("");

  assert_string_equal(found, names);
}

/* The first time; the next run goes on where it ended. */
static void test_remembered(void **state)
{
  g_autoptr(Config) config = config_new();

  (void) state;
  {
    g_autoptr(Hints) hints = hints_new(config, false);
    g_autoptr(Screen) screen = open_with(hints);
    assert_shows(screen, "Hint: Enter: open the ladder");
    assert_remembered(config, "");
    screen_keys(screen, "Enter");
    assert_shows(screen, "Hint: Enter: open the message");
    assert_remembered(config, "open-call");
  }
  g_autoptr(Hints) hints = hints_new(config, false);
  g_autoptr(Screen) screen = open_with(hints);
  assert_shows(screen, "Hint: !: show only the failed");
  screen_keys(screen, "Down Up Down Up Down Up Down Up Down Up Down");
  assert_shows(screen, "Hint: !: show only the failed");
  screen_keys(screen, "Up"); /* the twelfth */
  assert_not_shown(screen, "Hint: !: show only the failed");
  assert_remembered(config, "open-call failed");
  screen_keys(screen, "C-g");
  assert_not_shown(screen, "Hint");
}

/* A key that was taken away has no hint; what does not fit is cut. */
static void test_keys(void **state)
{
  g_autoptr(Hints) hints = hints_new(NULL, true);
  g_autoptr(Screen) screen = open_with(hints);

  (void) state;
  assert_true(keymap_bind(screen->model.keymap, "endhints", "", NULL));
  assert_not_shown(screen, "ends this");
  assert_true(keymap_bind(screen->model.keymap, "confirm", "C-o", NULL));
  assert_shows(screen, "C-o: open the ladder");
  assert_true(keymap_bind(screen->model.keymap, "confirm", "", NULL));
  assert_not_shown(screen, "open the ladder");
  for (int width = 1; width < 60; width++) {
    screen->width = width;
    screen_draw(screen);
  }
}

static void test_screens(void **state)
{
  g_autoptr(Hints) hints = hints_new(NULL, true);
  g_autoptr(Screen) screen = screen_open(&(ScreenSetup){"demo.pcap", 80, 24, TEXT_UTF8, NULL});

  (void) state;
  screen->model.hints = hints;
  screen->model.label = "demo";
  assert_screen(screen, "view/hints/calls-80.txt", true);
  screen_keys(screen, "Enter");
  assert_screen(screen, "view/hints/flow-80.txt", true);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_tour), cmocka_unit_test(test_end),     cmocka_unit_test(test_remembered),
    cmocka_unit_test(test_keys), cmocka_unit_test(test_screens),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
