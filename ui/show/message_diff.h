/*
 * MessageDiff: two messages side by side: what both say, what they say differently, what only one
 * of them says.
 *
 * Header fields are found by name, wherever they stand and however they are spelt; their values
 * are compared as RFC 3261 7.3.1 says (sip_equal.h).  Session descriptions are compared media by
 * media, other bodies line by line.  Rows are in the order of the left message.  Texts are slices
 * of the messages, which must outlive the comparison, and are not safe; all else is in the arena.
 * Its cost is bounded, whatever the messages hold.
 */
#pragma once

#include "capture/arena.h"
#include "dissect/sip/sip_msg.h"
#include "ui/show/octets.h"

/* Rows that are made; of what is beyond `cut` tells. */
enum { DIFF_ROWS_MAX = 16384 };

typedef enum {
  DIFF_SAME,
  DIFF_EQUAL, /* spelt differently, but means the same */
  DIFF_CHANGED,
  DIFF_LEFT, /* only there */
  DIFF_RIGHT,
} DiffKind;

typedef enum {
  DIFF_START_LINE,
  DIFF_HEADER,
  DIFF_BODY,
} DiffPlace;

/* One side of a row. */
typedef struct {
  Slice name;      /* of a header field, as it stands there */
  Slice text;      /* its value, or the line; absent: there is none */
  Octets *changes; /* of the text: what the other side has not; of DIFF_CHANGED */
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
