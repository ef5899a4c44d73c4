#include "dissect/sip/sip_dtmf.h"

#include "tests/test.h"

static const struct {
  const char *method, *type, *body;
  char digit; /* '\0': none */
  uint32_t duration_ms;
} CASES[] = {
  {"INFO", "application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", '5', 160},
  {"INFO", "application/dtmf-relay", "Signal= 5\nDuration= 160", '5', 160},
  {"INFO", "Application/DTMF-Relay;x=y", "duration=90\r\nsignal=#\r\n", '#', 90},
  {"INFO", "application/dtmf-relay", "Signal=10\r\n", '*', 0},
  {"INFO", "application/dtmf-relay", "Signal=11\r\n", '#', 0},
  {"INFO", "application/dtmf-relay", "Signal=16\r\n", '!', 0},
  {"INFO", "application/dtmf-relay", "Signal=17\r\n", '\0', 0},
  {"INFO", "application/dtmf-relay", "Signal=a\r\n", 'A', 0},
  {"INFO", "application/dtmf-relay", "Signal=E\r\n", '\0', 0},
  {"INFO", "application/dtmf-relay", "Signal=\r\nDuration=x\r\n", '\0', 0},
  {"INFO", "application/dtmf-relay", "Signal=1\r\nSignal=2\r\n", '1', 0},
  {"INFO", "application/dtmf-relay", "", '\0', 0},
  {"INFO", "application/dtmf-relay", "a=\r\nb=\r\nc=\r\nd=\r\ne=\r\nf=\r\ng=\r\nSignal=1", '1', 0},
  {"INFO", "application/dtmf-relay", "\r\na=\r\nb=\r\nc=\r\nd=\r\ne=\r\nf=\r\ng=\r\nSignal=1", '\0',
   0},
  {"INFO", "application/dtmf", "*", '*', 0},
  {"INFO", "application/dtmf", "7\r\n", '7', 0},
  {"INFO", "application/dtmf", "hello", '\0', 0},
  {"INFO", "application/broadsoft", "5", '\0', 0},
  {"INFO", "text/plain", "5", '\0', 0},
  {"MESSAGE", "application/dtmf", "5", '\0', 0},
};

/* Each is also cut at every length, for reads past the end. */
static void test_digits(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *text =
      g_strdup_printf("%s sip:a SIP/2.0\r\nc: %s\r\nl: %zu\r\n\r\n%s", CASES[i].method,
                      CASES[i].type, strlen(CASES[i].body), CASES[i].body);
    for (size_t len = strlen(text); len > 0; len--) {
      g_autofree char *bytes = exact_copy(text, len);
      SipDigit digit = {0};
      SipMsg msg;
      bool is_digit =
        sip_msg_parse(slice_of(bytes, len), false, &msg) == SIP_OK && sip_msg_digit(&msg, &digit);
      if (len == strlen(text) &&
          (is_digit != (CASES[i].digit != '\0') || digit.digit != CASES[i].digit ||
           digit.duration_ms != (is_digit ? CASES[i].duration_ms : 0)))
        fail_msg("case %zu: %c, %u", i, digit.digit, digit.duration_ms);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_digits),
  };

  return cmocka_run_group_tests_name("sip_dtmf", tests, NULL, NULL);
}
