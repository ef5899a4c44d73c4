#include "tests/ui/view/blank_view.h"
#include "tests/ui/screen.h"

#include <glib/gstdio.h>

#include "ui/view/screens.h"

static Screen *open_settings(const char *settings, int width, int height)
{
  const ScreenSetup setup = {"proxies.pcap", width, height, TEXT_ASCII, settings};
  Screen *screen = screen_open(&setup);

  blank_view_push(screen->app, SCOPE_FLOW);
  host_push(screen->app, settings_view_new(screen->app));
  return screen;
}

static void test_screens(void **state)
{
  static const struct {
    const char *keys, *golden;
    int width, height;
  } CASES[] = {
    {"", "view/settings/80.txt", 80, 24},
    {"End", "view/settings/80-end.txt", 80, 24},
    {"Down Down Down Down", "view/settings/20.txt", 20, 5},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Screen) screen = open_settings(NULL, CASES[i].width, CASES[i].height);

    screen_keys(screen, CASES[i].keys);
    assert_screen(screen, CASES[i].golden, true);
  }
}

/* What is changed counts at once; a text when it is left. */
static void test_changes(void **state)
{
  static const struct {
    SettingId id;
    const char *keys, *value;
    bool configured;
  } CASES[] = {
    {SETTING_MOUSE, "Space", "off", true},          {SETTING_MOUSE, "Space Space", "on", true},
    {SETTING_THEME, "Right", "dark", true},         {SETTING_THEME, "Left", "mono", true},
    {SETTING_FLOW_TIME, "Space", "relative", true}, {SETTING_FLOW_GAP, "1", "5", false},
    {SETTING_FLOW_GAP, "1 Down", "51", true},       {SETTING_FLOW_GAP, "1 Esc", "51", true},
    {SETTING_FLOW_GAP, "1 Enter", "51", true},      {SETTING_FLOW_GAP, "x Down", "5", false},
    {SETTING_FLOW_GAP, "C-u Down", "5", false},     {SETTING_SAVE_FOLDER, "a b Up", "ab", true},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Screen) screen = open_settings(NULL, 80, 24);

    for (SettingId id = 0; id < CASES[i].id; id++)
      screen_keys(screen, "Down");
    while (app_take_wish(screen->app) != APP_WISH_NONE)
      continue;
    screen_keys(screen, CASES[i].keys);
    assert_string_equal(config_text(screen->config, CASES[i].id), CASES[i].value);
    assert_int_equal(app_take_wish(screen->app) == APP_WISH_THEME, CASES[i].configured);
  }
}

/* The value that is none is told, and the old one shown again. */
static void test_refused(void **state)
{
  static const struct {
    const char *keys;
    bool stays;
  } CASES[] = {{"x Down", true}, {"x Enter", true}, {"x Esc", false}};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Screen) screen = open_settings(NULL, 80, 24);

    for (SettingId id = 0; id < SETTING_FLOW_GAP; id++)
      screen_keys(screen, "Down");
    screen_keys(screen, CASES[i].keys);
    g_autofree char *text = screen_text(screen);
    assert_non_null(strstr(text, "flow.gap: '5x' is not a number from 0 to 86400"));
    assert_null(strstr(text, "  5x "));
    assert_int_equal(strstr(text, "flow.gap  ") != NULL, CASES[i].stays);
  }
}

/* Closing it writes the file; that it cannot be written is told. */
static void test_saved(void **state)
{
  g_autofree char *folder = g_dir_make_tmp("rung-settings-XXXXXX", NULL);
  g_autofree char *path = g_build_filename(folder, "config", NULL);
  g_autoptr(Screen) screen = open_settings(NULL, 200, 24);
  g_autofree char *text = NULL, *told = NULL;

  (void) state;
  config_free(screen->config);
  screen->config = screen->model.config = config_load(path, NULL);
  screen_keys(screen, "Right Esc");
  assert_true(g_file_get_contents(path, &text, NULL, NULL));
  assert_string_equal(text, "[settings]\ntheme = dark\n");
  assert_true(g_file_set_contents(path, "nonsense\n", -1, NULL));
  host_push(screen->app, settings_view_new(screen->app));
  screen_keys(screen, "Right Esc");
  told = screen_text(screen);
  assert_non_null(strstr(told, "was not changed"));
  assert_int_equal(g_unlink(path) + g_rmdir(folder), 0);
}

/* --- the theme --- */

static char *own_paint(const Screen *screen, const char *part)
{
  char *value = config_value(screen->config, "theme dark", part);

  return value ? value : g_strdup("");
}

static void test_theme_screens(void **state)
{
  static const struct {
    const char *keys, *golden;
    int width, height;
  } CASES[] = {
    {"C Down Down Down 4 Down Right", "view/settings/theme-80.txt", 80, 24},
    {"C End", "view/settings/theme-end.txt", 80, 12},
    {"C Down", "view/settings/theme-20.txt", 20, 5},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const ScreenSetup setup = {"proxies.pcap", CASES[i].width, CASES[i].height, TEXT_UTF8, NULL};
    g_autoptr(Screen) screen = screen_open(&setup);
    screen_keys(screen, CASES[i].keys);
    assert_screen(screen, CASES[i].golden, true);
  }
}

static void test_theme_changes(void **state)
{
  static const struct {
    const char *keys, *paint; /* of requests */
  } CASES[] = {
    {"Right", "bright-white bold"},
    {"Left Left", "bright-blue bold"},
    {"> >", "#5fd7ff on red bold"},
    {"<", "#5fd7ff on bright-white bold"},
    {"1 2 3 4 5", "#5fd7ff dim italic underline reverse"},
    {"Enter C-u r e d Enter", "red"},
    {"Enter C-u o n Space b l a c k Space u n d Tab Enter", "on black underline"},
    {"Enter C-u r e d Esc", ""},
    {"Enter C-u r d Enter", ""},
    {"1 d", ""},
    {"1 D y", ""},
    {"1 D n", "#5fd7ff"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const ScreenSetup setup = {"proxies.pcap", 80, 24, TEXT_UTF8, NULL};
    g_autoptr(Screen) screen = screen_open(&setup);
    screen_keys(screen, "C Down Down Down");
    while (app_take_wish(screen->app) != APP_WISH_NONE)
      continue;
    screen_keys(screen, CASES[i].keys);
    g_autofree char *paint = own_paint(screen, "request");
    assert_string_equal(paint, CASES[i].paint);
    assert_int_equal(app_take_wish(screen->app) == APP_WISH_THEME,
                     *CASES[i].paint || CASES[i].keys[0] == '1');
  }
}

/* It is the theme that is shown: of a terminal without colours, or the user's. */
static void test_theme_shown(void **state)
{
  const ScreenSetup setup = {"proxies.pcap", 80, 24, TEXT_UTF8, NULL};
  g_autoptr(Screen) screen = screen_open(&setup);

  (void) state;
  config_set_mono(screen->config, true);
  screen_keys(screen, "C 4 Esc");
  g_autofree char *mono = config_value(screen->config, "theme mono", "plain");
  assert_string_equal(mono, "underline");
  config_set_mono(screen->config, false);
  config_set_value(screen->config, "theme mine", "base", "light");
  assert_true(config_set(screen->config, SETTING_THEME, "mine", NULL));
  screen_keys(screen, "C Down Down Down 1 Esc");
  g_autofree char *mine = config_value(screen->config, "theme mine", "request");
  assert_string_equal(mine, "#0050af");
}

/* By the button at the end of the settings; the file is written when it is left. */
static void test_theme_saved(void **state)
{
  g_autofree char *folder = g_dir_make_tmp("rung-settings-XXXXXX", NULL);
  g_autofree char *path = g_build_filename(folder, "config", NULL);
  g_autoptr(Screen) screen = open_settings(NULL, 200, 50);
  g_autofree char *text = NULL;

  (void) state;
  config_free(screen->config);
  screen->config = screen->model.config = config_load(path, NULL);
  screen_keys(screen, "End Enter Down 1 Esc");
  assert_true(g_file_get_contents(path, &text, NULL, NULL));
  assert_string_equal(text, "[theme dark]\ndim = #949494 bold\n");
  screen_keys(screen, "Space");
  assert_int_equal(host_view(screen->app)->ops->scope, SCOPE_THEME);
  assert_int_equal(g_unlink(path) + g_rmdir(folder), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_screens),       cmocka_unit_test(test_changes),
    cmocka_unit_test(test_refused),       cmocka_unit_test(test_saved),
    cmocka_unit_test(test_theme_screens), cmocka_unit_test(test_theme_changes),
    cmocka_unit_test(test_theme_shown),   cmocka_unit_test(test_theme_saved),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
