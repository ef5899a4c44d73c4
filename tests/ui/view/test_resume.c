#include "tests/ui/screen.h"
#include "ui/view/resume.h"

static Screen *open_failed(void)
{
  return screen_open(&(ScreenSetup){.samples = "failed.pcap", .width = 80, .height = 24});
}

static void mark(AppModel *model, uint32_t call, uint32_t message)
{
  const Bookmark bookmark = {.message = message, .call = call};

  call_set_put(model->marks, call, true);
  g_array_append_val(model->bookmarks, bookmark);
  g_array_append_val(model->pinned, call);
}

static void assert_marked(const AppModel *model, uint32_t call, uint32_t message)
{
  guint found = 0;

  assert_true(call_set_has(model->marks, call));
  for (guint i = 0; i < model->bookmarks->len; i++)
    found += g_array_index(model->bookmarks, Bookmark, i).message == message;
  for (guint i = 0; i < model->pinned->len; i++)
    found += g_array_index(model->pinned, uint32_t, i) == call;
  assert_int_equal(found, 2);
}

static void test_nothing(void **state)
{
  Screen *screen = open_failed();

  (void) state;
  assert_null(resume_take(&screen->model, NULL));
  screen_close(screen);
}

/* Whoever leaves while a file is still read loses neither what was kept of it nor what is new. */
static void test_left_early(void **state)
{
  const QuickChoice hidden = {.kinds = 1, .fates = 2};
  Screen *before = open_failed(), *early = open_failed(), *after = open_failed();

  (void) state;
  mark(&before->model, 1, 2);
  mark(&before->model, 2, 9);
  call_index_set_quick(before->model.index, hidden);
  g_autoptr(GKeyFile) kept = resume_take(&before->model, NULL);
  mark(&early->model, 2, 9);
  mark(&early->model, 3, 16);
  g_autoptr(GKeyFile) both = resume_take(&early->model, kept);
  assert_int_equal(resume_give(both, &after->model), 0);
  assert_marked(&after->model, 1, 2);
  assert_marked(&after->model, 2, 9);
  assert_marked(&after->model, 3, 16);
  assert_int_equal(after->model.bookmarks->len, 3);
  assert_int_equal(call_index_quick(after->model.index).kinds, hidden.kinds);
  assert_int_equal(call_index_quick(after->model.index).fates, hidden.fates);
  screen_close(after);
  screen_close(early);
  screen_close(before);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_nothing),
    cmocka_unit_test(test_left_early),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
