#include "tests/ui/message_cases.h"
#include "tests/ui/screen.h"
#include "ui/show/diff_layout.h"
#include "ui/view/screens.h"

static const Message *message_at(Screen *screen, uint32_t number)
{
  const Trace *trace = screen->sample.trace;

  for (size_t i = 0; i < trace_call_count(trace); i++)
    for (const Message *m = trace_call_at(trace, i)->first; m; m = m->next)
      if (m->number == number)
        return m;
  fail_msg("no message %u", number);
  return NULL;
}

static Screen *open_diff(const ScreenSetup *setup, uint32_t left, uint32_t right)
{
  Screen *screen = screen_open(setup);

  /* The bar at the top counts calls. */
  while (call_index_step(screen->model.index, g_get_monotonic_time() + G_USEC_PER_SEC))
    continue;
  host_push(screen->app,
            diff_view_new(screen->app, message_at(screen, left), message_at(screen, right)));
  return screen;
}

static void test_goldens(void **state)
{
  static const struct {
    const char *name, *samples;
    uint32_t left, right;
    int width, height;
    TextCharset charset;
    const char *keys;
    bool styles;
  } CASES[] = {
    {"hops-80", "proxies.pcap", 1, 3, 80, 24, TEXT_UTF8, "n", true},
    {"hops-80-ascii", "proxies.pcap", 1, 3, 80, 24, TEXT_ASCII, "PgDn", false},
    {"hops-120", "proxies.pcap", 1, 3, 120, 40, TEXT_UTF8, "n n", true},
    {"hops-120-only", "proxies.pcap", 1, 3, 120, 40, TEXT_UTF8, "d", false},
    {"hops-200", "proxies.pcap", 1, 3, 200, 50, TEXT_UTF8, "n n", false},
    {"answer-120", "proxies.pcap", 1, 12, 120, 40, TEXT_UTF8, "s", false},
    {"credentials-120", "auth.pcap", 1, 4, 120, 40, TEXT_UTF8, "n", true},
    {"same-80", "proxies.pcap", 1, 1, 80, 24, TEXT_UTF8, "d", false},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Screen) screen = open_diff(&(ScreenSetup){.samples = CASES[i].samples,
                                                        .width = CASES[i].width,
                                                        .height = CASES[i].height,
                                                        .charset = CASES[i].charset},
                                         CASES[i].left, CASES[i].right);
    g_autofree char *name = g_strdup_printf("view/diff/%s.txt", CASES[i].name);

    screen_keys(screen, CASES[i].keys);
    assert_screen(screen, name, CASES[i].styles);
  }
}

static Screen *open_hops(int width)
{
  return open_diff(&(ScreenSetup){.samples = "proxies.pcap", .width = width, .height = 24}, 1, 3);
}

/* Every difference is come by, in both directions. */
static void test_differences(void **state)
{
  g_autoptr(Screen) screen = open_hops(120);
  unsigned forwards = 0, backwards = 0;

  (void) state;
  screen_skip_translated();
  while (!screen_shows(screen, "this is the last difference") && forwards < 100) {
    screen_keys(screen, "n");
    forwards++;
  }
  assert_int_equal(forwards, 4);
  while (!screen_shows(screen, "this is the first difference") && backwards < 100) {
    screen_keys(screen, "N");
    backwards++;
  }
  assert_int_equal(backwards, 3);
}

static void test_only_differences(void **state)
{
  g_autoptr(Screen) screen = open_hops(120);

  (void) state;
  assert_shows(screen, "Call-ID");
  screen_keys(screen, "d");
  assert_not_shown(screen, "Call-ID");
  assert_shows(screen, "Record-Route");
  screen_keys(screen, "Space");
  assert_shows(screen, "Call-ID");
}

static void test_swap(void **state)
{
  g_autoptr(Screen) screen = open_hops(120);

  (void) state;
  assert_shows(screen, "messages 1 and 3");
  screen_keys(screen, "s");
  assert_shows(screen, "messages 3 and 1");
  screen_keys(screen, "s");
  assert_shows(screen, "messages 1 and 3");
}

/* Two keys that come before the screen is drawn again. */
static void test_swap_before_drawing(void **state)
{
  g_autoptr(Screen) screen = open_hops(120);

  (void) state;
  assert_shows(screen, "messages 1 and 3");
  host_run(screen->app, COMMAND_SWAP_SIDES);
  host_run(screen->app, COMMAND_NEXT_DIFFERENCE);
  assert_shows(screen, "messages 3 and 1");
  assert_not_shown(screen, "this is the last difference");
}

/* The cursor is below the lines that are left, until the screen is drawn again. */
static void test_fewer_lines_before_drawing(void **state)
{
  g_autoptr(Screen) screen = open_hops(60);

  (void) state;
  screen_keys(screen, "G");
  screen->width = 200;
  screen_draw(screen);
  host_run(screen->app, COMMAND_END);
  host_run(screen->app, COMMAND_ONLY_DIFFERENCES);
  host_run(screen->app, COMMAND_PREVIOUS_DIFFERENCE);
  assert_shows(screen, "messages 1 and 3");
}

static void test_any_size(void **state)
{
  g_autoptr(Screen) screen = open_hops(80);

  (void) state;
  for (int width = 1; width < 140; width += 7)
    for (int height = 1; height < 12; height++) {
      screen->width = width;
      screen->height = height;
      screen_keys(screen, "n PgDn d N G d Home s");
      screen_mouse(screen, MOUSE_CLICK, width / 2, height / 2);
    }
}

/* Lines hold all of every text, in order, and no line is wider than its side. */
static void check_layout(const DiffLayout *layout)
{
  const DiffRow *row = NULL;
  size_t at[DIFF_SIDES] = {0};

  for (size_t i = 0; i < layout->line_count; i++) {
    const DiffLine *line = &layout->lines[i];

    if (line->row != row)
      at[0] = at[1] = 0;
    row = line->row;
    for (unsigned side = 0; row && side < DIFF_SIDES; side++) {
      if (!line->has[side])
        continue;
      assert_int_equal(line->parts[side].offset, at[side]);
      at[side] += line->parts[side].len;
      assert_true(text_width(octets_slice(line->texts[side].text, line->parts[side])) <=
                  layout->width);
    }
    bool last = i + 1 == layout->line_count || layout->lines[i + 1].row != row;
    for (unsigned side = 0; row && last && side < DIFF_SIDES; side++)
      if (side == DIFF_LEFT_SIDE || row->kind != DIFF_SAME)
        assert_int_equal(at[side], line->texts[side].text.len);
  }
}

static void test_layout(void **state)
{
  const char *a = MESSAGE_CASES[0].text, *b = MESSAGE_CASES[1].text;
  SipMsg left, right;
  g_autofree char *left_octets = parse_text(a, strlen(a), &left);
  g_autofree char *right_octets = parse_text(b, strlen(b), &right);
  Arena arena;

  (void) state;
  assert_non_null(left_octets);
  assert_non_null(right_octets);
  arena_init(&arena, 4096);
  MessageDiff diff = message_diff_build(&arena, &left, &right);
  for (unsigned width = 10; width < 220; width += 3)
    for (unsigned only = 0; only < 2; only++) {
      DiffLayout layout = diff_layout_build(
        &arena, &diff, &(DiffLayoutOptions){.width = width, .only_differences = only > 0});
      assert_int_equal(layout.beside, width >= DIFF_LAYOUT_BESIDE_FROM);
      check_layout(&layout);
    }
  arena_clear(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_goldens),
    cmocka_unit_test(test_differences),
    cmocka_unit_test(test_only_differences),
    cmocka_unit_test(test_swap),
    cmocka_unit_test(test_swap_before_drawing),
    cmocka_unit_test(test_fewer_lines_before_drawing),
    cmocka_unit_test(test_any_size),
    cmocka_unit_test(test_layout),
  };

  return cmocka_run_group_tests_name("diff_view", tests, NULL, NULL);
}
