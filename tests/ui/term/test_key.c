#include "tests/test.h"

#include "ui/term/key.h"

static void test_names(void **state)
{
  static const struct {
    const char *name;
    KeyCode code;
    const char *called;
  } CASES[] = {
    {"a", 'a', "a"},
    {"A", 'A', "A"},
    {"-", '-', "-"},
    {"^", '^', "^"},
    {"\xC3\xA9", 0xE9, "\xC3\xA9"},
    {"Space", ' ', "Space"},
    {"space", ' ', "Space"},
    {"F1", KEY_CODE_F1, "F1"},
    {"f12", KEY_CODE_F12, "F12"},
    {"F", 'F', "F"},
    {"PgDn", KEY_CODE_PAGE_DOWN, "PgDn"},
    {"pagedown", KEY_CODE_PAGE_DOWN, "PgDn"},
    {"Escape", KEY_CODE_ESCAPE, "Esc"},
    {"C-f", KEY_CODE_CTRL | 'f', "C-f"},
    {"C-F", KEY_CODE_CTRL | 'f', "C-f"},
    {"^F", KEY_CODE_CTRL | 'f', "C-f"},
    {"C--", KEY_CODE_CTRL | '-', "C--"},
    {"C-Space", KEY_CODE_CTRL | ' ', "C-Space"},
    {"A-x", KEY_CODE_ALT | 'x', "A-x"},
    {"A-X", KEY_CODE_ALT | 'X', "A-X"},
    {"A-C-x", KEY_CODE_ALT | KEY_CODE_CTRL | 'x', "C-A-x"},
    {"S-Tab", KEY_CODE_SHIFT | KEY_CODE_TAB, "S-Tab"},
    {"C-S-Left", KEY_CODE_CTRL | KEY_CODE_SHIFT | KEY_CODE_LEFT, "C-S-Left"},
    {"C-i", KEY_CODE_TAB, "Tab"},
    {"C-m", KEY_CODE_ENTER, "Enter"},
    {"C-[", KEY_CODE_ESCAPE, "Esc"},
    {"A-C-h", KEY_CODE_ALT | KEY_CODE_BACKSPACE, "A-Backspace"},
  };
  char name[KEY_NAME_MAX];

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Slice exact = exact_slice(slice_from_string(CASES[i].name));

    assert_int_equal(key_from_name(exact), CASES[i].code);
    assert_string_equal(key_to_name(CASES[i].code, name), CASES[i].called);
    g_free((char *) (uintptr_t) exact.data);
  }
}

static void test_no_names(void **state)
{
  static const char *const NONE[] = {
    "",      "ab",   "C-",        "S-a",  "F0",       "F13",  "F1x", "X-a",
    "C-S-a", "\xFF", "\xC3\xA9x", "\033", "\xC2\x85", "C-ab", "Up ",
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(NONE); i++)
    if (key_from_name(slice_from_string(NONE[i])) != KEY_CODE_NONE)
      fail_msg("\"%s\" is no key", NONE[i]);
}

static void check_finds_itself(KeyCode code)
{
  char name[KEY_NAME_MAX];

  key_to_name(code, name);
  if (name[0] == '\0' || key_from_name(slice_from_string(name)) != code)
    fail_msg("%#x is called \"%s\", which is %#x", code, name,
             key_from_name(slice_from_string(name)));
}

static void test_every_name_finds_itself(void **state)
{
  static const KeyCode MODIFIERS[] = {
    0,
    KEY_CODE_CTRL,
    KEY_CODE_ALT,
    KEY_CODE_SHIFT,
    KEY_CODE_CTRL | KEY_CODE_ALT,
    KEY_CODE_CTRL | KEY_CODE_SHIFT,
    KEY_CODE_CTRL | KEY_CODE_ALT | KEY_CODE_SHIFT,
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(MODIFIERS); i++)
    for (KeyCode code = KEY_CODE_UP; code <= KEY_CODE_F12; code++)
      check_finds_itself(MODIFIERS[i] | code);
  for (KeyCode code = ' '; code < 0x3000; code++)
    if (key_is_text(code)) {
      check_finds_itself(code);
      check_finds_itself(KEY_CODE_ALT | code);
    }
  for (KeyCode code = 'a'; code <= 'z'; code++)
    if (!strchr("hijm", (int) code))
      check_finds_itself(KEY_CODE_CTRL | code);
}

static void test_without_a_name(void **state)
{
  static const KeyCode NONE[] = {KEY_CODE_NONE,        KEY_CODE_MOUSE, KEY_CODE_RESIZE,
                                 KEY_CODE_END_OF_KEYS, 0x1B,           0xD800,
                                 KEY_CODE_CTRL | 0x1B, G_MAXUINT32};
  char name[KEY_NAME_MAX];

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(NONE); i++)
    assert_string_equal(key_to_name(NONE[i], name), "");
}

static void test_text(void **state)
{
  static const struct {
    KeyCode code;
    bool text;
  } CASES[] = {
    {'a', true},
    {' ', true},
    {0x20AC, true},
    {0x10FFFD, true},
    {KEY_CODE_NONE, false},
    {0x1B, false},
    {0x7F, false},
    {0x85, false},
    {0xD800, false},
    {KEY_CODE_UP, false},
    {KEY_CODE_MOUSE, false},
    {KEY_CODE_CTRL | 'a', false},
    {KEY_CODE_ALT | 'a', false},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    assert_int_equal(key_is_text(CASES[i].code), CASES[i].text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_names),
    cmocka_unit_test(test_no_names),
    cmocka_unit_test(test_every_name_finds_itself),
    cmocka_unit_test(test_without_a_name),
    cmocka_unit_test(test_text),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
