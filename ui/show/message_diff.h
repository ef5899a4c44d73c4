/*
 * MessageDiff: two messages side by side: what is the same, what differs, and what is in one of
 * them only.
 *
 * Header fields are paired by name, whatever their place and spelling; their values are compared
 * by RFC 3261 7.3.1 (sip_equal.h).  Session descriptions are compared media by media, other bodies
 * line by line.  Rows are in the order of the left message.  Texts are slices of the messages,
 * which must outlive the comparison, and are not safe to print; the rest is in the arena.  The
 * cost is bounded for any messages.
 */
#pragma once

#include "capture/arena.h"
#include "dissect/sip/sip_msg.h"
#include "ui/show/octets.h"

/* More rows are not made: see `cut`. */
enum { DIFF_ROWS_MAX = 16384 };

typedef enum {
  DIFF_SAME,
  DIFF_EQUAL, /* written differently, but with the same meaning */
  DIFF_CHANGED,
  DIFF_LEFT, /* only on that side */
  DIFF_RIGHT,
} DiffKind;

typedef enum {
  DIFF_START_LINE,
  DIFF_HEADER,
  DIFF_BODY,
} DiffPlace;

/* One side of a row. */
typedef struct {
  Slice name;      /* of a header field, as written there */
  Slice text;      /* its value, or the line; absent: none */
  Octets *changes; /* of DIFF_CHANGED: ranges of the text that the other side does not have */
  size_t change_count;
} DiffSide;

typedef struct {
  DiffKind kind;
  DiffPlace place;
  DiffSide left, right;
} DiffRow;

typedef struct {
  DiffRow *rows;
  size_t count;
  size_t differences; /* rows that are neither the same nor equal */
  bool cut;
} MessageDiff;

MessageDiff message_diff_build(Arena *arena, const SipMsg *left, const SipMsg *right);

static inline bool diff_row_differs(const DiffRow *row)
{
  return row->kind != DIFF_SAME && row->kind != DIFF_EQUAL;
}
