/* Bindings over time (RFC 3261 10): lapsed, or registered far too often. */
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_equal.h"
#include "dissect/sip/sip_values.h"

enum {
  LAPSES_SAID_MAX = 4,
  CHANGES_MIN = 4,      /* of the contact */
  REFRESHES_MIN = 6,    /* in a row */
  TOO_OFTEN_FACTOR = 8, /* as often as the binding asks for */
};

/* A REGISTER that was answered with 2xx. */
typedef struct {
  const Message *request, *final;
  Slice contact;       /* URI; absent: a query, or all were removed */
  int64_t lifetime_ns; /* as it was granted; 0: removed */
} Binding;

typedef struct {
  Binding last;
  const Message *first_request;
  int64_t shortest_ns; /* lifetime */
  uint32_t refreshes, changes, lapses;
} Bindings;

/* --- One REGISTER ----------------------------------------------------------------------------- */

static bool read_seconds(Slice text, uint32_t *ret_seconds)
{
  return slice_to_u32(slice_trim(text), ret_seconds);
}

static bool expires_of_contact(const SipAddr *contact, uint32_t *ret_seconds)
{
  Slice value;

  return contact->params.data && sip_param_find(contact->params, SLICE("expires"), &value) &&
         value.data && read_seconds(value, ret_seconds);
}

static bool expires_of_message(const SipMsg *sip, uint32_t *ret_seconds)
{
  SipHeaderRow row;

  return sip_msg_find(sip, SIP_HEADER_EXPIRES, &row) && read_seconds(row.value, ret_seconds);
}

/* The contact in the response's list of bindings. */
static bool find_granted(const SipMsg *response, Slice contact, uint32_t *ret_seconds)
{
  SipHeaderIter rows = sip_header_iter(response);
  SipHeaderRow row;

  while (sip_header_next(&rows, &row)) {
    SipListIter values = sip_list(row.value);
    Slice value;
    while (row.header == SIP_HEADER_CONTACT && sip_list_next(&values, &value)) {
      SipAddr addr = sip_addr_parse(value);
      if (sip_uri_equal(addr.uri, contact))
        return expires_of_contact(&addr, ret_seconds) || expires_of_message(response, ret_seconds);
    }
  }
  return false;
}

/* False if it is not known how long the binding lasts. */
static bool read_binding(CallCase *c, const CaseTransaction *ct, Binding *ret_binding)
{
  const SipMsg *request = call_case_load(c, ct->request), *response = call_case_load(c, ct->final);
  uint32_t seconds = 0;

  if (!request || !response)
    return false;
  SipListIter values = sip_list(request->contact);
  Slice first = SLICE_NONE;
  (void) sip_list_next(&values, &first);
  SipAddr asked = sip_addr_parse(first);
  Binding binding = {.request = ct->request, .final = ct->final, .contact = asked.uri};
  bool asks = expires_of_contact(&asked, &seconds) || expires_of_message(request, &seconds);
  bool is_removal = slice_eq(asked.uri, SLICE("*")) || (asks && seconds == 0);
  if (asked.uri.len == 0)
    return false;
  if (!is_removal && !find_granted(response, asked.uri, &seconds))
    return false;
  binding.lifetime_ns = is_removal ? 0 : seconds * SECOND_NS;
  *ret_binding = binding;
  return true;
}

/* --- One after the other ---------------------------------------------------------------------- */

static void add_lapse(CallCase *c, const Bindings *bindings, const Binding *next, FindingList *list)
{
  const Binding *last = &bindings->last;
  int64_t out_ns = last->final->time_ns + last->lifetime_ns;
  const char *then =
    next ? say(c, "was registered again %s later", say_span(c, next->request->time_ns - out_ns))
         : say(c, "was not registered again in the %s up to the end of the capture",
               say_span(c, c->now_ns - out_ns));
  Finding *finding = finding_add(
    list, FINDING_REGISTRATION_LAPSED, "the binding of %s to %s ran out after %s and %s",
    say_text(c, c->call->to), say_text(c, last->contact), say_span(c, last->lifetime_ns), then);

  call_case_prove(finding, last->final);
  call_case_blame(c, finding, last->request->src, 0);
  call_case_prove(finding, next ? next->request : NULL);
  call_case_weaken(c, finding);
}

static void note_binding(CallCase *c, Bindings *bindings, const Binding *next, FindingList *list)
{
  const Binding *last = &bindings->last;
  bool is_bound = last->final && last->lifetime_ns > 0;
  bool is_same = is_bound && sip_uri_equal(last->contact, next->contact);
  int64_t gap_ns = is_bound ? next->request->time_ns - last->final->time_ns : 0;

  if (is_same && gap_ns > last->lifetime_ns + SECOND_NS && bindings->lapses++ < LAPSES_SAID_MAX)
    add_lapse(c, bindings, next, list);
  bindings->changes += is_bound && next->lifetime_ns > 0 && !is_same;
  bool is_too_soon =
    is_same && next->lifetime_ns > 0 && gap_ns < last->lifetime_ns / TOO_OFTEN_FACTOR;
  if (is_too_soon && bindings->refreshes == 0) {
    bindings->first_request = last->request;
    bindings->shortest_ns = last->lifetime_ns;
  }
  bindings->refreshes = is_too_soon                            ? bindings->refreshes + 1
                        : bindings->refreshes >= REFRESHES_MIN ? bindings->refreshes
                                                               : 0;
  bindings->last = *next;
}

static void find_flapping(CallCase *c, const Bindings *bindings, FindingList *list)
{
  const char *aor = say_text(c, c->call->to);
  int64_t took_ns = c->call->end_ns - c->call->start_ns;
  Finding *finding;

  if (bindings->changes >= CHANGES_MIN)
    finding = finding_add(
      list, FINDING_REGISTRATION_FLAPPING, "%s changed its contact %s in %s, last to %s", aor,
      say_times(c, bindings->changes), say_span(c, took_ns), say_text(c, bindings->last.contact));
  else if (bindings->refreshes >= REFRESHES_MIN)
    finding = finding_add(
      list, FINDING_REGISTRATION_FLAPPING, "%s registered %s in %s, though each binding lasts %s",
      aor, say_times(c, bindings->refreshes + 1),
      say_span(c, bindings->last.request->time_ns - bindings->first_request->time_ns),
      say_span(c, bindings->shortest_ns));
  else
    return;
  call_case_prove(finding, bindings->first_request);
  call_case_prove(finding, bindings->last.final);
  call_case_blame(c, finding, bindings->last.request->src, 0);
}

static void find_end(CallCase *c, const Bindings *bindings, FindingList *list)
{
  const Binding *last = &bindings->last;

  if (!last->final || last->lifetime_ns == 0)
    return;
  int64_t since_ns = last->final->time_ns, out_ns = since_ns + last->lifetime_ns;
  if (c->now_ns - out_ns > TIMEOUT_NS && c->call->end_ns <= out_ns &&
      bindings->lapses < LAPSES_SAID_MAX &&
      !capture_index_calls_again(c->index, c->call, since_ns, c->now_ns))
    add_lapse(c, bindings, NULL, list);
}

/* Of the hop that the call began on. */
void registration_findings_add(CallCase *c, FindingList *list)
{
  Bindings bindings = {0};
  const CaseTransaction *first = NULL;

  if (c->call->method != SIP_METHOD_REGISTER)
    return;
  for (size_t i = 0; i < c->transaction_count; i++) {
    const CaseTransaction *ct = &c->transactions[i];
    Binding binding;

    if (!ct->request || ct->transaction->method != SIP_METHOD_REGISTER)
      continue;
    first = first ? first : ct;
    if (!ct->final || ct->final->status >= 300 ||
        !call_case_same_host(c, ct->request->src, first->request->src) ||
        !call_case_same_host(c, ct->request->dst, first->request->dst) ||
        !read_binding(c, ct, &binding))
      continue;
    note_binding(c, &bindings, &binding, list);
  }
  find_flapping(c, &bindings, list);
  find_end(c, &bindings, list);
}
