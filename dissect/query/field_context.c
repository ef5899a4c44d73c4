/* What getters share: messages that are read again, and what one walk over a call finds. */
#include "dissect/query/field_private.h"

#include "dissect/sip/sip_values.h"

enum { LOADED_MAX = 4, LISTS_MAX = 4 };

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
  const CallFacts *facts;
  CallEndings endings;
  bool has_endings;
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
  return context->message ? context->message : field_call_began(context);
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

const CallFacts *field_call_facts(FieldContext *context)
{
  FieldMemory *memory = memory_of(context);

  if (!memory->facts)
    memory->facts = call_facts(context->call, context->scratch);
  return memory->facts;
}

const Message *field_call_began(FieldContext *context)
{
  const Message *began = field_call_facts(context)->began;

  return began ? began : context->call->first;
}

static void add_ending(CallEndings *endings, const Message *m)
{
  if (m && endings->count < FIELD_ENDINGS_MAX)
    endings->messages[endings->count++] = m;
}

/* A CANCEL or refusal in an answered call was of a fork that lost. */
static void order_endings(CallEndings *endings, const CallFacts *facts, const CallSummary *summary)
{
  for (size_t i = 0; i < facts->bye_count; i++)
    add_ending(endings, facts->byes[i]);
  if (summary->outcome != OUTCOME_ANSWERED)
    add_ending(endings, facts->cancel);
  add_ending(endings, summary->decided_by);
  for (size_t i = 0; i < facts->refusal_count; i++)
    if (summary->outcome != OUTCOME_ANSWERED && facts->refusals[i] != summary->decided_by)
      add_ending(endings, facts->refusals[i]);
}

const CallEndings *field_call_endings(FieldContext *context)
{
  FieldMemory *memory = memory_of(context);

  if (!memory->has_endings)
    order_endings(&memory->endings, field_call_facts(context), field_call_summary(context));
  memory->has_endings = true;
  return &memory->endings;
}
