#include "capture/pdu.h"

void pdu_put(GByteArray *to, PduTag tag, const void *value, size_t len)
{
  static const uint8_t ZEROS[4];
  size_t padding = -len % 4, padded = len + padding;
  const uint8_t head[] = {(uint8_t) (tag >> 8), (uint8_t) tag, (uint8_t) (padded >> 8),
                          (uint8_t) padded};

  g_byte_array_append(to, head, sizeof head);
  g_byte_array_append(to, value, (guint) len);
  g_byte_array_append(to, ZEROS, (guint) padding);
}

void pdu_put_number(GByteArray *to, PduTag tag, uint32_t value)
{
  const uint32_t bytes = GUINT32_TO_BE(value);

  pdu_put(to, tag, &bytes, sizeof bytes);
}
