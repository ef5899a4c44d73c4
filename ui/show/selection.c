#include "ui/show/selection.h"

#include "capture/language.h"

#include <stdlib.h>

enum { ARENA_FIRST = 16 * 1024 };

typedef struct {
  Slice text;      /* as typed; absent for a message */
  uint32_t number; /* 0: it cannot be one */
  bool found;
} Name;

Selection *selection_new(void)
{
  Selection *selection = g_new0(Selection, 1);

  selection->calls = g_array_new(false, false, sizeof(Name));
  selection->messages = g_array_new(false, false, sizeof(Name));
  selection->streams = g_array_new(false, false, sizeof(Name));
  arena_init(&selection->scratch, ARENA_FIRST);
  return selection;
}

void selection_free(Selection *selection)
{
  if (!selection)
    return;
  g_array_unref(selection->calls);
  g_array_unref(selection->messages);
  g_array_unref(selection->streams);
  g_clear_pointer(&selection->numbers, g_array_unref);
  g_free(selection->matched);
  field_context_clear(&selection->context);
  arena_clear(&selection->scratch);
  g_free(selection);
}

void selection_name_call(Selection *selection, const char *text)
{
  Name name = {.text = slice_from_string(text)};

  if (!slice_to_u32(name.text, &name.number))
    name.number = 0;
  g_array_append_val(selection->calls, name);
}

void selection_name_message(Selection *selection, uint32_t number)
{
  Name name = {.number = number};

  g_array_append_val(selection->messages, name);
}

void selection_name_stream(Selection *selection, uint32_t number)
{
  Name name = {.number = number};

  g_array_append_val(selection->streams, name);
}

void selection_set_filter(Selection *selection, const DisplayFilter *filter)
{
  selection->filter = filter;
}

static gint compare_uint32(gconstpointer a, gconstpointer b)
{
  const uint32_t *left = a, *right = b;

  return *left < *right ? -1 : *left > *right;
}

void selection_set_calls(Selection *selection, const uint32_t *numbers, size_t count)
{
  g_clear_pointer(&selection->numbers, g_array_unref);
  selection->numbers = g_array_new(false, false, sizeof *numbers);
  if (count > 0)
    g_array_append_vals(selection->numbers, numbers, (guint) count);
  g_array_sort(selection->numbers, compare_uint32);
}

void selection_set_message(Selection *selection, const Message *message)
{
  selection_set_calls(selection, &message->transaction->call->number, 1);
  selection_name_message(selection, message->number);
  selection->frame = message->frame;
}

void selection_bind(Selection *selection, const Trace *trace, const StoreSet *stores)
{
  selection->trace = trace;
  selection->context = field_context(trace, stores, &selection->scratch);
}

void selection_share(Selection *selection, Conversations *conversations)
{
  selection->context.conversations = conversations;
}

void selection_apply_filter(Selection *selection)
{
  if (selection->filter && !selection->matched)
    selection->matched = display_filter_calls(selection->filter, &selection->context);
}

bool selection_is_all(const Selection *selection)
{
  return selection->calls->len == 0 && selection->messages->len == 0 && !selection->numbers &&
         !selection->filter;
}

static bool is_call_of(const Selection *selection, const Name *name, const Call *call)
{
  return name->number == call->number ||
         (name->text.data && call_has_id(selection->trace, call, name->text));
}

static bool names_call(Selection *selection, const Call *call)
{
  bool has = selection->calls->len == 0;

  for (guint i = 0; i < selection->calls->len; i++) {
    Name *name = &g_array_index(selection->calls, Name, i);
    if (is_call_of(selection, name, call))
      has = name->found = true;
  }
  return has;
}

size_t selection_call_names(const Selection *selection)
{
  return selection->calls->len;
}

size_t selection_call_ids(const Selection *selection)
{
  for (guint i = 0; i < selection->calls->len; i++)
    if (g_array_index(selection->calls, Name, i).number != 0)
      return 0;
  return selection->calls->len;
}

Slice selection_call_id(const Selection *selection, size_t index)
{
  return g_array_index(selection->calls, Name, index).text;
}

size_t selection_call_name(const Selection *selection, const Call *call)
{
  for (guint i = 0; i < selection->calls->len; i++)
    if (is_call_of(selection, &g_array_index(selection->calls, Name, i), call))
      return i;
  return 0;
}

Selection *selection_of_call_name(const Selection *selection, size_t name)
{
  Selection *part = selection_new();

  part->filter = selection->filter;
  if (name < selection->calls->len) {
    const Name *kept = &g_array_index(selection->calls, Name, name);
    g_array_append_vals(part->calls, kept, 1);
  }
  return part;
}

bool selection_has_call(Selection *selection, const Call *call)
{
  return names_call(selection, call) &&
         (!selection->matched || call_bits_has(selection->matched, call));
}

/* Is it among the names, or are there none? */
static bool names_number(GArray *names, uint32_t number)
{
  bool has = names->len == 0;

  for (guint i = 0; i < names->len; i++) {
    Name *name = &g_array_index(names, Name, i);
    if (name->number == number)
      has = name->found = true;
  }
  return has;
}

bool selection_names_message(Selection *selection, const Message *message)
{
  return names_number(selection->messages, message->number) &&
         names_call(selection, message->transaction->call);
}

bool selection_matches_call(Selection *selection, const Call *call)
{
  if (!selection->filter)
    return true;
  arena_reset(&selection->scratch);
  field_look_at_call(&selection->context, call);
  return display_filter_match(selection->filter, &selection->context);
}

bool selection_matches_message(Selection *selection, const Message *message, const SipMsg *sip)
{
  if (!selection->filter)
    return true;
  arena_reset(&selection->scratch);
  field_look_at_parsed(&selection->context, message, sip);
  return display_filter_match(selection->filter, &selection->context);
}

/* Is a call that the stream belongs to named, or none? */
static bool names_call_of(Selection *selection, const RtpStream *stream)
{
  MediaOwner owners[MEDIA_OWNERS_MAX];
  bool has = selection->calls->len == 0;
  size_t count = has ? 0 : trace_stream_owners(selection->trace, stream, owners);

  for (size_t i = 0; i < count; i++) {
    const Call *call = trace_call(selection->trace, owners[i].call);
    has = (call && names_call(selection, call)) || has;
  }
  return has;
}

bool selection_has_stream(Selection *selection, const RtpStream *stream)
{
  if (!names_number(selection->streams, stream->number) || !names_call_of(selection, stream))
    return false;
  if (!selection->filter)
    return true;
  arena_reset(&selection->scratch);
  field_look_at_stream(&selection->context, stream);
  return display_filter_match(selection->filter, &selection->context);
}

size_t selection_call_count(const Selection *selection)
{
  return selection->numbers ? selection->numbers->len : trace_call_count(selection->trace);
}

const Call *selection_candidate_at(const Selection *selection, size_t index)
{
  const GArray *numbers = selection->numbers;

  return trace_call_at(selection->trace,
                       numbers ? g_array_index(numbers, uint32_t, index) - 1 : index);
}

const Call *selection_call_at(Selection *selection, size_t index)
{
  const Call *call = selection_candidate_at(selection, index);

  return call && selection_has_call(selection, call) ? call : NULL;
}

/* A report of streams does not look at calls that have none. */
static bool is_in_trace(const Selection *selection, const Name *name)
{
  const Trace *trace = selection->trace;

  if (!trace || trace_call(trace, name->number))
    return trace != NULL;
  for (size_t i = 0; i < trace_call_count(trace); i++) {
    const Call *call = trace_call_at(trace, i);
    if (call && call_has_id(trace, call, name->text))
      return true;
  }
  return false;
}

void selection_append_missing(const Selection *selection, GPtrArray *lines)
{
  for (guint i = 0; i < selection->calls->len; i++) {
    const Name *name = &g_array_index(selection->calls, Name, i);
    if (!name->found && !is_in_trace(selection, name))
      g_ptr_array_add(lines, g_strdup_printf(_("there is no call '%s'"), name->text.data));
  }
  for (guint i = 0; i < selection->messages->len; i++) {
    const Name *name = &g_array_index(selection->messages, Name, i);
    if (!name->found)
      g_ptr_array_add(lines, g_strdup_printf(_("there is no message %u"), name->number));
  }
  for (guint i = 0; i < selection->streams->len; i++) {
    const Name *name = &g_array_index(selection->streams, Name, i);
    if (!name->found)
      g_ptr_array_add(lines, g_strdup_printf(_("there is no stream %u"), name->number));
  }
}

/* --- sets of calls --- */

enum { WORD_BITS = 64 };

struct CallSet {
  GArray *words; /* uint64_t: bit n - 1 is call n */
  size_t count;
};

CallSet *call_set_new(void)
{
  CallSet *set = g_new0(CallSet, 1);

  set->words = g_array_new(FALSE, TRUE, sizeof(uint64_t));
  return set;
}

void call_set_free(CallSet *set)
{
  if (!set)
    return;
  g_array_unref(set->words);
  g_free(set);
}

bool call_set_has(const CallSet *set, uint32_t number)
{
  uint32_t bit = number - 1;

  if (bit / WORD_BITS >= set->words->len)
    return false;
  return (g_array_index(set->words, uint64_t, bit / WORD_BITS) >> bit % WORD_BITS & 1) != 0;
}

void call_set_put(CallSet *set, uint32_t number, bool in)
{
  uint32_t bit = number - 1;

  if (call_set_has(set, number) == in)
    return;
  if (bit / WORD_BITS >= set->words->len)
    g_array_set_size(set->words, bit / WORD_BITS + 1);
  g_array_index(set->words, uint64_t, bit / WORD_BITS) ^= UINT64_C(1) << bit % WORD_BITS;
  set->count = in ? set->count + 1 : set->count - 1;
}

void call_set_clear(CallSet *set)
{
  g_array_set_size(set->words, 0);
  set->count = 0;
}

size_t call_set_count(const CallSet *set)
{
  return set->count;
}

GArray *call_set_numbers(const CallSet *set)
{
  GArray *numbers = g_array_new(FALSE, FALSE, sizeof(uint32_t));

  for (unsigned i = 0; i < set->words->len; i++)
    for (uint64_t word = g_array_index(set->words, uint64_t, i); word != 0; word &= word - 1) {
      uint32_t number = i * WORD_BITS + (uint32_t) __builtin_ctzll(word) + 1;
      g_array_append_val(numbers, number);
    }
  return numbers;
}

/* --- the messages that are meant, in order --- */

enum {
  CHUNK = 256,           /* messages, calls or slots between two looks at the clock */
  SORTED_AT_ONCE = 8192, /* so few are sorted quickly */
};

typedef struct {
  uint32_t number, call; /* 0: an empty slot */
  const Message *message;
} Item;

/* A long list is sorted by putting every message into the slot of its number. */
typedef enum {
  PHASE_COLLECT,
  PHASE_PLACE,   /* into slots */
  PHASE_COMPACT, /* remove empty slots */
  PHASE_DONE,
} Phase;

typedef struct {
  MessageList list;
  Selection *selection;
  Phase phase;
  size_t call_count, next_call;
  const Message *next_message; /* of that call; NULL: its first */
  GArray *items;               /* Item */
  bool sorted;
  uint32_t first, last; /* lowest and highest number */
  Item *slots;
  size_t next, kept;
} Collecting;

static int compare_by_number(const void *a, const void *b)
{
  const Item *left = a, *right = b;

  return left->number < right->number ? -1 : left->number > right->number;
}

/* Some messages of the next call. */
static void collect_of_call(Collecting *c, const Call *call)
{
  const Message *message = c->next_message ? c->next_message : call->first;

  for (unsigned i = 0; i < CHUNK && message; i++, message = message->next) {
    Item item = {message->number, call->number, message};

    if (!selection_names_message(c->selection, message))
      continue;
    c->sorted = c->sorted && (c->items->len == 0 || item.number > c->last);
    c->first = MIN(c->first, item.number);
    c->last = MAX(c->last, item.number);
    g_array_append_val(c->items, item);
  }
  c->next_message = message;
}

static void collect_some(Collecting *c)
{
  for (unsigned i = 0; i < CHUNK && c->next_call < c->call_count; i++) {
    const Call *call = selection_call_at(c->selection, c->next_call);

    if (call)
      collect_of_call(c, call);
    else
      c->next_message = NULL;
    if (c->next_message)
      return;
    c->next_call++;
    i += call ? MIN(call->messages, (uint32_t) CHUNK) : 0;
  }
  if (c->next_call < c->call_count)
    return;
  c->phase = PHASE_DONE;
  if (!c->sorted && c->items->len <= SORTED_AT_ONCE) {
    qsort(c->items->data, c->items->len, sizeof(Item), compare_by_number);
  } else if (!c->sorted) {
    c->phase = PHASE_PLACE;
    c->slots = g_new0(Item, (size_t) c->last - c->first + 1);
  }
}

static void place_some(Collecting *c)
{
  for (unsigned i = 0; i < CHUNK && c->next < c->items->len; i++) {
    const Item *item = &g_array_index(c->items, Item, c->next++);

    c->slots[item->number - c->first] = *item;
  }
  if (c->next < c->items->len)
    return;
  c->next = 0;
  c->phase = PHASE_COMPACT;
}

static void compact_some(Collecting *c)
{
  size_t end = (size_t) c->last - c->first + 1;

  for (unsigned i = 0; i < CHUNK && c->next < end; i++) {
    const Item *item = &c->slots[c->next++];

    if (item->number != 0)
      g_array_index(c->items, Item, c->kept++) = *item;
  }
  if (c->next < end)
    return;
  g_clear_pointer(&c->slots, g_free);
  c->phase = PHASE_DONE;
}

static bool list_step(Job *job, int64_t until_us)
{
  static void (*const PHASES[])(Collecting *) = {
    [PHASE_COLLECT] = collect_some,
    [PHASE_PLACE] = place_some,
    [PHASE_COMPACT] = compact_some,
  };
  Collecting *c = (Collecting *) job;

  while (c->phase != PHASE_DONE) {
    PHASES[c->phase](c);
    if (g_get_monotonic_time() >= until_us)
      break;
  }
  c->list.count = c->items->len;
  return c->phase != PHASE_DONE;
}

static double list_progress(const Job *job)
{
  const Collecting *c = (const Collecting *) job;

  switch (c->phase) {
  case PHASE_COLLECT:
    return (double) c->next_call / (double) MAX(c->call_count, (size_t) 1) / 2;
  case PHASE_PLACE:
    return 0.5;
  case PHASE_COMPACT:
    return 0.75;
  case PHASE_DONE:
    break;
  }
  return 1;
}

static void list_free(Job *job)
{
  Collecting *c = (Collecting *) job;

  g_array_unref(c->items);
  g_free(c->slots);
  g_free(c);
}

MessageList *message_list_new(Selection *selection)
{
  static const JobOps OPS = {N_("collecting"), list_step, list_progress, list_free};
  Collecting *c = g_new0(Collecting, 1);

  c->list.job.ops = &OPS;
  c->selection = selection;
  c->call_count = selection_call_count(selection);
  c->items = g_array_new(false, false, sizeof(Item));
  c->sorted = true;
  c->first = UINT32_MAX;
  return &c->list;
}

const Message *message_list_at(const MessageList *list, size_t index)
{
  const Collecting *c = (const Collecting *) list;
  const Item *item = &g_array_index(c->items, Item, index);

  return trace_call(c->selection->trace, item->call) ? item->message : NULL;
}
