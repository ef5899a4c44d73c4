#include "capture/text_packed.h"

#include "tests/test.h"

/* Lines of a message, each in brackets. */
static void assert_lines(const char *text, const char *wanted)
{
  g_autofree char *whole = exact_copy(text, strlen(text));
  Slice rest = slice_of(whole, strlen(text));
  g_autoptr(GString) lines = g_string_new(NULL);
  bool in_body = false;

  while (rest.len > 0) {
    Slice line = text_packed_line(&rest, &in_body);
    g_string_append_printf(lines, "[%.*s]", SLICE_ARG(line));
  }
  assert_string_equal(lines->str, wanted);
}

static void test_lines(void **state)
{
  (void) state;
  assert_lines("SIP/2.0 200 OK..a: b..c: d....", "[SIP/2.0 200 OK][a: b][c: d][]");
  assert_lines("SIP/2.0 200 OK..a: b....v=0..o=-..", "[SIP/2.0 200 OK][a: b][][v=0][o=-]");
  assert_lines("x..a: b.....y", "[x][a: b.][][y]"); /* the value ends in a dot */
  assert_lines("x..f: \"J..rg M..ller\" <sip:a>..c: d", "[x][f: \"J..rg M..ller\" <sip:a>][c: d]");
  assert_lines("x..a: b.. c..d: e", "[x][a: b][ c][d: e]"); /* a fold */
  assert_lines("x..a: wait...b: c", "[x][a: wait.][b: c]");
  assert_lines("x", "[x]");
  assert_lines("....", "[][]");
}

static void test_beginning(void **state)
{
  Slice heading, message;

  (void) state;
  assert_true(text_packed_begins(SLICE("SIP/2.0 200 OK..a: b")));
  assert_true(text_packed_begins(SLICE("INVITE sip:a@b SIP/2.0..a: b")));
  assert_false(text_packed_begins(SLICE("INVITE sip:a@b SIP/2.0")));
  assert_false(text_packed_begins(SLICE("x INVITE sip:a@b SIP/2.0..a: b")));
  assert_false(text_packed_begins(SLICE_NONE));
  assert_true(text_packed_split(SLICE("U a -> b SIP/2.0 200 OK..c: d"), &heading, &message));
  assert_slice(heading, "U a -> b");
  assert_slice(message, "SIP/2.0 200 OK..c: d");
  assert_true(text_packed_split(SLICE("T a -> b [AP] SIP/2.0 200 OK..c"), &heading, &message));
  assert_slice(message, "SIP/2.0 200 OK..c");
  assert_false(text_packed_split(SLICE("U a -> b"), &heading, &message));
  assert_false(text_packed_split(SLICE("SIP/2.0 200 OK..c: d"), &heading, &message));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_lines),
    cmocka_unit_test(test_beginning),
  };

  return cmocka_run_group_tests_name("text_packed", tests, NULL, NULL);
}
