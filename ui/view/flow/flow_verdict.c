#include "ui/view/flow/flow_verdict.h"

#include "ui/show/finding_rows.h"

enum {
  DIAGNOSED_MOST = 16384, /* messages of a call that is diagnosed for its title */
  ARENA_FIRST = 64 * 1024,
  STALE_US = 500 * 1000,
};

FlowProof flow_proof_of(const Finding *finding)
{
  FlowProof proof = {0};

  if (!finding)
    return proof;
  proof.count = finding->message_count;
  memcpy(proof.messages, finding->messages, proof.count * sizeof *proof.messages);
  proof.style = finding_severity_style(finding->severity);
  return proof;
}

bool flow_proof_has(const FlowProof *proof, const Message *message)
{
  for (size_t i = 0; i < proof->count; i++)
    if (proof->messages[i] == message->number)
      return true;
  return false;
}

void flow_verdict_init(FlowVerdict *verdict, const Trace *trace, const StoreSet *stores)
{
  *verdict = (FlowVerdict){.diagnoser = diagnoser_new(trace, stores)};
  arena_init(&verdict->arena, ARENA_FIRST);
}

void flow_verdict_clear(FlowVerdict *verdict)
{
  diagnoser_free(verdict->diagnoser);
  arena_clear(&verdict->arena);
}

static void forget(FlowVerdict *verdict)
{
  arena_reset(&verdict->arena);
  verdict->name = verdict->text = NULL;
  verdict->proof.count = verdict->roles.count = 0;
  verdict->call = 0;
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
  return verdict->now_ns == trace_now(verdict->diagnoser->trace) ||
         g_get_monotonic_time() < verdict->good_until_us;
}

static void set_finding(FlowVerdict *verdict, const Finding *finding, TextCharset charset)
{
  g_autoptr(GString) safe = g_string_new(NULL);

  text_append_safe(safe, slice_from_string(finding->text), charset);
  verdict->name = FINDINGS[finding->id].name;
  verdict->text = arena_copy(&verdict->arena, safe->str, safe->len + 1);
  verdict->proof = flow_proof_of(finding);
}

static void diagnose(FlowVerdict *verdict, const Call *call, TextCharset charset)
{
  Diagnosis diagnosis;

  diagnose_call(verdict->diagnoser, call, &verdict->arena, &diagnosis);
  const Finding *finding = finding_verdict(diagnosis.findings.items, diagnosis.findings.count);
  if (finding)
    set_finding(verdict, finding, charset);
  roles_of(&diagnosis.path->forwarding, &verdict->arena, &verdict->roles);
  diagnosis_clear(&diagnosis);
}

/* Of a call that is too long to be diagnosed; a path is bounded. */
static void find_roles_only(FlowVerdict *verdict, const Call *call)
{
  const Diagnoser *diagnoser = verdict->diagnoser;
  CallPath path;

  call_path_find(diagnoser->trace, call, diagnoser->stores, &verdict->arena, &path);
  roles_of(&path.forwarding, &verdict->arena, &verdict->roles);
  call_path_clear(&path);
}

void flow_verdict_look(FlowVerdict *verdict, const Call *call, const Aliases *aliases,
                       TextCharset charset)
{
  if (call && is_good(verdict, call, aliases))
    return;
  forget(verdict);
  if (!call)
    return;
  verdict->diagnoser->names = (EndpointNames){append_name, aliases};
  if (call->messages <= DIAGNOSED_MOST)
    diagnose(verdict, call, charset);
  else
    find_roles_only(verdict, call);
  verdict->aliases = aliases;
  verdict->call = call->number;
  verdict->messages = call->messages;
  verdict->now_ns = trace_now(verdict->diagnoser->trace);
  verdict->good_until_us = g_get_monotonic_time() + STALE_US;
}
