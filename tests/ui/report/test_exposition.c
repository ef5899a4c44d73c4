/* Values of labels come from the network. */
#include "tests/test.h"

#include "ui/report/exposition.h"

static void test_labels(void **state)
{
  static const struct {
    const char *value, *escaped;
  } CASES[] = {
    {"node-1", "node-1"},
    {"", ""},
    {"a\"b", "a\\\"b"},
    {"a\\b", "a\\\\b"},
    {"a\nb} 1\nrung_calls_total 9", "a\\nb} 1\\nrung_calls_total 9"},
    {"\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"caf\xc3\xa9", "caf\xc3\xa9"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    exposition_append_label(text, slice_from_string(CASES[i].value));
    assert_string_equal(text->str, CASES[i].escaped);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_labels)};

  return cmocka_run_group_tests(tests, NULL, NULL);
}
