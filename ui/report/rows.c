#include "ui/report/rows.h"

enum { ARENA_FIRST = 64 * 1024 };

void row_look_at(const ReportRow *row, FieldContext *context)
{
  arena_reset(context->scratch);
  if (row->message)
    field_look_at_message(context, row->message);
  else
    field_look_at_call(context, row->call);
}

static void add_calls(Report *report, GArray *rows)
{
  for (size_t i = 0; i < trace_call_count(report->trace); i++) {
    ReportRow row = {.call = selection_call_at(report->setup.selection, i)};
    if (row.call)
      g_array_append_val(rows, row);
  }
}

static void add_message(const Message *message, GArray *rows)
{
  ReportRow row = {.call = message->transaction->call, .message = message};

  g_array_append_val(rows, row);
}

static void add_messages(Report *report, GArray *rows)
{
  g_autoptr(MessageList) list = message_list_new(report->setup.selection);

  while (message_list_step(list))
    continue;
  for (size_t i = 0; i < message_list_count(list); i++)
    add_message(message_list_at(list, i), rows);
}

static void add_filtered_messages(Report *report, GArray *rows)
{
  Selection *selection = report->setup.selection;
  g_autoptr(GPtrArray) messages =
    display_filter_messages(selection->filter, report->trace, report->stores, NULL, NULL);

  for (guint i = 0; i < messages->len; i++)
    if (selection_names_message(selection, messages->pdata[i]))
      add_message(messages->pdata[i], rows);
}

/* A row as it is sorted. */
typedef struct {
  ReportRow row;
  guint index;               /* in order of appearance */
  const FieldValue **values; /* by place in --sort; NULL: absent */
} SortRow;

static int compare_values(const FieldValue *a, const FieldValue *b, bool descending)
{
  if (!a || !b)
    return (a == NULL) - (b == NULL);
  int order = field_compare(a, b);
  return descending ? -order : order;
}

static gint compare_rows(gconstpointer a, gconstpointer b, gpointer data)
{
  const SortRow *left = a, *right = b;
  const GArray *sort = data;

  for (guint i = 0; i < sort->len; i++) {
    bool descending = g_array_index(sort, FieldChoice, i).descending;
    int order = compare_values(left->values[i], right->values[i], descending);
    if (order != 0)
      return order;
  }
  return left->index < right->index ? -1 : 1;
}

/* A value that lives as long as the arena; NULL when the fact is absent. */
static const FieldValue *keep_value(Arena *arena, FieldContext *context, const FieldRef *ref)
{
  FieldValue value;

  if (!field_get(context, ref, &value))
    return NULL;
  if (value.type == FIELD_STRING || value.type == FIELD_ENUM)
    value.text = arena_dup(arena, value.text);
  FieldValue *kept = arena_new(arena, FieldValue);
  *kept = value;
  return kept;
}

static SortRow sort_row(Report *report, const GArray *rows, guint index, Arena *arena)
{
  const GArray *sort = report->setup.sort;
  FieldContext *context = &report->context;
  SortRow row = {.row = g_array_index(rows, ReportRow, index), .index = index};

  row.values = arena_alloc(arena, sort->len * sizeof(FieldValue *));
  row_look_at(&row.row, context);
  for (guint i = 0; i < sort->len; i++)
    row.values[i] = keep_value(arena, context, &g_array_index(sort, FieldChoice, i).ref);
  report_note_unreadable(report, context);
  return row;
}

static void sort_rows(Report *report, GArray *rows)
{
  SortRow *sorted = g_new(SortRow, rows->len);
  Arena arena;

  arena_init(&arena, ARENA_FIRST);
  for (guint i = 0; i < rows->len; i++)
    sorted[i] = sort_row(report, rows, i, &arena);
  g_qsort_with_data(sorted, (gint) rows->len, sizeof *sorted, compare_rows,
                    (gpointer) (uintptr_t) report->setup.sort);
  for (guint i = 0; i < rows->len; i++)
    g_array_index(rows, ReportRow, i) = sorted[i].row;
  arena_clear(&arena);
  g_free(sorted);
}

GArray *rows_new(Report *report)
{
  GArray *rows = g_array_new(false, false, sizeof(ReportRow));

  if (!report->ops->message)
    add_calls(report, rows);
  else if (report->setup.selection->filter)
    add_filtered_messages(report, rows);
  else
    add_messages(report, rows);
  if (report->setup.sort)
    sort_rows(report, rows);
  return rows;
}
