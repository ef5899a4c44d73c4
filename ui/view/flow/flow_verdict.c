#include "ui/view/flow/flow_verdict.h"

enum {
  DIAGNOSED_MOST = 16384, /* messages of a call that is diagnosed for its title */
  STALE_US = 500 * 1000,
};

void flow_verdict_init(FlowVerdict *verdict, const Trace *trace, const StoreSet *stores)
{
  *verdict = (FlowVerdict){0};
  arena_init(&verdict->scratch, 16 * 1024);
  verdict->context = field_context(trace, stores, &verdict->scratch);
  verdict->context.diagnosed_most = DIAGNOSED_MOST;
}

static void forget(FlowVerdict *verdict)
{
  g_clear_pointer(&verdict->name, g_free);
  g_clear_pointer(&verdict->text, g_free);
}

void flow_verdict_clear(FlowVerdict *verdict)
{
  forget(verdict);
  field_context_clear(&verdict->context);
  arena_clear(&verdict->scratch);
}

static void append_name(const void *aliases, const Endpoint *endpoint, GString *to)
{
  aliases_append(aliases, endpoint, ALIAS_WITH_PORT, to);
}

static bool is_good(const FlowVerdict *verdict, const Call *call, const Aliases *aliases)
{
  if (verdict->call != call->number || verdict->messages != call->messages ||
      verdict->aliases != aliases)
    return false;
  return verdict->now_ns == trace_now(verdict->context.trace) ||
         g_get_monotonic_time() < verdict->good_until_us;
}

static char *value_of(FlowVerdict *verdict, Slice key, TextCharset charset)
{
  const FieldRef ref = {.field = field_find(key)};
  FieldValue value;

  if (!field_get(&verdict->context, &ref, &value))
    return NULL;
  GString *safe = g_string_new(NULL);
  text_append_safe(safe, value.text, charset);
  return g_string_free(safe, FALSE);
}

void flow_verdict_look(FlowVerdict *verdict, const Call *call, const Aliases *aliases,
                       TextCharset charset)
{
  if (!call) {
    forget(verdict);
    verdict->call = 0;
    return;
  }
  if (is_good(verdict, call, aliases))
    return;
  forget(verdict);
  arena_reset(&verdict->scratch);
  field_look_at_call(&verdict->context, call);
  verdict->context.names = (EndpointNames){append_name, aliases};
  verdict->name = value_of(verdict, SLICE("call.finding"), charset);
  verdict->text = value_of(verdict, SLICE("call.why"), charset);
  verdict->aliases = aliases;
  verdict->call = call->number;
  verdict->messages = call->messages;
  verdict->now_ns = trace_now(verdict->context.trace);
  verdict->good_until_us = g_get_monotonic_time() + STALE_US;
}
