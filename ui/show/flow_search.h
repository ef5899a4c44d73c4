/*
 * FlowSearch: looks for a text in the octets of the messages that a FlowModel shows, from one of
 * them on, by slices.
 *
 * It goes round once: behind the last row it goes on with the first.  The model may grow meanwhile.
 */
#pragma once

#include "ui/show/flow_model.h"

typedef struct FlowSearch FlowSearch;

typedef enum {
  FLOW_SEARCH_RUNS,
  FLOW_SEARCH_FOUND,
  FLOW_SEARCH_NONE, /* all was looked at */
} FlowSearchState;

typedef struct {
  FlowModel *model;
  const StoreSet *stores;
  Slice text;                        /* copied; ASCII case does not matter; empty: */
  const Transaction *of_transaction; /* any message of it, and the search does not go round */
  const Message *behind;             /* the message to begin behind, or before; NULL: at the end */
  bool backward;
} FlowSearchSetup;

FlowSearch *flow_search_new(const FlowSearchSetup *setup);
void flow_search_free(FlowSearch *search);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlowSearch, flow_search_free)

FlowSearchState flow_search_step(FlowSearch *search, int64_t until_us);

bool flow_search_is_for_text(const FlowSearch *search);

/* Part of the rows that were looked at, from 0 to 1. */
double flow_search_progress(const FlowSearch *search);

/* What was found; and whether the end of the rows was passed on the way. */
const Message *flow_search_found(const FlowSearch *search);
bool flow_search_wrapped(const FlowSearch *search);
/* Messages that could not be read. */
size_t flow_search_unreadable(const FlowSearch *search);
