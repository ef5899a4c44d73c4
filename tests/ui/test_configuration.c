#include "tests/ui/screen.h"

#include <glib/gstdio.h>

#include "ui/configuration.h"
#include "ui/view/screens.h"

enum { WORDS_MAX = 10 };

static Config *load(const char *const words[], Options *ret_options)
{
  int count = 0;

  while (words[count])
    count++;
  assert_true(options_parse(count, words, ret_options, NULL));
  return configuration_load(ret_options, NULL);
}

static void test_overridden(void **state)
{
  static const struct {
    const char *words[WORDS_MAX];
    SettingId id;
    const char *value;
  } CASES[] = {
    {{"rung", "--no-config"}, SETTING_UTC, "off"},
    {{"rung", "--no-config", "--utc"}, SETTING_UTC, "on"},
    {{"rung", "--no-config", "--ascii"}, SETTING_ASCII, "on"},
    {{"rung", "--no-config", "--color", "never"}, SETTING_COLOR, "never"},
    {{"rung", "--no-config", "--color", "always"}, SETTING_COLOR, "auto"},
    {{"rung", "--no-config", "--time", "delta"}, SETTING_FLOW_TIME, "delta"},
    {{"rung", "--no-config", "--time", "epoch"}, SETTING_FLOW_TIME, "absolute"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(Options) options = {0};
    g_autoptr(Config) config = load(CASES[i].words, &options);

    assert_string_equal(config_text(config, CASES[i].id), CASES[i].value);
  }
}

static void test_fields(void **state)
{
  static const char *const WORDS[] = {"rung",
                                      "--no-config",
                                      "--columns",
                                      "call.number,header[\"x-a\"]",
                                      "--sort=-call.start,call.number",
                                      NULL};
  g_auto(Options) options = {0};
  g_autoptr(Config) config = load(WORDS, &options);
  g_auto(GStrv) columns = config_list(config, "columns", "calls");
  g_auto(GStrv) sort = config_list(config, "columns", "sort");
  g_autofree char *columns_text = g_strjoinv(" ", columns);
  g_autofree char *sort_text = g_strjoinv(" ", sort);

  (void) state;
  assert_string_equal(columns_text, "call.number header[\"x-a\"]");
  assert_string_equal(sort_text, "-call.start call.number");
}

/* The list of calls begins in that order, with those columns. */
static void test_list(void **state)
{
  static const char *const WORDS[] = {"rung",   "--no-config",  "--columns", "call.number",
                                      "--sort", "-call.number", NULL};
  const ScreenSetup setup = {"basic.pcap busy.pcap failed.pcap", 80, 24, TEXT_ASCII, NULL};
  g_auto(Options) options = {0};
  g_autoptr(Screen) screen = screen_open(&setup);

  (void) state;
  config_free(screen->config);
  screen->config = screen->model.config = load(WORDS, &options);
  host_push(screen->app, calls_view_new(screen->app));
  screen_settle(screen);
  g_autofree char *text = screen_text(screen);
  const char *last = strstr(text, "  6\n"), *first = strstr(text, "  1\n");
  assert_non_null(first);
  assert_true(last && last < first);
  assert_null(strstr(text, "answered"));
}

/* A service has its limit in a group of its own, or in the slice around it. */
static void test_control_groups(void **state)
{
  static const struct {
    const char *own, *slice, *root;
    const char *groups;
    uint64_t limit;
  } CASES[] = {
    {"2000", "max", NULL, "0::/a.slice/b.service\n", 2000},
    {"max", "1000", NULL, "1:cpu:/x\n0::/a.slice/b.service\n", 1000},
    {"2000", "3000", "500", "0::/a.slice/b.service\n", 500},
    {"2000", "3000", "500", "0::/\n", 500},
    {"2000", "3000", NULL, "0::/a.slice\n", 3000},
    {"2000", "3000", NULL, "0::/gone/away\n", UINT64_MAX},
    {"2000", "3000", NULL, "", UINT64_MAX},
  };
  g_autofree char *root = g_dir_make_tmp("rung-XXXXXX", NULL);
  g_autofree char *slice = g_build_filename(root, "a.slice", NULL);
  g_autofree char *own = g_build_filename(slice, "b.service", NULL);
  const char *const folders[] = {own, slice, root};

  (void) state;
  assert_int_equal(g_mkdir_with_parents(own, 0700), 0);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const char *const limits[] = {CASES[i].own, CASES[i].slice, CASES[i].root};
    for (size_t k = 0; k < G_N_ELEMENTS(folders); k++) {
      g_autofree char *path = g_build_filename(folders[k], "memory.max", NULL);
      if (limits[k])
        assert_true(g_file_set_contents(path, limits[k], -1, NULL));
      else
        g_remove(path);
    }
    assert_true(cgroup_memory(root, CASES[i].groups) == CASES[i].limit);
  }
  for (size_t k = 0; k < G_N_ELEMENTS(folders); k++) {
    g_autofree char *path = g_build_filename(folders[k], "memory.max", NULL);
    g_remove(path);
    assert_int_equal(g_rmdir(folders[k]), 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_overridden),
    cmocka_unit_test(test_fields),
    cmocka_unit_test(test_list),
    cmocka_unit_test(test_control_groups),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
