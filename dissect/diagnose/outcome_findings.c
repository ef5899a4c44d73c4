/* What became of a call or request: refused, redirected, cancelled. */
#include "capture/language.h"
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_values.h"

enum { HOPS_MAX = 70 }; /* Max-Forwards (RFC 3261 8.1.1.6) */

/* --- Who refused it --------------------------------------------------------------------------- */

/* The hop after this one on which the same final response came before. */
static const CaseTransaction *passed_from(const CallCase *c, const CaseTransaction *ct)
{
  uint32_t server = ct->request ? ct->request->dst : ct->final->src;

  for (size_t i = 0; i < c->attempt_count; i++) {
    const CaseTransaction *next = c->attempt[i];
    if (next != ct && next->request && next->final && next->final->status == ct->final->status &&
        next->transaction->via_count > ct->transaction->via_count &&
        next->final->number < ct->final->number &&
        call_case_same_host(c, next->request->src, server))
      return next;
  }
  return NULL;
}

/* The most downstream hop with the response that decided. */
static const CaseTransaction *origin_of(const CallCase *c)
{
  const CaseTransaction *origin = c->decided;

  for (unsigned hops = 0; hops < HOPS_MAX; hops++) {
    const CaseTransaction *next = passed_from(c, origin);
    if (!next)
      return origin;
    origin = next;
  }
  return origin;
}

/* --- What the status says --------------------------------------------------------------------- */

static const char *say_refusal(const CallCase *c, const Message *final)
{
  static const struct {
    unsigned status;
    const char *text;
  } TEXTS[] = {
    {403, N_("forbids the call")},
    {404, N_("does not know the destination")},
    {408, N_("got no answer in time")},
    {410, N_("says that the destination is gone for good")},
    {480, N_("says that the callee is not available")},
    {484, N_("needs more digits")},
    {486, N_("is busy")},
    {503, N_("is overloaded or out of service")},
    {600, N_("is busy everywhere")},
    {603, N_("declined the call")},
    {604, N_("says that the destination does not exist anywhere")},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(TEXTS) && final->method == SIP_METHOD_INVITE; i++)
    if (TEXTS[i].status == final->status)
      return _(TEXTS[i].text);
  if (final->method == SIP_METHOD_INVITE)
    return final->status >= 500 ? _("failed") : _("refused the call");
  return say(c, "refused the %s", say_method(c, final));
}

static FindingId refusal_id(const Message *final)
{
  return final->method == SIP_METHOD_REGISTER    ? FINDING_REGISTRATION_FAILED
         : final->method == SIP_METHOD_SUBSCRIBE ? FINDING_SUBSCRIPTION_REFUSED
                                                 : FINDING_REJECTED;
}

static const char *say_passed_on(const CallCase *c, const CaseTransaction *origin)
{
  if (origin->final->src == c->decided->final->src)
    return "";
  return say(c, ", passed on by %s", say_endpoint(c, c->decided->final->src));
}

static bool invites_retry(const Message *final)
{
  return final->status == 401 || final->status == 407 || final->status / 100 == 3;
}

/* A challenge or redirection waits for another try; of a ping any answer shows that the peer is
 * there; a 487 answers a CANCEL. */
static void weaken_refusal(const CallCase *c, const Message *final, Finding *finding)
{
  if (invites_retry(final) && c->now_ns - final->time_ns < TIMEOUT_NS)
    finding_weaken(finding, "the capture ends before it could be tried again");
  if (final->method == SIP_METHOD_OPTIONS)
    finding_weaken(finding, "any answer to a ping shows that the peer is there");
  if (final->status == 487)
    finding_weaken(finding, "what cancelled it was not captured");
  if (!final->transaction->request)
    finding_weaken(finding, "its request was not captured");
}

static void add_rejected(CallCase *c, const CaseTransaction *origin, FindingList *list)
{
  const Message *final = origin->final;
  Finding *finding = finding_add(
    list, refusal_id(final), "%s %s: %s%s%s", say_endpoint(c, final->src), say_refusal(c, final),
    say_status(c, final), say_passed_on(c, origin), say_details(c, final));

  call_case_prove(finding, origin->request);
  call_case_prove(finding, final);
  call_case_blame(c, finding, final->src, final->status);
  if (origin != c->decided)
    call_case_prove(finding, c->decided->final);
  if (finding)
    finding->decided = true;
  weaken_refusal(c, final, finding);
}

/* --- Another try ------------------------------------------------------------------------------ */

/* Was anything of that method sent after the response, by anyone? */
static bool is_followed(const CallCase *c, const Message *final)
{
  for (const Message *m = final->next; m; m = m->next)
    if (m->time_ns > final->time_ns + TIMEOUT_NS)
      break;
    else if (message_is_request(m) && m->method == final->method && m->transaction->request == m &&
             m->number > final->number)
      return true;
  return capture_index_calls_again(c->index, c->call, final->time_ns, final->time_ns + TIMEOUT_NS);
}

static bool redirect_explains(CallCase *c, const CaseTransaction *origin, FindingList *list)
{
  const Message *final = origin->final;
  const SipMsg *sip = final->status / 100 == 3 ? call_case_load(c, final) : NULL;

  if (!sip || sip->contact.len == 0 || c->now_ns - final->time_ns < TIMEOUT_NS ||
      is_followed(c, final))
    return false;
  Finding *finding = finding_add(
    list, FINDING_REDIRECT_NOT_FOLLOWED, "%s redirected %s to %s, where nothing was sent: %s%s",
    say_endpoint(c, final->src), say_endpoint(c, final->dst),
    say_text(c, sip_addr_parse(sip->contact).uri), say_status(c, final), say_details(c, final));
  call_case_prove(finding, origin->request);
  call_case_prove(finding, final);
  call_case_blame(c, finding, final->src, final->status);
  if (finding)
    finding->decided = true;
  call_case_weaken(c, finding);
  return true;
}

/* --- CANCEL ----------------------------------------------------------------------------------- */

static const CaseTransaction *nearest_of(const CallCase *c)
{
  const CaseTransaction *nearest = c->decided;

  for (size_t i = 0; i < c->attempt_count && !c->decided; i++)
    if (!nearest || c->attempt[i]->transaction->via_count < nearest->transaction->via_count)
      nearest = c->attempt[i];
  return nearest;
}

/* The CANCEL of that INVITE (RFC 3261 9.1), or the BYE of its early dialog; NULL: none. */
static const CaseTransaction *find_cancel(const CallCase *c, const CaseTransaction *invite)
{
  const Message *request = invite->request;

  for (const CaseTransaction *ct = c->transactions; ct < c->transactions + c->transaction_count;
       ct++) {
    const Transaction *t = ct->transaction;
    if (!ct->request || t->from_tag != invite->transaction->from_tag)
      continue;
    bool is_cancel = t->method == SIP_METHOD_CANCEL && t->cseq == invite->transaction->cseq;
    bool is_early_bye = t->method == SIP_METHOD_BYE &&
                        (!invite->final || invite->final->number > ct->request->number);
    bool is_on_hop = !request || (call_case_same_host(c, request->src, ct->request->src) &&
                                  call_case_same_host(c, request->dst, ct->request->dst));
    if ((is_cancel || is_early_bye) && is_on_hop)
      return ct;
  }
  return NULL;
}

static int64_t rang_at(const CallCase *c)
{
  int64_t ringing_ns = INT64_MAX;

  for (size_t i = 0; i < c->attempt_count; i++)
    if (c->attempt[i]->transaction->ringing_ns != TIME_NONE)
      ringing_ns = MIN(ringing_ns, c->attempt[i]->transaction->ringing_ns);
  return ringing_ns;
}

static const char *say_cancelled(const CallCase *c, const Message *cancel)
{
  int64_t ringing_ns = rang_at(c);
  bool has_rung = ringing_ns < cancel->time_ns;
  const char *waited = say_span(c, cancel->time_ns - (has_rung ? ringing_ns : c->call->start_ns));
  const char *who = say_endpoint(c, cancel->src);

  if (call_case_same_host(c, cancel->src, c->call->client))
    who = say(c, "the caller, %s,", who);
  return say(
    c, has_rung ? N_("%s gave up after %s of ringing") : N_("%s gave up after %s, before it rang"),
    who, waited);
}

static bool cancel_explains(CallCase *c, const CaseTransaction *invite, FindingList *list)
{
  const CaseTransaction *cancel = invite ? find_cancel(c, invite) : NULL;

  if (!cancel || c->call->method != SIP_METHOD_INVITE)
    return false;
  bool is_confirmed = invite->final && invite->final->status >= 300;
  Finding *finding =
    finding_add(list, FINDING_CALLER_CANCELLED, "%s (%s)%s%s", say_cancelled(c, cancel->request),
                say_method(c, cancel->request),
                is_confirmed ? "" : _(", and no final response to the INVITE was captured"),
                say_details(c, cancel->request));
  call_case_prove(finding, cancel->request);
  call_case_blame(c, finding, cancel->request->src, 0);
  if (is_confirmed)
    call_case_prove(finding, invite->final);
  if (finding)
    finding->decided = true;
  return true;
}

/* --- An answer that crossed the CANCEL -------------------------------------------------------- */

static bool is_cancel_race(const CallCase *c, const CaseTransaction *invite,
                           const CaseTransaction **ret_cancel, const CaseTransaction **ret_bye)
{
  const CaseDialog *d = call_case_dialog(c, invite->dialog);
  const CaseTransaction *cancel = find_cancel(c, invite), *bye = d ? d->bye : NULL;

  if (!bye || !cancel || cancel->transaction->method != SIP_METHOD_CANCEL || !invite->request ||
      invite->request->src != cancel->request->src ||
      !call_case_same_host(c, bye->request->src, cancel->request->src) ||
      bye->request->number < cancel->request->number ||
      cancel->request->time_ns > invite->final->time_ns + SECOND_NS ||
      bye->request->time_ns > invite->final->time_ns + TIMEOUT_NS)
    return false;
  *ret_cancel = cancel;
  *ret_bye = bye;
  return true;
}

static void find_cancel_race(CallCase *c, FindingList *list)
{
  const CaseTransaction *cancel, *bye;

  if (!is_cancel_race(c, c->decided, &cancel, &bye))
    return;
  Finding *finding = finding_add(
    list, FINDING_CANCEL_RACE, "the answer of %s crossed the CANCEL of %s, which ended it by BYE",
    say_endpoint(c, c->decided->final->src), say_endpoint(c, cancel->request->src));
  call_case_prove(finding, cancel->request);
  call_case_prove(finding, c->decided->final);
  call_case_prove(finding, bye->request);
  call_case_blame(c, finding, cancel->request->src, 0);
  if (finding)
    finding->decided = true;
}

/* --- All of them ------------------------------------------------------------------------------ */

static void explain_refusal(CallCase *c, FindingList *list)
{
  static bool (*const EXPLAIN[])(CallCase *, const CaseTransaction *, FindingList *) = {
    auth_findings_explain,
    codec_findings_explain,
    loop_findings_explain,
    redirect_explains,
  };
  const CaseTransaction *origin = origin_of(c);
  unsigned status = origin->final->status;

  for (size_t i = 0; i < G_N_ELEMENTS(EXPLAIN); i++)
    if (EXPLAIN[i](c, origin, list))
      return;
  if (invites_retry(origin->final) && is_followed(c, origin->final))
    return;
  /* The server speaks of another that is silent (RFC 3261 16.8). */
  bool may_be_timeout = status == 408 || status == 480 || status / 100 == 5;
  if (!may_be_timeout || !silence_downstream(c, origin))
    add_rejected(c, origin, list);
}

void outcome_findings_add(CallCase *c, FindingList *list)
{
  const CaseTransaction *decided = c->decided;
  bool is_invite = c->call->method == SIP_METHOD_INVITE;

  if (is_invite && c->summary->outcome == OUTCOME_CANCELLED &&
      cancel_explains(c, nearest_of(c), list))
    return;
  if (is_invite && c->summary->outcome == OUTCOME_UNANSWERED) {
    (void) cancel_explains(c, nearest_of(c), list);
    return;
  }
  if (decided && decided->final->status >= 300)
    explain_refusal(c, list);
  else if (decided && is_invite)
    find_cancel_race(c, list);
}
