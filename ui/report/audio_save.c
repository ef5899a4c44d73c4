#include "ui/report/audio_save.h"

#include <inttypes.h>

#include "capture/error.h"
#include "capture/language.h"
#include "ui/report/audio_file.h"

enum { FRAMES_AT_ONCE = 4096 };

struct AudioSave {
  AudioSaveOptions options;
  AudioReader *reader;
  AudioShape shape;
  AudioFile *file; /* NULL: nothing is heard */
  uint64_t frames; /* written */
  GError *error;
};

static bool check_length(const AudioShape *shape, GError **error)
{
  const int64_t SECOND = INT64_C(1000) * 1000 * 1000;
  int64_t seconds = shape->length_ns / SECOND;
  int64_t bytes_per_second = (int64_t) shape->rate * shape->channels * (int64_t) sizeof(int16_t);

  if (seconds <= AUDIO_FILE_MAX / bytes_per_second)
    return true;
  g_set_error(error, APP_ERROR, APP_ERROR_IO,
              _("%" PRId64 " hours of sound at %u Hz are more than a WAV file holds"),
              seconds / 3600, shape->rate);
  return false;
}

AudioSave *audio_save_new(const PacketSaveInput *input, const AudioSaveOptions *options)
{
  AudioSave *save = g_new0(AudioSave, 1);

  save->options = *options;
  save->reader = audio_reader_new(input, options->call, options->stream);
  if (audio_reader_shape(save->reader, &save->shape) && check_length(&save->shape, &save->error))
    save->file = audio_file_new(
      &(AudioFileOptions){options->fd, options->name, save->shape.channels, save->shape.rate},
      &save->error);
  return save;
}

void audio_save_free(AudioSave *save)
{
  if (!save)
    return;
  audio_file_free(save->file);
  audio_reader_free(save->reader);
  g_clear_error(&save->error);
  g_free(save);
}

/* A long silence is written in slices, too. */
static void write_frames(AudioSave *save)
{
  int16_t frames[FRAMES_AT_ONCE * AUDIO_READER_CHANNELS_MAX];
  size_t count = audio_reader_take(save->reader, FRAMES_AT_ONCE, frames);

  if (count > 0 && !audio_file_write(save->file, frames, count, &save->error))
    return;
  save->frames += count;
}

bool audio_save_step(AudioSave *save, int64_t until_us)
{
  bool more = true;

  while (more && !save->error) {
    more = audio_reader_step(save->reader, until_us);
    write_frames(save);
    if (g_get_monotonic_time() >= until_us)
      break;
  }
  return more && !save->error;
}

double audio_save_progress(const AudioSave *save)
{
  return audio_reader_progress(save->reader);
}

bool audio_save_finish(AudioSave *save, GError **error)
{
  if (!save->error && save->file)
    (void) !audio_file_finish(save->file, &save->error);
  if (save->error) {
    g_propagate_error(error, g_steal_pointer(&save->error));
    return false;
  }
  return audio_reader_finish(save->reader, error);
}

uint64_t audio_save_seconds(const AudioSave *save)
{
  return save->shape.rate > 0 ? (save->frames + save->shape.rate / 2) / save->shape.rate : 0;
}

const AudioReader *audio_save_reader(const AudioSave *save)
{
  return save->reader;
}
