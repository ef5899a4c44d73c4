/*
 * QuickChoice: kinds and outcomes of calls that are shown: what one checks in a dialog, where a
 * display filter would have to be typed.
 */
#pragma once

#include "dissect/trace/trace.h"

/* clang-format off */
/* X-macro: kinds that have a box of their own, by the method that began the call. */
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

/* What became of it: of an INVITE its state, else its outcome. */
typedef enum {
#define QUICK_FATE_ENUM(id, name) QUICK_FATE_##id,
  CALL_STATES(QUICK_FATE_ENUM) OUTCOMES(QUICK_FATE_ENUM)
#undef QUICK_FATE_ENUM
    QUICK_FATE_COUNT,
} QuickFate;

/* Bits of both; no bits mean that it does not matter. */
typedef struct {
  uint32_t kinds, fates;
} QuickChoice;

QuickKind quick_kind_of(const Call *call);
QuickFate quick_fate_of(const CallSummary *summary);

/* May its state change when nothing more is heard of it?  (Silence is judged by summaries.) */
bool quick_fate_may_change(const Call *call, int64_t now_ns);

/* `now_ns`: see call_summarize. */
bool quick_choice_has(QuickChoice choice, const Call *call, int64_t now_ns);

static inline bool quick_choice_is_set(QuickChoice choice)
{
  return choice.kinds != 0 || choice.fates != 0;
}
