/*
 * MessageRaw: the octets of a message as lines on a screen, coloured by what they are.
 *
 * Pure: what is drawn are the pieces of those lines that are to be seen.  A line of the message is
 * one line, or several where it is wrapped; they begin with `indent` blanks then.  Nothing is
 * hidden: tabs and control characters have a glyph of their own, folded header fields stay on
 * their lines.  Lines and spans are in the arena they were built in; the octets are the message's,
 * which must outlive them.
 */
#pragma once

#include "capture/arena.h"
#include "dissect/sip/sip_msg.h"
#include "ui/show/octets.h"
#include "ui/show/style.h"

typedef struct {
  Octets octets; /* without the line end */
  bool wrapped;  /* goes on with the line above */
} RawLine;

/* Octets of one colour; the spans of a message are in order and leave nothing out. */
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
  bool cut;              /* there are more lines than were asked for */
  const uint32_t *codes; /* of the body's octets where it is no UTF-8 (gb_text.h), or NULL */
  size_t codes_offset, codes_end;
} MessageRaw;

typedef struct {
  unsigned width;  /* to wrap at; 0: lines may have any length */
  size_t line_max; /* 0: all */
  TextCharset charset;
} RawOptions;

MessageRaw message_raw_build(Arena *arena, const SipMsg *sip, const RawOptions *options);

/* The line that shows this octet; of a line end the line it ends. */
size_t message_raw_line_at(const MessageRaw *raw, size_t offset);

/* The column of an octet of that line; of what is behind it the column behind its end. */
unsigned message_raw_column(const MessageRaw *raw, size_t line, size_t offset);

/* The octet that is drawn at that column; the line's end when it is shorter. */
size_t message_raw_offset(const MessageRaw *raw, size_t line, unsigned column);

/* Part of a line: octets that are drawn in one style. */
typedef struct {
  Slice text; /* to be made safe; valid until the next piece is asked for */
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
