#include "ui/show/call_filter.h"

/* --- quick filter --- */

/* Longer than any timeout of call_summarize: afterwards the state of a call does not change. */
#define SILENCE_NS (INT64_C(240) * 1000 * 1000 * 1000)

static const SipMethod KIND_METHODS[QUICK_KIND_OTHER] = {
#define QUICK_KIND_METHOD(method) [QUICK_KIND_##method] = SIP_METHOD_##method,
  QUICK_KINDS(QUICK_KIND_METHOD)
#undef QUICK_KIND_METHOD
};

QuickKind quick_kind_of(const Call *call)
{
  for (QuickKind kind = 0; kind < QUICK_KIND_OTHER; kind++)
    if (KIND_METHODS[kind] == call->method)
      return kind;
  return QUICK_KIND_OTHER;
}

QuickFate quick_fate_of(const CallSummary *summary)
{
  static const QuickFate STATES[] = {
#define FATE_OF_STATE(id, name) [CALL_STATE_##id] = QUICK_FATE_##id,
    CALL_STATES(FATE_OF_STATE)
#undef FATE_OF_STATE
  };
  static const QuickFate FATES[OUTCOME_COUNT] = {
#define FATE_OF_OUTCOME(id, name) [OUTCOME_##id] = QUICK_FATE_##id,
    OUTCOMES(FATE_OF_OUTCOME)
#undef FATE_OF_OUTCOME
  };
  bool has_state = summary->state != CALL_STATE_NONE && summary->state != CALL_STATE_OUTCOME;

  return has_state ? STATES[summary->state] : FATES[summary->outcome];
}

bool quick_fate_may_change(const Call *call, int64_t now_ns)
{
  if (call->method != SIP_METHOD_INVITE || now_ns - call->end_ns >= SILENCE_NS)
    return false;
  if (!call->invite_final)
    return true;
  CallState state = call_summarize(call, now_ns).state;
  return state == CALL_STATE_CALLING || state == CALL_STATE_RINGING;
}

bool quick_choice_has(QuickChoice choice, const Call *call, int64_t now_ns)
{
  if (choice.kinds >> quick_kind_of(call) & 1)
    return false;
  if (choice.fates == 0)
    return true;
  CallSummary summary = call_summarize(call, now_ns);
  return (choice.fates >> quick_fate_of(&summary) & 1) == 0;
}

/* --- both filters --- */

/* Calls of at least so many messages are checked in steps. */
enum { STEPS_FROM = 33 };

struct CallFilter {
  const Trace *trace;
  DisplayFilter *display;
  QuickChoice quick;
  Arena scratch;
  FieldContext context;
  GHashTable *walks; /* number -> FilterWalk, of calls that are checked in steps */
  bool unreadable;
};

CallFilter *call_filter_new(const Trace *trace, const StoreSet *stores)
{
  CallFilter *filter = g_new0(CallFilter, 1);

  filter->trace = trace;
  arena_init(&filter->scratch, 16 * 1024);
  filter->context = field_context(trace, stores, &filter->scratch);
  filter->walks = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify) filter_walk_free);
  return filter;
}

void call_filter_free(CallFilter *filter)
{
  if (!filter)
    return;
  g_hash_table_unref(filter->walks);
  display_filter_free(filter->display);
  field_context_clear(&filter->context);
  arena_clear(&filter->scratch);
  g_free(filter);
}

void call_filter_share(CallFilter *filter, Conversations *conversations)
{
  filter->context.conversations = conversations;
}

void call_filter_set_display(CallFilter *filter, DisplayFilter *display)
{
  g_hash_table_remove_all(filter->walks);
  display_filter_free(filter->display);
  filter->display = display;
}

const DisplayFilter *call_filter_display(const CallFilter *filter)
{
  return filter->display;
}

void call_filter_set_quick(CallFilter *filter, QuickChoice quick)
{
  filter->quick = quick;
}

QuickChoice call_filter_quick(const CallFilter *filter)
{
  return filter->quick;
}

bool call_filter_is_empty(const CallFilter *filter)
{
  return !filter->display && !quick_choice_is_set(filter->quick);
}

static bool is_late(void *data)
{
  return g_get_monotonic_time() >= *(int64_t *) data;
}

/* A step of a check; false if there is no answer yet. */
static bool check_in_steps(CallFilter *filter, const Call *call, const FilterStop *stop,
                           bool *ret_matches)
{
  gpointer number = GUINT_TO_POINTER(call->number);
  FilterWalk *walk = g_hash_table_lookup(filter->walks, number);

  if (!walk) {
    walk = filter_walk_new(filter->display);
    g_hash_table_insert(filter->walks, number, walk);
  }
  if (!filter_walk_step(walk, &filter->context, stop, ret_matches))
    return false;
  if (call->messages < CALL_FILTER_HUGE)
    call_filter_forget(filter, call->number);
  return true;
}

CallVerdict call_filter_check(CallFilter *filter, const Call *call, int64_t until_us)
{
  FieldContext *context = &filter->context;
  const FilterStop stop = {is_late, &until_us};
  bool matches = false, answered = true;

  if (quick_choice_is_set(filter->quick) &&
      !quick_choice_has(filter->quick, call, trace_now(filter->trace)))
    return CALL_VERDICT_NO;
  if (!filter->display)
    return CALL_VERDICT_YES;
  arena_reset(&filter->scratch);
  field_look_at_call(context, call);
  if (call->messages >= STEPS_FROM)
    answered = check_in_steps(filter, call, &stop, &matches);
  else
    matches = display_filter_match(filter->display, context);
  filter->unreadable |= context->unreadable;
  if (!answered)
    return CALL_VERDICT_LATER;
  return matches ? CALL_VERDICT_YES : CALL_VERDICT_NO;
}

void call_filter_forget(CallFilter *filter, uint32_t number)
{
  g_hash_table_remove(filter->walks, GUINT_TO_POINTER(number));
}

bool call_filter_is_unreadable(const CallFilter *filter)
{
  return filter->unreadable;
}
