#include "tests/test.h"

#include "ui/show/hex.h"

static void test_widths(void **state)
{
  static const struct {
    size_t len;
    unsigned width, per_row, digits, rows;
  } CASES[] = {
    {100, 200, 32, 4, 4}, {100, 139, 32, 4, 4},     {100, 132, 16, 4, 7},
    {100, 80, 16, 4, 7},  {100, 60, 8, 4, 13},      {100, 30, 4, 4, 25},
    {100, 5, 4, 4, 25},   {70000, 80, 16, 6, 4375}, {0, 80, 16, 4, 0},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    HexLayout layout = hex_layout(CASES[i].len, CASES[i].width);

    assert_int_equal(layout.per_row, CASES[i].per_row);
    assert_int_equal(layout.digits, CASES[i].digits);
    assert_int_equal(layout.row_count, CASES[i].rows);
    assert_true(layout.width <= CASES[i].width || layout.per_row == 4);
  }
}

static void test_rows(void **state)
{
  static const char OCTETS[] = "SIP/2.0 200 OK\r\n\xC3\xA9\x7F~";
  static const char *const ROWS[] = {
    "0000  53 49 50 2f 32 2e 30 20  32 30 30 20 4f 4b 0d 0a  SIP/2.0 200 OK..",
    "0010  c3 a9 7f 7e                                       ...~",
  };
  HexLayout layout = hex_layout(sizeof OCTETS - 1, 80);

  (void) state;
  for (size_t row = 0; row < layout.row_count; row++) {
    g_autoptr(GString) text = g_string_new(NULL);

    hex_append_row(text, &layout, slice_of(OCTETS, sizeof OCTETS - 1), row);
    assert_string_equal(text->str, ROWS[row]);
  }
}

/* A range is found on each row it touches, and each of its octets at both of its places. */
static void test_runs(void **state)
{
  HexLayout layout = hex_layout(50, 80);
  Octets octets = {12, 25};
  unsigned counts[] = {4, 16, 5, 0}, total = 0;
  HexRun run;

  (void) state;
  for (size_t row = 0; row < layout.row_count; row++) {
    assert_int_equal(hex_run_on(&layout, octets, row, &run), counts[row] > 0);
    if (counts[row] == 0)
      continue;
    assert_int_equal(run.count, counts[row]);
    for (unsigned i = run.first; i < run.first + run.count; i++, total++) {
      size_t digits = 0, character = 0;

      assert_true(hex_offset_at(&layout, row, hex_column(&layout, i), &digits));
      assert_true(hex_offset_at(&layout, row, layout.text + i, &character));
      assert_true(octets_has(octets, digits));
      assert_int_equal(digits, character);
      assert_int_equal(hex_row_of(&layout, digits), row);
    }
  }
  assert_int_equal(total, octets.len);
  size_t none;
  assert_false(hex_offset_at(&layout, 0, 0, &none));
  assert_false(hex_offset_at(&layout, 3, layout.text + 3, &none));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_widths),
    cmocka_unit_test(test_rows),
    cmocka_unit_test(test_runs),
  };

  return cmocka_run_group_tests_name("hex", tests, NULL, NULL);
}
