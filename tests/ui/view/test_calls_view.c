/* The call list on the screen: keys go in, golden screens come out. */
#include "tests/ui/screen.h"
#include "ui/view/calls/filter_line.h"

#define SAMPLES                                                                                    \
  "basic.pcap busy.pcap failed.pcap cancel.pcap registration.pcap options.pcap ringing.pcap "      \
  "unanswered.pcap redirect.pcap ipv6.pcap"

static Screen *open_list(int width, int height)
{
  return screen_open(&(ScreenSetup){.samples = SAMPLES, .width = width, .height = height});
}

/* What keys lead to. */
typedef struct {
  const char *name, *keys, *typed;
  int width, height;
} Case;

static const Case CASES[] = {
  {"list-80", "", "", 80, 24},
  {"list-120", "", "", 120, 40},
  {"list-200", "", "", 200, 50},
  {"list-40", "", "", 40, 12},
  {"right", "Right Right", "", 80, 24},
  {"sorted", "> > > z", "", 80, 24},
  {"marked", "Space Down Space End Space", "", 80, 24},
  {"filter", "/", "call.outcome == failed", 80, 24},
  {"filter-fault", "/", "call.status == abc", 80, 24},
  {"filter-too-complex", "/", "to.uri matches \"^(([a-z:@.])+.)+[0-9]$\"\n", 80, 24},
  {"filter-kept", "/", "call.ring > 10ms\n", 80, 24},
  {"filter-hides", "/", "nothing-like-it", 80, 24},
  {"filter-complete", "/", "call.re\t", 80, 24},
  {"quick", "f", "", 80, 40},
  {"quick-chosen", "f Down Space", "", 120, 40},
  {"quick-80", "f o f Left", "", 80, 24},
  {"columns", "t", "", 80, 24},
  {"columns-20", "t Down Space", "", 20, 5},
  {"columns-wide", "t Down Space Down +", "", 120, 40},
  {"cleared", "F5", "", 80, 24},
  {"saved-none", "@", "", 80, 24},
  {"split-80", "Down Down |", "", 80, 24},
  {"split-200", "Down Down | C-n C-n C-p", "", 200, 50},
  {"split-low", "|", "", 40, 11},
  {"split-off", "| |", "", 80, 24},
  {"pinned", "Down V End V Space V V", "", 80, 24},
};

static void type(Screen *screen, const char *text)
{
  for (const char *p = text; *p; p++)
    screen_press(screen, *p == '\n'   ? (KeyCode) KEY_CODE_ENTER
                         : *p == '\t' ? (KeyCode) KEY_CODE_TAB
                                      : (KeyCode) (unsigned char) *p);
}

static void test_screens(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const Case *c = &CASES[i];
    g_autoptr(Screen) screen = open_list(c->width, c->height);
    g_autofree char *name = g_strdup_printf("view/calls/%s.txt", c->name);

    screen_keys(screen, c->keys);
    type(screen, c->typed);
    assert_screen(screen, name, false);
  }
}

static void test_styles(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 24);

  (void) state;
  assert_screen(screen, "view/calls/styles.txt", true);
}

static void test_ascii(void **state)
{
  g_autoptr(Screen) screen = screen_open(
    &(ScreenSetup){.samples = SAMPLES, .width = 80, .height = 24, .charset = TEXT_ASCII});

  (void) state;
  screen_keys(screen, "> > >");
  assert_screen(screen, "view/calls/ascii.txt", false);
}

static void test_empty_says_why(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 24);

  (void) state;
  screen_keys(screen, "F5");
  assert_shows(screen, "19 calls cleared; clear again to restore them");
  screen_keys(screen, "F5");
  assert_int_equal(call_index_count(screen->model.index), 19);
  screen_keys(screen, "f n = Esc");
  assert_shows(screen, "the quick filter hides all 19 calls");
}

/* A trace without any calls. */
static void test_no_sip(void **state)
{
  static const struct {
    bool loaded;
    const char *text;
  } CASES_OF_NONE[] = {{true, "no SIP messages in this capture (7 packets)"},
                       {false, "loading: no SIP messages yet (7 packets)"}};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES_OF_NONE); i++) {
    g_autoptr(Screen) screen = open_list(80, 24);
    g_autoptr(Trace) none = trace_new(&LIMITS_DEFAULT);
    const Trace *was = screen->model.trace;

    app_free(screen->app);
    trace_note_packets(none, 7, 700);
    screen->model.trace = none;
    screen->model.loaded = CASES_OF_NONE[i].loaded;
    screen->app = app_new(&screen->model, &APP_SCREENS);
    screen_settle(screen);
    assert_shows(screen, CASES_OF_NONE[i].text);
    screen_keys(screen, "Down End Space * I u Enter x r > z < A p F9 F5 F5");
    assert_shows(screen, "Calls");
    screen->model.trace = was;
  }
}

static void test_marks(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 24);
  const CallSet *marks = screen->model.marks;

  (void) state;
  screen_keys(screen, "Space Space");
  assert_int_equal(call_set_count(marks), 2);
  assert_true(call_set_has(marks, 1) && call_set_has(marks, 2));
  screen_keys(screen, "Up Space"); /* the second time it is taken away */
  assert_int_equal(call_set_count(marks), 1);
  screen_keys(screen, "I");
  assert_int_equal(call_set_count(marks), 18);
  screen_keys(screen, "*");
  assert_int_equal(call_set_count(marks), 19);
  screen_keys(screen, "u");
  assert_int_equal(call_set_count(marks), 0);
  screen_keys(screen, "/");
  type(screen, "call.kind == register\n");
  screen_keys(screen, "*");
  assert_int_equal(call_set_count(marks), 1);
  assert_true(call_set_has(marks, 5));
}

/* The cursor stays on its call while rows come, go and move. */
static void test_cursor_stays(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 24);

  (void) state;
  screen_keys(screen, "Down Down Down Down Down"); /* call 6 */
  assert_shows(screen, "Calls 6/19");
  screen_keys(screen, "/");
  type(screen, "call.kind == options\n");
  assert_shows(screen, "Calls 1/4 of 19");
  screen_keys(screen, "/ C-u Enter");
  assert_shows(screen, "Calls 6/19");
  screen_keys(screen, "z");
  assert_shows(screen, "Calls 14/19");
  screen_keys(screen, "A");
  assert_shows(screen, "Calls 19/19, following");
}

/* Rows that come ahead of the first one do not push the cursor down before a key was pressed. */
static void test_cursor_starts_first(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 24);

  (void) state;
  assert_shows(screen, "Calls 1/19");
  call_index_sort(screen->model.index, NULL, true);
  screen_settle(screen);
  assert_shows(screen, "Calls 1/19");
  screen_keys(screen, "Down"); /* call 18 */
  call_index_sort(screen->model.index, NULL, false);
  screen_settle(screen);
  assert_shows(screen, "Calls 18/19");
}

static void test_filter_is_typed(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 24);

  (void) state;
  screen_keys(screen, "/");
  type(screen, "call.outcome == b\t");
  assert_shows(screen, "Filter: call.outcome == busy");
  assert_int_equal(call_index_count(screen->model.index), 1);
  type(screen, "y");
  assert_shows(screen, "call.outcome is never");
  screen_keys(screen, "Enter"); /* what is wrong is not taken */
  assert_shows(screen, "call.outcome is never");
  screen_keys(screen, "Backspace Enter");
  assert_not_shown(screen, "Enter Apply");
  screen_keys(screen, "/ C-u");
  assert_int_equal(call_index_count(screen->model.index), 19);
  screen_keys(screen, "Esc"); /* as it was before */
  assert_int_equal(call_index_count(screen->model.index), 1);
  screen_keys(screen, "/ C-u Enter / Up");
  assert_shows(screen, "Filter: call.outcome == busy");
  screen_keys(screen, "Esc");
  assert_int_equal(call_index_count(screen->model.index), 19);
  g_auto(GStrv) history = config_list(screen->config, "history", "filters");
  assert_string_equal(history[0], "call.outcome == busy");
  assert_null(history[1]);
}

/* OPTIONS go away with two keys, failed calls alone come with one. */
/* Its texts are not cut, whether its counts have one digit or more. */
static void test_quick_filter_width(void **state)
{
  (void) state;
  for (size_t i = 0; i < 2; i++) {
    const ScreenSetup setup = {
      .samples = i == 0 ? "basic.pcap" : SAMPLES, .width = 80, .height = 24};
    g_autoptr(Screen) screen = screen_open(&setup);

    screen_keys(screen, "f");
    assert_shows(screen, "answered, no INVITE");
    assert_shows(screen, "answered, completed");
  }
}

static void test_quick_filter(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 24);
  const CallIndex *index = screen->model.index;

  (void) state;
  screen_keys(screen, "f o");
  assert_int_equal(call_index_count(index), 15);
  screen_keys(screen, "i");
  assert_int_equal(call_index_count(index), 2);
  screen_keys(screen, "o =");
  assert_int_equal(call_index_count(index), 4);
  screen_keys(screen, "f"); /* failed ones among them */
  assert_int_equal(call_index_count(index), 3);
  screen_keys(screen, "Right Left Esc !");
  assert_int_equal(call_index_count(index), 5);
  assert_shows(screen, "quick filter");
  screen_keys(screen, "!");
  assert_int_equal(call_index_count(index), 19);
}

/* Esc goes back by one step: the filter, the quick filter, and only then out. */
static void test_back(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 24);

  (void) state;
  screen_keys(screen, "f Down Down Space Esc");
  screen_keys(screen, "/");
  type(screen, "failed\n");
  assert_shows(screen, "Filter: failed");
  screen_keys(screen, "Esc");
  assert_not_shown(screen, "Filter: ");
  assert_true(quick_choice_is_set(call_index_quick(screen->model.index)));
  screen_keys(screen, "Esc");
  assert_int_equal(call_index_count(screen->model.index), 19);
  assert_not_shown(screen, "Quit?");
  screen_keys(screen, "Esc");
  assert_shows(screen, "Quit?");
}

static const char *const SAVED[][2] = {{"failed", "call.outcome == failed"},
                                       {"odd", "call.nothing"},
                                       {"\345\244\261\350\264\245", "call.status >= 500"}};

static Screen *open_saved(int width, int height)
{
  Screen *screen = open_list(width, height);

  for (size_t i = 0; i < G_N_ELEMENTS(SAVED); i++)
    config_set_value(screen->config, "filters", SAVED[i][0], SAVED[i][1]);
  screen_keys(screen, "@");
  return screen;
}

static void test_saved_screens(void **state)
{
  static const struct {
    int width, height;
  } SIZES[] = {{80, 24}, {200, 50}, {30, 6}};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(SIZES); i++) {
    g_autoptr(Screen) screen = open_saved(SIZES[i].width, SIZES[i].height);
    g_autofree char *name = g_strdup_printf("view/calls/saved-%d.txt", SIZES[i].width);

    assert_screen(screen, name, true);
  }
}

/* By Enter or by its number; an invalid filter is reported, and the dialog stays open. */
static void test_saved_is_applied(void **state)
{
  static const struct {
    const char *keys, *filter;
  } CASES_OF_KEYS[] = {{"Enter", "call.outcome == failed"},
                       {"1", "call.outcome == failed"},
                       {"Down Down Enter", "call.status >= 500"},
                       {"3", "call.status >= 500"},
                       {"4 Esc", ""},
                       {"2 Esc", ""},
                       {"Down Enter Esc", ""}};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES_OF_KEYS); i++) {
    g_autoptr(Screen) screen = open_saved(80, 24);

    screen_keys(screen, CASES_OF_KEYS[i].keys);
    assert_int_equal(host_view(screen->app)->ops->scope, SCOPE_CALLS);
    assert_string_equal(screen->model.filter_now ? screen->model.filter_now : "",
                        CASES_OF_KEYS[i].filter);
  }
  g_autoptr(Screen) screen = open_saved(80, 24);
  screen_keys(screen, "2");
  assert_shows(screen, "unknown field \"call.nothing\"");
}

/* Under a name that is none yet, or in place of another; and removed again after asking. */
static void test_saved_is_changed(void **state)
{
  g_autoptr(Screen) screen = open_saved(80, 24);

  (void) state;
  screen_keys(screen, "a");
  assert_shows(screen, "the list has no display filter to save");
  screen_keys(screen, "Esc /");
  type(screen, "call.ring > 1s\n");
  screen_keys(screen, "@ a");
  type(screen, "slow to ring\n");
  assert_shows(screen, "a name has letters, digits, - and _ only");
  screen_keys(screen, "a");
  type(screen, "slow\n");
  g_autofree char *slow = config_value(screen->config, "filters", "slow");
  assert_string_equal(slow, "call.ring > 1s");
  screen_keys(screen, "d n");
  g_autofree char *kept = config_value(screen->config, "filters", "slow");
  assert_non_null(kept);
  screen_keys(screen, "d y");
  g_autofree char *gone = config_value(screen->config, "filters", "slow");
  assert_null(gone);
  screen_keys(screen, "a");
  type(screen, "odd\n");
  g_autofree char *odd = config_value(screen->config, "filters", "odd");
  assert_string_equal(odd, "call.ring > 1s");
}

/* Where a filter is typed, alone; a word with more than a name in it is looked for. */
static void test_saved_is_typed(void **state)
{
  static const struct {
    const char *typed, *filter;
  } CASES_OF_TEXT[] = {{"@failed\n", "call.outcome == failed"},
                       {"@fa\t\n", "call.outcome == failed"},
                       {" @failed \n", "call.outcome == failed"},
                       {"@example.com\n", "@example.com"},
                       {"\"@failed\"\n", "\"@failed\""}};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES_OF_TEXT); i++) {
    g_autoptr(Screen) screen = open_saved(80, 24);

    screen_keys(screen, "Esc /");
    type(screen, CASES_OF_TEXT[i].typed);
    assert_string_equal(screen->model.filter_now, CASES_OF_TEXT[i].filter);
  }
  g_autoptr(Screen) screen = open_saved(80, 24);
  screen_keys(screen, "Esc /");
  type(screen, "@fail");
  assert_shows(screen, "there is no saved filter 'fail'; to search for the text, write \"@fail\"");
}

static void test_filter_help(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 40);

  (void) state;
  screen_keys(screen, "/ f F1");
  assert_screen(screen, "view/help/filter-80.txt", false);
  screen_keys(screen, "Esc");
  assert_shows(screen, "Filter: f");
}

/* A word means what the rows say; the screen says how it was understood. */
static void test_words(void **state)
{
  static const struct {
    const char *typed;
    size_t count;
    const char *reading;
  } WORDS[] = {
    {"failed", 5, "state failed"},
    {"FAILED", 5, "state FAILED"},
    {"answered", 8, "outcome answered"},
    {"completed", 3, "state completed"},
    {"invite", 13, "kind invite"},
    {"!options", 15, "not kind options"},
    {"bye", 3, "method bye"},
    {"4xx", 5, "status 4xx"},
    {"carol", 1, "rows containing 'carol'"},
    {"caro*", 1, "rows containing 'caro*'"},
    {"arol*", 0, "rows containing 'arol*'"},
    {"*arol", 1, "rows containing '*arol'"},
    {"carol@*.com", 1, "rows containing 'carol@*.com'"},
    {"486", 1, "rows containing '486'"},
    {"10:01", 1, "rows containing '10:01'"},
    {"max-forwards", 0, "quote a text to search the messages"},
    {"\"max-forwards\"", 19, "messages containing 'max-forwards'"},
    {"failed && !4xx", 2, "state failed, not status 4xx"},
    {"invite and bob and call.status == 486", 1, "kind invite, rows containing 'bob'"},
    {"any(max-forwards)", 19, "messages containing 'max-forwards'"},
  };
  g_autoptr(Screen) screen = open_list(80, 24);

  (void) state;
  screen_skip_translated();
  for (size_t i = 0; i < G_N_ELEMENTS(WORDS); i++) {
    screen_keys(screen, "/ C-u");
    type(screen, WORDS[i].typed);
    if (!screen_shows(screen, WORDS[i].reading))
      fail_msg("%s is not read as %s", WORDS[i].typed, WORDS[i].reading);
    screen_keys(screen, "Enter");
    if (call_index_count(screen->model.index) != WORDS[i].count)
      fail_msg("%s: %zu rows", WORDS[i].typed, call_index_count(screen->model.index));
  }
}

/* What was given as -Y is looked for in messages there, too. */
static void test_given_filter(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 24);

  (void) state;
  app_free(screen->app);
  screen->model.filter = "max-forwards && !486";
  screen->app = app_new(&screen->model, &APP_SCREENS);
  screen_settle(screen);
  assert_shows(screen, "Filter: \"max-forwards\" && !\"486\"");
  assert_int_equal(call_index_count(screen->model.index), 18);
}

/* Words are looked for in what is shown: in other columns after a change. */
static void test_words_follow_columns(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 24);

  (void) state;
  screen_keys(screen, "/");
  type(screen, "here\n"); /* 486 Busy Here */
  assert_int_equal(call_index_count(screen->model.index), 0);
  screen->width = 200;
  screen_draw(screen);
  screen_settle(screen);
  assert_int_equal(call_index_count(screen->model.index), 1);
}

static void test_completion(void **state)
{
  static const struct {
    const char *before;
    size_t start, count;
    const char *first;
  } WORDS[] = {
    {"call.dur", 0, 1, "call.duration"},
    {"CALL.dur", 0, 1, "call.duration"},
    {"call.outcome == ", 16, 6, "answered"},
    {"call.outcome == b", 16, 1, "busy"},
    {"call.outcome ne f", 16, 1, "failed"},
    {"call.outcome in {busy, f", 23, 1, "failed"},
    {"call.outcome in {busy} an", 23, 2, "and"},
    {"(call.ring > 3s && message.tr", 19, 2, "message.transport"},
    {"header", 0, 1, "header[\""},
    {"call.id co", 8, 1, "contains"},
    {"x == ", 5, 0, NULL},
    {"call.sta", 0, 3, "call.state"},
    {"status", 0, 2, "call.status"},
    {"method", 0, 1, "message.method"},
    {"duration", 0, 1, "call.duration"},
    {"any(mess", 4, 35, "message.number"},
    {"zzz", 0, 0, NULL},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(WORDS); i++) {
    g_autoptr(GPtrArray) candidates = g_ptr_array_new_with_free_func(g_free);
    Slice before = exact_slice(slice_from_string(WORDS[i].before));

    assert_int_equal(filter_complete(NULL, before, candidates), WORDS[i].start);
    if (WORDS[i].first ? candidates->len == 0 : candidates->len > 0)
      fail_msg("%s: %u candidates", WORDS[i].before, candidates->len);
    if (WORDS[i].first && strcmp(candidates->pdata[0], WORDS[i].first) != 0)
      fail_msg("%s: %s", WORDS[i].before, (const char *) candidates->pdata[0]);
    if (WORDS[i].count < 10 && candidates->len != WORDS[i].count)
      fail_msg("%s: %u candidates", WORDS[i].before, candidates->len);
    g_free((void *) (uintptr_t) before.data);
  }
}

/* What is chosen is kept in the configuration, and is what the list shows. */
static void test_columns(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 24);

  (void) state;
  screen_keys(screen, "t Space a");
  type(screen, "User-Agent\n");
  screen_keys(screen, "> >");
  screen_keys(screen, "Enter");
  g_auto(GStrv) keys = config_list(screen->config, "columns", "calls");
  g_auto(GStrv) widths = config_list(screen->config, "columns", "widths");
  assert_string_equal(keys[0], "header[\"User-Agent\"]");
  assert_string_equal(widths[0], "13");
  assert_shows(screen, "  User-Agent    Kind");
  screen_keys(screen, "t d Enter");
  assert_shows(screen, "▲Call Kind");
  g_auto(GStrv) usual = config_list(screen->config, "columns", "calls");
  assert_true(!usual || !usual[0]);
}

/* A column that is added at 80 is there at any width, and the others are as they would be. */
static void test_added_column(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 24);

  (void) state;
  assert_not_shown(screen, "Duration");
  screen_keys(screen, "t a");
  type(screen, "vi\t\n");
  screen_keys(screen, "Enter");
  assert_shows(screen, "Via");
  assert_not_shown(screen, "Duration");
  screen->width = 200;
  assert_shows(screen, "Via");
  assert_shows(screen, "Why");
  assert_shows(screen, "Duration");
  screen->width = 60;
  assert_not_shown(screen, "Kind");
}

/* Sorting keeps the cursor's call, and its line on the screen. */
static void test_sorting_keeps_cursor(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 12);

  (void) state;
  screen_keys(screen, "Down Down"); /* call 3 */
  screen_keys(screen, "z");
  assert_shows(screen, "Calls 17/19");
  assert_shows(screen, "\n      3 invite");
  screen_keys(screen, "z");
  assert_shows(screen, "Calls 3/19");
}

static void test_mouse(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 24);

  (void) state;
  screen_mouse(screen, MOUSE_CLICK, 34, 1); /* From */
  screen_mouse(screen, MOUSE_RELEASE, 34, 1);
  assert_shows(screen, "From          ▲");
  screen_mouse(screen, MOUSE_CLICK, 34, 1);
  screen_mouse(screen, MOUSE_RELEASE, 34, 1);
  assert_shows(screen, "From          ▼");
  screen_mouse(screen, MOUSE_CLICK, 24, 6);
  assert_shows(screen, "Calls 5/19");
}

static void drag(Screen *screen, int from, int to)
{
  screen_mouse(screen, MOUSE_CLICK, from, 1);
  screen_mouse(screen, MOUSE_DRAG, to, 1);
  screen_mouse(screen, MOUSE_RELEASE, to, 1);
}

static char *configured(const Screen *screen, const char *key)
{
  char *value = config_value(screen->config, "columns", key);

  return value ? value : g_strdup("");
}

/* Columns of wider screens stay where they are in the configuration. */
static void test_drag_of_titles(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 24);

  (void) state;
  screen_skip_translated();
  assert_shows(screen, "Kind     Start    From           To ");
  drag(screen, 34, 17); /* From onto Start */
  assert_shows(screen, "Kind     From           Start    To ");
  g_autofree char *keys = configured(screen, "calls");
  assert_true(g_str_has_prefix(keys, "call.number;call.kind@64;from.uri;call.start@56;to.uri;"));
  drag(screen, 30, 50); /* the edge of From */
  assert_shows(screen, "Kind     From                               Start    To ");
  g_autofree char *widths = configured(screen, "widths");
  assert_true(g_str_has_prefix(widths, "0;0;34;0;"));
  screen_mouse(screen, MOUSE_DOUBLE_CLICK, 51, 1);
  assert_shows(screen, "Kind     From           Start    To ");
  drag(screen, 20, 34); /* after Start again */
  assert_shows(screen, "Kind     Start    From           To ");
  g_autofree char *as_usual = configured(screen, "calls");
  assert_string_equal(as_usual, "");
  screen_mouse(screen, MOUSE_CLICK, 34, 1);
  screen_mouse(screen, MOUSE_DRAG, 17, 1);
  assert_screen(screen, "view/calls/dragged.txt", true);
  screen_mouse(screen, MOUSE_RELEASE, 17, 9); /* off the titles */
  assert_shows(screen, "Kind     Start    From           To ");
}

/* The column of legs is not configured. */
static void test_drag_of_added_column(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 24);

  (void) state;
  screen_keys(screen, "i");
  drag(screen, 8, 34);
  drag(screen, 34, 8);
  g_autofree char *keys = configured(screen, "calls");
  assert_string_equal(keys, "");
}

static void test_pinned(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 24);

  (void) state;
  screen_keys(screen, "'");
  assert_shows(screen, "no pinned call is in the list");
  screen_keys(screen, "Down V Down V Home '");
  assert_shows(screen, "Calls 2/");
  screen_keys(screen, "'");
  assert_shows(screen, "Calls 3/");
  screen_keys(screen, "'");
  assert_shows(screen, "Calls 2/");
  for (int i = 0; i < PINNED_MAX; i++)
    screen_keys(screen, "Down V");
  screen_keys(screen, "V Home V");
  assert_int_equal(screen->model.pinned->len <= PINNED_MAX, true);
  screen_mouse(screen, MOUSE_CLICK, 10, 2); /* the first pinned row */
  assert_shows(screen, "call 2 ");
}

/* The ladder follows the cursor, and its keys and the wheel move it alone. */
static void test_split(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 24);

  (void) state;
  screen_keys(screen, "|");
  assert_shows(screen, "call 1 ");
  screen_keys(screen, "Down");
  assert_shows(screen, "call 2 ");
  screen_keys(screen, "C-n");
  assert_shows(screen, ", 2 of ");
  assert_shows(screen, "Calls 2/");
  screen_mouse(screen, MOUSE_WHEEL_DOWN, 20, 20);
  assert_shows(screen, ", 3 of ");
  assert_shows(screen, "Calls 2/");
  screen_keys(screen, "C-p S-Up C-p C-p");
  assert_shows(screen, ", 1 of ");
  screen_mouse(screen, MOUSE_DOUBLE_CLICK, 20, 20);
  assert_not_shown(screen, "Calls ");
}

static void test_pause(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 24);

  (void) state;
  screen_keys(screen, "p");
  assert_shows(screen, "paused (0 new)");
  screen_keys(screen, "p");
  assert_not_shown(screen, "paused");
}

/* A file that was removed meanwhile: what the model knows is shown, and that there is more. */
static void test_unreadable(void **state)
{
  g_autoptr(Screen) screen = open_list(80, 24);

  (void) state;
  assert_not_shown(screen, "unreadable");
  app_free(screen->app);
  g_autoptr(StoreSet) none = store_set_new();
  screen->model.stores = none;
  screen->app = app_new(&screen->model, &APP_SCREENS);
  screen_settle(screen);
  screen_keys(screen, "/");
  type(screen, "\"biloxi\"\n");
  assert_shows(screen, ", file unreadable");
  assert_shows(screen, "the filter hides all 19 calls");
}

static void test_aliases(void **state)
{
  g_autoptr(Screen) screen = open_list(200, 50);

  (void) state;
  config_set_value(screen->config, "aliases", "192.0.2.10", "Atlanta");
  host_configured(screen->app);
  assert_shows(screen, "Atlanta:5060");
  screen_keys(screen, "a");
  assert_not_shown(screen, "Atlanta:5060");
}

/* A word is sought in the rows as they read with the aliases of now, also before they are drawn. */
static void test_words_follow_aliases(void **state)
{
  g_autoptr(Screen) screen = open_list(200, 50);

  (void) state;
  config_set_value(screen->config, "aliases", "192.0.2.10", "Elsewhere");
  host_configured(screen->app);
  assert_shows(screen, "Elsewhere:5060");
  screen_keys(screen, "/");
  type(screen, "elsewhere\n");
  assert_int_not_equal(call_index_count(screen->model.index), 0);
  config_set_value(screen->config, "aliases", "192.0.2.10", "Atlanta");
  host_configured(screen->app);
  screen_settle(screen);
  assert_int_equal(call_index_count(screen->model.index), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_screens),
    cmocka_unit_test(test_styles),
    cmocka_unit_test(test_ascii),
    cmocka_unit_test(test_empty_says_why),
    cmocka_unit_test(test_no_sip),
    cmocka_unit_test(test_marks),
    cmocka_unit_test(test_cursor_stays),
    cmocka_unit_test(test_cursor_starts_first),
    cmocka_unit_test(test_filter_is_typed),
    cmocka_unit_test(test_completion),
    cmocka_unit_test(test_quick_filter),
    cmocka_unit_test(test_quick_filter_width),
    cmocka_unit_test(test_back),
    cmocka_unit_test(test_saved_screens),
    cmocka_unit_test(test_saved_is_applied),
    cmocka_unit_test(test_saved_is_changed),
    cmocka_unit_test(test_saved_is_typed),
    cmocka_unit_test(test_filter_help),
    cmocka_unit_test(test_words),
    cmocka_unit_test(test_given_filter),
    cmocka_unit_test(test_words_follow_columns),
    cmocka_unit_test(test_added_column),
    cmocka_unit_test(test_sorting_keeps_cursor),
    cmocka_unit_test(test_columns),
    cmocka_unit_test(test_mouse),
    cmocka_unit_test(test_drag_of_titles),
    cmocka_unit_test(test_drag_of_added_column),
    cmocka_unit_test(test_pinned),
    cmocka_unit_test(test_split),
    cmocka_unit_test(test_pause),
    cmocka_unit_test(test_unreadable),
    cmocka_unit_test(test_aliases),
    cmocka_unit_test(test_words_follow_aliases),
  };

  return cmocka_run_group_tests_name("calls_view", tests, NULL, NULL);
}
