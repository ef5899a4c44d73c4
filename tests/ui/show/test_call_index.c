/* The rows of the call list: after whatever was done, they are those of a filter and a stable sort
 * over all calls. */
#include "tests/growing_trace.h"

#include "ui/show/call_index.h"

static const char *const FILTERS[] = {
  NULL,
  "call.outcome == answered",
  "call.state in {calling, ringing}",
  "call.messages > 3",
  "message.status == 486",
  "!any(header[\"X-Turn\"] == 50)",
  "all(header[\"X-Turn\"] != 51)",
  "call.retransmissions && any(header[\"X-Turn\"] == 7)",
  "call.number == 3..9",
  "from.user == alice",
  "call.id == none",
};

static const char *const SORTS[] = {
  NULL,         "call.messages", "from.uri",    "call.state",           "call.status",
  "call.start", "call.end",      "call.number", "header[\"X-Turn\"]",   "call.endpoints",
  "call.kind",  "to.user",       "from.user",   "header[\"X-Missing\"]"};

/* The naive model. */
typedef struct {
  GrowingTrace growing;
  CallIndex *index;
  const char *filter;
  QuickChoice quick;
  const char *sort;
  bool descending;
  GHashTable *hidden; /* numbers */
  Arena scratch;
} Model;

static void model_init(Model *model, const Limits *limits, uint32_t seed)
{
  *model =
    (Model){.growing = growing_trace_new(limits, seed), .hidden = g_hash_table_new(NULL, NULL)};
  model->index = call_index_new(model->growing.trace, model->growing.stores);
  call_index_set_pace(model->index, 0);
  arena_init(&model->scratch, 1024);
}

static void model_clear(Model *model)
{
  call_index_free(model->index);
  growing_trace_clear(&model->growing);
  g_hash_table_unref(model->hidden);
  arena_clear(&model->scratch);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Model, model_clear)

static int random_below(Model *model, int end)
{
  return g_rand_int_range(model->growing.random, 0, end);
}

static bool passes(Model *model, const DisplayFilter *filter, const Call *call)
{
  g_auto(FieldContext) context =
    field_context(model->growing.trace, model->growing.stores, &model->scratch);

  if (!call || g_hash_table_contains(model->hidden, GUINT_TO_POINTER(call->number)) ||
      !quick_choice_has(model->quick, call, trace_now(model->growing.trace)))
    return false;
  arena_reset(&model->scratch);
  field_look_at_call(&context, call);
  return !filter || display_filter_match(filter, &context);
}

typedef struct {
  uint32_t number;
  bool found;
  FieldValue value;
  char *text; /* what the value borrows */
} Row;

static void row_clear(gpointer row)
{
  g_free(((Row *) row)->text);
}

static void read_row(Model *model, const FieldRef *ref, Row *row)
{
  g_auto(FieldContext) context =
    field_context(model->growing.trace, model->growing.stores, &model->scratch);

  arena_reset(&model->scratch);
  field_look_at_call(&context, trace_call_at(model->growing.trace, row->number - 1));
  row->found = field_get(&context, ref, &row->value);
  bool is_text = ref->field->type == FIELD_STRING || ref->field->type == FIELD_ENUM;
  if (row->found && is_text) {
    row->text = slice_dup(row->value.text);
    row->value.text = slice_from_string(row->text);
  }
}

static gint compare_rows(gconstpointer a, gconstpointer b, gpointer data)
{
  const Row *first = a, *second = b;
  const Model *model = data;
  int order = 0;

  if (first->found != second->found)
    return first->found ? -1 : 1;
  if (first->found)
    order = field_compare(&first->value, &second->value);
  if (order == 0)
    return first->number < second->number ? -1 : 1;
  return model->descending ? -order : order;
}

static void sort_rows(Model *model, GArray *rows)
{
  Slice text = slice_from_string(model->sort);
  FieldRef ref;

  if (!model->sort) {
    for (guint i = 0; model->descending && i < rows->len / 2; i++) {
      Row *first = &g_array_index(rows, Row, i),
          *last = &g_array_index(rows, Row, rows->len - 1 - i);
      Row was = *first;
      *first = *last;
      *last = was;
    }
    return;
  }
  assert_true(field_ref_parse(&text, &ref, NULL));
  for (guint i = 0; i < rows->len; i++)
    read_row(model, &ref, &g_array_index(rows, Row, i));
  g_array_sort_with_data(rows, compare_rows, model);
}

static GArray *model_rows(Model *model)
{
  GArray *rows = g_array_new(false, false, sizeof(Row));
  g_autoptr(DisplayFilter) filter = model->filter ? display_filter_new(model->filter, NULL) : NULL;

  g_array_set_clear_func(rows, row_clear);
  for (size_t i = 0; i < trace_call_count(model->growing.trace); i++) {
    const Call *call = trace_call_at(model->growing.trace, i);
    Row row = {.number = (uint32_t) i + 1};

    if (passes(model, filter, call))
      g_array_append_val(rows, row);
  }
  sort_rows(model, rows);
  return rows;
}

static void settle(Model *model)
{
  model->growing.now_ns += INT64_C(2000000000);
  trace_note_time(model->growing.trace, model->growing.now_ns, model->growing.now_ns);
  for (unsigned i = 0; call_index_step(model->index, 0); i++)
    assert_true(i < 1000000);
}

static void check_rows(Model *model)
{
  settle(model);
  g_autoptr(GArray) rows = model_rows(model);
  if (call_index_count(model->index) != rows->len)
    fail_msg("%s, by %s%s: %zu rows, not %u", model->filter, model->descending ? "-" : "",
             model->sort, call_index_count(model->index), rows->len);
  for (size_t i = 0; i < rows->len; i++) {
    uint32_t number = g_array_index(rows, Row, i).number;
    size_t row = 0;

    if (call_index_at(model->index, i) != number)
      fail_msg("%s, by %s%s: row %zu is call %u, not %u", model->filter,
               model->descending ? "-" : "", model->sort, i, call_index_at(model->index, i),
               number);
    assert_true(call_index_find(model->index, number, &row));
    assert_int_equal(row, i);
  }
  assert_int_equal(call_index_total(model->index), trace_call_count(model->growing.trace));
  assert_int_equal(call_index_hidden(model->index), g_hash_table_size(model->hidden));
}

/* At any time: every row but once. */
static void check_unique(Model *model)
{
  g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

  for (size_t i = 0; i < call_index_count(model->index); i++)
    assert_true(g_hash_table_add(seen, GUINT_TO_POINTER(call_index_at(model->index, i))));
}

/* --- What can happen ------------------------------------------------------------------------- */

/* Some calls get most of the messages, and one more than are asked in one go. */
static void add_messages(Model *model)
{
  int calls = 1 + (int) trace_call_count(model->growing.trace);

  for (int i = random_below(model, 40); i > 0; i--) {
    unsigned id =
      random_below(model, 3) == 0 ? 0 : (unsigned) random_below(model, MIN(calls * 2, 300));
    const Message *message = growing_trace_add(&model->growing, id);

    call_index_touch(model->index, message->transaction->call);
  }
}

static void set_filter(Model *model)
{
  model->filter = FILTERS[random_below(model, G_N_ELEMENTS(FILTERS))];
  call_index_set_filter(model->index,
                        model->filter ? display_filter_new(model->filter, NULL) : NULL);
}

static void set_quick(Model *model)
{
  model->quick = (QuickChoice){0};
  if (random_below(model, 2) == 0)
    model->quick.kinds = (uint32_t) random_below(model, 8);
  if (random_below(model, 2) == 0)
    model->quick.fates = (uint32_t) random_below(model, 1 << QUICK_FATE_COUNT);
  call_index_set_quick(model->index, model->quick);
}

static void set_sort(Model *model)
{
  FieldRef ref;

  if (random_below(model, 2) == 0)
    model->sort = SORTS[random_below(model, G_N_ELEMENTS(SORTS))];
  Slice text = slice_from_string(model->sort);
  model->descending = random_below(model, 2) == 0;
  assert_true(!model->sort || field_ref_parse(&text, &ref, NULL));
  call_index_sort(model->index, model->sort ? &ref : NULL, model->descending);
}

static void hide_call(Model *model, uint32_t number)
{
  g_hash_table_add(model->hidden, GUINT_TO_POINTER(number));
}

static void clear(Model *model)
{
  if (random_below(model, 4) != 0)
    return;
  call_index_clear(model->index);
  for (uint32_t i = 1; i <= trace_call_count(model->growing.trace); i++)
    hide_call(model, i);
}

static void clear_soft(Model *model)
{
  size_t row;

  settle(model);
  call_index_clear_soft(model->index);
  for (uint32_t i = 1; i <= trace_call_count(model->growing.trace); i++)
    if (!call_index_find(model->index, i, &row))
      hide_call(model, i);
}

static void unhide(Model *model)
{
  call_index_unhide(model->index);
  g_hash_table_remove_all(model->hidden);
}

/* Rows stand still, however much comes. */
static void pause_and_go_on(Model *model)
{
  settle(model);
  size_t count = call_index_count(model->index), calls = call_index_total(model->index);
  uint64_t version = call_index_version(model->index);

  call_index_pause(model->index, true);
  add_messages(model);
  settle(model);
  assert_int_equal(call_index_count(model->index), count);
  assert_int_equal(call_index_version(model->index), version);
  assert_int_equal(call_index_waiting(model->index),
                   trace_call_count(model->growing.trace) - calls);
  call_index_pause(model->index, false);
}

static void step(Model *model)
{
  for (int i = random_below(model, 60); i > 0; i--)
    call_index_step(model->index, 0);
  check_unique(model);
}

static void act(Model *model)
{
  static void (*const ACTS[])(Model *) = {
    add_messages, add_messages, add_messages, add_messages, set_filter,     set_filter,
    set_quick,    set_sort,     set_sort,     step,         step,           step,
    check_rows,   clear,        clear_soft,   unhide,       pause_and_go_on};

  ACTS[random_below(model, G_N_ELEMENTS(ACTS))](model);
}

static void test_anything(void **state)
{
  (void) state;
  for (uint32_t seed = 1; seed <= 12; seed++) {
    g_auto(Model) model = {0};

    model_init(&model, &LIMITS_DEFAULT, seed);
    for (unsigned i = 0; i < 500; i++)
      act(&model);
    check_rows(&model);
  }
}

/* Calls that had to go are no rows any more. */
static void test_evicted(void **state)
{
  Limits limits = LIMITS_DEFAULT;

  (void) state;
  limits.calls = 20;
  for (uint32_t seed = 1; seed <= 4; seed++) {
    g_auto(Model) model = {0};

    model_init(&model, &limits, seed);
    for (unsigned i = 0; i < 150; i++) {
      static void (*const ACTS[])(Model *) = {add_messages, set_filter, set_sort, step, check_rows};

      ACTS[random_below(&model, G_N_ELEMENTS(ACTS))](&model);
    }
    check_rows(&model);
  }
}

/* While all calls are asked anew, rows come from the top, and are never none. */
static void test_fills_from_the_top(void **state)
{
  g_auto(Model) model = {0};
  size_t last = 0;

  (void) state;
  model_init(&model, &LIMITS_DEFAULT, 7);
  for (unsigned id = 0; id < 3000; id++)
    growing_trace_add(&model.growing, id);
  settle(&model);
  model.filter = "call.messages == 1 && from.user";
  call_index_set_filter(model.index, display_filter_new(model.filter, NULL));
  assert_int_equal(call_index_count(model.index), 3000);
  while (call_index_step(model.index, 0) && call_index_count(model.index) == 3000)
    continue;
  assert_int_equal(call_index_count(model.index), 64);
  do {
    assert_true(call_index_count(model.index) >= last);
    last = call_index_count(model.index);
    assert_int_equal(call_index_at(model.index, 0), 1);
  } while (call_index_step(model.index, 0));
  check_rows(&model);
}

/* Changes are gathered: the second one waits for its time. */
static void test_pace(void **state)
{
  g_auto(Model) model = {0};

  (void) state;
  model_init(&model, &LIMITS_DEFAULT, 7);
  model.filter = "call.messages >= 2";
  call_index_set_filter(model.index, display_filter_new(model.filter, NULL));
  growing_trace_add(&model.growing, 1);
  settle(&model);
  call_index_set_pace(model.index, INT64_C(3600000000));
  for (unsigned i = 0; i < 2; i++) {
    const Message *message = growing_trace_add(&model.growing, i + 1);

    call_index_touch(model.index, message->transaction->call);
    while (call_index_step(model.index, 0))
      continue;
    call_index_touch(model.index, growing_trace_add(&model.growing, 2)->transaction->call);
    while (call_index_step(model.index, 0))
      continue;
    assert_int_equal(call_index_count(model.index), 1);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_anything),
    cmocka_unit_test(test_evicted),
    cmocka_unit_test(test_fills_from_the_top),
    cmocka_unit_test(test_pace),
  };

  return cmocka_run_group_tests_name("call_index", tests, NULL, NULL);
}
