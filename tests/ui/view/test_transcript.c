#include "tests/ui/screen.h"

static void assert_title_has(Screen *screen, const char *wanted)
{
  g_autofree char *text = screen_text(screen);

  *strchrnul(text, '\n') = '\0';
  if (!strstr(text, wanted))
    fail_msg("\"%s\" does not have \"%s\"", text, wanted);
}

static void test_screens(void **state)
{
  (void) state;
  g_autoptr(Screen) list = screen_open(&(ScreenSetup){"chain.pcap", 80, 24, TEXT_UTF8, NULL});
  screen_keys(list, "v");
  assert_screen(list, "view/transcript/80.txt", false);
  screen_keys(list, "End");
  assert_screen(list, "view/transcript/80-end.txt", false);
  g_autoptr(Screen) wide =
    screen_open(&(ScreenSetup){"busy.pcap failed.pcap", 200, 50, TEXT_ASCII, NULL});
  screen_keys(wide, "* v PgDn");
  assert_screen(wide, "view/transcript/200-calls.txt", true);
}

/* From a ladder it begins at the message of the cursor; a message that was opened moves it. */
static void test_messages(void **state)
{
  g_autoptr(Screen) screen = screen_open(&(ScreenSetup){"chain.pcap", 80, 24, TEXT_UTF8, NULL});

  (void) state;
  screen_skip_translated();
  screen_keys(screen, "Enter Down Down v");
  assert_title_has(screen, "call 1 as text, message 3/40");
  screen_keys(screen, "] ]");
  assert_title_has(screen, "message 5/40");
  screen_keys(screen, "Down [");
  assert_title_has(screen, "message 5/40");
  screen_keys(screen, "[");
  assert_title_has(screen, "message 4/40");
  screen_keys(screen, "Enter ] ]");
  assert_title_has(screen, "message 6 of call 1");
  screen_keys(screen, "Esc");
  assert_title_has(screen, "message 6/40");
  screen_keys(screen, "Esc");
  assert_title_has(screen, "call 1 ");
}

/* Lines up and down lead back to where they began, whatever is between. */
static void test_scrolling(void **state)
{
  g_autoptr(Screen) screen = screen_open(&(ScreenSetup){"chain.pcap", 60, 12, TEXT_UTF8, NULL});

  (void) state;
  screen_keys(screen, "v");
  g_autofree char *begin = screen_text(screen);
  for (unsigned i = 0; i < 1500; i++)
    screen_keys(screen, "Down");
  g_autofree char *down = screen_text(screen);
  screen_keys(screen, "End");
  g_autofree char *end = screen_text(screen);
  assert_string_equal(down, end);
  for (unsigned i = 0; i < 300; i++)
    screen_keys(screen, "PgUp");
  g_autofree char *up = screen_text(screen);
  assert_string_equal(up, begin);
}

static void test_search(void **state)
{
  g_autoptr(Screen) screen = screen_open(&(ScreenSetup){"basic.pcap", 80, 24, TEXT_UTF8, NULL});

  (void) state;
  screen_skip_translated();
  screen_keys(screen, "v n");
  screen_keys(screen, "/");
  screen_type(screen, "CSEQ: 1 INVITE");
  screen_keys(screen, "Enter");
  assert_title_has(screen, "message 1/7");
  screen_keys(screen, "n n n"); /* 100, 180, 200 */
  assert_title_has(screen, "message 4/7");
  screen_keys(screen, "N");
  assert_title_has(screen, "message 3/7");
  screen_keys(screen, "n n");
  assert_title_has(screen, "message 1/7");
  screen_keys(screen, "N");
  assert_title_has(screen, "message 4/7");
  screen_keys(screen, "/");
  screen_type(screen, "nowhere");
  screen_keys(screen, "Enter");
  assert_shows(screen, "not found: nowhere");
}

/* Number of characters on a line that are marked as found. */
static unsigned found_on(const Screen *screen, int line)
{
  unsigned found = 0;

  for (int x = 0; x < screen->width; x++)
    found += (canvas_cell(screen->canvas, x, line)->marks & CELL_FOUND) != 0;
  return found;
}

/* What is found on two lines is marked on each, also when the first one is above the screen. */
static void test_marks(void **state)
{
  g_autoptr(Screen) screen = screen_open(&(ScreenSetup){"basic.pcap", 30, 12, TEXT_UTF8, NULL});
  unsigned first, second;

  (void) state;
  screen_keys(screen, "v /");
  screen_type(screen, "sip/2.0/udp 192.0.2.10;branch=");
  screen_keys(screen, "Enter");
  screen_draw(screen);
  int line = 1;
  while (line + 2 < screen->height && found_on(screen, line) == 0)
    line++;
  first = found_on(screen, line);
  second = found_on(screen, line + 1);
  assert_int_equal(first + second, strlen("sip/2.0/udp 192.0.2.10;branch="));
  assert_true(first > 0 && second > 0);
  for (; line > 0; line--)
    screen_keys(screen, "Down");
  screen_draw(screen);
  assert_int_equal(found_on(screen, 1), second);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_screens),   cmocka_unit_test(test_messages),
    cmocka_unit_test(test_scrolling), cmocka_unit_test(test_search),
    cmocka_unit_test(test_marks),
  };

  return cmocka_run_group_tests_name("transcript", tests, NULL, NULL);
}
