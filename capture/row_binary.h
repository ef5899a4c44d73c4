/*
 * RowBinary: rows as ClickHouse takes and gives them, values one after the other without names or
 * separators, so that no byte of a text can be anything but text
 * (https://clickhouse.com/docs/en/interfaces/formats#rowbinary).  Numbers are in little-endian.
 */
#pragma once

#include <glib.h>
#include <string.h>

#include "capture/byte_buffer.h"
#include "capture/reader.h"

static inline void row_binary_byte(ByteBuffer *to, uint8_t byte)
{
  byte_buffer_append(to, &byte, 1);
}

static inline void row_binary_u16(ByteBuffer *to, uint16_t number)
{
  const uint16_t bytes = GUINT16_TO_LE(number);

  byte_buffer_append(to, &bytes, sizeof bytes);
}

static inline void row_binary_u64(ByteBuffer *to, uint64_t number)
{
  const uint64_t bytes = GUINT64_TO_LE(number);

  byte_buffer_append(to, &bytes, sizeof bytes);
}

static inline void row_binary_f64(ByteBuffer *to, double number)
{
  uint64_t bits;

  memcpy(&bits, &number, sizeof bits);
  row_binary_u64(to, bits);
}

/* How many bytes or items follow: LEB128. */
static inline void row_binary_count(ByteBuffer *to, size_t count)
{
  for (; count >= 0x80; count >>= 7)
    row_binary_byte(to, (uint8_t) (count | 0x80));
  row_binary_byte(to, (uint8_t) count);
}

static inline void row_binary_text(ByteBuffer *to, Slice text)
{
  row_binary_count(to, text.len);
  byte_buffer_append(to, text.data, text.len);
}

/* Precedes the value of a Nullable. */
static inline void row_binary_null(ByteBuffer *to, bool is_null)
{
  row_binary_byte(to, is_null);
}

/* --- The same read: past the end as Reader has it --------------------------------------------- */

static inline uint64_t row_binary_read_u64(Reader *in)
{
  const uint8_t *bytes = reader_take(in, sizeof(uint64_t));
  uint64_t number = 0;

  if (bytes)
    memcpy(&number, bytes, sizeof number);
  return GUINT64_FROM_LE(number);
}

static inline int64_t row_binary_read_i64(Reader *in)
{
  return (int64_t) row_binary_read_u64(in);
}

static inline Slice row_binary_read_text(Reader *in)
{
  uint64_t len = 0;

  for (unsigned shift = 0; shift < 64; shift += 7) {
    uint8_t byte = reader_u8(in);
    len |= (uint64_t) (byte & 0x7f) << shift;
    if (!(byte & 0x80))
      break;
  }
  return reader_slice(in, (size_t) len);
}
