#include "ui/view/commands.h"

#include "capture/error.h"
#include "tests/test.h"

static void test_names(void **state)
{
  (void) state;
  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++) {
    assert_int_equal(command_find(slice_from_string(COMMANDS[id].name)), id);
    assert_true(COMMANDS[id].scopes != 0);
    assert_true(strlen(COMMANDS[id].help) > 0);
  }
  assert_int_equal(command_find(SLICE("save")), COMMAND_SAVE);
  assert_int_equal(command_find(SLICE("SAVE")), COMMAND_SAVE);
  assert_int_equal(command_find(SLICE("nothing")), COMMAND_NONE);
}

/* In one scope a key means one thing. */
static void test_no_key_twice(void **state)
{
  g_autoptr(Keymap) keymap = keymap_new();

  (void) state;
  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++)
    for (const KeyCode *key = keymap_keys(keymap, id); *key != KEY_CODE_NONE; key++)
      for (unsigned bit = 0; bit < SCREEN_COUNT; bit++)
        if (COMMANDS[id].scopes & 1U << bit)
          assert_int_equal(keymap_find(keymap, 1U << bit, *key), id);
}

/* Keyboards without function keys can do everything. */
static void test_function_keys_have_letters(void **state)
{
  g_autoptr(Keymap) keymap = keymap_new();

  (void) state;
  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++) {
    const KeyCode *key = keymap_keys(keymap, id);
    bool is_function = *key >= KEY_CODE_F1 && *key <= KEY_CODE_F12;
    if (is_function && id != COMMAND_CLEAR_SOFT)
      assert_true(key[1] != KEY_CODE_NONE);
  }
}

static void test_bind(void **state)
{
  g_autoptr(Keymap) keymap = keymap_new();
  g_autoptr(GString) names = g_string_new(NULL);
  g_autoptr(GError) error = NULL;

  (void) state;
  assert_int_equal(keymap_find(keymap, SCOPE_CALLS, 's'), COMMAND_SAVE);
  assert_true(keymap_bind(keymap, "stats", "s  F11", &error));
  assert_int_equal(keymap_find(keymap, SCOPE_CALLS, 's'), COMMAND_STATS);
  assert_int_equal(keymap_find(keymap, SCOPE_CALLS, KEY_CODE_F1 + 10), COMMAND_STATS);
  assert_int_equal(keymap_find(keymap, SCOPE_CALLS, 'i'), COMMAND_NONE);
  assert_int_equal(keymap_find(keymap, SCOPE_CALLS, 'S'), COMMAND_SAVE);
  /* Where the command cannot be given, its key is still another's. */
  assert_int_equal(keymap_find(keymap, SCOPE_DIFF, 's'), COMMAND_SWAP_SIDES);
  keymap_append_keys(keymap, COMMAND_STATS, names);
  assert_string_equal(names->str, "s F11");
  assert_true(keymap_bind(keymap, "stats", "", &error));
  assert_int_equal(keymap_find(keymap, SCOPE_CALLS, 's'), COMMAND_NONE);
}

static void test_bind_wrong(void **state)
{
  static const struct {
    const char *command, *keys, *message;
  } CASES[] = {
    {"stat", "s", "unknown command 'stat'"},
    {"stats", "s Foo", "unknown key 'Foo'"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Keymap) keymap = keymap_new();
    g_autoptr(GError) error = NULL;
    assert_false(keymap_bind(keymap, CASES[i].command, CASES[i].keys, &error));
    assert_string_equal(error->message, CASES[i].message);
    assert_int_equal(keymap_find(keymap, SCOPE_CALLS, 's'), COMMAND_SAVE);
  }
}

static void test_scopes(void **state)
{
  (void) state;
  assert_string_equal(screen_info(SCOPE_CALLS)->title, "call list");
  assert_string_equal(screen_info(SCOPE_HELP)->title, "help");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_names),
    cmocka_unit_test(test_no_key_twice),
    cmocka_unit_test(test_function_keys_have_letters),
    cmocka_unit_test(test_bind),
    cmocka_unit_test(test_bind_wrong),
    cmocka_unit_test(test_scopes),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
