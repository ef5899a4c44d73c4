/* A key log, to the first NUL, and records of both sides: a byte for side, loss and type, a length,
 * and the body. */
#include <glib.h>

#include "capture/reader.h"
#include "dissect/tls/tls_session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(TlsSession *session, Reader *in)
{
  uint8_t what = reader_u8(in), length = reader_u8(in);
  Slice body = reader_slice(in, MIN((size_t) length * 8, reader_left(in)));
  uint8_t header[TLS_HEADER_LEN] = {(uint8_t) (20 + (what & 7)), 3, 3};
  TlsRecord record = {.type = header[0], .header = header, .body = body};
  g_autofree char *room = g_malloc(body.len + TLS_BLOCK_MAX);
  Slice content;

  header[3] = (uint8_t) (body.len >> 8);
  header[4] = (uint8_t) body.len;
  if (what & 0x40)
    tls_session_lose(session, what >> 7, length);
  if (tls_session_take(session, what >> 7, &record, room, &content) == TLS_CONTENT)
    g_assert(content.len <= body.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;
  size_t log_len = end ? (size_t) (end - data) : 0;
  g_autoptr(TlsKeys) keys = tls_keys_new(4);
  TlsKeyLogFaults faults = {0};
  TlsSession *session = tls_session_new(keys);
  Reader in = reader_of(data + log_len, size - log_len);

  tls_keys_add(keys, slice_of((const char *) data, log_len), &faults);
  reader_skip(&in, end ? 1 : 0);
  while (reader_left(&in) > 2)
    take(session, &in);
  tls_session_unref(session);
  return 0;
}
