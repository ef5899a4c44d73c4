#include "tests/ui/screen.h"
#include "tests/ui/readme.h"
#include "ui/view/help_view.h"

static Screen *open_help(CommandScope scope, int width, int height)
{
  const ScreenSetup setup = {"proxies.pcap", width, height, TEXT_ASCII, NULL};
  Screen *screen = screen_open(&setup);

  host_push(screen->app, help_view_new(screen->app, scope));
  return screen;
}

static void test_screens(void **state)
{
  static const struct {
    CommandScope scope;
    const char *keys, *golden;
    int width, height;
  } CASES[] = {
    {SCOPE_CALLS, "", "view/help/calls-80.txt", 80, 24},
    {SCOPE_CALLS, "PgDn", "view/help/calls-80-page.txt", 80, 24},
    {SCOPE_FLOW, "/ c o p y Enter n", "view/help/flow-found-80.txt", 80, 24},
    {SCOPE_MESSAGE, "Down Down Down Down", "view/help/message-20.txt", 20, 5},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Screen) screen = open_help(CASES[i].scope, CASES[i].width, CASES[i].height);

    screen_keys(screen, CASES[i].keys);
    assert_screen(screen, CASES[i].golden, true);
  }
}

/* Every command of a screen is in its help once by its help and once by its name. */
static void test_complete(void **state)
{
  g_autoptr(Keymap) keymap = keymap_new();

  (void) state;
  assert_true(keymap_bind(keymap, "save", "", NULL));
  for (unsigned scope = 0; scope < SCREEN_COUNT; scope++) {
    g_autoptr(GArray) lines = help_lines_new((CommandScope) (1 << scope), keymap);
    unsigned expected = 0, entries = 0;

    for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++)
      expected += (COMMANDS[id].scopes & 1U << scope) ? 2 : 0;
    for (unsigned i = 0; i < lines->len; i++) {
      const HelpLine *line = &g_array_index(lines, HelpLine, i);
      if (line->kind != HELP_ENTRY)
        continue;
      entries++;
      assert_true(*line->keys);
      if (strcmp(line->text, COMMANDS[COMMAND_SAVE].help) == 0 && 1U << scope != SCOPE_FLOW)
        assert_string_equal(line->keys, ":save");
    }
    assert_int_equal(entries, expected);
  }
}

static void press(Screen *screen, const char *keys, const char *top)
{
  screen_keys(screen, keys);
  g_autofree char *text = screen_text(screen);
  g_auto(GStrv) lines = g_strsplit(text, "\n", 3);
  if (!strstr(lines[1], top))
    fail_msg("after %s: %s", keys, lines[1]);
}

static void test_scrolling(void **state)
{
  g_autoptr(Screen) screen = open_help(SCOPE_CALLS, 80, 24);

  (void) state;
  press(screen, "Up", "One row per");
  press(screen, "Down Down", "Moving");
  press(screen, "End PgUp Home", "One row per");
  press(screen, "C-d C-u", "One row per");
  press(screen, "/ z z z Enter", "One row per");
  press(screen, "F1", "The commands of the previous screen");
  press(screen, "F1 F1 Esc", "One row per");
}

static void test_any_size(void **state)
{
  (void) state;
  for (int height = 1; height < 8; height++)
    for (int width = 1; width < 90; width += 3) {
      g_autoptr(Screen) screen = open_help(SCOPE_FLOW, width, height);
      screen_keys(screen, "Down PgDn End PgUp");
      screen_draw(screen);
    }
}

static void test_readme(void **state)
{
  g_autoptr(Keymap) keymap = keymap_new();
  g_autoptr(GString) keys = g_string_new(NULL);

  (void) state;
  help_append_keys(keys, keymap);
  assert_readme_has(keys->str);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_screens),   cmocka_unit_test(test_complete),
    cmocka_unit_test(test_scrolling), cmocka_unit_test(test_any_size),
    cmocka_unit_test(test_readme),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
