/* Any key, any click and any size on every screen: nothing breaks, and what is drawn is text. */
#include "tests/fuzz/app_cells.h"
#include "tests/ui/screen.h"
#include "tests/source_read.h"

/* Keys from the call list to each screen and dialog. */
static const char *const WAYS[] = {
  "",
  "/ c",
  "F7",
  "F10",
  "F10 a",
  "F8",
  "F2",
  "F2 Enter",
  "F1",
  "C Down",
  "i",
  ":",
  "F6",
  "F6 t",
  "F6 x",
  "F6 /",
  "F6 F2",
  "* Enter",
  "* Enter A",
  "* Enter /",
  "* Enter Space",
  "* Enter t t d",
  "* Enter Space Down Space",
  "* Enter S",
};

enum { WIDTH = 32, HEIGHT = 8, LAST_CHARACTER = 0x7F };

static const char SAMPLES[] = "failed.pcap";

static void draw(Screen *screen)
{
  screen_draw(screen);
  app_cells_check(screen->canvas);
}

static Screen *open_way(const char *way)
{
  Screen *screen =
    screen_open(&(ScreenSetup){SAMPLES, .width = 80, .height = 24, .settings = "follow=on"});

  screen_keys(screen, way);
  return screen;
}

/* Back to the screen of the way, whatever a key made of it. */
static void restore(Screen **screen, const char *way, const View *wanted)
{
  if (host_view((*screen)->app) == wanted && !app_is_over((*screen)->app))
    return;
  int width = (*screen)->width, height = (*screen)->height;
  screen_close(*screen);
  *screen = open_way(way);
  (*screen)->width = width;
  (*screen)->height = height;
}

static void press(Screen **screen, const char *way, const KeyEvent *event)
{
  const View *view = host_view((*screen)->app);

  app_handle_key((*screen)->app, event);
  screen_settle(*screen);
  draw(*screen);
  restore(screen, way, view);
}

static void press_all(Screen **screen, const char *way, KeyCode held)
{
  for (KeyCode code = 1; code <= LAST_CHARACTER; code++)
    press(screen, way, &(KeyEvent){.code = code | held});
  for (KeyCode code = KEY_CODE_UP; code <= KEY_CODE_END_OF_KEYS; code++)
    press(screen, way, &(KeyEvent){.code = code | held, .x = -1, .y = 1 << 30});
  press(screen, way, &(KeyEvent){.code = 0x202E | held});
  press(screen, way, &(KeyEvent){.code = 0x10FFFF | held});
}

static void test_any_key(void **state)
{
  static const KeyCode HELD[] = {0, KEY_CODE_CTRL, KEY_CODE_SHIFT | KEY_CODE_ALT};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(WAYS); i++) {
    Screen *screen = open_way(WAYS[i]);
    for (size_t k = 0; k < G_N_ELEMENTS(HELD); k++)
      press_all(&screen, WAYS[i], HELD[k]);
    screen_close(screen);
  }
}

/* Cells of the screen and some around it. */
static void click_everywhere(Screen **screen, const char *way, MouseAction action)
{
  for (int y = -1; y <= (*screen)->height; y++)
    for (int x = -1; x <= (*screen)->width; x++)
      press(screen, way, &(KeyEvent){KEY_CODE_MOUSE, action, x, y});
}

/* From each cell of the line of titles. */
static void drag_everywhere(Screen **screen, const char *way)
{
  const int target = (*screen)->width / 2;

  for (int x = -1; x <= (*screen)->width; x++) {
    press(screen, way, &(KeyEvent){KEY_CODE_MOUSE, MOUSE_CLICK, x, 1});
    press(screen, way, &(KeyEvent){KEY_CODE_MOUSE, MOUSE_DRAG, -INT16_MAX, -1});
    press(screen, way, &(KeyEvent){KEY_CODE_MOUSE, MOUSE_DRAG, INT16_MAX, INT16_MAX});
    press(screen, way, &(KeyEvent){KEY_CODE_MOUSE, MOUSE_DRAG, target, 1});
    press(screen, way, &(KeyEvent){KEY_CODE_MOUSE, MOUSE_RELEASE, target, 1});
  }
}

static void test_any_click(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(WAYS); i++) {
    Screen *screen = open_way(WAYS[i]);
    screen->width = WIDTH;
    screen->height = HEIGHT;
    draw(screen);
    for (MouseAction action = MOUSE_CLICK; action <= MOUSE_DOUBLE_CLICK; action++)
      click_everywhere(&screen, WAYS[i], action);
    drag_everywhere(&screen, WAYS[i]);
    screen_close(screen);
  }
}

/* The screen becomes another one while a dialog is open; then keys are pressed on it. */
static void test_any_size(void **state)
{
  static const struct {
    int width, height;
  } SIZES[] = {{80, 24}, {20, 5}, {1, 1}, {500, 200}, {2, 2}, {1, 50},
               {300, 1}, {3, 3},  {5, 4}, {40, 12},   {0, 0}};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(WAYS); i++) {
    Screen *screen = open_way(WAYS[i]);
    for (size_t k = 0; k < G_N_ELEMENTS(SIZES); k++) {
      screen->width = SIZES[k].width;
      screen->height = SIZES[k].height;
      press(&screen, WAYS[i], &(KeyEvent){.code = KEY_CODE_RESIZE});
      press(&screen, WAYS[i], &(KeyEvent){.code = KEY_CODE_PAGE_DOWN});
      press(&screen, WAYS[i], &(KeyEvent){.code = KEY_CODE_RIGHT});
      press(&screen, WAYS[i], &(KeyEvent){KEY_CODE_MOUSE, MOUSE_CLICK, 0, 0});
      press(&screen, WAYS[i], &(KeyEvent){.code = KEY_CODE_END});
    }
    screen_close(screen);
  }
}

/* What is saved is saved there. */
static int enter_folder(void **state)
{
  Folder *folder = g_new(Folder, 1);

  *folder = folder_new();
  *state = folder;
  return chdir(folder->path);
}

static int leave_folder(void **state)
{
  Folder *folder = *state;

  folder_clear(folder);
  g_free(folder);
  return chdir("/");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_any_key),
    cmocka_unit_test(test_any_click),
    cmocka_unit_test(test_any_size),
  };

  return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
