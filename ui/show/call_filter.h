/*
 * CallFilter: does a call pass the display filter and the quick filter?
 *
 * The quick filter is what one checks in a dialog instead of typing an expression: kinds and states
 * of calls.  The display filter may read every message of a call from a slow disk, so a call with
 * many messages is checked in several steps.  Borrows trace and stores.
 */
#pragma once

#include "dissect/query/display_filter.h"

/* clang-format off */
/* X-macro: kinds with their own checkbox, by the first method of the call. */
#define QUICK_KINDS(X) \
  X(INVITE) X(REGISTER) X(OPTIONS) X(SUBSCRIBE) X(NOTIFY) X(PUBLISH) X(MESSAGE) X(REFER) X(INFO) \
  X(BYE)
/* clang-format on */

typedef enum {
#define QUICK_KIND_ENUM(method) QUICK_KIND_##method,
  QUICK_KINDS(QUICK_KIND_ENUM)
#undef QUICK_KIND_ENUM
    QUICK_KIND_OTHER,
  QUICK_KIND_COUNT,
} QuickKind;

/* The state of an INVITE call, or else its outcome. */
typedef enum {
#define QUICK_FATE_ENUM(id, name) QUICK_FATE_##id,
  CALL_STATES(QUICK_FATE_ENUM) OUTCOMES(QUICK_FATE_ENUM)
#undef QUICK_FATE_ENUM
    QUICK_FATE_COUNT,
} QuickFate;

/* Sets of bits: what is hidden. */
typedef struct {
  uint32_t kinds, fates;
} QuickChoice;

/* All but calls of that fate are hidden. */
static inline QuickChoice quick_choice_only(QuickFate fate)
{
  return (QuickChoice){.fates = ((1U << QUICK_FATE_COUNT) - 1) & ~(1U << fate)};
}

QuickKind quick_kind_of(const Call *call);
QuickFate quick_fate_of(const CallSummary *summary);

/* May its state change without another message?  (Summaries treat silence as an outcome.) */
bool quick_fate_may_change(const Call *call, int64_t now_ns);

/* `now_ns`: see call_summarize. */
bool quick_choice_has(QuickChoice choice, const Call *call, int64_t now_ns);

static inline bool quick_choice_is_set(QuickChoice choice)
{
  return choice.kinds != 0 || choice.fates != 0;
}

/* For calls of at least so many messages, the progress of a check is kept for when they have
 * grown. */
enum { CALL_FILTER_HUGE = 512 };

typedef struct CallFilter CallFilter;

typedef enum {
  CALL_VERDICT_NO,
  CALL_VERDICT_YES,
  CALL_VERDICT_LATER, /* to be continued */
} CallVerdict;

CallFilter *call_filter_new(const Trace *trace, const StoreSet *stores);
void call_filter_free(CallFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CallFilter, call_filter_free)

/* See call_index_share. */
void call_filter_share(CallFilter *filter, Conversations *conversations);

/* Owned from now on; NULL: none. */
void call_filter_set_display(CallFilter *filter, DisplayFilter *display);
const DisplayFilter *call_filter_display(const CallFilter *filter);
void call_filter_set_quick(CallFilter *filter, QuickChoice quick);
QuickChoice call_filter_quick(const CallFilter *filter);

/* Is there no filter at all? */
bool call_filter_is_empty(const CallFilter *filter);

CallVerdict call_filter_check(CallFilter *filter, const Call *call, int64_t until_us);
/* The call was evicted. */
void call_filter_forget(CallFilter *filter, uint32_t number);

bool call_filter_is_unreadable(const CallFilter *filter);
