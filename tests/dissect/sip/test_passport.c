#include "dissect/sip/passport.h"

#include "tests/test.h"

#define MESSAGE                                                                                    \
  "INVITE sip:+15557654321@example.net SIP/2.0\r\nFrom: "                                          \
  "<sip:+1-555-123-4567@example.com>;tag=1\r\n"                                                    \
  "To: \"B\" <sip:bob@example.net>\r\nDate: Fri, 02 Jan 2026 10:00:00 GMT\r\n\r\n"

static Passport parse_in(Arena *arena, const char *value, const char *message)
{
  g_autofree char *bytes = exact_copy(value, strlen(value));
  Slice text = arena_dup(arena, slice_of(bytes, strlen(value)));
  Passport passport;
  SipMsg msg;

  assert_int_equal(sip_msg_parse(slice_from_string(message), false, &msg), SIP_OK);
  passport_parse(arena, &msg, text, &passport);
  return passport;
}

static char *base64url(const char *text)
{
  char *base64 = g_base64_encode((const guchar *) text, strlen(text));

  base64[strcspn(base64, "=")] = '\0';
  return g_strdelimit(g_strdelimit(base64, "+", '-'), "/", '_');
}

static char *token_of(const char *header, const char *claims)
{
  g_autofree char *first = base64url(header), *second = base64url(claims);

  return g_strdup_printf("%s.%s.c2ln;info=<https://x/y>;ppt=\"z\"", first, second);
}

static void test_full(void **state)
{
  g_autofree char *token = token_of(
    "{\"alg\":\"ES256\",\"ppt\":\"div\",\"typ\":\"passport\",\"x5u\":\"https://c/p\"}",
    "{\"attest\":\"B\",\"dest\":{\"tn\":[\"1\",\"2\"],\"uri\":[\"sip:x\"]},\"div\":{\"tn\":"
    "\"3\"},\"iat\":17,\"orig\":{\"tn\":\"4\"},\"origid\":\"o\\u00fc\","
    "\"rcd\":{\"nam\":\"n\",\"tn\":\"9\"}}");
  Arena arena;

  (void) state;
  arena_init(&arena, 1024);
  Passport passport = parse_in(&arena, token, MESSAGE);
  assert_null(passport.fault);
  assert_true(passport.is_full && !passport.is_compact);
  assert_slice(passport.alg, "ES256");
  assert_slice(passport.ppt, "div");
  assert_slice(passport.x5u, "https://c/p");
  assert_slice(passport.attest, "B");
  assert_slice(passport.orig, "4");
  assert_slice(passport.div, "3");
  assert_slice(passport.origid, "o\xc3\xbc");
  assert_slice(passport.signature, "sig");
  assert_slice(passport.info, "https://x/y");
  assert_int_equal(passport.dest_count, 3);
  assert_slice(passport.dest[2], "sip:x");
  assert_true(passport.has_iat && passport.iat_s == 17);
  assert_int_equal(passport.signed_text.len,
                   strlen(token) - strlen(".c2ln;info=<https://x/y>;ppt=\"z\""));
  for (size_t len = 0; len < strlen(token); len++) {
    g_autofree char *cut = g_strndup(token, len);
    parse_in(&arena, cut, MESSAGE);
  }
  arena_clear(&arena);
}

/* What the sender signed is made of the message: numbers without separators, URIs as they are. */
static void test_compact(void **state)
{
  g_autofree char *header =
    base64url("{\"alg\":\"ES256\",\"typ\":\"passport\",\"x5u\":\"https://x/y\"}");
  g_autofree char *claims = base64url("{\"dest\":{\"uri\":[\"sip:bob@example.net\"]},"
                                      "\"iat\":1767348000,\"orig\":{\"tn\":\"15551234567\"}}");
  g_autofree char *wanted = g_strconcat(header, ".", claims, NULL);
  Arena arena;

  (void) state;
  arena_init(&arena, 1024);
  Passport passport = parse_in(&arena, "..c2ln;info=<https://x/y>;alg=ES256", MESSAGE);
  assert_null(passport.fault);
  assert_true(passport.is_compact && !passport.is_full);
  assert_slice(passport.signed_text, wanted);
  assert_slice(passport.orig, "15551234567");
  assert_slice(passport.dest[0], "sip:bob@example.net");
  assert_non_null(parse_in(&arena, "..c2ln;info=<x>;ppt=\"shaken\"", MESSAGE).fault);
  assert_non_null(
    parse_in(&arena, "..c2ln;info=<x>", "INVITE sip:a SIP/2.0\r\nFrom: <sip:b>\r\n\r\n").fault);
  arena_clear(&arena);
}

static void test_faults(void **state)
{
  static const char *const VALUES[] = {"",          ".",
                                       "..",        "a",
                                       "a.b",       "a.b.",
                                       "!.b.c",     "AAAA.BBBB.CCCC",
                                       "e30.e30.",  "e30.e30.c2ln",
                                       "e30.e30.?", "bnVsbA.e30.c2ln",
                                       ";info=<",   "e30.e30.c2ln;info=<x"};
  Arena arena;

  (void) state;
  arena_init(&arena, 1024);
  for (size_t i = 0; i < G_N_ELEMENTS(VALUES); i++)
    if (!parse_in(&arena, VALUES[i], MESSAGE).fault)
      fail_msg("%s", VALUES[i]);
  /* The longest that is read, and one byte more. */
  for (unsigned more = 0; more < 2; more++) {
    g_autoptr(GString) token = g_string_new("e30.e30.");
    while (token->len < PASSPORT_LEN_MAX + more)
      g_string_append_c(token, 'A');
    const char *fault = parse_in(&arena, token->str, MESSAGE).fault;
    assert_int_equal(strcmp(fault, "longer than 16 KiB") == 0, more == 1);
  }
  arena_clear(&arena);
}

static void test_numbers(void **state)
{
  static const char *const NUMBERS[][2] = {
    {"+1 555", ""}, {"+1-(555).1", "15551"},
    {"5*#", "5*#"}, {"+49;ext=1", "49"},
    {"bob", ""},    {"", ""},
    {"+", ""},      {"1+2", ""},
  };
  Arena arena;

  (void) state;
  arena_init(&arena, 256);
  for (size_t i = 0; i < G_N_ELEMENTS(NUMBERS); i++) {
    Slice number = passport_number(&arena, slice_from_string(NUMBERS[i][0]));
    assert_slice(number, NUMBERS[i][1]);
  }
  arena_clear(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_full),
    cmocka_unit_test(test_compact),
    cmocka_unit_test(test_faults),
    cmocka_unit_test(test_numbers),
  };

  return cmocka_run_group_tests_name("passport", tests, NULL, NULL);
}
