/*
 * Where: what the display filter of a run (-Y) chooses.  While input comes it can be asked of the
 * message at hand, or of a call as it is by now; at the end of the calls of the whole trace.
 */
#pragma once

#include "dissect/query/display_filter.h"

typedef struct {
  const DisplayFilter *filter; /* NULL: all is chosen */
  FieldContext context;
  Arena scratch;
  uint64_t *calls; /* see display_filter_calls; NULL before the end */
} Where;

/* Must not move from then on: the context points into it. */
void where_init(Where *where, const DisplayFilter *filter, const Trace *trace,
                const StoreSet *stores);
void where_clear(Where *where);

/* The message as it was just filed; `sip` is of its octets. */
bool where_has_message(Where *where, const Message *message, const SipMsg *sip);

/* The call as it is now. */
bool where_has_call_now(Where *where, const Call *call);

/* The input has ended: asks for all calls at once. */
void where_end(Where *where);

/* Before the end no call is ruled out. */
bool where_has_call(const Where *where, const Call *call);
