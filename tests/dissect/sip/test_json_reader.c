#include "dissect/sip/json_reader.h"

#include "tests/test.h"

/* Items as "name=kind:value", ended by the fault. */
static char *items_text(Slice text)
{
  static const char *const KINDS[] = {"{", "[", "end", "s", "n", "w"};
  GString *found = g_string_new(NULL);
  JsonReader reader = json_reader_of(text);
  JsonItem item;

  while (json_reader_next(&reader, &item))
    g_string_append_printf(found, "%.*s%s%s:%.*s ", SLICE_ARG(item.name), item.name.data ? "=" : "",
                           KINDS[item.kind], SLICE_ARG(item.value));
  if (reader.fault)
    g_string_append_printf(found, "! %s", reader.fault);
  return g_string_free(found, false);
}

static const struct {
  const char *text, *items;
} CASES[] = {
  {"{}", "{:{ end:} "},
  {" [ ] ", "[:[ end:] "},
  {"1", "n:1 "},
  {"\"\"", "s: "},
  {"{\"a\":1,\"b\":[true,null,\"x\\\"y\"]}", "{:{ a=n:1 b=[:[ w:true w:null s:x\\\"y end:] end:} "},
  {"-0.5e+10", "n:-0.5e+10 "},
  {"", "! the text ends too early"},
  {"{", "{:{ ! no name of a member"},
  {"[1", "[:[ n:1 ! the text ends too early"},
  {"[1 2]", "[:[ n:1 ! no ',' after a value"},
  {"[1,]", "[:[ n:1 ! no value"},
  {"{\"a\" 1}", "{:{ ! no ':' after a name"},
  {"[1}", "[:[ n:1 ! no ',' after a value"},
  {"01", "! no value"},
  {"1.", "! no value"},
  {"1 x", "n:1 ! text after the value"},
  {"\"a", "! a string that does not end"},
  {"\"a\\", "! an unknown escape in a string"},
  {"\"\\u12g4\"", "! an unknown escape in a string"},
  {"\"a\nb\"", "! a control character in a string"},
  {"tru", "! no value"},
};

/* Each is also cut at every length, for reads past the end. */
static void test_items(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    for (size_t len = strlen(CASES[i].text) + 1; len-- > 0;) {
      g_autofree char *bytes = exact_copy(CASES[i].text, len);
      g_autofree char *items = items_text(slice_of(bytes, len));
      if (len == strlen(CASES[i].text))
        assert_string_equal(items, CASES[i].items);
    }
}

/* The deepest that is read, and one more. */
static void test_depth(void **state)
{
  (void) state;
  for (size_t depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (size_t i = 0; i < depth; i++)
      g_string_append_c(text, '[');
    for (size_t i = 0; i < depth; i++)
      g_string_append_c(text, ']');
    JsonReader reader = json_reader_of(slice_of(text->str, text->len));
    JsonItem item;
    size_t count = 0;
    while (json_reader_next(&reader, &item))
      count++;
    assert_int_equal(count, depth == JSON_DEPTH_MAX ? 2 * depth : JSON_DEPTH_MAX);
    assert_int_equal(reader.fault != NULL, depth > JSON_DEPTH_MAX);
  }
}

static void test_escapes(void **state)
{
  static const char *const TEXTS[][2] = {
    {"plain", "plain"},
    {"a\\n\\t\\\"\\/\\\\", "a\n\t\"/\\"},
    {"\\u00e9\\u4e2d", "\xc3\xa9\xe4\xb8\xad"},
    {"\\ud83d\\ude00", "\xf0\x9f\x98\x80"},
    {"\\ud83d", "\xef\xbf\xbd"},
    {"\\ud83d\\u0041", "\xef\xbf\xbd"
                       "A"},
    {"\\", "\\"},
  };
  Arena arena;

  (void) state;
  arena_init(&arena, 256);
  for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++)
    assert_slice(json_unescape(&arena, slice_from_string(TEXTS[i][0])), TEXTS[i][1]);
  arena_clear(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_items),
    cmocka_unit_test(test_depth),
    cmocka_unit_test(test_escapes),
  };

  return cmocka_run_group_tests_name("json_reader", tests, NULL, NULL);
}
