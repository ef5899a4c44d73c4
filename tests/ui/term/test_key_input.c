#include <unistd.h>

#include "tests/test.h"

#include "ui/term/key_input.h"

typedef struct {
  KeyInput input;
  int to;
} Pipe;

static void begin(Pipe *line)
{
  int ends[2];

  assert_int_equal(pipe(ends), 0);
  key_input_init(&line->input, ends[0]);
  line->to = ends[1];
}

static void end(Pipe *line)
{
  close(line->input.fd);
  key_input_clear(&line->input);
}

static void type(const Pipe *line, const char *octets)
{
  assert_int_equal(write(line->to, octets, strlen(octets)), (ssize_t) strlen(octets));
}

/* The next key, however long it takes; false at the end. */
static bool next(Pipe *line, KeyEvent *ret_event)
{
  while (!line->input.gone) {
    if (key_input_take(&line->input, ret_event))
      return true;
    key_input_wait(&line->input, g_get_monotonic_time() + G_USEC_PER_SEC);
  }
  return false;
}

static void test_keys_and_the_end(void **state)
{
  Pipe line;
  KeyEvent event;

  (void) state;
  begin(&line);
  assert_false(key_input_take(&line.input, &event));
  type(&line, "a\033[B\xC3");
  assert_true(next(&line, &event));
  assert_int_equal(event.code, 'a');
  assert_true(next(&line, &event));
  assert_int_equal(event.code, KEY_CODE_DOWN);
  type(&line, "\xA9");
  assert_true(next(&line, &event));
  assert_int_equal(event.code, 0xE9);
  close(line.to);
  assert_false(next(&line, &event));
  assert_true(line.input.gone);
  end(&line);
}

/* Nothing comes behind it, so Escape it was; the key after it is another. */
static void test_escape_alone(void **state)
{
  Pipe line;
  KeyEvent event;

  (void) state;
  begin(&line);
  type(&line, "\033");
  assert_true(next(&line, &event));
  assert_int_equal(event.code, KEY_CODE_ESCAPE);
  type(&line, "x\033y");
  assert_true(next(&line, &event));
  assert_int_equal(event.code, 'x');
  assert_true(next(&line, &event));
  assert_int_equal(event.code, KEY_CODE_ALT | 'y');
  close(line.to);
  end(&line);
}

static void test_waiting_ends(void **state)
{
  Pipe line;
  KeyEvent event;

  (void) state;
  begin(&line);
  key_input_wait(&line.input, 0);
  key_input_wait(&line.input, g_get_monotonic_time() + 1000);
  assert_false(key_input_take(&line.input, &event));
  assert_false(line.input.gone);
  close(line.to);
  end(&line);
}

static void test_double_click(void **state)
{
  static const struct {
    int64_t ms;
    MouseAction action;
    int x, y;
    MouseAction told;
  } CASES[] = {
    {1000, MOUSE_CLICK, 5, 5, MOUSE_CLICK},
    {1300, MOUSE_CLICK, 5, 5, MOUSE_DOUBLE_CLICK},
    {1500, MOUSE_CLICK, 5, 5, MOUSE_CLICK}, /* the third of three */
    {2000, MOUSE_CLICK, 5, 5, MOUSE_CLICK}, /* too late */
    {2100, MOUSE_CLICK, 6, 5, MOUSE_CLICK}, /* elsewhere */
    {2200, MOUSE_CLICK, 6, 6, MOUSE_CLICK},
    {2250, MOUSE_WHEEL_UP, 6, 6, MOUSE_WHEEL_UP},
    {2300, MOUSE_CLICK, 6, 6, MOUSE_DOUBLE_CLICK},
    {2400, MOUSE_RIGHT_CLICK, 6, 6, MOUSE_RIGHT_CLICK},
  };
  KeyInput input = {0};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    KeyEvent event = {KEY_CODE_MOUSE, CASES[i].action, CASES[i].x, CASES[i].y};

    key_input_tell_double(&input, &event, CASES[i].ms * 1000);
    assert_int_equal(event.mouse, CASES[i].told);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_keys_and_the_end),
    cmocka_unit_test(test_escape_alone),
    cmocka_unit_test(test_waiting_ends),
    cmocka_unit_test(test_double_click),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
