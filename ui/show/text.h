/*
 * Text for people: makes UTF-8 from the network safe, measures it in columns, cuts and pads it.
 *
 * Safe text is valid UTF-8 on one line, without control and direction characters, so it
 * can neither move a terminal's cursor nor reorder the text next to it.  A fold of a header
 * value (RFC 3261 7.3.1) becomes one space.  Widths are those of terminals: East Asian wide
 * characters take two columns, combining ones none.
 */
#pragma once

#include <glib.h>

#include "capture/arena.h"
#include "capture/slice.h"

enum { UTF8_INVALID = -1 };

/*
 * The code point at the start of `s` (not empty) and its length; or UTF8_INVALID and the length of
 * the longest ill-formed start, to be replaced by one U+FFFD (Unicode 3.9, table 3-8).
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

/* Must it not reach a terminal?  Controls, line separators, direction marks, characters without
 * width. */
bool text_is_unsafe(gunichar c);

/* Appends `s` as safe text. */
void text_append_safe(GString *to, Slice s, TextCharset charset);

/* The same in UTF-8 for HTML, SVG and XML: characters of markup are escaped, also in attributes. */
void text_append_markup(GString *to, Slice raw);

/* Like text_append_safe, but stops once it is wider than `width` columns: the cost depends on
 * what is shown, not on the length of `s`. */
void text_append_safe_head(GString *to, Slice s, unsigned width, TextCharset charset);

/* Columns that safe text takes. */
unsigned text_width(Slice safe);

/* The bytes of safe text that fit into `width` columns; *ret_width: the columns they take. */
size_t text_fit(Slice safe, unsigned width, unsigned *ret_width);

/* Cuts off as many words of *rest as fit into `width` columns; what is left begins and ends without
 * blanks.  A word that is wider is split; at least one character is cut off. */
Slice text_take_words(Slice *rest, unsigned width);

/* Appends safe text; when it is wider than `width` its end is replaced by "…" or "~".  Returns the
 * columns that were appended. */
unsigned text_append_clipped(GString *to, Slice safe, unsigned width, TextCharset charset);

/* Like text_append_clipped, but replaces the middle. */
void text_append_ends(GString *to, Slice safe, unsigned width, TextCharset charset);

typedef struct {
  unsigned width;
  TextAlign align;
} TextCell;

/* Like text_append_clipped, padded with spaces to exactly `cell.width` columns. */
void text_append_cell(GString *to, Slice safe, TextCell cell, TextCharset charset);

void text_append_spaces(GString *to, unsigned count);

/* Where to break `text`, of which `fits` bytes fit on a line: after a separator or blank in the
 * last third if there is one, else after `fits`. */
size_t text_break(Slice text, size_t fits);

/* A hash for tables of one screen; collisions only make that screen slower. */
uint32_t text_hash(Slice text);
