/* The list of RTP streams and the page of one: how they look, what keys do. */
#include "tests/ui/screen.h"
#include "ui/view/screens.h"

static Screen *streams_open(const ScreenSetup *setup, uint32_t call)
{
  Screen *screen = screen_open(setup);
  g_autoptr(GArray) calls = g_array_new(FALSE, FALSE, sizeof(uint32_t));

  if (call > 0)
    g_array_append_val(calls, call);
  host_push(screen->app, streams_view_new(screen->app, calls));
  screen_settle(screen);
  return screen;
}

typedef struct {
  const char *name;
  ScreenSetup setup;
  const char *keys;
} Case;

static const Case CASES[] = {
  {"list-80", {"basic.pcap", 80, 24, TEXT_UTF8, NULL}, ""},
  {"list-200", {"basic.pcap", 200, 50, TEXT_UTF8, NULL}, "Down z"},
  {"list-132", {"media-loss.pcap", 132, 24, TEXT_UTF8, NULL}, ""},
  {"list-80-ascii", {"basic.pcap", 80, 24, TEXT_ASCII, NULL}, "> > z"},
  {"list-none", {"failed.pcap", 80, 24, TEXT_UTF8, NULL}, ""},
  {"page-80", {"basic.pcap", 80, 24, TEXT_UTF8, NULL}, "Enter"},
  {"page-80-end", {"basic.pcap", 80, 24, TEXT_ASCII, NULL}, "Down Enter End"},
  {"page-200", {"basic.pcap", 200, 50, TEXT_UTF8, NULL}, "Enter"},
  {"page-200-ascii", {"basic.pcap", 200, 50, TEXT_ASCII, NULL}, "Enter"},
  {"loss-80", {"media-loss.pcap", 80, 24, TEXT_UTF8, NULL}, "Enter"},
  {"loss-200", {"media-loss.pcap", 200, 50, TEXT_UTF8, NULL}, "Enter"},
  {"rtcp-200", {"media-rtcp.pcap", 200, 50, TEXT_UTF8, NULL}, "Space Enter"},
  {"page-30", {"basic.pcap", 30, 12, TEXT_UTF8, NULL}, "Enter"},
};

static void test_screens(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Screen) screen = streams_open(&CASES[i].setup, 1);
    g_autofree char *name = g_strdup_printf("view/streams/%s.txt", CASES[i].name);

    screen_keys(screen, CASES[i].keys);
    screen_settle(screen);
    assert_screen(screen, name, true);
  }
}

/* Both samples are merged: the one without RTP is call 2 or later. */
static void test_scope(void **state)
{
  const ScreenSetup setup = {"basic.pcap options.pcap", 100, 24, TEXT_UTF8, NULL};
  g_autoptr(Screen) with = streams_open(&setup, 1), all = streams_open(&setup, 0);
  g_autoptr(Screen) without = streams_open(&setup, 2);

  (void) state;
  assert_shows(with, "RTP streams of the calls 1/2");
  assert_shows(all, "RTP streams 1/2");
  assert_shows(without, "no RTP streams of these calls");
  screen_keys(without, "Space");
  assert_shows(without, "RTP streams 1/2");
}

static void type(Screen *screen, const char *text)
{
  for (; *text; text++) {
    const char letter[] = {*text, '\0'};
    screen_keys(screen, *text == ' ' ? "Space" : letter);
  }
}

static void test_filter(void **state)
{
  const ScreenSetup setup = {"basic.pcap", 100, 24, TEXT_UTF8, NULL};
  g_autoptr(Screen) screen = streams_open(&setup, 1);

  (void) state;
  screen_keys(screen, "/");
  type(screen, "stream.src == 192.0.2.10");
  screen_keys(screen, "Enter");
  assert_shows(screen, "1/1, 1 hidden by stream.src == 192.0.2.10");
  screen_keys(screen, "/ C-u");
  type(screen, "stream.lost > 0");
  screen_keys(screen, "Enter");
  assert_shows(screen, "the filter hides all streams");
  screen_keys(screen, "/ C-u");
  type(screen, "call.mos > 1");
  screen_keys(screen, "Enter");
  assert_shows(screen, "hidden by stream.lost > 0"); /* a wrong one changes nothing */
  screen_keys(screen, "/ C-u Enter");
  assert_shows(screen, "1/2");
}

static void test_order(void **state)
{
  const ScreenSetup setup = {"basic.pcap", 100, 24, TEXT_UTF8, NULL};
  g_autoptr(Screen) screen = streams_open(&setup, 1);

  (void) state;
  screen_keys(screen, "Enter");
  assert_shows(screen, "RTP stream 1 of call 1");
  screen_keys(screen, "Esc > > z"); /* by source, downwards: stream 2 comes first */
  assert_shows(screen, "2/2");
  screen_keys(screen, "Home Enter");
  assert_shows(screen, "RTP stream 2 of call 1");
}

static void test_drag_of_titles(void **state)
{
  const ScreenSetup setup = {"basic.pcap", 80, 24, TEXT_ASCII, NULL};
  g_autoptr(Screen) screen = streams_open(&setup, 1);

  (void) state;
  screen_skip_translated();
  assert_shows(screen, "^Stream Call Source ");
  screen_mouse(screen, MOUSE_CLICK, 9, 1);
  screen_mouse(screen, MOUSE_DRAG, 3, 1);
  screen_mouse(screen, MOUSE_RELEASE, 3, 1);
  assert_shows(screen, "\nCall ^Stream Source ");
  screen_mouse(screen, MOUSE_CLICK, 4, 1);
  screen_mouse(screen, MOUSE_DRAG, 8, 1);
  screen_mouse(screen, MOUSE_RELEASE, 9, 1);
  assert_shows(screen, "\n     Call ^Stream Source ");
  g_autofree char *keys = config_value(screen->config, "columns", "streams");
  assert_true(g_str_has_prefix(keys, "stream.call;stream.number;"));
  g_autofree char *widths = config_value(screen->config, "columns", "stream-widths");
  assert_true(g_str_has_prefix(widths, "9;0;"));
}

/* A page that was scrolled to its end is seen as a whole in a terminal that has grown. */
static void test_larger_terminal(void **state)
{
  const ScreenSetup setup = {"basic.pcap", 80, 12, TEXT_UTF8, NULL};
  g_autoptr(Screen) screen = streams_open(&setup, 1), fresh = streams_open(&setup, 1);

  (void) state;
  screen_keys(screen, "Enter");
  assert_shows(screen, "\xE2\x96\xBC"); /* there is more below */
  screen_keys(screen, "End");
  assert_not_shown(screen, "\xE2\x96\xBC");
  assert_shows(screen, "\xE2\x96\xB2");
  screen_keys(fresh, "Enter");
  screen->width = fresh->width = 200;
  screen->height = fresh->height = 60;
  screen_draw(fresh);
  g_autofree char *whole = canvas_to_text(fresh->canvas, true);
  screen_draw(screen);
  g_autofree char *text = canvas_to_text(screen->canvas, true);
  assert_string_equal(text, whole);
}

/* What is chosen is kept in the configuration, apart from the columns of the call list. */
static void test_columns(void **state)
{
  const ScreenSetup setup = {"media-loss.pcap", 100, 24, TEXT_UTF8, NULL};
  g_autoptr(Screen) screen = streams_open(&setup, 1);

  (void) state;
  assert_not_shown(screen, "DTMF");
  screen_keys(screen, "t a");
  assert_shows(screen, "streams have no header fields");
  screen_keys(screen, "End / . d t m f Enter Space Enter");
  assert_shows(screen, "DTMF");
  g_auto(GStrv) keys = config_list(screen->config, "columns", "streams");
  assert_true(g_strv_contains((const char *const *) keys, "stream.dtmf"));
  assert_true(g_strv_contains((const char *const *) keys, "stream.bursts@150"));
  g_auto(GStrv) calls = config_list(screen->config, "columns", "calls");
  assert_true(!calls || !calls[0]);
  screen_keys(screen, "t d Enter");
  assert_not_shown(screen, "DTMF");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_screens),        cmocka_unit_test(test_scope),
    cmocka_unit_test(test_filter),         cmocka_unit_test(test_order),
    cmocka_unit_test(test_drag_of_titles), cmocka_unit_test(test_larger_terminal),
    cmocka_unit_test(test_columns),
  };

  return cmocka_run_group_tests_name("streams", tests, NULL, NULL);
}
