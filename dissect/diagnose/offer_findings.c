/* Offers and answers (RFC 3264, 6337): those without an answer, and those that do not fit. */
#include "capture/language.h"
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"
#include "dissect/sip/sip_body.h"

enum { OF_ONE_KIND = 4 }; /* findings of one kind in a call */

/* --- no-answer-sdp --- */

static bool has_sdp(const Message *m)
{
  return m && (m->flags & MESSAGE_HAS_SDP);
}

/* The ACK of the 2xx of a dialog, on the hop of its INVITE. */
static const Message *ack_of(const CallCase *c, const CaseDialog *d)
{
  const Message *invite = d->invite->request;

  for (const CaseTransaction *ct = d->first; ct; ct = ct->next_in_dialog)
    if (ct->transaction->method == SIP_METHOD_ACK && ct->request &&
        ct->request->cseq == invite->cseq && call_case_same_host(c, ct->request->src, invite->src))
      return ct->request;
  return NULL;
}

/* What came back to an INVITE, and the PRACKs and UPDATEs meanwhile. */
typedef struct {
  bool has_sdp, is_incomplete; /* or not known */
} Exchanged;

static Exchanged exchanged_for(const CaseDialog *d, const Message *ack)
{
  const Transaction *invite = d->invite->transaction;
  Exchanged exchanged = {false, false};
  unsigned walked = 0;

  for (const Message *m = d->invite->request->next; m && m != ack; m = m->next) {
    if (walked++ == CALL_CASE_WALK_MAX)
      return (Exchanged){.is_incomplete = true};
    bool is_its_response = m->transaction == invite && m->status > 100;
    bool is_between = m->method == SIP_METHOD_PRACK || m->method == SIP_METHOD_UPDATE;
    if (!is_its_response && !is_between)
      continue;
    exchanged.has_sdp |= has_sdp(m);
    exchanged.is_incomplete |= (m->flags & MESSAGE_INCOMPLETE) != 0;
  }
  return exchanged;
}

/* Has it a body whose type is not named?  It may be a session description. */
static bool may_describe(const Message *m)
{
  return (m->says & MESSAGE_SAYS_UNTYPED) != 0;
}

static void add_no_answer(CallCase *c, const Message *offer, const Message *ack, FindingList *list)
{
  Finding *finding =
    finding_add(list, FINDING_NO_ANSWER_SDP, "the offer of %s in the %s was never answered",
                say_endpoint(c, offer->src),
                message_is_request(offer) ? say_method(c, offer) : say_status(c, offer));

  call_case_prove(finding, offer);
  call_case_prove(finding, ack);
}

static void find_no_answer(CallCase *c, FindingList *list)
{
  for (size_t i = 0; i < c->dialog_count; i++) {
    const CaseDialog *d = &c->dialogs[i];
    if (!d->invite || !d->invite->request || !d->invite->final || c->path->reading.left_out > 0)
      continue;
    const Message *request = d->invite->request, *answer = d->invite->final;
    const Message *ack = ack_of(c, d);
    if (!ack || (request->flags | answer->flags | ack->flags) & MESSAGE_INCOMPLETE)
      continue;
    Exchanged exchanged = exchanged_for(d, ack);
    if (exchanged.is_incomplete)
      continue;
    if (has_sdp(request) && !exchanged.has_sdp && !may_describe(answer))
      add_no_answer(c, request, ack, list);
    else if (!has_sdp(request) && has_sdp(answer) && !has_sdp(ack) && !may_describe(ack))
      add_no_answer(c, answer, ack, list);
  }
}

/* --- offer-answer --- */

static void add_misfit(CallCase *c, uint32_t before, uint32_t now, const char *what,
                       FindingList *list)
{
  const Message *first = call_case_message(c, before), *second = call_case_message(c, now);

  if (!first || !second || ((first->flags | second->flags) & MESSAGE_INCOMPLETE))
    return;
  Finding *finding =
    finding_add(list, FINDING_OFFER_ANSWER, "the session description of %s in the %s %s",
                say_endpoint(c, second->src),
                message_is_request(second) ? say_method(c, second) : say_status(c, second), what);
  call_case_prove(finding, first);
  call_case_prove(finding, second);
}

/* RFC 3264 6.1: what may be answered to a direction. */
static bool direction_fits(const MediaLine *offer, const MediaLine *answer)
{
  switch ((SdpDirection) offer->direction) {
  case SDP_SENDRECV:
    return true;
  case SDP_SENDONLY:
    return answer->direction == SDP_RECVONLY || answer->direction == SDP_INACTIVE;
  case SDP_RECVONLY:
    return answer->direction == SDP_SENDONLY || answer->direction == SDP_INACTIVE;
  case SDP_INACTIVE:
    return answer->direction == SDP_INACTIVE;
  }
  return true;
}

static bool check_answer(CallCase *c, const MediaExchange *x, FindingList *list)
{
  const MediaSdp *offer = x->offer->sdp, *answer = x->answer->sdp;
  char what[160];

  if (offer->skipped > 0 || answer->skipped > 0)
    return false;
  if (offer->line_count != answer->line_count) {
    g_snprintf(what, sizeof what,
               translate_count("answers %zu m= line with %zu", "answers %zu m= lines with %zu",
                               offer->line_count),
               offer->line_count, answer->line_count);
    add_misfit(c, x->offer_message, x->answer_message, what, list);
    return true;
  }
  for (size_t i = 0; i < offer->line_count; i++) {
    const MediaLine *asked = &offer->lines[i], *got = &answer->lines[i];
    if (asked->refused || got->refused || direction_fits(asked, got))
      continue;
    g_snprintf(what, sizeof what, _("answers %s with %s"), sdp_direction_name(asked->direction),
               sdp_direction_name(got->direction));
    add_misfit(c, x->offer_message, x->answer_message, what, list);
    return true;
  }
  return false;
}

/* The exchange before it on the same hop. */
static const MediaExchange *exchange_before(const MediaCall *media, guint index)
{
  const MediaExchange *x = &g_array_index(media->exchanges, MediaExchange, index);

  for (guint i = index; i-- > 0;) {
    const MediaExchange *before = &g_array_index(media->exchanges, MediaExchange, i);
    if (before->leg == x->leg && before->offer_message != x->offer_message)
      return before;
  }
  return NULL;
}

/* What the side that offers described last on that hop. */
static uint32_t description_before(const MediaExchange *before, MediaSide side)
{
  if (before->offer->side == side)
    return before->offer_message;
  return before->answer && before->answer->side == side ? before->answer_message : 0;
}

/* RFC 3264 8: a change raises the version of o=. */
static bool has_old_version(const SipMsg *before, const SipMsg *now)
{
  Slice old = sip_msg_sdp(before), new = sip_msg_sdp(now);
  Sdp a, b;
  uint64_t was, is;

  if (!before->complete || !now->complete || slice_eq(old, new) || !sdp_parse(old, &a) ||
      !sdp_parse(new, &b) || !slice_to_u64(a.origin.session_version, &was) ||
      !slice_to_u64(b.origin.session_version, &is))
    return false;
  return slice_eq(a.origin.session_id, b.origin.session_id) &&
         slice_eq(a.origin.user, b.origin.user) && is <= was;
}

/* Was the offer in the one request not answered yet when the other was sent? */
static bool is_open(const Message *first, const Message *second)
{
  if (!first || !message_is_request(first) || !message_is_request(second) ||
      first->number > second->number)
    return false;
  unsigned walked = 0;
  for (const Message *m = first->next; m && m != second; m = m->next)
    if (walked++ == CALL_CASE_WALK_MAX ||
        (m->transaction == first->transaction && (m->status >= 200 || has_sdp(m))))
      return false;
  return true;
}

/* RFC 3264 4. */
static bool check_second_offer(CallCase *c, const MediaExchange *before, const MediaExchange *x,
                               FindingList *list)
{
  const Message *second = call_case_message(c, x->offer_message);

  if (!second || !(second->flags & MESSAGE_HAS_TO_TAG) || before->refused ||
      before->offer->side != x->offer->side ||
      !is_open(call_case_message(c, before->offer_message), second))
    return false;
  add_misfit(c, before->offer_message, x->offer_message,
             _("is a second offer before the first one was answered"), list);
  return true;
}

static bool check_offer(CallCase *c, const MediaExchange *before, const MediaExchange *x,
                        FindingList *list)
{
  uint32_t described = description_before(before, (MediaSide) x->offer->side);
  const Message *first = call_case_message(c, described),
                *second = call_case_message(c, x->offer_message);
  size_t lines = x->offer->sdp->line_count;
  char what[160];

  if (!second || !(second->flags & MESSAGE_HAS_TO_TAG))
    return false;
  if (before->answer && !before->refused && lines < before->offer->sdp->line_count) {
    g_snprintf(what, sizeof what,
               translate_count("has %zu m= line, where the session has %zu",
                               "has %zu m= lines, where the session has %zu", lines),
               lines, before->offer->sdp->line_count);
    add_misfit(c, before->offer_message, x->offer_message, what, list);
    return true;
  }
  const SipMsg *old = call_case_load(c, first), *now = call_case_load(c, second);
  if (!first || !old || !now || !has_old_version(old, now))
    return false;
  add_misfit(c, described, x->offer_message,
             _("differs from the one before, and its version (o=) was not raised"), list);
  return true;
}

static void find_misfits(CallCase *c, FindingList *list)
{
  unsigned found = 0;

  for (guint i = 0; c->media && i < c->media->exchanges->len && found < OF_ONE_KIND; i++) {
    const MediaExchange *x = &g_array_index(c->media->exchanges, MediaExchange, i);
    const MediaExchange *before = exchange_before(c->media, i);
    if (media_call_repeats(c->media, i))
      continue;
    bool is_misfit = before && check_second_offer(c, before, x, list);
    if (!is_misfit && !x->refused)
      is_misfit =
        (before && check_offer(c, before, x, list)) || (x->answer && check_answer(c, x, list));
    found += is_misfit;
  }
}

void offer_findings_add(CallCase *c, FindingList *list)
{
  find_no_answer(c, list);
  find_misfits(c, list);
}
