/* A key log, to the first NUL, and datagrams between two endpoints: a byte for the side, a length,
 * and the bytes.  Then the keys of both sides. */
#include <glib.h>

#include "capture/reader.h"
#include "dissect/stream/dtls_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(DtlsTable *table, const Endpoint ends[2], Reader *in)
{
  uint8_t side = reader_u8(in) & 1;
  size_t length = (size_t) reader_u8(in) * 4;
  Slice part = reader_slice(in, MIN(length, reader_left(in)));
  g_autofree char *copy = g_memdup2(part.data, part.len); /* of its exact size */

  if (dtls_is_likely(part))
    dtls_table_take(table, &ends[side], &ends[!side], slice_of(copy, part.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;
  size_t log_len = end ? (size_t) (end - data) : 0;
  const Endpoint ends[2] = {{.port = 1}, {.port = 2}};
  g_autoptr(TlsKeys) keys = tls_keys_new(4);
  DtlsTable *table = dtls_table_new(1);
  TlsKeyLogFaults faults = {0};
  Reader in = reader_of(data + log_len, size - log_len);

  tls_keys_add(keys, slice_of((const char *) data, log_len), &faults);
  reader_skip(&in, end ? 1 : 0);
  while (reader_left(&in) > 2)
    take(table, ends, &in);
  for (unsigned i = 0; i < 2; i++) {
    unsigned side;
    DtlsSrtpKey key;
    const DtlsHandshake *found = dtls_table_find(table, &ends[i], &ends[!i], &side);
    if (found && dtls_handshake_key(found, keys, side, &key))
      g_assert(key.len > 0 && key.len <= DTLS_MASTER_MAX && key.mki_len <= DTLS_MKI_MAX);
  }
  dtls_table_free(table);
  return 0;
}
