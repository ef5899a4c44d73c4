/* The module "spandsp": decoders that audio_spandsp.c passes on. */
#pragma once

#include "dissect/media/audio_codec.h"

typedef struct {
  AudioDecoder g722, g726, gsm;
} SpandspModule;
