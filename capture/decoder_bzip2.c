/* bzip2: a decoder has some 4 MB. */
#include <bzlib.h>

#include "capture/decoder.h"
#include "capture/language.h"

static bool detect_bzip2(Slice head)
{
  return head.len >= 4 && slice_starts_with(head, SLICE("BZh")) && head.data[3] >= '1' &&
         head.data[3] <= '9';
}

static void *open_bzip2(void)
{
  bz_stream *bzip2 = g_new0(bz_stream, 1);
  int result = BZ2_bzDecompressInit(bzip2, 0, 0);

  g_assert(result == BZ_OK);
  return bzip2;
}

/* Begins the next stream of the file. */
static bool begin_again(bz_stream *bzip2)
{
  BZ2_bzDecompressEnd(bzip2);
  *bzip2 = (bz_stream){0};
  return BZ2_bzDecompressInit(bzip2, 0, 0) == BZ_OK;
}

static int decompress_some(bz_stream *bzip2, DecoderStep *step)
{
  unsigned in_len = (unsigned) MIN(step->in_len, (size_t) G_MAXINT);
  unsigned out_room = (unsigned) MIN(step->out_room, (size_t) G_MAXINT);
  bzip2->next_in = (char *) (uintptr_t) step->in; /* it is not written to */
  bzip2->avail_in = in_len;
  bzip2->next_out = (char *) step->out;
  bzip2->avail_out = out_room;
  int result = BZ2_bzDecompress(bzip2);

  step->in += in_len - bzip2->avail_in;
  step->in_len -= in_len - bzip2->avail_in;
  step->out += out_room - bzip2->avail_out;
  step->out_room -= out_room - bzip2->avail_out;
  return result;
}

static bool step_bzip2(void *state, DecoderStep *step, bool *between, GError **error)
{
  while (step->in_len > 0 || !*between) {
    if (*between && !begin_again(state))
      return decoder_fail(&DECODER_BZIP2, _("cannot continue after a stream"), error);
    *between = false;
    int result = decompress_some(state, step);
    if (result != BZ_OK && result != BZ_STREAM_END)
      return decoder_fail(&DECODER_BZIP2, _("damaged data"), error);
    *between = result == BZ_STREAM_END;
    if (!*between)
      return true;
  }
  return true;
}

static void close_bzip2(void *state)
{
  BZ2_bzDecompressEnd(state);
  g_free(state);
}

const DecoderKind DECODER_BZIP2 = {"bzip2", detect_bzip2, open_bzip2, step_bzip2, close_bzip2};
