#include "capture/decoder.h"

#define ZLIB_CONST /* or next_in would not be const */
#include <zlib.h>
#include <zstd.h>

#include "capture/error.h"
#include "capture/language.h"

bool decoder_fail(const DecoderKind *kind, const char *why, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_FORMAT, "%s: %s", kind->name, why);
  return false;
}

/* --- gzip (RFC 1952) -------------------------------------------------------------------------- */

static const DecoderKind GZIP, ZSTD;

static bool detect_gzip(Slice head)
{
  return slice_starts_with(head, SLICE("\x1f\x8b"));
}

static void *open_gzip(void)
{
  z_stream *zlib = g_new0(z_stream, 1);
  int result = inflateInit2(zlib, 16 + MAX_WBITS); /* 16: with gzip header */

  g_assert(result == Z_OK);
  return zlib;
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

static bool step_gzip(void *state, DecoderStep *step, bool *between, GError **error)
{
  z_stream *zlib = state;

  for (;;) {
    /* Nothing belongs between members, but tapes and some tools pad with zeros. */
    for (; *between && step->in_len > 0 && *step->in == 0; step->in_len--)
      step->in++;
    if (*between && step->in_len == 0)
      return true;
    if (*between && inflateReset(zlib) != Z_OK)
      return decoder_fail(&GZIP, _("cannot continue after a gzip member"), error);
    *between = false;
    int result = inflate_some(zlib, step);
    if (result == Z_BUF_ERROR) /* no input or no room: no error */
      return true;
    if (result != Z_OK && result != Z_STREAM_END)
      return decoder_fail(&GZIP, zlib->msg ? zlib->msg : _("damaged data"), error);
    *between = result == Z_STREAM_END;
    if (!*between)
      return true;
  }
}

static void close_gzip(void *state)
{
  inflateEnd(state);
  g_free(state);
}

static const DecoderKind GZIP = {"gzip", detect_gzip, open_gzip, step_gzip, close_gzip};

/* --- deflate (RFC 1951) ----------------------------------------------------------------------- */

static bool detect_deflate(Slice head)
{
  (void) head;
  return false;
}

static void *open_deflate(void)
{
  z_stream *zlib = g_new0(z_stream, 1);
  int result = inflateInit2(zlib, -MAX_WBITS);

  g_assert(result == Z_OK);
  return zlib;
}

static bool step_deflate(void *state, DecoderStep *step, bool *between, GError **error)
{
  z_stream *zlib = state;

  if (*between) { /* what follows the end is no part of it */
    step->in += step->in_len;
    step->in_len = 0;
    return true;
  }
  int result = inflate_some(zlib, step);
  if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
    return decoder_fail(&DECODER_DEFLATE, zlib->msg ? zlib->msg : _("damaged data"), error);
  *between = result == Z_STREAM_END;
  return true;
}

const DecoderKind DECODER_DEFLATE = {"deflate", detect_deflate, open_deflate, step_deflate,
                                     close_gzip};

/* --- zstd (RFC 8878) -------------------------------------------------------------------------- */

static bool detect_zstd(Slice head)
{
  /* RFC 8878 3.1.2: a skippable frame, with which some tools begin: 0x184d2a5? */
  bool is_skippable = head.len >= 4 && (head.data[0] & 0xf0) == 0x50 &&
                      slice_starts_with(slice_from(head, 1), SLICE("\x2a\x4d\x18"));

  return is_skippable || slice_starts_with(head, SLICE("\x28\xb5\x2f\xfd"));
}

static void *open_zstd(void)
{
  ZSTD_DStream *zstd = ZSTD_createDStream();

  g_assert(zstd);
  return zstd;
}

static bool step_zstd(void *state, DecoderStep *step, bool *between, GError **error)
{
  while (step->out_room > 0) {
    ZSTD_inBuffer in = {step->in, step->in_len, 0};
    ZSTD_outBuffer out = {step->out, step->out_room, 0};
    size_t result = ZSTD_decompressStream(state, &out, &in);

    step->in += in.pos;
    step->in_len -= in.pos;
    step->out += out.pos;
    step->out_room -= out.pos;
    if (ZSTD_isError(result))
      return decoder_fail(&ZSTD, ZSTD_getErrorName(result), error);
    if (in.pos > 0 || out.pos > 0)
      *between = result == 0;
    if (in.pos == 0 && out.pos == 0)
      return true;
  }
  return true;
}

static void close_zstd(void *state)
{
  ZSTD_freeDStream(state);
}

static const DecoderKind ZSTD = {"zstd", detect_zstd, open_zstd, step_zstd, close_zstd};

/* --- All -------------------------------------------------------------------------------------- */

static const DecoderKind *const KINDS[] = {
  &GZIP,          &ZSTD,
#ifdef WITH_BZIP2
  &DECODER_BZIP2,
#endif
#ifdef WITH_LZMA
  &DECODER_XZ,
#endif
#ifdef WITH_LZ4
  &DECODER_LZ4,
#endif
};

const DecoderKind *decoder_kind_of(Slice head)
{
  for (size_t i = 0; i < G_N_ELEMENTS(KINDS); i++)
    if (KINDS[i]->detect(head))
      return KINDS[i];
  return NULL;
}

char *decoder_names(void)
{
  GString *names = g_string_new(NULL);

  for (size_t i = 0; i < G_N_ELEMENTS(KINDS); i++)
    g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", KINDS[i]->name);
  return g_string_free(names, false);
}
