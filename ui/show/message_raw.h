/*
 * MessageRaw: the bytes of a message as lines on a screen, coloured by their meaning; below, the
 * same bytes as a hex dump (HexLayout), and as text for the clipboard.
 *
 * Pure: it computes the pieces of the lines that are drawn.  A line of the message is one line, or
 * several where it is wrapped; the following ones begin with `indent` blanks then.  Nothing is
 * hidden: tabs and control characters have glyphs of their own, folded header fields keep their
 * lines.  Lines and spans are in the arena; the bytes belong to the message, which must outlive
 * them.  Linear in the bytes.
 */
#pragma once

#include <glib.h>

#include "capture/arena.h"
#include "dissect/sip/sip_msg.h"
#include "ui/show/octets.h"
#include "ui/show/style.h"

typedef struct {
  Octets octets; /* without the line end */
  bool wrapped;  /* continues the line above */
} RawLine;

/* Bytes of one colour; the spans of a message are in order and without gaps. */
typedef struct {
  Octets octets;
  Style style;
} RawSpan;

typedef struct {
  Slice raw;
  TextCharset charset;
  unsigned indent; /* of wrapped lines */
  unsigned width;  /* of the widest line */
  RawLine *lines;
  size_t line_count;
  RawSpan *spans;
  size_t span_count;
  bool cut;              /* lines are missing: more than line_max */
  const uint32_t *codes; /* of the body's bytes when it is not UTF-8 (gb_text_decode), or NULL */
  size_t codes_offset, codes_end;
} MessageRaw;

typedef struct {
  unsigned width;  /* to wrap at; 0: lines may have any length */
  size_t line_max; /* 0: all */
  TextCharset charset;
} RawOptions;

MessageRaw message_raw_build(Arena *arena, const SipMsg *sip, const RawOptions *options);

/* The line that shows this byte; for a line end the line it ends. */
size_t message_raw_line_at(const MessageRaw *raw, size_t offset);

/* The column of a byte of that line; the column after its end for bytes after it. */
unsigned message_raw_column(const MessageRaw *raw, size_t line, size_t offset);

/* The byte that is drawn at that column; the line's end when it is shorter. */
size_t message_raw_offset(const MessageRaw *raw, size_t line, unsigned column);

/* Part of a line that is drawn in one style. */
typedef struct {
  Slice text; /* not safe to print; valid until the next call */
  unsigned column, width;
  Style style;
} RawPiece;

typedef struct {
  const MessageRaw *raw;
  Slice rest;
  const RawSpan *span;
  unsigned column;
  char glyph[8];
} RawPieces;

RawPieces message_raw_pieces(const MessageRaw *raw, size_t line);
bool message_raw_piece_next(RawPieces *pieces, RawPiece *ret_piece);

/* Bytes as rows of "offset  hex  text", as many per row as fit: the columns, and the text of a row.
 */

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

/* Messages as text for the clipboard: safe to paste anywhere. */

/* Appends the message line by line, each made safe and ended by LF; the body as UTF-8. */
void message_copy_append(GString *to, const SipMsg *sip);

/* Appends "53 49 50". */
void message_copy_append_hex(GString *to, Slice bytes);
