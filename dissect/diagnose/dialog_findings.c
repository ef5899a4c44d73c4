/* What was refused inside of dialogs, and forks that answered twice. */
#include "capture/language.h"
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"

enum { SAID_MAX = 8 };

/* The hops of one request: named by CSeq and From tag. */
static bool is_same_request(const Transaction *a, const Transaction *b)
{
  return a->cseq == b->cseq && a->from_tag == b->from_tag && a->method == b->method;
}

/* --- dialog-unknown --------------------------------------------------------------------------- */

/* A BYE of that dialog, other than the request itself on any hop, that came before. */
static bool had_ended(const CaseDialog *d, const CaseTransaction *ct)
{
  for (const CaseTransaction *other = d->bye; other; other = other->next_in_dialog)
    if (other->transaction->method == SIP_METHOD_BYE && other->request &&
        other->request->number < ct->final->number &&
        !is_same_request(other->transaction, ct->transaction))
      return true;
  return false;
}

/* RFC 3261 12.2.2; a PRACK gets 481 when no response matches it (RFC 3262 3), a NOTIFY when its
 * subscription is over (RFC 6665 4.1.3). */
static bool is_unknown(const CallCase *c, const CaseTransaction *ct)
{
  const Dialog *dialog = ct->request ? ct->request->dialog : NULL;
  uint16_t method = ct->transaction->method;

  if (!dialog || !ct->final || ct->final->status != 481 || dialog->method != SIP_METHOD_INVITE ||
      dialog->midway || dialog->confirmed_ns == TIME_NONE ||
      dialog->confirmed_ns > ct->request->time_ns || method == SIP_METHOD_CANCEL ||
      method == SIP_METHOD_PRACK || method == SIP_METHOD_NOTIFY || method == SIP_METHOD_SUBSCRIBE)
    return false;
  return !had_ended(call_case_dialog(c, dialog), ct);
}

/* The first one: it comes from where the dialog is not known. */
static void find_unknown(CallCase *c, FindingList *list)
{
  const CaseTransaction *first = NULL;

  for (size_t i = 0; i < c->transaction_count; i++) {
    const CaseTransaction *ct = &c->transactions[i];
    if (ct->final && ct->final->status == 481 &&
        (!first || ct->final->number < first->final->number) && is_unknown(c, ct))
      first = ct;
  }
  if (!first)
    return;
  Finding *finding = finding_add(
    list, FINDING_DIALOG_UNKNOWN,
    "%s does not know the dialog that it had been in for %s, and refused the %s: %s%s",
    say_endpoint(c, first->final->src),
    say_span(c, first->final->time_ns - first->request->dialog->confirmed_ns),
    say_method(c, first->request), say_status(c, first->final), say_details(c, first->final));
  call_case_prove(finding, first->request);
  call_case_prove(finding, first->final);
  call_case_blame(c, finding, first->final->src, 481);
  call_case_weaken(c, finding);
}

/* --- reinvite-rejected, glare ----------------------------------------------------------------- */

/* RFC 4028 7.1: after a 422 it is tried again with a longer interval. */
static bool is_refused_change(const CaseTransaction *ct)
{
  uint16_t method = ct->transaction->method;
  unsigned status = ct->final ? ct->final->status : 0;
  const Dialog *dialog = ct->request ? ct->request->dialog : NULL;

  return status >= 300 && (method == SIP_METHOD_INVITE || method == SIP_METHOD_UPDATE) &&
         ct->transaction->in_dialog && dialog && dialog->confirmed_ns != TIME_NONE &&
         dialog->confirmed_ns <= ct->request->time_ns && status != 401 && status != 407 &&
         status != 408 && status != 422 && status != 481 && status != 487;
}

static const char *say_what_followed(const CallCase *c, const CaseTransaction *ct)
{
  const CaseDialog *d = call_case_dialog(c, ct->request->dialog);
  const Message *bye = d && d->bye ? d->bye->request : NULL;

  if (!bye || bye->time_ns - ct->final->time_ns > SECOND_NS)
    return _("the session went on");
  return say(c, "%s hung up %s later", say_endpoint(c, bye->src),
             say_span(c, MAX(bye->time_ns - ct->final->time_ns, 0)));
}

static void add_refused_change(CallCase *c, const CaseTransaction *ct, FindingList *list)
{
  bool is_glare = ct->final->status == 491;
  bool is_invite = ct->transaction->method == SIP_METHOD_INVITE;
  Finding *finding =
    finding_add(list, is_glare ? FINDING_GLARE : FINDING_REINVITE_REJECTED,
                is_glare ? N_("%s had one of its own on the way and refused the %s of %s: %s; %s%s")
                         : N_("%s refused the %s of %s: %s; %s%s"),
                say_endpoint(c, ct->final->src), is_invite ? "re-INVITE" : "UPDATE",
                say_endpoint(c, ct->request->src), say_status(c, ct->final),
                say_what_followed(c, ct), say_details(c, ct->final));

  call_case_prove(finding, ct->request);
  call_case_prove(finding, ct->final);
  call_case_blame(c, finding, ct->final->src, ct->final->status);
}

/* Of each request the last hop, which had the response first. */
static void find_refused_changes(CallCase *c, FindingList *list)
{
  const CaseTransaction *said[SAID_MAX];
  unsigned count = 0;

  for (size_t i = 0; i < c->transaction_count; i++) {
    const CaseTransaction *ct = &c->transactions[i];
    unsigned k = 0;

    if (!is_refused_change(ct))
      continue;
    while (k < count && !is_same_request(said[k]->transaction, ct->transaction))
      k++;
    if (k == SAID_MAX)
      break;
    if (k == count || ct->final->number < said[k]->final->number)
      said[k] = ct;
    count = MAX(count, k + 1);
  }
  for (unsigned k = 0; k < count; k++)
    add_refused_change(c, said[k], list);
}

/* --- fork-answered-twice ---------------------------------------------------------------------- */

/* The hop farthest from the caller whose 2xx is of that dialog. */
static const Message *answer_of(const CallCase *c, const Message *answer)
{
  uint16_t vias = 0;

  for (size_t i = 0; i < c->attempt_count; i++) {
    const CaseTransaction *ct = c->attempt[i];
    if (ct->final && ct->final->status < 300 && ct->final->dialog == answer->dialog &&
        ct->transaction->via_count >= vias) {
      answer = ct->final;
      vias = ct->transaction->via_count;
    }
  }
  return answer;
}

/* RFC 3261 13.2.2.4: on one hop, for a B2BUA that keeps the Call-ID has tags of its own on each. */
static void find_two_answers(CallCase *c, FindingList *list)
{
  for (size_t i = 0; i < c->attempt_count; i++) {
    const CaseTransaction *ct = c->attempt[i];
    const CaseDialog *one = call_case_dialog(c, ct->dialog);
    const CaseDialog *other = ct->other_2xx ? call_case_dialog(c, ct->other_2xx->dialog) : NULL;

    if (!one || !other || (!one->bye && !other->bye))
      continue;
    const CaseDialog *ended = other->bye ? other : one;
    const Message *first = answer_of(c, ct->final), *second = answer_of(c, ct->other_2xx);
    Finding *finding =
      finding_add(list, FINDING_FORK_ANSWERED_TWICE,
                  "%s and %s both answered; %s ended the call of %s", say_endpoint(c, first->src),
                  say_endpoint(c, second->src), say_endpoint(c, ended->bye->request->src),
                  say_endpoint(c, ended == other ? second->src : first->src));
    call_case_prove(finding, first);
    call_case_prove(finding, second);
    call_case_prove(finding, ended->bye->request);
    call_case_blame(c, finding, ct->final->src, 0);
    return;
  }
}

void dialog_findings_add(CallCase *c, FindingList *list)
{
  find_unknown(c, list);
  find_refused_changes(c, list);
  find_two_answers(c, list);
}
