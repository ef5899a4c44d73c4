#include "dissect/diagnose/role.h"

#include "capture/language.h"
#include "dissect/diagnose/hop_change.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_body.h"
#include "dissect/sip/sip_values.h"

static const struct {
  const char *name, *label;
} NAMES[ROLE_COUNT] = {
#define ROLE_NAMES(id, name, label) {name, label},
  ROLES(ROLE_NAMES)
#undef ROLE_NAMES
};

const char *role_name(RoleKind kind)
{
  return kind < ROLE_COUNT ? NAMES[kind].name : NULL;
}

const char *role_label(RoleKind kind)
{
  return kind < ROLE_COUNT ? NAMES[kind].label : NULL;
}

typedef struct {
  const Forwarding *forwarding;
  Arena *arena;
  RoleList *roles;
} RoleFinder;

const Role *role_list_find(const RoleList *roles, uint32_t endpoint)
{
  for (size_t i = 0; i < roles->count; i++)
    if (roles->items[i].endpoint == endpoint)
      return &roles->items[i];
  return NULL;
}

/* Its place in the list, made when it has none; NULL when the list is full. */
static Role *role_at(RoleList *roles, uint32_t endpoint)
{
  const Role *known = role_list_find(roles, endpoint);

  if (known)
    return &roles->items[known - roles->items];
  if (roles->count == ROLES_MAX)
    return NULL;
  Role *role = &roles->items[roles->count++];
  *role = (Role){.endpoint = endpoint, .kind = ROLE_COUNT};
  return role;
}

static void prove(Role *role, const ReadMessage *read)
{
  if (read && role->message_count < ROLE_EVIDENCE_MAX)
    role->messages[role->message_count++] = read->message->number;
}

/* Takes the role unless the endpoint has one that goes before it; `why` is copied.  NULL then. */
static Role *take_role(const RoleFinder *finder, uint32_t endpoint, RoleKind kind, const char *why)
{
  Role *role = role_at(finder->roles, endpoint);

  if (!role || role->kind <= kind)
    return NULL;
  role->kind = kind;
  role->why = arena_copy(finder->arena, why, strlen(why) + 1);
  role->message_count = 0;
  return role;
}

static const char *method_name(const RoleFinder *finder, const Branch *branch)
{
  Slice name =
    trace_method_name(finder->forwarding->reading->trace, branch->request->message->method);
  char *text = arena_alloc0(finder->arena, name.len + 1);

  memcpy(text, name.data, name.len);
  return text;
}

/* --- elements that pass requests on --- */

/* Does a session description name the host that sent it for media? */
static bool has_own_media(const RoleFinder *finder, const ReadMessage *read)
{
  const Endpoint *src = trace_endpoint(finder->forwarding->reading->trace, read->message->src);
  Slice rest = sip_msg_sdp(read_message_sip(read));
  char text[ENDPOINT_TEXT_MAX];
  Slice own = slice_from_string(endpoint_format_address(src, text));

  while (rest.len > 0) {
    Slice line = slice_take_line(&rest);
    if (!slice_starts_with(line, SLICE("c=")))
      continue;
    while (line.len > 0)
      if (slice_eq(slice_cut(&line, ' '), own))
        return true;
  }
  return false;
}

static bool has_sdp_change(const HopChanges *changes)
{
  for (size_t i = 0; i < changes->count; i++)
    if (changes->items[i].place == HOP_OF_SDP)
      return true;
  return false;
}

/* Did it send the request again when what it had received was not sent again: on a timer of its
 * own (RFC 3261 16.2)? */
static bool resends_alone(const RoleFinder *finder, const Branch *parent, const Branch *child)
{
  const CallReading *reading = finder->forwarding->reading;
  unsigned received = 0, sent = 0;

  for (size_t i = 0; i < reading->count; i++) {
    const Message *m = reading->items[i].message;
    if (!message_is_request(m) || m->method == SIP_METHOD_ACK)
      continue;
    received += m->transaction == parent->transaction;
    sent += m->transaction == child->transaction;
  }
  return sent > received;
}

static void add_proxy(const RoleFinder *finder, const Branch *parent, const Branch *child,
                      const HopChanges *changes)
{
  bool in_path = sip_msg_count_values(read_message_sip(child->request), SIP_HEADER_RECORD_ROUTE) >
                 sip_msg_count_values(read_message_sip(parent->request), SIP_HEADER_RECORD_ROUTE);
  bool says_trying = parent->trying && parent->trying->message->src == parent->to;
  bool is_stateful = says_trying || resends_alone(finder, parent, child);
  g_autoptr(GString) why = g_string_new(NULL);

  g_string_printf(why, _("forwards the %s with a Via of its own on top"),
                  method_name(finder, child));
  if (in_path)
    g_string_append(why, _("; stays in the path of the dialog (Record-Route)"));
  if (is_stateful)
    g_string_append_printf(why, _("; stateful (%s)"),
                           says_trying ? _("answers 100 itself") : _("sends again on its own"));
  if (has_sdp_change(changes))
    g_string_append(why, _("; rewrites the session description"));
  if (hop_changes_of(changes, SIP_HEADER_CONTACT))
    g_string_append(why, _("; rewrites Contact"));
  const uint32_t ends[] = {parent->to, child->from};
  for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
    Role *role = take_role(finder, ends[i], ROLE_PROXY, why->str);
    if (role) {
      prove(role, parent->request);
      prove(role, child->request);
    }
  }
}

/* A client and server in one: same Call-ID, but a Via stack of its own. */
static void add_b2bua(const RoleFinder *finder, const Branch *parent, const Branch *child,
                      const HopChanges *changes)
{
  bool is_alg = slice_eq(read_message_sip(parent->request)->via_branch,
                         read_message_sip(child->request)->via_branch);
  bool is_sbc = !is_alg && has_sdp_change(changes) && has_own_media(finder, child->request);
  RoleKind kind = is_alg ? ROLE_ALG : is_sbc ? ROLE_SBC : ROLE_B2BUA;
  g_autofree char *why =
    is_alg ? g_strdup(_("changes the sent-by of a Via and leaves its branch"))
           : g_strdup_printf(_("sends the %s on as a client of its own, in the same Call-ID%s"),
                             method_name(finder, child),
                             is_sbc ? _(", and has the media come to itself") : "");
  const uint32_t ends[] = {parent->to, child->from};

  for (size_t i = is_alg ? 1 : 0; i < G_N_ELEMENTS(ends); i++) {
    Role *role = take_role(finder, ends[i], kind, why);
    if (role) {
      prove(role, parent->request);
      prove(role, child->request);
    }
  }
}

static void add_element(const RoleFinder *finder, const Branch *parent, const Branch *child)
{
  HopChanges changes;

  hop_changes_find(read_message_sip(parent->request), read_message_sip(child->request), &changes);
  if (child->regenerated)
    add_b2bua(finder, parent, child, &changes);
  else
    add_proxy(finder, parent, child, &changes);
}

/* --- clients and servers --- */

static void add_client(const RoleFinder *finder, const Branch *branch)
{
  bool is_first = branch->via_count == 1;
  g_autofree char *why =
    is_first
      ? g_strdup_printf(_("sends the %s with no Via but its own"), method_name(finder, branch))
      : g_strdup_printf(_("sends the %s with %u Vias below its own"), method_name(finder, branch),
                        branch->via_count - 1U);
  Role *role = branch->via_count == 0
                 ? NULL
                 : take_role(finder, branch->from, is_first ? ROLE_UAC : ROLE_PROXY, why);

  if (role)
    prove(role, branch->request);
}

static RoleKind server_kind(const Branch *branch)
{
  unsigned status = branch_status(branch);

  if (status == 407)
    return ROLE_PROXY; /* RFC 3261 22.3 */
  if (status / 100 == 3 && read_message_sip(branch->final)->contact.len > 0)
    return ROLE_REDIRECT;
  if (status / 100 == 2 && branch->request->message->method == SIP_METHOD_REGISTER)
    return ROLE_REGISTRAR;
  return ROLE_UAS;
}

static void add_server(const RoleFinder *finder, const Branch *branch)
{
  const ReadMessage *response = branch->final ? branch->final : branch->provisional;

  if (!response || response->message->src != branch->to)
    return;
  g_autofree char *why = g_strdup_printf(_("answers the %s with %u"), method_name(finder, branch),
                                         response->message->status);
  Role *role = take_role(finder, branch->to, server_kind(branch), why);
  if (role) {
    prove(role, branch->request);
    prove(role, response);
  }
}

/* --- all of them --- */

static bool begins_call(const Forwarding *forwarding, const Branch *branch)
{
  const Message *request = branch->request->message;

  return request->method == forwarding->reading->call->method &&
         !(request->flags & MESSAGE_HAS_TO_TAG);
}

/* Elements first: what forwards requests may also refuse some. */
static void find_roles(const RoleFinder *finder, bool of_elements)
{
  for (size_t i = 0; i < finder->forwarding->count; i++) {
    const Branch *branch = &finder->forwarding->branches[i];
    if (!begins_call(finder->forwarding, branch))
      continue;
    (void) role_at(finder->roles, branch->from);
    (void) role_at(finder->roles, branch->to);
    if (of_elements && branch->parent)
      add_element(finder, branch->parent, branch);
    if (!of_elements && !branch->parent)
      add_client(finder, branch);
    if (!of_elements && !branch->children)
      add_server(finder, branch);
  }
}

void roles_of(const Forwarding *forwarding, Arena *arena, RoleList *ret_roles)
{
  const RoleFinder finder = {forwarding, arena, ret_roles};
  size_t kept = 0;

  ret_roles->count = 0;
  find_roles(&finder, true);
  find_roles(&finder, false);
  for (size_t i = 0; i < ret_roles->count; i++) {
    const Role *role = &ret_roles->items[i];
    if (role->kind != ROLE_COUNT &&
        endpoint_is_known(trace_endpoint(forwarding->reading->trace, role->endpoint)))
      ret_roles->items[kept++] = *role;
  }
  ret_roles->count = kept;
}
