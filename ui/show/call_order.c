#include "ui/show/call_order.h"

#include "ui/show/field_list.h"

enum {
  KEYS_BETWEEN = 8,     /* keys made between two looks at the clock */
  MOVES_BETWEEN = 1024, /* keys moved */
  TEXTS_LEAST = 1 << 20,
};

typedef enum {
  PHASE_IDLE,
  PHASE_KEYS,  /* of new and changed calls are made */
  PHASE_SORT,  /* these are sorted */
  PHASE_MERGE, /* and merged with those sorted already */
} Phase;

typedef struct {
  SortKey *keys;
  size_t count, room;
} Run;

/* Progress of a merge of two sorted runs. */
typedef struct {
  size_t left, left_end, right, right_end;
} Merge;

struct CallOrder {
  const Trace *trace;
  FieldRef ref;
  char *name;
  bool descending, wanted_descending, is_turning;
  Phase phase;
  Arena scratch, other_scratch;
  FieldContext context, other; /* both for comparing long texts */
  bool unreadable;
  bool has_read;          /* since the last look at the clock */
  Arena texts, new_texts; /* the second while texts are moved */
  bool moves_texts;
  size_t live_texts;
  uint32_t last;   /* highest number of the calls that are sorted, or are being sorted */
  GArray *changed; /* of this round */
  size_t keyed;    /* number of these that have a key */
  uint32_t first_new;
  uint8_t *moved; /* by number - 1: its key among the sorted ones is outdated */
  size_t moved_room;
  Run sorted, fresh, out; /* out: what is being merged into */
  size_t width;           /* of the runs in `fresh` that are sorted */
  Merge merge;
};

CallOrder *call_order_new(const Trace *trace, const StoreSet *stores, const FieldRef *ref)
{
  CallOrder *order = g_new0(CallOrder, 1);

  order->trace = trace;
  if (ref) {
    order->name = ref->name.data ? slice_dup(ref->name) : NULL;
    order->ref = (FieldRef){ref->field, slice_from_string(order->name)};
  }
  arena_init(&order->scratch, 16 * 1024);
  arena_init(&order->other_scratch, 16 * 1024);
  order->context = field_context(trace, stores, &order->scratch);
  order->other = field_context(trace, stores, &order->other_scratch);
  order->context.enough = order->other.enough = 1;
  arena_init(&order->texts, 4096);
  arena_init(&order->new_texts, 4096);
  order->changed = g_array_new(false, false, sizeof(uint32_t));
  return order;
}

void call_order_share(CallOrder *order, Conversations *conversations)
{
  order->context.conversations = order->other.conversations = conversations;
}

void call_order_free(CallOrder *order)
{
  if (!order)
    return;
  g_free(order->name);
  field_context_clear(&order->context);
  field_context_clear(&order->other);
  arena_clear(&order->scratch);
  arena_clear(&order->other_scratch);
  arena_clear(&order->texts);
  arena_clear(&order->new_texts);
  g_array_unref(order->changed);
  g_free(order->moved);
  g_free(order->sorted.keys);
  g_free(order->fresh.keys);
  g_free(order->out.keys);
  g_free(order);
}

/* --- comparing --- */

static bool read_value(CallOrder *order, FieldContext *context, uint32_t number,
                       FieldValue *ret_value)
{
  const Call *call = trace_call(order->trace, number);

  if (!call)
    return false;
  arena_reset(context->scratch);
  field_look_at_call(context, call);
  bool found = field_get(context, &order->ref, ret_value);
  order->unreadable |= context->unreadable;
  return found;
}

/* Both texts are longer than what is kept of them: reads them again. */
static int compare_whole(CallOrder *order, const SortKey *a, const SortKey *b)
{
  FieldValue first, second;

  order->has_read = true;
  if (!read_value(order, &order->context, a->number, &first) ||
      !read_value(order, &order->other, b->number, &second))
    return 0;
  return field_compare(&first, &second);
}

/* Equal calls stay in order of appearance. */
static bool key_is_before(CallOrder *order, const SortKey *a, const SortKey *b)
{
  SortOrder by_key = sort_key_compare(a, b, order->descending);
  int compared = (int) by_key;

  if (by_key == SORT_UNDECIDED)
    compared = order->descending ? compare_whole(order, b, a) : compare_whole(order, a, b);
  return compared != 0 ? compared < 0 : a->number < b->number;
}

/* --- runs --- */

/* Empty, with room for so many. */
static void run_begin(Run *run, size_t room)
{
  run->count = 0;
  if (room <= run->room)
    return;
  g_free(run->keys);
  run->room = room;
  run->keys = g_new(SortKey, room);
}

static void run_swap(Run *a, Run *b)
{
  Run was = *a;

  *a = *b;
  *b = was;
}

/* Looks at the clock after some keys, and whenever a message was read. */
static bool slice_is_over(CallOrder *order, size_t done, int64_t until_us)
{
  if (done % MOVES_BETWEEN != 0 && !order->has_read)
    return false;
  order->has_read = false;
  return g_get_monotonic_time() >= until_us;
}

/* Frees its memory. */
static void run_forget(Run *run)
{
  g_free(run->keys);
  *run = (Run){.count = 0};
}

/* --- rounds --- */

static void reserve_moved(CallOrder *order, size_t count)
{
  size_t room = MAX(order->moved_room, 1024);

  while (room < count)
    room *= 2;
  if (room == order->moved_room)
    return;
  order->moved = g_renew(uint8_t, order->moved, room);
  memset(order->moved + order->moved_room, 0, room - order->moved_room);
  order->moved_room = room;
}

static void begin_sort(CallOrder *order)
{
  order->width = 1;
  order->merge = (Merge){0};
  run_begin(&order->out, order->fresh.count);
  order->phase = PHASE_SORT;
}

void call_order_set_descending(CallOrder *order, bool descending)
{
  order->wanted_descending = descending;
}

bool call_order_is_busy(const CallOrder *order)
{
  return order->phase != PHASE_IDLE || order->descending != order->wanted_descending;
}

bool call_order_is_turning(const CallOrder *order)
{
  return order->is_turning || order->descending != order->wanted_descending;
}

static size_t keys_to_make(const CallOrder *order)
{
  return order->changed->len + (order->last + 1 - order->first_new);
}

void call_order_begin(CallOrder *order, uint32_t last, const GArray *changed)
{
  g_assert(order->phase == PHASE_IDLE);
  g_array_set_size(order->changed, 0);
  if (changed && changed->len > 0)
    g_array_append_vals(order->changed, changed->data, changed->len);
  reserve_moved(order, last);
  order->first_new = order->last + 1;
  order->last = last;
  order->keyed = 0;
  run_begin(&order->fresh, keys_to_make(order));
  if (order->sorted.count == 0)
    order->descending = order->wanted_descending;
  order->phase = PHASE_KEYS;
}

uint32_t call_order_last(const CallOrder *order)
{
  return order->last;
}

/* The number of the next call to make a key of; 0: skip it, it is one of the new calls. */
static uint32_t next_to_key(CallOrder *order)
{
  size_t i = order->keyed++, changed = order->changed->len;

  if (i >= changed)
    return order->first_new + (uint32_t) (i - changed);
  uint32_t number = g_array_index(order->changed, uint32_t, i);
  if (number >= order->first_new)
    return 0;
  order->moved[number - 1] = true;
  return number;
}

/* The last key begins the sort. */
static void make_keys(CallOrder *order, int64_t until_us)
{
  size_t count = keys_to_make(order);

  while (order->keyed < count) {
    uint32_t number = next_to_key(order);

    if (number != 0 && trace_call(order->trace, number)) {
      FieldValue value = {.type = FIELD_INTEGER, .integer = number};
      bool found = !order->ref.field || read_value(order, &order->context, number, &value);

      order->fresh.keys[order->fresh.count++] =
        sort_key_new(&order->texts, number, found ? &value : NULL, SORT_TEXT_MAX);
    }
    if (order->keyed % KEYS_BETWEEN == 0 && g_get_monotonic_time() >= until_us)
      break;
  }
  if (order->keyed == count)
    begin_sort(order);
}

/* --- sorting: pairs of runs of `width` are merged from `fresh` into `out` --- */

/* The next key of a merge. */
static const SortKey *take_next(CallOrder *order)
{
  Merge *m = &order->merge;
  const SortKey *keys = order->fresh.keys;

  if (m->left == m->left_end)
    return &keys[m->right++];
  if (m->right < m->right_end && key_is_before(order, &keys[m->right], &keys[m->left]))
    return &keys[m->right++];
  return &keys[m->left++];
}

static bool pair_is_over(const Merge *m)
{
  return m->left == m->left_end && m->right == m->right_end;
}

/* One key, or the next pair, or the next width; false when all is sorted. */
static bool sort_on(CallOrder *order)
{
  Run *out = &order->out;
  size_t at = out->count, count = order->fresh.count;

  if (!pair_is_over(&order->merge)) {
    out->keys[out->count++] = *take_next(order);
    return true;
  }
  if (at < count) {
    size_t middle = MIN(at + order->width, count);
    order->merge = (Merge){at, middle, middle, MIN(middle + order->width, count)};
    return true;
  }
  if (order->width > 0 && at > 0) {
    run_swap(&order->fresh, out);
    order->width *= 2;
  }
  out->count = 0;
  order->merge = (Merge){0};
  return order->width < order->fresh.count;
}

/* The last key begins the merge. */
static void sort_fresh(CallOrder *order, int64_t until_us)
{
  for (size_t i = 1; sort_on(order); i++)
    if (slice_is_over(order, i, until_us))
      return;
  run_begin(&order->out, order->sorted.count + order->fresh.count);
  order->merge = (Merge){0, order->sorted.count, 0, order->fresh.count};
  order->moves_texts = order->texts.used > 2 * order->live_texts + TEXTS_LEAST;
  order->live_texts = 0;
  order->phase = PHASE_MERGE;
}

/* --- merging: what is sorted and unchanged, and what is fresh, into `out` --- */

static void put_out(CallOrder *order, SortKey key)
{
  if (order->moves_texts)
    sort_key_move(&key, &order->new_texts);
  order->live_texts += sort_key_bytes(&key);
  order->out.keys[order->out.count++] = key;
}

static void merge_one(CallOrder *order)
{
  Merge *m = &order->merge;
  const SortKey *old = m->left < m->left_end ? &order->sorted.keys[m->left] : NULL;
  const SortKey *fresh = m->right < m->right_end ? &order->fresh.keys[m->right] : NULL;

  if (old && (order->moved[old->number - 1] || !trace_call(order->trace, old->number))) {
    m->left++;
  } else if (old && !(fresh && key_is_before(order, fresh, old))) {
    m->left++;
    put_out(order, *old);
  } else if (fresh) {
    m->right++;
    put_out(order, *fresh);
  }
}

/* The last key ends the round. */
static void merge_all(CallOrder *order, int64_t until_us)
{
  for (size_t i = 1; !pair_is_over(&order->merge); i++) {
    merge_one(order);
    if (slice_is_over(order, i, until_us))
      return;
  }
  for (guint i = 0; i < order->changed->len; i++)
    order->moved[g_array_index(order->changed, uint32_t, i) - 1] = false;
  run_swap(&order->sorted, &order->out);
  run_forget(&order->out);
  run_forget(&order->fresh);
  if (order->moves_texts) {
    arena_clear(&order->texts);
    order->texts = order->new_texts;
    arena_init(&order->new_texts, 4096);
    order->moves_texts = false;
  }
  order->phase = PHASE_IDLE;
  order->is_turning = false;
}

bool call_order_step(CallOrder *order, int64_t until_us)
{
  while (call_order_is_busy(order)) {
    switch (order->phase) {
    case PHASE_IDLE:
      /* All calls are sorted again, in the other direction. */
      order->is_turning = true;
      order->descending = order->wanted_descending;
      run_forget(&order->fresh);
      order->fresh = order->sorted;
      order->sorted = (Run){.count = 0};
      begin_sort(order);
      break;
    case PHASE_KEYS:
      make_keys(order, until_us);
      break;
    case PHASE_SORT:
      sort_fresh(order, until_us);
      break;
    case PHASE_MERGE:
      merge_all(order, until_us);
      break;
    }
    if (g_get_monotonic_time() >= until_us)
      break;
  }
  return call_order_is_busy(order);
}

double call_order_progress(const CallOrder *order)
{
  size_t keys = keys_to_make(order);

  switch (order->phase) {
  case PHASE_IDLE:
    return 0;
  case PHASE_KEYS:
    return keys > 0 ? 0.6 * (double) order->keyed / (double) keys : 0.6;
  case PHASE_SORT:
    return 0.6 + 0.35 * g_bit_storage(order->width) / (g_bit_storage(order->fresh.count) + 1.0);
  case PHASE_MERGE:
    break;
  }
  return 0.95;
}

size_t call_order_count(const CallOrder *order)
{
  return order->sorted.count;
}

uint32_t call_order_at(const CallOrder *order, size_t index)
{
  return order->sorted.keys[index].number;
}

bool call_order_is_unreadable(const CallOrder *order)
{
  return order->unreadable;
}
