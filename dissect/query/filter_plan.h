/*
 * FilterPlan: the parsed tree of a display filter rewritten twice, for choosing calls and for
 * choosing messages (display_filter.h says what that means).  Private to the display filter.
 *
 * In the tree for calls all message fields are below ANY or ALL; in the one for messages all call
 * fields are below OF_CALL.  These nodes are parts: an answer about a call, numbered, so that it
 * is worked out once per call.  Cheap operands come first.
 */
#pragma once

#include "dissect/query/filter_parse.h"

/* How many fit into FilterParts. */
enum { FILTER_PARTS_MAX = 64 };

typedef struct {
  Arena arena;
  GPtrArray *patterns;
  FilterNode *calls; /* OF_CALL */
  FilterNode *messages;
  const FilterNode *streams; /* then there is neither of them; else NULL */
  GString *reading;          /* see FilterText */
  FilterRows rows;
  bool reads_rows;
} FilterPlan;

/* `rows` is copied; NULL: words are looked for in messages.  Fails with APP_ERROR_USAGE. */
G_GNUC_WARN_UNUSED_RESULT bool filter_plan_init(FilterPlan *plan, const char *expression,
                                                const FilterRows *rows, GError **error);

/* The same for choosing streams of RTP. */
G_GNUC_WARN_UNUSED_RESULT bool filter_plan_init_for_streams(FilterPlan *plan,
                                                            const char *expression, GError **error);
void filter_plan_clear(FilterPlan *plan);
