#include "dissect/trace/call_rare.h"

const CallRare CALL_RARE_NONE = {.stray_bye_ns = TIME_NONE};

CallRare *call_make_rare(Call *call)
{
  enum { ARENA_FIRST = 128 };

  if (call->rare)
    return call->rare;
  call->rare = g_new(CallRare, 1);
  *call->rare = CALL_RARE_NONE;
  arena_init(&call->rare->arena, ARENA_FIRST);
  return call->rare;
}

void call_free_rare(Call *call)
{
  if (call->rare)
    arena_clear(&call->rare->arena);
  g_clear_pointer(&call->rare, g_free);
}

void call_note_stray_bye(Call *call, int64_t time_ns)
{
  if (call_rare(call)->stray_bye_ns != time_ns)
    call_make_rare(call)->stray_bye_ns = time_ns;
}
