#include "dissect/media/audio_codec.h"

#include <glib.h>

#include "capture/module.h"

#ifdef WITH_SPANDSP
#define IF_SPANDSP(decoder) &(decoder)
#else
#define IF_SPANDSP(decoder) NULL
#endif
#ifdef WITH_OPUS
#define IF_OPUS(decoder) &(decoder)
#else
#define IF_OPUS(decoder) NULL
#endif
#ifdef WITH_BCG729
#define IF_BCG729(decoder) &(decoder)
#else
#define IF_BCG729(decoder) NULL
#endif
#ifdef WITH_AMRNB
#define IF_AMRNB(decoder) &(decoder)
#else
#define IF_AMRNB(decoder) NULL
#endif
#ifdef WITH_AMRWB
#define IF_AMRWB(decoder) &(decoder)
#else
#define IF_AMRWB(decoder) NULL
#endif

/* RFC 3551 4.5.2: the clock rate of G722 is 8000 by mistake. */
static const AudioCodec CODECS[] = {
  {"PCMU", "", 0, &MULAW_DECODER},
  {"PCMA", "", 0, &ALAW_DECODER},
  {"L16", "", 0, &L16_DECODER},
  {"G722", "spandsp", 16000, IF_SPANDSP(G722_DECODER)},
  {"GSM", "spandsp", 0, IF_SPANDSP(GSM_DECODER)},
  {"G726-16", "spandsp", 0, IF_SPANDSP(G726_DECODER)},
  {"G726-24", "spandsp", 0, IF_SPANDSP(G726_DECODER)},
  {"G726-32", "spandsp", 0, IF_SPANDSP(G726_DECODER)},
  {"G726-40", "spandsp", 0, IF_SPANDSP(G726_DECODER)},
  {"AAL2-G726-16", "spandsp", 0, IF_SPANDSP(G726_DECODER)},
  {"AAL2-G726-24", "spandsp", 0, IF_SPANDSP(G726_DECODER)},
  {"AAL2-G726-32", "spandsp", 0, IF_SPANDSP(G726_DECODER)},
  {"AAL2-G726-40", "spandsp", 0, IF_SPANDSP(G726_DECODER)},
  {"opus", "libopus", 48000, IF_OPUS(OPUS_DECODER)},
  {"G729", "bcg729", 0, IF_BCG729(G729_DECODER)},
  {"AMR", "opencore-amrnb", 8000, IF_AMRNB(AMR_DECODER)},
  {"AMR-WB", "opencore-amrwb", 16000, IF_AMRWB(AMR_WB_DECODER)},
};

const AudioCodec *audio_codec_find(const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS(CODECS); i++)
    if (g_ascii_strcasecmp(CODECS[i].name, name) == 0)
      return &CODECS[i];
  return NULL;
}

size_t audio_codec_count(void)
{
  return G_N_ELEMENTS(CODECS);
}

const AudioCodec *audio_codec_at(size_t index)
{
  return &CODECS[index];
}

void *audio_decoder_new(const AudioCodec *codec, const MediaPayload *format)
{
  uint32_t rate = audio_sample_rate(codec, format);

  if (!codec->decoder || rate < AUDIO_RATE_MIN || rate > AUDIO_RATE_MAX)
    return NULL;
  return codec->decoder->new (format);
}

void audio_codec_prepare(void)
{
  (void) module_load("spandsp");
}

uint32_t audio_sample_rate(const AudioCodec *codec, const MediaPayload *format)
{
  return codec->sample_rate > 0 ? codec->sample_rate : format->clock_rate;
}
