/* Each command is done by the screens it is said to belong to, by its first key. */
#include "tests/ui/screen.h"
#include "tests/ui/sound_recorder.h"

/* Keys that lead from the call list to a view of that kind, where the cursor can go both ways. */
static const struct {
  CommandScope scope;
  const char *keys;
} PLACES[] = {
  {SCOPE_CALLS, "Down"},
  {SCOPE_FLOW, "Enter Down Right"},
  {SCOPE_MESSAGE, "Enter Down Enter Down"},
  {SCOPE_DIFF, "Enter Space Down Space"},
  {SCOPE_COMPARISON, "Space = Down n"},
  {SCOPE_STATS, "i"},
  {SCOPE_FINDINGS, "E Down"},
  {SCOPE_TRANSCRIPT, "v"},
  {SCOPE_STREAMS, "M Down"},
  {SCOPE_STREAM, "M Enter"},
  {SCOPE_REGISTRATIONS, "B Down"},
  {SCOPE_REGISTRATION, "B Enter End"},
  {SCOPE_DEVICES, "D Down"},
  {SCOPE_DEVICE, "D Enter End"},
  {SCOPE_NUMBERS, "N Down"},
  {SCOPE_PLAYER, "M Down P"},
  {SCOPE_COLUMNS, "t Down"},
  {SCOPE_FILTERS, "@ Down"},
  {SCOPE_THEME, "C Down b"},
  {SCOPE_FORM, "f Down"}, /* boxes and buttons */
  {SCOPE_FORM, "o Down"}, /* choices */
  {SCOPE_HELP, "F1"},
};

/* What is played takes seconds. */
static Screen *open_place(size_t place, SoundRecorder *recorder)
{
  Screen *screen =
    screen_open(&(ScreenSetup){.samples = "basic.pcap busy.pcap media-loss.pcap registrations.pcap "
                                          "gb28181.pcap",
                               .width = 100,
                               .height = 30});

  config_set_value(screen->config, "filters", "calls", "call.method == INVITE");
  config_set_value(screen->config, "filters", "failed", "call.outcome == failed");
  recorder->is_paced = true;
  screen->model.sound = sound_new(&SOUND_RECORDER, recorder);
  screen_keys(screen, PLACES[place].keys);
  screen_draw(screen);
  assert_int_equal(host_view(screen->app)->ops->scope, PLACES[place].scope);
  return screen;
}

/* Does the key mean the command there, and does somebody do it? */
static bool does(size_t place, CommandId id)
{
  g_autoptr(SoundRecorder) recorder = sound_recorder_new();
  g_autoptr(Screen) screen = open_place(place, recorder);
  View *view = host_view(screen->app);
  const KeyEvent event = {.code = keymap_keys(screen->model.keymap, id)[0]};
  bool typed = view->ops->key && view->ops->key(view, &event);
  CommandId found = keymap_find(screen->model.keymap, view->ops->scope, event.code);

  bool done = !typed && found == id && host_run(screen->app, id);

  screen_settle(screen);
  screen_draw(screen);
  return done;
}

static void assert_done(CommandId id, CommandScope scope)
{
  bool done = false;

  for (size_t place = 0; place < G_N_ELEMENTS(PLACES) && !done; place++)
    done = PLACES[place].scope == scope && does(place, id);
  if (!done)
    fail_msg("%s is not done in: %s", COMMANDS[id].name, screen_info(scope)->title);
}

static void test_done(void **state)
{
  (void) state;
  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++)
    for (unsigned bit = 0; bit < SCREEN_COUNT; bit++)
      if (COMMANDS[id].scopes & 1U << bit)
        assert_done(id, (CommandScope) (1U << bit));
}

/* What belongs elsewhere is nobody's. */
static void test_not_done(void **state)
{
  (void) state;
  for (size_t place = 0; place < G_N_ELEMENTS(PLACES); place++) {
    g_autoptr(SoundRecorder) recorder = sound_recorder_new();
    g_autoptr(Screen) screen = open_place(place, recorder);
    View *view = host_view(screen->app);

    assert_false(view->ops->command(view, COMMAND_NONE));
    assert_false(host_run(screen->app, COMMAND_COUNT));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    SOUND_TEST(test_done),
    SOUND_TEST(test_not_done),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
