#include "tests/test.h"

#include "ui/mcp/strict_json.h"

static const struct {
  const char *text;
  bool is_json;
} CASES[] = {
  {"{}", true},
  {" [1, -2.5e3, true, false, null, \"x\"] \r", true},
  {"\"\\u00e4 \\ud83d\\ude00 \\\\ud800 \\n\"", true},
  {"\"\xc3\xa4\"", true},
  {"", false},
  {"{} {}", false},
  {"{}x", false},
  {"[1,]", false},
  {"{\"a\":}", false},
  {"// comment\n{}", false},
  {"/* */ {}", false},
  {"var x = {}", false},
  {"{'a':1}", false},
  {"NaN", false},
  {"\"\xff\"", false},
  {"\"\\ud800\"", false},
  {"\"\\ud800x\\udc00\"", false},
  {"\"\\ud800\\u0041\"", false},
  {"\"\\udc00\\ud800\"", false},
  {"\"\\u0000\"", false},
  {"\"\\u12\"", false},
  {"\"\\x\"", false},
  {"\"a\nb\"", false},
};

static void test_cases(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    size_t len = strlen(CASES[i].text);
    g_autofree char *exact = g_memdup2(CASES[i].text, MAX(len, 1U));
    if (strict_json_is(slice_of(exact, len)) != CASES[i].is_json)
      fail_msg("'%s' is %sJSON", CASES[i].text, CASES[i].is_json ? "" : "no ");
  }
}

/* Every beginning of a text is either whole or refused, and none is read over. */
static void test_cut(void **state)
{
  static const char TEXT[] = "{\"a\\ud83d\\ude00\":[1e5,\"\\u00e4\\\\\",{\"b\":null}]}";

  (void) state;
  for (size_t len = 0; len < sizeof TEXT - 1; len++) {
    g_autofree char *exact = g_memdup2(TEXT, MAX(len, 1U));
    assert_false(strict_json_is(slice_of(exact, len)));
  }
  assert_true(strict_json_is(slice_from_string(TEXT)));
}

static void test_depth(void **state)
{
  enum { MOST = 64 };
  char text[2 * MOST + 2];

  (void) state;
  memset(text, '[', MOST);
  memset(text + MOST, ']', MOST);
  assert_true(strict_json_is(slice_of(text, sizeof text - 2)));
  memset(text, '[', MOST + 1);
  memset(text + MOST + 1, ']', MOST + 1);
  assert_false(strict_json_is(slice_of(text, sizeof text)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_cases),
    cmocka_unit_test(test_cut),
    cmocka_unit_test(test_depth),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
