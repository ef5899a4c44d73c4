#include "tests/ui/screen.h"
#include "ui/view/screens.h"

/* A screen with the message of that number on top of it. */
static Screen *open_message(const ScreenSetup *setup, uint32_t number)
{
  Screen *screen = screen_open(setup);
  const Trace *trace = screen->sample.trace;

  /* The bar at the top counts calls. */
  while (call_index_step(screen->model.index, g_get_monotonic_time() + G_USEC_PER_SEC))
    continue;
  for (size_t i = 0; i < trace_call_count(trace); i++)
    for (const Message *m = trace_call_at(trace, i)->first; m; m = m->next)
      if (m->number == number) {
        host_push(screen->app, message_view_new(screen->app, m, NULL));
        return screen;
      }
  fail_msg("no message %u", number);
  return NULL;
}

static void test_goldens(void **state)
{
  static const struct {
    const char *name, *samples;
    uint32_t message;
    int width, height;
    TextCharset charset;
    const char *keys;
    bool styles;
  } CASES[] = {
    {"raw-80", "proxies.pcap", 1, 80, 24, TEXT_UTF8, "Down", true},
    {"raw-80-ascii", "broken.pcap", 1, 80, 24, TEXT_ASCII, "Down", false},
    {"raw-40-wrapped", "auth.pcap", 4, 40, 24, TEXT_UTF8, "G", false},
    {"raw-40-sideways", "auth.pcap", 4, 40, 24, TEXT_UTF8, "w Right Right", false},
    {"tree-80", "proxies.pcap", 1, 80, 24, TEXT_UTF8, "t Down Right Down Down Right Down", true},
    {"tree-80-ascii", "broken.pcap", 1, 80, 24, TEXT_ASCII, "t", false},
    {"tree-120", "proxies.pcap", 1, 120, 40, TEXT_UTF8, "t Down Right Down Down Right Down Down",
     true},
    {"tree-200", "auth.pcap", 4, 200, 50, TEXT_UTF8, "t +", false},
    {"hex-80", "proxies.pcap", 1, 80, 24, TEXT_UTF8, "x Down Down Right", true},
    {"hex-120", "proxies.pcap", 1, 120, 40, TEXT_UTF8, "x Down Down Right", false},
    {"hex-40-ascii", "proxies.pcap", 1, 40, 24, TEXT_ASCII, "x PgDn", false},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Screen) screen = open_message(&(ScreenSetup){.samples = CASES[i].samples,
                                                           .width = CASES[i].width,
                                                           .height = CASES[i].height,
                                                           .charset = CASES[i].charset},
                                            CASES[i].message);
    g_autofree char *name = g_strdup_printf("view/message/%s.txt", CASES[i].name);

    screen_keys(screen, CASES[i].keys);
    assert_screen(screen, name, CASES[i].styles);
  }
}

static Screen *open_proxies(void)
{
  return open_message(&(ScreenSetup){.samples = "proxies.pcap", .width = 80, .height = 24}, 1);
}

static void test_modes_go_round(void **state)
{
  g_autoptr(Screen) screen = open_proxies();

  (void) state;
  assert_shows(screen, "(raw)");
  screen_keys(screen, "Tab");
  assert_shows(screen, "(tree)");
  screen_keys(screen, "Tab");
  assert_shows(screen, "(hex)");
  screen_keys(screen, "Tab");
  assert_shows(screen, "(raw)");
  screen_keys(screen, "Enter");
  assert_shows(screen, "(tree)");
}

/* Folding all is done in the tree at once, wherever it is asked for. */
static void test_unfold_from_raw(void **state)
{
  g_autoptr(Screen) screen = open_proxies();

  (void) state;
  screen_keys(screen, "+");
  assert_shows(screen, "(tree)");
  assert_shows(screen, "transaction");
  screen_keys(screen, "r -");
  assert_shows(screen, "(tree)");
  assert_not_shown(screen, "transaction");
}

/* A message is opened as the one before was left; raw is what raw was asked for. */
static void test_mode_is_kept(void **state)
{
  g_autoptr(Screen) screen =
    screen_open(&(ScreenSetup){.samples = "proxies.pcap", .width = 80, .height = 24});

  (void) state;
  screen_keys(screen, "Enter Enter t Esc Down Enter");
  assert_shows(screen, "(tree)");
  screen_keys(screen, "x Esc Enter");
  assert_shows(screen, "(hex)");
  screen_keys(screen, "Esc F6");
  assert_shows(screen, "(raw)");
  screen_keys(screen, "Tab Esc Esc F6");
  assert_shows(screen, "(raw)");
}

/* The mode of the settings is the first one. */
static void test_setting(void **state)
{
  g_autoptr(Screen) screen = open_message(
    &(ScreenSetup){
      .samples = "proxies.pcap", .width = 80, .height = 24, .settings = "message.mode=hex"},
    1);

  (void) state;
  assert_shows(screen, "(hex)");
}

static void test_next_and_previous(void **state)
{
  g_autoptr(Screen) screen = open_proxies();

  (void) state;
  screen_keys(screen, "[");
  assert_shows(screen, "this is the first message");
  screen_keys(screen, "]");
  assert_shows(screen, "message 2 of call 1");
  screen_keys(screen, "] K [");
  assert_shows(screen, "message 1 of call 1");
  for (int i = 0; i < 100; i++)
    screen_keys(screen, "]");
  assert_shows(screen, "this is the last message");
}

/* From an INVITE to its responses, over those of other hops. */
static void test_next_in_transaction(void **state)
{
  g_autoptr(Screen) screen = open_proxies();
  const Call *call = trace_call_at(screen->sample.trace, 0);
  unsigned count = 0;

  (void) state;
  for (const Message *m = call->first->next; m; m = m->next)
    if (m->transaction == call->first->transaction) {
      g_autofree char *title = g_strdup_printf("message %u of call 1", m->number);
      screen_keys(screen, "}");
      assert_shows(screen, title);
      count++;
    }
  assert_true(count >= 2);
  screen_keys(screen, "}");
  assert_shows(screen, "the last message of its transaction");
  for (; count > 0; count--)
    screen_keys(screen, "{");
  assert_shows(screen, "message 1 of call 1");
}

static void test_search(void **state)
{
  g_autoptr(Screen) screen = open_proxies();

  (void) state;
  screen_keys(screen, "n");
  assert_shows(screen, "no search text");
  screen_keys(screen, "/");
  screen_type(screen, "contact");
  screen_keys(screen, "Enter");
  assert_screen(screen, "view/message/found-raw.txt", true);
  screen_keys(screen, "t");
  assert_screen(screen, "view/message/found-tree.txt", true);
  screen_keys(screen, "x");
  assert_screen(screen, "view/message/found-hex.txt", true);
  screen_keys(screen, "/");
  screen_type(screen, "nowhere");
  screen_keys(screen, "Enter");
  assert_shows(screen, "not found");
}

/* Forwards and backwards, round the ends. */
static void test_search_goes_round(void **state)
{
  g_autoptr(Screen) screen = open_proxies();

  (void) state;
  screen_keys(screen, "x /");
  screen_type(screen, "sip/2.0");
  screen_keys(screen, "Enter");
  screen_draw(screen);
  g_autofree char *start = canvas_to_text(screen->canvas, true);
  screen_keys(screen, "n N");
  screen_draw(screen);
  g_autofree char *back = canvas_to_text(screen->canvas, true);
  assert_string_equal(start, back);
  screen_keys(screen, "N n");
  screen_draw(screen);
  g_autofree char *round = canvas_to_text(screen->canvas, true);
  assert_string_equal(start, round);
}

static void assert_copied(Screen *screen, const char *expected)
{
  assert_int_equal(app_take_wish(screen->app), APP_WISH_COPY);
  assert_slice(app_copied(screen->app), expected);
}

static void test_copy(void **state)
{
  g_autoptr(Screen) screen = open_proxies();

  (void) state;
  screen_keys(screen, "y");
  assert_copied(screen, "INVITE sip:bob@biloxi.example.com SIP/2.0");
  screen_keys(screen, "t Down Right Down y");
  assert_copied(screen, "INVITE");
  screen_keys(screen, "x y");
  assert_copied(screen, "49 4e 56 49 54 45");
  screen_keys(screen, "Y");
  assert_int_equal(app_take_wish(screen->app), APP_WISH_COPY);
  assert_true(slice_starts_with(app_copied(screen->app),
                                SLICE("INVITE sip:bob@biloxi.example.com SIP/2.0\nVia: ")));
}

/* What was folded or unfolded by hand is so in the next message. */
static void test_folds_are_kept(void **state)
{
  g_autoptr(Screen) screen = open_proxies();

  (void) state;
  screen_keys(screen, "t -");
  assert_not_shown(screen, "sent-by");
  screen_keys(screen, "+ ]");
  assert_shows(screen, "destination");
  screen_keys(screen, "- ]");
  assert_not_shown(screen, "destination");
  screen_keys(screen, "Home Space ]");
  assert_shows(screen, "destination");
}

static void test_mouse(void **state)
{
  g_autoptr(Screen) screen = open_proxies();

  (void) state;
  screen_keys(screen, "t");
  screen_mouse(screen, MOUSE_CLICK, 0, 2); /* the mark of the first node */
  assert_shows(screen, "destination");
  screen_keys(screen, "x");
  screen_mouse(screen, MOUSE_CLICK, 6 + 3 * 7, 2); /* 'i' of sip */
  assert_shows(screen, "Request > Request-URI > scheme");
  screen_mouse(screen, MOUSE_CLICK, 40, 30); /* nowhere */
  screen_keys(screen, "r");
  screen_mouse(screen, MOUSE_CLICK, 36, 3); /* the branch of the topmost Via */
  screen_keys(screen, "t");
  assert_shows(screen, "Via > branch");
  screen_keys(screen, "r");
  screen_mouse(screen, MOUSE_CLICK, 70, 4); /* behind the end of its line */
  screen_keys(screen, "y");
  assert_int_equal(app_take_wish(screen->app), APP_WISH_COPY);
}

/* Every size: nothing is drawn where there is no room, and nothing breaks. */
static void test_any_size(void **state)
{
  g_autoptr(Screen) screen = open_proxies();

  (void) state;
  for (int width = 1; width < 140; width += 7)
    for (int height = 1; height < 12; height++) {
      screen->width = width;
      screen->height = height;
      screen_keys(screen, "Tab Down Right PgDn G Left Tab End Right + Tab Home");
      screen_draw(screen);
    }
}

/* The walk of whoever opened it goes before the call's own order. */
typedef struct {
  const Message *only, *moved;
} Walk;

static const Message *walk_beside(void *data, const Message *message, int direction)
{
  const Walk *walk = data;

  return direction > 0 && message != walk->only ? walk->only : NULL;
}

static void walk_moved(void *data, const Message *message)
{
  ((Walk *) data)->moved = message;
}

static void test_walk(void **state)
{
  g_autoptr(Screen) screen =
    screen_open(&(ScreenSetup){.samples = "proxies.pcap", .width = 80, .height = 24});
  const Call *call = trace_call_at(screen->sample.trace, 0);
  Walk walk = {.only = call->last};

  (void) state;
  host_push(screen->app, message_view_new(screen->app, call->first,
                                          &(MessageWalk){walk_beside, walk_moved, &walk}));
  screen_keys(screen, "]");
  assert_ptr_equal(walk.moved, call->last);
  screen_keys(screen, "]");
  assert_shows(screen, "this is the last message");
}

/* From the list of calls by the ladder; and back again, on the rung one went to. */
static void test_from_the_ladder(void **state)
{
  g_autoptr(Screen) screen =
    screen_open(&(ScreenSetup){.samples = "proxies.pcap", .width = 80, .height = 24});

  (void) state;
  screen_keys(screen, "Enter Enter");
  assert_shows(screen, "message 1 of call 1");
  screen_keys(screen, "] ]");
  assert_shows(screen, "message 3 of call 1");
  screen_keys(screen, "Esc Enter");
  assert_shows(screen, "message 3 of call 1");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_goldens),
    cmocka_unit_test(test_modes_go_round),
    cmocka_unit_test(test_unfold_from_raw),
    cmocka_unit_test(test_mode_is_kept),
    cmocka_unit_test(test_setting),
    cmocka_unit_test(test_next_and_previous),
    cmocka_unit_test(test_next_in_transaction),
    cmocka_unit_test(test_search),
    cmocka_unit_test(test_search_goes_round),
    cmocka_unit_test(test_copy),
    cmocka_unit_test(test_folds_are_kept),
    cmocka_unit_test(test_mouse),
    cmocka_unit_test(test_any_size),
    cmocka_unit_test(test_walk),
    cmocka_unit_test(test_from_the_ladder),
  };

  return cmocka_run_group_tests_name("message_view", tests, NULL, NULL);
}
