#include "dissect/sip/isup.h"

#include "tests/test.h"

#define BYTES(literal)                                                                             \
  {                                                                                                \
    literal, sizeof(literal) - 1                                                                   \
  }

/* Parameters as "code:length", "!" at a fault. */
static const struct {
  Slice body;
  bool ansi;
  const char *params;
} CASES[] = {
  {BYTES("\x01\x00\x20\x01\x0a\x00\x02\x00\x04\x83\x10\x21\x03"), false,
   "IAM 06:1 07:2 09:1 02:1 04:4 "},
  {BYTES("\x01\x00\x20\x01\x0a\x00\x02\x06\x04\x83\x10\x21\x03\x0a\x02\x03\x13\x00"), false,
   "IAM 06:1 07:2 09:1 02:1 04:4 0a:2 "},
  {BYTES("\x01\x00\x20\x01\x0a\x03\x05\x00\x02\x80\x90\x03\x03\x10\x21"), true,
   "IAM 06:1 07:2 09:1 1d:2 04:3 "},
  {BYTES("\x0c\x02\x00\x02\x80\x90"), false, "REL 12:2 "},
  {BYTES("\x0c\x01\x02\x80\x90"), false, "REL 12:2 !"}, /* its length is taken for a pointer */
  {BYTES("\x09\x00"), false, "ANM "},
  {BYTES("\x09"), false, "ANM "},
  {BYTES("\x10\x01\x12\x02\x80\x90\x00"), false, "RLC 12:2 "},
  {BYTES("\x09\x01\x24\x01\x01"), false, "ANM 24:1 !"}, /* no end of the optional part */
  {BYTES("\x09\x05"), false, "ANM !"},
  {BYTES("\x09\x01\x24\x09\x01\x00"), false, "ANM !"},
  {BYTES("\x0c\x00\x00"), false, "REL !"},
  {BYTES("\x0c\xff\x00"), false, "REL !"},
  {BYTES("\x0c\x02\x00\x09\x80\x90"), false, "REL !"},
  {BYTES("\x06\x12"), false, "ACM !"},
  {BYTES("\x05\x01\x99\x99"), false, "COT 10:1 "},
  {BYTES("\x7e\x01"), false, "(null) "},
};

static char *params_text(Slice body, bool ansi)
{
  GString *text = g_string_new(NULL);
  IsupParam param;
  Isup isup;

  if (!isup_parse(body, ansi, &isup))
    return g_string_free(text, false);
  g_string_append_printf(text, "%s ", isup.name ? isup.name : "(null)");
  while (isup_param_next(&isup, &param)) {
    IsupIndicator indicator;
    IsupNumber number;
    IsupCause cause;
    isup_number(&param, &number);
    isup_cause(&param, &cause);
    for (unsigned i = 0; isup_indicator(&param, i, &indicator); i++)
      continue;
    g_string_append_printf(text, "%02x:%zu ", param.code, param.bytes.len);
  }
  if (isup.faulty)
    g_string_append_c(text, '!');
  return g_string_free(text, false);
}

/* Each is also cut at every length, for reads past the end. */
static void test_params(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    for (size_t len = CASES[i].body.len + 1; len-- > 0;) {
      g_autofree char *bytes = exact_copy(CASES[i].body.data, len);
      g_autofree char *params = params_text(slice_of(bytes, len), CASES[i].ansi);
      if (len == CASES[i].body.len)
        assert_string_equal(params, CASES[i].params);
    }
}

static void test_numbers(void **state)
{
  static const struct {
    IsupParam param;
    const char *digits, *nature, *presentation;
    bool has_end;
  } NUMBERS[] = {
    {{0x04, NULL, BYTES("\x83\x10\x21\x03")}, "123", "national", NULL, false},
    {{0x04, NULL, BYTES("\x04\x10\x21\x43\x0f")}, "1234", "international", NULL, true},
    {{0x0a, NULL, BYTES("\x03\x17\x21\x43")}, "1234", "national", "restricted", false},
    {{0x0a, NULL, BYTES("\x00\x0b")}, "", NULL, "not available", false},
    {{0xc0, NULL, BYTES("\x06\x83\x11\xcb\x02")}, "BC2", "national", "allowed", false},
    {{0x05, NULL, BYTES("\x80\x21\x03")}, "123", NULL, NULL, false},
  };
  IsupNumber number;

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(NUMBERS); i++) {
    assert_true(isup_number(&NUMBERS[i].param, &number));
    assert_string_equal(number.digits, NUMBERS[i].digits);
    assert_int_equal(number.has_end, NUMBERS[i].has_end);
    assert_int_equal(number.nature != NULL, NUMBERS[i].nature != NULL);
    assert_int_equal(number.presentation != NULL, NUMBERS[i].presentation != NULL);
    if (number.nature)
      assert_string_equal(number.nature, NUMBERS[i].nature);
    if (number.presentation)
      assert_string_equal(number.presentation, NUMBERS[i].presentation);
  }
  assert_false(isup_number(&(IsupParam){0x04, NULL, BYTES("\x03")}, &number));
  assert_false(isup_number(&(IsupParam){0x12, NULL, BYTES("\x03\x04\x05")}, &number));
}

/* As many digits as are kept, and one more. */
static void test_long_numbers(void **state)
{
  char bytes[2 + ISUP_DIGITS_MAX / 2 + 1] = {3, 0x10};
  IsupNumber number;

  (void) state;
  memset(bytes + 2, 0x11, sizeof bytes - 2);
  assert_true(isup_number(&(IsupParam){0x04, NULL, {bytes, sizeof bytes - 1}}, &number));
  assert_int_equal(strlen(number.digits), ISUP_DIGITS_MAX);
  assert_false(number.is_cut);
  assert_true(isup_number(&(IsupParam){0x04, NULL, {bytes, sizeof bytes}}, &number));
  assert_int_equal(strlen(number.digits), ISUP_DIGITS_MAX);
  assert_true(number.is_cut);
}

static void test_causes(void **state)
{
  IsupCause cause;

  (void) state;
  assert_true(isup_cause(&(IsupParam){0x12, NULL, BYTES("\x84\x91")}, &cause));
  assert_true(cause.is_q850 && cause.value == 17);
  assert_string_equal(cause.location, "public network serving the remote user");
  assert_true(isup_cause(&(IsupParam){0x12, NULL, BYTES("\x00\x80\x90")}, &cause));
  assert_int_equal(cause.value, 16);
  assert_true(isup_cause(&(IsupParam){0x12, NULL, BYTES("\xc0\x90")}, &cause));
  assert_false(cause.is_q850);
  assert_false(isup_cause(&(IsupParam){0x12, NULL, BYTES("\x00\x80")}, &cause));
  assert_false(isup_cause(&(IsupParam){0x11, NULL, BYTES("\x84\x91")}, &cause));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_params),
    cmocka_unit_test(test_numbers),
    cmocka_unit_test(test_long_numbers),
    cmocka_unit_test(test_causes),
  };

  return cmocka_run_group_tests_name("isup", tests, NULL, NULL);
}
