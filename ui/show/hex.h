/*
 * Hex: octets as rows of "offset  hex  text", as wide as there is room for.
 *
 * Pure: where things stand, and the text of one row.
 */
#pragma once

#include <glib.h>

#include "ui/show/octets.h"

typedef struct {
  size_t len;         /* of what is shown */
  unsigned per_row;   /* octets */
  unsigned digits;    /* of the offset */
  unsigned hex, text; /* columns of the first octet in either form */
  unsigned width;     /* of a full row */
  size_t row_count;
} HexLayout;

HexLayout hex_layout(size_t len, unsigned width);

/* The row of an octet. */
size_t hex_row_of(const HexLayout *layout, size_t offset);

/* Appends a row: all but its colours.  What is not printable ASCII is a dot in the text. */
void hex_append_row(GString *to, const HexLayout *layout, Slice octets, size_t row);

/* Columns of an octet in a row, 0 being the first: of its two digits, and of its character. */
unsigned hex_column(const HexLayout *layout, unsigned index);

/* A run of octets on one row. */
typedef struct {
  size_t row;
  unsigned first, count; /* octets of the row */
} HexRun;

/* The part of `octets` that lies on that row; false when none does. */
bool hex_run_on(const HexLayout *layout, Octets octets, size_t row, HexRun *ret_run);

/* The octet that is drawn at that column of a row, in either form; false beside them. */
bool hex_offset_at(const HexLayout *layout, size_t row, unsigned column, size_t *ret_offset);
