/*
 * Text for people: UTF-8 from the network made safe, measured in columns, cut and padded.
 *
 * Safe text is valid UTF-8 on one line, without control and direction characters, so it
 * can neither move a terminal's cursor nor reorder what stands beside it.  A fold of a header
 * value (RFC 3261 7.3.1) becomes one space.  Widths are those of terminals: East Asian wide
 * characters take two columns, combining ones none.
 */
#pragma once

#include <glib.h>

#include "capture/slice.h"

enum { UTF8_INVALID = -1 };

/*
 * The code point at the start of `s` (not empty) and its octets; or UTF8_INVALID and the octets
 * of the longest ill-formed start, to be replaced by one U+FFFD (Unicode 3.9, table 3-8).
 */
int32_t utf8_next(Slice s, size_t *ret_len);

typedef enum {
  TEXT_UTF8,
  TEXT_ASCII, /* anything else becomes "?" */
} TextCharset;

typedef enum {
  TEXT_LEFT,
  TEXT_RIGHT,
  TEXT_CENTRE,
} TextAlign;

/* Appends `s` as safe text. */
void text_append_safe(GString *to, Slice s, TextCharset charset);

/* The same, but no more of it than is wider than `width` columns: it costs what is shown, whatever
 * the length of `s`. */
void text_append_safe_head(GString *to, Slice s, unsigned width, TextCharset charset);

/* Columns that safe text takes. */
unsigned text_width(Slice safe);

/* The octets of safe text that fit into `width` columns; *ret_width: what they take. */
size_t text_fit(Slice safe, unsigned width, unsigned *ret_width);

/* Appends safe text; when it is wider than `width` its end is replaced by "…" or "~". */
void text_append_clipped(GString *to, Slice safe, unsigned width, TextCharset charset);

/* The same, but it is the middle that is replaced. */
void text_append_ends(GString *to, Slice safe, unsigned width, TextCharset charset);

typedef struct {
  unsigned width;
  TextAlign align;
} TextCell;

/* The same, padded with spaces to exactly `cell.width` columns. */
void text_append_cell(GString *to, Slice safe, TextCell cell, TextCharset charset);

void text_append_spaces(GString *to, unsigned count);

/* Octets of `text` to put on a line that `fits` of them fit on, not all: better up to a mark or
 * blank in the last third than inside of a word. */
size_t text_break(Slice text, size_t fits);

/* A hash of octets for tables of one screen; who provokes collisions gets a slower one. */
uint32_t text_hash(Slice text);
