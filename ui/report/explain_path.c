#include "ui/report/explain_path.h"

#include "ui/show/path_text.h"

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

static void put_branch(Report *report, const Branch *branch)
{
  const uint32_t messages[] = {branch->request->message->number,
                               branch->final ? branch->final->message->number : 0};
  Json *json = &report->json;

  json_begin_object(json);
  put_slice(json, "branch", read_message_sip(branch->request)->via_branch);
  put_slice(json, "parent",
            branch->parent ? read_message_sip(branch->parent->request)->via_branch : SLICE_NONE);
  put_endpoint(report, "from", branch->from);
  put_endpoint(report, "to", branch->to);
  put_slice(json, "uri", read_message_sip(branch->request)->uri);
  json_key(json, "status");
  json_value(json, branch->final ? value_number(branch_status(branch)) : value_none());
  put_numbers(json, messages, branch->final ? 2 : 1);
  json_end_object(json);
}

void explain_put_path_json(Report *report, const Diagnosis *diagnosis)
{
  const CallPath *path = diagnosis->path;
  Json *json = &report->json;
  RoleList roles;

  roles_of(&path->forwarding, &report->scratch, &roles);
  json_key(json, "roles");
  json_begin_array(json);
  for (size_t i = 0; i < roles.count; i++)
    put_role(report, &roles.items[i]);
  json_end_array(json);
  json_key(json, "branches");
  json_begin_array(json);
  for (size_t i = 0; i < path->forwarding.count; i++)
    if (path_is_branch(&path->forwarding.branches[i]))
      put_branch(report, &path->forwarding.branches[i]);
  json_end_array(json);
}

/* --- text --- */

enum { ROLE_HANGING = 2, HOP_HANGING = 4 /* more than the hops below it are indented */ };

/* A line that begins that far to the right, and goes on further; it is made safe here. */
static void put_line(Report *report, unsigned indent, unsigned hanging, const GString *line)
{
  g_string_append_printf(report->text, "%*s", (int) indent, "");
  report_append_hanging(report, indent, indent + hanging, slice_of(line->str, line->len));
  report_put_line(report);
}

static void put_role_text(Report *report, const Role *role)
{
  g_autoptr(GString) line = g_string_new(NULL);

  path_append_role(role, report->trace, NULL, line);
  put_line(report, 2, ROLE_HANGING, line);
}

static void put_tree_text(Report *report, const Branch *branch)
{
  g_autoptr(GString) line = g_string_new(NULL);

  path_append_hop(branch, report->trace, NULL, line);
  put_line(report, 2U + 2U * branch->depth, HOP_HANGING, line);
  for (const Branch *child = branch->children; child && branch->depth < PATH_DEPTH_MAX;
       child = child->sibling)
    put_tree_text(report, child);
}

void explain_put_path_text(Report *report, const Diagnosis *diagnosis)
{
  const CallPath *path = diagnosis->path;
  RoleList roles;

  if (!path_has_hops(path))
    return;
  roles_of(&path->forwarding, &report->scratch, &roles);
  for (size_t i = 0; i < roles.count; i++)
    put_role_text(report, &roles.items[i]);
  for (size_t i = 0; i < path->forwarding.count; i++)
    if (path_is_root(&path->forwarding.branches[i]))
      put_tree_text(report, &path->forwarding.branches[i]);
}
