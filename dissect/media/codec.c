#include "dissect/media/codec.h"

#include <glib.h>

static const Codec CODECS[] = {
#define CODEC(name, ptime, fmtp, scale, ie, bpl, source)                                           \
  {name, ptime, fmtp, EMODEL_##scale, ie, bpl, source},
#include "dissect/media/codec.def"
#undef CODEC
};

size_t codec_count(void)
{
  return G_N_ELEMENTS(CODECS);
}

const Codec *codec_at(size_t index)
{
  return &CODECS[index];
}

Slice codec_parameter(Slice fmtp, Slice name)
{
  while (fmtp.len > 0) {
    Slice value = slice_cut(&fmtp, ';');
    Slice key = slice_trim(slice_cut(&value, '='));
    if (slice_eq_nocase(key, name))
      return slice_trim(value);
  }
  return SLICE_NONE;
}

/* Has it all parameters that the row is for, with these values? */
static bool fits(const Codec *codec, Slice fmtp)
{
  Slice wanted = slice_from_string(codec->fmtp);

  while (wanted.len > 0) {
    Slice value = slice_cut(&wanted, ';');
    Slice key = slice_cut(&value, '=');
    if (!slice_eq_nocase(codec_parameter(fmtp, key), value))
      return false;
  }
  return true;
}

const Codec *codec_find(Slice name, Slice fmtp)
{
  for (size_t i = 0; i < G_N_ELEMENTS(CODECS); i++)
    if (slice_eq_nocase(slice_from_string(CODECS[i].name), name) && fits(&CODECS[i], fmtp))
      return &CODECS[i];
  return NULL;
}

bool codec_is_event(Slice name)
{
  return slice_eq_nocase(name, SLICE("telephone-event")) || slice_eq_nocase(name, SLICE("tone"));
}

bool codec_is_comfort_noise(Slice name)
{
  return slice_eq_nocase(name, SLICE("CN"));
}
