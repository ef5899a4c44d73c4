/*
 * The state of a subscription of GB/T 28181 (Call.subscription).
 */
#pragma once

#include "dissect/trace/trace.h"

typedef enum {
  GB_SUBSCRIPTION_PENDING, /* not answered, or the answer was not captured */
  GB_SUBSCRIPTION_REFUSED,
  GB_SUBSCRIPTION_ACTIVE,
  GB_SUBSCRIPTION_REPLACED, /* while it was in force another call subscribed to the same */
  GB_SUBSCRIPTION_ENDED,    /* by its subscriber or notifier */
  GB_SUBSCRIPTION_LAPSED,   /* it was not refreshed in time */
} GbSubscriptionState;

/* Of a call that has one, at that time. */
GbSubscriptionState gb_subscription_state(const Trace *trace, const Call *call, int64_t now_ns);

/* "active" */
const char *gb_subscription_state_name(GbSubscriptionState state);
