/* Columns of the call list: how wide they are, and what the configuration makes of them. */
#include "tests/test.h"

#include "ui/show/call_columns.h"
#include "ui/view/screens.h"

/* Keys divided by blanks, what they need, and what they get in a width. */
typedef struct {
  const char *keys;
  unsigned needed[4];
  unsigned width;
  unsigned widths[4];
} Fit;

static const Fit FITS[] = {
  {"call.number from.uri to.uri call.result", {4, 10, 12, 9}, 80, {4, 10, 12, 9}},
  /* titles need room, too */
  {"call.number call.duration call.messages", {1, 1, 1}, 80, {4, 8, 4}},
  /* texts give way, the widest first; numbers do not */
  {"call.number from.uri to.uri call.result", {4, 10, 30, 9}, 50, {4, 10, 24, 9}},
  {"call.number from.uri to.uri call.result", {4, 28, 30, 9}, 50, {4, 17, 17, 9}},
  {"call.number from.uri to.uri call.result", {9, 28, 30, 20}, 20, {9, 8, 8, 20}},
  /* no text is wider than this by itself */
  {"from.uri", {500}, 1000, {48}},
  {"call.start", {26}, 10, {26}},
};

static GPtrArray *parse_columns(const char *keys)
{
  g_auto(GStrv) words = g_strsplit(keys, " ", -1);
  GPtrArray *columns = g_ptr_array_new_with_free_func((GDestroyNotify) call_column_free);

  for (size_t i = 0; words[i]; i++) {
    CallColumn *column = call_column_parse(COLUMNS_OF_CALLS, words[i], NULL);
    assert_non_null(column);
    g_ptr_array_add(columns, column);
  }
  return columns;
}

static void test_fit(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(FITS); i++) {
    g_autoptr(GPtrArray) columns = parse_columns(FITS[i].keys);
    unsigned widths[4];

    call_columns_fit(columns, FITS[i].needed, FITS[i].width, widths);
    for (guint k = 0; k < columns->len; k++)
      if (widths[k] != FITS[i].widths[k])
        fail_msg("%s in %u: column %u is %u wide, not %u", FITS[i].keys, FITS[i].width, k,
                 widths[k], FITS[i].widths[k]);
  }
}

/* What is configured stays, whatever is in it. */
static void test_fixed(void **state)
{
  g_autoptr(GPtrArray) columns = parse_columns("from.uri to.uri");
  const unsigned needed[] = {40, 40};
  unsigned widths[2];

  (void) state;
  ((CallColumn *) columns->pdata[0])->width = 30;
  call_columns_fit(columns, needed, 50, widths);
  assert_int_equal(widths[0], 30);
  assert_int_equal(widths[1], 19);
}

static void set_list(Config *config, const char *key, const char *texts)
{
  g_auto(GStrv) words = g_strsplit(texts, " ", -1);

  config_set_list(config, "columns", key, (const char *const *) words);
}

/* What is no column, or one already, is passed over; widths go with their columns. */
static void test_load(void **state)
{
  g_autoptr(Config) config = config_new();

  (void) state;
  set_list(
    config, "calls",
    "call.id nonsense message.status header[\"X-A\"] CALL.ID header[\"x-a\"] to.user from.tag");
  set_list(config, "widths", "10 11 12 13 14 15 9999 x");
  g_autoptr(GPtrArray) columns = columns_load(config, COLUMNS_OF_CALLS, 80);
  assert_int_equal(columns->len, 4);
  const CallColumn *const *all = (const CallColumn *const *) columns->pdata;
  assert_string_equal(all[0]->title, "Call-ID");
  assert_int_equal(all[0]->width, 10);
  assert_string_equal(all[1]->title, "X-A");
  assert_int_equal(all[1]->width, 13);
  assert_int_equal(all[2]->width, 200);
  assert_int_equal(all[3]->width, 0);

  columns_store(config, COLUMNS_OF_CALLS, columns);
  g_autoptr(GPtrArray) again = columns_load(config, COLUMNS_OF_CALLS, 80);
  assert_true(call_columns_are_same(columns, again));
  columns_store(config, COLUMNS_OF_CALLS, NULL);
  g_autoptr(GPtrArray) usual = columns_load(config, COLUMNS_OF_CALLS, 80);
  g_autoptr(GPtrArray) expected = call_columns_usual(COLUMNS_OF_CALLS, 80);
  assert_true(call_columns_are_same(usual, expected));
}

/* What is chosen on a narrow screen leaves the columns of wider ones as they are. */
static void test_from_width(void **state)
{
  g_autoptr(Config) config = config_new();

  (void) state;
  set_list(config, "calls", "call.number from.uri@60 header[\"X@1\"]@100 call.setup@150 call.id@x");
  g_autoptr(GPtrArray) narrow = columns_load(config, COLUMNS_OF_CALLS, 80);
  g_autoptr(GPtrArray) wide = columns_load(config, COLUMNS_OF_CALLS, 150);
  g_autoptr(GPtrArray) tiny = columns_load(config, COLUMNS_OF_CALLS, 10);
  assert_int_equal(narrow->len, 2);
  assert_int_equal(wide->len, 4);
  assert_int_equal(tiny->len, 1);
  assert_string_equal(((CallColumn *) wide->pdata[2])->name, "X@1");
  columns_store(config, COLUMNS_OF_CALLS, wide);
  g_auto(GStrv) keys = config_list(config, "columns", "calls");
  assert_string_equal(keys[2], "header[\"X@1\"]@100");
  assert_string_equal(keys[3], "call.setup@150");
}

static void test_uri(void **state)
{
  static const char *const PAIRS[][2] = {
    {"sip:bob@example.com;transport=tcp;lr", "bob@example.com"},
    {"SIP:bob;x=1?y@example.com:5080?Subject=a", "bob;x=1?y@example.com:5080"},
    {"sips:bob@example.com", "sips:bob@example.com"},
    {"sip:example.com;user=phone", "example.com"},
    {"tel:+4930;phone-context=x", "tel:+4930"},
    {"sip:", ""},
    {"", ""},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(PAIRS); i++) {
    g_autofree char *shown = slice_dup(call_uri_shown(slice_from_string(PAIRS[i][0])));
    assert_string_equal(shown, PAIRS[i][1]);
  }
}

/* More of them the wider it is, and at 80 they fit. */
static void test_usual(void **state)
{
  unsigned count = 0;

  (void) state;
  for (unsigned width = 1; width <= 300; width++) {
    g_autoptr(GPtrArray) usual = call_columns_usual(COLUMNS_OF_CALLS, width);
    const unsigned needed[CALL_COLUMNS_MAX] = {6, 9, 12, 20, 20, 10, 6, 4};
    unsigned widths[CALL_COLUMNS_MAX], used = usual->len - 1;

    assert_true(usual->len >= count);
    count = usual->len;
    if (width != 80)
      continue;
    call_columns_fit(usual, needed, width - 3, widths);
    for (guint i = 0; i < usual->len; i++)
      used += widths[i];
    assert_true(used <= width - 3);
  }
}

/* Those of the list of streams are apart. */
static void test_streams(void **state)
{
  g_autoptr(Config) config = config_new();

  (void) state;
  set_list(config, "calls", "call.id");
  set_list(config, "streams", "stream.mos call.id from.uri stream.lost@100 stream.src");
  set_list(config, "stream-widths", "7 8 9 10 11");
  g_autoptr(GPtrArray) narrow = columns_load(config, COLUMNS_OF_STREAMS, 80);
  g_autoptr(GPtrArray) wide = columns_load(config, COLUMNS_OF_STREAMS, 100);
  assert_int_equal(narrow->len, 2);
  assert_int_equal(wide->len, 3);
  assert_int_equal(((CallColumn *) wide->pdata[0])->width, 7);
  assert_int_equal(((CallColumn *) wide->pdata[1])->width, 10);
  columns_store(config, COLUMNS_OF_STREAMS, NULL);
  g_autoptr(GPtrArray) usual = columns_load(config, COLUMNS_OF_STREAMS, 80);
  g_autoptr(GPtrArray) expected = call_columns_usual(COLUMNS_OF_STREAMS, 80);
  assert_true(call_columns_are_same(usual, expected));
  g_autoptr(GPtrArray) calls = columns_load(config, COLUMNS_OF_CALLS, 80);
  assert_int_equal(calls->len, 1);
}

static void test_faults(void **state)
{
  static const char *const KEYS[] = {"",          "call",   "call.idx",     "message.status",
                                     "call.id x", "header", "header[\"\"]", "header[\"X"};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(KEYS); i++) {
    g_autoptr(GError) error = NULL;

    if (call_column_parse(COLUMNS_OF_CALLS, KEYS[i], &error))
      fail_msg("%s is taken for a column", KEYS[i]);
    assert_non_null(error);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_fit),        cmocka_unit_test(test_fixed),   cmocka_unit_test(test_load),
    cmocka_unit_test(test_from_width), cmocka_unit_test(test_uri),     cmocka_unit_test(test_usual),
    cmocka_unit_test(test_faults),     cmocka_unit_test(test_streams),
  };

  return cmocka_run_group_tests_name("call_columns", tests, NULL, NULL);
}
