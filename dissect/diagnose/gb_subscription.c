#include "dissect/diagnose/gb_subscription.h"

#include "capture/language.h"

/* A call that was evicted since is taken to have begun in time. */
static bool is_replaced(const Trace *trace, const Subscription *subscription)
{
  const Call *other = trace_call(trace, subscription->replaced_by);

  return subscription->replaced_by != 0 && (!other || other->start_ns <= subscription->until_ns);
}

GbSubscriptionState gb_subscription_state(const Trace *trace, const Call *call, int64_t now_ns)
{
  const Subscription *subscription = call_rare(call)->subscription;

  if (subscription->since_ns == TIME_NONE)
    return subscription->is_ended ? GB_SUBSCRIPTION_REFUSED : GB_SUBSCRIPTION_PENDING;
  if (subscription->is_ended)
    return GB_SUBSCRIPTION_ENDED;
  if (is_replaced(trace, subscription))
    return GB_SUBSCRIPTION_REPLACED;
  return subscription->until_ns > now_ns ? GB_SUBSCRIPTION_ACTIVE : GB_SUBSCRIPTION_LAPSED;
}

const char *gb_subscription_state_name(GbSubscriptionState state)
{
  static const char *const NAMES[] = {
    [GB_SUBSCRIPTION_PENDING] = N_("pending"), [GB_SUBSCRIPTION_REFUSED] = N_("refused"),
    [GB_SUBSCRIPTION_ACTIVE] = N_("active"),   [GB_SUBSCRIPTION_REPLACED] = N_("replaced"),
    [GB_SUBSCRIPTION_ENDED] = N_("ended"),     [GB_SUBSCRIPTION_LAPSED] = N_("lapsed"),
  };

  return NAMES[state];
}
