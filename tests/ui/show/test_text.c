#include "tests/test.h"

#include "ui/show/text.h"

static void test_decoding(void **state)
{
  const struct {
    Slice in;
    int32_t code;
    size_t len;
  } CASES[] = {
    {SLICE("a"), 'a', 1},
    {SLICE("\0"), 0, 1},
    {SLICE("\xC3\xA9x"), 0xE9, 2},
    {SLICE("\xE2\x82\xAC"), 0x20AC, 3},
    {SLICE("\xF0\x9F\x93\x9E"), 0x1F4DE, 4},
    {SLICE("\xF4\x8F\xBF\xBF"), 0x10FFFF, 4},
    {SLICE("\x80"), UTF8_INVALID, 1},             /* a lone continuation */
    {SLICE("\xC0\xAF"), UTF8_INVALID, 1},         /* overlong */
    {SLICE("\xE0\x80\x80"), UTF8_INVALID, 1},     /* overlong */
    {SLICE("\xED\xA0\x80"), UTF8_INVALID, 1},     /* a surrogate */
    {SLICE("\xF4\x90\x80\x80"), UTF8_INVALID, 1}, /* beyond U+10FFFF */
    {SLICE("\xF5\x80\x80\x80"), UTF8_INVALID, 1},
    {SLICE("\xE2\x82"), UTF8_INVALID, 2}, /* cut */
    {SLICE("\xE2\x82z"), UTF8_INVALID, 2},
    {SLICE("\xF0\x9F\x93"), UTF8_INVALID, 3},
    {SLICE("\xFF"), UTF8_INVALID, 1},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Slice in = exact_slice(CASES[i].in);
    size_t len = 0;

    assert_int_equal(utf8_next(in, &len), CASES[i].code);
    assert_int_equal(len, CASES[i].len);
    g_free((char *) (uintptr_t) in.data);
  }
}

/* What every cut of a text gives is a text of its own, and GLib finds it valid. */
static void check_safe_cuts(Slice in, TextCharset charset)
{
  for (size_t len = 0; len <= in.len; len++) {
    char *copy = exact_copy(in.data, len);
    g_autoptr(GString) safe = g_string_new(NULL);

    text_append_safe(safe, slice_of(copy, len), charset);
    assert_true(g_utf8_validate(safe->str, (gssize) safe->len, NULL));
    assert_null(strpbrk(safe->str, "\r\n\t\033"));
    g_free(copy);
  }
}

static void test_safe(void **state)
{
  const struct {
    Slice in;
    const char *utf8, *ascii;
  } CASES[] = {
    {SLICE("plain"), "plain", "plain"},
    {SLICE("J\xC3\xBCrg"), "J\xC3\xBCrg", "J?rg"},
    {SLICE("a\033[2Jb"), "a\xE2\x90\x9B[2Jb", "a?[2Jb"},
    {SLICE("nul\0end"),
     "nul\xE2\x90\x80"
     "end",
     "nul?end"},
    {SLICE("bad\xFFoctet"), "bad\xEF\xBF\xBDoctet", "bad?octet"},
    {SLICE("del\x7F"), "del\xEF\xBF\xBD", "del?"},
    {SLICE("csi\xC2\x9B"
           "1m"),
     "csi\xEF\xBF\xBD"
     "1m",
     "csi?1m"},
    {SLICE("rtl\xE2\x80\xAEtxt"), "rtl\xEF\xBF\xBDtxt", "rtl?txt"},
    {SLICE("one\r\n two"), "one two", "one two"},
    {SLICE("one \r\n\ttwo"), "one two", "one two"},
    {SLICE("tab\there"), "tab here", "tab here"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GString) utf8 = g_string_new(NULL), ascii = g_string_new(NULL);

    text_append_safe(utf8, CASES[i].in, TEXT_UTF8);
    assert_string_equal(utf8->str, CASES[i].utf8);
    text_append_safe(ascii, CASES[i].in, TEXT_ASCII);
    assert_string_equal(ascii->str, CASES[i].ascii);
    check_safe_cuts(CASES[i].in, TEXT_UTF8);
    check_safe_cuts(CASES[i].in, TEXT_ASCII);
  }
}

/* Each byte at each place: runs of plain ones are found eight at a time. */
static void test_safe_everywhere(void **state)
{
  enum { LEN = 20 };

  (void) state;
  for (unsigned byte = 0; byte <= UINT8_MAX; byte++)
    for (size_t at = 0; at < LEN; at++) {
      char plain[LEN + 1] = "abcdefgh~ ABCDEFGH09", bytes[LEN];
      bool is_safe = byte >= 0x20 && byte < 0x7F;
      memcpy(bytes, plain, LEN);
      bytes[at] = (char) byte;
      g_autoptr(GString) safe = g_string_new(NULL);
      text_append_safe(safe, slice_of(bytes, LEN), TEXT_ASCII);
      bool is_same = safe->len == LEN && memcmp(safe->str, bytes, LEN) == 0;
      if (is_same != is_safe)
        fail_msg("byte 0x%02x at %zu: '%s'", byte, at, safe->str);
    }
}

static void test_markup(void **state)
{
  g_autoptr(GString) text = g_string_new("=");

  (void) state;
  text_append_markup(text, SLICE("<a b='c' d=\"e\">\0&\xff"));
  assert_string_equal(text->str, "=&lt;a b=&apos;c&apos; d=&quot;e&quot;&gt;␀&amp;\xef\xbf\xbd");
}

static void test_safe_head(void **state)
{
  static const struct {
    const char *in;
    unsigned width;
    const char *head;
  } CASES[] = {
    {"abc", 3, "abc"},
    {"abcdef", 3, "abcd"}, /* one more tells that it is longer */
    {"abc", 0, "a"},
    {"ab\r\n\t cd", 3, "ab c"},
    {"\xE4\xBD\xA0\xE5\xA5\xBD", 2, "\xE4\xBD\xA0\xE5\xA5\xBD"},
    {"e\xCC\x81x", 1, "e\xCC\x81x"},
    {"", 3, ""},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GString) head = g_string_new("> ");

    text_append_safe_head(head, slice_from_string(CASES[i].in), CASES[i].width, TEXT_UTF8);
    assert_string_equal(head->str + 2, CASES[i].head);
  }
}

static void test_width(void **state)
{
  (void) state;
  assert_int_equal(text_width(SLICE_NONE), 0);
  assert_int_equal(text_width(SLICE("abc")), 3);
  assert_int_equal(text_width(SLICE("\xE4\xBD\xA0\xE5\xA5\xBD")), 4); /* wide */
  assert_int_equal(text_width(SLICE("e\xCC\x81")), 1);                /* combining */
}

static void test_cells(void **state)
{
  static const struct {
    const char *in;
    TextCell cell;
    const char *utf8, *ascii;
  } CASES[] = {
    {"abc", {5, TEXT_LEFT}, "abc  ", "abc  "},
    {"abc", {5, TEXT_RIGHT}, "  abc", "  abc"},
    {"abc", {6, TEXT_CENTRE}, " abc  ", " abc  "},
    {"abc", {3, TEXT_LEFT}, "abc", "abc"},
    {"abcd", {3, TEXT_LEFT}, "ab\xE2\x80\xA6", "ab~"},
    {"abcd", {1, TEXT_LEFT}, "\xE2\x80\xA6", "~"},
    {"abcd", {0, TEXT_LEFT}, "", ""},
    {"", {2, TEXT_LEFT}, "  ", "  "},
    /* a wide character that does not fit leaves a column free */
    {"\xE4\xBD\xA0\xE5\xA5\xBD", {3, TEXT_LEFT}, "\xE4\xBD\xA0\xE2\x80\xA6", "\xE4\xBD\xA0~"},
    {"\xE4\xBD\xA0\xE5\xA5\xBD", {2, TEXT_LEFT}, "\xE2\x80\xA6 ", "~ "},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GString) utf8 = g_string_new(NULL), ascii = g_string_new(NULL);
    Slice in = slice_from_string(CASES[i].in);

    text_append_cell(utf8, in, CASES[i].cell, TEXT_UTF8);
    assert_string_equal(utf8->str, CASES[i].utf8);
    text_append_cell(ascii, in, CASES[i].cell, TEXT_ASCII);
    assert_string_equal(ascii->str, CASES[i].ascii);
  }
}

/* What does not fit loses its middle. */
static void test_ends(void **state)
{
  static const struct {
    const char *in;
    unsigned width;
    const char *utf8, *ascii;
  } CASES[] = {
    {"abcdef", 6, "abcdef", "abcdef"},
    {"abcdef", 5,
     "ab\xE2\x80\xA6"
     "ef",
     "ab~ef"},
    {"abcdef", 4,
     "ab\xE2\x80\xA6"
     "f",
     "ab~f"},
    {"abcdef", 2, "a\xE2\x80\xA6", "a~"},
    {"abcdef", 1, "\xE2\x80\xA6", "~"},
    {"abcdef", 0, "", ""},
    {"", 3, "", ""},
    /* of a wide character that half fits nothing is left, of a mark nothing without its letter */
    {"\xE4\xBD\xA0\xE4\xBD\xA0\xE4\xBD\xA0", 4, "\xE4\xBD\xA0\xE2\x80\xA6", "\xE4\xBD\xA0~"},
    {"abcde\xCC\x81x", 4, "ab\xE2\x80\xA6x", "ab~x"},
    {"abcdex\xCC\x81", 4, "ab\xE2\x80\xA6x\xCC\x81", "ab~x\xCC\x81"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GString) utf8 = g_string_new(NULL), ascii = g_string_new(NULL);
    Slice in = slice_from_string(CASES[i].in);

    text_append_ends(utf8, in, CASES[i].width, TEXT_UTF8);
    assert_string_equal(utf8->str, CASES[i].utf8);
    text_append_ends(ascii, in, CASES[i].width, TEXT_ASCII);
    assert_string_equal(ascii->str, CASES[i].ascii);
  }
}

static void test_words(void **state)
{
  const struct {
    const char *in;
    unsigned width;
    const char *words, *rest;
  } CASES[] = {
    {"", 5, "", ""},
    {"one two", 7, "one two", ""},
    {"one two  three", 7, "one two", "three"},
    {"one two", 3, "one", "two"},
    {"one two", 2, "on", "e two"},
    {"one", 0, "o", "ne"},
    {"\xE4\xBD\xA0\xE5\xA5\xBD", 1, "\xE4\xBD\xA0", "\xE5\xA5\xBD"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Slice in = exact_slice(slice_from_string(CASES[i].in)), rest = in;

    assert_slice(text_take_words(&rest, CASES[i].width), CASES[i].words);
    assert_slice(rest, CASES[i].rest);
    g_free((char *) (uintptr_t) in.data);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_decoding),
    cmocka_unit_test(test_safe),
    cmocka_unit_test(test_safe_everywhere),
    cmocka_unit_test(test_safe_head),
    cmocka_unit_test(test_width),
    cmocka_unit_test(test_cells),
    cmocka_unit_test(test_ends),
    cmocka_unit_test(test_words),
    cmocka_unit_test(test_markup),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
