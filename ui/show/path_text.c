#include "ui/show/path_text.h"

#include "capture/language.h"
#include "dissect/diagnose/hop_change.h"

static void append_slice(GString *to, Slice text)
{
  g_string_append_len(to, text.data, (gssize) text.len);
}

void path_append_role(const Role *role, const Trace *trace, const Aliases *aliases, GString *to)
{
  aliases_append(aliases, trace_endpoint(trace, role->endpoint), ALIAS_WITH_PORT, to);
  g_string_append_printf(to, " %s%s%s", _(role_label(role->kind)), _(": "), role->why);
}

/* "; adds Record-Route, Privacy": the names of one kind. */
static void append_changes(const HopChanges *changes, HopChangeKind kind, GString *to)
{
  static const char *const VERBS[] = {
    [HOP_ADDED] = N_("adds"), [HOP_REMOVED] = N_("removes"), [HOP_CHANGED] = N_("changes")};
  unsigned count = 0;

  for (size_t i = 0; i < changes->count; i++) {
    const HopChange *change = &changes->items[i];
    bool is_again = i > 0 && change[-1].kind == kind && slice_eq(change[-1].name, change->name);
    if (change->kind != kind || is_again)
      continue;
    if (count++ == 0)
      g_string_append_printf(to, "%s%s ", _("; "), _(VERBS[kind]));
    else
      g_string_append(to, _(", "));
    append_slice(to, change->name);
  }
}

static void append_request(const Branch *branch, const Trace *trace, const Aliases *aliases,
                           GString *to)
{
  static const char *const ORDERS[] = {[BRANCH_FIRST] = "",
                                       [BRANCH_PARALLEL] = N_(", in parallel"),
                                       [BRANCH_SEQUENTIAL] = N_(", next"),
                                       [BRANCH_RECURSION] = N_(", to the Contact of the 3xx"),
                                       [BRANCH_RETRY] = N_(", again")};

  g_string_append_printf(to, _("message %u: "), branch->request->message->number);
  aliases_append(aliases, trace_endpoint(trace, branch->from), ALIAS_WITH_PORT, to);
  g_string_append(to, _(" to "));
  aliases_append(aliases, trace_endpoint(trace, branch->to), ALIAS_WITH_PORT, to);
  g_string_append_c(to, ' ');
  append_slice(to, read_message_sip(branch->request)->method_text);
  g_string_append_c(to, ' ');
  append_slice(to, read_message_sip(branch->request)->uri);
  g_string_append(to, _(ORDERS[branch->before ? branch->order : BRANCH_FIRST]));
}

void path_append_hop(const Branch *branch, const Trace *trace, const Aliases *aliases, GString *to)
{
  static const char *const TURNS[] = {[BRANCH_STRAIGHT] = "",
                                      [BRANCH_SPIRAL] = N_("; a spiral"),
                                      [BRANCH_LOOP] = N_("; the same request again: a loop")};
  HopChanges changes;

  append_request(branch, trace, aliases, to);
  if (branch->final)
    g_string_append_printf(to, "%s%u%s", _(": "), branch_status(branch),
                           branch->cancel ? _(" (cancelled)") : "");
  else
    g_string_append(to, _(": no final response"));
  g_string_append(to, _(TURNS[branch->turn]));
  if (!branch->parent)
    return;
  hop_changes_find(read_message_sip(branch->parent->request), read_message_sip(branch->request),
                   &changes);
  append_changes(&changes, HOP_CHANGED, to);
  append_changes(&changes, HOP_ADDED, to);
  append_changes(&changes, HOP_REMOVED, to);
}

bool path_is_branch(const Branch *branch)
{
  uint16_t method = branch->request->message->method;

  return method != SIP_METHOD_CANCEL && method != SIP_METHOD_ACK;
}

bool path_is_root(const Branch *branch)
{
  return !branch->parent && path_is_branch(branch) &&
         !(branch->request->message->flags & MESSAGE_HAS_TO_TAG);
}

bool path_has_hops(const CallPath *path)
{
  for (size_t i = 0; i < path->forwarding.count; i++) {
    const Branch *branch = &path->forwarding.branches[i];
    if (path_is_branch(branch) && (branch->parent || branch->order == BRANCH_RECURSION))
      return true;
  }
  return false;
}

bool path_roles_tell(const RoleList *roles)
{
  for (size_t i = 0; i < roles->count; i++)
    if (roles->items[i].kind != ROLE_UAC && roles->items[i].kind != ROLE_UAS)
      return true;
  return false;
}
