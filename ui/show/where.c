#include "ui/show/where.h"

void where_init(Where *where, const DisplayFilter *filter, const Trace *trace,
                const StoreSet *stores)
{
  *where = (Where){.filter = filter};
  arena_init(&where->scratch, 16 * 1024);
  where->context = field_context(trace, stores, &where->scratch);
}

void where_clear(Where *where)
{
  arena_clear(&where->scratch);
  g_clear_pointer(&where->calls, g_free);
}

bool where_has_message(Where *where, const Message *message, const SipMsg *sip)
{
  if (!where->filter)
    return true;
  arena_reset(&where->scratch);
  field_look_at_parsed(&where->context, message, sip);
  return display_filter_match(where->filter, &where->context);
}

bool where_has_call_now(Where *where, const Call *call)
{
  if (!where->filter)
    return true;
  arena_reset(&where->scratch);
  field_look_at_call(&where->context, call);
  return display_filter_match(where->filter, &where->context);
}

void where_end(Where *where)
{
  const FieldContext *context = &where->context;

  if (where->filter && !where->calls)
    where->calls = display_filter_calls(where->filter, context->trace, context->stores, NULL, NULL);
}

bool where_has_call(const Where *where, const Call *call)
{
  return !where->calls || display_filter_has_call(where->calls, call);
}
