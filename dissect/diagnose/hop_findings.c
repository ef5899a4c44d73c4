/* What elements did to the requests that passed them: forks, spirals, merged requests,
 * Max-Forwards, changes that a proxy must not make, NAT, size and fragments. */
#include "capture/language.h"
#include "dissect/diagnose/hop_change.h"
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_values.h"

enum {
  OF_ONE_KIND = 4,       /* findings of one kind in a call; the others would say the same */
  UDP_OCTETS_MAX = 1300, /* RFC 3261 18.1.1 */
};

static bool begins(const Branch *branch)
{
  uint16_t method = branch->request->message->method;

  return !(branch->request->message->flags & MESSAGE_HAS_TO_TAG) && method != SIP_METHOD_CANCEL &&
         method != SIP_METHOD_ACK;
}

/* --- fork, spiral, merged --- */

static void add_fork(CallCase *c, const Branch *parent, FindingList *list)
{
  g_autoptr(GString) ways = g_string_new(NULL);
  unsigned count = 0;

  for (const Branch *b = parent->children; b; b = b->sibling, count++) {
    if (count >= FINDING_EVIDENCE_MAX - 1)
      continue;
    g_string_append_printf(ways, "%s%s (", count > 0 ? _(", ") : "", say_endpoint(c, b->to));
    if (b->final)
      g_string_append_printf(ways, "%u%s", branch_status(b), b->cancel ? _(", cancelled") : "");
    else
      g_string_append(ways, _("no final response"));
    g_string_append_c(ways, ')');
  }
  Finding *finding = finding_add(list, FINDING_FORK, "%s forked the %s to %u branches: %s",
                                 say_endpoint(c, parent->children->from),
                                 say_method(c, parent->request->message), count, ways->str);
  call_case_prove(finding, parent->request->message);
  for (const Branch *b = parent->children; b; b = b->sibling)
    call_case_prove(finding, b->request->message);
}

/* A parallel search: two branches that were open together. */
static void find_forks(CallCase *c, FindingList *list)
{
  const Forwarding *forwarding = &c->path->forwarding;
  unsigned found = 0;

  for (size_t i = 0; i < forwarding->count && found < OF_ONE_KIND; i++) {
    const Branch *parent = &forwarding->branches[i];
    bool is_parallel = false;
    for (const Branch *b = parent->children; b && begins(parent); b = b->sibling)
      is_parallel |= b->before && b->order == BRANCH_PARALLEL && !b->regenerated;
    if (is_parallel) {
      add_fork(c, parent, list);
      found++;
    }
  }
}

/* RFC 3261 6.  Loops are left to loop_findings_explain, which reports one that ended the call. */
static void find_turns(CallCase *c, FindingList *list)
{
  const Forwarding *forwarding = &c->path->forwarding;
  unsigned spirals = 0, merged = 0;

  for (size_t i = 0; i < forwarding->count; i++) {
    const Branch *b = &forwarding->branches[i];
    const Branch *other = b->turn == BRANCH_SPIRAL ? b->earlier : b->merged;
    if (!other || !begins(b))
      continue;
    bool is_spiral = other != b->merged;
    if ((is_spiral ? spirals++ : merged++) >= OF_ONE_KIND)
      continue;
    Finding *finding =
      is_spiral
        ? finding_add(list, FINDING_SPIRAL, "the %s came to %s again, from %s, as it was changed",
                      say_method(c, b->request->message), say_endpoint(c, b->to),
                      say_endpoint(c, b->from))
        : finding_add(list, FINDING_MERGED, "%s got the same %s on two ways, from %s and %s",
                      say_endpoint(c, b->to), say_method(c, b->request->message),
                      say_endpoint(c, other->from), say_endpoint(c, b->from));
    call_case_prove(finding, other->request->message);
    call_case_prove(finding, b->request->message);
  }
}

/* --- Max-Forwards --- */

static bool max_forwards(const ReadMessage *read, uint32_t *ret_hops)
{
  SipHeaderRow row;

  return sip_msg_find(read_message_sip(read), SIP_HEADER_MAX_FORWARDS, &row) &&
         slice_to_u32(row.value, ret_hops);
}

/* RFC 3261 16.6 step 3. */
static void find_max_forwards(CallCase *c, FindingList *list)
{
  const Forwarding *forwarding = &c->path->forwarding;
  unsigned found = 0;
  uint32_t got, sent;

  for (size_t i = 0; i < forwarding->count && found < OF_ONE_KIND; i++) {
    const Branch *b = &forwarding->branches[i];
    if (!b->parent || b->regenerated || !begins(b) || !max_forwards(b->parent->request, &got) ||
        !max_forwards(b->request, &sent) || sent < got)
      continue;
    Finding *finding =
      finding_add(list, FINDING_MAX_FORWARDS, "%s forwarded the %s with Max-Forwards %u: it was %u",
                  say_endpoint(c, b->from), say_method(c, b->request->message), sent, got);
    call_case_prove(finding, b->parent->request->message);
    call_case_prove(finding, b->request->message);
    found++;
  }
}

/* --- what a proxy must not change (RFC 3261 16.6) --- */

static bool is_forbidden(const HopChange *change)
{
  return change->place == HOP_OF_SDP || change->place == HOP_OF_BODY ||
         (change->place == HOP_OF_HEADER &&
          (change->header == SIP_HEADER_FROM || change->header == SIP_HEADER_TO ||
           change->header == SIP_HEADER_CSEQ || change->header == SIP_HEADER_CALL_ID));
}

static bool is_of_alg(const HopChange *change)
{
  return is_forbidden(change) ||
         (change->place == HOP_OF_HEADER && change->header == SIP_HEADER_CONTACT);
}

/* "From, c= (IN IP4 10.0.0.1 became IN IP4 192.0.2.1)"; "" when there is none. */
static void append_changed(const CallCase *c, const HopChanges *changes,
                           bool (*wanted)(const HopChange *change), GString *to)
{
  enum { SHOWN_MAX = 4 };
  unsigned count = 0;

  for (size_t i = 0; i < changes->count; i++) {
    const HopChange *change = &changes->items[i];
    bool has_values = change->kind == HOP_CHANGED && change->before.data && change->after.data;
    if (!wanted(change) || count++ >= SHOWN_MAX)
      continue;
    g_string_append_printf(to, "%s%s", count > 1 ? _(", ") : "", say_text(c, change->name));
    if (has_values)
      g_string_append_printf(to, _(" (%s became %s)"), say_text(c, change->before),
                             say_text(c, change->after));
  }
  if (count > SHOWN_MAX)
    g_string_append_printf(to, _(" and %u more"), count - SHOWN_MAX);
}

static bool add_header_changed(CallCase *c, const ReadMessage *before, const ReadMessage *after,
                               FindingList *list)
{
  g_autoptr(GString) what = g_string_new(NULL);
  HopChanges changes;

  hop_changes_find(read_message_sip(before), read_message_sip(after), &changes);
  append_changed(c, &changes, is_forbidden, what);
  if (what->len == 0)
    return false;
  Finding *finding =
    finding_add(list, FINDING_HEADER_CHANGED, "%s changed what a proxy must not in the %s: %s",
                say_endpoint(c, after->message->src), say_method(c, after->message), what->str);
  call_case_prove(finding, before->message);
  call_case_prove(finding, after->message);
  return true;
}

/* The way forth and back of one hop. */
static bool find_header_changed(CallCase *c, const Branch *b, FindingList *list)
{
  bool is_chosen = b->parent->chosen == b && b->final && b->parent->final;

  return add_header_changed(c, b->parent->request, b->request, list) ||
         (is_chosen && add_header_changed(c, b->final, b->parent->final, list));
}

/* Another Via with the same branch, or the same transaction from another host: what lies between is
 * no SIP element, and has no business in the message. */
static void add_alg(CallCase *c, const ReadMessage *before, const ReadMessage *after,
                    FindingList *list)
{
  g_autoptr(GString) what = g_string_new(NULL);
  HopChanges changes;

  hop_changes_find(read_message_sip(before), read_message_sip(after), &changes);
  append_changed(c, &changes, is_of_alg, what);
  bool has_via =
    !slice_eq_nocase(read_message_sip(before)->via_sent_by, read_message_sip(after)->via_sent_by);
  if (what->len == 0 && !has_via)
    return;
  if (has_via)
    g_string_append_printf(what, _("%sVia (%s became %s)"), what->len > 0 ? _(", ") : "",
                           say_text(c, read_message_sip(before)->via_sent_by),
                           say_text(c, read_message_sip(after)->via_sent_by));
  Finding *finding = finding_add(
    list, FINDING_HEADER_CHANGED, "a NAT with a SIP ALG between %s and %s rewrote the %s: %s",
    say_endpoint(c, before->message->src), say_endpoint(c, after->message->dst),
    say_method(c, after->message), what->str);
  call_case_prove(finding, before->message);
  call_case_prove(finding, after->message);
}

/* The request of a transaction, seen from another host than the branch was sent by. */
static bool find_alg(CallCase *c, FindingList *list)
{
  const CallReading *reading = &c->path->reading;

  for (size_t i = 0; i < reading->count; i++) {
    const ReadMessage *read = &reading->items[i];
    const Branch *b = forwarding_branch(&c->path->forwarding, read->message);
    if (!b || !begins(b) || !message_is_request(read->message) || b->request == read ||
        call_case_same_host(c, b->from, read->message->src))
      continue;
    add_alg(c, b->request, read, list);
    return true;
  }
  return false;
}

static void find_changes(CallCase *c, FindingList *list)
{
  const Forwarding *forwarding = &c->path->forwarding;
  unsigned found = find_alg(c, list);

  for (size_t i = 0; i < forwarding->count && found < OF_ONE_KIND; i++) {
    const Branch *b = &forwarding->branches[i];
    if (!b->parent || !begins(b) || b->hidden > 0)
      continue;
    if (!b->regenerated) {
      found += find_header_changed(c, b, list);
    } else if (slice_eq(read_message_sip(b->request)->via_branch,
                        read_message_sip(b->parent->request)->via_branch)) {
      add_alg(c, b->parent->request, b->request, list);
      found++;
    }
  }
}

/* --- NAT (RFC 3261 18.2.1, RFC 3581) --- */

static bool contact_of(const SipMsg *sip, Endpoint *ret_address)
{
  SipAddr addr = sip_addr_parse(sip->contact);
  SipUri uri;

  return sip->contact.len > 0 && sip_uri_parse(addr.uri, &uri) &&
         endpoint_parse_host(uri.host, ret_address);
}

/* What the server made of the Via: it is in the responses. */
static const char *say_received(const Branch *b)
{
  const ReadMessage *response = b->final ? b->final : b->provisional ? b->provisional : b->trying;
  SipVia via;

  if (!response || !sip_via_parse(read_message_sip(response)->via, &via))
    return "";
  if (via.received.len > 0 && via.rport.len > 0)
    return _("; received and rport of the response have the address that it really came from");
  return via.received.len > 0
           ? _("; received of the response has the address that it came from, and "
               "rport was not used")
           : _("; the response has no received");
}

static bool is_loopback(const Endpoint *e)
{
  return e->family == ADDRESS_IPV4 && e->address[0] == 127;
}

static void find_nat_of(CallCase *c, const Branch *b, FindingList *list)
{
  const Endpoint *src = trace_endpoint(c->trace, b->from);
  Endpoint sent_by, contact;
  SipVia via;
  bool has_via = sip_via_parse(read_message_sip(b->request)->via, &via) &&
                 endpoint_parse_host(via.host, &sent_by) && !is_same_host(&sent_by, src) &&
                 !(is_loopback(&sent_by) && is_loopback(src));
  bool has_contact = contact_of(read_message_sip(b->request), &contact) &&
                     !is_same_host(&contact, src) && endpoint_is_private(&contact) &&
                     !endpoint_is_private(src);
  Finding *finding = NULL;
  char text[ENDPOINT_TEXT_MAX];

  if (has_via)
    finding = finding_add(list, FINDING_NAT, "%s says in its Via that it is %s%s",
                          say_endpoint(c, b->from), say_text(c, via.sent_by), say_received(b));
  else if (has_contact)
    finding =
      finding_add(list, FINDING_NAT, "%s says in its Contact that it is %s, a private address",
                  say_endpoint(c, b->from), endpoint_format_address(&contact, text));
  call_case_prove(finding, b->request->message);
}

/* Of user agents: the sent-by of a proxy may be that of another interface. */
static void find_nat(CallCase *c, FindingList *list)
{
  const Forwarding *forwarding = &c->path->forwarding;
  uint32_t seen[OF_ONE_KIND];
  size_t count = 0;

  for (size_t i = 0; i < forwarding->count && count < OF_ONE_KIND; i++) {
    const Branch *b = &forwarding->branches[i];
    bool is_known = b->parent || b->via_count != 1;
    for (size_t n = 0; n < count; n++)
      is_known |= call_case_same_host(c, seen[n], b->from);
    if (is_known || b->request->message->method == SIP_METHOD_CANCEL)
      continue;
    seen[count++] = b->from;
    if (b->request->message->says & MESSAGE_SAYS_ELSEWHERE)
      find_nat_of(c, b, list);
  }
}

/* --- size --- */

static void find_large(CallCase *c, FindingList *list)
{
  const Forwarding *forwarding = &c->path->forwarding;
  Finding *finding = NULL;

  for (size_t i = 0; i < forwarding->count; i++) {
    const Message *m = forwarding->branches[i].request->message;
    if (m->transport != TRANSPORT_UDP || m->len <= UDP_OCTETS_MAX)
      continue;
    size_t len = read_message_sip(forwarding->branches[i].request)->raw.len;
    if (len <= UDP_OCTETS_MAX) /* without fillers */
      continue;
    if (!finding)
      finding = finding_add(list, FINDING_UDP_TOO_LARGE,
                            "the %s of %s has %zu bytes: over UDP not more than %d should be sent",
                            say_method(c, m), say_endpoint(c, m->src), len, UDP_OCTETS_MAX);
    call_case_prove(finding, m);
  }
}

/* A datagram whose first fragments came, and no others. */
static void find_lost_fragments(CallCase *c, FindingList *list)
{
  const CallReading *reading = &c->path->reading;
  unsigned found = 0;

  for (size_t i = 0; i < reading->count && found < OF_ONE_KIND; i++) {
    const ReadMessage *read = &reading->items[i];
    const Message *m = read->message;
    if (!(m->flags & MESSAGE_FRAGMENTED) || !(m->flags & MESSAGE_INCOMPLETE))
      continue;
    const SipMsg *sip = read_message_sip(read);
    g_autofree char *total =
      sip->has_content_length
        ? g_strdup_printf(_(" of %" G_GUINT64_FORMAT), sip->header_len + sip->content_length)
        : g_strdup("");
    Finding *finding = finding_add(list, FINDING_FRAGMENT_LOST,
                                   "%s%s from %s: a fragment is missing after %zu%s bytes",
                                   message_is_request(m) ? _("the ") : _("a response to the "),
                                   say_method(c, m), say_endpoint(c, m->src), sip->raw.len, total);
    call_case_prove(finding, m);
    const CaseTransaction *ct = call_case_transaction(c, m->transaction);
    if (!message_is_request(m) || (ct && ct->response))
      finding_weaken(finding, "the request was answered all the same");
    found++;
  }
}

void hop_findings_add(CallCase *c, FindingList *list)
{
  find_forks(c, list);
  find_turns(c, list);
  find_max_forwards(c, list);
  find_changes(c, list);
  find_nat(c, list);
  find_large(c, list);
  find_lost_fragments(c, list);
}
