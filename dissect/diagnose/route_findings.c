/* How requests and responses found their way: route sets, Via stacks, CSeq in dialogs. */
#include "capture/language.h"
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_values.h"

enum {
  ROUTES_MAX = 32,    /* of a route set; those that follow are not compared */
  OF_ONE_KIND = 4,    /* findings of one kind in a call */
  REORDERED_MS = 200, /* two requests that are so close may have changed places on the way */
};

/* --- route sets (RFC 3261 12.1, 12.2.1.1) --- */

typedef struct {
  SipUri uris[ROUTES_MAX];
  Slice texts[ROUTES_MAX];
  size_t count;
  bool is_cut; /* there are more, or one cannot be read */
} Routes;

/* By reference: it is large. */
static void read_routes(const SipMsg *sip, SipHeader header, Routes *routes)
{
  SipHeaderIter iter;
  SipHeaderRow row;

  routes->count = 0;
  routes->is_cut = false;
  iter = sip_header_iter_of(sip, &header, 1);
  while (sip_header_next(&iter, &row)) {
    SipListIter list = sip_list(row.value);
    Slice value;
    while (sip_list_next(&list, &value)) {
      Slice uri = sip_addr_parse(value).uri;
      if (routes->count == ROUTES_MAX || !sip_uri_parse(uri, &routes->uris[routes->count])) {
        routes->is_cut = true;
        return;
      }
      routes->texts[routes->count++] = uri;
    }
  }
}

static void routes_reverse(Routes *routes)
{
  for (size_t i = 0; i < routes->count / 2; i++) {
    size_t other = routes->count - 1 - i;
    SipUri uri = routes->uris[i];
    Slice text = routes->texts[i];
    routes->uris[i] = routes->uris[other];
    routes->texts[i] = routes->texts[other];
    routes->uris[other] = uri;
    routes->texts[other] = text;
  }
}

static bool is_same_hop(const SipUri *a, const SipUri *b)
{
  return slice_eq_nocase(a->host, b->host) &&
         (a->port ? a->port : 5060) == (b->port ? b->port : 5060);
}

static bool is_loose(const SipUri *uri)
{
  return sip_param_find(uri->params, SLICE("lr"), &(Slice){0});
}

static bool routes_have(const Routes *routes, const SipUri *uri)
{
  for (size_t i = 0; i < routes->count; i++)
    if (is_same_hop(&routes->uris[i], uri))
      return true;
  return false;
}

/* A dialog as its two ends have it. */
typedef struct {
  const CaseDialog *dialog;
  Routes sets[2];   /* of the caller, of the callee */
  uint32_t ends[2]; /* trace_endpoint: who they are */
  int64_t since_ns; /* the 2xx at the caller */
} DialogPath;

/* The 2xx of the dialog on the hop nearest to the callee. */
static const CaseTransaction *farthest_invite(const CallCase *c, const CaseDialog *d)
{
  const CaseTransaction *found = d->invite;

  for (const CaseTransaction *ct = d->first; ct; ct = ct->next_in_dialog)
    if (ct->transaction->method == SIP_METHOD_INVITE && !ct->transaction->in_dialog && ct->final &&
        ct->final->dialog == d->dialog && ct->final->status / 100 == 2 &&
        ct->transaction->via_count != UINT16_MAX &&
        ct->transaction->via_count > found->transaction->via_count)
      found = ct;
  return forwarding_branch(&c->path->forwarding, found->final) ? found : NULL;
}

static bool find_path(CallCase *c, const CaseDialog *d, DialogPath *path)
{
  if (!d->invite || !d->invite->request || d->invite->transaction->via_count != 1 ||
      !d->invite->final)
    return false;
  const CaseTransaction *far = farthest_invite(c, d);
  if (!far || !((d->invite->final->says | far->final->says) & MESSAGE_SAYS_ROUTE))
    return false;
  const SipMsg *near_2xx = call_case_load(c, d->invite->final);
  const SipMsg *far_2xx = call_case_load(c, far->final);
  if (!near_2xx || !far_2xx)
    return false;
  path->dialog = d;
  read_routes(near_2xx, SIP_HEADER_RECORD_ROUTE, &path->sets[0]);
  read_routes(far_2xx, SIP_HEADER_RECORD_ROUTE, &path->sets[1]);
  routes_reverse(&path->sets[0]);
  path->ends[0] = d->invite->request->src;
  path->ends[1] = far->final->src;
  path->since_ns = d->invite->final->time_ns;
  return !path->sets[0].is_cut && !path->sets[1].is_cut;
}

static Finding *add_ignored(CallCase *c, const DialogPath *path, const Message *request,
                            const char *what, FindingList *list)
{
  Finding *finding = finding_add(list, FINDING_ROUTE_IGNORED, "the %s of %s %s",
                                 say_method(c, request), say_endpoint(c, request->src), what);

  call_case_prove(finding, path->dialog->invite->final);
  call_case_prove(finding, request);
  return finding;
}

/* Does it go to the other end itself, past the element that it names? */
static bool goes_around(CallCase *c, const DialogPath *path, unsigned side, const SipUri *first,
                        const Message *request)
{
  const Endpoint *dst = trace_endpoint(c->trace, request->dst);
  Endpoint named;

  return endpoint_parse(first->host, 0, &named) && !is_same_host(&named, dst) &&
         call_case_same_host(c, request->dst, path->ends[!side]) &&
         !is_same_host(&named, trace_endpoint(c->trace, path->ends[!side]));
}

/* An element that is on the sender's own host takes its Route out itself. */
static bool is_at(const CallCase *c, const SipUri *uri, uint32_t endpoint)
{
  Endpoint named;

  return endpoint_parse(uri->host, 0, &named) &&
         is_same_host(&named, trace_endpoint(c->trace, endpoint));
}

static bool check_route(CallCase *c, const DialogPath *path, unsigned side, const Message *request,
                        FindingList *list)
{
  const Routes *set = &path->sets[side];
  SipUri target;
  char what[512];

  const SipMsg *sip = set->count > 0 ? call_case_load(c, request) : NULL;
  if (!sip || !sip->complete || !sip_uri_parse(sip->uri, &target))
    return false;
  Routes routes;
  read_routes(sip, SIP_HEADER_ROUTE, &routes);
  bool is_strict = !is_loose(&set->uris[0]);
  for (size_t i = 0; i < set->count && !routes.is_cut; i++) {
    if (routes_have(&routes, &set->uris[i]) || is_same_hop(&set->uris[i], &target) ||
        is_at(c, &set->uris[i], request->src))
      continue;
    g_snprintf(what, sizeof what, _("has no Route to %s, which recorded itself"),
               say_text(c, set->texts[i]));
    return add_ignored(c, path, request, what, list) != NULL;
  }
  if (is_at(c, &set->uris[0], request->src))
    return false;
  if (is_strict && !is_same_hop(&set->uris[0], &target)) {
    g_snprintf(what, sizeof what, _("does not have the strict router %s as its Request-URI"),
               say_text(c, set->texts[0]));
    return add_ignored(c, path, request, what, list) != NULL;
  }
  if (!goes_around(c, path, side, &set->uris[0], request))
    return false;
  g_snprintf(what, sizeof what, _("goes to %s itself, past %s, which recorded itself"),
             say_endpoint(c, request->dst), say_text(c, set->texts[0]));
  return add_ignored(c, path, request, what, list) != NULL;
}

/* The requests of one end, with no Via but its own; one finding for all of them. */
static bool check_end(CallCase *c, const DialogPath *path, unsigned side, FindingList *list)
{
  for (const CaseTransaction *ct = path->dialog->first; ct; ct = ct->next_in_dialog) {
    const Message *request = ct->request;
    if (request && ct->transaction->via_count == 1 && request->time_ns >= path->since_ns &&
        ct->transaction->method != SIP_METHOD_CANCEL && (request->flags & MESSAGE_HAS_TO_TAG) &&
        call_case_same_host(c, request->src, path->ends[side]) &&
        check_route(c, path, side, request, list))
      return true;
  }
  return false;
}

static void find_route_ignored(CallCase *c, FindingList *list)
{
  unsigned found = 0;
  DialogPath path;

  for (size_t i = 0; i < c->dialog_count && found < OF_ONE_KIND; i++) {
    if (!find_path(c, &c->dialogs[i], &path) || call_case_same_host(c, path.ends[0], path.ends[1]))
      continue;
    for (unsigned side = 0; side < 2; side++)
      found += check_end(c, &path, side, list);
  }
}

/* --- Via of responses (RFC 3261 8.2.6.2, 18.2.2) --- */

static void add_via(CallCase *c, const Branch *b, const ReadMessage *response, const char *what,
                    FindingList *list)
{
  Finding *finding =
    finding_add(list, FINDING_VIA_MISMATCH, "the %s of %s %s", say_status(c, response->message),
                say_endpoint(c, response->message->src), what);

  call_case_prove(finding, b->request->message);
  call_case_prove(finding, response->message);
}

/* Of a response from where its request went to (IPsec in IMS uses other ports): it goes to the
 * source port with rport, else to that of the sent-by; a server that always answers to where it
 * came from does no harm. */
static bool goes_elsewhere(const CallCase *c, const Branch *b, const Message *response)
{
  const Endpoint *src = trace_endpoint(c->trace, b->from);
  const Endpoint *dst = trace_endpoint(c->trace, response->dst);
  SipVia via;

  if (response->transport != TRANSPORT_UDP || response->src != b->to || !is_same_host(src, dst) ||
      src->port == dst->port || !sip_via_parse(read_message_sip(b->request)->via, &via) ||
      via.maddr.data)
    return false;
  return via.has_rport || dst->port != (via.port > 0 ? via.port : 5060);
}

static bool is_request_from(const CallCase *c, const Branch *b, uint32_t endpoint)
{
  const CallReading *reading = &c->path->reading;

  for (size_t i = 0; i < reading->count; i++) {
    const Message *m = reading->items[i].message;
    if (m->transaction == b->transaction && message_is_request(m) && m->src == endpoint)
      return true;
  }
  return false;
}

/* The trace knows it of nearly all. */
static bool has_same_vias(const CallCase *c, const Branch *b, const ReadMessage *response)
{
  const Forwarding *forwarding = &c->path->forwarding;

  if (response->message->has_its_via)
    return true;
  uint64_t vias =
    b->vias != 0 ? b->vias : forwarding_hash_vias(forwarding, read_message_sip(b->request));
  return forwarding_hash_vias(forwarding, read_message_sip(response)) == vias;
}

static bool check_via(CallCase *c, const Branch *b, const ReadMessage *response, FindingList *list)
{
  const Message *m = response->message;
  char what[160];

  if (!call_case_same_host(c, m->src, b->to) || !call_case_same_host(c, m->dst, b->from) ||
      b->via_count == 0)
    return false;
  bool is_same = has_same_vias(c, b, response);
  if (is_same && (!goes_elsewhere(c, b, m) || is_request_from(c, b, m->dst)))
    return false;
  if (!read_message_sip(response)->complete)
    return false;
  if (!is_same) {
    g_snprintf(what, sizeof what, _("does not have the Via stack of its request: %u values for %u"),
               read_message_sip(response)->via_count, b->via_count);
    add_via(c, b, response, what, list);
    return true;
  }
  g_snprintf(what, sizeof what, _("went to %s: its request came from %s"), say_endpoint(c, m->dst),
             say_endpoint(c, b->from));
  add_via(c, b, response, what, list);
  return true;
}

static void find_via_mismatch(CallCase *c, FindingList *list)
{
  const CallReading *reading = &c->path->reading;
  unsigned found = 0;

  for (size_t i = 0; i < reading->count && found < OF_ONE_KIND; i++) {
    const ReadMessage *read = &reading->items[i];
    const Branch *b = forwarding_branch(&c->path->forwarding, read->message);
    if (b && !message_is_request(read->message) &&
        !(read->message->flags & MESSAGE_RETRANSMISSION) &&
        read->message->method == b->request->message->method)
      found += check_via(c, b, read, list);
  }
}

/* --- CSeq (RFC 3261 12.2.1.1) --- */

/* The last request of one side of a dialog. */
typedef struct {
  const Message *request;
  uint32_t cseq;
} LastCseq;

static bool is_same_branch(CallCase *c, const Message *a, const Message *b)
{
  const SipMsg *x = call_case_load(c, a), *y = call_case_load(c, b);

  return !x || !y || slice_eq(x->via_branch, y->via_branch);
}

/* Is it of a user agent itself, and of a direction of the dialog: its sender's host is that of
 * those before? */
static bool counts(const CallCase *c, const CaseTransaction *ct, const LastCseq *last)
{
  const Branch *b = ct->request ? forwarding_branch(&c->path->forwarding, ct->request) : NULL;
  uint16_t method = ct->transaction->method;

  return b && !b->parent && ct->transaction->via_count == 1 && method != SIP_METHOD_ACK &&
         method != SIP_METHOD_CANCEL &&
         (!last->request || call_case_same_host(c, last->request->src, ct->request->src));
}

static bool check_cseq(CallCase *c, const CaseTransaction *ct, const LastCseq *last,
                       FindingList *list)
{
  const Message *request = ct->request;
  int64_t apart_ns = last->request ? request->time_ns - last->request->time_ns : 0;

  if (!last->request || request->cseq > last->cseq || request->cseq == 0)
    return false;
  bool is_twice = request->cseq == last->cseq;
  if (is_twice ? is_same_branch(c, last->request, request)
               : apart_ns < REORDERED_MS * INT64_C(1000000))
    return false;
  Finding *finding =
    finding_add(list, FINDING_CSEQ,
                is_twice ? N_("%s used CSeq %u twice in the dialog: %s and %s")
                         : N_("%s went back to CSeq %u in the dialog: after %s, %s"),
                say_endpoint(c, request->src), request->cseq, say_method(c, last->request),
                say_method(c, request));
  call_case_prove(finding, last->request);
  call_case_prove(finding, request);
  return true;
}

static void find_cseq(CallCase *c, FindingList *list)
{
  unsigned found = 0;

  for (size_t i = 0; i < c->dialog_count && found < OF_ONE_KIND; i++) {
    const CaseDialog *d = &c->dialogs[i];
    const Message *invite = d->invite ? d->invite->request : NULL;
    LastCseq sides[2] = {{invite, invite ? invite->cseq : 0}, {NULL, 0}};
    for (const CaseTransaction *ct = d->first; ct && found < OF_ONE_KIND; ct = ct->next_in_dialog) {
      LastCseq *last = &sides[ct->transaction->from_tag != d->dialog->caller_tag];
      if (!ct->request || !(ct->request->flags & MESSAGE_HAS_TO_TAG) || !counts(c, ct, last))
        continue;
      found += check_cseq(c, ct, last, list);
      if (!last->request || ct->request->cseq > last->cseq)
        *last = (LastCseq){ct->request, ct->request->cseq};
    }
  }
}

void route_findings_add(CallCase *c, FindingList *list)
{
  find_route_ignored(c, list);
  find_via_mismatch(c, list);
  find_cseq(c, list);
}
