#include "capture/inflate.h"

#include <zlib.h>

struct Inflater {
  z_stream zlib;
};

Inflater *inflater_new(InflateForm form, unsigned window_bits)
{
  Inflater *inflater = g_new0(Inflater, 1);
  int bits = (int) window_bits;

  g_assert(window_bits >= 8 && window_bits <= INFLATE_WINDOW_BITS_MAX);
  if (form == INFLATE_RAW) /* negative: no header; plus 16: that of gzip (zlib.h) */
    bits = -bits;
  else if (form == INFLATE_GZIP)
    bits += 16;
  int result = inflateInit2(&inflater->zlib, bits);
  g_assert(result == Z_OK); /* else there is no memory, where GLib ends the program, too */
  return inflater;
}

void inflater_free(Inflater *inflater)
{
  if (!inflater)
    return;
  inflateEnd(&inflater->zlib);
  g_free(inflater);
}

void inflater_reset(Inflater *inflater)
{
  int result = inflateReset(&inflater->zlib);

  g_assert(result == Z_OK);
}

InflateResult inflater_feed(Inflater *inflater, Slice *in, GByteArray *out, size_t max)
{
  enum { ROOM_FIRST = 1024 };
  z_stream *zlib = &inflater->zlib;
  int result;

  g_assert(in->len <= UINT_MAX && max < UINT_MAX / 2 && out->len <= max);
  zlib->next_in = (Bytef *) (uintptr_t) in->data;
  zlib->avail_in = (uInt) in->len;
  do { /* one byte more than may come out shows that more would */
    size_t len = out->len, room = MIN(MAX(len, (size_t) ROOM_FIRST), max + 1 - len);

    g_byte_array_set_size(out, (guint) (len + room));
    zlib->next_out = out->data + len;
    zlib->avail_out = (uInt) room;
    result = inflate(zlib, Z_SYNC_FLUSH);
    g_byte_array_set_size(out, (guint) (len + room - zlib->avail_out));
  } while (result == Z_OK && zlib->avail_out == 0 && out->len <= max);
  *in = slice_from(*in, in->len - zlib->avail_in);

  if (out->len > max) {
    g_byte_array_set_size(out, (guint) max);
    return INFLATE_FULL;
  }
  if (result == Z_STREAM_END)
    return INFLATE_ENDED;
  return result == Z_OK || result == Z_BUF_ERROR ? INFLATE_PAUSED : INFLATE_DAMAGED;
}
