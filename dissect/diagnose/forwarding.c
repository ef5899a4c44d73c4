#include "dissect/diagnose/forwarding.h"

#include "capture/hash.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_equal.h"
#include "dissect/sip/sip_values.h"

#define MS INT64_C(1000000)

enum {
  VIAS_MAX = 128,       /* of one request; those with more are not linked */
  SAME_KEY_MAX = 8,     /* branches with the same Via stack that are searched for a parent */
  BACK_MAX = 64,        /* branches before one that are compared with it */
  SILENT_MS = 1500,     /* a branch without any response for so long may have been given up */
  REGENERATED_MS = 500, /* a B2BUA goes on within that, when it has answered meanwhile */
};

/* What the tree is built with. */
typedef struct {
  Forwarding *forwarding;
  GHashTable *by_stack; /* Branch.vias -> Branch, the newest; NULL: no request has two Vias */
} Builder;

/* --- Via stacks --- */

/* sent-by and branch: what the receivers of a request do not change. */
static uint64_t via_hash(Slice value, uint64_t below, uint64_t seed)
{
  SipVia via;
  char lower[256];

  if (!sip_via_parse(value, &via))
    return hash_bytes(value.data, value.len, seed + below);
  size_t len = MIN(via.host.len, sizeof lower);
  for (size_t i = 0; i < len; i++)
    lower[i] = g_ascii_tolower(via.host.data[i]);
  uint64_t port = via.port > 0 ? via.port : 5060;
  const uint64_t words[] = {below, port, hash_bytes(lower, len, seed),
                            hash_bytes(via.branch.data, via.branch.len, seed)};
  return hash_bytes(words, sizeof words, seed);
}

/* The values of all Via rows, the topmost first; 0 of a message with more than VIAS_MAX.  Header
 * fields after the last Via are not looked at. */
static size_t list_vias(const SipMsg *sip, Slice ret_values[VIAS_MAX])
{
  size_t wanted = sip->via_count <= VIAS_MAX ? sip->via_count : 0, count = 0;
  SipHeaderIter iter;
  SipHeaderRow row;

  if (wanted == 1) {
    ret_values[0] = sip->via;
    return 1;
  }
  iter = sip_header_iter_of(sip, &(SipHeader){SIP_HEADER_VIA}, 1);
  while (count < wanted && sip_header_next(&iter, &row)) {
    SipListIter list = sip_list(row.value);
    Slice value;
    while (count < wanted && sip_list_next(&list, &value))
      if (value.len > 0) /* as SipMsg.via_count counts */
        ret_values[count++] = value;
  }
  return count;
}

/* Hashes of the stack and of what remains of it without its first values; 0 without any. */
static size_t hash_stack(const SipMsg *sip, uint64_t seed, uint64_t ret_hashes[VIAS_MAX])
{
  Slice values[VIAS_MAX];
  size_t count = list_vias(sip, values);
  uint64_t below = 0;

  for (size_t i = count; i-- > 0;)
    ret_hashes[i] = below = via_hash(values[i], below, seed);
  return count;
}

uint64_t forwarding_hash_vias(const Forwarding *forwarding, const SipMsg *sip)
{
  uint64_t hashes[VIAS_MAX];

  return hash_stack(sip, forwarding->seed, hashes) > 0 ? hashes[0] : 0;
}

/* --- branches --- */

static uint16_t method_of(const Branch *branch)
{
  return branch->request->message->method;
}

static bool is_initial(const Branch *branch)
{
  return !(branch->request->message->flags & MESSAGE_HAS_TO_TAG);
}

static int64_t sent_at(const Branch *branch)
{
  return branch->request->message->time_ns;
}

static bool at_same_host(const Builder *builder, uint32_t a, uint32_t b)
{
  const Trace *trace = builder->forwarding->reading->trace;

  return a == b || is_same_host(trace_endpoint(trace, a), trace_endpoint(trace, b));
}

/* Requests of one method and CSeq from one From tag: the same one on several hops. */
static bool is_same_request(const Branch *a, const Branch *b)
{
  return method_of(a) == method_of(b) && a->request->message->cseq == b->request->message->cseq &&
         a->transaction->from_tag == b->transaction->from_tag;
}

/* The trace knows it, mostly. */
static uint16_t count_vias(const ReadMessage *request)
{
  const Transaction *t = request->message->transaction;

  if (t->request == request->message && t->via_count != UINT16_MAX)
    return t->via_count;
  return (uint16_t) MIN(read_message_sip(request)->via_count, UINT16_MAX);
}

static void add_branch(Builder *builder, const ReadMessage *request)
{
  Forwarding *forwarding = builder->forwarding;
  Branch *branch = &forwarding->branches[forwarding->count++];

  *branch = (Branch){
    .transaction = request->message->transaction,
    .request = request,
    .from = request->message->src,
    .to = request->message->dst,
    .via_count = count_vias(request),
  };
  g_hash_table_insert(forwarding->by_transaction, request->message->transaction, branch);
}

static void add_response(Branch *branch, const ReadMessage *response)
{
  unsigned status = response->message->status;

  if (status == 100 && !branch->trying)
    branch->trying = response;
  else if (status > 100 && status < 200 && !branch->provisional)
    branch->provisional = response;
  else if (status >= 200 &&
           (!branch->final || (status < 300 && branch->final->message->status >= 300)))
    branch->final = response;
}

/* Later copies of a request, and responses before their request was seen, change nothing. */
static void collect(Builder *builder)
{
  Forwarding *forwarding = builder->forwarding;
  const CallReading *reading = forwarding->reading;

  for (size_t i = 0; i < reading->count; i++) {
    const ReadMessage *read = &reading->items[i];
    const Transaction *t = read->message->transaction;
    Branch *branch = g_hash_table_lookup(forwarding->by_transaction, t);
    if (message_is_request(read->message)) {
      if (!branch)
        add_branch(builder, read);
    } else if (branch && read->message->method == method_of(branch)) {
      add_response(branch, read);
    }
  }
}

/* --- parents --- */

static Branch *find_by_stack(const Builder *builder, const Branch *child, uint64_t stack)
{
  Branch *found = g_hash_table_lookup(builder->by_stack, &stack), *any = NULL;
  unsigned walked = 0;

  /* Branches of one stack follow each other by `sibling` until they get their parents. */
  for (; found && walked++ < SAME_KEY_MAX; found = found->sibling)
    if (is_same_request(found, child)) {
      if (found < child)
        return found;
      any = found;
    }
  return any;
}

/* RFC 3261 16.6: the rest of the stack, below the Vias of the elements in between. */
static Branch *find_parent(const Builder *builder, const Branch *child, uint16_t *ret_hidden)
{
  uint64_t hashes[VIAS_MAX];

  if (child->via_count < 2)
    return NULL;
  size_t count = hash_stack(read_message_sip(child->request), builder->forwarding->seed, hashes);
  for (size_t i = 1; i < count; i++) {
    Branch *parent = find_by_stack(builder, child, hashes[i]);
    if (parent) {
      *ret_hidden = (uint16_t) (i - 1);
      return parent;
    }
  }
  return NULL;
}

/* Was it passed on by an element that changed the sent-by of the Via and added none: an ALG? */
static bool is_rewritten(const Branch *before, const Branch *after)
{
  if (!is_same_request(before, after) || before->via_count != after->via_count ||
      before->from == after->from)
    return false;
  const SipMsg *a = read_message_sip(before->request), *b = read_message_sip(after->request);
  return sip_branch_is_rfc3261(a->via_branch) && slice_eq(a->via_branch, b->via_branch) &&
         !slice_eq_nocase(a->via_sent_by, b->via_sent_by);
}

/* Does a B2BUA that keeps the Call-ID go on with `after`? */
static bool is_continued(const Builder *builder, const Branch *before, const Branch *after)
{
  if (method_of(before) != method_of(after) || is_initial(before) != is_initial(after) ||
      !at_same_host(builder, before->to, after->from))
    return false;
  if (at_same_host(builder, before->from, after->to) && !is_initial(after))
    return false; /* requests that cross */
  const SipMsg *a = read_message_sip(before->request), *b = read_message_sip(after->request);
  if (!slice_eq(a->call_id, b->call_id))
    return false; /* a query of GB/T 28181 and its answer */
  if (slice_eq(a->via_branch, b->via_branch))
    return false;
  int64_t ended_ns = before->final ? before->final->message->time_ns : INT64_MAX;
  return sent_at(after) <= ended_ns || sent_at(after) - sent_at(before) < REGENERATED_MS * MS;
}

static Branch *find_regenerated(const Builder *builder, Branch *child)
{
  Branch *first = builder->forwarding->branches;

  for (Branch *b = child; b > first && child - b < BACK_MAX;) {
    b--;
    if (is_rewritten(b, child) || is_continued(builder, b, child))
      return b;
  }
  return NULL;
}

/* Only a request with more than one Via is looked for in the others. */
static void enter_stacks(Builder *builder)
{
  Forwarding *forwarding = builder->forwarding;
  bool is_looked_up = false;

  for (size_t i = 0; i < forwarding->count; i++)
    is_looked_up |= forwarding->branches[i].via_count > 1;
  if (!is_looked_up)
    return;
  builder->by_stack = g_hash_table_new(g_int64_hash, g_int64_equal);
  for (size_t i = 0; i < forwarding->count; i++) {
    Branch *branch = &forwarding->branches[i];
    branch->vias = forwarding_hash_vias(forwarding, read_message_sip(branch->request));
    branch->sibling = g_hash_table_lookup(builder->by_stack, &branch->vias);
    g_hash_table_replace(builder->by_stack, &branch->vias, branch);
  }
}

static void find_parents(Builder *builder)
{
  Forwarding *forwarding = builder->forwarding;

  enter_stacks(builder);
  for (size_t i = 0; i < forwarding->count; i++) {
    Branch *branch = &forwarding->branches[i];
    if (method_of(branch) == SIP_METHOD_CANCEL)
      continue; /* hop by hop (RFC 3261 9.1) */
    branch->parent = find_parent(builder, branch, &branch->hidden);
    if (!branch->parent && branch->via_count == 1) {
      branch->parent = find_regenerated(builder, branch);
      branch->regenerated = branch->parent != NULL;
    }
  }
  for (size_t i = 0; i < forwarding->count; i++)
    forwarding->branches[i].sibling = NULL;
}

static void link_children(Forwarding *forwarding)
{
  for (size_t i = 0; i < forwarding->count; i++) {
    Branch *branch = &forwarding->branches[i], *parent = branch->parent;
    if (!parent)
      continue;
    branch->before = parent->last_child;
    if (parent->last_child)
      parent->last_child->sibling = branch;
    else
      parent->children = branch;
    parent->last_child = branch;
  }
}

/* A parent may come later in the capture: the clocks of two taps differ. */
static void count_depths(Forwarding *forwarding)
{
  for (size_t i = 0; i < forwarding->count; i++) {
    unsigned depth = 0;
    for (const Branch *b = forwarding->branches[i].parent; b && depth < VIAS_MAX; b = b->parent)
      depth++;
    forwarding->branches[i].depth = (uint16_t) depth;
  }
}

/* --- searches --- */

/* Clients drop and add parameters of a Contact. */
static bool is_same_target(Slice a, Slice b)
{
  SipUri x, y;

  if (!sip_uri_parse(a, &x) || !sip_uri_parse(b, &y) || x.kind == SIP_URI_OTHER)
    return slice_eq(a, b);
  return slice_eq(x.user, y.user) && slice_eq_nocase(x.host, y.host);
}

static bool redirects_to(const SipMsg *response, Slice uri)
{
  SipHeaderIter iter = sip_header_iter_of(response, &(SipHeader){SIP_HEADER_CONTACT}, 1);
  SipHeaderRow row;

  while (sip_header_next(&iter, &row)) {
    SipListIter list = sip_list(row.value);
    Slice value;
    while (sip_list_next(&list, &value))
      if (is_same_target(sip_addr_parse(value).uri, uri))
        return true;
  }
  return false;
}

static bool had_any_response(const Branch *branch, int64_t by_ns)
{
  return (branch->trying && branch->trying->message->time_ns <= by_ns) ||
         (branch->provisional && branch->provisional->message->time_ns <= by_ns);
}

/* Request-URIs with equal hashes need not be read and compared. */
static bool has_same_uri(const Branch *a, const Branch *b)
{
  const Transaction *x = a->transaction, *y = b->transaction;

  return (x->request == a->request->message && y->request == b->request->message &&
          x->uri == y->uri) ||
         sip_uri_equal(read_message_sip(a->request)->uri, read_message_sip(b->request)->uri);
}

static BranchOrder order_after(const Branch *before, const Branch *branch)
{
  int64_t now_ns = sent_at(branch);
  bool has_ended = before->final && before->final->message->time_ns <= now_ns;

  if (has_ended && branch_status(before) / 100 == 3 &&
      redirects_to(read_message_sip(before->final), read_message_sip(branch->request)->uri))
    return BRANCH_RECURSION;
  if (has_ended)
    return has_same_uri(before, branch) ? BRANCH_RETRY : BRANCH_SEQUENTIAL;
  if (before->cancel && sent_at(before->cancel) <= now_ns)
    return BRANCH_SEQUENTIAL;
  if (!had_any_response(before, now_ns) && now_ns - sent_at(before) >= SILENT_MS * MS)
    return BRANCH_SEQUENTIAL;
  return BRANCH_PARALLEL;
}

/* A recursing client may follow any of the responses before. */
static BranchOrder order_among(const Branch *branch)
{
  unsigned walked = 0;

  for (const Branch *b = branch->before; b && walked++ < BACK_MAX; b = b->before)
    if (order_after(b, branch) == BRANCH_RECURSION)
      return BRANCH_RECURSION;
  return order_after(branch->before, branch);
}

/* A client's try before it, unless that one was answered. */
static const Branch *find_earlier_try(const Builder *builder, const Branch *branch)
{
  const Branch *first = builder->forwarding->branches;

  for (const Branch *b = branch; b > first && branch - b < BACK_MAX;) {
    b--;
    if (!b->parent && is_initial(b) && method_of(b) == method_of(branch) &&
        at_same_host(builder, b->from, branch->from) &&
        b->transaction->from_tag == branch->transaction->from_tag)
      return branch_status(b) / 100 == 2 ? NULL : b;
  }
  return NULL;
}

static void find_orders(const Builder *builder)
{
  for (size_t i = 0; i < builder->forwarding->count; i++) {
    Branch *branch = &builder->forwarding->branches[i];
    uint16_t method = method_of(branch);
    if (!branch->parent && is_initial(branch) && method != SIP_METHOD_CANCEL &&
        method != SIP_METHOD_ACK)
      branch->before = find_earlier_try(builder, branch);
    if (branch->before)
      branch->order = (uint8_t) order_among(branch);
  }
}

/* RFC 3261 9.1: a CANCEL has the top Via of its INVITE, and no other. */
static bool cancels(const Branch *cancel, const Branch *invite)
{
  return method_of(invite) == SIP_METHOD_INVITE && invite->from == cancel->from &&
         cancel->request->message->cseq == invite->request->message->cseq &&
         slice_eq(read_message_sip(cancel->request)->via_branch,
                  read_message_sip(invite->request)->via_branch);
}

static void find_cancels(Forwarding *forwarding)
{
  for (size_t i = 0; i < forwarding->count; i++) {
    const Branch *cancel = &forwarding->branches[i];
    size_t walked = 0;
    if (method_of(cancel) != SIP_METHOD_CANCEL)
      continue;
    while (walked < MIN(i, (size_t) BACK_MAX)) {
      Branch *invite = &forwarding->branches[i - ++walked];
      if (cancels(cancel, invite)) {
        invite->cancel = cancel;
        break;
      }
    }
  }
}

/* RFC 3261 16.7: which of them was passed on. */
static void find_chosen(Forwarding *forwarding)
{
  for (size_t i = 0; i < forwarding->count; i++) {
    Branch *parent = &forwarding->branches[i];
    for (const Branch *child = parent->children; child && parent->final; child = child->sibling) {
      bool is_same = branch_status(child) == branch_status(parent) &&
                     (child->regenerated || slice_eq(read_message_sip(child->final)->to_tag,
                                                     read_message_sip(parent->final)->to_tag));
      if (is_same)
        parent->chosen = child;
    }
  }
}

/* --- loops, spirals, merged requests --- */

static bool is_steered_alike(const SipMsg *a, const SipMsg *b)
{
  return sip_uri_equal(a->uri, b->uri) && sip_header_equal(a, b, SIP_HEADER_ROUTE) &&
         sip_header_equal(a, b, SIP_HEADER_PROXY_REQUIRE) &&
         sip_header_equal(a, b, SIP_HEADER_PROXY_AUTHORIZATION);
}

static void find_turn(Branch *branch)
{
  unsigned walked = 0;

  for (const Branch *b = branch; b->parent && !b->regenerated && walked++ < VIAS_MAX;) {
    b = b->parent;
    if (b->to == branch->to && b->from != branch->from) {
      bool is_alike =
        is_steered_alike(read_message_sip(b->request), read_message_sip(branch->request));
      branch->turn = is_alike ? BRANCH_LOOP : BRANCH_SPIRAL;
      branch->earlier = b;
      return;
    }
  }
}

static bool is_below(const Branch *branch, const Branch *above)
{
  unsigned walked = 0;

  for (const Branch *b = branch; b && walked++ < VIAS_MAX; b = b->parent)
    if (b == above)
      return true;
  return false;
}

/* RFC 3261 8.2.2.2: on two ways that were open at the same time. */
static void find_merged(const Forwarding *forwarding, Branch *branch)
{
  for (const Branch *b = branch; b > forwarding->branches && branch - b < BACK_MAX;) {
    b--;
    bool is_open = !b->final || b->final->message->time_ns > sent_at(branch);
    if (b->to == branch->to && b->from != branch->from && is_open && is_same_request(b, branch) &&
        is_initial(branch) &&
        sip_uri_equal(read_message_sip(b->request)->uri, read_message_sip(branch->request)->uri) &&
        !is_below(branch, b) && !is_below(b, branch)) {
      branch->merged = b;
      return;
    }
  }
}

static void find_turns(Forwarding *forwarding)
{
  for (size_t i = 0; i < forwarding->count; i++) {
    Branch *branch = &forwarding->branches[i];
    find_turn(branch);
    if (branch->parent && !branch->regenerated && branch->turn == BRANCH_STRAIGHT)
      find_merged(forwarding, branch);
  }
}

/* --- all of it --- */

Forwarding forwarding_of(const CallReading *reading, Arena *arena)
{
  Forwarding forwarding = {
    .reading = reading,
    .branches = arena_alloc0(arena, reading->count * sizeof(Branch)),
    .by_transaction = g_hash_table_new(NULL, NULL),
    .seed = hash_seed_new(),
  };
  Builder builder = {
    .forwarding = &forwarding,
  };

  collect(&builder);
  find_parents(&builder);
  link_children(&forwarding);
  count_depths(&forwarding);
  find_cancels(&forwarding);
  find_orders(&builder);
  find_chosen(&forwarding);
  find_turns(&forwarding);
  g_clear_pointer(&builder.by_stack, g_hash_table_unref);
  return forwarding;
}

void forwarding_clear(Forwarding *forwarding)
{
  g_clear_pointer(&forwarding->by_transaction, g_hash_table_unref);
}

const Branch *forwarding_branch(const Forwarding *forwarding, const Message *message)
{
  return g_hash_table_lookup(forwarding->by_transaction, message->transaction);
}

/* The newest response of a child that `response` may have been made from. */
static const ReadMessage *previous_response(const Forwarding *forwarding, const Branch *branch,
                                            const ReadMessage *response)
{
  const CallReading *reading = forwarding->reading;
  const ReadMessage *found = NULL;

  for (size_t i = 0; i < reading->count; i++) {
    const ReadMessage *read = &reading->items[i];
    if (read->message->status != response->message->status || read == response)
      continue;
    const Branch *child = forwarding_branch(forwarding, read->message);
    if (child && child->parent == branch && read->message->status > 100 &&
        (child->regenerated ||
         slice_eq(read_message_sip(read)->to_tag, read_message_sip(response)->to_tag)) &&
        (!found || read->message->time_ns <= response->message->time_ns))
      found = read;
  }
  return found;
}

const ReadMessage *forwarding_previous(const Forwarding *forwarding, const Message *message)
{
  const Branch *branch = forwarding_branch(forwarding, message);
  const ReadMessage *read = call_reading_find(forwarding->reading, message);

  if (!branch || !read || message->method != method_of(branch))
    return NULL;
  if (message_is_request(message))
    return branch->parent ? branch->parent->request : NULL;
  return previous_response(forwarding, branch, read);
}
