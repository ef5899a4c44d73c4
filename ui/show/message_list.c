#include "ui/show/message_list.h"

#include <stdlib.h>

enum {
  CHUNK = 256,           /* messages, calls or places that are gone through at a time */
  SORTED_AT_ONCE = 8192, /* as few can be sorted in no time */
};

typedef struct {
  uint32_t number, call; /* 0: a free place */
  const Message *message;
} Item;

typedef enum {
  PHASE_COLLECT,
  PHASE_PLACE,   /* each goes to the place that its number names... */
  PHASE_COMPACT, /* ...and free places are closed up */
  PHASE_DONE,
} Phase;

struct MessageList {
  Selection *selection;
  Phase phase;
  size_t call_count, next_call;
  const Message *next_message; /* of that call; NULL: it was not begun */
  GArray *items;               /* Item */
  bool sorted;
  uint32_t first, last; /* number of any */
  Item *places;
  size_t next, kept;
};

MessageList *message_list_new(Selection *selection)
{
  MessageList *list = g_new0(MessageList, 1);

  list->selection = selection;
  list->call_count = selection_call_count(selection);
  list->items = g_array_new(false, false, sizeof(Item));
  list->sorted = true;
  list->first = UINT32_MAX;
  return list;
}

void message_list_free(MessageList *list)
{
  if (!list)
    return;
  g_array_unref(list->items);
  g_free(list->places);
  g_free(list);
}

static void add(MessageList *list, const Call *call, const Message *message)
{
  Item item = {message->number, call->number, message};

  if (!selection_names_message(list->selection, message))
    return;
  list->sorted = list->sorted && (list->items->len == 0 || item.number > list->last);
  list->first = MIN(list->first, item.number);
  list->last = MAX(list->last, item.number);
  g_array_append_val(list->items, item);
}

/* Some messages of the next call. */
static void collect_some(MessageList *list, const Call *call)
{
  const Message *message = list->next_message ? list->next_message : call->first;

  for (unsigned i = 0; i < CHUNK && message; i++) {
    add(list, call, message);
    message = message->next;
  }
  list->next_message = message;
}

static int compare_items(const void *a, const void *b)
{
  const Item *left = a, *right = b;

  return left->number < right->number ? -1 : left->number > right->number;
}

static void begin_order(MessageList *list)
{
  size_t count = list->items->len;

  list->phase = PHASE_DONE;
  if (list->sorted)
    return;
  if (count <= SORTED_AT_ONCE) {
    qsort(list->items->data, count, sizeof(Item), compare_items);
    return;
  }
  list->phase = PHASE_PLACE;
  list->places = g_new0(Item, (size_t) list->last - list->first + 1);
}

static void collect(MessageList *list)
{
  for (unsigned i = 0; i < CHUNK && list->next_call < list->call_count; i++) {
    const Call *call = selection_call_at(list->selection, list->next_call);

    if (call)
      collect_some(list, call);
    else
      list->next_message = NULL;
    if (list->next_message)
      return;
    list->next_call++;
    i += call ? MIN(call->messages, (uint32_t) CHUNK) : 0;
  }
  if (list->next_call >= list->call_count)
    begin_order(list);
}

static void place(MessageList *list)
{
  for (unsigned i = 0; i < CHUNK && list->next < list->items->len; i++) {
    const Item *item = &g_array_index(list->items, Item, list->next++);
    list->places[item->number - list->first] = *item;
  }
  if (list->next < list->items->len)
    return;
  list->next = 0;
  list->phase = PHASE_COMPACT;
}

static void compact(MessageList *list)
{
  size_t end = (size_t) list->last - list->first + 1;

  for (unsigned i = 0; i < CHUNK && list->next < end; i++) {
    const Item *item = &list->places[list->next++];
    if (item->number != 0)
      g_array_index(list->items, Item, list->kept++) = *item;
  }
  if (list->next < end)
    return;
  g_clear_pointer(&list->places, g_free);
  list->phase = PHASE_DONE;
}

bool message_list_step(MessageList *list)
{
  static void (*const PHASES[])(MessageList *) = {
    [PHASE_COLLECT] = collect,
    [PHASE_PLACE] = place,
    [PHASE_COMPACT] = compact,
  };

  if (list->phase != PHASE_DONE)
    PHASES[list->phase](list);
  return list->phase != PHASE_DONE;
}

double message_list_progress(const MessageList *list)
{
  switch (list->phase) {
  case PHASE_COLLECT:
    return (double) list->next_call / (double) MAX(list->call_count, (size_t) 1) / 2;
  case PHASE_PLACE:
    return 0.5;
  case PHASE_COMPACT:
    return 0.75;
  case PHASE_DONE:
    break;
  }
  return 1;
}

size_t message_list_count(const MessageList *list)
{
  return list->items->len;
}

const Message *message_list_at(const MessageList *list, size_t index)
{
  const Item *item = &g_array_index(list->items, Item, index);

  return trace_call(list->selection->trace, item->call) ? item->message : NULL;
}
