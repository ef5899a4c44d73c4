/* What getters share: messages that are read again, and what one walk over a call finds. */
#include "dissect/trace/field_private.h"

#include "dissect/sip/sip_values.h"

enum { LOADED_MAX = 4, LISTS_MAX = 4, BYES_MAX = 3, REFUSALS_MAX = 3 };

typedef struct {
  const Message *message;
  const SipMsg *sip; /* NULL: unreadable */
} Loaded;

typedef struct {
  FieldRef ref;
  FieldList list;
} Listed;

/* Of one look; both tables are used in turn. */
struct FieldMemory {
  Loaded loaded[LOADED_MAX];
  Listed listed[LISTS_MAX];
  unsigned next_loaded, next_listed;
  bool has_facts;
  CallFacts facts;
};

FieldContext field_context(const Trace *trace, const StoreSet *stores, Arena *scratch)
{
  return (FieldContext){.trace = trace, .stores = stores, .scratch = scratch};
}

static void look_at(FieldContext *context, const Call *call, const Message *message)
{
  context->call = call;
  context->message = message;
  context->memory = NULL; /* the scratch was reset */
  context->unreadable = false;
}

void field_look_at_call(FieldContext *context, const Call *call)
{
  look_at(context, call, NULL);
}

void field_look_at_message(FieldContext *context, const Message *message)
{
  look_at(context, message->transaction->call, message);
}

static FieldMemory *memory_of(FieldContext *context)
{
  if (!context->memory)
    context->memory = arena_new(context->scratch, FieldMemory);
  return context->memory;
}

void field_look_at_parsed(FieldContext *context, const Message *message, const SipMsg *sip)
{
  field_look_at_message(context, message);
  FieldMemory *memory = memory_of(context);
  memory->loaded[memory->next_loaded++] = (Loaded){message, sip};
}

const CallSummary *field_call_summary(FieldContext *context)
{
  const Call *call = context->call;
  int64_t now_ns = trace_now(context->trace);

  if (context->summary_call != call->number || context->summary_messages != call->messages ||
      context->summary_now_ns != now_ns) {
    context->summary = call_summarize(call, now_ns);
    context->summary_call = call->number;
    context->summary_messages = call->messages;
    context->summary_now_ns = now_ns;
  }
  return &context->summary;
}

const SipMsg *field_load(FieldContext *context, const Message *message)
{
  FieldMemory *memory = memory_of(context);

  if (!message)
    return NULL;
  for (unsigned i = 0; i < LOADED_MAX; i++)
    if (memory->loaded[i].message == message)
      return memory->loaded[i].sip;

  SipMsg *sip = arena_alloc(context->scratch, sizeof *sip);
  bool ok = message_load(message, context->stores, context->scratch, sip, NULL);
  if (!ok)
    context->unreadable = true;
  memory->loaded[memory->next_loaded] = (Loaded){message, ok ? sip : NULL};
  memory->next_loaded = (memory->next_loaded + 1) % LOADED_MAX;
  return ok ? sip : NULL;
}

const Message *field_subject(FieldContext *context)
{
  return context->message ? context->message : field_call_facts(context)->began;
}

const SipMsg *field_load_subject(FieldContext *context)
{
  return field_load(context, field_subject(context));
}

const SipMsg *field_load_message(FieldContext *context)
{
  return field_load(context, context->message);
}

Slice field_unfold(FieldContext *context, Slice value)
{
  return sip_unfold(context->scratch, value);
}

Slice field_header(FieldContext *context, const SipMsg *sip, SipHeader header)
{
  SipHeaderRow row;

  return sip && sip_msg_find(sip, header, &row) ? field_unfold(context, row.value) : SLICE_NONE;
}

void field_list_add(FieldList *list, FieldValue value)
{
  if (list->count == list->room) {
    size_t room = list->room > 0 ? list->room * 2 : 4;
    FieldValue *values = arena_alloc(list->arena, room * sizeof *values);

    if (list->count > 0)
      memcpy(values, list->values, list->count * sizeof *values);
    list->values = values;
    list->room = room;
  }
  list->values[list->count++] = value;
}

/* A tree, for nobody can make its look-ups slow. */
static int compare_slices(gconstpointer a, gconstpointer b)
{
  const FieldValue x = {.text = *(const Slice *) a}, y = {.text = *(const Slice *) b};

  return field_compare(&x, &y);
}

FieldTexts field_texts_new(FieldList *list)
{
  return (FieldTexts){list, g_tree_new(compare_slices)};
}

void field_texts_add(FieldTexts *texts, Slice text)
{
  if (!text.data || g_tree_lookup(texts->seen, &text))
    return;
  Slice *key = arena_new(texts->list->arena, Slice);
  *key = text;
  g_tree_insert(texts->seen, key, key);
  field_list_add_text(texts->list, text);
}

void field_texts_clear(FieldTexts *texts)
{
  g_tree_unref(texts->seen);
}

static bool is_same_ref(const FieldRef *a, const FieldRef *b)
{
  return a->field == b->field && slice_eq_nocase(a->name, b->name);
}

const FieldList *field_list_of(FieldContext *context, const FieldRef *ref)
{
  FieldMemory *memory = memory_of(context);

  for (unsigned i = 0; i < LISTS_MAX; i++)
    if (memory->listed[i].ref.field && is_same_ref(&memory->listed[i].ref, ref))
      return &memory->listed[i].list;

  Listed *listed = &memory->listed[memory->next_listed];
  *listed = (Listed){*ref, {.arena = context->scratch}};
  memory->next_listed = (memory->next_listed + 1) % LISTS_MAX;
  ref->field->collect(context, ref->name, &listed->list);
  return &listed->list;
}

/* Messages that may carry a Reason, while a call is walked over. */
typedef struct {
  const Message *byes[BYES_MAX], *refusals[REFUSALS_MAX];
  const Message *cancel;
  size_t bye_count, refusal_count;
} Endings;

/* A 401 or 407 asks to try again. */
static bool is_refusal(const Message *m)
{
  return m->method == SIP_METHOD_INVITE && m->status >= 300 && m->status != 401 && m->status != 407;
}

static void note_ending(Endings *endings, const Message *m)
{
  bool is_request = message_is_request(m);

  if (is_request && m->method == SIP_METHOD_BYE && endings->bye_count < BYES_MAX)
    endings->byes[endings->bye_count++] = m;
  else if (is_request && m->method == SIP_METHOD_CANCEL && !endings->cancel)
    endings->cancel = m;
  else if (is_refusal(m) && endings->refusal_count < REFUSALS_MAX)
    endings->refusals[endings->refusal_count++] = m;
}

/* An INVITE that begins another attempt offers anew; its hops have the same CSeq. */
static bool is_new_offer(const CallFacts *facts, const Message *m)
{
  bool refused = !facts->answer || facts->answer->status < 200;

  return !facts->offer || (message_is_request(m) && refused && m->cseq != facts->offer->cseq);
}

static void note_answer(CallFacts *facts, const Message *m)
{
  if (!facts->answer || (facts->answer->status < 200 && m->status >= 200))
    facts->answer = m;
}

/* Where the INVITE was not captured, a response is taken for the answer, which it nearly always
 * is. */
static void note_invite_sdp(CallFacts *facts, const Message *m)
{
  bool responds = !message_is_request(m);

  if (m->transaction->in_dialog || m->status >= 300)
    return;
  if (responds &&
      (!m->transaction->request || (facts->offer && message_is_request(facts->offer)))) {
    note_answer(facts, m);
  } else if (is_new_offer(facts, m)) {
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

static void note_message(CallFacts *facts, const Call *call, const Message *m)
{
  bool begins = message_is_request(m) && m->method == call->method;

  facts->transports |= 1U << m->transport;
  facts->duplicates += (m->flags & MESSAGE_DUPLICATE) != 0;
  if (!facts->began && begins)
    facts->began = m;
  if (!facts->callee && m->status > 100)
    facts->callee = m;
  note_sdp(facts, m);
}

static void add_ending(CallFacts *facts, const Message *m)
{
  if (m && facts->ending_count < FIELD_ENDINGS_MAX)
    facts->endings[facts->ending_count++] = m;
}

/* A CANCEL or refusal in an answered call was of a fork that lost. */
static void order_endings(CallFacts *facts, const Endings *endings, const CallSummary *summary)
{
  for (size_t i = 0; i < endings->bye_count; i++)
    add_ending(facts, endings->byes[i]);
  if (summary->outcome != OUTCOME_ANSWERED)
    add_ending(facts, endings->cancel);
  add_ending(facts, summary->decided_by);
  for (size_t i = 0; i < endings->refusal_count; i++)
    if (summary->outcome != OUTCOME_ANSWERED && endings->refusals[i] != summary->decided_by)
      add_ending(facts, endings->refusals[i]);
}

const CallFacts *field_call_facts(FieldContext *context)
{
  FieldMemory *memory = memory_of(context);
  CallFacts *facts = &memory->facts;
  Endings endings = {.bye_count = 0};

  if (memory->has_facts)
    return facts;
  for (const Message *m = context->call->first; m; m = m->next) {
    note_message(facts, context->call, m);
    if (!(m->flags & (MESSAGE_RETRANSMISSION | MESSAGE_DUPLICATE)))
      note_ending(&endings, m);
  }
  if (!facts->began)
    facts->began = context->call->first;
  order_endings(facts, &endings, field_call_summary(context));
  memory->has_facts = true;
  return facts;
}
