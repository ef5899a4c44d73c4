#include "tests/ui/golden.h"
#include "ui/view/widget/form.h"

static const char *const TIMES[] = {"absolute", "relative", "delta", NULL};

enum { HEADING, NAME, MEDIA, TIME, FOLDER, OK, CANCEL, FIELD_COUNT };

static const FormField FIELDS[FIELD_COUNT] = {
  [HEADING] = {FORM_HEADING, "What is saved", NULL, NULL},
  [NAME] = {FORM_TEXT, "file", NULL, "the capture file that is written"},
  [MEDIA] = {FORM_CHECK, "with media", NULL, NULL},
  [TIME] = {FORM_CHOICE, "times", TIMES, "how times are shown"},
  [FOLDER] = {FORM_TEXT, "a long label", NULL, NULL},
  [OK] = {FORM_BUTTON, "Save", NULL, NULL},
  [CANCEL] = {FORM_BUTTON, "Cancel", NULL, NULL},
};

static Form *form_sample(void)
{
  Form *form = form_new(FIELDS, FIELD_COUNT);

  form_set_text(form, NAME, "calls.pcap");
  form_set_checked(form, MEDIA, true);
  form_set_note(form, MEDIA, "12 streams");
  form_set_text(form, FOLDER, "/tmp/\xE2\x82\xAC");
  form_set_note(form, FOLDER, "new");
  form_set_enabled(form, FOLDER, false);
  return form;
}

static FormResult press(Form *form, const char *key)
{
  KeyEvent event = {.code = key_from_name(slice_from_string(key))};
  g_autoptr(Keymap) keymap = keymap_new();
  FormResult result = form_key(form, &event);

  assert_int_not_equal(event.code, KEY_CODE_NONE);
  if (result != FORM_IGNORED)
    return result;
  CommandId id = keymap_find(keymap, SCOPE_FORM, event.code);
  return id == COMMAND_NONE ? FORM_IGNORED : form_command(form, id);
}

/* Keys one after the other, and where they lead: the last result and the field. */
static void test_keys(void **state)
{
  static const struct {
    const char *keys;
    FormResult result;
    size_t field;
  } CASES[] = {
    {"Up", FORM_IGNORED, NAME},
    {"x", FORM_CHANGED, NAME},
    {"Left", FORM_MOVED, NAME},
    {"q", FORM_CHANGED, NAME},
    {"Esc", FORM_IGNORED, NAME},
    {"Enter", FORM_PRESSED, NAME},
    {"Down", FORM_MOVED, MEDIA},
    {"Down Space", FORM_CHANGED, MEDIA},
    {"Down Left", FORM_IGNORED, MEDIA},
    {"Down Enter", FORM_PRESSED, MEDIA},
    {"Tab Tab Right", FORM_CHANGED, TIME},
    {"Tab Tab l h h", FORM_CHANGED, TIME},
    {"Tab Tab Space", FORM_CHANGED, TIME},
    {"Tab Tab Tab", FORM_MOVED, OK},
    {"Tab Tab Tab Tab", FORM_MOVED, CANCEL},
    {"Tab Tab Tab Tab Tab", FORM_MOVED, NAME},
    {"S-Tab", FORM_MOVED, CANCEL},
    {"S-Tab Left", FORM_MOVED, OK},
    {"S-Tab Left Left", FORM_IGNORED, OK},
    {"S-Tab Up", FORM_MOVED, TIME},
    {"S-Tab Space", FORM_PRESSED, CANCEL},
    {"S-Tab Down", FORM_IGNORED, CANCEL},
    {"Tab End", FORM_MOVED, CANCEL},
    {"Tab End Home", FORM_MOVED, NAME},
    {"PgDn", FORM_MOVED, OK},
    {"PgDn PgUp", FORM_MOVED, NAME},
    {"Tab x", FORM_IGNORED, MEDIA},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Form) form = form_sample();
    g_auto(GStrv) keys = g_strsplit(CASES[i].keys, " ", -1);
    FormResult result = FORM_IGNORED;

    for (size_t k = 0; keys[k]; k++)
      result = press(form, keys[k]);
    if (result != CASES[i].result || form_cursor(form) != CASES[i].field)
      fail_msg("%s: result %d, field %zu", CASES[i].keys, (int) result, form_cursor(form));
  }
}

static void test_values(void **state)
{
  g_autoptr(Form) form = form_sample();

  (void) state;
  press(form, "x");
  assert_string_equal(form_text(form, NAME), "calls.pcapx");
  press(form, "Tab");
  press(form, "Space");
  assert_false(form_checked(form, MEDIA));
  press(form, "Tab");
  press(form, "Left");
  assert_int_equal(form_choice(form, TIME), 2);
  press(form, "Right");
  assert_int_equal(form_choice(form, TIME), 0);
  form_set_cursor(form, FOLDER);
  assert_int_equal(form_cursor(form), OK);
  form_set_enabled(form, FOLDER, true);
  form_set_cursor(form, FOLDER);
  assert_int_equal(form_cursor(form), FOLDER);
}

static size_t complete_path(void *data, Slice before_cursor, GPtrArray *candidates)
{
  if (slice_eq(before_cursor, slice_from_string(data)))
    g_ptr_array_add(candidates, g_strdup("done"));
  return 0;
}

/* Tab completes; where there is nothing to complete it goes on. */
static void test_completion(void **state)
{
  g_autoptr(Form) form = form_sample();
  char typed[] = "calls.pcap";

  (void) state;
  prompt_set_complete(form_prompt(form, NAME), complete_path, typed);
  assert_int_equal(press(form, "Tab"), FORM_CHANGED);
  assert_string_equal(form_text(form, NAME), "done");
  assert_int_equal(press(form, "Tab"), FORM_MOVED);
  assert_int_equal(form_cursor(form), MEDIA);
}

static char *drawn(Form *form, int width, int height)
{
  Canvas *canvas = canvas_new(TEXT_ASCII);

  canvas_begin(canvas, width, height);
  form_draw_dialog(form, canvas, canvas_area(canvas), "Save");
  char *text = canvas_to_text(canvas, true);
  canvas_free(canvas);
  return text;
}

static void test_drawn(void **state)
{
  g_autoptr(Form) form = form_sample();
  g_autofree char *wide = drawn(form, 80, 14);
  g_autofree char *small = drawn(form, 20, 5);

  (void) state;
  assert_golden("view/form/dialog-80.txt", wide);
  assert_golden("view/form/dialog-20.txt", small);
  form_set_cursor(form, CANCEL);
  g_autofree char *end = drawn(form, 20, 4);
  assert_golden("view/form/dialog-20-end.txt", end);
}

/* No size is too small. */
static void test_any_size(void **state)
{
  g_autoptr(Form) form = form_sample();

  (void) state;
  for (int height = 1; height < 12; height++)
    for (int width = 1; width < 60; width++)
      for (size_t field = 0; field < FIELD_COUNT; field++) {
        form_set_cursor(form, field);
        g_autofree char *text = drawn(form, width, height);
        if (width >= 34 && !strstr(text, FIELDS[form_cursor(form)].label))
          fail_msg("%dx%d: no %s in\n%s", width, height, FIELDS[field].label, text);
      }
}

/* A click does what the key does; elsewhere it does nothing. */
static void test_mouse(void **state)
{
  static const struct {
    int x, y;
    MouseAction action;
    FormResult result;
    size_t field;
  } CASES[] = {
    {20, 1, MOUSE_CLICK, FORM_MOVED, NAME},         {0, 2, MOUSE_CLICK, FORM_CHANGED, MEDIA},
    {16, 3, MOUSE_CLICK, FORM_CHANGED, TIME},       {0, 0, MOUSE_CLICK, FORM_IGNORED, NAME},
    {0, 4, MOUSE_CLICK, FORM_IGNORED, NAME},        {1, 5, MOUSE_CLICK, FORM_PRESSED, OK},
    {11, 5, MOUSE_CLICK, FORM_PRESSED, CANCEL},     {9, 5, MOUSE_CLICK, FORM_IGNORED, NAME},
    {1, 5, MOUSE_RIGHT_CLICK, FORM_IGNORED, NAME},  {70, 20, MOUSE_CLICK, FORM_IGNORED, NAME},
    {0, 0, MOUSE_WHEEL_DOWN, FORM_MOVED, MEDIA},    {0, 0, MOUSE_WHEEL_UP, FORM_MOVED, NAME},
    {0, 3, MOUSE_DOUBLE_CLICK, FORM_CHANGED, TIME},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Form) form = form_sample();
    Canvas *canvas = canvas_new(TEXT_UTF8);
    KeyEvent event = {KEY_CODE_MOUSE, CASES[i].action, CASES[i].x, CASES[i].y};

    canvas_begin(canvas, 60, 10);
    form_draw(form, canvas, canvas_area(canvas));
    FormResult result = form_mouse(form, &event);
    if (result != CASES[i].result || form_cursor(form) != CASES[i].field)
      fail_msg("%d,%d: result %d, field %zu", event.x, event.y, (int) result, form_cursor(form));
    canvas_free(canvas);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_keys),       cmocka_unit_test(test_values),
    cmocka_unit_test(test_completion), cmocka_unit_test(test_drawn),
    cmocka_unit_test(test_any_size),   cmocka_unit_test(test_mouse),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
