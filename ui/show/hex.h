/*
 * Hex: bytes as rows of "offset  hex  text", as many per row as fit.
 *
 * Pure: computes the columns, and the text of one row.
 */
#pragma once

#include <glib.h>

#include "ui/show/octets.h"

typedef struct {
  size_t len;         /* of the bytes shown */
  unsigned per_row;   /* bytes */
  unsigned digits;    /* of the offset */
  unsigned hex, text; /* columns of the first byte in either form */
  unsigned width;     /* of a full row */
  size_t row_count;
} HexLayout;

HexLayout hex_layout(size_t len, unsigned width);

/* The row of a byte. */
size_t hex_row_of(const HexLayout *layout, size_t offset);

/* Appends a row, without colours.  Bytes that are not printable ASCII are dots in the text. */
void hex_append_row(GString *to, const HexLayout *layout, Slice bytes, size_t row);

/* The column of the digits of a row's byte, from 0; its character is at layout->text + index. */
unsigned hex_column(const HexLayout *layout, unsigned index);

/* A run of bytes on one row. */
typedef struct {
  size_t row;
  unsigned first, count; /* bytes of the row */
} HexRun;

/* The part of `octets` on that row; false when there is none. */
bool hex_run_on(const HexLayout *layout, Octets octets, size_t row, HexRun *ret_run);

/* The byte that is drawn at that column of a row, in either form; false for other columns. */
bool hex_offset_at(const HexLayout *layout, size_t row, unsigned column, size_t *ret_offset);
