/* The bytes of one session description. */
#include <glib.h>

#include "dissect/sip/sdp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t read_codecs(const SdpMedia *media)
{
  SdpCodecIter codecs = sdp_codecs(media);
  SdpCodec codec;
  size_t octets = 0;

  for (; sdp_codec_next(&codecs, &codec); octets += codec.format.len)
    g_assert(codec.format.len > 0 && (codec.is_payload_type || codec.name.data));
  return octets;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  Slice octets = slice_of((const char *) data, size);
  SdpMedia media;
  Sdp sdp;

  if (!sdp_parse(octets, &sdp))
    return 0;
  g_assert(sdp.lines.len + sdp.media.len == size);
  for (Slice rest = sdp.media; sdp_media_next(&sdp, &rest, &media);)
    g_assert(read_codecs(&media) <= media.formats.len && media.connection.count > 0 &&
             sdp_direction_name(media.direction) && media.lines.len <= sdp.media.len);
  return 0;
}
