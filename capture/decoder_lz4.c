/* lz4, in frames as lz4(1) writes them: blocks of at most 4 MB. */
#include <lz4frame.h>

#include "capture/decoder.h"

static bool detect_lz4(Slice head)
{
  return slice_starts_with(head, SLICE("\x04\x22\x4d\x18"));
}

static void *open_lz4(void)
{
  LZ4F_dctx *lz4 = NULL;
  size_t result = LZ4F_createDecompressionContext(&lz4, LZ4F_VERSION);

  g_assert(!LZ4F_isError(result));
  return lz4;
}

static bool step_lz4(void *state, DecoderStep *step, bool *between, GError **error)
{
  while (step->out_room > 0) {
    size_t in_len = step->in_len, out_room = step->out_room;
    size_t result = LZ4F_decompress(state, step->out, &out_room, step->in, &in_len, NULL);

    if (LZ4F_isError(result))
      return decoder_fail(&DECODER_LZ4, LZ4F_getErrorName(result), error);
    step->in += in_len;
    step->in_len -= in_len;
    step->out += out_room;
    step->out_room -= out_room;
    if (in_len == 0 && out_room == 0)
      return true;
    *between = result == 0;
  }
  return true;
}

static void close_lz4(void *state)
{
  LZ4F_freeDecompressionContext(state);
}

const DecoderKind DECODER_LZ4 = {"lz4", detect_lz4, open_lz4, step_lz4, close_lz4};
