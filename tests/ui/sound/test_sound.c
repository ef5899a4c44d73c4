/* Sound: plays what is put, in order, and stops at once; no thread is left. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/source_read.h"
#include "tests/ui/sound_recorder.h"

enum { RATE = 8000, SECONDS = 5 };

static const SoundFormat STEREO = {2, RATE};

/* Frame n is (n, -n). */
static int16_t *make_frames(size_t count)
{
  int16_t *frames = g_new(int16_t, 2 * count);

  for (size_t i = 0; i < count; i++) {
    frames[2 * i] = (int16_t) i;
    frames[2 * i + 1] = (int16_t) -frames[2 * i];
  }
  return frames;
}

static bool wait_for_end(const Sound *sound, GError **error)
{
  enum { PATIENCE_MS = 20 * 1000 };

  for (unsigned i = 0; i < PATIENCE_MS; i++) {
    if (sound_is_over(sound, error))
      return true;
    g_usleep(1000);
  }
  return false;
}

/* As much as there is room for, again and again. */
static void put_all(Sound *sound, const int16_t *frames, size_t count)
{
  for (size_t done = 0; done < count;) {
    size_t some = MIN(sound_room(sound), count - done);
    assert_true(sound_room(sound) <= 2 * RATE);
    sound_put(sound, frames + 2 * done, some);
    done += some;
    g_usleep(some == 0 ? 1000 : 0);
  }
  sound_put_end(sound);
}

static unsigned thread_count(void)
{
  unsigned count = 0;
  GDir *tasks = g_dir_open("/proc/self/task", 0, NULL);

  while (tasks && g_dir_read_name(tasks))
    count++;
  g_clear_pointer(&tasks, g_dir_close);
  return count;
}

static void test_plays_everything(void **state)
{
  g_autoptr(SoundRecorder) recorder = sound_recorder_new();
  g_autoptr(Sound) sound = sound_new(&SOUND_RECORDER, recorder);
  g_autofree int16_t *frames = make_frames(SECONDS * RATE);

  (void) state;
  for (unsigned again = 1; again <= 3; again++) {
    GError *error = NULL;
    sound_begin(sound, &STEREO);
    put_all(sound, frames, SECONDS * RATE);
    assert_true(wait_for_end(sound, &error));
    assert_null(error);
    assert_int_equal(sound_played(sound), SECONDS * RATE);
    assert_int_equal(recorder->bytes->len, SECONDS * RATE * 4);
    assert_memory_equal(recorder->bytes->data, frames, recorder->bytes->len);
    assert_int_equal(recorder->closed, again);
  }
}

static void test_stops(void **state)
{
  g_autoptr(SoundRecorder) recorder = sound_recorder_new();
  recorder->is_paced = true;
  g_autoptr(Sound) sound = sound_new(&SOUND_RECORDER, recorder);
  g_autofree int16_t *frames = make_frames(2 * RATE);

  (void) state;
  for (unsigned again = 1; again <= 3; again++) {
    assert_true(sound_is_idle(sound));
    sound_begin(sound, &STEREO);
    assert_false(sound_is_idle(sound));
    assert_int_equal(sound_room(sound), 2 * RATE);
    sound_put(sound, frames, 2 * RATE);
    while (sound_played(sound) == 0)
      g_usleep(1000);
    sound_stop(sound);
    assert_true(wait_for_end(sound, NULL));
    assert_int_equal(recorder->closed, again);
    assert_true(recorder->bytes->len < 2 * RATE * 4);
  }
}

/* Threads may take a moment to disappear. */
static void test_leaves_no_thread(void **state)
{
  g_autoptr(SoundRecorder) recorder = sound_recorder_new();
  recorder->is_paced = true;
  unsigned threads = thread_count();

  (void) state;
  for (unsigned i = 0; i < 10; i++) {
    g_autoptr(Sound) sound = sound_new(&SOUND_RECORDER, recorder);
    sound_begin(sound, &STEREO);
  }
  for (unsigned ms = 0; thread_count() > threads && ms < 20 * 1000; ms++)
    g_usleep(1000);
  assert_int_equal(thread_count(), threads);
  assert_int_equal(recorder->closed, recorder->opened);
}

static void test_no_device(void **state)
{
  g_autoptr(SoundRecorder) recorder = sound_recorder_new();
  recorder->is_absent = true;
  g_autoptr(Sound) sound = sound_new(&SOUND_RECORDER, recorder);
  g_autoptr(GError) error = NULL;

  (void) state;
  sound_begin(sound, &STEREO);
  assert_true(wait_for_end(sound, &error));
  assert_string_equal(error->message, "nothing to play on");
  assert_int_equal(sound_played(sound), 0);
}

static bool is_same_file(int fd, const struct stat *as)
{
  struct stat now;

  return fstat(fd, &now) == 0 && now.st_dev == as->st_dev && now.st_ino == as->st_ino;
}

/* What the libraries of a sound server print does not reach the screen. */
static void test_stderr(void **state)
{
  g_autoptr(SoundRecorder) recorder = sound_recorder_new();
  recorder->is_paced = true;
  g_autoptr(Sound) sound = sound_new(&SOUND_RECORDER, recorder);
  struct stat before, nowhere;

  (void) state;
  assert_int_equal(fstat(STDERR_FILENO, &before), 0);
  assert_int_equal(stat("/dev/null", &nowhere), 0);
  sound_begin(sound, &STEREO);
  bool hidden = is_same_file(STDERR_FILENO, &nowhere);
  sound_stop(sound);
  assert_true(wait_for_end(sound, NULL));
  assert_true(hidden);
  assert_true(is_same_file(STDERR_FILENO, &before));
}

/* --- a device that hangs --- */

typedef struct {
  GMutex lock;
} Hanging;

static void *hanging_open(const SoundFormat *format, void *data, GError **error)
{
  Hanging *hanging = data;

  (void) format;
  g_mutex_lock(&hanging->lock); /* as a sound server that does not answer */
  g_mutex_unlock(&hanging->lock);
  g_set_error(error, g_quark_from_static_string("test"), 1, "gave up");
  return NULL;
}

/* Nothing waits for it. */
static void test_hangs(void **state)
{
  static const SoundDriver HANGING = {"none", hanging_open, NULL, NULL};
  Hanging hanging;

  (void) state;
  g_mutex_init(&hanging.lock);
  g_mutex_lock(&hanging.lock);
  g_autoptr(Sound) sound = sound_new(&HANGING, &hanging);
  sound_begin(sound, &STEREO);
  sound_stop(sound);
  assert_false(sound_is_idle(sound));
  g_mutex_unlock(&hanging.lock);
  assert_true(wait_for_end(sound, NULL));
  g_mutex_clear(&hanging.lock);
}

/* --- libao --- */

#ifdef WITH_AO

/* By its driver for raw files, which is opened and closed as one for a device is. */
static void test_libao(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_autofree char *path = g_build_filename(folder.path, "raw", NULL);
  g_autoptr(Sound) sound = sound_new(&AO_DRIVER, path);
  g_autofree int16_t *frames = make_frames(SECONDS * RATE);
  g_autofree char *bytes = NULL;
  GError *error = NULL;
  size_t len;

  (void) state;
  for (unsigned channels = 1; channels <= 2; channels++) {
    const SoundFormat format = {channels, 2 * RATE / channels};
    sound_begin(sound, &format);
    sound_put(sound, frames, 2 * RATE / channels);
    sound_put_end(sound);
    assert_true(wait_for_end(sound, &error));
    assert_null(error);
    g_free(bytes);
    assert_true(g_file_get_contents(path, &bytes, &len, NULL));
    assert_int_equal(len, 2 * RATE * sizeof *frames);
    assert_memory_equal(bytes, frames, len);
  }
}

#else

static void test_libao(void **state)
{
  (void) state;
  print_message("built without libao\n");
  skip();
}

#endif

int main(void)
{
  const struct CMUnitTest tests[] = {
    SOUND_TEST(test_plays_everything),
    SOUND_TEST(test_stops),
    SOUND_TEST(test_leaves_no_thread),
    SOUND_TEST(test_no_device),
    SOUND_TEST(test_stderr),
    SOUND_TEST(test_hangs),
    SOUND_TEST(test_libao),
  };

  return cmocka_run_group_tests_name("sound", tests, NULL, NULL);
}
