/*
 * CallFacts: what one walk over the messages of a call finds: the few that say more than others.
 * Messages are noted in order of arrival, after they were filed.
 */
#pragma once

#include "dissect/trace/message.h"

enum { CALL_BYES_MAX = 3, CALL_REFUSALS_MAX = 3 };

typedef struct {
  const Message *began;  /* the first request of the call's method, or NULL */
  const Message *offer;  /* RFC 3264: the first offer and its answer, NULL when not seen */
  const Message *answer; /* an early one where there is no final one */
  const Message *callee; /* the first response beyond 100, or NULL */
  /* The first ones that may carry a Reason (RFC 3326); copies are none. */
  const Message *byes[CALL_BYES_MAX], *refusals[CALL_REFUSALS_MAX];
  const Message *cancel;
  size_t bye_count, refusal_count;
  uint32_t duplicates;
  unsigned transports; /* bit per Transport */
} CallFacts;

void call_facts_note(CallFacts *facts, const Call *call, const Message *message);
