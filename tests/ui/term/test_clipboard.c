#include "tests/test.h"

#include "ui/term/clipboard.h"

static void test_sequences(void **state)
{
  static const struct {
    const char *text, *plain, *wrapped;
  } CASES[] = {
    {"", "\033]52;c;\a", "\033P\033]52;c;\a\033\\"},
    {"Call-ID", "\033]52;c;Q2FsbC1JRA==\a", "\033P\033]52;c;Q2FsbC1JRA==\a\033\\"},
    {"\033\a\xFF", "\033]52;c;Gwf/\a", "\033P\033]52;c;Gwf/\a\033\\"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GString) plain = g_string_new(NULL), wrapped = g_string_new(NULL);
    Slice text = slice_from_string(CASES[i].text);

    assert_true(clipboard_append(plain, text, false));
    assert_string_equal(plain->str, CASES[i].plain);
    assert_true(clipboard_append(wrapped, text, true));
    assert_string_equal(wrapped->str, CASES[i].wrapped);
  }
}

/* The pieces say together what the whole says. */
static void test_pieces(void **state)
{
  g_autofree char *text = g_strnfill(5000, 'x');
  g_autoptr(GString) plain = g_string_new(NULL), wrapped = g_string_new(NULL);
  g_autoptr(GString) joined = g_string_new(NULL);

  (void) state;
  assert_true(clipboard_append(plain, slice_from_string(text), false));
  assert_true(clipboard_append(wrapped, slice_from_string(text), true));
  g_auto(GStrv) pieces = g_strsplit(wrapped->str, "\033\\", -1);
  assert_true(g_strv_length(pieces) > 20);
  for (char **piece = pieces; **piece; piece++) {
    assert_true(g_str_has_prefix(*piece, "\033P"));
    assert_true(strlen(*piece) < 256);
    g_string_append(joined, *piece + 2);
  }
  assert_string_equal(joined->str, plain->str);
}

static void test_limit(void **state)
{
  g_autofree char *text = g_strnfill(CLIPBOARD_MAX + 1, 'x');
  g_autoptr(GString) to = g_string_new(NULL);

  (void) state;
  assert_false(clipboard_append(to, slice_of(text, CLIPBOARD_MAX + 1), false));
  assert_int_equal(to->len, 0);
  assert_true(clipboard_append(to, slice_of(text, CLIPBOARD_MAX), false));
  assert_true(to->len <= 100001);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_sequences),
    cmocka_unit_test(test_pieces),
    cmocka_unit_test(test_limit),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
