#include "tests/ui/golden.h"

#include "ui/show/ladder_draw.h"

#define NS_PER_MS INT64_C(1000000)

/* 2026-01-02 03:04:05.123456 UTC */
static const int64_t START_NS = INT64_C(1767323045123456000);

/* A message as a case writes it. */
typedef struct {
  uint32_t from, to;
  const char *label;
  unsigned status; /* 0: a request */
  unsigned ms;     /* since the start */
  unsigned marks;
} Step;

typedef struct {
  const char *name;
  const char *const *names;
  size_t name_count;
  const Step *steps;
  size_t step_count;
} Flow;

#define FLOW(title, name_list, step_list)                                                          \
  {                                                                                                \
    title, name_list, G_N_ELEMENTS(name_list), step_list, G_N_ELEMENTS(step_list)                  \
  }

static const char *const TWO[] = {"10.0.0.1:5060", "10.0.0.2:5060"};

static const Step TWO_STEPS[] = {
  {0, 1, "INVITE (SDP)", 0, 0, 0},
  {0, 1, "INVITE (SDP)", 0, 500, LADDER_RETRANSMISSION},
  {1, 0, "100 Trying", 100, 510, 0},
  {1, 0, "180 Ringing", 180, 900, 0},
  {1, 0, "200 OK (SDP)", 200, 2531, 0},
  {1, 0, "200 OK (SDP)", 200, 2531, LADDER_DUPLICATE},
  {0, 1, "ACK", 0, 2540, 0},
  {0, 0, "OPTIONS", 0, 3000, 0},
  {1, 1, "OPTIONS", 0, 3001, LADDER_RETRANSMISSION},
  {1, 0, "BYE", 0, 12540, LADDER_INCOMPLETE},
  {0, 1, "481 Call/Transaction Does Not Exist", 481, 12600, 0},
};

static const char *const FIVE[] = {
  "192.168.100.100:5060", "192.168.100.101:50600", "10.20.30.40:5060",
  "203.0.113.117:5060",   "198.51.100.23:5061",
};

static const Step FIVE_STEPS[] = {
  {0, 1, "INVITE (SDP)", 0, 0, 0},
  {1, 0, "100 Trying", 100, 1, 0},
  {1, 2, "INVITE (SDP)", 0, 2, 0},
  {2, 3, "INVITE (SDP)", 0, 3, 0},
  {3, 4, "INVITE (SDP)", 0, 4, LADDER_RETRANSMISSION},
  {4, 3, "183 Session Progress (SDP)", 183, 900, 0},
  {4, 0, "200 OK (SDP)", 200, 1000, 0},
  {0, 4, "ACK", 0, 1010, 0},
  {3, 1, "NOTIFY", 0, 1500, LADDER_RETRANSMISSION | LADDER_INCOMPLETE},
  {2, 2, "MESSAGE", 0, 1600, 0},
  {4, 4, "MESSAGE", 0, 1700, 0},
};

static const char *const EIGHT[] = {
  "10.0.0.1:5060", "10.0.0.2:5060", "10.0.0.3:5060", "10.0.0.4:5060",
  "10.0.0.5:5060", "10.0.0.6:5060", "10.0.0.7:5060", "[2001:db8::8a2e:370:7348]:5060",
};

static const Step EIGHT_STEPS[] = {
  {0, 1, "INVITE (SDP)", 0, 0, 0},     {1, 2, "INVITE (SDP)", 0, 1, 0},
  {2, 3, "INVITE (SDP)", 0, 2, 0},     {3, 4, "INVITE (SDP)", 0, 3, 0},
  {4, 5, "INVITE (SDP)", 0, 4, 0},     {5, 6, "INVITE (SDP)", 0, 5, 0},
  {6, 7, "INVITE (SDP)", 0, 6, 0},     {7, 6, "486 Busy Here", 486, 60, 0},
  {6, 0, "486 Busy Here", 486, 61, 0}, {0, 7, "ACK", 0, 62, 0},
};

static const char *const SIX[] = {
  "[2001:db8:85a3:8d3:1319:8a2e:370:7348]:5060",
  "[2001:db8:85a3:8d3:1319:8a2e:370:7349]:5060",
  "[fe80::1]:5060",
};

static const Step SIX_STEPS[] = {
  {0, 1, "REGISTER", 0, 0, 0},
  {1, 0, "401 Unauthorized \xE4\xBD\xA0\xE5\xA5\xBD", 401, 1, 0},
  {2, 0, "PUBLISH", 0, 2, 0},
};

static const char *const ONE[] = {"127.0.0.1:5060"};

static const Step ONE_STEPS[] = {
  {0, 0, "OPTIONS", 0, 0, 0},
  {0, 0, "200 OK", 200, 1, 0},
};

static const Flow FLOWS[] = {
  FLOW("one", ONE, ONE_STEPS),       FLOW("two", TWO, TWO_STEPS), FLOW("five", FIVE, FIVE_STEPS),
  FLOW("eight", EIGHT, EIGHT_STEPS), FLOW("six", SIX, SIX_STEPS),
};

static Ladder build_flow(Arena *arena, const Flow *flow, const LadderOptions *options)
{
  Slice *names = arena_alloc(arena, flow->name_count * sizeof *names);
  LadderMessage *messages = arena_alloc0(arena, flow->step_count * sizeof *messages);
  LadderInput *input = arena_new(arena, LadderInput);

  for (size_t i = 0; i < flow->name_count; i++)
    names[i] = slice_from_string(flow->names[i]);
  for (size_t i = 0; i < flow->step_count; i++) {
    const Step *step = &flow->steps[i];

    g_autoptr(GString) label = g_string_new(NULL);
    text_append_safe(label, slice_from_string(step->label), options->charset);
    messages[i] = (LadderMessage){
      .from = step->from,
      .to = step->to,
      .number = (uint32_t) i + 1,
      .time_ns = START_NS + step->ms * NS_PER_MS,
      .label = arena_dup(arena, slice_of(label->str, label->len)),
      .style = style_of_status(step->status),
      .marks = step->marks,
    };
  }
  *input = (LadderInput){names, flow->name_count, messages, flow->step_count};
  return ladder_build(arena, input, options);
}

static void append_lines(GString *to, const Ladder *ladder, const Look *look)
{
  for (unsigned line = 0; line < ladder->name_lines; line++)
    ladder_text_names(to, ladder, line, look);
  for (size_t row = 0; row < ladder->row_count; row++)
    ladder_text_row(to, ladder, row, look);
}

static char *draw_flow(const Flow *flow, unsigned width, TextCharset charset, TimeMode mode)
{
  Clock clock = clock_new(mode, true);
  LadderOptions options = {.width = width, .charset = charset, .clock = &clock};
  Look look = {.charset = charset, .color = false, .width = width};
  GString *text = g_string_new(NULL);
  Arena arena;

  clock.date = false;
  clock.digits = 3;
  arena_init(&arena, 4096);
  Ladder ladder = build_flow(&arena, flow, &options);
  append_lines(text, &ladder, &look);
  arena_clear(&arena);
  return g_string_free(text, FALSE);
}

static void test_goldens(void **state)
{
  static const unsigned WIDTHS[] = {80, 120, 200};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(FLOWS); i++)
    for (size_t w = 0; w < G_N_ELEMENTS(WIDTHS); w++) {
      g_autofree char *utf8 = draw_flow(&FLOWS[i], WIDTHS[w], TEXT_UTF8, TIME_ABSOLUTE);
      g_autofree char *ascii = draw_flow(&FLOWS[i], WIDTHS[w], TEXT_ASCII, TIME_RELATIVE);
      g_autofree char *utf8_name =
        g_strdup_printf("show/ladder/%s-%u.txt", FLOWS[i].name, WIDTHS[w]);
      g_autofree char *ascii_name =
        g_strdup_printf("show/ladder/%s-%u-ascii.txt", FLOWS[i].name, WIDTHS[w]);

      assert_golden(utf8_name, utf8);
      assert_golden(ascii_name, ascii);
    }
}

/* At any width: every line fits as soon as the ladder says so, and every label is there, or cut. */
static void test_any_width(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(FLOWS); i++)
    for (unsigned width = 20; width < 260; width += 3) {
      Clock clock = clock_new(TIME_DELTA, true);
      LadderOptions options = {.width = width, .charset = TEXT_UTF8, .clock = &clock};
      Arena arena;

      arena_init(&arena, 4096);
      Ladder ladder = build_flow(&arena, &FLOWS[i], &options);
      assert_int_equal(ladder.row_count, FLOWS[i].step_count);
      for (size_t c = 1; c < ladder.column_count; c++)
        assert_true(ladder.columns[c].x >= ladder.columns[c - 1].x + LADDER_GAP_MIN);
      for (size_t r = 0; r < ladder.row_count; r++) {
        const LadderRow *row = &ladder.rows[r];

        if (row->left != row->right) {
          assert_true(row->label_width > 0 && row->label_x > row->left);
          /* the head keeps its place */
          assert_true(row->label_x + row->label_width <= row->right - row->to_right);
          assert_true(row->to_right || row->label_x > row->left + 1);
        }
      }
      arena_clear(&arena);
    }
}

/* What was asked for is kept wherever lifelines at their least distance would fit. */
static void test_width_is_kept(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(FLOWS); i++)
    for (unsigned width = 80; width <= 200; width += 40) {
      g_autofree char *text = draw_flow(&FLOWS[i], width, TEXT_UTF8, TIME_ABSOLUTE);
      g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

      if (18 + FLOWS[i].name_count * (LADDER_GAP_MIN + 1) > width)
        continue;
      for (size_t line = 0; lines[line]; line++)
        assert_true(text_width(slice_from_string(lines[line])) <= width);
    }
}

static void test_no_columns(void **state)
{
  Clock clock = clock_new(TIME_ABSOLUTE, true);
  LadderOptions options = {.width = 80, .clock = &clock};
  LadderInput input = {0};
  Arena arena;

  (void) state;
  arena_init(&arena, 64);
  assert_int_equal(ladder_build(&arena, &input, &options).row_count, 0);
  arena_clear(&arena);
}

/* Each message from another endpoint: the last column stands for all that have none. */
static void test_columns_are_bounded(void **state)
{
  enum { COUNT = 5000 };
  Clock clock = clock_new(TIME_ABSOLUTE, true);
  LadderOptions options = {.width = 80, .clock = &clock};
  g_autofree Slice *names = g_new(Slice, COUNT);
  g_autofree LadderMessage *messages = g_new0(LadderMessage, COUNT);
  Arena arena;

  (void) state;
  for (uint32_t i = 0; i < COUNT; i++) {
    names[i] = slice_from_string("10.0.0.1:5060");
    messages[i] = (LadderMessage){.from = i, .to = (i * 7) % COUNT, .label = {"OPTIONS", 7}};
  }
  arena_init(&arena, 4096);
  LadderInput input = {names, COUNT, messages, COUNT};
  Ladder ladder = ladder_build(&arena, &input, &options);
  assert_int_equal(ladder.column_count, LADDER_COLUMNS_MAX);
  assert_slice(ladder.columns[LADDER_COLUMNS_MAX - 1].name[LADDER_NAME_LINES / 2].text, "others");
  assert_int_equal(ladder.row_count, COUNT);
  arena_clear(&arena);
}

static void test_colours(void **state)
{
  Clock clock = clock_new(TIME_ABSOLUTE, true);
  LadderOptions options = {.width = 80, .charset = TEXT_UTF8, .clock = &clock};
  Look look = {.charset = TEXT_UTF8, .color = true, .width = 80};
  g_autoptr(GString) text = g_string_new(NULL);
  Arena arena;

  (void) state;
  arena_init(&arena, 4096);
  Ladder ladder = build_flow(&arena, &FLOWS[1], &options);
  append_lines(text, &ladder, &look);
  arena_clear(&arena);
  assert_golden("show/ladder/two-80-colour.txt", text->str);
}

/* What a screen asks for: some of the messages, and spans for all of them. */
static Ladder build_window(Arena *arena, const Flow *flow, LadderOptions *options, size_t first)
{
  enum { WINDOW = 3 };
  Slice *names = arena_alloc(arena, flow->name_count * sizeof *names);
  LadderSpan *spans = arena_alloc(arena, flow->step_count * sizeof *spans);
  LadderMessage *messages = arena_alloc0(arena, WINDOW * sizeof *messages);
  size_t count = MIN((size_t) WINDOW, flow->step_count - first);

  for (size_t i = 0; i < flow->name_count; i++)
    names[i] = slice_from_string(flow->names[i]);
  for (size_t i = 0; i < flow->step_count; i++) {
    const Step *step = &flow->steps[i];
    unsigned width = text_width(slice_from_string(step->label)) + (step->marks ? 4 : 0);

    spans[i] = (LadderSpan){step->from, step->to, width};
  }
  for (size_t i = 0; i < count; i++) {
    const Step *step = &flow->steps[first + i];

    messages[i] = (LadderMessage){
      .from = step->from,
      .to = step->to,
      .number = (uint32_t) (first + i) + 1,
      .time_ns = START_NS + step->ms * NS_PER_MS,
      .label = slice_from_string(step->label),
      .short_label = step->status ? SLICE_NONE : SLICE("INV"),
      .style = style_of_status(step->status),
      .marks = step->marks,
      .times = i == 0 ? 3 : 1,
    };
  }
  *options = (LadderOptions){options->width, options->charset,  options->clock,
                             .dense = true,  .number_width = 4, .time_width = 12};
  LadderInput *input = arena_new(arena, LadderInput);
  *input = (LadderInput){names, flow->name_count, messages, count, spans, flow->step_count};
  return ladder_build(arena, input, options);
}

/* Scrolling moves no lifeline and no name. */
static void test_windows_agree(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(FLOWS); i++)
    for (unsigned width = 40; width < 220; width += 7) {
      Clock clock = clock_new(TIME_RELATIVE, true);
      LadderOptions options = {.width = width, .charset = TEXT_UTF8, .clock = &clock};
      Arena arena;

      arena_init(&arena, 4096);
      Ladder whole = build_window(&arena, &FLOWS[i], &options, 0);
      for (size_t first = 1; first < FLOWS[i].step_count; first++) {
        Ladder part = build_window(&arena, &FLOWS[i], &options, first);

        assert_int_equal(part.width, whole.width);
        assert_int_equal(part.name_lines, whole.name_lines);
        for (size_t c = 0; c < whole.column_count; c++)
          assert_int_equal(part.columns[c].x, whole.columns[c].x);
        for (size_t c = 1; c < whole.column_count; c++)
          assert_true(whole.columns[c].x >= whole.columns[c - 1].x + LADDER_GAP_DENSE);
      }
      arena_clear(&arena);
    }
}

static void test_dense(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(FLOWS); i++) {
    Clock clock = clock_new(TIME_RELATIVE, true);
    LadderOptions options = {.width = 80, .charset = TEXT_UTF8, .clock = &clock};
    Look look = {.charset = TEXT_UTF8, .width = 80};
    g_autofree char *name = g_strdup_printf("show/ladder/%s-80-dense.txt", FLOWS[i].name);
    g_autoptr(GString) text = g_string_new(NULL);
    Arena arena;

    clock.digits = 3;
    arena_init(&arena, 4096);
    Ladder ladder = build_window(&arena, &FLOWS[i], &options, 0);
    append_lines(text, &ladder, &look);
    arena_clear(&arena);
    assert_golden(name, text->str);
  }
}

/* Nothing is cut as long as two or three columns leave blanks. */
static void test_few_columns(void **state)
{
  static const char *const LONG =
    "488 Not Acceptable Here: neither of the offered codecs is allowed on this trunk";

  (void) state;
  for (size_t count = 2; count <= 3; count++)
    for (unsigned dense = 0; dense < 2; dense++) {
      const Slice names[] = {SLICE("10.0.0.1:5060"), SLICE("10.0.0.2:5060"),
                             SLICE("10.0.0.3:5060")};
      const LadderMessage message = {.from = 1, .to = 0, .label = slice_from_string(LONG)};
      Clock clock = clock_new(TIME_ABSOLUTE, true);
      const LadderInput input = {names, count, &message, 1, NULL, 0};
      const LadderOptions options = {
        .width = 220, .charset = TEXT_ASCII, .clock = &clock, .dense = dense};
      Arena arena;

      arena_init(&arena, 1024);
      Ladder ladder = ladder_build(&arena, &input, &options);
      assert_int_equal(ladder.rows[0].label.len, strlen(LONG));
      assert_true(ladder.width <= options.width);
      arena_clear(&arena);
    }
}

/* Roles are a line below the names that have one; staggered names leave no room for them. */
static void test_roles(void **state)
{
  const Slice names[] = {SLICE("192.0.2.1:5060"), SLICE("192.0.2.2:5060"), SLICE("192.0.2.3:5060")};
  const Slice roles[] = {SLICE("UAC"), SLICE_NONE, SLICE("registrar")};
  const LadderInput input = {.names = names, .name_count = 3, .roles = roles};
  Clock clock = clock_new(TIME_ABSOLUTE, true);
  Arena arena;

  (void) state;
  arena_init(&arena, 1024);
  for (unsigned width = 20; width <= 200; width += 180) {
    const LadderOptions options = {.width = width, .charset = TEXT_ASCII, .clock = &clock};
    Ladder ladder = ladder_build(&arena, &input, &options);
    bool is_wide = width == 200;
    for (size_t i = 0; i < 3; i++) {
      const LadderColumn *column = &ladder.columns[i];
      const LadderName *last = &column->name[column->name_end - 1];
      assert_int_equal(slice_eq(last->text, roles[i]) && roles[i].len > 0, is_wide && i != 1);
    }
  }
  arena_clear(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_goldens),
    cmocka_unit_test(test_any_width),
    cmocka_unit_test(test_width_is_kept),
    cmocka_unit_test(test_no_columns),
    cmocka_unit_test(test_columns_are_bounded),
    cmocka_unit_test(test_colours),
    cmocka_unit_test(test_windows_agree),
    cmocka_unit_test(test_few_columns),
    cmocka_unit_test(test_dense),
    cmocka_unit_test(test_roles),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
