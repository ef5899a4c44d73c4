#include "ui/show/call_judge.h"

/* Calls of more messages are asked in turns. */
enum { TURNS_FROM = 33 };

struct CallJudge {
  const Trace *trace;
  DisplayFilter *filter;
  QuickChoice quick;
  Arena scratch;
  FieldContext context;
  GHashTable *walks; /* number -> FilterWalk: how far calls that are asked in turns have got */
  bool unreadable;
};

CallJudge *call_judge_new(const Trace *trace, const StoreSet *stores)
{
  CallJudge *judge = g_new0(CallJudge, 1);

  judge->trace = trace;
  arena_init(&judge->scratch, 16 * 1024);
  judge->context = field_context(trace, stores, &judge->scratch);
  judge->walks = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify) filter_walk_free);
  return judge;
}

void call_judge_free(CallJudge *judge)
{
  if (!judge)
    return;
  g_hash_table_unref(judge->walks);
  display_filter_free(judge->filter);
  arena_clear(&judge->scratch);
  g_free(judge);
}

void call_judge_set_filter(CallJudge *judge, DisplayFilter *filter)
{
  g_hash_table_remove_all(judge->walks);
  display_filter_free(judge->filter);
  judge->filter = filter;
}

const DisplayFilter *call_judge_filter(const CallJudge *judge)
{
  return judge->filter;
}

void call_judge_set_quick(CallJudge *judge, QuickChoice quick)
{
  judge->quick = quick;
}

QuickChoice call_judge_quick(const CallJudge *judge)
{
  return judge->quick;
}

bool call_judge_is_idle(const CallJudge *judge)
{
  return !judge->filter && !quick_choice_is_set(judge->quick);
}

static bool is_late(void *data)
{
  return g_get_monotonic_time() >= *(int64_t *) data;
}

static FilterWalk *walk_of(CallJudge *judge, const Call *call)
{
  gpointer number = GUINT_TO_POINTER(call->number);
  FilterWalk *walk = g_hash_table_lookup(judge->walks, number);

  if (!walk) {
    walk = filter_walk_new(judge->filter);
    g_hash_table_insert(judge->walks, number, walk);
  }
  return walk;
}

/* False when there is no answer yet. */
static bool ask_in_turns(CallJudge *judge, const Call *call, const FilterStop *stop,
                         bool *ret_matches)
{
  if (!filter_walk_step(walk_of(judge, call), &judge->context, stop, ret_matches))
    return false;
  if (call->messages < CALL_JUDGE_HUGE)
    call_judge_forget(judge, call->number);
  return true;
}

static JudgeAnswer ask_filter(CallJudge *judge, const Call *call, int64_t until_us)
{
  FieldContext *context = &judge->context;
  const FilterStop stop = {is_late, &until_us};
  bool matches = false, answered = true;

  arena_reset(&judge->scratch);
  field_look_at_call(context, call);
  if (call->messages >= TURNS_FROM)
    answered = ask_in_turns(judge, call, &stop, &matches);
  else
    matches = display_filter_match(judge->filter, context);
  judge->unreadable |= context->unreadable;
  if (!answered)
    return JUDGE_LATER;
  return matches ? JUDGE_YES : JUDGE_NO;
}

JudgeAnswer call_judge_ask(CallJudge *judge, const Call *call, int64_t until_us)
{
  if (quick_choice_is_set(judge->quick) &&
      !quick_choice_has(judge->quick, call, trace_now(judge->trace)))
    return JUDGE_NO;
  return judge->filter ? ask_filter(judge, call, until_us) : JUDGE_YES;
}

void call_judge_forget(CallJudge *judge, uint32_t number)
{
  g_hash_table_remove(judge->walks, GUINT_TO_POINTER(number));
}

bool call_judge_is_unreadable(const CallJudge *judge)
{
  return judge->unreadable;
}
