#include "tests/ui/report/out_text.h"

#include "ui/report/csv.h"

static void test_text(void **state)
{
  const struct {
    Slice in;
    const char *csv;
  } CASES[] = {
    {SLICE(""), "\r\n"},
    {SLICE("plain text"), "plain text\r\n"},
    {SLICE("a,b"), "\"a,b\"\r\n"},
    {SLICE("say \"hi\""), "\"say \"\"hi\"\"\"\r\n"},
    {SLICE("two\r\nlines"), "\"two\r\nlines\"\r\n"},
    {SLICE("tab\tbed"), "\"tab\tbed\"\r\n"},
    {SLICE("=1+1"), "'=1+1\r\n"},
    {SLICE("+4930"), "+4930\r\n"},
    {SLICE("+"), "'+\r\n"},
    {SLICE("+1+1"), "'+1+1\r\n"},
    {SLICE("-1"), "'-1\r\n"},
    {SLICE("@SUM(A1)"), "'@SUM(A1)\r\n"},
    {SLICE("=a,b"), "\"'=a,b\"\r\n"},
    {SLICE("a=b"), "a=b\r\n"},
    {SLICE("\xC3\xA9"), "\xC3\xA9\r\n"},
    {SLICE("\xFF"), "\xEF\xBF\xBD\r\n"},
    {SLICE("a\033[1m\0\x7F\xC2\x9B"), "a\xEF\xBF\xBD[1m\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\r\n"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Slice in = exact_slice(CASES[i].in);
    FieldValue value = value_text(in);
    Out out;

    out_init(&out, -1, "memory");
    csv_row(&out, &value, 1);
    g_autofree char *text = out_take_text(&out);
    assert_string_equal(text, CASES[i].csv);
    g_free((char *) (uintptr_t) in.data);
  }
}

/* Zero width, right to left, a tag, a CR; e with acute. */
static void test_on_a_terminal(void **state)
{
  FieldValue value = value_text(SLICE("\xE2\x80\x8B\xE2\x80\xAE\xF3\xA0\x81\x81\r\xC3\xA9"));
  Out out, ascii;

  (void) state;
  out_init(&out, -1, "memory");
  out.reader = OUT_TERMINAL;
  csv_row(&out, &value, 1);
  g_autofree char *text = out_take_text(&out);
  assert_string_equal(text, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xC3\xA9\"\r\n");
  out_init(&ascii, -1, "memory");
  ascii.reader = OUT_TERMINAL_ASCII;
  csv_row(&ascii, &value, 1);
  g_autofree char *plain = out_take_text(&ascii);
  assert_string_equal(plain, "\"?????\"\r\n");
}

static void test_rows(void **state)
{
  static const Slice NAMES[] = {{"10.0.0.1:5060", 13}, {"[::1]:5060", 10}};
  static const ValueColumn COLUMNS[] = {VALUE_COLUMN("a"), VALUE_COLUMN("b"), VALUE_COLUMN("c"),
                                        VALUE_COLUMN("d"), VALUE_COLUMN("e"), VALUE_COLUMN("f")};
  const FieldValue values[] = {
    value_none(),
    value_number(7),
    {.type = FIELD_BOOLEAN},
    value_time(-1),
    {.type = FIELD_DURATION, .integer = 1500},
    value_list(NAMES, 2),
  };
  Out out;

  (void) state;
  out_init(&out, -1, "memory");
  csv_header(&out, COLUMNS, G_N_ELEMENTS(COLUMNS));
  csv_row(&out, values, G_N_ELEMENTS(values));
  g_autofree char *text = out_take_text(&out);
  assert_string_equal(text, "a,b,c,d,e,f\r\n,7,false,1969-12-31T23:59:59.999999999Z,0.0015,"
                            "10.0.0.1:5060 [::1]:5060\r\n");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_text),
    cmocka_unit_test(test_on_a_terminal),
    cmocka_unit_test(test_rows),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
