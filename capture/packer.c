#define ZLIB_CONST /* or next_in would not be const */

#include "capture/packer.h"

#include <glib.h>
#include <zlib.h>
#include <zstd.h>

enum {
  GZIP_WINDOW = 15 + 16, /* with the header of gzip */
  GZIP_MEMORY = 8,
  ZSTD_LEVEL = 3,
};

struct Packer {
  Packing packing;
  z_stream gzip;
  ZSTD_CCtx *zstd;
  GByteArray *packed;
};

static const struct {
  const char *ending;
  Packing packing;
} ENDINGS[] = {{".gz", PACKING_GZIP}, {".zst", PACKING_ZSTD}};

Packing packing_of(const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS(ENDINGS); i++)
    if (g_str_has_suffix(name, ENDINGS[i].ending))
      return ENDINGS[i].packing;
  return PACKING_NONE;
}

Slice packing_strip(const char *name)
{
  Slice whole = slice_from_string(name);

  for (size_t i = 0; i < G_N_ELEMENTS(ENDINGS); i++)
    if (g_str_has_suffix(name, ENDINGS[i].ending))
      return slice_head(whole, whole.len - strlen(ENDINGS[i].ending));
  return whole;
}

Packer *packer_new(Packing packing)
{
  Packer *packer = g_new0(Packer, 1);

  packer->packing = packing;
  packer->packed = g_byte_array_new();
  bool ok = true;
  if (packing == PACKING_GZIP)
    ok = deflateInit2(&packer->gzip, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
                      Z_DEFAULT_STRATEGY) == Z_OK;
  else
    ok = (packer->zstd = ZSTD_createCCtx()) != NULL;
  g_assert(ok); /* else there is no memory */
  return packer;
}

void packer_free(Packer *packer)
{
  if (!packer)
    return;
  if (packer->packing == PACKING_GZIP)
    deflateEnd(&packer->gzip);
  ZSTD_freeCCtx(packer->zstd);
  g_byte_array_unref(packer->packed);
  g_free(packer);
}

/* There is room for the largest result: neither can fail. */
static size_t pack_gzip(Packer *packer, Slice piece)
{
  z_stream *gzip = &packer->gzip;

  deflateReset(gzip);
  g_byte_array_set_size(packer->packed, (guint) deflateBound(gzip, piece.len));
  gzip->next_in = (const Bytef *) piece.data;
  gzip->avail_in = (uInt) piece.len;
  gzip->next_out = packer->packed->data;
  gzip->avail_out = packer->packed->len;
  int result = deflate(gzip, Z_FINISH);
  g_assert(result == Z_STREAM_END);
  return packer->packed->len - gzip->avail_out;
}

static size_t pack_zstd(Packer *packer, Slice piece)
{
  g_byte_array_set_size(packer->packed, (guint) ZSTD_compressBound(piece.len));
  size_t len = ZSTD_compressCCtx(packer->zstd, packer->packed->data, packer->packed->len,
                                 piece.data, piece.len, ZSTD_LEVEL);
  g_assert(!ZSTD_isError(len));
  return len;
}

Slice packer_pack(Packer *packer, Slice piece)
{
  size_t len =
    packer->packing == PACKING_GZIP ? pack_gzip(packer, piece) : pack_zstd(packer, piece);

  return slice_of((const char *) packer->packed->data, len);
}
