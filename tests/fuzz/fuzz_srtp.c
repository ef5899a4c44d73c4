/* The value of a=crypto, to the first NUL, and packets of RTP or RTCP that its keys are to open: a
 * byte for their length, and the bytes. */
#include <glib.h>

#include "capture/reader.h"
#include "dissect/media/media_crypto.h"
#include "dissect/media/srtp_opener.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void open_packets(SrtpOpener *opener, Reader in)
{
  while (reader_left(&in) > 1) {
    size_t length = reader_u8(&in);
    Slice part = reader_slice(&in, MIN(length, reader_left(&in))), clear;
    if (srtp_opener_open(opener, part, 0, &clear))
      g_assert(clear.len <= part.len);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;
  size_t value_len = end ? (size_t) (end - data) : 0;
  g_autofree char *value = g_memdup2(data, value_len); /* of its exact size */
  MediaCrypto cryptos[MEDIA_CRYPTO_KEYS_MAX];
  size_t count = media_crypto_read(slice_of(value, value_len), cryptos);

  for (unsigned control = 0; control < 2; control++) {
    SrtpOpener *opener = srtp_opener_new(0x01020304, control == 1);
    for (size_t i = 0; i < count; i++)
      if (!cryptos[i].unreadable)
        (void) srtp_opener_add(opener, &cryptos[i].key, 0);
    open_packets(opener, reader_of(data + value_len, size - value_len));
    srtp_opener_free(opener);
  }
  return 0;
}
