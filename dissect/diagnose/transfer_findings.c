/* Transfers that failed (RFC 3515). */
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"
#include "dissect/sip/sip_addr.h"

enum { REFERS_MAX = 8, NOTIFIES_MAX = 64 };

static Slice refer_to(CallCase *c, const Message *refer)
{
  const SipMsg *sip = call_case_load(c, refer);
  SipHeaderRow row;

  return sip && sip_msg_find(sip, SIP_HEADER_REFER_TO, &row) ? sip_addr_parse(row.value).uri
                                                             : SLICE_NONE;
}

static Finding *add_failed(CallCase *c, const CaseTransaction *refer, FindingList *list,
                           const char *what)
{
  Finding *finding = finding_add(
    list, FINDING_TRANSFER_FAILED, "the transfer by %s to %s failed: %s",
    say_endpoint(c, refer->request->src), say_text(c, refer_to(c, refer->request)), what);

  call_case_prove(finding, refer->request);
  call_case_blame(c, finding, refer->request->dst, refer->final->status);
  call_case_weaken(c, finding);
  return finding;
}

/* RFC 3515 2.4.5: the body is a status line, message/sipfrag (RFC 3420); 0: it has none. */
static unsigned reported_status(CallCase *c, const Message *notify)
{
  const SipMsg *sip = call_case_load(c, notify);
  Slice line = sip ? sip->content.bytes : SLICE_NONE;
  uint32_t status = 0;

  if (!sip || !slice_starts_with_nocase(sip->content_type, SLICE("message/sipfrag")))
    return 0;
  line = slice_trim(slice_take_line(&line));
  if (!slice_starts_with_nocase(line, SLICE("SIP/")))
    return 0;
  (void) slice_cut(&line, ' ');
  line = slice_trim(line);
  return slice_to_u32(slice_head(line, 3), &status) && status >= 100 && status < 700 ? status : 0;
}

/* RFC 4488: no subscription was asked for, or granted. */
static bool is_without_reports(CallCase *c, const Message *message)
{
  const SipMsg *sip = call_case_load(c, message);
  SipHeaderRow row;

  return !sip || (sip_msg_find(sip, SIP_HEADER_REFER_SUB, &row) &&
                  slice_starts_with_nocase(row.value, SLICE("false")));
}

/* What the NOTIFYs between this REFER and the next one report: the last final status, but a 2xx
 * wins; 0: none.  How many there were. */
static unsigned read_reports(CallCase *c, const CaseTransaction *refer, const Message **ret_notify,
                             unsigned *ret_count)
{
  const CaseTransaction *end = c->transactions + c->transaction_count;
  unsigned result = 0;

  *ret_count = 0;
  for (const CaseTransaction *ct = refer + 1; ct < end && *ret_count < NOTIFIES_MAX; ct++) {
    const Transaction *t = ct->transaction;
    if (t->method == SIP_METHOD_REFER && t->cseq != refer->transaction->cseq)
      break;
    if (t->method != SIP_METHOD_NOTIFY || !ct->request)
      continue;
    ++*ret_count;
    unsigned status = reported_status(c, ct->request);
    if (status >= 200 && (result == 0 || result >= 300)) {
      result = status;
      *ret_notify = ct->request;
    }
  }
  return result;
}

static void check_reports(CallCase *c, const CaseTransaction *refer, FindingList *list)
{
  const CaseDialog *d = call_case_dialog(c, refer->dialog);
  const Message *final = refer->final, *notify = NULL;
  unsigned count, status = read_reports(c, refer, &notify, &count);

  if (status >= 300) {
    const char *phrase = sip_status_text(status);
    Finding *finding = add_failed(c, refer, list,
                                  say(c, "%s reports %u%s%s", say_endpoint(c, notify->src), status,
                                      phrase ? " " : "", phrase ? phrase : ""));
    call_case_prove(finding, notify);
    return;
  }
  bool has_ended = d && d->bye && d->bye->request->time_ns < final->time_ns + TIMEOUT_NS;
  if (count > 0 || has_ended || c->now_ns - final->time_ns < TIMEOUT_NS ||
      is_without_reports(c, refer->request) || is_without_reports(c, final))
    return;
  Finding *finding =
    add_failed(c, refer, list,
               say(c, "%s accepted it (%s), and sent no NOTIFY in %s", say_endpoint(c, final->src),
                   say_status(c, final), say_span(c, TIMEOUT_NS)));
  call_case_prove(finding, final);
}

static void check_refer(CallCase *c, const CaseTransaction *refer, FindingList *list)
{
  const Message *final = refer->final;

  if (final->status < 300) {
    check_reports(c, refer, list);
  } else if (final->status != 401 && final->status != 407) {
    Finding *finding = add_failed(c, refer, list,
                                  say(c, "%s refused it: %s%s", say_endpoint(c, final->src),
                                      say_status(c, final), say_details(c, final)));
    call_case_prove(finding, final);
  }
}

/* Of each REFER the first hop. */
void transfer_findings_add(CallCase *c, FindingList *list)
{
  const CaseTransaction *last = NULL;
  unsigned count = 0;

  for (size_t i = 0; i < c->transaction_count && count < REFERS_MAX; i++) {
    const CaseTransaction *ct = &c->transactions[i];
    const Transaction *t = ct->transaction;
    if (t->method != SIP_METHOD_REFER || !ct->request || !ct->final)
      continue;
    bool is_hop =
      last && last->transaction->cseq == t->cseq && last->transaction->from_tag == t->from_tag;
    if (is_hop)
      continue;
    last = ct;
    count++;
    check_refer(c, ct, list);
  }
}
