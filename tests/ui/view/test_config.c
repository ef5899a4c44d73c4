#include "tests/test.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "capture/error.h"
#include "ui/view/config/config.h"
#include "ui/view/config/config_file.h"

typedef struct {
  char *folder, *path;
} Place;

static int set_up(void **state)
{
  Place *place = g_new0(Place, 1);

  place->folder = g_dir_make_tmp("rung-config-XXXXXX", NULL);
  assert_non_null(place->folder);
  place->path = g_build_filename(place->folder, "config", NULL);
  *state = place;
  return 0;
}

static int tear_down(void **state)
{
  Place *place = *state;

  g_unlink(place->path);
  g_rmdir(place->folder);
  g_free(place->folder);
  g_free(place->path);
  g_free(place);
  return 0;
}

static void put(const Place *place, const char *text)
{
  assert_true(g_file_set_contents(place->path, text, -1, NULL));
}

static void assert_file(const Place *place, const char *expected)
{
  g_autofree char *text = NULL;

  assert_true(g_file_get_contents(place->path, &text, NULL, NULL));
  assert_string_equal(text, expected);
}

static GPtrArray *complaints_new(void)
{
  return g_ptr_array_new_with_free_func(g_free);
}

/* The file's complaints, those of theme and keys too, a line each without the file's name. */
static char *complaints_of(const Place *place)
{
  g_autoptr(GPtrArray) complaints = complaints_new();
  g_autoptr(Config) config = config_load(place->path, complaints);
  g_autoptr(Keymap) keymap = config_keymap(config, complaints);
  GString *all = g_string_new(NULL);

  config_theme(config, complaints);
  for (unsigned i = 0; i < complaints->len; i++) {
    const char *text = complaints->pdata[i];
    assert_true(g_str_has_prefix(text, place->path));
    g_string_append_printf(all, "%s\n", text + strlen(place->path) + 2);
  }
  return g_string_free(all, FALSE);
}

static void test_defaults(void **state)
{
  g_autoptr(Config) config = config_new();

  (void) state;
  assert_string_equal(config_text(config, SETTING_THEME), "auto");
  assert_true(config_bool(config, SETTING_MOUSE));
  assert_int_equal(config_number(config, SETTING_FLOW_GAP), 5);
  assert_int_equal(config_choice(config, SETTING_FLOW_SDP), 1);
  assert_null(config_list(config, "columns", "calls"));
  assert_null(config_value(config, "aliases", "10.0.0.1"));
  assert_true(config_save(config, NULL));
}

/* Every default is a value, every name stands once. */
static void test_settings_table(void **state)
{
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(Config) config = config_new();

  (void) state;
  for (SettingId id = 0; id < SETTING_COUNT; id++) {
    assert_true(g_hash_table_add(seen, (gpointer) (uintptr_t) SETTINGS[id].name));
    assert_true(config_set(config, id, SETTINGS[id].default_text, NULL));
    assert_string_equal(config_text(config, id), SETTINGS[id].default_text);
  }
}

static void test_read(void **state)
{
  g_autoptr(GPtrArray) complaints = complaints_new();

  put(*state, "\xEF\xBB\xBF# mine\r\n[settings]\r\ntheme = light\r\n mouse=NO \nflow.gap=0\n"
              "flow.sdp = Lines\nsave.folder = /tmp/a b\n"
              "[aliases]\n10.0.0.1 = SBC\nfe80::1%eth0 = link\n%5B::1%5D:5060 = me\n"
              "[columns]\ncalls=call.number;header[\"X-A\"];\n");
  g_autoptr(Config) config = config_load(((Place *) *state)->path, complaints);
  assert_int_equal(complaints->len, 0);
  assert_string_equal(config_text(config, SETTING_THEME), "light");
  assert_false(config_bool(config, SETTING_MOUSE));
  assert_int_equal(config_number(config, SETTING_FLOW_GAP), 0);
  assert_string_equal(config_text(config, SETTING_FLOW_SDP), "lines");
  assert_string_equal(config_text(config, SETTING_SAVE_FOLDER), "/tmp/a b");
  g_auto(GStrv) keys = config_keys(config, "aliases");
  g_autofree char *joined = g_strjoinv(" ", keys);
  assert_string_equal(joined, "10.0.0.1 fe80::1%eth0 [::1]:5060");
  g_autofree char *link = config_value(config, "aliases", "fe80::1%eth0");
  g_autofree char *me = config_value(config, "aliases", "[::1]:5060");
  assert_string_equal(link, "link");
  assert_string_equal(me, "me");
  g_auto(GStrv) columns = config_list(config, "columns", "calls");
  assert_int_equal(g_strv_length(columns), 2);
  assert_string_equal(columns[1], "header[\"X-A\"]");
}

static void test_complaints(void **state)
{
  static const struct {
    const char *text, *complaints;
  } CASES[] = {
    {"", ""},
    {"# nothing\n", ""},
    {"[settings]\nfolow=on\n", "[settings] unknown setting 'folow'; did you mean 'follow'?\n"},
    {"[settings]\nzebra=on\n", "[settings] unknown setting 'zebra'\n"},
    {"[settings]\nmouse=maybe\n", "[settings] mouse: 'maybe' is not on or off\n"},
    {"[settings]\nflow.gap=-1\n", "[settings] flow.gap: '-1' is not a number from 0 to 86400\n"},
    {"[settings]\nflow.gap=86401\n",
     "[settings] flow.gap: '86401' is not a number from 0 to 86400\n"},
    {"[settings]\nflow.time=now\n",
     "[settings] flow.time: 'now' is not one of absolute, relative, delta\n"},
    {"[settings]\ntheme=lihgt\n",
     "[settings] theme: unknown theme 'lihgt'; did you mean 'light'?\n"},
    {"[settings]\ntheme=\xff\n", "[settings] theme: the value cannot be read\n"},
    {"[setings]\nmouse=on\n", "unknown group 'setings'; did you mean 'settings'?\n"},
    {"mouse=on\n[settings]\n", "line 1: key = value before any [group]\n"},
    {"[settings]\nmouse on\nmouse=off\n", "line 2: expected [group], key = value or # comment\n"},
    {"[settings]\n[keys\nup=x\n[aliases]\n1=b\n",
     "line 2: expected [group], key = value or # comment\n"},
    {"[settings]\n=x\n", "line 2: expected [group], key = value or # comment\n"},
    {"[keys]\nupp = x\n", "[keys] unknown command 'upp'; did you mean 'up'?\n"},
    {"[keys]\nup = x Nokey\n", "[keys] up: unknown key 'Nokey'\n"},
    {"[keys]\nsave = x\nhex = x\n",
     "[keys] save: some of the keys 'x' are used by commands that follow\n"},
    {"[settings]\ntheme=mine\n[theme mine]\nbase=ligth\n",
     "unknown theme 'ligth'; did you mean 'light'?\n"},
    {"[settings]\ntheme=a\n[theme a]\nbase=b\n[theme b]\nbase=a\n",
     "[theme a] base: more than 8 themes are based on each other\n"},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    put(*state, CASES[i].text);
    g_autofree char *complaints = complaints_of(*state);
    assert_string_equal(complaints, CASES[i].complaints);
  }
}

/* What is wrong is passed over, not what stands beside it. */
static void test_rest_counts(void **state)
{
  put(*state, "[settings]\nnonsense\nmouse=off\n[broken\nutc=on\n[aliases]\n1=b\n");
  g_autoptr(Config) config = config_load(((Place *) *state)->path, NULL);
  assert_false(config_bool(config, SETTING_MOUSE));
  assert_false(config_bool(config, SETTING_UTC));
  g_autofree char *name = config_value(config, "aliases", "1");
  assert_string_equal(name, "b");
}

static void test_cannot_read(void **state)
{
  const Place *place = *state;
  g_autoptr(GPtrArray) complaints = complaints_new();
  g_autoptr(Config) missing = config_load(place->path, complaints);
  g_autoptr(Config) folder = config_load(place->folder, complaints);
  g_autoptr(Config) endless = config_load("/dev/zero", complaints);
  g_autoptr(GError) error = NULL;

  assert_int_equal(complaints->len, 3);
  assert_non_null(strstr(complaints->pdata[0], "config: no such file"));
  assert_non_null(strstr(complaints->pdata[1], ": cannot read: "));
  assert_string_equal(complaints->pdata[2],
                      "/dev/zero: larger than 1 MiB; not a configuration file");
  assert_true(config_set(endless, SETTING_UTC, "on", NULL));
  assert_false(config_save(endless, &error));
  assert_true(g_error_matches(error, APP_ERROR, APP_ERROR_FORMAT));
}

/* Hostile files: each is read without harm, and told of in no more than a screen or so. */
static void test_bounded(void **state)
{
  static const char *const PIECES[] = {
    "\n", "[", "]\n", "=\n", "x\n", "[settings]\nq%u=1\n", "[keys]\nq%u=x\n", "[g%u]\n", "\\", "%u",
  };

  for (size_t i = 0; i < G_N_ELEMENTS(PIECES); i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    g_auto(GStrv) halves = g_strsplit(PIECES[i], "%u", 2);
    for (unsigned n = 0; text->len < 200 * 1000; n++)
      if (halves[1])
        g_string_append_printf(text, "%s%u%s", halves[0], n, halves[1]);
      else
        g_string_append(text, PIECES[i]);
    put(*state, text->str);
    g_autofree char *complaints = complaints_of(*state);
    assert_true(strlen(complaints) < 10 * 1000);
  }
}

static void test_set(void **state)
{
  g_autoptr(Config) config = config_new();
  g_autoptr(GError) error = NULL;

  (void) state;
  assert_true(config_set(config, SETTING_FLOW_TIME, "DELTA", NULL));
  assert_int_equal(config_choice(config, SETTING_FLOW_TIME), 2);
  assert_false(config_set(config, SETTING_FLOW_TIME, "now", &error));
  assert_true(g_error_matches(error, APP_ERROR, APP_ERROR_USAGE));
  assert_string_equal(error->message, "flow.time: 'now' is not one of absolute, relative, delta");
  assert_int_equal(config_choice(config, SETTING_FLOW_TIME), 2);
  assert_false(config_set(config, SETTING_HOSTS_FILE, "\xff", NULL));
}

static void test_save(void **state)
{
  static const char *const COLUMNS[] = {"call.number", "a;b", NULL};
  const Place *place = *state;

  put(place, "# mine\n[settings]\n  mouse = on   \nzebra = 1\nmouse=on\n\n# about aliases\n"
             "[aliases]\n1 = a\n2 = b\n1 = c\n");
  g_autoptr(Config) config = config_load(place->path, NULL);
  assert_true(config_set(config, SETTING_MOUSE, "off", NULL));
  assert_true(config_set(config, SETTING_UTC, "on", NULL));
  assert_true(config_override(config, SETTING_ASCII, "on", NULL));
  config_set_value(config, "aliases", "1", NULL);
  config_set_value(config, "aliases", "[::1]:5060", " x\ny");
  config_set_value(config, "aliases", "", "nothing");
  config_set_list(config, "columns", "calls", COLUMNS);
  config_override_list(config, "columns", "widths", COLUMNS);
  assert_true(config_save(config, NULL));
  assert_file(place, "# mine\n[settings]\n  mouse = on   \nzebra = 1\nmouse = off\nutc = on\n"
                     "\n# about aliases\n[aliases]\n2 = b\n%5B::1%5D:5060 = \\sx\\ny\n"
                     "\n[columns]\ncalls = call.number;a\\;b;\n");
  g_autoptr(Config) again = config_load(place->path, NULL);
  g_autofree char *alias = config_value(again, "aliases", "[::1]:5060");
  g_auto(GStrv) columns = config_list(again, "columns", "calls");
  assert_string_equal(alias, " x\ny");
  assert_string_equal(columns[1], "a;b");
  assert_false(config_bool(again, SETTING_ASCII));
}

/* The file is changed as it is by then, and only where it must be. */
static void test_save_over_changes(void **state)
{
  const Place *place = *state;
  struct stat info;

  put(place, "[settings]\nmouse = on\n");
  assert_int_equal(g_chmod(place->path, 0640), 0);
  g_autoptr(Config) config = config_load(place->path, NULL);
  put(place, "[settings]\nmouse = on\n# new\nflow.gap = 7");
  assert_int_equal(g_chmod(place->path, 0640), 0);
  assert_true(config_set(config, SETTING_FLOW_GAP, "9", NULL));
  assert_true(config_save(config, NULL));
  assert_file(place, "[settings]\nmouse = on\n# new\nflow.gap = 9\n");
  assert_int_equal(stat(place->path, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0640);
  put(place, "mended by hand\n");
  assert_true(config_save(config, NULL)); /* nothing was changed since */
  assert_file(place, "mended by hand\n");
}

static void test_save_refused(void **state)
{
  const Place *place = *state;
  g_autoptr(GError) error = NULL;

  put(place, "[settings]\nmouse\n");
  g_autoptr(Config) config = config_load(place->path, NULL);
  assert_true(config_set(config, SETTING_UTC, "on", NULL));
  assert_false(config_save(config, &error));
  assert_non_null(strstr(error->message, "config was not changed: line 2: "));
  assert_file(place, "[settings]\nmouse\n");
}

static void test_save_makes_folder(void **state)
{
  const Place *place = *state;
  g_autofree char *folder = g_build_filename(place->folder, "new", NULL);
  g_autofree char *path = g_build_filename(folder, "config", NULL);
  g_autoptr(Config) config = config_load(path, NULL);
  struct stat info;

  assert_true(config_save(config, NULL));
  assert_false(g_file_test(folder, G_FILE_TEST_EXISTS));
  assert_true(config_set(config, SETTING_UTC, "on", NULL));
  assert_true(config_save(config, NULL));
  assert_int_equal(stat(folder, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0700);
  assert_int_equal(stat(path, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
  assert_int_equal(g_unlink(path) + g_rmdir(folder), 0);
}

/* Where the file is a link, what it leads to is changed. */
static void test_save_through_link(void **state)
{
  const Place *place = *state;
  g_autofree char *link = g_build_filename(place->folder, "link", NULL);

  put(place, "");
  assert_int_equal(symlink("config", link), 0);
  g_autoptr(Config) config = config_load(link, NULL);
  assert_true(config_set(config, SETTING_UTC, "on", NULL));
  assert_true(config_save(config, NULL));
  assert_true(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
  assert_file(place, "[settings]\nutc = on\n");
  assert_int_equal(g_unlink(link), 0);
}

static void test_theme(void **state)
{
  Theme light = {0};

  put(*state, "[settings]\ntheme = mine\n[theme mine]\nbase = yours\nrequest = #5fafff on 4 bold\n"
              "[theme yours]\nbase = light\nrequest = red\nfailure = red\n"
              "[theme light]\ndim = 7\n");
  g_autoptr(GPtrArray) complaints = complaints_new();
  g_autoptr(Config) config = config_load(((Place *) *state)->path, complaints);
  Theme theme = config_theme(config, complaints);
  assert_int_equal(complaints->len, 0);
  assert_true(theme_find("light", &light));
  assert_int_equal(theme.styles[STYLE_REQUEST].foreground, PAINT_RGB | 0x5fafff);
  assert_int_equal(theme.styles[STYLE_REQUEST].background, 4);
  assert_int_equal(theme.styles[STYLE_REQUEST].attributes, PAINT_BOLD);
  assert_int_equal(theme.styles[STYLE_FAILURE].foreground, 1);
  assert_int_equal(theme.styles[STYLE_DIM].foreground, 7);
  assert_int_equal(theme.styles[STYLE_URI].foreground, light.styles[STYLE_URI].foreground);
  g_auto(GStrv) names = config_theme_names(config);
  g_autofree char *joined = g_strjoinv(" ", names);
  assert_string_equal(joined, "auto dark light mono mine yours");
}

/* The theme is light where the terminal is, unless one was chosen. */
static void test_theme_auto(void **state)
{
  g_autoptr(Config) config = config_new();
  Theme dark, light, theme;

  (void) state;
  assert_true(theme_find("dark", &dark) && theme_find("light", &light));
  theme = config_theme(config, NULL);
  assert_memory_equal(&theme, &dark, sizeof theme);
  config_set_background(config, true);
  theme = config_theme(config, NULL);
  assert_memory_equal(&theme, &light, sizeof theme);
  assert_true(config_set(config, SETTING_THEME, "dark", NULL));
  theme = config_theme(config, NULL);
  assert_memory_equal(&theme, &dark, sizeof theme);
}

static void test_keys(void **state)
{
  put(*state, "[keys]\nup = Down\ndown = Up\nsave =\nhex = F2\n");
  g_autoptr(Config) config = config_load(((Place *) *state)->path, NULL);
  g_autoptr(Keymap) keymap = config_keymap(config, NULL);
  assert_int_equal(keymap_find(keymap, SCOPE_CALLS, KEY_CODE_UP), COMMAND_DOWN);
  assert_int_equal(keymap_find(keymap, SCOPE_CALLS, KEY_CODE_DOWN), COMMAND_UP);
  assert_int_equal(keymap_find(keymap, SCOPE_MESSAGE, KEY_CODE_F1 + 1), COMMAND_HEX);
  assert_int_equal(keymap_find(keymap, SCOPE_CALLS, 's'), COMMAND_NONE);
  assert_int_equal(keymap_keys(keymap, COMMAND_SAVE)[0], KEY_CODE_NONE);
}

static char *dump_of(const Config *config)
{
  GString *text = g_string_new(NULL);

  config_dump(config, text);
  return g_string_free(text, FALSE);
}

/* What is printed, read again, is the same, and nothing in it is wrong. */
static void test_dump(void **state)
{
  static const char *const FILES[] = {
    "",
    "[settings]\ntheme = light\nflow.gap = 9\nhosts = /a\\\\b\n[keys]\nup = Down\nsave =\nhex = "
    "\\\\ ;\n"
    "[theme light]\nrequest = #123456 on 7 bold\n[columns]\ncalls=a\\;b;c;\n",
    "[settings]\ntheme = mine\n[theme mine]\nbase = mono\nrequest = on red dim\n"
    "[aliases]\n%5B::1%5D = me\n[history]\nfilters=a\\;\\sb;c;\n[theme other]\nbase = mine\n",
  };

  for (size_t i = 0; i < G_N_ELEMENTS(FILES); i++) {
    g_autoptr(GPtrArray) complaints = complaints_new();
    const Place *place = *state;

    put(place, FILES[i]);
    g_autoptr(Config) config = config_load(place->path, complaints);
    g_autofree char *first = dump_of(config);
    put(place, first);
    g_autofree char *wrong = complaints_of(place);
    g_autoptr(Config) again = config_load(place->path, complaints);
    g_autofree char *second = dump_of(again);
    Theme theme = config_theme(config, complaints), theme_again = config_theme(again, complaints);
    assert_string_equal(wrong, "");
    assert_string_equal(first, second);
    assert_memory_equal(&theme, &theme_again, sizeof theme);
    for (SettingId id = 0; id < SETTING_COUNT; id++)
      assert_string_equal(config_text(config, id), config_text(again, id));
    assert_int_equal(complaints->len, 0);
  }
}

/* It names everything there is. */
static void test_dump_is_complete(void **state)
{
  g_autoptr(Config) config = config_new();
  g_autofree char *text = dump_of(config);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  const char *const *all = (const char *const *) lines;

  (void) state;
  for (SettingId id = 0; id < SETTING_COUNT; id++) {
    g_autofree char *line =
      g_strdup_printf("%s = %s", SETTINGS[id].name, SETTINGS[id].default_text);
    assert_true(g_strv_contains(all, line));
  }
  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++) {
    g_autofree char *line = g_strdup_printf("%s = %s", COMMANDS[id].name, COMMANDS[id].keys);
    assert_true(g_strv_contains(all, line));
  }
  assert_non_null(strstr(text, "\n# calls = call.number;"));
  for (size_t i = 0; lines[i]; i++)
    assert_true(strlen(lines[i]) <= 80 || g_str_has_prefix(lines[i], "#"));
}

/* An entry is changed alone, whatever stands around it. */
static void test_text_set(void **state)
{
  static const struct {
    const char *before, *value, *after;
  } CASES[] = {
    {"", "1", "[g]\nk = 1\n"},
    {"[h]\nk=2\n", "1", "[h]\nk=2\n\n[g]\nk = 1\n"},
    {"[g]\n", "1", "[g]\nk = 1\n"},
    {"[g]", "1", "[g]\nk = 1\n"},
    {"[g]\n# end", "1", "[g]\nk = 1\n# end\n"},
    {"[g]\nk=2\r\nl=3\n", "1", "[g]\nk = 1\nl=3\n"},
    {"[g]\nk=2\n[h]\nk=3\n[g]\nl=4\n\n", "1", "[g]\nk = 1\n[h]\nk=3\n[g]\nl=4\n\n"},
    {"[g]\nk=2\n[h]\nk=3\n[g]\nk=4\n", NULL, "[g]\n[h]\nk=3\n[g]\n"},
    {"[g]\nkk=2\n", NULL, "[g]\nkk=2\n"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GString) text = g_string_new(CASES[i].before);
    char group[] = "g", key[] = "k";
    g_autofree char *value = g_strdup(CASES[i].value);
    config_text_set(text, &(ConfigEntry){group, key, value});
    assert_string_equal(text->str, CASES[i].after);
  }
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_defaults),
    cmocka_unit_test(test_settings_table),
    IN_FOLDER(test_read),
    IN_FOLDER(test_complaints),
    IN_FOLDER(test_rest_counts),
    IN_FOLDER(test_cannot_read),
    IN_FOLDER(test_bounded),
    cmocka_unit_test(test_set),
    IN_FOLDER(test_save),
    IN_FOLDER(test_save_over_changes),
    IN_FOLDER(test_save_refused),
    IN_FOLDER(test_save_makes_folder),
    IN_FOLDER(test_save_through_link),
    IN_FOLDER(test_theme),
    IN_FOLDER(test_keys),
    cmocka_unit_test(test_theme_auto),
    IN_FOLDER(test_dump),
    cmocka_unit_test(test_dump_is_complete),
    cmocka_unit_test(test_text_set),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
