#include "tests/test.h"

#include "dissect/sip/sip_addr.h"

typedef struct {
  const char *text, *display, *uri, *tag;
  uint8_t flaws;
} AddrCase;

static const AddrCase CASES[] = {
  {"sip:bob@biloxi.com", "", "sip:bob@biloxi.com", "", 0},
  {"sip:bob@biloxi.com;tag=1", "", "sip:bob@biloxi.com", "1", 0},
  {"sip:+1@ss1;user=phone ; TAG = x", "", "sip:+1@ss1", "x", 0},
  {"<sip:+1@ss1;user=phone>;tag=x", "", "sip:+1@ss1;user=phone", "x", 0},
  {"Bob <sip:bob@biloxi.com>;tag=a6c85cf", "Bob", "sip:bob@biloxi.com", "a6c85cf", 0},
  {"caller<sip:caller@example.com>;tag=323", "caller", "sip:caller@example.com", "323", 0},
  {"\"Watson, \\\"T\\\" <x>;tag=no\" <sip:a@b>;tag=1", "\"Watson, \\\"T\\\" <x>;tag=no\"",
   "sip:a@b", "1", 0},
  {"\"J \\\\\\\"\"\r\n   <sip:a@b>\r\n ;\r\n tag =\r\n 98", "\"J \\\\\\\"\"", "sip:a@b", "98", 0},
  {"<sip:a@b?Route=%3Csip:x%3E>", "", "sip:a@b?Route=%3Csip:x%3E", "", 0},
  {"<sip:a@b>;x=\"<;tag=0\";tag=1", "", "sip:a@b", "1", 0},
  {"sip:a@b;x=\"<\";tag=1", "", "sip:a@b", "1", 0},
  {"\xd0\x96 <sip:a@b>", "\xd0\x96", "sip:a@b", "", 0},
  {"*", "", "*", "", 0},
  {"\"Mr. J. User <sip:j@e.com>;tag=2", "\"Mr. J. User", "sip:j@e.com", "2", SIP_ADDR_QUOTE_OPEN},
  {"Bell, Alexander <sip:a@b>;tag=43", "Bell, Alexander", "sip:a@b", "43", SIP_ADDR_DISPLAY_NAME},
  {"\"Watson\" < sip:a@b >", "\"Watson\"", "sip:a@b", "", SIP_ADDR_SPACES},
  {"<sip:a@b;tag=7", "", "sip:a@b", "7", SIP_ADDR_ANGLE_OPEN},
  {"<sip:a@b> <sip:c@d>;tag=7", "", "sip:a@b", "7", SIP_ADDR_TRAILING},
  {"", "", "", "", SIP_ADDR_EMPTY},
  {"<>", "", "", "", SIP_ADDR_EMPTY},
  {";tag=1", "", "", "1", SIP_ADDR_EMPTY},
};

static void test_addresses(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Slice text = exact_slice(slice_from_string(CASES[i].text));
    SipAddr addr = sip_addr_parse(text);
    assert_slice(addr.display, CASES[i].display);
    assert_slice(addr.uri, CASES[i].uri);
    assert_slice(sip_addr_tag(&addr), CASES[i].tag);
    assert_slice(sip_addr_tag_of(slice_from_string(CASES[i].text)), CASES[i].tag);
    assert_int_equal(addr.flaws, CASES[i].flaws);
    g_free((void *) (uintptr_t) text.data);
  }
}

static bool lies_within(Slice part, Slice whole)
{
  return !part.data || (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

static void test_cut_addresses(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    for (size_t len = 0; len < strlen(CASES[i].text); len++) {
      Slice text = slice_of(exact_copy(CASES[i].text, len), len);
      SipAddr addr = sip_addr_parse(text);
      assert_true(lies_within(addr.display, text));
      assert_true(lies_within(addr.uri, text));
      assert_true(lies_within(addr.params, text));
      g_free((void *) (uintptr_t) text.data);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_addresses),
    cmocka_unit_test(test_cut_addresses),
  };

  return cmocka_run_group_tests_name("sip_addr", tests, NULL, NULL);
}
