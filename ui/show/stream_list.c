#include "ui/show/stream_list.h"

enum {
  AGAIN_US = 500 * 1000, /* how often rows of a growing trace are renewed */
  SLICE = 256,           /* streams between two looks at the clock */
  SCRATCH_FIRST = 4096,
};

struct StreamList {
  const Trace *trace;
  GArray *calls; /* uint32_t; empty: the whole input */
  bool all;
  DisplayFilter *filter;
  const Field *sort;
  bool descending;
  FieldContext context;
  Arena scratch;

  GArray *rows; /* uint32_t: of the last pass */
  size_t hidden;
  bool unsorted;

  /* Of the pass that goes on, or the next one. */
  GArray *candidates; /* uint32_t: streams of the calls; NULL: all of the input */
  GArray *found;      /* uint32_t; NULL: no pass goes on */
  size_t next;
  bool wanted;
  int64_t began_us;
  uint64_t seen_packets;
};

StreamList *stream_list_new(const Trace *trace, const StoreSet *stores, const GArray *calls)
{
  StreamList *list = g_new0(StreamList, 1);

  list->trace = trace;
  list->calls = g_array_new(false, false, sizeof(uint32_t));
  if (calls->len > 0)
    g_array_append_vals(list->calls, calls->data, calls->len);
  list->all = calls->len == 0;
  arena_init(&list->scratch, SCRATCH_FIRST);
  list->context = field_context(trace, stores, &list->scratch);
  list->rows = g_array_new(false, false, sizeof(uint32_t));
  list->wanted = true;
  return list;
}

/* The pass is of no use any more. */
static void begin_anew(StreamList *list)
{
  g_clear_pointer(&list->candidates, g_array_unref);
  g_clear_pointer(&list->found, g_array_unref);
  list->wanted = true;
}

void stream_list_free(StreamList *list)
{
  if (!list)
    return;
  begin_anew(list);
  display_filter_free(list->filter);
  g_array_unref(list->calls);
  g_array_unref(list->rows);
  field_context_clear(&list->context);
  arena_clear(&list->scratch);
  g_free(list);
}

void stream_list_show_all(StreamList *list, bool all)
{
  list->all = all || list->calls->len == 0;
  begin_anew(list);
}

void stream_list_set_filter(StreamList *list, DisplayFilter *filter)
{
  display_filter_free(list->filter);
  list->filter = filter;
  begin_anew(list);
}

void stream_list_sort(StreamList *list, const Field *field, bool descending)
{
  list->sort = field;
  list->descending = descending;
  begin_anew(list);
}

/* --- a pass --- */

static int compare_numbers(const void *a, const void *b)
{
  uint32_t left = *(const uint32_t *) a, right = *(const uint32_t *) b;

  return left < right ? -1 : left > right;
}

/* In ascending order, each once. */
static GArray *streams_of_calls(const StreamList *list)
{
  GArray *streams = g_array_new(false, false, sizeof(uint32_t));
  guint kept = 0;

  for (guint i = 0; i < list->calls->len; i++) {
    const Call *call = trace_call(list->trace, g_array_index(list->calls, uint32_t, i));
    const uint32_t *numbers;
    size_t count = call ? trace_call_streams(list->trace, call, &numbers) : 0;

    if (count > 0)
      g_array_append_vals(streams, numbers, (guint) count);
  }
  g_array_sort(streams, compare_numbers);
  for (guint i = 0; i < streams->len; i++) {
    uint32_t number = g_array_index(streams, uint32_t, i);
    if (kept == 0 || g_array_index(streams, uint32_t, kept - 1) != number)
      g_array_index(streams, uint32_t, kept++) = number;
  }
  g_array_set_size(streams, kept);
  return streams;
}

static void begin_pass(StreamList *list)
{
  list->candidates = list->all ? NULL : streams_of_calls(list);
  list->found = g_array_new(false, false, sizeof(uint32_t));
  list->next = 0;
  list->hidden = 0;
  list->wanted = false;
  list->began_us = g_get_monotonic_time();
  list->seen_packets = trace_counts(list->trace)->packets;
}

static size_t candidate_count(const StreamList *list)
{
  return list->candidates ? list->candidates->len : trace_stream_count(list->trace);
}

static void look_at(FieldContext *context, const void *item)
{
  arena_reset(context->scratch);
  field_look_at_stream(context, trace_stream_at(context->trace, *(const uint32_t *) item - 1));
}

static void check_next(StreamList *list)
{
  size_t index = list->next++;
  uint32_t number =
    list->candidates ? g_array_index(list->candidates, uint32_t, index) : (uint32_t) index + 1;

  if (!trace_stream_at(list->trace, number - 1)) /* it was discarded */
    return;
  if (list->filter) {
    look_at(&list->context, &number);
    if (!display_filter_match(list->filter, &list->context)) {
      list->hidden++;
      return;
    }
  }
  g_array_append_val(list->found, number);
}

/* Records may have been discarded since they were checked. */
static void drop_discarded(StreamList *list)
{
  guint kept = 0;

  for (guint i = 0; i < list->found->len; i++) {
    uint32_t number = g_array_index(list->found, uint32_t, i);
    if (trace_stream_at(list->trace, number - 1))
      g_array_index(list->found, uint32_t, kept++) = number;
  }
  g_array_set_size(list->found, kept);
}

static void end_pass(StreamList *list)
{
  g_autoptr(GArray) fields = g_array_new(false, true, sizeof(FieldChoice));
  const FieldChoice choice = {{list->sort, SLICE_NONE}, list->descending};

  drop_discarded(list);
  list->unsorted = list->sort && list->found->len > STREAM_LIST_SORTED_MAX;
  if (list->sort && !list->unsorted && list->found->len > 0) {
    g_array_append_val(fields, choice);
    sort_items(list->found, fields, &list->context, look_at);
  }
  g_array_unref(list->rows);
  list->rows = g_steal_pointer(&list->found);
  g_clear_pointer(&list->candidates, g_array_unref);
}

bool stream_list_step(StreamList *list, int64_t until_us)
{
  bool is_old = trace_counts(list->trace)->packets != list->seen_packets &&
                g_get_monotonic_time() - list->began_us >= AGAIN_US;

  if (!list->found && (list->wanted || is_old))
    begin_pass(list);
  if (!list->found)
    return false;
  do {
    for (unsigned i = 0; i < SLICE && list->next < candidate_count(list); i++)
      check_next(list);
    if (list->next >= candidate_count(list)) {
      end_pass(list);
      return false;
    }
  } while (g_get_monotonic_time() < until_us);
  return true;
}

bool stream_list_progress(const StreamList *list, double *ret_done)
{
  size_t count = candidate_count(list);

  *ret_done = count > 0 ? (double) list->next / (double) count : 1.0;
  return list->found != NULL;
}

/* --- rows --- */

size_t stream_list_count(const StreamList *list)
{
  return list->rows->len;
}

uint32_t stream_list_at(const StreamList *list, size_t row)
{
  return g_array_index(list->rows, uint32_t, row);
}

bool stream_list_find(const StreamList *list, uint32_t number, size_t *ret_row)
{
  for (guint i = 0; i < list->rows->len; i++)
    if (g_array_index(list->rows, uint32_t, i) == number) {
      *ret_row = i;
      return true;
    }
  return false;
}

size_t stream_list_hidden(const StreamList *list)
{
  return list->hidden;
}

bool stream_list_is_unsorted(const StreamList *list)
{
  return list->unsorted;
}
