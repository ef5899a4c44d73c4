#include "tests/ui/message_cases.h"
#include "tests/test.h"
#include "ui/show/message_copy.h"

/* Nothing that a terminal acts upon is pasted, and what is no UTF-8 becomes it. */
static void test_cases(void **state)
{
  static const struct {
    const char *text, *copied;
  } CASES[] = {
    {"SIP/2.0 200 OK\r\nX: a\x1B[2Jb\r\n\tc\r\n\r\nv=0\r\n\x07",
     "SIP/2.0 200 OK\nX: a\xE2\x90\x9B[2Jb\n c\n\nv=0\n\xE2\x90\x87\n"},
    {"SIP/2.0 200 OK\nContent-Type: a/b;charset=GBK\n\n\xC7\xB0\xC3\xC5",
     "SIP/2.0 200 OK\nContent-Type: a/b;charset=GBK\n\n\xE5\x89\x8D\xE9\x97\xA8\n"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GString) copied = g_string_new(NULL);
    SipMsg sip;
    g_autofree char *octets = parse_text(CASES[i].text, strlen(CASES[i].text), &sip);

    assert_non_null(octets);
    message_copy_append(copied, &sip);
    assert_string_equal(copied->str, CASES[i].copied);
  }
}

static void test_hex(void **state)
{
  g_autoptr(GString) copied = g_string_new(NULL);

  (void) state;
  message_copy_append_hex(copied, SLICE("SIP\xFF"));
  assert_string_equal(copied->str, "53 49 50 ff");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_cases),
    cmocka_unit_test(test_hex),
  };

  return cmocka_run_group_tests_name("message_copy", tests, NULL, NULL);
}
