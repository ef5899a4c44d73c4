/* Filing messages into calls, and what a call adds up from them: counters, deciders, facts. */
#include "capture/hash.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/trace/call_facts.h"
#include "dissect/trace/trace_private.h"

/* More transactions than these are not asked what became of the call: the newest decide. */
enum { CALL_DECIDERS_MAX = 1024 };

G_STATIC_ASSERT(TRANSPORT_COUNT <= 8); /* Call.transports has a bit for each */

/* --- Texts ----------------------------------------------------------------------------------- */

/* Peers decide how long it is: only its beginning is kept, to the end of a UTF-8 character. */
static Slice text_to_keep(Slice text)
{
  size_t len = CALL_TEXT_MAX;

  if (text.len <= len)
    return text;
  while (len > CALL_TEXT_MAX - 3 && ((unsigned char) text.data[len] & 0xc0) == 0x80)
    len--;
  return slice_head(text, len);
}

/* Returns how many bytes they are. */
static size_t texts_to_keep(const Slice texts[CALL_TEXT_COUNT], Slice ret_kept[CALL_TEXT_COUNT])
{
  size_t size = 0;

  for (unsigned i = 0; i < CALL_TEXT_COUNT; i++) {
    ret_kept[i] = text_to_keep(texts[i]);
    size += ret_kept[i].len;
  }
  return size;
}

static void note_cut(Call *call, CallText which, bool is_cut)
{
  if (!is_cut && !call_rare(call)->cut)
    return;
  CallRare *rare = call_make_rare(call);
  if (!rare->cut)
    rare->cut = arena_new(&rare->arena, CallCut);
  rare->cut->is_cut[which] = is_cut;
}

static void keep_texts(Call *call, const Slice kept[CALL_TEXT_COUNT], char *room)
{
  call->texts = room;
  for (unsigned i = 0; i < CALL_TEXT_COUNT; i++) {
    call->text_lens[i] = kept[i].data ? (uint16_t) kept[i].len : CALL_TEXT_ABSENT;
    if (kept[i].len > 0)
      memcpy(room, kept[i].data, kept[i].len);
    room += kept[i].len;
  }
}

/* `message`, which is not the first, has the From and To that name the call. */
static void call_rename_parties(Call *call, const SipMsg *sip, const Message *message)
{
  CallRare *rare = call_make_rare(call);
  const Slice texts[] = {call_text_kept(call, CALL_TEXT_ID), call_text_in(sip, CALL_TEXT_FROM),
                         call_text_in(sip, CALL_TEXT_TO)};
  Slice kept[CALL_TEXT_COUNT];
  size_t size = texts_to_keep(texts, kept);

  keep_texts(call, kept, arena_alloc(&rare->arena, size));
  for (unsigned i = CALL_TEXT_FROM; i < CALL_TEXT_COUNT; i++)
    note_cut(call, i, kept[i].len < texts[i].len);
  if (rare->cut)
    rare->cut->named_by = message;
}

static void digest_id(const Trace *trace, Call *call, Slice id)
{
  CallCut *cut = call_rare(call)->cut;

  if (!cut || !cut->is_cut[CALL_TEXT_ID])
    return;
  Hash128 hash = hash_bytes_128(id.data, id.len, trace->seed);
  cut->id_len = id.len;
  cut->id_digest = (Key){hash.low, hash.high};
}

bool call_has_id(const Trace *trace, const Call *call, Slice id)
{
  const CallCut *cut = call_rare(call)->cut;
  Slice kept = call_text_kept(call, CALL_TEXT_ID);

  if (!cut || !cut->is_cut[CALL_TEXT_ID])
    return kept.data && slice_eq(kept, id);
  Hash128 hash = hash_bytes_128(id.data, id.len, trace->seed);
  return id.len == cut->id_len && key_eq(&cut->id_digest, &(Key){hash.low, hash.high});
}

const Message *call_text_message(const Call *call, CallText which)
{
  const CallCut *cut = call_rare(call)->cut;

  if (!cut || !cut->is_cut[which])
    return NULL;
  return which != CALL_TEXT_ID && cut->named_by ? cut->named_by : call->first;
}

Slice call_text_in(const SipMsg *sip, CallText which)
{
  if (which == CALL_TEXT_ID)
    return sip->call_id;
  return sip_addr_parse(which == CALL_TEXT_FROM ? sip->from : sip->to).uri;
}

Slice call_text_shortened(const Call *call, CallText which, Arena *scratch)
{
  Slice kept = call_text_kept(call, which), dots = SLICE("...");
  char *text = arena_alloc(scratch, kept.len + dots.len);

  memcpy(text, kept.data, kept.len);
  memcpy(text + kept.len, dots.data, dots.len);
  return slice_of(text, kept.len + dots.len);
}

Slice call_text(const Call *call, CallText which, const StoreSet *stores, Arena *scratch)
{
  const Message *message = call_text_message(call, which);
  SipMsg sip;

  if (!message)
    return call_text_kept(call, which);
  bool readable = byte_ref_store(message->ref) != STORE_NONE &&
                  message_load(message, stores, scratch, &sip, NULL);
  return readable ? call_text_in(&sip, which) : call_text_shortened(call, which, scratch);
}

/* One block of memory: the call, then its texts. */
static Call *call_begin(Trace *trace, const Arrival *arrival)
{
  Slice id = arrival->sip.call_id;
  const Slice texts[] = {id.len > 0 ? id : SLICE_NONE, call_text_in(&arrival->sip, CALL_TEXT_FROM),
                         call_text_in(&arrival->sip, CALL_TEXT_TO)};
  Slice kept[CALL_TEXT_COUNT];
  size_t size = texts_to_keep(texts, kept);
  Call *call = g_malloc(sizeof *call + size);

  *call = (Call){.id = arrival->call};
  keep_texts(call, kept, (char *) (call + 1));
  for (unsigned i = 0; i < CALL_TEXT_COUNT; i++)
    note_cut(call, i, kept[i].len < texts[i].len);
  digest_id(trace, call, id);
  call->start_ns = call->end_ns = arrival->raw.time_ns;
  call->invite_ns = TIME_NONE;
  call->longest_ns = -1;
  sparse_array_add(trace->calls, call);
  call->number = (uint32_t) sparse_array_len(trace->calls);
  call_link(trace, call);
  return call;
}

Call *call_file(Trace *trace, const Arrival *arrival)
{
  Call *call = call_find(trace, arrival);

  return call ? call : call_begin(trace, arrival);
}

/* --- Counters -------------------------------------------------------------------------------- */

/* A response without CSeq may still show an INVITE: nothing else rings. */
static uint16_t kind_of(const Message *message)
{
  bool shows_invite =
    (message->status >= 180 && message->status < 190) || (message->flags & MESSAGE_HAS_SDP);

  if (message->method == SIP_METHOD_NONE && shows_invite)
    return SIP_METHOD_INVITE;
  return call_kind_of(message->method);
}

/*
 * The method that began the call, as far as the messages so far tell.  Responses and requests that
 * are sent in dialogs only show that the call began before the capture, or that its beginning comes
 * late.  A NOTIFY may overtake what asked for it (RFC 6665 4.1.2.4).
 */
static void note_kind(Trace *trace, Call *call, const Message *message, const SipMsg *sip)
{
  uint16_t kind = kind_of(message), before = call->method;
  bool begins = message_is_request(message) && !(message->flags & MESSAGE_HAS_TO_TAG) &&
                kind == message->method;
  bool is_late = (call->is_midway && kind == SIP_METHOD_INVITE) ||
                 (begins && before == SIP_METHOD_NOTIFY && kind == SIP_METHOD_SUBSCRIBE);

  if (!call->is_midway && before != SIP_METHOD_NONE && before != SIP_METHOD_NOTIFY)
    return;
  if (before == SIP_METHOD_NONE || (is_late && before != SIP_METHOD_INVITE)) {
    call->method = kind;
    call->is_midway = true;
    trace->stats.invite_calls += kind == SIP_METHOD_INVITE;
  }
  if (begins && kind == call->method && call->is_midway) {
    call->is_midway = false;
    if (message != call->first)
      call_rename_parties(call, sip, message);
  }
}

static void note_request(Call *call, const Message *message)
{
  const Dialog *d = message->dialog;

  if (message->method == SIP_METHOD_INVITE && call->invite_ns == TIME_NONE)
    call->invite_ns = message->time_ns;
  /* RFC 3261 15: a BYE before the answer ends the INVITE as a CANCEL does. */
  if (message->method == SIP_METHOD_CANCEL ||
      (message->method == SIP_METHOD_BYE && (d ? d->confirmed_ns == TIME_NONE : !call->confirmed)))
    call->is_given_up = true;
}

void call_note(Trace *trace, Call *call, Message *message, const SipMsg *sip)
{
  if (call->last)
    call->last->next = message;
  else
    call->first = message;
  message->previous = call->last;
  call->last = message;
  call->messages++;
  call->retransmissions += (message->flags & MESSAGE_RETRANSMISSION) != 0;
  call->duplicates += (message->flags & MESSAGE_DUPLICATE) != 0;
  call->transports |= (uint8_t) (1U << message->transport);
  call->start_ns = MIN(call->start_ns, message->time_ns);
  call->end_ns = MAX(call->end_ns, message->time_ns);
  note_kind(trace, call, message, sip);
  if (message_is_request(message))
    note_request(call, message);
}

int64_t dialog_duration(const Dialog *d)
{
  int64_t to = d->bye_ns != TIME_NONE ? d->bye_ns : call_rare(d->call)->stray_bye_ns;

  if (!dialog_is_callers(d) || d->answer_unseen)
    return -1;
  return time_span(d->confirmed_ns, to);
}

/* Of very many dialogs that is not noticed. */
void call_note_correction(Call *call)
{
  if (call->dialog_count > CALL_DIALOGS_MAX)
    return;
  call->longest_ns = -1;
  call->open_dialog = call->dialogs;
}

void call_note_duration(Call *call, const Dialog *d)
{
  if (d->bye_ns != TIME_NONE)
    call->longest_ns = MAX(call->longest_ns, dialog_duration(d));
  if (!call->open_dialog)
    return;
  for (; call->open_dialog->next && call->open_dialog->bye_ns != TIME_NONE;
       call->open_dialog = call->open_dialog->next)
    call->longest_ns = MAX(call->longest_ns, dialog_duration(call->open_dialog));
}

/* --- Deciders -------------------------------------------------------------------------------- */

bool transaction_is_inner_leg(const Transaction *t, const Transaction *outer)
{
  return t->request && outer->request && t->from_tag != outer->from_tag &&
         t->request->src != outer->request->src &&
         (!outer->final || outer->final->number > t->request->number);
}

/* Another hop or fork of the same attempt, farther from the caller. */
static bool is_farther(const Transaction *t, const Transaction *outer)
{
  return outer->request && t->cseq == outer->cseq && t->from_tag == outer->from_tag &&
         (!t->request || t->via_count > outer->via_count);
}

/* When there are too many the oldest goes, unless it goes before the next one. */
static void drop_decider(Call *call)
{
  Transaction *oldest = call->deciders, *next = oldest->next_decider;
  bool stays = is_farther(next, oldest) || transaction_is_inner_leg(next, oldest);
  Transaction **link = stays ? &oldest->next_decider : &call->deciders;

  *link = (*link)->next_decider;
  call->decider_count--;
}

static bool is_initial(const Transaction *t)
{
  return t->method == SIP_METHOD_INVITE && t->request && !t->in_dialog &&
         !(t->request->flags & MESSAGE_HAS_TO_TAG);
}

/* The caller calls again with all identifiers but the CSeq or branch, when all before was over:
 * what became of that does not count any more. */
static void begin_round(Call *call, const Transaction *t)
{
  const Message *before = call->last_decider->final;

  if (before && before->status < 300)
    call->since = t->number;
  call->round = t->number;
  call->longest_ns = -1;
  call->open_dialog = NULL;
  call->confirmed = call->unended = 0;
  call_note_stray_bye(call, TIME_NONE);
  call->is_given_up = false;
}

static void note_client(Call *call, const Transaction *t, bool is_first)
{
  if (!is_first && t->via_count >= call->client_via)
    return;
  call->client = t->request ? t->request->src : t->last->dst;
  call->client_via = t->via_count;
}

/* Is the INVITE, which is outside of dialogs, the caller's own?  The first one is, and what its
 * sender tries again; another From tag is another leg: a B2BUA that keeps the Call-ID. */
static bool is_callers(const Trace *trace, Call *call, const Transaction *t)
{
  bool takes_over = !call->has_caller || (is_initial(t) && !call->has_initial);

  if (!takes_over && t->from_tag != call->caller_tag && is_initial(t))
    takes_over =
      call_is_retry(trace, call, trace_endpoint(trace, t->request->src), t->request->time_ns);
  if (!takes_over && t->from_tag != call->caller_tag) {
    uint64_t *others = call_make_rare(call)->other_tags;
    if (t->from_tag != others[0])
      others[1] = others[0];
    others[0] = t->from_tag;
    return false;
  }
  if (call->has_initial && is_initial(t) && call_pending(call, t->request->time_ns) == t)
    begin_round(call, t);
  note_client(call, t, !call->has_caller || t->from_tag != call->caller_tag);
  call->caller_tag = t->from_tag;
  call->has_caller = true;
  return true;
}

static void add_decider(const Trace *trace, Call *call, Transaction *t)
{
  bool is_invite = t->method == SIP_METHOD_INVITE;

  if (t->method != call->deciding || (is_invite && t->in_dialog && call->has_initial) ||
      (is_invite && !t->in_dialog && !is_callers(trace, call, t)))
    return;
  if (is_initial(t))
    call->has_initial = true; /* it is never taken for a re-INVITE later */
  if (call->last_decider)
    call->last_decider->next_decider = t;
  else
    call->deciders = t;
  call->last_decider = t;
  t->next_decider = NULL;
  if (++call->decider_count > CALL_DECIDERS_MAX)
    drop_decider(call);
}

/* The method that begins a call may change when more of the call is seen, but hardly ever. */
void call_note_decider(const Trace *trace, Call *call, Transaction *begun)
{
  uint16_t deciding = call->method;

  if (deciding == SIP_METHOD_NONE)
    deciding = call->transactions->method;
  if (deciding == call->deciding) {
    if (begun)
      add_decider(trace, call, begun);
    return;
  }
  call->deciding = deciding;
  call->deciders = call->last_decider = NULL;
  call->decider_count = 0;
  call->has_initial = call->has_caller = false;
  for (Transaction *t = call->transactions; t; t = t->next)
    add_decider(trace, call, t);
}

/* --- Facts ----------------------------------------------------------------------------------- */

static void note_ending(CallFacts *facts, const Message *m)
{
  bool is_request = message_is_request(m);
  /* A 401 or 407 asks to try again. */
  bool is_refusal =
    m->method == SIP_METHOD_INVITE && m->status >= 300 && m->status != 401 && m->status != 407;

  if (is_request && m->method == SIP_METHOD_BYE && facts->bye_count < CALL_BYES_MAX)
    facts->byes[facts->bye_count++] = m;
  else if (is_request && m->method == SIP_METHOD_CANCEL && !facts->cancel)
    facts->cancel = m;
  else if (is_refusal && facts->refusal_count < CALL_REFUSALS_MAX)
    facts->refusals[facts->refusal_count++] = m;
}

/* Where the INVITE was not captured, a response is taken for the answer, which it nearly always
 * is.  An INVITE that begins another attempt offers anew; its hops have the same CSeq. */
static void note_invite_sdp(CallFacts *facts, const Message *m)
{
  bool is_request = message_is_request(m);
  bool is_early = !facts->answer || facts->answer->status < 200;

  if (m->transaction->in_dialog || m->status >= 300)
    return;
  if (!is_request &&
      (!m->transaction->request || (facts->offer && message_is_request(facts->offer)))) {
    if (!facts->answer || (is_early && m->status >= 200))
      facts->answer = m;
  } else if (!facts->offer || (is_request && is_early && m->cseq != facts->offer->cseq)) {
    facts->offer = m;
    facts->answer = NULL;
  }
}

/* RFC 3264, RFC 3261 13.2.1: the offer is in the INVITE and its answer in a response, or the offer
 * in a response and its answer in ACK or PRACK. */
static void note_sdp(CallFacts *facts, const Message *m)
{
  if (!(m->flags & MESSAGE_HAS_SDP))
    return;
  if (m->method == SIP_METHOD_INVITE)
    note_invite_sdp(facts, m);
  bool acknowledges =
    message_is_request(m) && (m->method == SIP_METHOD_ACK || m->method == SIP_METHOD_PRACK);
  if (acknowledges && facts->offer && !message_is_request(facts->offer) && !facts->answer)
    facts->answer = m;
}

static void note_endpoint(CallFacts *facts, uint32_t id, const Message *m)
{
  if (facts->beyond)
    return;
  for (unsigned i = 0; i < facts->endpoint_count; i++)
    if (facts->endpoints[i] == id)
      return;
  if (facts->endpoint_count == CALL_ENDPOINTS_MAX)
    facts->beyond = m;
  else
    facts->endpoints[facts->endpoint_count++] = id;
}

static void note_fork(CallFacts *facts, const Dialog *d)
{
  unsigned known = MIN(facts->attempt_count, CALL_ATTEMPTS_MAX), at = 0;

  while (at < known &&
         (facts->attempts[at].from_tag != d->caller_tag || facts->attempts[at].cseq != d->cseq))
    at++;
  if (at == known) {
    at = facts->attempt_count++ % CALL_ATTEMPTS_MAX;
    facts->attempts[at] = (CallAttempt){d->caller_tag, d->cseq, 0};
  }
  facts->attempts[at].dialogs++;
  facts->forks = MAX(facts->forks, facts->attempts[at].dialogs);
}

static void note_facts(CallFacts *facts, const Message *m)
{
  bool begins = message_is_request(m) && m->method == facts->method;

  if (!facts->began && begins)
    facts->began = m;
  if (!facts->callee && m->status > 100)
    facts->callee = m;
  note_sdp(facts, m);
  if (!(m->flags & (MESSAGE_RETRANSMISSION | MESSAGE_DUPLICATE)))
    note_ending(facts, m);
  note_endpoint(facts, m->src, m);
  note_endpoint(facts, m->dst, m);
}

static void collect_facts(CallFacts *facts, const Call *call)
{
  *facts = (CallFacts){.method = call->method};
  for (const Dialog *d = call->dialogs; d; d = d->next)
    if (d->is_fork)
      note_fork(facts, d);
  for (const Message *m = call->first; m; m = m->next)
    note_facts(facts, m);
}

void call_note_fork(Dialog *dialog)
{
  CallFacts *facts = call_rare(dialog->call)->facts;

  if (dialog->is_fork)
    return;
  dialog->is_fork = true;
  if (facts)
    note_fork(facts, dialog);
}

void call_note_facts(Call *call, const Message *message)
{
  CallFacts *facts = call_rare(call)->facts;

  if (facts && facts->method == call->method) {
    note_facts(facts, message);
  } else if (facts) {
    collect_facts(facts, call);
  } else if (call->messages >= CALL_FACTS_KEPT_FROM) {
    CallRare *rare = call_make_rare(call);
    rare->facts = arena_new(&rare->arena, CallFacts);
    collect_facts(rare->facts, call);
  }
}

const CallFacts *call_facts(const Call *call, Arena *scratch)
{
  if (call_rare(call)->facts)
    return call_rare(call)->facts;
  CallFacts *facts = arena_alloc(scratch, sizeof *facts);
  collect_facts(facts, call);
  return facts;
}

/* --- Its end --------------------------------------------------------------------------------- */

static void free_messages(Pool *pool, Message *first)
{
  for (Message *m = first, *next; m; m = next) {
    next = m->next;
    pool_give_back(pool, m);
  }
}

static void free_transactions(Pool *pool, Transaction *first)
{
  for (Transaction *t = first, *next; t; t = next) {
    next = t->next;
    pool_give_back(pool, t);
  }
}

static void free_dialogs(Pool *pool, Dialog *first)
{
  for (Dialog *d = first, *next; d; d = next) {
    next = d->next;
    pool_give_back(pool, d);
  }
}

void call_free(Trace *trace, Call *call)
{
  if (!call)
    return;
  free_messages(&trace->message_pool, call->first);
  free_transactions(&trace->transaction_pool, call->transactions);
  free_dialogs(&trace->dialog_pool, call->dialogs);
  call_free_rare(call);
  g_free(call);
}

void call_evict(Trace *trace, Call *call)
{
  for (Transaction *t = call->transactions; t; t = t->next)
    if (record_table_find(trace->transactions, t) == t)
      record_table_remove(trace->transactions, t);
  for (Dialog *d = call->dialogs; d; d = d->next)
    if (record_table_find(trace->dialogs, d) == d)
      record_table_remove(trace->dialogs, d);
  call_unlink(trace, call);
  exchange_forget(trace, call);
  for (const Message *m = call->first; m && trace->holder; m = m->next)
    store_set_release(trace->holder, m->ref, m->len, m->frame);
  if (trace->book) {
    call_streams_forget(trace->call_streams, call->number);
    media_book_forget(trace->book, call->number);
  }
  sparse_array_take_out(trace->calls, call->number - 1);
  trace->messages -= call->messages;
  call_free(trace, call);
}
