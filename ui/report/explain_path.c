#include "ui/report/explain_path.h"

#include "dissect/diagnose/hop_change.h"

/* --- JSON --- */

static void put_slice(Json *json, const char *key, Slice text)
{
  json_key(json, key);
  json_value(json, text.data ? value_text(text) : value_none());
}

static void put_endpoint(Report *report, const char *key, uint32_t endpoint)
{
  char text[ENDPOINT_TEXT_MAX];

  endpoint_format(trace_endpoint(report->trace, endpoint), text);
  json_key(&report->json, key);
  json_value(&report->json, value_string(text));
}

static void put_numbers(Json *json, const uint32_t *numbers, size_t count)
{
  json_key(json, "messages");
  json_begin_array(json);
  for (size_t i = 0; i < count; i++)
    json_value(json, value_number(numbers[i]));
  json_end_array(json);
}

static void put_role(Report *report, const Role *role)
{
  Json *json = &report->json;

  json_begin_object(json);
  put_endpoint(report, "endpoint", role->endpoint);
  put_slice(json, "role", slice_from_string(role_name(role->kind)));
  put_slice(json, "why", slice_from_string(role->why));
  put_numbers(json, role->messages, role->message_count);
  json_end_object(json);
}

/* Requests that were cancelled or acknowledged on one hop are not branches of their own. */
static bool is_branch(const Branch *branch)
{
  uint16_t method = branch->request->message->method;

  return method != SIP_METHOD_CANCEL && method != SIP_METHOD_ACK;
}

static void put_branch(Report *report, const Branch *branch)
{
  const uint32_t messages[] = {branch->request->message->number,
                               branch->final ? branch->final->message->number : 0};
  Json *json = &report->json;

  json_begin_object(json);
  put_slice(json, "branch", branch->request->sip.via_branch);
  put_slice(json, "parent", branch->parent ? branch->parent->request->sip.via_branch : SLICE_NONE);
  put_endpoint(report, "from", branch->from);
  put_endpoint(report, "to", branch->to);
  put_slice(json, "uri", branch->request->sip.uri);
  json_key(json, "status");
  json_value(json, branch->final ? value_number(branch_status(branch)) : value_none());
  put_numbers(json, messages, branch->final ? 2 : 1);
  json_end_object(json);
}

void explain_put_path_json(Report *report, const Diagnosis *diagnosis)
{
  const CallPath *path = &diagnosis->path;
  Json *json = &report->json;

  json_key(json, "roles");
  json_begin_array(json);
  for (size_t i = 0; i < path->roles.count; i++)
    put_role(report, &path->roles.items[i]);
  json_end_array(json);
  json_key(json, "branches");
  json_begin_array(json);
  for (size_t i = 0; i < path->forwarding.count; i++)
    if (is_branch(&path->forwarding.branches[i]))
      put_branch(report, &path->forwarding.branches[i]);
  json_end_array(json);
}

/* --- text --- */

static void append_endpoint(Report *report, uint32_t endpoint, GString *to)
{
  char text[ENDPOINT_TEXT_MAX];

  g_string_append(to, endpoint_format(trace_endpoint(report->trace, endpoint), text));
}

static void append_slice(GString *to, Slice text)
{
  g_string_append_len(to, text.data, (gssize) text.len);
}

/* A line that begins that far to the right; it is made safe here. */
static void put_line(Report *report, unsigned indent, const GString *line)
{
  g_string_append_printf(report->text, "%*s", (int) indent, "");
  report_append_wrapped(report, indent, slice_of(line->str, line->len));
  report_put_line(report);
}

static void put_role_text(Report *report, const Role *role)
{
  g_autoptr(GString) line = g_string_new(NULL);

  append_endpoint(report, role->endpoint, line);
  g_string_append_printf(line, " %s: %s", role_label(role->kind), role->why);
  put_line(report, 2, line);
}

/* "; adds Record-Route, Privacy": the names of one kind. */
static void append_changes(const HopChanges *changes, HopChangeKind kind, GString *to)
{
  static const char *const VERBS[] = {
    [HOP_ADDED] = "adds", [HOP_REMOVED] = "removes", [HOP_CHANGED] = "changes"};
  unsigned count = 0;

  for (size_t i = 0; i < changes->count; i++) {
    const HopChange *change = &changes->items[i];
    bool is_again = i > 0 && change[-1].kind == kind && slice_eq(change[-1].name, change->name);
    if (change->kind != kind || is_again)
      continue;
    if (count++ == 0)
      g_string_append_printf(to, "; %s ", VERBS[kind]);
    else
      g_string_append(to, ", ");
    append_slice(to, change->name);
  }
}

static void append_hop(Report *report, const Branch *branch, GString *to)
{
  static const char *const ORDERS[] = {[BRANCH_FIRST] = "",
                                       [BRANCH_PARALLEL] = ", in parallel",
                                       [BRANCH_SEQUENTIAL] = ", next",
                                       [BRANCH_RECURSION] = ", to the Contact of the 3xx",
                                       [BRANCH_RETRY] = ", again"};
  static const char *const TURNS[] = {[BRANCH_STRAIGHT] = "",
                                      [BRANCH_SPIRAL] = "; a spiral",
                                      [BRANCH_LOOP] = "; the same request again: a loop"};

  g_string_append_printf(to, "message %u: ", branch->request->message->number);
  append_endpoint(report, branch->from, to);
  g_string_append(to, " to ");
  append_endpoint(report, branch->to, to);
  g_string_append_c(to, ' ');
  append_slice(to, branch->request->sip.method_text);
  g_string_append_c(to, ' ');
  append_slice(to, branch->request->sip.uri);
  g_string_append(to, ORDERS[branch->before ? branch->order : BRANCH_FIRST]);
  if (branch->final)
    g_string_append_printf(to, ": %u%s", branch_status(branch),
                           branch->cancel ? " (cancelled)" : "");
  else
    g_string_append(to, ": no final response");
  g_string_append(to, TURNS[branch->turn]);
}

static void put_hop_text(Report *report, const Branch *branch)
{
  g_autoptr(GString) line = g_string_new(NULL);

  append_hop(report, branch, line);
  if (branch->parent) {
    HopChanges changes;
    hop_changes_find(&branch->parent->request->sip, &branch->request->sip, &changes);
    append_changes(&changes, HOP_CHANGED, line);
    append_changes(&changes, HOP_ADDED, line);
    append_changes(&changes, HOP_REMOVED, line);
  }
  put_line(report, 2U + 2U * branch->depth, line);
}

static void put_tree_text(Report *report, const Branch *branch)
{
  enum { DEPTH_MAX = 16 };

  put_hop_text(report, branch);
  for (const Branch *child = branch->children; child && branch->depth < DEPTH_MAX;
       child = child->sibling)
    put_tree_text(report, child);
}

/* A request that began something, or its next try. */
static bool is_shown(const Branch *branch)
{
  return !branch->parent && is_branch(branch) &&
         !(branch->request->message->flags & MESSAGE_HAS_TO_TAG);
}

void explain_put_path_text(Report *report, const Diagnosis *diagnosis)
{
  const Forwarding *forwarding = &diagnosis->path.forwarding;
  bool has_hops = false;

  for (size_t i = 0; i < forwarding->count; i++)
    has_hops |= forwarding->branches[i].parent && is_branch(&forwarding->branches[i]);
  if (!has_hops)
    return;
  for (size_t i = 0; i < diagnosis->path.roles.count; i++)
    put_role_text(report, &diagnosis->path.roles.items[i]);
  for (size_t i = 0; i < forwarding->count; i++)
    if (is_shown(&forwarding->branches[i]))
      put_tree_text(report, &forwarding->branches[i]);
}
