/* The formats of a media description: payload types by number (RFC 3551 6) and by a=rtpmap. */
#include "dissect/sip/sdp.h"

#include "dissect/sip/sdp_words.h"

enum { PAYLOAD_TYPES = 128 };

/* RFC 3551, tables 4 and 5; those without a name are reserved or unassigned. */
static const struct {
  const char *name;
  uint32_t clock_rate;
  uint32_t channels;
} STATIC_TYPES[] = {
  [0] = {"PCMU", 8000, 1},   [3] = {"GSM", 8000, 1},    [4] = {"G723", 8000, 1},
  [5] = {"DVI4", 8000, 1},   [6] = {"DVI4", 16000, 1},  [7] = {"LPC", 8000, 1},
  [8] = {"PCMA", 8000, 1},   [9] = {"G722", 8000, 1},   [10] = {"L16", 44100, 2},
  [11] = {"L16", 44100, 1},  [12] = {"QCELP", 8000, 1}, [13] = {"CN", 8000, 1},
  [14] = {"MPA", 90000, 1},  [15] = {"G728", 8000, 1},  [16] = {"DVI4", 11025, 1},
  [17] = {"DVI4", 22050, 1}, [18] = {"G729", 8000, 1},  [25] = {"CelB", 90000, 1},
  [26] = {"JPEG", 90000, 1}, [28] = {"nv", 90000, 1},   [31] = {"H261", 90000, 1},
  [32] = {"MPV", 90000, 1},  [33] = {"MP2T", 90000, 1}, [34] = {"H263", 90000, 1},
};

enum { STATIC_COUNT = sizeof STATIC_TYPES / sizeof STATIC_TYPES[0] };

static bool to_payload_type(Slice format, uint8_t *ret_type)
{
  uint32_t number;

  if (!slice_to_u32(format, &number) || number >= PAYLOAD_TYPES)
    return false;
  *ret_type = (uint8_t) number;
  return true;
}

/* "a=rtpmap:97 iLBC/8000": what is behind the number goes to its place. */
static void keep_by_type(Slice by_type[PAYLOAD_TYPES], Slice value)
{
  uint8_t type;

  if (to_payload_type(sdp_take_word(&value), &type) && !by_type[type].data)
    by_type[type] = slice_trim(value);
}

SdpCodecIter sdp_codecs(const SdpMedia *media)
{
  SdpCodecIter iter = {.formats = media->formats};
  SdpAttribute attribute;

  for (Slice lines = media->lines; sdp_attribute_next(&lines, &attribute);) {
    if (slice_eq_nocase(attribute.name, SLICE("rtpmap")))
      keep_by_type(iter.maps, attribute.value);
    else if (slice_eq_nocase(attribute.name, SLICE("fmtp")))
      keep_by_type(iter.fmtps, attribute.value);
  }
  return iter;
}

static void read_static(SdpCodec *codec)
{
  codec->channels = 1;
  if (codec->payload_type >= STATIC_COUNT || !STATIC_TYPES[codec->payload_type].name)
    return;
  codec->name = slice_from_string(STATIC_TYPES[codec->payload_type].name);
  codec->clock_rate = STATIC_TYPES[codec->payload_type].clock_rate;
  codec->channels = STATIC_TYPES[codec->payload_type].channels;
}

/* RFC 8866 6.6: name/clock rate[/channels]; it overrides the static meaning. */
static void read_map(SdpCodec *codec, Slice map)
{
  codec->name = slice_trim(slice_cut(&map, '/'));
  codec->clock_rate = sdp_number_or(slice_cut(&map, '/'), codec->clock_rate);
  codec->channels = sdp_number_or(map, 1);
}

bool sdp_codec_next(SdpCodecIter *iter, SdpCodec *ret_codec)
{
  SdpCodec codec = {.format = sdp_take_word(&iter->formats)};

  if (!codec.format.data)
    return false;
  codec.is_payload_type = to_payload_type(codec.format, &codec.payload_type);
  codec.name = codec.format;
  if (codec.is_payload_type) {
    codec.name = SLICE_NONE;
    read_static(&codec);
    codec.fmtp = iter->fmtps[codec.payload_type];
    if (iter->maps[codec.payload_type].len > 0)
      read_map(&codec, iter->maps[codec.payload_type]);
  }
  *ret_codec = codec;
  return true;
}
