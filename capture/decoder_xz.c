/* xz: a file says how much memory it needs, up to 4 GB; more than `xz -9` needs is refused. */
#include <lzma.h>

#include "capture/decoder.h"
#include "capture/language.h"

enum { MEMORY_MAX = 80 * 1024 * 1024 };

static bool detect_xz(Slice head)
{
  return slice_starts_with(head, SLICE("\xfd\x37\x7a\x58"));
}

static bool begin(lzma_stream *lzma)
{
  return lzma_stream_decoder(lzma, MEMORY_MAX, 0) == LZMA_OK;
}

static void *open_xz(void)
{
  lzma_stream *lzma = g_new(lzma_stream, 1);

  *lzma = (lzma_stream) LZMA_STREAM_INIT;
  g_assert(begin(lzma));
  return lzma;
}

static lzma_ret decompress_some(lzma_stream *lzma, DecoderStep *step)
{
  lzma->next_in = step->in;
  lzma->avail_in = step->in_len;
  lzma->next_out = step->out;
  lzma->avail_out = step->out_room;
  lzma_ret result = lzma_code(lzma, LZMA_RUN);

  step->in = lzma->next_in;
  step->in_len = lzma->avail_in;
  step->out = lzma->next_out;
  step->out_room = lzma->avail_out;
  return result;
}

static bool step_xz(void *state, DecoderStep *step, bool *between, GError **error)
{
  for (;;) {
    for (; *between && step->in_len > 0 && *step->in == 0; step->in_len--) /* stream padding */
      step->in++;
    if (*between && step->in_len == 0)
      return true;
    if (*between && !begin(state))
      return decoder_fail(&DECODER_XZ, _("cannot continue after a stream"), error);
    *between = false;
    lzma_ret result = decompress_some(state, step);
    if (result == LZMA_BUF_ERROR) /* no input or no room: no error */
      return true;
    if (result == LZMA_MEMLIMIT_ERROR)
      return decoder_fail(&DECODER_XZ, _("its dictionary is larger than that of xz -9"), error);
    if (result != LZMA_OK && result != LZMA_STREAM_END)
      return decoder_fail(&DECODER_XZ, _("damaged data"), error);
    *between = result == LZMA_STREAM_END;
    if (!*between)
      return true;
  }
}

static void close_xz(void *state)
{
  lzma_end(state);
  g_free(state);
}

const DecoderKind DECODER_XZ = {"xz", detect_xz, open_xz, step_xz, close_xz};
