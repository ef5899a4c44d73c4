#include "dissect/trace/notes.h"

typedef struct {
  Key id;
  GArray *notes; /* Note, by time */
  GList link;    /* in Notes.order */
} NoteList;

struct Notes {
  size_t limit, kept;
  uint64_t count, dropped;
  RecordTable *lists; /* NoteList */
  GQueue order;       /* the same, the one that came first first */
};

static uint32_t list_hash(const void *list)
{
  return (uint32_t) ((const NoteList *) list)->id.low;
}

static bool list_equal(const void *a, const void *b)
{
  return key_eq(&((const NoteList *) a)->id, &((const NoteList *) b)->id);
}

static const RecordKey LIST_KEY = {list_hash, list_equal};

Notes *notes_new(size_t limit)
{
  Notes *notes = g_new0(Notes, 1);

  notes->limit = limit;
  notes->lists = record_table_new(&LIST_KEY);
  return notes;
}

static void drop_first(Notes *notes)
{
  NoteList *list = g_queue_pop_head_link(&notes->order)->data;

  record_table_remove(notes->lists, list);
  notes->kept -= list->notes->len;
  notes->dropped += list->notes->len;
  g_array_unref(list->notes);
  g_free(list);
}

void notes_free(Notes *notes)
{
  if (!notes)
    return;
  while (notes->order.length > 0)
    drop_first(notes);
  record_table_free(notes->lists);
  g_free(notes);
}

static NoteList *find_list(const Notes *notes, const Key *id)
{
  const NoteList probe = {.id = *id};

  return record_table_find(notes->lists, &probe);
}

static NoteList *add_list(Notes *notes, const Key *id)
{
  NoteList *list = g_new0(NoteList, 1);

  list->id = *id;
  list->notes = g_array_new(false, false, sizeof(Note));
  list->link.data = list;
  g_queue_push_tail_link(&notes->order, &list->link);
  record_table_put(notes->lists, list);
  return list;
}

void notes_add(Notes *notes, const Key *id, const Note *note)
{
  NoteList *list = find_list(notes, id);

  notes->count++;
  if (list && list->notes->len == NOTES_OF_ONE_MAX) {
    notes->dropped++;
    return;
  }
  if (!list)
    list = add_list(notes, id);
  guint at = list->notes->len;
  while (at > 0 && g_array_index(list->notes, Note, at - 1).time_ns > note->time_ns)
    at--;
  g_array_insert_val(list->notes, at, *note);
  if (++notes->kept > notes->limit)
    drop_first(notes);
}

size_t notes_of(const Notes *notes, const Key *id, const Note **ret_notes)
{
  const NoteList *list = find_list(notes, id);

  if (!list)
    return 0;
  *ret_notes = (const Note *) (const void *) list->notes->data;
  return list->notes->len;
}

uint64_t notes_count(const Notes *notes)
{
  return notes->count;
}

uint64_t notes_dropped(const Notes *notes)
{
  return notes->dropped;
}

uint64_t notes_alone(const Notes *notes, const RecordTable *calls)
{
  uint64_t alone = 0;

  for (const GList *link = notes->order.head; link; link = link->next) {
    const NoteList *list = link->data;
    alone += record_table_find(calls, &list->id) ? 0 : list->notes->len;
  }
  return alone;
}
