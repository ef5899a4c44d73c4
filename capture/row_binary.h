/*
 * RowBinary: rows as ClickHouse takes them, values one after the other without names or separators,
 * so that no byte of a text can be anything but text
 * (https://clickhouse.com/docs/en/interfaces/formats#rowbinary).  Numbers are in little-endian.
 */
#pragma once

#include <glib.h>
#include <string.h>

#include "capture/slice.h"

static inline void row_binary_byte(GByteArray *to, uint8_t byte)
{
  g_byte_array_append(to, &byte, 1);
}

static inline void row_binary_u16(GByteArray *to, uint16_t number)
{
  const uint16_t bytes = GUINT16_TO_LE(number);

  g_byte_array_append(to, (const guint8 *) &bytes, sizeof bytes);
}

static inline void row_binary_u64(GByteArray *to, uint64_t number)
{
  const uint64_t bytes = GUINT64_TO_LE(number);

  g_byte_array_append(to, (const guint8 *) &bytes, sizeof bytes);
}

static inline void row_binary_f64(GByteArray *to, double number)
{
  uint64_t bits;

  memcpy(&bits, &number, sizeof bits);
  row_binary_u64(to, bits);
}

/* How many bytes or items follow: LEB128. */
static inline void row_binary_count(GByteArray *to, size_t count)
{
  for (; count >= 0x80; count >>= 7)
    row_binary_byte(to, (uint8_t) (count | 0x80));
  row_binary_byte(to, (uint8_t) count);
}

static inline void row_binary_text(GByteArray *to, Slice text)
{
  row_binary_count(to, text.len);
  g_byte_array_append(to, (const guint8 *) text.data, (guint) text.len);
}

/* Precedes the value of a Nullable. */
static inline void row_binary_null(GByteArray *to, bool is_null)
{
  row_binary_byte(to, is_null);
}
