/* AudioDecoder: AMR-WB by opencore-amrwb. */
#include <opencore-amrwb/dec_if.h>

#include "dissect/media/audio_amr.h"

static void *amr_wide_new(const MediaPayload *payload)
{
  static const AmrLibrary LIBRARY = {true, 320, D_IF_init, D_IF_decode, D_IF_exit};

  return amr_new(payload, &LIBRARY);
}

const AudioDecoder AMR_WB_DECODER = {amr_wide_new, amr_decode, amr_free};
