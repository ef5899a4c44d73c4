#include "tests/ui/screen.h"

#include "ui/view/screens.h"

static Screen *flow_open(const ScreenSetup *setup, bool extended)
{
  Screen *screen = screen_open(setup);
  const uint32_t first = 1;

  host_push(screen->app, flow_view_new(screen->app, &(FlowCalls){&first, 1, extended}));
  screen_settle(screen);
  return screen;
}

typedef struct {
  const char *name;
  ScreenSetup setup;
  const char *keys;
  bool styles;
} Case;

static const Case CASES[] = {
  {"five-80", {"chain.pcap", 80, 24, TEXT_UTF8, NULL}, "", true},
  {"five-80-ascii", {"chain.pcap", 80, 24, TEXT_ASCII, NULL}, "Down Down", false},
  {"five-80-bare", {"chain.pcap", 80, 24, TEXT_UTF8, NULL}, "t Down Down Down Space Down b", true},
  {"five-80-sdp", {"chain.pcap", 80, 24, TEXT_UTF8, NULL}, "d w f G PgUp", false},
  {"five-80-end", {"chain.pcap", 80, 24, TEXT_UTF8, NULL}, "G", false},
  {"five-60-right",
   {"chain.pcap", 60, 24, TEXT_UTF8, NULL},
   "t Right Right Right Right Right",
   true},
  {"five-80-hidden", {"chain.pcap", 80, 24, TEXT_UTF8, NULL}, "t Right Right - Right > w w", false},
  {"five-120", {"chain.pcap", 120, 40, TEXT_UTF8, NULL}, "G { {", true},
  {"five-200", {"chain.pcap", 200, 50, TEXT_UTF8, NULL}, "c c Down", true},
  {"five-merged", {"websocket.pcap", 120, 40, TEXT_UTF8, NULL}, "s d d", false},
  {"copies", {"retransmission.pcap", 80, 24, TEXT_UTF8, NULL}, "f w w", false},
  {"tiny", {"chain.pcap", 20, 6, TEXT_UTF8, NULL}, "Down Right", false},
  {"only-sdp", {"chain.pcap", 100, 30, TEXT_UTF8, NULL}, "D", false},
  {"media-off", {"basic.pcap", 80, 24, TEXT_UTF8, NULL}, "m", false},
  {"media-ascii", {"basic.pcap", 80, 24, TEXT_ASCII, NULL}, "w w Down", false},
  {"media-cursor", {"media-dtmf.pcap", 80, 24, TEXT_UTF8, NULL}, "End Up Up Up Up Up Up Up", true},
  {"media-200", {"basic.pcap", 200, 50, TEXT_UTF8, NULL}, "F3 F3", true},
  {"no-sdp", {"options.pcap", 80, 24, TEXT_UTF8, NULL}, "D", false},
  {"below-more", {"basic.pcap", 80, 24, TEXT_UTF8, NULL}, "9 9 9 Down", false},
  {"wide-letters", {"unicode.pcap", 72, 24, TEXT_UTF8, NULL}, "Down Down", false},
  {"wide-letters-ascii", {"unicode.pcap", 60, 20, TEXT_ASCII, NULL}, "Down Down", false},
  {"next-call", {"failed.pcap", 80, 24, TEXT_UTF8, NULL}, "] ]", false},
};

static void test_goldens(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Screen) screen = flow_open(&CASES[i].setup, false);
    g_autofree char *name = g_strdup_printf("view/flow/%s.txt", CASES[i].name);

    screen_keys(screen, CASES[i].keys);
    assert_screen(screen, name, CASES[i].styles);
  }
}

/* A host that connects from an ephemeral port is one column, until it is split. */
static void test_nodes(void **state)
{
  const ScreenSetup setup = {"tcp-ports.pcap", 80, 24, TEXT_UTF8, NULL};
  g_autoptr(Screen) screen = flow_open(&setup, false);

  (void) state;
  assert_shows(screen, "192.0.2.10:5070");
  assert_shows(screen, "192.0.2.1:5060");
  screen_keys(screen, "t");
  assert_not_shown(screen, ":49152");
  screen_keys(screen, "F5"); /* one column per host would be the same */
  assert_shows(screen, "one column per port");
  assert_shows(screen, ":49152");
  assert_shows(screen, ":50001");
  screen_keys(screen, "F5");
  assert_shows(screen, "one column per node");
  assert_not_shown(screen, ":49152");
  screen_keys(screen, "Right e");
  assert_shows(screen, ":49152");
  assert_not_shown(screen, ":50001");
  screen_keys(screen, "e");
  assert_not_shown(screen, ":49152");
}

/* The line of the screen that has this text, or -1. */
static int line_of(Screen *screen, const char *what)
{
  g_autofree char *text = screen_text(screen);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

  for (int i = 0; lines[i]; i++)
    if (strstr(lines[i], what))
      return i;
  return -1;
}

/* Streams and digits are rows like others: opened, copied, and left out of what is for messages. */
static void test_stream_rows(void **state)
{
  const ScreenSetup setup = {"media-dtmf.pcap", 120, 40, TEXT_UTF8, NULL};
  g_autoptr(Screen) screen = flow_open(&setup, false);

  (void) state;
  screen_keys(screen, "Down Down Down");
  assert_shows(screen, "4 of 10");
  screen_keys(screen, "Down");
  assert_shows(screen, "RTP stream 1, 192.0.2.10:40000");
  assert_shows(screen, "Received");
  screen_keys(screen, "Enter");
  assert_shows(screen, "RTP stream 1 of call 1");
  screen_keys(screen, "Esc Down Enter");
  assert_shows(screen, "RTP stream 2 of call 1");
  screen_keys(screen, "Esc Down Enter"); /* the first digit */
  assert_shows(screen, "RTP stream 1 of call 1");
  screen_keys(screen, "Esc Space");
  assert_shows(screen, "this row is an RTP stream, not a message");
  screen_keys(screen, "Down Down Down Down");
  assert_shows(screen, "INFO sip:bob");
  screen_keys(screen, "Up Up m"); /* its row is gone: the message above */
  assert_shows(screen, "4 of 10");
  screen_keys(screen, "m");
  screen_keys(screen, "Home Down Down Down Down Enter");
  assert_shows(screen, "RTP stream 1 of call 1");
}

/* Begins at the message above. */
static void test_search_from_stream(void **state)
{
  const ScreenSetup setup = {"media-dtmf.pcap", 120, 40, TEXT_UTF8, NULL};
  g_autoptr(Screen) screen = flow_open(&setup, false);

  (void) state;
  screen_keys(screen, "Down Down Down Down Down Down / s i p : Enter");
  assert_shows(screen, "5 of 10");
  screen_keys(screen, "Up N");
  assert_shows(screen, "3 of 10");
}

static void test_preview_stays(void **state)
{
  static const ScreenSetup SETUPS[] = {{"reinvite.pcap", 80, 24, TEXT_UTF8, NULL},
                                       {"basic.pcap", 80, 30, TEXT_UTF8, NULL},
                                       {"basic.pcap", 120, 40, TEXT_UTF8, NULL},
                                       {"chain.pcap", 200, 50, TEXT_UTF8, NULL}};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(SETUPS); i++) {
    g_autoptr(Screen) screen = flow_open(&SETUPS[i], false);
    int before = line_of(screen, "Max-Forwards: 70");

    assert_true(before > 0);
    for (unsigned turn = 0; turn < 3; turn++) {
      screen_keys(screen, "F2");
      assert_int_equal(line_of(screen, "Max-Forwards: 70"), before);
    }
  }
}

static void test_preview_scrolls(void **state)
{
  const ScreenSetup setup = {"basic.pcap", 80, 24, TEXT_UTF8, NULL};
  g_autoptr(Screen) screen = flow_open(&setup, false);

  (void) state;
  assert_shows(screen, "Max-Forwards");
  assert_not_shown(screen, "a=rtpmap");
  screen_keys(screen, "C-n C-n S-Down C-n C-n C-n C-n");
  assert_not_shown(screen, "Max-Forwards");
  assert_shows(screen, "a=rtpmap");
  screen_keys(screen, "C-p S-Up C-p C-p C-p C-p");
  assert_shows(screen, "Max-Forwards");
  screen_keys(screen, "C-n C-n C-n Down"); /* another message begins at its top */
  assert_shows(screen, "SIP/2.0 100 Trying");
}

/* The direction is seen however little room there is. */
static void test_hold_is_seen(void **state)
{
  const ScreenSetup setup = {"reinvite.pcap", 60, 30, TEXT_UTF8, NULL};
  g_autoptr(Screen) screen = flow_open(&setup, false);

  (void) state;
  screen_keys(screen, "t");
  assert_shows(screen, "sendonly");
  screen_keys(screen, "F2");
  assert_shows(screen, "audio sendonly");
}

static void test_title(void **state)
{
  const ScreenSetup failed = {"failed.pcap", 100, 24, TEXT_UTF8, NULL};
  const ScreenSetup ringing = {"ringing.pcap", 100, 24, TEXT_UTF8, NULL};
  g_autoptr(Screen) first = flow_open(&failed, false);
  g_autoptr(Screen) second = flow_open(&ringing, false);

  (void) state;
  assert_shows(first, "call 1 failed (400 ");
  screen_keys(first, "]");
  assert_shows(first, "call 2 failed (404 ");
  assert_shows(second, "call 1 ");
  assert_not_shown(second, "call 1 answered");
}

static void test_search(void **state)
{
  g_autoptr(Screen) screen =
    flow_open(&(ScreenSetup){"chain.pcap", 80, 24, TEXT_UTF8, NULL}, false);

  (void) state;
  screen_keys(screen, "/");
  screen_type(screen, "bye sip:");
  screen_keys(screen, "Enter");
  assert_shows(screen, ", 33 of 40");
  screen_keys(screen, "n");
  assert_shows(screen, ", 34 of 40");
  screen_keys(screen, "N N");
  assert_shows(screen, ", 36 of 40");
  assert_shows(screen, "search wrapped");
  screen_keys(screen, "/");
  screen_type(screen, "no such text");
  screen_keys(screen, "Enter");
  assert_shows(screen, "not found");
  assert_shows(screen, ", 36 of 40");
  screen_keys(screen, "/");
  screen_type(screen, "A=SENDonly");
  screen_keys(screen, "Enter");
  assert_screen(screen, "view/flow/found-80.txt", true);
  screen_keys(screen, "Up");
  assert_not_shown(screen, "a=sendonly");
}

static void test_bookmarks(void **state)
{
  g_autoptr(Screen) screen =
    flow_open(&(ScreenSetup){"chain.pcap", 80, 24, TEXT_UTF8, NULL}, false);

  (void) state;
  screen_keys(screen, "B");
  assert_shows(screen, "no bookmark");
  screen_keys(screen, "Down Down b G b Home B");
  assert_shows(screen, ", 3 of 40");
  screen_keys(screen, "B");
  assert_shows(screen, ", 40 of 40");
  screen_keys(screen, "B b B");
  assert_shows(screen, ", 40 of 40");
}

static void test_transaction(void **state)
{
  g_autoptr(Screen) screen =
    flow_open(&(ScreenSetup){"chain.pcap", 80, 24, TEXT_UTF8, NULL}, false);

  (void) state;
  screen_keys(screen, "}");
  assert_shows(screen, ", 2 of 40");
  screen_keys(screen, "}");
  assert_shows(screen, ", 12 of 40");
  screen_keys(screen, "} }");
  assert_shows(screen, ", 16 of 40");
  assert_shows(screen, "no more messages");
  screen_keys(screen, "{ { {");
  assert_shows(screen, ", 1 of 40");
}

/* The cursor stays with its message whatever is folded or left out. */
static void test_cursor_stays(void **state)
{
  g_autoptr(Screen) screen =
    flow_open(&(ScreenSetup){"retransmission.pcap", 80, 24, TEXT_UTF8, NULL}, false);

  (void) state;
  screen_keys(screen, "Down Down Down Down");
  assert_shows(screen, ", 5 of 12");
  screen_keys(screen, "f d d w");
  assert_shows(screen, ", 5 of 12");
  screen_keys(screen, "f Up");
  assert_shows(screen, ", 4 of 12");
  screen_keys(screen, "f Up"); /* a copy above it is folded into the first */
  assert_shows(screen, ", 1 of 12");
}

static void test_columns(void **state)
{
  g_autoptr(Screen) screen =
    flow_open(&(ScreenSetup){"chain.pcap", 100, 24, TEXT_UTF8, NULL}, false);

  (void) state;
  screen_keys(screen, "-");
  assert_shows(screen, "select a column first");
  screen_keys(screen, "Right Right -");
  assert_shows(screen, "1 column hidden");
  assert_not_shown(screen, "192.0.2.1:5060 ");
  screen_keys(screen, "+");
  assert_not_shown(screen, "column hidden");
  screen_keys(screen, "Left A");
  screen_type(screen, "Bob's phone");
  screen_keys(screen, "Enter");
  assert_shows(screen, "Bob's phone:5061");
  screen_keys(screen, "e");
  assert_not_shown(screen, "Bob's phone:5061");
  assert_shows(screen, "Bob's phone");
  screen_keys(screen, "a");
  assert_shows(screen, "10.20.30.40");
  for (unsigned i = 0; i < 6; i++)
    screen_keys(screen, "Right -");
  assert_shows(screen, "cannot be hidden");
}

static void test_extended(void **state)
{
  g_autoptr(Screen) screen = flow_open(&(ScreenSetup){"b2bua.pcap", 80, 24, TEXT_UTF8, NULL}, true);

  (void) state;
  assert_shows(screen, "2 calls");
  assert_shows(screen, "added call 2 (Session-ID)");
  screen_keys(screen, "x");
  assert_shows(screen, "no further related calls found");
}

/* The same users through another host are a hint; calls that are marked are what the user says. */
static void test_extended_by_hand(void **state)
{
  g_autoptr(Screen) screen =
    screen_open(&(ScreenSetup){"basic.pcap reinvite.pcap auth.pcap", 80, 24, TEXT_UTF8, NULL});

  (void) state;
  screen_keys(screen, "Enter x");
  assert_shows(screen, "likely: calls 3, 4 (same users)");
  assert_shows(screen, " call 1 answered, ");
  screen_keys(screen, "x");
  assert_shows(screen, " 3 calls, 1 of 29");
  screen_keys(screen, "x");
  assert_shows(screen, "likely: call 2 (same users)");
  screen_keys(screen, "x x");
  assert_shows(screen, " 4 calls, ");
  assert_shows(screen, "no further related calls found");
  screen_keys(screen, "Esc Down Space Up Enter ]");
  assert_shows(screen, " call 3 answered, ");
  screen_keys(screen, "x");
  assert_shows(screen, " 2 calls, ");
  assert_shows(screen, "1 marked call added");
}

static void test_mouse(void **state)
{
  g_autoptr(Screen) screen =
    flow_open(&(ScreenSetup){"chain.pcap", 80, 24, TEXT_UTF8, NULL}, false);

  (void) state;
  screen_mouse(screen, MOUSE_CLICK, 30, 6);
  assert_not_shown(screen, ", 1 of 40");
  screen_mouse(screen, MOUSE_WHEEL_DOWN, 30, 6);
  screen_mouse(screen, MOUSE_CLICK, 3, 1);
  screen_keys(screen, "-");
  assert_shows(screen, "1 column hidden");
}

/* One more message of the first call. */
static void file_one(Screen *screen, unsigned cseq)
{
  const Call *call = trace_call_at(screen->sample.trace, 0);
  Slice id = call_text_kept(call, CALL_TEXT_ID);
  g_autofree char *text = g_strdup_printf("INFO sip:x@example.com SIP/2.0\r\n"
                                          "Via: SIP/2.0/UDP a;branch=z9hG4bKnew%u\r\n"
                                          "From: <sip:a@a>;tag=f\r\nTo: <sip:b@b>\r\n"
                                          "Call-ID: %.*s\r\nCSeq: %u INFO\r\n"
                                          "Content-Length: 0\r\n\r\n",
                                          cseq, SLICE_ARG(id), cseq);
  Arrival arrival = {.raw = {.octets = slice_from_string(text), .frame = call->last->frame + 1}};
  unsigned store;

  arrival.raw.time_ns = call->end_ns + 1000000;
  arrival.raw.src = *trace_endpoint(screen->sample.trace, call->first->src);
  arrival.raw.dst = *trace_endpoint(screen->sample.trace, call->first->dst);
  assert_true(store_set_add_spool(screen->sample.stores, &store, NULL));
  assert_true(
    store_append(screen->sample.stores, store, arrival.raw.octets, &arrival.raw.ref, NULL));
  assert_true(store_set_flush(screen->sample.stores, NULL));
  assert_true(arrival_parse(&arrival, screen->sample.seed));
  trace_note_time(screen->sample.trace, arrival.raw.time_ns, arrival.raw.time_ns);
  app_note_message(screen->app, trace_add(screen->sample.trace, &arrival));
  screen_settle(screen);
}

/* The end is followed as long as the cursor is there. */
static void test_growing(void **state)
{
  g_autoptr(Screen) screen =
    flow_open(&(ScreenSetup){"basic.pcap", 80, 24, TEXT_UTF8, NULL}, false);

  (void) state;
  file_one(screen, 8);
  assert_shows(screen, ", 1 of 8");
  screen_keys(screen, "G");
  file_one(screen, 9);
  assert_shows(screen, ", 9 of 9");
  assert_shows(screen, "9 10:");
  screen_keys(screen, "Up");
  file_one(screen, 10);
  assert_shows(screen, ", 8 of 10");
}

/* What is asked of other screens reaches them. */
static void test_ways_out(void **state)
{
  static const struct {
    const char *keys, *shows;
  } WAYS[] = {
    {"Down Down Enter", "180 Ringing"},
    {"Down r", "100 Trying"},
    {"Space Down Down Space", "INVITE"},
    {"S", "Save"},
    {"i", "tatistics"},
    {"O", "ettings"},
    {"F1", "help: ladder"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(WAYS); i++) {
    g_autoptr(Screen) screen =
      flow_open(&(ScreenSetup){"basic.pcap", 80, 24, TEXT_UTF8, NULL}, false);

    screen_keys(screen, WAYS[i].keys);
    assert_not_shown(screen, "F2 SDP");
    assert_shows(screen, WAYS[i].shows);
    screen_keys(screen, "Esc");
    assert_shows(screen, "F2 SDP");
  }
}

static void test_copy(void **state)
{
  g_autoptr(Screen) screen =
    flow_open(&(ScreenSetup){"basic.pcap", 80, 24, TEXT_UTF8, NULL}, false);

  (void) state;
  screen_keys(screen, "Down y");
  assert_int_equal(app_take_wish(screen->app), APP_WISH_COPY);
  assert_slice(app_copied(screen->app), "2026-01-02 10:00:00.012000 198.51.100.20:5060 -> "
                                        "192.0.2.10:5060 100 Trying");
  screen_keys(screen, "Y");
  assert_true(slice_starts_with(app_copied(screen->app), SLICE("SIP/2.0 100 Trying\nVia:")));
}

static void test_from_the_list(void **state)
{
  g_autoptr(Screen) screen =
    screen_open(&(ScreenSetup){"failed.pcap chain.pcap", 80, 24, TEXT_UTF8, NULL});

  (void) state;
  screen_keys(screen, "Down Enter");
  assert_shows(screen, "call 2 answered, 13.1 s, 1 of ");
  screen_keys(screen, "]");
  assert_shows(screen, "call 3 ");
  screen_keys(screen, "[ [");
  assert_shows(screen, "call 1 failed (400 Bad Request)");
  screen_keys(screen, "[");
  assert_shows(screen, "no more calls");
  screen_keys(screen, "Esc Home Space Down Space Enter");
  assert_shows(screen, "2 calls, 1 of ");
}

/* What is set in a ladder is seen in the list, too. */
static void test_aliases_everywhere(void **state)
{
  g_autoptr(Screen) screen = screen_open(&(ScreenSetup){"basic.pcap", 240, 24, TEXT_UTF8, NULL});

  (void) state;
  config_set_value(screen->config, "aliases", "192.0.2.10", "SBC");
  host_configured(screen->app);
  assert_shows(screen, "SBC:5060");
  screen_keys(screen, "Enter a Esc");
  assert_shows(screen, "192.0.2.10:5060");
}

/* Every key at every size: nothing but a picture comes of it. */
static void test_any_key(void **state)
{
  static const char *const KEYS[] = {
    "Up", "Down", "PgDn", "PgUp", "Home", "End", "Left", "Right", "d",   "D",   "s",  "e", "-",
    "+",  "<",    ">",    "f",    "w",    "t",   "9",    "0",     "T",   "b",   "B",  "c", "a",
    "}",  "{",    "]",    "[",    "y",    "Y",   "x",    "n",     "C-d", "C-u", "C-w"};
  GRand *random = g_rand_new_with_seed(7);

  (void) state;
  for (unsigned turn = 0; turn < 12; turn++) {
    g_autoptr(Screen) screen =
      flow_open(&(ScreenSetup){turn % 2 ? "broken.pcap chain.pcap" : "fork.pcap ipv6.pcap",
                               g_rand_int_range(random, 1, 130), g_rand_int_range(random, 1, 40),
                               turn % 3 ? TEXT_UTF8 : TEXT_ASCII, NULL},
                false);

    for (unsigned i = 0; i < 150; i++) {
      screen_keys(screen, KEYS[g_rand_int_range(random, 0, G_N_ELEMENTS(KEYS))]);
      if (i % 20 == 0) {
        screen->width = g_rand_int_range(random, 1, 130);
        screen->height = g_rand_int_range(random, 1, 40);
      }
      screen_draw(screen);
      assert_false(app_is_over(screen->app));
    }
  }
  g_rand_free(random);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_goldens),       cmocka_unit_test(test_nodes),
    cmocka_unit_test(test_stream_rows),   cmocka_unit_test(test_search_from_stream),
    cmocka_unit_test(test_preview_stays), cmocka_unit_test(test_preview_scrolls),
    cmocka_unit_test(test_hold_is_seen),  cmocka_unit_test(test_title),
    cmocka_unit_test(test_search),        cmocka_unit_test(test_bookmarks),
    cmocka_unit_test(test_transaction),   cmocka_unit_test(test_cursor_stays),
    cmocka_unit_test(test_columns),       cmocka_unit_test(test_extended),
    cmocka_unit_test(test_mouse),         cmocka_unit_test(test_extended_by_hand),
    cmocka_unit_test(test_growing),       cmocka_unit_test(test_ways_out),
    cmocka_unit_test(test_copy),          cmocka_unit_test(test_from_the_list),
    cmocka_unit_test(test_any_key),       cmocka_unit_test(test_aliases_everywhere),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
