/* AudioDecoder: AMR by opencore-amrnb. */
#include <opencore-amrnb/interf_dec.h>

#include "dissect/media/audio_amr.h"

static void *amr_narrow_new(const MediaPayload *payload)
{
  static const AmrLibrary LIBRARY = {false, 160, Decoder_Interface_init, Decoder_Interface_Decode,
                                     Decoder_Interface_exit};

  return amr_new(payload, &LIBRARY);
}

const AudioDecoder AMR_DECODER = {amr_narrow_new, amr_decode, amr_free};
