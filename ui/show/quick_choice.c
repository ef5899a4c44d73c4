#include "ui/show/quick_choice.h"

/* Longer than call_summarize waits for anything: then the state of a call is what it is. */
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
  if (call->method != SIP_METHOD_INVITE || call->answer_ns != TIME_NONE ||
      now_ns - call->end_ns >= SILENCE_NS)
    return false;
  if (!call->invite_final)
    return true;
  CallState state = call_summarize(call, now_ns).state;
  return state == CALL_STATE_CALLING || state == CALL_STATE_RINGING;
}

bool quick_choice_has(QuickChoice choice, const Call *call, int64_t now_ns)
{
  if (choice.kinds != 0 && !(choice.kinds >> quick_kind_of(call) & 1))
    return false;
  if (choice.fates == 0)
    return true;
  CallSummary summary = call_summarize(call, now_ns);
  return (choice.fates >> quick_fate_of(&summary) & 1) != 0;
}
