#include "ui/show/first_hop.h"

#include "ui/show/path_text.h"

static const Branch *root_of(const Branch *branch)
{
  while (branch->parent)
    branch = branch->parent;
  return branch;
}

const Branch *first_hop_find(const Call *call, const CallSummary *summary, const CallPath *path)
{
  const Forwarding *forwarding = &path->forwarding;
  const Message *decided = summary->decided_by;
  const Branch *branch = decided ? forwarding_branch(forwarding, decided) : NULL;

  if (branch && path_is_root(root_of(branch)))
    return root_of(branch);
  branch = NULL;
  for (size_t i = 0; i < forwarding->count; i++) {
    const Branch *other = &forwarding->branches[i];
    if (path_is_root(other) && (!branch || other->transaction->method == call->method))
      branch = other;
  }
  return branch;
}

static bool goes(const FirstHop *hop, const Message *message, uint32_t from, uint32_t to)
{
  const Endpoint *ends[] = {trace_endpoint(hop->trace, from), trace_endpoint(hop->trace, to)};
  const Endpoint *src = trace_endpoint(hop->trace, message->src);
  const Endpoint *dst = trace_endpoint(hop->trace, message->dst);

  if (is_same_host(ends[0], ends[1]))
    return endpoint_eq(src, ends[0]) && endpoint_eq(dst, ends[1]);
  return is_same_host(src, ends[0]) && is_same_host(dst, ends[1]);
}

int first_hop_direction(const FirstHop *hop, const Message *message)
{
  if (goes(hop, message, hop->from, hop->to))
    return 1;
  return goes(hop, message, hop->to, hop->from) ? -1 : 0;
}
