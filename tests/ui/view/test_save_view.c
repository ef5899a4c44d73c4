/* The save dialog: what it offers, what it writes, and that it asks before it replaces. */
#include "tests/source_read.h"
#include "tests/ui/screen.h"
#include "tests/ui/view/blank_view.h"
#include "ui/view/save/save_view.h"
#include "ui/view/screens.h"

static void push_nothing(Screen *screen)
{
  blank_view_push(screen->app, SCOPE_CALLS);
  while (call_index_step(screen->model.index, INT64_MAX))
    continue;
}

static Screen *open_save(const char *samples)
{
  const ScreenSetup setup = {samples, 80, 24, TEXT_UTF8, NULL};
  Screen *screen = screen_open(&setup);

  push_nothing(screen);
  host_push(screen->app, save_view_new(screen->app, &(SaveOf){NULL, 0, NULL}));
  return screen;
}

static void test_screens(void **state)
{
  static const struct {
    const char *golden;
    int width, height;
    TextCharset charset;
    const char *keys;
  } CASES[] = {
    {"view/save/80.txt", 80, 24, TEXT_UTF8, NULL},
    {"view/save/200.txt", 200, 50, TEXT_UTF8, NULL},
    {"view/save/80-ascii.txt", 80, 24, TEXT_ASCII, "Down Right Right Right"},
    {"view/save/80-call.txt", 80, 24, TEXT_UTF8, "Down Down Left Down Space"},
    {"view/save/20.txt", 20, 8, TEXT_UTF8, "Down Down"},
    {"view/save/80-audio.txt", 80, 24, TEXT_UTF8, "Down Left Down"},
    {"view/save/200-audio-ascii.txt", 200, 50, TEXT_ASCII, "Down Left"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const ScreenSetup setup = {"failed.pcap", CASES[i].width, CASES[i].height, CASES[i].charset,
                               NULL};
    g_autoptr(Screen) screen = screen_open(&setup);
    const uint32_t calls[] = {3};

    push_nothing(screen);
    call_set_put(screen->model.marks, 2, true);
    host_push(screen->app, save_view_new(screen->app, &(SaveOf){.calls = calls, .call_count = 1}));
    if (CASES[i].keys)
      screen_keys(screen, CASES[i].keys);
    assert_screen(screen, CASES[i].golden, true);
  }
}

static void test_message_of_a_screen(void **state)
{
  g_autoptr(Screen) screen = open_save("basic.pcap");
  const uint32_t calls[] = {1};
  const SaveOf of = {calls, 1, trace_call_at(screen->sample.trace, 0)->last};

  (void) state;
  host_push(screen->app, save_view_new(screen->app, &of));
  screen_keys(screen, "Down Down Left");
  assert_screen(screen, "view/save/message-80.txt", false);
}

static void type_name(Screen *screen, const Folder *folder, const char *name)
{
  g_autofree char *path = g_build_filename(folder->path, name, NULL);

  screen_keys(screen, "C-u");
  screen_type(screen, path);
}

static char *contents_of(const Folder *folder, const char *name)
{
  g_autofree char *path = g_build_filename(folder->path, name, NULL);
  char *text = NULL;

  if (!g_file_get_contents(path, &text, NULL, NULL))
    fail_msg("no %s", path);
  return text;
}

/* The ending chooses the format, and a name without one gets it. */
static void test_saves(void **state)
{
  static const struct {
    const char *name, *file, *beginning, *told;
  } CASES[] = {
    {"a.csv", "a.csv", "call,kind,", ": 4 calls, "},
    {"b.messages.json", "b.messages.json", "{\"message\":1,", ": 17 messages, "},
    {"c.pcapng", "c.pcapng", "\n\r\r\n", ": 17 packets, "},
    {"d", "d.pcap", "\x4d\x3c\xb2\xa1", ": 17 packets, "},
    {"e.ladder.txt", "e.ladder.txt", "Call 1  ", ": 4 calls, "},
  };
  (void) state;
  screen_skip_translated();
  g_auto(Folder) folder = folder_new();
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Screen) screen = open_save("failed.pcap");
    type_name(screen, &folder, CASES[i].name);
    screen_keys(screen, "Enter");
    if (!screen_shows(screen, CASES[i].told))
      fail_msg("%s: nothing of \"%s\"", CASES[i].name, CASES[i].told);
    assert_not_shown(screen, "with media");
    g_autofree char *text = contents_of(&folder, CASES[i].file);
    assert_true(g_str_has_prefix(text, CASES[i].beginning));
  }
}

static void test_asks_before_it_replaces(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_autoptr(Screen) screen = open_save("failed.pcap");
  g_autofree char *path = folder_add(&folder, "old.csv", SLICE("precious"));

  (void) state;
  type_name(screen, &folder, "old.csv");
  screen_keys(screen, "Enter");
  assert_shows(screen, "Replace it?");
  screen_keys(screen, "n");
  g_autofree char *kept = contents_of(&folder, "old.csv");
  assert_string_equal(kept, "precious");
  screen_keys(screen, "Enter y");
  g_autofree char *replaced = contents_of(&folder, "old.csv");
  assert_true(g_str_has_prefix(replaced, "call,"));
}

static void test_failure_keeps_the_dialog(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_autoptr(Screen) screen = open_save("failed.pcap");

  (void) state;
  type_name(screen, &folder, "nowhere/x.pcap");
  screen_keys(screen, "Enter");
  assert_shows(screen, "No such file");
  assert_shows(screen, "with media");
  screen_keys(screen, "C-u Enter");
  assert_shows(screen, "enter a file name");
  screen_keys(screen, "Space Space Enter");
  assert_shows(screen, "enter a file name");
  screen_keys(screen, "S-Tab Enter");
  assert_not_shown(screen, "with media");
}

/* --- audio --- */

static Screen *open_audio(const char *keys)
{
  const ScreenSetup setup = {"media-loss.pcap", 80, 24, TEXT_UTF8, NULL};
  Screen *screen = screen_open(&setup);

  screen_keys(screen, keys);
  return screen;
}

static void test_stream_of_a_screen(void **state)
{
  g_autoptr(Screen) screen = open_audio("M Down F2");

  (void) state;
  assert_screen(screen, "view/save/80-stream.txt", true);
  screen_keys(screen, "Down Down Right");
  assert_shows(screen, "call-1.wav");
  assert_shows(screen, "< this call >");
  /* A stream is audio: packets are of its call. */
  screen_keys(screen, "Up Right");
  assert_shows(screen, "call-1.pcap");
  screen_keys(screen, "Left Down Right");
  assert_shows(screen, "stream-2.wav");
  screen_keys(screen, "Esc Enter S");
  assert_shows(screen, "stream-2.wav");
}

/* Of the list, packets of all calls, but audio of the call of the cursor: going through the formats
 * changes neither choice. */
static void test_audio_of_a_list(void **state)
{
  const ScreenSetup setup = {"failed.pcap", 80, 24, TEXT_UTF8, NULL};
  g_autoptr(Screen) screen = screen_open(&setup);

  (void) state;
  screen_keys(screen, "Down F2 Down");
  assert_shows(screen, "< calls in the list >  4 calls");
  screen_keys(screen, "Left");
  assert_shows(screen, "< this call >  1 call");
  assert_shows(screen, "call-2.wav");
  screen_keys(screen, "Right");
  assert_shows(screen, "< calls in the list >  4 calls");
  assert_shows(screen, "calls.pcap");
}

static void test_saves_audio(void **state)
{
  static const struct {
    const char *keys, *told;
  } CASES[] = {
    {"F2", ": 7 seconds, "},        {"Enter S", ": 7 seconds, "},  {"M F2", ": 6 seconds, "},
    {"M Enter s", ": 6 seconds, "}, {"M Down S", ": 7 seconds, "},
  };

  (void) state;
  screen_skip_translated();
  g_auto(Folder) folder = folder_new();
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Screen) screen = open_audio(CASES[i].keys);
    type_name(screen, &folder, "a.wav");
    screen_keys(screen, "Enter");
    if (screen_shows(screen, "Replace it?"))
      screen_keys(screen, "y");
    if (screen_shows(screen, "libsndfile"))
      skip();
    if (!screen_shows(screen, CASES[i].told))
      fail_msg("%s: nothing of \"%s\"", CASES[i].keys, CASES[i].told);
    g_autofree char *wav = contents_of(&folder, "a.wav");
    assert_true(g_str_has_prefix(wav, "RIFF"));
  }
}

static void test_no_audio(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_autoptr(Screen) screen = open_save("failed.pcap");

  (void) state;
  type_name(screen, &folder, "a.wav");
  screen_keys(screen, "Enter");
  assert_shows(screen, "several are selected");
  assert_int_equal(folder_count(&folder), 0);
}

/* Esc while it writes: nothing is left. */
static void test_stop(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_autoptr(Screen) screen = open_save("failed.pcap");
  const KeyEvent enter = {.code = KEY_CODE_ENTER};

  (void) state;
  type_name(screen, &folder, "x.csv");
  app_handle_key(screen->app, &enter);
  app_step(screen->app, 0);
  assert_shows(screen, "Esc cancels");
  screen_keys(screen, "Esc");
  assert_shows(screen, "was not written");
  GDir *dir = g_dir_open(folder.path, 0, NULL);
  assert_null(g_dir_read_name(dir));
  g_dir_close(dir);
}

static void test_completion(void **state)
{
  g_auto(Folder) folder = folder_new();
  static const char *const NAMES[] = {"b.pcap", "ab.txt", "aa.txt", ".hidden"};
  static const struct {
    const char *typed, *candidates;
  } CASES[] = {
    {"a", "aa.txt ab.txt "}, {"", "aa.txt ab.txt b.pcap "}, {".h", ".hidden "}, {"x", ""}};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
    g_free(folder_add(&folder, NAMES[i], SLICE("x")));
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GPtrArray) candidates = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *typed = g_strconcat(folder.path, "/", CASES[i].typed, NULL);
    g_autoptr(GString) found = g_string_new(NULL);

    size_t start = save_name_complete(NULL, slice_from_string(typed), candidates);
    assert_int_equal(start, strlen(folder.path) + 1);
    for (guint k = 0; k < candidates->len; k++)
      g_string_append_printf(found, "%s ", (const char *) candidates->pdata[k]);
    assert_string_equal(found->str, CASES[i].candidates);
  }
}

static void test_names(void **state)
{
  g_autofree char *changed = save_name_change("x.ladder.txt", EXPORT_LADDERS, EXPORT_CALLS_CSV);
  g_autofree char *kept = save_name_change("x.y", EXPORT_LADDERS, EXPORT_CALLS_CSV);
  g_autofree char *home = save_name_path("~/x", EXPORT_PCAPNG);
  g_autofree char *expected = g_build_filename(g_get_home_dir(), "x.pcapng", NULL);
  g_autofree char *whole = save_name_path("/tmp/a.b/x", EXPORT_PCAP);
  g_autofree char *blanks = save_name_path("   ", EXPORT_PCAP);

  (void) state;
  assert_string_equal(changed, "x.csv");
  assert_string_equal(kept, "x.y");
  assert_string_equal(home, expected);
  assert_string_equal(whole, "/tmp/a.b/x.pcap");
  assert_string_equal(blanks, "");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_screens),
    cmocka_unit_test(test_message_of_a_screen),
    cmocka_unit_test(test_saves),
    cmocka_unit_test(test_asks_before_it_replaces),
    cmocka_unit_test(test_failure_keeps_the_dialog),
    cmocka_unit_test(test_stream_of_a_screen),
    cmocka_unit_test(test_audio_of_a_list),
    cmocka_unit_test(test_saves_audio),
    cmocka_unit_test(test_no_audio),
    cmocka_unit_test(test_stop),
    cmocka_unit_test(test_completion),
    cmocka_unit_test(test_names),
  };

  return cmocka_run_group_tests_name("save_view", tests, NULL, NULL);
}
