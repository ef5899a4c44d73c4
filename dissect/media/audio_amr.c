#include "dissect/media/audio_amr.h"

#include <glib.h>

#include "dissect/media/codec.h"

/* Bits of a frame by its type (RFC 4867 3.6, 4.3.1; 3GPP TS 26.101, 26.201 tables 1a, A.1b). */
enum { TYPES = 16, RESERVED = 0xffff };

typedef struct {
  uint16_t bits[TYPES];
  uint8_t noise_type;
} AmrTypes;

static const AmrTypes NARROW = {
  {95, 103, 118, 134, 148, 159, 204, 244, 39, RESERVED, RESERVED, RESERVED, RESERVED, RESERVED,
   RESERVED, 0},
  8,
};
static const AmrTypes WIDE = {
  {132, 177, 253, 285, 317, 365, 397, 461, 477, 40, RESERVED, RESERVED, RESERVED, RESERVED, 0, 0},
  9,
};

bool amr_format_read(const MediaPayload *payload, bool is_wide, AmrFormat *ret_format)
{
  Slice fmtp = slice_from_string(payload->fmtp);
  AmrFormat format = {
    .is_wide = is_wide,
    .octet_align = slice_eq(codec_parameter(fmtp, SLICE("octet-align")), SLICE("1")),
  };

  if (payload->channels > 1 || codec_parameter(fmtp, SLICE("interleaving")).data ||
      slice_eq(codec_parameter(fmtp, SLICE("crc")), SLICE("1")) ||
      slice_eq(codec_parameter(fmtp, SLICE("robust-sorting")), SLICE("1")))
    return false;
  *ret_format = format;
  return true;
}

/* A cursor over bits, the most significant first. */
typedef struct {
  Slice bytes;
  size_t at;
  bool failed;
} Bits;

static unsigned bits_take(Bits *in, unsigned count)
{
  unsigned value = 0;

  if (in->failed || count > in->bytes.len * 8 - in->at) {
    in->failed = true;
    return 0;
  }
  for (unsigned i = 0; i < count; i++, in->at++)
    value = value << 1 | ((unsigned) in->bytes.data[in->at / 8] >> (7 - in->at % 8) & 1U);
  return value;
}

static void bits_align(Bits *in)
{
  in->at = (in->at + 7) / 8 * 8;
}

/* The table of contents: for each frame whether another follows, its type, and its quality. */
static size_t read_contents(Bits *in, const AmrFormat *format, AmrFrame *ret_frames)
{
  const AmrTypes *types = format->is_wide ? &WIDE : &NARROW;
  size_t count = 0;
  unsigned follows = 1;

  for (; follows && !in->failed; count++) {
    follows = bits_take(in, 1);
    unsigned type = bits_take(in, 4);
    unsigned is_good = bits_take(in, 1);
    if (format->octet_align)
      bits_align(in);
    if (count == AMR_FRAMES_MAX || types->bits[type] == RESERVED)
      return 0;
    AmrFrame *frame = &ret_frames[count];
    frame->bytes[0] = (uint8_t) (type << 3 | is_good << 2);
    frame->kind = !is_good || types->bits[type] == 0 ? AMR_NO_DATA
                  : type == types->noise_type        ? AMR_NOISE
                                                     : AMR_SPEECH;
  }
  return in->failed ? 0 : count;
}

static void read_frame(Bits *in, const AmrFormat *format, AmrFrame *frame)
{
  const AmrTypes *types = format->is_wide ? &WIDE : &NARROW;
  unsigned left = types->bits[frame->bytes[0] >> 3];

  for (size_t i = 1; left > 0; i++) {
    unsigned count = MIN(left, 8U);
    frame->bytes[i] = (uint8_t) (bits_take(in, count) << (8 - count));
    left -= count;
  }
  if (format->octet_align)
    bits_align(in);
}

size_t amr_payload_read(Slice payload, const AmrFormat *format, AmrFrame ret_frames[AMR_FRAMES_MAX])
{
  Bits in = {.bytes = payload};

  (void) bits_take(&in, 4); /* the mode that the sender would like to get */
  if (format->octet_align)
    bits_align(&in);
  size_t count = read_contents(&in, format, ret_frames);
  for (size_t i = 0; i < count; i++)
    read_frame(&in, format, &ret_frames[i]);
  bits_align(&in);
  /* What is left over, or lacks, is of another format than a=fmtp says. */
  return in.failed || in.at != payload.len * 8 ? 0 : count;
}

/* --- AudioDecoder ------------------------------------------------------------------------- */

typedef struct {
  AmrFormat format;
  const AmrLibrary *library;
  void *decoder;
} Amr;

void *amr_new(const MediaPayload *payload, const AmrLibrary *library)
{
  AmrFormat format;

  if (!amr_format_read(payload, library->is_wide, &format))
    return NULL;
  Amr *amr = g_new(Amr, 1);
  *amr = (Amr){format, library, library->init()};
  return amr;
}

/* Comfort noise is given to the decoder, which must know it, but is silence here. */
size_t amr_decode(void *state, Slice payload, int16_t *ret_samples)
{
  const Amr *amr = state;
  AmrFrame frames[AMR_FRAMES_MAX];
  size_t count = amr_payload_read(payload, &amr->format, frames);
  size_t length = amr->library->frame_samples;

  g_assert(count * length <= AUDIO_SAMPLES_MAX);
  for (size_t i = 0; i < count; i++) {
    int16_t *samples = ret_samples + i * length;
    if (frames[i].kind != AMR_NO_DATA)
      amr->library->decode(amr->decoder, frames[i].bytes, samples, 0);
    if (frames[i].kind != AMR_SPEECH)
      memset(samples, 0, length * sizeof *samples);
  }
  return count * length;
}

void amr_free(void *state)
{
  Amr *amr = state;

  amr->library->exit(amr->decoder);
  g_free(amr);
}
