/* Subscriptions that their notifier ended (RFC 6665 4.1.3, 4.2.2). */
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"
#include "dissect/sip/sip_values.h"

enum { SAID_MAX = 4 };

/* Of the last SUBSCRIBE: does it end the subscription, or only ask once (RFC 6665 4.4.3)? */
static bool is_given_up(CallCase *c, const Message *subscribe)
{
  const SipMsg *sip = call_case_load(c, subscribe);
  SipHeaderRow row;

  return subscribe &&
         (!sip || (sip_msg_find(sip, SIP_HEADER_EXPIRES, &row) && slice_eq(row.value, SLICE("0"))));
}

static bool is_terminated(CallCase *c, const Message *notify, Slice *ret_reason)
{
  const SipMsg *sip = call_case_load(c, notify);
  SipHeaderRow row;

  if (!sip || !sip_msg_find(sip, SIP_HEADER_SUBSCRIPTION_STATE, &row))
    return false;
  Slice value = row.value, reason = SLICE_NONE;
  Slice state = slice_trim(sip_cut_params(&value));
  if (value.data)
    (void) sip_param_find(value, SLICE("reason"), &reason);
  *ret_reason = reason;
  return slice_eq_nocase(state, SLICE("terminated"));
}

static void check_dialog(CallCase *c, const CaseDialog *d, FindingList *list)
{
  const Message *subscribe = NULL, *notify = NULL;
  Slice reason = SLICE_NONE;

  for (const CaseTransaction *ct = d->first; ct; ct = ct->next_in_dialog)
    if (ct->transaction->method == SIP_METHOD_SUBSCRIBE && ct->request)
      subscribe = ct->request;
    else if (ct->transaction->method == SIP_METHOD_NOTIFY && ct->request)
      notify = ct->request;
  if (!notify || !is_terminated(c, notify, &reason) || is_given_up(c, subscribe))
    return;
  const char *why = reason.len > 0 ? say(c, ": reason %s", say_text(c, reason)) : "";
  Finding *finding = finding_add(
    list, FINDING_SUBSCRIPTION_TERMINATED, "%s ended the subscription of %s%s%s",
    say_endpoint(c, notify->src), say_endpoint(c, notify->dst), why, say_details(c, notify));
  call_case_prove(finding, notify);
  call_case_blame(c, finding, notify->src, 0);
  call_case_weaken(c, finding);
}

void subscription_findings_add(CallCase *c, FindingList *list)
{
  if (c->call->method != SIP_METHOD_SUBSCRIBE)
    return;
  for (size_t i = 0; i < MIN(c->dialog_count, (size_t) SAID_MAX); i++)
    check_dialog(c, &c->dialogs[i], list);
}
