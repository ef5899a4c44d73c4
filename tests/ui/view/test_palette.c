#include "tests/ui/screen.h"

/* A screen that notes what it is asked to do. */
typedef struct {
  View view;
  CommandId last;
  uint32_t number;
} Probe;

static void append_title(const View *view, GString *to)
{
  (void) view;
  g_string_append(to, "probe");
}

static void draw(View *view, Canvas *canvas, Rect area)
{
  (void) view;
  canvas_fill(canvas, area, STYLE_PLAIN);
}

static bool command(View *view, CommandId id)
{
  ((Probe *) view)->last = id;
  return id == COMMAND_SAVE || id == COMMAND_COPY || id == COMMAND_COPY_ALL || id == COMMAND_HEX;
}

static void close_view(View *view)
{
  (void) view;
}

static bool go(View *view, uint32_t number)
{
  ((Probe *) view)->number = number;
  return number < 100;
}

static const ViewOps PROBE_OPS = {
  .scope = SCOPE_MESSAGE,
  .append_title = append_title,
  .draw = draw,
  .command = command,
  .close = close_view,
  .go = go,
};

static Screen *open_probe(Probe *probe, int width, int height)
{
  const ScreenSetup setup = {"proxies.pcap", width, height, TEXT_ASCII, NULL};
  Screen *screen = screen_open(&setup);

  *probe = (Probe){.view = {&PROBE_OPS, screen->app}};
  host_push(screen->app, &probe->view);
  screen_keys(screen, ":");
  probe->last = COMMAND_NONE;
  return screen;
}

static void test_entered(void **state)
{
  static const struct {
    const char *typed;
    CommandId id;
    uint32_t number;
    const char *told;
  } CASES[] = {
    {"save", COMMAND_SAVE, 0, ""},
    {"  Save ", COMMAND_SAVE, 0, ""},
    {"sav", COMMAND_SAVE, 0, ""},
    {"copy", COMMAND_COPY, 0, ""},
    {"copya", COMMAND_COPY_ALL, 0, ""},
    {"", COMMAND_NONE, 0, ""},
    {"7", COMMAND_NONE, 7, ""},
    {"100", COMMAND_NONE, 100, "no message 100 on this screen"},
    {"0", COMMAND_NONE, 0, "no message 0 on this screen"},
    {"99999999999", COMMAND_NONE, 0, "unknown command '99999999999'; Tab lists them"},
    {"saev", COMMAND_NONE, 0, "unknown command 'saev'; did you mean 'save'?"},
    {"zzzzzzz", COMMAND_NONE, 0, "unknown command 'zzzzzzz'; Tab lists them"},
    {"hex dump of", COMMAND_NONE, 0, "unknown command 'hex dump of'; Tab lists them"},
    {"columns", COMMAND_NONE, 0, "'columns' is not a command of this screen (message)"},
    {"tree", COMMAND_TREE, 0, "'tree' does nothing here"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Probe probe;
    g_autoptr(Screen) screen = open_probe(&probe, 80, 24);

    screen_type(screen, CASES[i].typed);
    screen_keys(screen, "Enter");
    g_autofree char *text = screen_text(screen);
    assert_int_equal(probe.last, CASES[i].id);
    assert_int_equal(probe.number, CASES[i].number);
    if (!strstr(text, CASES[i].told))
      fail_msg("%s: %s", CASES[i].typed, text);
  }
}

/* What Tab makes of it, by what is run. */
static void test_completed(void **state)
{
  static const struct {
    const char *keys;
    CommandId id;
  } CASES[] = {
    {"s a Tab Enter", COMMAND_SAVE},
    {"S A Tab Enter", COMMAND_SAVE},
    {"d u m p Tab Enter", COMMAND_HEX}, /* by its help */
    {"c o p Tab Tab Tab Enter", COMMAND_COPY_ALL},
    {"Esc", COMMAND_NONE},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Probe probe;
    g_autoptr(Screen) screen = open_probe(&probe, 80, 24);

    screen_keys(screen, CASES[i].keys);
    if (probe.last != CASES[i].id)
      fail_msg("%s: %s", CASES[i].keys, COMMANDS[probe.last].name);
  }
}

static void test_screens(void **state)
{
  static const struct {
    const char *keys, *golden;
    int width, height;
  } CASES[] = {
    {"n e x t Tab Tab", "view/palette/80.txt", 80, 24},
    {"n e x t Tab", "view/palette/20.txt", 20, 5},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Probe probe;
    g_autoptr(Screen) screen = open_probe(&probe, CASES[i].width, CASES[i].height);

    screen_keys(screen, CASES[i].keys);
    assert_screen(screen, CASES[i].golden, true);
  }
}

/* In the list a number is a call's, in the ladder a message's. */
static void test_numbers(void **state)
{
  static const struct {
    const char *samples, *keys, *shown;
  } CASES[] = {
    {"basic.pcap busy.pcap failed.pcap", ": 3 Enter", "3/6"},
    {"basic.pcap busy.pcap failed.pcap", ": 7 Enter", "no call 7 on this screen"},
    {"basic.pcap busy.pcap failed.pcap", ": 3 Enter Enter", "call 3"},
    {"proxies.pcap", "Enter : 1 4 Enter Enter", "message 14 of"},
    {"proxies.pcap", "Enter : 4 0 Enter", "no message 40 on this screen"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const ScreenSetup setup = {CASES[i].samples, 80, 24, TEXT_ASCII, NULL};
    g_autoptr(Screen) screen = screen_open(&setup);

    screen_keys(screen, CASES[i].keys);
    g_autofree char *text = screen_text(screen);
    if (!strcasestr(text, CASES[i].shown))
      fail_msg("%s: no '%s' in\n%s", CASES[i].keys, CASES[i].shown, text);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_entered),
    cmocka_unit_test(test_completed),
    cmocka_unit_test(test_screens),
    cmocka_unit_test(test_numbers),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
