#include "dissect/diagnose/call_case.h"

#include "dissect/diagnose/doubts.h"

/* --- Transactions and dialogs ----------------------------------------------------------------- */

static CaseTransaction *find_transaction(const CallCase *c, const Transaction *transaction)
{
  size_t low = 0, high = c->transaction_count;

  while (transaction && low < high) {
    size_t middle = low + (high - low) / 2;
    CaseTransaction *ct = &c->transactions[middle];
    if (ct->transaction == transaction)
      return ct;
    if (ct->transaction->number < transaction->number)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

const CaseTransaction *call_case_transaction(const CallCase *c, const Transaction *transaction)
{
  return find_transaction(c, transaction);
}

static CaseDialog *find_dialog(const CallCase *c, const Dialog *dialog)
{
  size_t low = 0, high = c->dialog_count;

  while (dialog && low < high) {
    size_t middle = low + (high - low) / 2;
    CaseDialog *d = &c->dialogs[middle];
    if (d->dialog == dialog)
      return d;
    if (d->dialog->number < dialog->number)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

const CaseDialog *call_case_dialog(const CallCase *c, const Dialog *dialog)
{
  return find_dialog(c, dialog);
}

static void note_request(CaseTransaction *ct, const Message *message)
{
  if (message->method == SIP_METHOD_ACK && ct->transaction->method != SIP_METHOD_ACK) {
    if (!ct->ack)
      ct->ack = message;
    return;
  }
  if (!ct->request)
    ct->request = message;
  ct->last_request = message;
  ct->requests++;
}

static void note_response(CaseTransaction *ct, const Message *message)
{
  const Message *final = ct->transaction->final;

  if (!ct->response)
    ct->response = message;
  if (message->status > 100 && message->status < 200) {
    if (!ct->provisional)
      ct->provisional = message;
    if (message->flags & MESSAGE_RETRANSMISSION) {
      ct->repeated = message;
      ct->repeats++;
    }
  } else if (final && message->status == final->status && message->dialog == final->dialog) {
    ct->last_final = message;
    ct->finals++;
  } else if (final && message->status >= 200 && message->status < 300 && final->status < 300) {
    ct->other_2xx = message;
  }
}

static void read_messages(CallCase *c)
{
  CaseTransaction *ct = NULL;

  for (const Message *m = c->call->first; m; m = m->next) {
    if (m->flags & MESSAGE_DUPLICATE)
      continue;
    c->lacks_addresses |= !endpoint_is_known(trace_endpoint(c->trace, m->src)) ||
                          !endpoint_is_known(trace_endpoint(c->trace, m->dst));
    if (!ct || ct->transaction != m->transaction)
      ct = find_transaction(c, m->transaction);
    if (message_is_request(m))
      note_request(ct, m);
    else
      note_response(ct, m);
  }
}

static const Dialog *dialog_of(const CaseTransaction *ct)
{
  if (ct->request && ct->request->dialog)
    return ct->request->dialog;
  if (ct->final)
    return ct->final->dialog;
  return ct->response ? ct->response->dialog : NULL;
}

static void enter_in_dialog(CaseDialog *d, CaseTransaction *ct)
{
  const Transaction *t = ct->transaction;

  if (d->last)
    d->last->next_in_dialog = ct;
  else
    d->first = ct;
  d->last = ct;
  if (t->method == SIP_METHOD_BYE && !d->bye && ct->request)
    d->bye = ct;
  bool creates =
    t->method == SIP_METHOD_INVITE && !t->in_dialog && ct->final && ct->final->status < 300;
  if (creates && (!d->invite || t->via_count < d->invite->transaction->via_count))
    d->invite = ct;
}

static void list_transactions(CallCase *c)
{
  size_t i = 0;

  c->transaction_count = c->call->transaction_count;
  c->transactions = arena_alloc0(c->arena, c->transaction_count * sizeof *c->transactions);
  for (const Transaction *t = c->call->transactions; t; t = t->next)
    c->transactions[i++] = (CaseTransaction){.transaction = t, .final = t->final};
  g_assert(i == c->transaction_count);
  read_messages(c);
}

static void list_dialogs(CallCase *c)
{
  size_t i = 0;

  c->dialog_count = c->call->dialog_count;
  c->dialogs = arena_alloc0(c->arena, c->dialog_count * sizeof *c->dialogs);
  for (const Dialog *d = c->call->dialogs; d; d = d->next)
    c->dialogs[i++].dialog = d;
  g_assert(i == c->dialog_count);
  for (i = 0; i < c->transaction_count; i++) {
    CaseTransaction *ct = &c->transactions[i];
    ct->dialog = dialog_of(ct);
    CaseDialog *d = find_dialog(c, ct->dialog);
    if (d)
      enter_in_dialog(d, ct);
  }
}

/* The call's deciders are bounded. */
static void list_attempt(CallCase *c)
{
  const Message *decided_by = c->summary->decided_by;
  const Transaction *decider = decided_by ? decided_by->transaction : c->call->last_decider;

  c->decided = decided_by ? find_transaction(c, decided_by->transaction) : NULL;
  c->attempt = arena_alloc(c->arena, c->call->decider_count * sizeof(const CaseTransaction *));
  for (const Transaction *t = c->call->deciders; t; t = t->next_decider)
    if (t->cseq == decider->cseq && t->from_tag == decider->from_tag)
      c->attempt[c->attempt_count++] = find_transaction(c, t);
}

void call_case_prepare(CallCase *c)
{
  c->words = g_string_new(NULL);
  list_transactions(c);
  list_dialogs(c);
  list_attempt(c);
}

void call_case_clear(CallCase *c)
{
  g_clear_pointer(&c->loaded, g_hash_table_unref);
  if (c->words)
    g_string_free(c->words, true);
  c->words = NULL;
}

/* --- What the rules ask ----------------------------------------------------------------------- */

const Message *call_case_ack(const CallCase *c, const CaseTransaction *ct)
{
  const CaseDialog *d = ct->final ? call_case_dialog(c, ct->final->dialog) : NULL;

  if (!ct->request)
    return NULL;
  if (ct->ack)
    return ct->ack->src == ct->request->src ? ct->ack : NULL;
  for (const CaseTransaction *other = d ? d->first : NULL; other; other = other->next_in_dialog)
    if (other->transaction->method == SIP_METHOD_ACK && other->request &&
        other->request->cseq == ct->request->cseq && other->request->src == ct->request->src)
      return other->request;
  return NULL;
}

const Message *call_case_message(const CallCase *c, uint32_t number)
{
  return call_reading_message(&c->path->reading, number);
}

const SipMsg *call_case_load(CallCase *c, const Message *message)
{
  gpointer known;

  if (!message || !c->stores)
    return NULL;
  const ReadMessage *read = call_reading_find(&c->path->reading, message);
  if (read)
    return read_message_sip(read);
  if (!c->loaded)
    c->loaded = g_hash_table_new(g_direct_hash, g_direct_equal);
  gpointer key = GUINT_TO_POINTER(message->number);
  if (g_hash_table_lookup_extended(c->loaded, key, NULL, &known))
    return known;
  if (c->load_count == CASE_LOADS_MAX)
    return NULL;
  c->load_count++;
  SipMsg *sip = arena_alloc(c->arena, sizeof *sip);
  if (!message_load(message, c->stores, c->arena, sip, NULL))
    sip = NULL;
  g_hash_table_insert(c->loaded, key, sip);
  return sip;
}

const SipMsg *call_case_load_saying(CallCase *c, const Message *message, unsigned says)
{
  return message && message->says & says ? call_case_load(c, message) : NULL;
}

bool call_case_same_host(const CallCase *c, uint32_t a, uint32_t b)
{
  Endpoint left = *trace_endpoint(c->trace, a), right = *trace_endpoint(c->trace, b);

  left.port = right.port = 0;
  return a == b || endpoint_eq(&left, &right);
}

void call_case_weaken(const CallCase *c, Finding *finding)
{
  if (trace_counts(c->trace)->dropped_packets > 0)
    finding_weaken(finding, "the capture has dropped packets");
  else if (c->call->is_midway)
    finding_weaken(finding, "the beginning of the call was not captured");
  else if (call_is_one_way(c->call))
    finding_weaken(finding, "only one direction of the call was captured");
}

void call_case_prove(Finding *finding, const Message *message)
{
  if (!finding || !message)
    return;
  if (finding->time_ns == TIME_NONE)
    finding->time_ns = message->time_ns;
  finding_prove_by_message(finding, message->number);
}

void call_case_blame(const CallCase *c, Finding *finding, uint32_t endpoint, unsigned status)
{
  if (!finding)
    return;
  finding->where = *trace_endpoint(c->trace, endpoint);
  finding->status = status;
}
