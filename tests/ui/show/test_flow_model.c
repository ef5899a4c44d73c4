#include "tests/growing_trace.h"
#include "tests/ui/golden.h"
#include "tests/sample_trace.h"

#include "ui/show/flow_window.h"
#include "ui/show/ladder_draw.h"

#define NS_PER_S INT64_C(1000000000)

static const FlowOptions PLAIN = {.time = TIME_ABSOLUTE, .utc = true};

/* Reads what the trace has. */
static void read_all(FlowModel *model)
{
  while (flow_model_step(model, G_MAXINT64))
    continue;
}

static FlowModel *model_of(const SampleTrace *sample, const FlowOptions *options)
{
  FlowSetup setup = {sample->trace, sample->stores, *options};
  FlowModel *model = flow_model_new(&setup);

  for (uint32_t i = 1; i <= trace_call_count(sample->trace); i++)
    assert_true(flow_model_add_call(model, i));
  return model;
}

static void append_line(GString *to, const FlowWindow *window, const FlowLine *line,
                        const Look *look)
{
  if (line->rung)
    ladder_text_row(to, &window->ladder, (size_t) (line->rung - window->ladder.rows), look);
  else
    g_string_append_printf(to, "%s %.*s\n", line->kind == FLOW_ROW_GAP ? "---" : "...",
                           SLICE_ARG(line->text));
  if (line->lit)
    g_string_insert_c(to, (gssize) to->len - 1, '*');
}

static char *window_text(FlowModel *model, FlowTexts *texts, const FlowWindowOptions *options)
{
  const Look look = {.charset = options->charset, .width = options->width};
  GString *text = g_string_new(NULL);
  Arena arena;

  arena_init(&arena, 16 * 1024);
  FlowWindow window = flow_window_build(&arena, model, texts, options);
  for (unsigned line = 0; line < window.ladder.name_lines; line++)
    ladder_text_names(text, &window.ladder, line, &look);
  for (size_t i = 0; i < window.line_count; i++)
    append_line(text, &window, &window.lines[i], &look);
  arena_clear(&arena);
  return g_string_free(text, FALSE);
}

static char *model_text(FlowModel *model, const StoreSet *stores, unsigned width)
{
  g_autoptr(FlowTexts) texts = flow_texts_new(stores);
  const FlowWindowOptions options = {.count = SIZE_MAX, .width = width, .charset = TEXT_UTF8};

  return window_text(model, texts, &options);
}

typedef struct {
  const char *name, *sample;
  FlowOptions options;
  bool merged;
} Case;

static const Case CASES[] = {
  {"basic", "basic.pcap", {.time = TIME_RELATIVE, .sdp = FLOW_SDP_SHORT}, false},
  {"reinvite", "reinvite.pcap", {.time = TIME_DELTA, .sdp = FLOW_SDP_LINES}, false},
  {"folded", "retransmission.pcap", {.time = TIME_DELTA, .fold = true}, false},
  {"unfolded", "retransmission.pcap", {.time = TIME_DELTA}, false},
  {"duplicates", "duplicates.pcap", {.time = TIME_RELATIVE, .fold = true}, false},
  {"gaps", "unanswered.pcap", {.utc = true, .fold = false, .gap_ns = 4 * NS_PER_S}, false},
  {"gap", "unanswered.pcap", {.utc = true, .fold = true, .gap_ns = 4 * NS_PER_S}, false},
  {"legs", "b2bua.pcap", {.utc = true, .sdp = FLOW_SDP_SHORT, .gap_ns = 2 * NS_PER_S}, false},
  {"proxies", "proxies.pcap", {.time = TIME_RELATIVE, .sdp = FLOW_SDP_SHORT}, false},
  {"fork", "fork.pcap", {.utc = true}, false},
  {"only-sdp", "fork.pcap", {.utc = true, .only_sdp = true, .sdp = FLOW_SDP_LINES}, false},
  {"merged", "websocket.pcap", {.utc = true}, true},
  {"broken", "broken.pcap", {.utc = true}, false},
  {"media", "basic.pcap", {.time = TIME_RELATIVE, .media = true}, false},
};

static void test_goldens(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const Case *c = &CASES[i];
    g_auto(SampleTrace) sample = sample_trace_read(c->sample);
    g_autoptr(FlowModel) model = model_of(&sample, &c->options);
    g_autofree char *name = g_strdup_printf("show/flow/%s.txt", c->name);

    read_all(model);
    flow_columns_group_all(flow_model_columns(model), c->merged ? FLOW_BY_HOST : FLOW_BY_PORT);
    flow_model_columns_changed(model);
    read_all(model);
    g_autofree char *text = model_text(model, sample.stores, 80);
    assert_golden(name, text);
  }
}

/* Every row of any window is as it is in the window of all. */
static void test_windows(void **state)
{
  enum { ROWS = 3 };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(SampleTrace) sample = sample_trace_read(CASES[i].sample);
    g_autoptr(FlowModel) model = model_of(&sample, &CASES[i].options);
    g_autoptr(FlowTexts) texts = flow_texts_new(sample.stores);

    read_all(model);
    g_autofree char *whole = model_text(model, sample.stores, 120);
    g_auto(GStrv) lines = g_strsplit(whole, "\n", -1);
    size_t head = g_strv_length(lines) - 1 - flow_model_row_count(model);
    for (size_t top = 0; top < flow_model_row_count(model) + ROWS; top++) {
      const FlowWindowOptions options = {
        .top = top, .count = ROWS, .width = 120, .charset = TEXT_UTF8};
      g_autofree char *part = window_text(model, texts, &options);
      g_auto(GStrv) part_lines = g_strsplit(part, "\n", -1);

      for (size_t l = 0; part_lines[l] && part_lines[l][0]; l++)
        assert_string_equal(part_lines[l], lines[l < head ? l : l + top]);
    }
  }
}

/* Messages that come one by one, in steps as short as they can be, give the same. */
static void test_growing(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(SampleTrace) sample = sample_trace_read(CASES[i].sample);
    g_autoptr(FlowModel) whole = model_of(&sample, &CASES[i].options);
    g_auto(SampleTrace) again = sample_trace_begin(CASES[i].sample);
    FlowSetup setup = {again.trace, again.stores, CASES[i].options};
    g_autoptr(FlowModel) model = flow_model_new(&setup);

    read_all(whole);
    g_autofree char *expected = model_text(whole, sample.stores, 100);
    trace_follow_media(again.trace, again.stores);
    g_autoptr(Pipeline) pipeline =
      pipeline_start(&(Setup){again.source, again.stores, &LIMITS_DEFAULT});
    for (bool last = false; !last;) {
      Batch *batch = pipeline_take(pipeline, G_USEC_PER_SEC);

      if (!batch)
        continue;
      last = batch->last;
      trace_note_time(again.trace, batch->first_ns, batch->last_ns);
      for (size_t m = 0; m < batch->count; m++) {
        const Message *message = trace_add(again.trace, &batch->arrivals[m]);

        flow_model_add_call(model, message->transaction->call->number);
        flow_model_step(model, 0);
      }
      batch_note(batch, again.trace); /* its streams, too */
      pipeline_give_back(pipeline, batch);
    }
    read_all(model);
    g_autofree char *grown = model_text(model, again.stores, 100);
    assert_string_equal(grown, expected);
  }
}

static void assert_same_rows(FlowModel *a, FlowModel *b)
{
  FlowCounts counts = flow_model_counts(a), others = flow_model_counts(b);

  assert_int_equal(counts.messages, others.messages);
  assert_int_equal(counts.folded, others.folded);
  assert_int_equal(counts.hidden, others.hidden);
  assert_int_equal(flow_model_row_count(a), flow_model_row_count(b));
  for (size_t row = 0; row < flow_model_row_count(a); row++) {
    FlowRow left = flow_model_row(a, row), right = flow_model_row(b, row);
    assert_ptr_equal(left.message, right.message);
    assert_int_equal(left.times, right.times);
    assert_true(left.above_ns == right.above_ns);
  }
}

/* Messages whose frames come in any order: the rows are in that of the frames, whether they were
 * made after each message or at once. */
static void test_late_messages(void **state)
{
  enum { MESSAGES = 2000, CALLS = 3, BACK = 64 };

  (void) state;
  for (uint32_t seed = 1; seed <= 4; seed++) {
    g_auto(GrowingTrace) growing = growing_trace_new(&LIMITS_DEFAULT, seed);
    const FlowSetup setup = {growing.trace, growing.stores, PLAIN};
    g_autoptr(FlowModel) grown = flow_model_new(&setup), whole = flow_model_new(&setup);

    for (unsigned i = 0; i < MESSAGES; i++) {
      unsigned late = seed % 2 ? (unsigned) g_rand_int_range(growing.random, 0, BACK) : 2 * i;
      growing_trace_add_of(&growing, 3 * (i % CALLS), 2 * MESSAGES + i - late);
      if (i < CALLS)
        assert_true(flow_model_add_call(grown, i + 1) && flow_model_add_call(whole, i + 1));
      if (seed < 3)
        flow_model_step(grown, 0);
    }
    read_all(grown);
    while (flow_model_step(whole, 0))
      continue;
    assert_int_equal(flow_model_row_count(whole), MESSAGES);
    assert_same_rows(grown, whole);
  }
}

/* Rows stand in order, and each is found by its message. */
static void test_rows(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(SampleTrace) sample = sample_trace_read(CASES[i].sample);
    g_autoptr(FlowModel) model = model_of(&sample, &CASES[i].options);
    size_t messages = 0;
    int64_t above_ns = TIME_NONE;

    read_all(model);
    for (size_t row = 0; row < flow_model_row_count(model); row++) {
      FlowRow shown = flow_model_row(model, row);

      if (shown.kind != FLOW_ROW_MESSAGE && shown.kind != FLOW_ROW_STREAM)
        continue;
      assert_true(shown.above_ns == above_ns);
      above_ns = shown.time_ns;
      if (shown.kind == FLOW_ROW_STREAM)
        continue;
      messages++;
      assert_int_equal(flow_model_find(model, shown.message), row);
    }
    FlowCounts counts = flow_model_counts(model);
    assert_int_equal(messages + counts.folded + counts.hidden, counts.messages);
    assert_true(flow_model_progress(model) == 1.0);
  }
}

static void add_note(const SampleTrace *sample, int64_t time_ns)
{
  const Call *call = trace_call(sample->trace, 1);
  const HepPacket copy = {.sender = *trace_endpoint(sample->trace, call->first->src)};

  trace_add_note(sample->trace, &call->id, &copy, &(Note){.time_ns = time_ns});
}

/* The kinds of all rows: M and N. */
static char *kinds_of(FlowModel *model)
{
  GString *text = g_string_new(NULL);

  read_all(model);
  for (size_t row = 0; row < flow_model_row_count(model); row++)
    g_string_append_c(text, flow_model_row(model, row).kind == FLOW_ROW_NOTE ? 'N' : 'M');
  return g_string_free(text, FALSE);
}

static void assert_kinds(FlowModel *model, const char *wanted)
{
  g_autofree char *kinds = kinds_of(model);

  assert_string_equal(kinds, wanted);
}

/* Each in its place by time: before the first message, between two, after the last; also when it
 * comes later. */
static void test_notes(void **state)
{
  g_auto(SampleTrace) sample = sample_trace_read("busy.pcap");
  g_autoptr(FlowModel) model = model_of(&sample, &PLAIN);
  const Call *call = trace_call(sample.trace, 1);
  FlowOptions options = PLAIN;

  (void) state;
  assert_kinds(model, "MMMM");
  add_note(&sample, call->first->time_ns - 1);
  add_note(&sample, call->first->time_ns + 1);
  assert_kinds(model, "NMNMMM");
  add_note(&sample, call->last->time_ns + 1);
  add_note(&sample, call->last->time_ns - 1);
  assert_kinds(model, "NMNMMNMN");
  assert_int_equal(flow_model_counts(model).note_rows, 4);
  assert_int_equal(flow_model_find(model, call->first), 1);
  options.only_sdp = true;
  flow_model_set_options(model, &options);
  assert_kinds(model, "M");
}

static void test_options(void **state)
{
  g_auto(SampleTrace) sample = sample_trace_read("retransmission.pcap");
  g_autoptr(FlowModel) model = model_of(&sample, &PLAIN);
  FlowOptions options = PLAIN;

  (void) state;
  read_all(model);
  size_t all = flow_model_row_count(model);
  const Message *copy = flow_model_row(model, 1).message;
  assert_true(copy->flags & MESSAGE_RETRANSMISSION);
  options.fold = true;
  flow_model_set_options(model, &options);
  assert_int_equal(flow_model_row_count(model), all); /* until there are others */
  read_all(model);
  assert_int_equal(flow_model_row_count(model), all - flow_model_counts(model).folded);
  assert_int_equal(flow_model_find(model, copy), 0); /* what it is folded into */
  assert_int_equal(flow_model_row(model, 0).times, 3);
  flow_model_set_options(model, &PLAIN);
  read_all(model);
  assert_int_equal(flow_model_row_count(model), all);
  assert_int_equal(flow_model_counts(model).folded, 0);
}

static void test_hidden_column(void **state)
{
  g_auto(SampleTrace) sample = sample_trace_read("proxies.pcap");
  g_autoptr(FlowModel) model = model_of(&sample, &PLAIN);
  FlowColumns *columns = flow_model_columns(model);

  (void) state;
  read_all(model);
  size_t all = flow_model_row_count(model), count = flow_columns_count(columns);
  assert_true(count >= 4);
  assert_true(flow_columns_hide(columns, flow_columns_slot_at(columns, 1)));
  flow_model_columns_changed(model);
  read_all(model);
  FlowCounts counts = flow_model_counts(model);
  assert_true(counts.hidden > 0 && counts.hidden < all);
  assert_int_equal(flow_model_row_count(model) + counts.hidden, all);
  for (size_t i = 2; i < count; i++)
    assert_true(flow_columns_hide(columns, flow_columns_slot_at(columns, i)));
  assert_false(flow_columns_hide(columns, flow_columns_slot_at(columns, 0)));
  flow_model_columns_changed(model);
  read_all(model);
  assert_int_equal(flow_model_row_count(model), 0);
  g_autofree char *empty = model_text(model, sample.stores, 80);
  assert_non_null(strstr(empty, ":5060"));
  flow_columns_show_all(columns);
  flow_model_columns_changed(model);
  read_all(model);
  assert_int_equal(flow_model_row_count(model), all);
}

static void test_lit(void **state)
{
  g_auto(SampleTrace) sample = sample_trace_read("reinvite.pcap");
  FlowOptions options = PLAIN;
  g_autoptr(FlowModel) model = model_of(&sample, &options);
  g_autoptr(FlowTexts) texts = flow_texts_new(sample.stores);
  FlowWindowOptions window = {.count = SIZE_MAX, .width = 80, .charset = TEXT_ASCII};

  (void) state;
  read_all(model);
  window.current = flow_model_row(model, 4).message;
  g_autofree char *transaction = window_text(model, texts, &window);
  assert_golden("show/flow/lit-transaction.txt", transaction);
  options.color = FLOW_COLOR_DIALOG;
  flow_model_set_options(model, &options);
  read_all(model);
  g_autofree char *dialog = window_text(model, texts, &window);
  assert_golden("show/flow/lit-dialog.txt", dialog);
}

static const Message *search(FlowModel *model, const StoreSet *stores, const char *text,
                             const Message *after, bool backward)
{
  const FlowSearchSetup setup = {model, stores, slice_from_string(text), NULL, after, backward};
  FlowSearch *search = flow_search_new(&setup);

  while (job_step(&search->job, 0))
    assert_true(job_progress(&search->job) <= 1);
  const Message *found = search->found;
  assert_int_equal(search->unreadable, 0);
  job_free(&search->job);
  return found;
}

static void test_search(void **state)
{
  static const struct {
    const char *text;
    size_t after; /* row; or none */
    bool backward;
    size_t found; /* row, or none */
  } SEARCHES[] = {
    {"bye sip:", SIZE_MAX, false, 10},
    {"BYE sip:", 10, false, 10}, /* around to where it began */
    {"BYE sip:", 3, true, 10},
    {"invite sip:", 0, false, 4},
    {"invite sip:", 4, false, 7},
    {"invite sip:", 7, false, 0},
    {"invite sip:", 7, true, 4},
    {"invite sip:", 0, true, 7},
    {"no such text", 5, false, SIZE_MAX},
    {"no such text", SIZE_MAX, true, SIZE_MAX},
    {"a=sendonly", SIZE_MAX, true, 4},
  };
  g_auto(SampleTrace) sample = sample_trace_read("reinvite.pcap");
  g_autoptr(FlowModel) model = model_of(&sample, &PLAIN);

  (void) state;
  read_all(model);
  for (size_t i = 0; i < G_N_ELEMENTS(SEARCHES); i++) {
    size_t after = SEARCHES[i].after;
    const Message *from = after == SIZE_MAX ? NULL : flow_model_row(model, after).message;
    const Message *found =
      search(model, sample.stores, SEARCHES[i].text, from, SEARCHES[i].backward);

    if ((found ? flow_model_find(model, found) : SIZE_MAX) != SEARCHES[i].found)
      fail_msg("search %zu: %zu", i, found ? flow_model_find(model, found) : SIZE_MAX);
  }
}

/* A call that is evicted leaves the model; another one stays. */
static void test_eviction(void **state)
{
  Limits limits = LIMITS_DEFAULT;
  g_auto(SampleTrace) sample = sample_trace_begin("registration.pcap options.pcap failed.pcap");
  g_autoptr(FlowModel) model = NULL;

  (void) state;
  limits.calls = 2;
  trace_free(sample.trace);
  sample.trace = trace_new(&limits);
  FlowSetup setup = {sample.trace, sample.stores, PLAIN};
  model = flow_model_new(&setup);
  g_autoptr(Pipeline) pipeline = pipeline_start(&(Setup){sample.source, sample.stores, &limits});
  for (bool last = false; !last;) {
    Batch *batch = pipeline_take(pipeline, G_USEC_PER_SEC);

    if (!batch)
      continue;
    last = batch->last;
    for (size_t m = 0; m < batch->count; m++) {
      trace_note_time(sample.trace, batch->first_ns, batch->arrivals[m].raw.time_ns);
      const Message *message = trace_add(sample.trace, &batch->arrivals[m]);

      flow_model_sync(model);
      flow_model_add_call(model, message->transaction->call->number);
      flow_model_step(model, 0);
      assert_true(flow_model_call_count(model) <= 2);
    }
    pipeline_give_back(pipeline, batch);
  }
  read_all(model);
  assert_true(trace_counts(sample.trace)->evicted_calls > 0);
  size_t kept = 0;
  for (size_t i = 0; i < trace_call_count(sample.trace); i++) {
    const Call *call = trace_call_at(sample.trace, i);
    kept += call ? call->messages : 0;
  }
  assert_int_equal(flow_model_counts(model).messages, kept);
  g_autofree char *text = model_text(model, sample.stores, 80);
  assert_non_null(strstr(text, "5060"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_goldens),  cmocka_unit_test(test_windows),
    cmocka_unit_test(test_growing),  cmocka_unit_test(test_late_messages),
    cmocka_unit_test(test_rows),     cmocka_unit_test(test_notes),
    cmocka_unit_test(test_options),  cmocka_unit_test(test_hidden_column),
    cmocka_unit_test(test_lit),      cmocka_unit_test(test_search),
    cmocka_unit_test(test_eviction),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
