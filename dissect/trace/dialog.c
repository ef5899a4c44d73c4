/* RFC 3261 12, RFC 6665: which dialog a message belongs to. */
#include "dissect/trace/call_facts.h"
#include "dissect/trace/trace_private.h"

/* The call's newest is nearly always the one; a call without dialogs has none in the table. */
Dialog *dialog_find(const Trace *trace, const Call *call, const Arrival *arrival)
{
  if (!call->dialogs)
    return NULL;
  if (key_eq(&call->last_dialog->key, &arrival->dialog))
    return call->last_dialog;
  Dialog *d = record_table_find(trace->dialogs, &arrival->dialog);
  return d && d->call == call ? d : NULL;
}

static Dialog *dialog_begin(Trace *trace, Call *call, const Message *message,
                            const Arrival *arrival)
{
  Dialog *d = pool_take(&trace->dialog_pool);

  *d = (Dialog){
    .key = arrival->dialog,
    .call = call,
    .confirmed_ns = TIME_NONE,
    .acked_ns = TIME_NONE,
    .bye_ns = TIME_NONE,
    .answer_rank = UINT16_MAX,
    .bye_rank = UINT16_MAX,
    .round = call->round,
    .is_callers = !call->has_caller || call->caller_tag == arrival->from_tag,
    .caller_tag = arrival->from_tag,
    .number = (uint32_t) ++trace->stats.dialogs,
    .cseq = message->cseq,
    .method = message->method,
    .midway = !message->transaction->request,
  };
  if (call->last_dialog)
    call->last_dialog->next = d;
  else
    call->dialogs = d;
  if (!call->open_dialog)
    call->open_dialog = d;
  call->last_dialog = d;
  call->dialog_count++;
  record_table_put(trace->dialogs, d);
  return d;
}

/* Requests that are sent only inside of a dialog: one of them shows a dialog that began before
 * the capture did. */
static bool shows_dialog(const Message *message)
{
  switch (message->method) {
  case SIP_METHOD_ACK:
    return message->transaction->method == SIP_METHOD_ACK;
  case SIP_METHOD_BYE:
  case SIP_METHOD_PRACK:
  case SIP_METHOD_UPDATE:
  case SIP_METHOD_INFO:
  case SIP_METHOD_NOTIFY:
  case SIP_METHOD_REFER:
  case SIP_METHOD_SUBSCRIBE:
    return true;
  default:
    return false;
  }
}

/* Where the beginning was seen, a request whose tags match nothing is a peer's mistake, not a
 * dialog; but a NOTIFY may come before the 2xx that creates its dialog, and from more than one
 * fork (RFC 6665 4.4.1), and a capture may hold one direction only. */
static bool may_begin_by_request(const Call *call, const Message *message)
{
  if (!(message->flags & MESSAGE_HAS_TO_TAG) || !shows_dialog(message))
    return false;
  if (message->method == SIP_METHOD_NOTIFY && call->invite_ns == TIME_NONE)
    return true;
  if (call->dialogs)
    return false;
  return !call->begun || (message->method == SIP_METHOD_ACK && !call->invite_final);
}

/* --- Times, as the caller saw them --- */

static void dialog_confirm(Dialog *d, int64_t time_ns)
{
  if (d->confirmed_ns == TIME_NONE) {
    d->confirmed_ns = time_ns;
    d->call->confirmed += dialog_is_callers(d);
    d->call->unended += dialog_is_callers(d) && d->bye_ns == TIME_NONE;
  }
  if (d->state == DIALOG_EARLY)
    d->state = DIALOG_CONFIRMED;
}

/* How far from the caller a message is seen: by its Vias, and by whether the caller's host sends or
 * gets it.  What the callee sends is farther where it has fewer Vias. */
static uint16_t rank_of(const Trace *trace, const Dialog *d, const Message *m, bool is_callers)
{
  uint32_t client = d->call->client, host = message_is_request(m) == is_callers ? m->src : m->dst;
  unsigned vias = m->transaction->via_count;
  bool is_near =
    d->call->has_caller && is_same_host(trace_endpoint(trace, client), trace_endpoint(trace, host));

  if (is_callers)
    return (uint16_t) MIN(2 * vias + !is_near, UINT16_MAX - 1);
  if (is_near)
    return host != client;
  return (uint16_t) (UINT16_MAX - 1 - MIN(vias, UINT16_MAX - 3));
}

/* The 2xx arrives at the caller later than on other hops. */
static void note_answer(const Trace *trace, Dialog *d, const Message *message)
{
  uint16_t rank = rank_of(trace, d, message, true);

  dialog_confirm(d, message->time_ns);
  if (message->method != SIP_METHOD_INVITE || message->transaction->in_dialog ||
      rank >= d->answer_rank || (d->answer_unseen && !d->is_vague) || d->acked_ns != TIME_NONE)
    return;
  d->answer_rank = rank;
  d->answer_unseen = false;
  if (d->confirmed_ns == message->time_ns)
    return;
  d->confirmed_ns = message->time_ns;
  if (d->bye_ns != TIME_NONE)
    call_note_correction(d->call);
}

static void dialog_end(const Trace *trace, Dialog *d, const Message *message, bool is_callers)
{
  uint16_t rank = rank_of(trace, d, message, is_callers);

  d->state = DIALOG_TERMINATED;
  if (d->bye_ns == TIME_NONE)
    d->call->unended -= dialog_is_callers(d) && d->confirmed_ns != TIME_NONE;
  else if (rank < d->bye_rank)
    call_note_correction(d->call);
  else
    return;
  d->bye_ns = message->time_ns;
  d->bye_rank = rank;
}

/* Requests that belong only to the dialog of an INVITE. */
static bool shows_invite(const Message *message)
{
  return message->method == SIP_METHOD_ACK || message->method == SIP_METHOD_BYE ||
         message->method == SIP_METHOD_PRACK || message->method == SIP_METHOD_UPDATE ||
         message->method == SIP_METHOD_INFO;
}

/* An INVITE with a To tag begins a call at some peers, so its dialog had to be shown by another
 * request before it could be known as a re-INVITE.  Once per call: it had no dialog before. */
static void mark_re_invites(Call *call)
{
  for (Transaction *t = call->transactions; t; t = t->next)
    if (t->method == SIP_METHOD_INVITE && t->request && (t->request->flags & MESSAGE_HAS_TO_TAG))
      t->in_dialog = true;
}

/* A re-INVITE that was refused shows the dialog, which goes on as before (RFC 3261 14.1).  What is
 * challenged is sent again. */
static bool is_refused_re_invite(const Call *call, const Message *message)
{
  return message->method == SIP_METHOD_INVITE && message->status >= 300 && message->status != 401 &&
         message->status != 407 && !call->begun && !call->dialogs &&
         transaction_may_be_re_invite(message->transaction);
}

/* A dialog that began before the capture.  It is early while PRACKs are sent (RFC 3262 4); an ACK
 * says more only if it is not that of a non-2xx whose INVITE was not seen.  An UPDATE is sent
 * before and after the 2xx. */
static Dialog *begin_midway(Trace *trace, Call *call, const Message *message,
                            const Arrival *arrival)
{
  Dialog *d = dialog_begin(trace, call, message, arrival);
  bool is_vague = message->method == SIP_METHOD_ACK || message->method == SIP_METHOD_PRACK;

  d->midway = true;
  d->answer_unseen = !call->begun;
  d->is_vague = message->method == SIP_METHOD_PRACK || message->method == SIP_METHOD_UPDATE;
  if (shows_invite(message) || message->method == SIP_METHOD_INVITE) {
    d->method = SIP_METHOD_INVITE;
    mark_re_invites(call);
  }
  if (call->begun || !is_vague)
    dialog_confirm(d, message->time_ns);
  return d;
}

/* A REFER or NOTIFY showed it first. */
static void become_invite(Dialog *d)
{
  d->method = SIP_METHOD_INVITE;
  mark_re_invites(d->call);
  if (d->confirmed_ns != TIME_NONE && dialog_is_callers(d)) {
    d->call->confirmed++;
    d->call->unended++;
  }
}

static bool is_ack_of_2xx(const Message *message)
{
  return message->method == SIP_METHOD_ACK && message->transaction->method == SIP_METHOD_ACK;
}

/* The 2xx is not in the capture, but without it there would be no ACK with a branch of its own
 * (RFC 3261 13.2.2.4), no BYE of the callee (RFC 3261 15), and no dialog to use after the ACK. */
static void note_proof(Dialog *d, const Message *message, const Arrival *arrival)
{
  bool by_ack = is_ack_of_2xx(message) && !d->answer_unseen;
  bool by_bye =
    message->method == SIP_METHOD_BYE && (d->answer_unseen || d->caller_tag != arrival->from_tag);

  bool by_use = d->acked_ns != TIME_NONE && message->method != SIP_METHOD_ACK &&
                message->method != SIP_METHOD_PRACK;

  if (d->state != DIALOG_EARLY || (!by_ack && !by_bye && !by_use))
    return;
  d->answer_unseen = by_bye && d->acked_ns == TIME_NONE;
  dialog_confirm(d, d->acked_ns != TIME_NONE ? d->acked_ns : message->time_ns);
}

/* Its responses may have come first: then they began nothing. */
static void mark_in_dialog(Dialog *d, Transaction *t)
{
  t->in_dialog = true;
  if (d->is_fork && d->midway && d->cseq == t->cseq)
    d->is_fork = false;
}

/* RFC 3261 15.1.2: the BYE showed a dialog that the other side does not know. */
static void take_back_proof(Dialog *d)
{
  d->call->confirmed -= d->confirmed_ns != TIME_NONE && dialog_is_callers(d);
  d->confirmed_ns = TIME_NONE;
}

static void note_in_dialog(const Trace *trace, Dialog *d, Message *message, const Arrival *arrival)
{
  if (message->transaction->request == message)
    mark_in_dialog(d, message->transaction);
  if (d->midway && d->method != SIP_METHOD_INVITE && shows_invite(message))
    become_invite(d);
  note_proof(d, message, arrival);
  if (message->method == SIP_METHOD_BYE)
    dialog_end(trace, d, message, arrival->from_tag == d->caller_tag);
  if (is_ack_of_2xx(message) && message->cseq == d->cseq && d->acked_ns == TIME_NONE)
    d->acked_ns = message->time_ns;
}

static Dialog *dialog_file_request(Trace *trace, Call *call, Message *message,
                                   const Arrival *arrival)
{
  bool has_tag = message->flags & MESSAGE_HAS_TO_TAG;

  if (!has_tag && message->method == SIP_METHOD_INVITE)
    call->begun = true;
  if (!has_tag && (message->method == SIP_METHOD_INVITE || message->method == SIP_METHOD_CANCEL))
    return NULL;
  Dialog *d = dialog_find(trace, call, arrival);
  if (!d && may_begin_by_request(call, message))
    d = begin_midway(trace, call, message, arrival);
  if (d)
    note_in_dialog(trace, d, message, arrival);
  else if (message->method == SIP_METHOD_BYE && call_rare(call)->stray_bye_ns == TIME_NONE)
    call_note_stray_bye(call, message->time_ns);
  return d;
}

/* RFC 3261 12.1: 101-199 with a To tag and 2xx to an INVITE; a 2xx to SUBSCRIBE (RFC 6665) and to a
 * REFER outside of dialogs (RFC 3515). */
static bool may_begin_by_response(const Message *message)
{
  if (message->transaction->in_dialog || message->status <= 100 || message->status >= 300)
    return false;
  if (message->status < 200)
    return message->method == SIP_METHOD_INVITE && (message->flags & MESSAGE_HAS_TO_TAG);
  return message->method == SIP_METHOD_INVITE ||
         ((message->flags & MESSAGE_HAS_TO_TAG) &&
          (message->method == SIP_METHOD_SUBSCRIBE || message->method == SIP_METHOD_REFER));
}

/* Of a BYE that came before the capture. */
static bool is_answer_to_bye(const Call *call, const Message *message)
{
  return message->method == SIP_METHOD_BYE && message->status >= 200 && message->status < 300 &&
         !message->transaction->request && !call->begun && !call->dialogs;
}

/* The INVITE came after the BYE of a dialog with the same tags, or after all that was before. */
static bool begins_again(const Dialog *d, const Message *message)
{
  const Transaction *t = message->transaction;

  if (message->method != SIP_METHOD_INVITE || !t->request || !may_begin_by_response(message))
    return false;
  return (d->bye_ns != TIME_NONE && t->request->time_ns > d->bye_ns) ||
         (d->round < d->call->round && t->number >= d->call->round);
}

static Dialog *dialog_file_response(Trace *trace, Call *call, Message *message,
                                    const Arrival *arrival)
{
  Dialog *d = dialog_find(trace, call, arrival);

  if (message->method == SIP_METHOD_INVITE && message->status >= 200)
    call->invite_final = true;
  if (d ? begins_again(d, message) : may_begin_by_response(message)) {
    d = dialog_begin(trace, call, message, arrival);
    d->answer_unseen = message->status >= 200 && transaction_may_be_re_invite(message->transaction);
  } else if (!d && (is_answer_to_bye(call, message) || is_refused_re_invite(call, message)))
    d = begin_midway(trace, call, message, arrival);
  /* RFC 3261 15.1.2: a BYE that matched no dialog there either ended nothing. */
  if (!d && message->method == SIP_METHOD_BYE && message->status >= 300)
    call_note_stray_bye(call, TIME_NONE);
  if (!d)
    return NULL;
  if (message->method == SIP_METHOD_INVITE && !message->transaction->in_dialog &&
      message->status > 100 && message->status < 300)
    call_note_fork(d);
  if (message->status >= 200 && message->status < 300 && message->method == d->method)
    note_answer(trace, d, message);
  if (message->method == SIP_METHOD_BYE && message->status >= 200 && message->status < 300 &&
      d->bye_ns == TIME_NONE)
    dialog_end(trace, d, message, arrival->from_tag == d->caller_tag);
  if (message->method == SIP_METHOD_BYE && message->status == 481 && d->answer_unseen)
    take_back_proof(d);
  /* RFC 3261 12.3, RFC 6228: a non-2xx final, or 199, ends an early dialog. */
  if ((message->status == 199 || message->status >= 300) && d->state == DIALOG_EARLY &&
      message->method == SIP_METHOD_INVITE)
    d->state = DIALOG_TERMINATED;
  return d;
}

void dialog_file(Trace *trace, Call *call, Message *message, const Arrival *arrival)
{
  message->dialog = message_is_request(message)
                      ? dialog_file_request(trace, call, message, arrival)
                      : dialog_file_response(trace, call, message, arrival);
  if (message->dialog)
    call_note_duration(call, message->dialog);
}
