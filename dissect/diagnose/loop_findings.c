/* Loops (RFC 3261 16.3, 16.6 item 8) and what came down to Max-Forwards 0. */
#include "capture/language.h"
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"
#include "dissect/sip/sip_equal.h"
#include "dissect/sip/sip_values.h"

/* Hops of the attempt that are compared with each other. */
enum { COMPARED_MAX = 64 };

/* Is the request one that came of that: does its Via stack have the other's branch? */
static bool descends_from(const SipMsg *sip, const SipMsg *ancestor)
{
  SipHeaderIter rows = sip_header_iter(sip);
  SipHeaderRow row;

  if (ancestor->via_branch.len == 0)
    return false;
  while (sip_header_next(&rows, &row)) {
    SipListIter values = sip_list(row.value);
    Slice value;
    SipVia via;
    while (row.header == SIP_HEADER_VIA && sip_list_next(&values, &value))
      if (sip_via_parse(value, &via) && slice_eq(via.branch, ancestor->via_branch) &&
          slice_eq(via.sent_by, ancestor->via_sent_by))
        return true;
  }
  return false;
}

/* Came the request back to the element that it had come to, with nothing changed that steers it? */
static bool is_loop(CallCase *c, const CaseTransaction *first, const CaseTransaction *again)
{
  const Transaction *a = first->transaction, *b = again->transaction;

  if (!first->request || !again->request || first->request->dst != again->request->dst ||
      a->uri != b->uri || b->via_count <= a->via_count)
    return false;
  const SipMsg *sent = call_case_load(c, first->request), *got = call_case_load(c, again->request);
  return sent && got && descends_from(got, sent) && sip_uri_equal(sent->uri, got->uri) &&
         sip_header_equal(sent, got, SIP_HEADER_ROUTE);
}

static bool find_loop(CallCase *c, const CaseTransaction **ret_first,
                      const CaseTransaction **ret_again)
{
  size_t count = MIN(c->attempt_count, (size_t) COMPARED_MAX);

  for (size_t again = 1; again < count; again++)
    for (size_t first = 0; first < again; first++)
      if (is_loop(c, c->attempt[first], c->attempt[again])) {
        *ret_first = c->attempt[first];
        *ret_again = c->attempt[again];
        return true;
      }
  return false;
}

/* RFC 3261 8.2.2.2: two requests to one element that came by different ways are merged. */
static bool is_merged(const CallCase *c, const CaseTransaction *origin)
{
  for (size_t i = 0; i < MIN(c->attempt_count, (size_t) COMPARED_MAX); i++) {
    const CaseTransaction *other = c->attempt[i];
    if (other != origin && other->request && origin->request &&
        other->request->dst == origin->request->dst)
      return true;
  }
  return false;
}

static uint32_t max_forwards(CallCase *c, const Message *request)
{
  const SipMsg *sip = call_case_load(c, request);
  uint32_t hops = UINT32_MAX;
  SipHeaderRow row;

  if (!sip || !sip_msg_find(sip, SIP_HEADER_MAX_FORWARDS, &row) || !slice_to_u32(row.value, &hops))
    return UINT32_MAX;
  return hops;
}

static void add(CallCase *c, const CaseTransaction *origin, FindingId id, FindingList *list)
{
  uint32_t hops = max_forwards(c, origin->request);
  const char *what =
    id == FINDING_LOOP ? _("says that it loops")
    : hops == UINT32_MAX
      ? _("says that it had no hops left")
      : say(c, "got it with Max-Forwards %u, and says that no hops were left", hops);
  Finding *finding = finding_add(list, id, "the %s ended at %s, which %s: %s%s",
                                 say_method(c, origin->final), say_endpoint(c, origin->final->src),
                                 what, say_status(c, origin->final), say_details(c, origin->final));

  call_case_prove(finding, origin->request);
  call_case_prove(finding, origin->final);
  call_case_blame(c, finding, origin->final->src, origin->final->status);
  if (finding)
    finding->decided = true;
}

static void add_seen_loop(CallCase *c, const CaseTransaction *first, const CaseTransaction *again,
                          const CaseTransaction *origin, FindingList *list)
{
  Finding *finding = finding_add(
    list, FINDING_LOOP,
    "%s got the %s again that it had got from %s, now from %s and with the same Request-URI: %s",
    say_endpoint(c, again->request->dst), say_method(c, again->request),
    say_endpoint(c, first->request->src), say_endpoint(c, again->request->src),
    say_status(c, origin->final));

  call_case_prove(finding, first->request);
  call_case_prove(finding, again->request);
  call_case_prove(finding, origin->final);
  call_case_blame(c, finding, origin->final->src, origin->final->status);
  if (finding)
    finding->decided = true;
}

/* What came to a callee who refused it did not go round for ever. */
static bool may_end_loop(unsigned status)
{
  return status == 482 || status == 483 || status == 408 || status / 100 == 5;
}

bool loop_findings_explain(CallCase *c, const CaseTransaction *origin, FindingList *list)
{
  const CaseTransaction *first, *again;
  unsigned status = origin->final->status;

  if (may_end_loop(status) && find_loop(c, &first, &again))
    add_seen_loop(c, first, again, origin, list);
  else if (status == 482 && !is_merged(c, origin))
    add(c, origin, FINDING_LOOP, list);
  else if (status == 483 || max_forwards(c, origin->request) == 0)
    add(c, origin, FINDING_TOO_MANY_HOPS, list);
  else
    return false;
  return true;
}
