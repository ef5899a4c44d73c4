/* AudioDecoder: those of the module "spandsp". */
#include "dissect/media/audio_spandsp.h"

#include <glib.h>

#include "capture/module.h"

typedef struct {
  const AudioDecoder *decoder; /* of the module */
  void *state;
} Passed;

static void *pass(const AudioDecoder *decoder, const MediaPayload *format)
{
  void *state = decoder->new (format);

  if (!state)
    return NULL;
  Passed *passed = g_new(Passed, 1);
  *passed = (Passed){decoder, state};
  return passed;
}

static void *g722_new(const MediaPayload *format)
{
  const SpandspModule *module = module_load("spandsp");

  return module ? pass(&module->g722, format) : NULL;
}

static void *g726_new(const MediaPayload *format)
{
  const SpandspModule *module = module_load("spandsp");

  return module ? pass(&module->g726, format) : NULL;
}

static void *gsm_new(const MediaPayload *format)
{
  const SpandspModule *module = module_load("spandsp");

  return module ? pass(&module->gsm, format) : NULL;
}

static size_t passed_decode(void *state, Slice payload, int16_t *ret_samples)
{
  const Passed *passed = state;

  return passed->decoder->decode(passed->state, payload, ret_samples);
}

static void passed_free(void *state)
{
  Passed *passed = state;

  passed->decoder->free(passed->state);
  g_free(passed);
}

const AudioDecoder G722_DECODER = {g722_new, passed_decode, passed_free};
const AudioDecoder G726_DECODER = {g726_new, passed_decode, passed_free};
const AudioDecoder GSM_DECODER = {gsm_new, passed_decode, passed_free};
