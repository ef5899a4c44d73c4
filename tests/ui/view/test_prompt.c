#include "ui/view/widget/prompt.h"

#include "tests/test.h"

static PromptResult press(Prompt *prompt, const char *names)
{
  PromptResult result = PROMPT_IGNORED;
  Slice rest = slice_from_string(names);

  while (rest.len > 0) {
    KeyEvent event = {.code = key_from_name(slice_cut(&rest, ' '))};
    assert_int_not_equal(event.code, KEY_CODE_NONE);
    result = prompt_key(prompt, &event);
  }
  return result;
}

static void test_editing(void **state)
{
  static const struct {
    const char *text, *keys, *want;
  } CASES[] = {
    {"", "a b c", "abc"},
    {"abc", "Backspace", "ab"},
    {"abc", "Left Left Backspace", "bc"},
    {"abc", "Home Del", "bc"},
    {"abc", "C-a x C-e y", "xabcy"},
    {"one two", "C-w", "one "},
    {"one two  ", "C-w", "one "},
    {"one two", "Left Left Left C-u", "two"},
    {"one two", "Home C-k", ""},
    {"aé", "Backspace", "a"},
    {"ae\xcc\x81z", "Left Backspace", "az"}, /* a combining accent goes with its letter */
    {"日本", "Left x", "日x本"},
    {"a", "Left Left Left Right x", "ax"},
    {"", "Backspace Del C-w C-u C-k Left Right", ""},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Prompt) prompt = prompt_new("", CASES[i].text);
    press(prompt, CASES[i].keys);
    assert_string_equal(prompt_text(prompt), CASES[i].want);
  }
}

static void test_results(void **state)
{
  static const struct {
    const char *keys;
    PromptResult want;
  } CASES[] = {
    {"x", PROMPT_EDITED},      {"Left", PROMPT_MOVED},    {"Enter", PROMPT_DONE},
    {"Esc", PROMPT_CANCELLED}, {"C-c", PROMPT_CANCELLED}, {"F5", PROMPT_IGNORED},
    {"Up", PROMPT_IGNORED},    {"Tab", PROMPT_IGNORED},   {"Home Backspace", PROMPT_MOVED},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Prompt) prompt = prompt_new("", "text");
    assert_int_equal(press(prompt, CASES[i].keys), CASES[i].want);
  }
}

static void test_limit(void **state)
{
  g_autofree char *full = g_strnfill(2 * PROMPT_TEXT_MAX, 'x');
  g_autoptr(Prompt) prompt = prompt_new("", full);

  (void) state;
  assert_int_equal(strlen(prompt_text(prompt)), PROMPT_TEXT_MAX);
  assert_int_equal(press(prompt, "y"), PROMPT_MOVED);
  prompt_set_text(prompt, "\xff\xfe");
  assert_true(g_utf8_validate(prompt_text(prompt), -1, NULL));
}

static void test_history(void **state)
{
  g_autoptr(GPtrArray) history = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(Prompt) prompt = prompt_new("", "");

  (void) state;
  prompt_set_history(prompt, history);
  prompt_set_text(prompt, "one");
  prompt_remember(prompt);
  prompt_set_text(prompt, "two");
  prompt_remember(prompt);
  prompt_set_text(prompt, "one");
  prompt_remember(prompt); /* moves to the end */
  assert_int_equal(history->len, 2);
  prompt_set_text(prompt, "draft");
  press(prompt, "Up");
  assert_string_equal(prompt_text(prompt), "one");
  press(prompt, "Up Up");
  assert_string_equal(prompt_text(prompt), "two");
  press(prompt, "Down Down Down");
  assert_string_equal(prompt_text(prompt), "draft");
  prompt_set_text(prompt, "");
  prompt_remember(prompt);
  assert_int_equal(history->len, 2);
  for (unsigned i = 0; i < PROMPT_HISTORY_MAX + 5; i++) {
    g_autofree char *line = g_strdup_printf("line %u", i);
    prompt_set_text(prompt, line);
    prompt_remember(prompt);
  }
  assert_int_equal(history->len, PROMPT_HISTORY_MAX);
}

/* Words behind the last blank. */
static size_t complete_word(void *data, Slice before_cursor, GPtrArray *candidates)
{
  const char *const *words = data;
  size_t start = before_cursor.len;

  while (start > 0 && before_cursor.data[start - 1] != ' ')
    start--;
  for (size_t i = 0; words[i]; i++)
    if (slice_starts_with(slice_from_string(words[i]), slice_from(before_cursor, start)))
      g_ptr_array_add(candidates, g_strdup(words[i]));
  return start;
}

static void test_completion(void **state)
{
  static const char *const WORDS[] = {"call.from", "call.forks", "call.to", "from.user", NULL};
  static const struct {
    const char *text, *keys, *want;
  } CASES[] = {
    {"x ca", "Tab", "x call."},
    {"x ca", "Tab Tab", "x call.from"},
    {"x ca", "Tab Tab Tab", "x call.forks"},
    {"x ca", "Tab Tab Tab Tab Tab", "x call.from"},
    {"x ca", "Tab S-Tab", "x call.to"},
    {"fr", "Tab", "from.user"},
    {"fr", "Tab Tab", "from.user"},
    {"zz", "Tab Tab", "zz"},
    {"call.f", "Tab r Tab", "call.from"},
    {"ca == 1", "Home Right Right Tab", "call. == 1"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Prompt) prompt = prompt_new("", CASES[i].text);
    prompt_set_complete(prompt, complete_word, (void *) (uintptr_t) WORDS);
    press(prompt, CASES[i].keys);
    assert_string_equal(prompt_text(prompt), CASES[i].want);
  }
}

static void test_drawing(void **state)
{
  g_autoptr(Canvas) canvas = canvas_new(TEXT_UTF8);
  g_autoptr(Prompt) prompt = prompt_new("> ", "0123456789abcdef");

  (void) state;
  canvas_begin(canvas, 10, 2);
  prompt_draw(prompt, canvas, (Rect){0, 1, 10, 1}, true);
  g_autofree char *end = canvas_to_text(canvas, false);
  assert_string_equal(end, "\n> 9abcdef\n");
  assert_int_equal(canvas->cursor_x, 9);
  assert_int_equal(canvas->cursor_y, 1);
  press(prompt, "Home");
  canvas_begin(canvas, 10, 2);
  prompt_draw(prompt, canvas, (Rect){0, 1, 10, 1}, true);
  g_autofree char *start = canvas_to_text(canvas, false);
  assert_string_equal(start, "\n> 01234567\n");
  assert_int_equal(canvas->cursor_x, 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_editing),    cmocka_unit_test(test_results),
    cmocka_unit_test(test_limit),      cmocka_unit_test(test_history),
    cmocka_unit_test(test_completion), cmocka_unit_test(test_drawing),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
