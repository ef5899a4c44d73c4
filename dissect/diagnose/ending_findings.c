/* How a session ended: dropped, by its session timer (RFC 4028), or not at all. */
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"
#include "dissect/sip/sip_values.h"

static const int64_t DROPPED_NS = 3 * SECOND_NS;
static const int64_t FORGOTTEN_NS = 1800 * SECOND_NS;
/* RFC 4028 4: no interval is shorter than 90 s; the BYE comes a third of it sooner. */
static const int64_t SHORTEST_NS = 60 * SECOND_NS;
/* How exact timers of peers are. */
static const int64_t SLACK_NS = 2 * SECOND_NS;

/* The first dialog that the caller's INVITE got an answer in. */
static const CaseDialog *main_dialog(const CallCase *c)
{
  const CaseTransaction *decided = c->decided;
  const CaseDialog *d = decided ? call_case_dialog(c, decided->dialog) : NULL;

  return d && d->invite && d->invite->request && !d->dialog->answer_unseen ? d : NULL;
}

/* --- Session timers --------------------------------------------------------------------------- */

/* In seconds; 0: the response sets none. */
static uint32_t session_expires(CallCase *c, const Message *response)
{
  const SipMsg *sip = call_case_load_saying(c, response, MESSAGE_SAYS_EXPIRES);
  uint32_t seconds = 0;
  SipHeaderRow row;

  if (!sip || !sip_msg_find(sip, SIP_HEADER_SESSION_EXPIRES, &row))
    return 0;
  Slice value = row.value;
  return slice_to_u32(slice_trim(sip_cut_params(&value)), &seconds) ? seconds : 0;
}

/* The last 2xx that refreshed the session; NULL if that is not known. */
static const Message *last_refresh(const CaseDialog *d)
{
  const Message *refresh = d->invite->final;

  for (const CaseTransaction *ct = d->first; ct; ct = ct->next_in_dialog) {
    uint16_t method = ct->transaction->method;
    if (method != SIP_METHOD_INVITE && method != SIP_METHOD_UPDATE)
      continue;
    if (!ct->final)
      return NULL;
    if (ct->final->status < 300 && ct->final->time_ns > refresh->time_ns)
      refresh = ct->final;
  }
  return refresh;
}

static int64_t last_sign(const CallCase *c)
{
  int64_t last_ns = c->call->end_ns;

  for (guint i = 0; i < c->streams->len; i++)
    last_ns = MAX(last_ns, g_array_index(c->streams, CallStream, i).stream->last_ns);
  return last_ns;
}

/* RFC 4028 10: the BYE is sent min(32 s, a third) before the session expires. */
static bool is_by_timer(int64_t lasted_ns, int64_t interval_ns)
{
  int64_t early_ns = interval_ns - MIN(TIMEOUT_NS, interval_ns / 3);

  return ABS(lasted_ns - early_ns) <= SLACK_NS || lasted_ns >= interval_ns - SLACK_NS;
}

static void find_expired(CallCase *c, const CaseDialog *d, FindingList *list)
{
  const Message *refresh = last_refresh(d), *bye = d->bye ? d->bye->request : NULL;
  int64_t end_ns = bye ? bye->time_ns : last_sign(c);

  if (!refresh || end_ns - refresh->time_ns < SHORTEST_NS - SLACK_NS)
    return;
  int64_t lasted_ns = end_ns - refresh->time_ns;
  int64_t interval_ns = session_expires(c, refresh) * SECOND_NS;
  if (interval_ns == 0 ||
      (bye ? !is_by_timer(lasted_ns, interval_ns) : lasted_ns < interval_ns + TIMEOUT_NS))
    return;
  const char *interval = say_span(c, interval_ns), *lasted = say_span(c, lasted_ns);
  const char *text =
    bye && lasted_ns <= interval_ns + SLACK_NS
      ? say(c, "%s ended the call %s after the last refresh of its session timer of %s",
            say_endpoint(c, bye->src), lasted, interval)
      : say(c, "the session went on for %s without a refresh of its timer of %s", lasted, interval);
  Finding *finding =
    finding_add(list, FINDING_SESSION_EXPIRED, "%s%s", text, bye ? say_details(c, bye) : "");
  call_case_prove(finding, refresh);
  call_case_prove(finding, bye);
  call_case_blame(c, finding, bye ? bye->src : refresh->src, 0);
  call_case_weaken(c, finding);
}

/* --- dropped ---------------------------------------------------------------------------------- */

static bool has_refer(const CaseDialog *d)
{
  for (const CaseTransaction *ct = d->first; ct; ct = ct->next_in_dialog)
    if (ct->transaction->method == SIP_METHOD_REFER)
      return true;
  return false;
}

/* A transfer ends calls at once (RFC 3515, 3891). */
static void find_dropped(CallCase *c, const CaseDialog *d, FindingList *list)
{
  const Message *bye = d->bye ? d->bye->request : NULL;
  int64_t lasted_ns = bye ? bye->time_ns - d->dialog->confirmed_ns : -1;
  SipReason reason;

  if (lasted_ns < 0)
    return;
  bool is_fault =
    bye->says & MESSAGE_SAYS_FAULT && case_reason(c, bye, &reason) && sip_reason_is_error(&reason);
  if (!is_fault && (lasted_ns >= DROPPED_NS || has_refer(d)))
    return;
  Finding *finding = finding_add(list, FINDING_DROPPED, "the %s, %s, hung up %s after the answer%s",
                                 say_party(d->dialog, bye), say_endpoint(c, bye->src),
                                 say_span(c, lasted_ns), say_details(c, bye));
  call_case_prove(finding, d->invite->final);
  call_case_prove(finding, bye);
  call_case_blame(c, finding, bye->src, 0);
  if (finding)
    finding->decided = true;
}

/* --- never-ended ------------------------------------------------------------------------------ */

static void find_forgotten(CallCase *c, const CaseDialog *d, FindingList *list)
{
  int64_t silent_ns = c->now_ns - last_sign(c);
  const Message *refresh = last_refresh(d);

  if (d->bye || call_rare(c->call)->stray_bye_ns != TIME_NONE || silent_ns < SHORTEST_NS ||
      !refresh)
    return;
  uint32_t interval = session_expires(c, refresh);
  if (silent_ns <= (interval > 0 ? interval * SECOND_NS : FORGOTTEN_NS))
    return;
  const char *timer =
    interval > 0 ? say(c, ", and its session timer was %s", say_span(c, interval * SECOND_NS)) : "";
  Finding *finding = finding_add(list, FINDING_NEVER_ENDED,
                                 "nothing of the call was seen in the last %s of the capture, and "
                                 "no BYE%s",
                                 say_span(c, silent_ns), timer);
  call_case_prove(finding, d->invite->final);
  call_case_prove(finding, c->call->last);
  call_case_blame(c, finding, d->invite->final->src, 0);
}

void ending_findings_add(CallCase *c, FindingList *list)
{
  const CaseDialog *d = c->summary->outcome == OUTCOME_ANSWERED ? main_dialog(c) : NULL;

  if (!d || c->call->method != SIP_METHOD_INVITE)
    return;
  find_expired(c, d, list);
  find_dropped(c, d, list);
  find_forgotten(c, d, list);
}
