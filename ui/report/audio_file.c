#include "ui/report/audio_file.h"

#include "capture/error.h"
#include "capture/language.h"

#ifdef WITH_SNDFILE
#include <errno.h>
#include <sndfile.h>

struct AudioFile {
  SNDFILE *sound;
  char *name;
};

/* Right after the call that failed with `code`. */
static bool fail(const char *name, int code, GError **error)
{
  const char *why = code == SF_ERR_SYSTEM ? g_strerror(errno) : sf_error_number(code);

  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot write %s: %s"), name, why);
  return false;
}

AudioFile *audio_file_new(const AudioFileOptions *options, GError **error)
{
  SF_INFO info = {.samplerate = (int) options->rate,
                  .channels = (int) options->channels,
                  .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16};
  SNDFILE *sound = sf_open_fd(options->fd, SFM_WRITE, &info, false);

  if (!sound) {
    (void) fail(options->name, sf_error(NULL), error);
    return NULL;
  }
  AudioFile *file = g_new(AudioFile, 1);
  *file = (AudioFile){sound, g_strdup(options->name)};
  return file;
}

void audio_file_free(AudioFile *file)
{
  if (!file)
    return;
  if (file->sound)
    sf_close(file->sound);
  g_free(file->name);
  g_free(file);
}

bool audio_file_write(AudioFile *file, const int16_t *frames, size_t count, GError **error)
{
  if (count == 0 || sf_writef_short(file->sound, frames, (sf_count_t) count) == (sf_count_t) count)
    return true;
  return fail(file->name, sf_error(file->sound), error);
}

bool audio_file_finish(AudioFile *file, GError **error)
{
  int code = sf_close(g_steal_pointer(&file->sound));

  return code == 0 || fail(file->name, code, error);
}

#else

AudioFile *audio_file_new(const AudioFileOptions *options, GError **error)
{
  g_set_error(
    error, APP_ERROR, APP_ERROR_IO,
    _("cannot write %s: rung was built without libsndfile; build it again with that library"),
    options->name);
  return NULL;
}

void audio_file_free(AudioFile *file)
{
  g_assert(!file);
}

bool audio_file_write(AudioFile *file, const int16_t *frames, size_t count, GError **error)
{
  (void) frames;
  (void) count;
  (void) error;
  return file != NULL;
}

bool audio_file_finish(AudioFile *file, GError **error)
{
  (void) error;
  return file != NULL;
}

#endif
