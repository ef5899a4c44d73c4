#include "tests/ui/screen.h"
#include "ui/view/widget/ask.h"

static Screen *open_plain(int width, int height)
{
  return screen_open(&(ScreenSetup){.samples = "proxies.pcap", .width = width, .height = height});
}

/* A view that says which commands it got, and works on demand. */
typedef struct {
  View view;
  GString *got;
  unsigned slices;
} Probe;

static void probe_title(const View *view, GString *to)
{
  (void) view;
  g_string_append(to, "probe");
}

static void probe_draw(View *view, Canvas *canvas, Rect area)
{
  canvas_put_string(canvas, area.x, area.y, STYLE_PLAIN, ((Probe *) view)->got->str);
}

static bool probe_command(View *view, CommandId id)
{
  Probe *probe = (Probe *) view;

  g_string_append_printf(probe->got, "%s ", COMMANDS[id].name);
  return id != COMMAND_BACK && id != COMMAND_STOP;
}

static void probe_close(View *view)
{
  g_string_free(((Probe *) view)->got, TRUE);
  g_free(view);
}

static bool probe_step(View *view, int64_t until_us)
{
  Probe *probe = (Probe *) view;

  (void) until_us;
  if (probe->slices > 0)
    probe->slices--;
  return probe->slices > 0;
}

static const char *probe_progress(const View *view, double *ret_done)
{
  const Probe *probe = (const Probe *) view;

  *ret_done = 0.5;
  return probe->slices > 0 ? "probing" : NULL;
}

static bool probe_stop(View *view)
{
  Probe *probe = (Probe *) view;
  bool worked = probe->slices > 0;

  probe->slices = 0;
  return worked;
}

static Probe *push_probe(App *app)
{
  static const ViewOps OPS = {
    .scope = SCOPE_MESSAGE,
    .append_title = probe_title,
    .draw = probe_draw,
    .command = probe_command,
    .close = probe_close,
    .step = probe_step,
    .progress = probe_progress,
    .stop = probe_stop,
  };
  Probe *probe = g_new0(Probe, 1);

  probe->view = (View){&OPS, app};
  probe->got = g_string_new(NULL);
  host_push(app, &probe->view);
  return probe;
}

static void test_commands_go_to_the_topmost(void **state)
{
  g_autoptr(Screen) screen = open_plain(80, 24);
  Probe *probe = push_probe(screen->app);

  (void) state;
  screen_keys(screen, "j F2 ] A-q");
  assert_string_equal(probe->got->str, "down save nextmessage ");
  screen_mouse(screen, MOUSE_WHEEL_DOWN, 1, 1);
  assert_string_equal(probe->got->str, "down save nextmessage down down down ");
  screen_keys(screen, "q"); /* the view is gone */
  screen_keys(screen, "q");
  assert_true(app_is_over(screen->app));
}

static void test_work_is_stopped_first(void **state)
{
  g_autoptr(Screen) screen = open_plain(80, 24);
  Probe *probe = push_probe(screen->app);
  const KeyEvent escape = {.code = KEY_CODE_ESCAPE};

  (void) state;
  screen_skip_translated();
  probe->slices = 1000;
  g_autofree char *text = screen_text(screen);
  assert_non_null(strstr(text, "probing 50 %  (Esc cancels)"));
  app_handle_key(screen->app, &escape);
  assert_int_equal(probe->slices, 0);
  assert_false(app_is_over(screen->app));
  /* the probe is still there */
  g_autofree char *after = screen_text(screen);
  assert_non_null(strstr(after, "probe"));
}

/* A job that counts its slices, and notes when it is freed. */
typedef struct {
  Job job;
  unsigned slices;
  bool *freed;
} Count;

static bool count_step(Job *job, int64_t until_us)
{
  (void) until_us;
  return --((Count *) job)->slices > 0;
}

static double count_progress(const Job *job)
{
  return 1.0 / ((const Count *) job)->slices;
}

static void count_free(Job *job)
{
  *((Count *) job)->freed = true;
  g_free(job);
}

static void count_done(View *view, Job *job)
{
  g_string_append_printf(((Probe *) view)->got, "done %u ", ((Count *) job)->slices);
  assert_null(view->job);
}

static void begin_count(Probe *probe, unsigned slices, bool *freed)
{
  static const JobOps OPS = {"counting", count_step, count_progress, count_free};
  Count *count = g_new(Count, 1);

  *freed = false;
  *count = (Count){{&OPS}, slices, freed};
  view_begin_job(&probe->view, &count->job, count_done);
}

static void test_jobs(void **state)
{
  g_autoptr(Screen) screen = open_plain(80, 24);
  Probe *probe = push_probe(screen->app);
  const KeyEvent escape = {.code = KEY_CODE_ESCAPE};
  bool freed, freed_too;

  (void) state;
  screen_skip_translated();
  begin_count(probe, 3, &freed);
  probe->slices = 2; /* the step's work goes first */
  screen_settle(screen);
  assert_string_equal(probe->got->str, "done 0 ");
  assert_true(freed && !probe->view.job);

  begin_count(probe, 4, &freed);
  g_autofree char *text = screen_text(screen);
  assert_non_null(strstr(text, "counting 25 %  (Esc cancels)"));
  app_handle_key(screen->app, &escape);
  assert_true(freed && !probe->view.job);

  begin_count(probe, 2, &freed);
  begin_count(probe, 2, &freed_too); /* takes its place */
  assert_true(freed && !freed_too);
  screen_keys(screen, "q");
  assert_true(freed_too);
}

static void test_footer_can_be_clicked(void **state)
{
  g_autoptr(Screen) screen = open_plain(80, 24);
  Probe *probe = push_probe(screen->app);

  (void) state;
  screen_skip_translated();
  g_autofree char *text = screen_text(screen);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  const char *tree = strstr(lines[23], "Tree");
  assert_non_null(tree);
  screen_mouse(screen, MOUSE_CLICK, (int) (tree - lines[23]), 23);
  assert_string_equal(probe->got->str, "tree ");
}

static void test_told_until_the_next_key(void **state)
{
  g_autoptr(Screen) screen = open_plain(80, 24);

  (void) state;
  host_tell(screen->app, STYLE_WARNING, "%s", "something happened");
  g_autofree char *told = screen_text(screen);
  assert_non_null(strstr(told, "something happened"));
  screen_keys(screen, "Down");
  g_autofree char *later = screen_text(screen);
  assert_null(strstr(later, "something happened"));
}

/* Who presses Esc to come back to the list may press it once too often. */
static void test_escape_asks(void **state)
{
  g_autoptr(Screen) screen = open_plain(80, 24);

  (void) state;
  screen_keys(screen, "Esc Esc Esc n");
  assert_false(app_is_over(screen->app));
  screen_keys(screen, "Esc Enter");
  assert_true(app_is_over(screen->app));
}

static void question_yes(void *data, App *app)
{
  (void) app;
  *(bool *) data = true;
}

/* What became of a file is told behind its name, however long that is. */
static void test_long_lines_keep_their_ends(void **state)
{
  g_autoptr(Screen) screen = open_plain(40, 10);
  g_autofree char *path = g_strnfill(200, 'x');
  g_autofree char *question = g_strdup_printf("/%s exists. Replace it?", path);

  (void) state;
  host_tell(screen->app, STYLE_ERROR, "cannot write /%s: Permission denied", path);
  g_autofree char *told = screen_text(screen);
  assert_non_null(strstr(told, "cannot write /x"));
  assert_non_null(strstr(told, ": Permission denied\n"));
  ask_question(screen->app, question, question_yes, NULL);
  g_autofree char *asked = screen_text(screen);
  assert_non_null(strstr(asked, "xxx…ists. Replace it?"));
}

/* A click ends in a release. */
static void test_release_leaves_the_message(void **state)
{
  g_autoptr(Screen) screen = open_plain(80, 24);

  (void) state;
  host_tell(screen->app, STYLE_HINT, "it was copied");
  screen_mouse(screen, MOUSE_DRAG, 4, 4);
  screen_mouse(screen, MOUSE_RELEASE, 4, 4);
  g_autofree char *told = screen_text(screen);
  assert_non_null(strstr(told, "it was copied"));
}

static void test_wishes(void **state)
{
  g_autoptr(Screen) screen = open_plain(80, 24);

  (void) state;
  host_copy(screen->app, SLICE("text"));
  host_configured(screen->app);
  screen_keys(screen, "C-r C-z");
  assert_int_equal(app_take_wish(screen->app), APP_WISH_REDRAW);
  assert_int_equal(app_take_wish(screen->app), APP_WISH_SUSPEND);
  assert_int_equal(app_take_wish(screen->app), APP_WISH_COPY);
  assert_int_equal(app_take_wish(screen->app), APP_WISH_THEME);
  assert_int_equal(app_take_wish(screen->app), APP_WISH_NONE);
  assert_slice(app_copied(screen->app), "text");
}

/* Files that are still read: Ctrl-C ends that first, then the program. */
static void test_stop_loading(void **state)
{
  g_autoptr(Screen) screen = open_plain(80, 24);

  (void) state;
  screen->model.loaded = false;
  screen_keys(screen, "C-c");
  assert_int_equal(app_take_wish(screen->app), APP_WISH_STOP);
  assert_false(app_is_over(screen->app));
  screen->model.loaded = true;
  screen_keys(screen, "C-c");
  assert_true(app_is_over(screen->app));
}

static void test_question(void **state)
{
  static const struct {
    const char *key;
    bool yes;
  } CASES[] = {{"y", true}, {"Enter", true}, {"n", false}, {"Esc", false}, {"x", false}};
  g_autoptr(Screen) screen = open_plain(40, 10);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    bool answer = false;
    ask_question(screen->app, "Sure?", question_yes, &answer);
    screen_keys(screen, CASES[i].key);
    assert_int_equal(answer, CASES[i].yes);
  }
}

static void test_any_size(void **state)
{
  g_autoptr(Screen) screen = open_plain(80, 24);

  (void) state;
  push_probe(screen->app);
  for (screen->height = 1; screen->height < 8; screen->height++)
    for (screen->width = 1; screen->width < 100; screen->width += 7)
      screen_draw(screen);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_commands_go_to_the_topmost),
    cmocka_unit_test(test_work_is_stopped_first),
    cmocka_unit_test(test_jobs),
    cmocka_unit_test(test_footer_can_be_clicked),
    cmocka_unit_test(test_release_leaves_the_message),
    cmocka_unit_test(test_told_until_the_next_key),
    cmocka_unit_test(test_long_lines_keep_their_ends),
    cmocka_unit_test(test_wishes),
    cmocka_unit_test(test_stop_loading),
    cmocka_unit_test(test_escape_asks),
    cmocka_unit_test(test_question),
    cmocka_unit_test(test_any_size),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
