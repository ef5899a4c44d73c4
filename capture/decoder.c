#include "capture/decoder.h"

#define ZLIB_CONST /* or next_in would not be const */
#include <zlib.h>
#include <zstd.h>

#include "capture/error.h"

typedef struct {
  const char *name;
  bool (*step)(Decoder *decoder, DecoderStep *step, GError **error);
} Kind;

struct Decoder {
  const Kind *kind;
  bool between;       /* of two members or frames */
  z_stream zlib;      /* gzip */
  ZSTD_DStream *zstd; /* zstd, else NULL */
};

static bool fail(const Decoder *decoder, const char *why, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_FORMAT, "%s: %s", decoder->kind->name, why);
  return false;
}

/* What may stand between members: nothing, but tapes and some tools pad with zeros. */
static void skip_padding(DecoderStep *step)
{
  while (step->in_len > 0 && *step->in == 0) {
    step->in++;
    step->in_len--;
  }
}

static int inflate_some(z_stream *zlib, DecoderStep *step)
{
  zlib->next_in = step->in;
  zlib->avail_in = (uInt) MIN(step->in_len, (size_t) G_MAXINT);
  zlib->next_out = step->out;
  zlib->avail_out = (uInt) MIN(step->out_room, (size_t) G_MAXINT);
  int result = inflate(zlib, Z_NO_FLUSH);

  step->in_len -= (size_t) (zlib->next_in - step->in);
  step->in = zlib->next_in;
  step->out_room -= (size_t) (zlib->next_out - step->out);
  step->out = zlib->next_out;
  return result;
}

static bool step_gzip(Decoder *decoder, DecoderStep *step, GError **error)
{
  for (;;) {
    if (decoder->between)
      skip_padding(step);
    if (decoder->between && step->in_len == 0)
      return true;
    if (decoder->between && inflateReset(&decoder->zlib) != Z_OK)
      return fail(decoder, "cannot go on behind a member", error);
    decoder->between = false;
    int result = inflate_some(&decoder->zlib, step);
    if (result == Z_BUF_ERROR) /* no input or no room: no error */
      return true;
    if (result != Z_OK && result != Z_STREAM_END)
      return fail(decoder, decoder->zlib.msg ? decoder->zlib.msg : "damaged data", error);
    decoder->between = result == Z_STREAM_END;
    if (!decoder->between)
      return true;
  }
}

static bool step_zstd(Decoder *decoder, DecoderStep *step, GError **error)
{
  while (step->out_room > 0) {
    ZSTD_inBuffer in = {step->in, step->in_len, 0};
    ZSTD_outBuffer out = {step->out, step->out_room, 0};
    size_t result = ZSTD_decompressStream(decoder->zstd, &out, &in);

    step->in += in.pos;
    step->in_len -= in.pos;
    step->out += out.pos;
    step->out_room -= out.pos;
    if (ZSTD_isError(result))
      return fail(decoder, ZSTD_getErrorName(result), error);
    if (in.pos > 0 || out.pos > 0)
      decoder->between = result == 0;
    if (in.pos == 0 && out.pos == 0)
      return true;
  }
  return true;
}

static const Kind GZIP = {"gzip", step_gzip};
static const Kind ZSTD = {"zstd", step_zstd};

static Decoder *decoder_new_gzip(void)
{
  Decoder *decoder = g_new0(Decoder, 1);

  decoder->kind = &GZIP;
  int result = inflateInit2(&decoder->zlib, 16 + MAX_WBITS); /* 16: with gzip header */
  g_assert(result == Z_OK);
  return decoder;
}

static Decoder *decoder_new_zstd(void)
{
  Decoder *decoder = g_new0(Decoder, 1);

  decoder->kind = &ZSTD;
  decoder->zstd = ZSTD_createDStream();
  g_assert(decoder->zstd);
  return decoder;
}

Decoder *decoder_new(Slice head)
{
  if (slice_starts_with(head, SLICE("\x1f\x8b")))
    return decoder_new_gzip();
  if (slice_starts_with(head, SLICE("\x28\xb5\x2f\xfd")))
    return decoder_new_zstd();
  /* RFC 8878 3.1.2: a skippable frame, with which some tools begin: 0x184d2a5? */
  if (head.len >= 4 && (head.data[0] & 0xf0) == 0x50 &&
      slice_starts_with(slice_from(head, 1), SLICE("\x2a\x4d\x18")))
    return decoder_new_zstd();
  return NULL;
}

void decoder_free(Decoder *decoder)
{
  if (!decoder)
    return;
  if (decoder->zstd)
    ZSTD_freeDStream(decoder->zstd);
  else
    inflateEnd(&decoder->zlib);
  g_free(decoder);
}

const char *decoder_name(const Decoder *decoder)
{
  return decoder->kind->name;
}

bool decoder_step(Decoder *decoder, DecoderStep *step, GError **error)
{
  return decoder->kind->step(decoder, step, error);
}

bool decoder_is_between(const Decoder *decoder)
{
  return decoder->between;
}
