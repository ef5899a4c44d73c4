#include "tests/ui/report/out_text.h"

#include "ui/report/json.h"

static char *write_text(Slice text)
{
  Out out;

  out_init(&out, -1, "memory");
  Json json = json_new(&out);
  json_value(&json, value_text(text));
  return out_take_text(&out);
}

static void test_strings(void **state)
{
  const struct {
    Slice in;
    const char *json;
  } CASES[] = {
    {SLICE(""), "\"\""},
    {SLICE("plain text"), "\"plain text\""},
    {SLICE("\"a\\b\""), "\"\\\"a\\\\b\\\"\""},
    {SLICE("\b\t\n\f\r"), "\"\\b\\t\\n\\f\\r\""},
    {SLICE("\0\x01\x1F\x7F"), "\"\\u0000\\u0001\\u001f\\u007f\""},
    {SLICE("\xC2\x9B"), "\"\\u009b\""},
    {SLICE("\xC3\xA9\xF0\x9F\x93\x9E"), "\"\xC3\xA9\xF0\x9F\x93\x9E\""},
    {SLICE("a\xFFz"), "\"a\xEF\xBF\xBDz\""},
    {SLICE("\xE2\x82"), "\"\xEF\xBF\xBD\""},
    {SLICE("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    {SLICE("/"), "\"/\""},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Slice in = exact_slice(CASES[i].in);
    g_autofree char *text = write_text(in);

    assert_string_equal(text, CASES[i].json);
    g_free((char *) (uintptr_t) in.data);
  }
}

/* Zero width, right to left, a tag; e with acute; no UTF-8. */
static void test_on_a_terminal(void **state)
{
  const Slice TEXT = SLICE("\xE2\x80\x8B\xE2\x80\xAE\xF3\xA0\x81\x81\xC3\xA9\xFF");
  static const struct {
    OutReader reader;
    const char *json;
  } CASES[] = {
    {OUT_TERMINAL, "\"\\u200b\\u202e\\udb40\\udc41\xC3\xA9\xEF\xBF\xBD\""},
    {OUT_TERMINAL_ASCII, "\"\\u200b\\u202e\\udb40\\udc41\\u00e9\\ufffd\""},
    {OUT_PROGRAM, "\"\xE2\x80\x8B\xE2\x80\xAE\xF3\xA0\x81\x81\xC3\xA9\xEF\xBF\xBD\""},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Out out;

    out_init(&out, -1, "memory");
    out.reader = CASES[i].reader;
    Json json = json_new(&out);
    json_value(&json, value_text(TEXT));
    g_autofree char *text = out_take_text(&out);
    assert_string_equal(text, CASES[i].json);
  }
}

/* Any two octets give valid UTF-8 with nothing that a terminal or a parser would take amiss. */
static void test_all_pairs_of_octets(void **state)
{
  (void) state;
  for (unsigned pair = 0; pair < 65536; pair++) {
    char octets[2] = {(char) (pair >> 8), (char) (pair & 0xFF)};
    g_autofree char *text = write_text(slice_of(octets, 2));

    assert_true(g_utf8_validate(text, -1, NULL));
    for (const char *at = text; *at; at++)
      assert_true((unsigned char) *at >= 0x20 && *at != 0x7F);
    assert_true(text[strlen(text) - 1] == '"');
  }
}

static void test_values(void **state)
{
  static const Slice NAMES[] = {{"a", 1}, {"b", 1}};
  static const ValueColumn COLUMNS[] = {
    VALUE_COLUMN("none"), VALUE_COLUMN("absent"), VALUE_COLUMN("text"),   VALUE_COLUMN("number"),
    VALUE_COLUMN("yes"),  VALUE_COLUMN("time"),   VALUE_COLUMN("length"), VALUE_COLUMN("list")};
  const FieldValue values[] = {
    value_none(),
    value_text(SLICE_NONE),
    value_string("x"),
    value_number(UINT64_MAX),
    {.type = FIELD_BOOLEAN, .truth = true},
    value_time(1),
    {.type = FIELD_DURATION, .integer = 120500000},
    value_list(NAMES, 2),
  };
  Out out;

  (void) state;
  out_init(&out, -1, "memory");
  Json json = json_new(&out);
  json_row(&json, COLUMNS, values, G_N_ELEMENTS(values));
  json_row(&json, COLUMNS, values, 1);
  g_autofree char *text = out_take_text(&out);
  assert_string_equal(text, "{\"none\":null,\"absent\":null,\"text\":\"x\","
                            "\"number\":18446744073709551615,\"yes\":true,"
                            "\"time\":\"1970-01-01T00:00:00.000000001Z\",\"length\":120.5,"
                            "\"list\":[\"a\",\"b\"]}\n{\"none\":null}\n");
}

static void test_nesting(void **state)
{
  Out out;

  (void) state;
  out_init(&out, -1, "memory");
  Json json = json_new(&out);
  json_begin_object(&json);
  json_key(&json, "maps");
  json_begin_object(&json);
  json_key_text(&json, SLICE("a\"b"));
  json_value(&json, value_number(1));
  json_key_text(&json, SLICE("c"));
  json_value(&json, value_list(NULL, 0));
  json_end_object(&json);
  json_key(&json, "rows");
  json_begin_array(&json);
  for (unsigned i = 0; i < 2; i++) {
    json_begin_object(&json);
    json_end_object(&json);
  }
  json_end_array(&json);
  json_end_object(&json);
  json_end_line(&json);
  g_autofree char *text = out_take_text(&out);
  assert_string_equal(text, "{\"maps\":{\"a\\\"b\":1,\"c\":[]},\"rows\":[{},{}]}\n");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_on_a_terminal),
    cmocka_unit_test(test_strings),
    cmocka_unit_test(test_all_pairs_of_octets),
    cmocka_unit_test(test_values),
    cmocka_unit_test(test_nesting),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
