/*
 * MessageRaw: the bytes of a message as lines on a screen, coloured by their meaning.
 *
 * Pure: it computes the pieces of the lines that are drawn.  A line of the message is one line, or
 * several where it is wrapped; the following ones begin with `indent` blanks then.  Nothing is
 * hidden: tabs and control characters have glyphs of their own, folded header fields keep their
 * lines.  Lines and spans are in the arena; the bytes belong to the message, which must outlive
 * them.  Linear in the bytes.
 */
#pragma once

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
  const uint32_t *codes; /* of the body's bytes when it is not UTF-8 (gb_text.h), or NULL */
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
