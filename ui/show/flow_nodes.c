#include "ui/show/flow_nodes.h"

#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_values.h"

enum {
  LOOKS_MAX = 4,         /* messages read for what they say of one endpoint */
  LATE_MAX = 64,         /* endpoints that may change their node after they had one */
  NONE = FLOW_NODES_MAX, /* no index */
  SCRATCH_FIRST = 4096,
};

/* What is known of the port that an endpoint listens on.  Stronger claims are greater. */
typedef enum {
  CLAIM_NONE,
  CLAIM_NAME,    /* sent-by with a host name, which may stand for its address */
  CLAIM_FOREIGN, /* sent-by with another address: before NAT */
  CLAIM_CONTACT, /* of a response */
  CLAIM_OWN,     /* sent-by or Contact with its own address */
  CLAIM_SETTLED, /* it exchanged messages with the endpoint that it claims to be */
} ClaimKind;

typedef struct {
  ClaimKind kind;
  uint16_t port;
  uint32_t host; /* hash of a host that is not its address, or 0 */
} Claim;

typedef struct {
  uint32_t id; /* of the trace */
  Endpoint endpoint;
  uint16_t host; /* index of the first one with the same address */
  uint16_t next; /* with the same address, or NONE */
  uint16_t first, name;
  uint8_t looks;
  bool connects; /* the first message was a request that it sent on a connection */
  bool accepts;  /* ... that it received */
  bool local;    /* it exchanged messages with another one of its address: several nodes there */
  Claim claim;
  uint16_t contact; /* a port where it listens, too, or 0 */
  int64_t key;      /* of its node, among those of the host */
} Node;

struct FlowNodes {
  const Trace *trace;
  const StoreSet *stores;
  GHashTable *ids;          /* of the trace -> index + 1 */
  EndpointTable *hosts;     /* with port 0 -> index of the first one */
  EndpointTable *endpoints; /* -> index */
  GHashTable *firsts;       /* while the nodes of a host are found: Node.key -> index + 1 */
  GArray *nodes;            /* Node, in order of appearance */
  unsigned late;
  Arena scratch;
};

FlowNodes *flow_nodes_new(const Trace *trace, const StoreSet *stores)
{
  FlowNodes *nodes = g_new0(FlowNodes, 1);

  nodes->trace = trace;
  nodes->stores = stores;
  nodes->ids = g_hash_table_new(NULL, NULL);
  nodes->hosts = endpoint_table_new(NULL);
  nodes->endpoints = endpoint_table_new(NULL);
  nodes->firsts = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, NULL);
  nodes->nodes = g_array_new(FALSE, FALSE, sizeof(Node));
  arena_init(&nodes->scratch, SCRATCH_FIRST);
  return nodes;
}

void flow_nodes_free(FlowNodes *nodes)
{
  if (!nodes)
    return;
  g_hash_table_unref(nodes->ids);
  endpoint_table_free(nodes->hosts);
  endpoint_table_free(nodes->endpoints);
  g_hash_table_unref(nodes->firsts);
  g_array_unref(nodes->nodes);
  arena_clear(&nodes->scratch);
  g_free(nodes);
}

/* Valid until the next one is added. */
static Node *node_at(const FlowNodes *nodes, size_t index)
{
  return &g_array_index(nodes->nodes, Node, index);
}

static Node *find_node(const FlowNodes *nodes, uint32_t id)
{
  guint place = GPOINTER_TO_UINT(g_hash_table_lookup(nodes->ids, GUINT_TO_POINTER(id)));

  return place > 0 ? node_at(nodes, place - 1) : NULL;
}

static bool find_endpoint(const FlowNodes *nodes, const Endpoint *endpoint, uint16_t *ret_index)
{
  void *found;

  if (!endpoint_table_find(nodes->endpoints, endpoint, &found))
    return false;
  *ret_index = (uint16_t) GPOINTER_TO_UINT(found);
  return true;
}

/* Unless it is there, or there are too many. */
static void add_endpoint_node(FlowNodes *nodes, uint32_t id)
{
  uint16_t index = (uint16_t) nodes->nodes->len;
  void *host;

  if (index >= FLOW_NODES_MAX || find_node(nodes, id))
    return;
  Node node = {
    .id = id,
    .endpoint = *trace_endpoint(nodes->trace, id),
    .host = index,
    .next = NONE,
    .first = index,
    .name = index,
  };
  Endpoint address = node.endpoint;
  address.port = 0;
  if (endpoint_table_find(nodes->hosts, &address, &host)) {
    node.host = (uint16_t) GPOINTER_TO_UINT(host);
    uint16_t last = node.host; /* in order of appearance */
    while (node_at(nodes, last)->next != NONE)
      last = node_at(nodes, last)->next;
    node_at(nodes, last)->next = index;
  } else {
    endpoint_table_set(nodes->hosts, &address, GUINT_TO_POINTER((guint) index));
  }
  g_array_append_val(nodes->nodes, node);
  g_hash_table_insert(nodes->ids, GUINT_TO_POINTER(id), GUINT_TO_POINTER(index + 1U));
  endpoint_table_set(nodes->endpoints, &node.endpoint, GUINT_TO_POINTER((guint) index));
}

/* --- what messages say --- */

static uint16_t usual_port(const Message *message)
{
  switch ((Transport) message->transport) {
  case TRANSPORT_TLS:
    return 5061; /* RFC 3261 18.2.2, 19.1.2 */
  case TRANSPORT_WS:
    return 80;
  case TRANSPORT_WSS:
    return 443;
  case TRANSPORT_UDP:
  case TRANSPORT_TCP:
  case TRANSPORT_SCTP:
  case TRANSPORT_COUNT:
    break;
  }
  return 5060;
}

static bool is_same_address(const Endpoint *a, const Endpoint *b)
{
  return a->family == b->family && memcmp(a->address, b->address, sizeof a->address) == 0;
}

/* Without the brackets of an IPv6 address. */
static bool parse_host(Slice host, Endpoint *ret_endpoint)
{
  if (host.len > 2 && host.data[0] == '[' && host.data[host.len - 1] == ']')
    host = slice_of(host.data + 1, host.len - 2);
  return endpoint_parse(host, 0, ret_endpoint);
}

static uint32_t hash_host(Slice host)
{
  uint32_t hash = 2166136261U; /* FNV-1a */

  for (size_t i = 0; i < host.len; i++)
    hash = (hash ^ (uint8_t) g_ascii_tolower(host.data[i])) * 16777619U;
  return hash | 1; /* 0 is its own address */
}

static void put_claim(Node *node, Claim claim)
{
  if (claim.kind > node->claim.kind)
    node->claim = claim;
}

/* RFC 3261 18.1.1: where the client listens for responses. */
static void note_via(Node *node, const Message *message, const SipMsg *sip)
{
  Endpoint address;
  SipVia via;

  if (!sip_via_parse(sip->via, &via) || via.bad_sent_by || via.host.len == 0)
    return;
  Claim claim = {CLAIM_OWN, via.port > 0 ? via.port : usual_port(message), 0};
  bool literal = parse_host(via.host, &address);
  if (!literal || !is_same_address(&address, &node->endpoint)) {
    if (!transport_is_stream((Transport) message->transport))
      return;
    claim.kind = literal ? CLAIM_FOREIGN : CLAIM_NAME;
    claim.host = hash_host(via.host);
    Slice end = slice_from(via.host, via.host.len - MIN(via.host.len, strlen(".invalid")));
    if (slice_eq_nocase(end, SLICE(".invalid"))) /* RFC 7118 5.2.1: a client that does not listen */
      claim = (Claim){CLAIM_FOREIGN, 0, claim.host};
  }
  put_claim(node, claim);
}

static void note_contact(Node *node, const Message *message, const SipMsg *sip, ClaimKind kind)
{
  SipListIter values = sip_list(sip->contact);
  Endpoint address;
  Slice value;
  SipUri uri;

  if (!sip_list_next(&values, &value) || !sip_uri_parse(sip_addr_parse(value).uri, &uri) ||
      !parse_host(uri.host, &address) || !is_same_address(&address, &node->endpoint))
    return;
  Claim claim = {kind, uri.port > 0 ? uri.port : usual_port(message), 0};
  put_claim(node, claim);
  if (kind == CLAIM_OWN)
    node->contact = claim.port;
}

static bool is_worth_reading(const Node *node, ClaimKind most)
{
  return node && node->looks < LOOKS_MAX && node->claim.kind < most;
}

/* Reads a message for what it says of its sender, and of the receiver if it is a response. */
static void read_message(FlowNodes *nodes, const Message *message, Node *from, Node *to)
{
  bool request = message_is_request(message);
  bool stream = transport_is_stream((Transport) message->transport);
  bool tells_from =
    is_worth_reading(from, request ? CLAIM_OWN : CLAIM_CONTACT) && (request || stream);
  bool tells_to = !request && is_worth_reading(to, CLAIM_OWN);
  SipMsg sip;

  if (!tells_from && !tells_to)
    return;
  if (tells_from)
    from->looks++;
  if (tells_to)
    to->looks++;
  arena_reset(&nodes->scratch);
  if (!message_load(message, nodes->stores, &nodes->scratch, &sip, NULL))
    return;
  if (tells_to)
    note_via(to, message, &sip);
  if (tells_from && request)
    note_via(from, message, &sip);
  if (tells_from && (!request || sip.via_count == 1)) /* a proxy forwards that of the UAC */
    note_contact(from, message, &sip, request ? CLAIM_OWN : CLAIM_CONTACT);
}

/* --- nodes of one host --- */

/* The one endpoint of a host that accepts connections, or NONE. */
static uint16_t find_acceptor(const FlowNodes *nodes, uint16_t host)
{
  uint16_t found = NONE;

  for (uint16_t i = host; i != NONE; i = node_at(nodes, i)->next) {
    if (!node_at(nodes, i)->accepts)
      continue;
    if (found != NONE)
      return NONE;
    found = i;
  }
  return found;
}

/* The port that the endpoint listens on, and whether it is one of an unknown host. */
static Claim claim_of(const FlowNodes *nodes, const Node *node, uint16_t acceptor)
{
  Endpoint listener = node->endpoint;
  Claim claim = node->claim;
  uint16_t other;

  if (claim.kind == CLAIM_NONE || (node->local && claim.kind < CLAIM_OWN))
    return (Claim){.port = node->endpoint.port};
  listener.port = claim.port;
  if (claim.host != 0 && find_endpoint(nodes, &listener, &other))
    claim.host = 0;
  if (claim.host != 0 && claim.kind == CLAIM_NAME && node->connects && acceptor != NONE)
    claim = (Claim){.port = node_at(nodes, acceptor)->endpoint.port};
  return claim;
}

/* Sets the keys of the endpoints of a host: equal for those of one node. */
static void set_host_keys(FlowNodes *nodes, uint16_t host)
{
  uint16_t acceptor = find_acceptor(nodes, host), other;

  for (uint16_t i = host; i != NONE; i = node_at(nodes, i)->next) {
    Node *node = node_at(nodes, i);
    Claim claim = claim_of(nodes, node, acceptor);

    node->key = (int64_t) claim.port << 32 | claim.host;
  }
  for (uint16_t i = host; i != NONE; i = node_at(nodes, i)->next) {
    const Node *node = node_at(nodes, i);
    Endpoint listener = node->endpoint;

    listener.port = node->contact;
    if (node->contact != 0 && find_endpoint(nodes, &listener, &other) &&
        node_at(nodes, other)->claim.kind == CLAIM_NONE)
      node_at(nodes, other)->key = node->key;
  }
}

/* Finds the nodes of a host again; true if one of the endpoints before `fresh` changed its own. */
static bool find_nodes(FlowNodes *nodes, uint16_t host, size_t fresh)
{
  bool changed = false;

  set_host_keys(nodes, host);
  for (uint16_t i = host; i != NONE; i = node_at(nodes, i)->next) {
    Node *node = node_at(nodes, i);
    guint first = GPOINTER_TO_UINT(g_hash_table_lookup(nodes->firsts, &node->key));

    if (first == 0) {
      first = i + 1U;
      g_hash_table_insert(nodes->firsts, &node->key, GUINT_TO_POINTER(first));
      node->name = i;
    }
    if (node->first != first - 1) {
      changed |= i < fresh;
      node->first = (uint16_t) (first - 1);
    }
    if (node->key == (int64_t) node->endpoint.port << 32) /* it is where they listen */
      node_at(nodes, first - 1)->name = i;
  }
  g_hash_table_remove_all(nodes->firsts);
  return changed;
}

/* Neither is the other one. */
static void settle_node(Node *node)
{
  node->claim = (Claim){CLAIM_SETTLED, node->endpoint.port, 0};
  node->contact = 0;
}

bool flow_nodes_note(FlowNodes *nodes, const Message *message)
{
  size_t fresh = nodes->nodes->len;

  add_endpoint_node(nodes, message->src);
  add_endpoint_node(nodes, message->dst);
  Node *from = find_node(nodes, message->src), *to = find_node(nodes, message->dst);
  if (!from || !to || from == to || nodes->late >= LATE_MAX)
    return false;
  bool told = nodes->nodes->len > fresh;
  ClaimKind before[] = {from->claim.kind, to->claim.kind};
  if (message_is_request(message) && transport_is_stream((Transport) message->transport)) {
    from->connects |= from >= node_at(nodes, 0) + fresh;
    to->accepts |= to >= node_at(nodes, 0) + fresh;
  }
  if (from->host == to->host) {
    told |= !from->local || !to->local;
    from->local = to->local = true;
  }
  read_message(nodes, message, from, to);
  told |= before[0] != from->claim.kind || before[1] != to->claim.kind;
  bool changed = told && find_nodes(nodes, from->host, fresh);
  if (told && to->host != from->host)
    changed |= find_nodes(nodes, to->host, fresh);
  if (from->first == to->first) {
    settle_node(from);
    settle_node(to);
    changed |= find_nodes(nodes, from->host, fresh);
  }
  nodes->late += changed;
  return changed;
}

uint32_t flow_nodes_first(const FlowNodes *nodes, uint32_t id)
{
  const Node *node = find_node(nodes, id);

  return node ? node_at(nodes, node->first)->id : id;
}

uint32_t flow_nodes_name(const FlowNodes *nodes, uint32_t id)
{
  const Node *node = find_node(nodes, id);

  return node ? node_at(nodes, node_at(nodes, node->first)->name)->id : id;
}
