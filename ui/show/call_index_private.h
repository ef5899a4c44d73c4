/*
 * The inside of CallIndex, for the files that work on it: call_index.c (what users ask for),
 * call_index_rows.c (rows are made), call_index_rounds.c (what changed is asked again and moved).
 * Nobody else includes it.
 */
#pragma once

#include "ui/show/call_index.h"
#include "ui/show/call_judge.h"
#include "ui/show/call_order.h"

enum {
  CALL_KNOWN = 1 << 0,   /* CALL_CHOSEN is the judge's answer, or the one before */
  CALL_CHOSEN = 1 << 1,  /* it passes the filters */
  CALL_HIDDEN = 1 << 2,  /* it was cleared away */
  CALL_TOUCHED = 1 << 3, /* it is in `touched` or `round` */
  CALL_LATER = 1 << 4,   /* it is in `later` */
  CALL_OPEN = 1 << 5,    /* it is in `open` */
};

/* Rows that are being made, by a walk over all calls in order. */
typedef struct {
  uint32_t *rows;
  size_t count, room;
  size_t cursor;  /* place in the order up to which calls were asked */
  bool ascending; /* rows are in order of appearance */
} RowFill;

typedef enum {
  ROUND_NONE,
  ROUND_ASK,  /* the judge is asked */
  ROUND_SORT, /* the order takes them in */
} RoundPhase;

struct CallIndex {
  const Trace *trace;
  const StoreSet *stores;
  CallJudge *judge;
  uint8_t *flags; /* CALL_..., by number - 1 */
  size_t flags_room;
  uint32_t taken; /* calls taken in */
  size_t hidden;

  /* NULL: in order of appearance.  `coming` takes its place once it is sorted. */
  CallOrder *order, *coming;
  FieldRef sort; /* its field is NULL where there is no sorting */
  char *sort_name;

  RowFill shown, next; /* `next` takes the place of `shown` once it is better */
  bool fills_next;
  bool shown_is_old;     /* made for another filter */
  bool shown_is_partial; /* by an order that is gone */
  bool stale;            /* `shown` has to be made anew */
  bool clears_soft;      /* once all is filtered */
  bool filters_anew;     /* not all calls were asked since the filter was set */
  uint64_t version, evicted;

  RoundPhase phase;
  GArray *touched; /* numbers of calls that got messages */
  GArray *round;   /* those that are asked again now */
  size_t round_at;
  uint32_t lowest_flip; /* least number of a row that came or went in this round; 0: none */
  GArray *later;        /* calls that are asked in turns */
  size_t later_at;
  GArray *open;    /* calls that change with time alone */
  int64_t open_ns; /* trace's time when they were asked last */
  int64_t pace_us, due_us, spent_us;
  bool paused;
};

static inline uint8_t *index_flags(CallIndex *index, uint32_t number)
{
  return &index->flags[number - 1];
}

/* Puts a call into one of the lists, once. */
static inline void index_list(CallIndex *index, GArray *list, uint8_t flag, uint32_t number)
{
  uint8_t *flags = index_flags(index, number);

  if (*flags & flag)
    return;
  *flags |= flag;
  g_array_append_val(list, number);
}

/* Asks for the answer; where it takes turns the one before stays for now, or the call is not known
 * yet. */
void index_ask(CallIndex *index, uint32_t number, int64_t until_us);

/* The call is looked at again when time has gone on, if that may change it. */
void index_note_open(CallIndex *index, uint32_t number);

/* A slice of making rows. */
void index_fill(CallIndex *index, int64_t until_us);
bool index_is_filling(const CallIndex *index);
/* How much of it is done, and of how many calls. */
size_t index_filled(const CallIndex *index, size_t *ret_of);

/* Makes rows anew, beside those that are shown. */
void index_start_next(CallIndex *index);

/* The row of the first call from `number` on; rows are in order of appearance. */
size_t index_first_row(const RowFill *fill, uint32_t number);

/* Rows came or went, from call number `from` on. */
void index_take_flips(CallIndex *index, uint32_t from);

/* A slice of a round, if one is due, of sorting, and of calls that are asked in turns. */
void index_round(CallIndex *index, int64_t until_us);
bool index_has_round(const CallIndex *index);
