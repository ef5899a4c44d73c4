/*
 * By libao: small, without windows or events, and a way to every sound server there is
 * (PulseAudio, PipeWire, ALSA, sndio, OSS, macOS); its own configuration chooses one.
 */
#include <ao/ao.h>

#include "capture/error.h"
#include "capture/language.h"
#include "ui/sound/sound.h"

typedef struct {
  ao_device *device;
  unsigned channels;
} Device;

/* The configured one, else any that works, best ones first; "null" is never meant. */
static ao_device *open_live(ao_sample_format *format)
{
  int count = 0, usual = ao_default_driver_id();
  ao_info **drivers = ao_driver_info_list(&count);
  ao_device *device = usual >= 0 ? ao_open_live(usual, format, NULL) : NULL;

  for (int i = 0; i < count && !device; i++)
    if (drivers[i]->type == AO_TYPE_LIVE && drivers[i]->priority > 0)
      device = ao_open_live(ao_driver_id(drivers[i]->short_name), format, NULL);
  return device;
}

static void *ao_driver_open(const SoundFormat *format, void *data, GError **error)
{
  const char *file = data;
  char stereo[] = "L,R", mono[] = "M";
  ao_sample_format sample = {
    .bits = 16,
    .rate = (int) format->rate,
    .channels = (int) format->channels,
    .byte_format = AO_FMT_NATIVE,
    .matrix = format->channels == 2 ? stereo : mono,
  };

  ao_initialize();
  ao_device *device =
    file ? ao_open_file(ao_driver_id("raw"), file, true, &sample, NULL) : open_live(&sample);
  if (!device) {
    ao_shutdown();
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("no sound device or server found"));
    return NULL;
  }
  Device *opened = g_new(Device, 1);
  *opened = (Device){device, format->channels};
  return opened;
}

static bool ao_driver_play(void *data, const int16_t *frames, size_t count)
{
  const Device *device = data;
  uint_32 bytes = (uint_32) (count * device->channels * sizeof *frames);

  return ao_play(device->device, (char *) (uintptr_t) frames, bytes) != 0;
}

static void ao_driver_close(void *data)
{
  Device *device = data;

  ao_close(device->device);
  ao_shutdown();
  g_free(device);
}

const SoundDriver AO_DRIVER = {
  .library = "libao",
  .open = ao_driver_open,
  .play = ao_driver_play,
  .close = ao_driver_close,
};
