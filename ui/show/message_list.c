#include "ui/show/message_list.h"

#include <stdlib.h>

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

static int compare_items(const void *a, const void *b)
{
  const Item *left = a, *right = b;

  return left->number < right->number ? -1 : left->number > right->number;
}

/* Some messages of the next call. */
static void collect_messages(Collecting *c, const Call *call)
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
      collect_messages(c, call);
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
    qsort(c->items->data, c->items->len, sizeof(Item), compare_items);
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
  static const JobOps OPS = {"collecting", list_step, list_progress, list_free};
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
