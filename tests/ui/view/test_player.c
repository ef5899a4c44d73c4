/* Playing: the line at the bottom, what is played, and that it stops. */
#include "tests/source_read.h"
#include "tests/ui/screen.h"
#include "tests/ui/sound_recorder.h"

static Screen *open_player(SoundRecorder *recorder, const ScreenSetup *setup)
{
  Screen *screen = screen_open(setup);

  screen->model.sound = sound_new(&SOUND_RECORDER, recorder);
  return screen;
}

static bool is_playing(Screen *screen)
{
  return host_view(screen->app)->ops->scope == SCOPE_PLAYER;
}

static void wait_for_end(Screen *screen)
{
  enum { PATIENCE_MS = 20 * 1000 };

  for (unsigned i = 0; i < PATIENCE_MS && is_playing(screen); i++) {
    screen_settle(screen);
    g_usleep(1000);
  }
  assert_false(is_playing(screen));
}

static void wait_for_device(const Screen *screen)
{
  while (!sound_is_idle(screen->model.sound))
    g_usleep(1000);
}

/* The samples of a WAV file that the save dialog writes; skips the test without libsndfile. */
static GBytes *saved_samples(Screen *screen, const char *keys)
{
  enum { HEADER = 44 };
  g_auto(Folder) folder = folder_new();
  g_autofree char *path = g_build_filename(folder.path, "a.wav", NULL);
  char *bytes;
  size_t len;

  screen_keys(screen, keys);
  screen_keys(screen, "C-u");
  screen_type(screen, path);
  screen_keys(screen, "Enter");
  if (screen_shows(screen, "libsndfile"))
    skip();
  assert_true(g_file_get_contents(path, &bytes, &len, NULL));
  assert_true(len > HEADER);
  memmove(bytes, bytes + HEADER, len - HEADER);
  return g_bytes_new_take(bytes, len - HEADER);
}

/* What is played is what is saved, sample by sample. */
static void test_played_as_saved(void **state)
{
  static const struct {
    const char *way, *play, *save;
    unsigned channels;
    const char *told;
  } CASES[] = {
    {"Home", "P", "F2", 2, "played call 1, 6.6 s"},
    {"Enter", "P", "S", 2, "played call 1, 6.6 s"},
    {"M", "P", "F2", 1, "played stream 1, 6.4 s"},
    {"M Down Enter", "P", "F2", 1, "played stream 2, 6.6 s"},
  };
  const ScreenSetup setup = {"media-loss.pcap", 80, 24, TEXT_UTF8, NULL};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(SoundRecorder) recorder = sound_recorder_new();
    g_autoptr(Screen) screen = open_player(recorder, &setup);

    screen_keys(screen, CASES[i].way);
    screen_keys(screen, CASES[i].play);
    wait_for_end(screen);
    assert_shows(screen, CASES[i].told);
    g_autoptr(GBytes) saved = saved_samples(screen, CASES[i].save);
    assert_int_equal(recorder->format.channels, CASES[i].channels);
    assert_int_equal(recorder->format.rate, 8000);
    assert_int_equal(recorder->bytes->len, g_bytes_get_size(saved));
    assert_memory_equal(recorder->bytes->data, g_bytes_get_data(saved, NULL), recorder->bytes->len);
  }
}

static void test_screens(void **state)
{
  enum { HOLD_AT = 3 * 8000 }; /* three seconds */
  static const struct {
    const char *golden, *keys;
    ScreenSetup setup;
  } CASES[] = {
    {"view/player/80.txt", "P", {"media-loss.pcap", 80, 24, TEXT_UTF8, NULL}},
    {"view/player/80-ascii.txt", "Enter P", {"media-loss.pcap", 80, 24, TEXT_ASCII, NULL}},
    {"view/player/200.txt", "M P", {"media-loss.pcap", 200, 50, TEXT_UTF8, NULL}},
    {"view/player/20.txt", "P", {"media-loss.pcap", 20, 5, TEXT_UTF8, NULL}},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(SoundRecorder) recorder = sound_recorder_new();
    recorder->hold_at = HOLD_AT;
    g_autoptr(Screen) screen = open_player(recorder, &CASES[i].setup);
    screen_keys(screen, CASES[i].keys);
    while (sound_played(screen->model.sound) < HOLD_AT) {
      screen_settle(screen);
      g_usleep(1000);
    }
    assert_screen(screen, CASES[i].golden, true);
    g_atomic_int_set(&recorder->released, 1);
  }
}

/* Each of these keys closes the view, and the device. */
static void test_stops(void **state)
{
  static const char *const KEYS[] = {"P", "Space", "Esc", "q", "C-c"};
  const ScreenSetup setup = {"media-loss.pcap", 80, 24, TEXT_UTF8, NULL};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(KEYS); i++) {
    g_autoptr(SoundRecorder) recorder = sound_recorder_new();
    recorder->is_paced = true;
    g_autoptr(Screen) screen = open_player(recorder, &setup);
    screen_keys(screen, "Enter P");
    assert_true(is_playing(screen));
    screen_keys(screen, KEYS[i]);
    assert_int_equal(host_view(screen->app)->ops->scope, SCOPE_FLOW);
    wait_for_device(screen);
    assert_int_equal(recorder->closed, recorder->opened);
    assert_false(app_is_over(screen->app));
  }
}

/* What is played next waits until the device is closed, and may be given up before. */
static void test_again(void **state)
{
  const ScreenSetup setup = {"media-loss.pcap", 80, 24, TEXT_UTF8, NULL};
  g_autoptr(SoundRecorder) recorder = sound_recorder_new();
  recorder->is_slow_to_close = 1;
  g_autoptr(Screen) screen = open_player(recorder, &setup);

  (void) state;
  screen_keys(screen, "Enter P");
  while (sound_played(screen->model.sound) == 0)
    g_usleep(1000);
  screen_keys(screen, "P P");
  assert_shows(screen, "playing call 1");
  assert_int_equal(recorder->opened, 1);
  screen_keys(screen, "P P");
  assert_true(is_playing(screen));
  assert_int_equal(recorder->opened, 1);
  g_atomic_int_set(&recorder->is_slow_to_close, 0);
  wait_for_end(screen);
  assert_shows(screen, "played call 1, 6.6 s");
  assert_int_equal(recorder->opened, 2);
}

/* The program ends while it plays. */
static void test_quits(void **state)
{
  const ScreenSetup setup = {"media-loss.pcap", 80, 24, TEXT_UTF8, NULL};
  g_autoptr(SoundRecorder) recorder = sound_recorder_new();
  recorder->is_paced = true;
  Screen *screen = open_player(recorder, &setup);

  (void) state;
  screen_keys(screen, "P");
  assert_true(is_playing(screen));
  screen_close(screen);
  assert_int_equal(recorder->closed, recorder->opened);
}

/* The ladder scrolls meanwhile. */
static void test_screen_below(void **state)
{
  const ScreenSetup setup = {"media-loss.pcap", 80, 24, TEXT_UTF8, NULL};
  g_autoptr(SoundRecorder) recorder = sound_recorder_new();
  recorder->is_paced = true;
  g_autoptr(Screen) screen = open_player(recorder, &setup);

  (void) state;
  screen_keys(screen, "M P");
  assert_shows(screen, "RTP streams of the calls 1/2");
  screen_keys(screen, "Down");
  assert_true(is_playing(screen));
  assert_shows(screen, "RTP streams of the calls 2/2");
  assert_shows(screen, "playing stream 1 ");
}

static void test_cannot_play(void **state)
{
  static const struct {
    const char *samples, *keys;
    bool has_sound;
    const char *told;
  } CASES[] = {
    {"media-loss.pcap", "P", true, "cannot play call 1: nothing to play on; F2 saves it as WAV"},
    {"media-loss.pcap", "Enter P", true,
     "cannot play call 1: nothing to play on; S saves it as WAV"},
    {"media-loss.pcap", "M P", true,
     "cannot play stream 1: nothing to play on; F2 saves it as WAV"},
    {"media-loss.pcap", "M Enter P", false,
     "cannot play stream 1: rung was built without libao; F2 saves it as WAV"},
    {"failed.pcap", "P", true, "no audio stream of the call was captured"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const ScreenSetup setup = {CASES[i].samples, 80, 24, TEXT_UTF8, NULL};
    g_autoptr(SoundRecorder) recorder = sound_recorder_new();
    recorder->is_absent = true;
    g_autoptr(Screen) screen =
      CASES[i].has_sound ? open_player(recorder, &setup) : screen_open(&setup);
    screen_keys(screen, CASES[i].keys);
    wait_for_end(screen);
    assert_shows(screen, CASES[i].told);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    SOUND_TEST(test_played_as_saved), SOUND_TEST(test_screens), SOUND_TEST(test_stops),
    SOUND_TEST(test_again),           SOUND_TEST(test_quits),   SOUND_TEST(test_screen_below),
    SOUND_TEST(test_cannot_play),
  };

  return cmocka_run_group_tests_name("player", tests, NULL, NULL);
}
