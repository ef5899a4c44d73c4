#include "ui/report/rows.h"

#include "capture/language.h"
#include "ui/report/csv.h"
#include "ui/show/field_list.h"
#include "ui/show/format.h"

void row_look_at(const ReportRow *row, FieldContext *context)
{
  arena_reset(context->scratch);
  if (row->stream)
    field_look_at_stream(context, row->stream);
  else if (row->message)
    field_look_at_message(context, row->message);
  else
    field_look_at_call(context, row->call);
}

static void add_row(GArray *rows, const Call *call, const Message *message)
{
  ReportRow row = {.call = call, .message = message};

  g_array_append_val(rows, row);
}

static void add_message_rows(Report *report, GArray *rows)
{
  MessageList *list = message_list_new(report->setup.selection);

  while (job_step(&list->job, INT64_MAX))
    continue;
  for (size_t i = 0; i < list->count; i++) {
    const Message *message = message_list_at(list, i);
    if (message)
      add_row(rows, message->transaction->call, message);
  }
  job_free(&list->job);
}

static void add_filtered_messages(Report *report, GArray *rows)
{
  Selection *selection = report->setup.selection;
  g_autoptr(GPtrArray) messages = display_filter_messages(selection->filter, &selection->context);

  for (guint i = 0; i < messages->len; i++) {
    const Message *message = messages->pdata[i];
    if (selection_names_message(selection, message))
      add_row(rows, message->transaction->call, message);
  }
}

static void add_streams(Report *report, GArray *rows)
{
  for (size_t i = 0; i < trace_stream_count(report->trace); i++) {
    ReportRow row = {.stream = trace_stream_at(report->trace, i)};
    if (row.stream && selection_has_stream(report->setup.selection, row.stream))
      g_array_append_val(rows, row);
  }
}

static void look_at_item(FieldContext *context, const void *item)
{
  row_look_at(item, context);
}

GArray *rows_new(Report *report)
{
  GArray *rows = g_array_new(false, false, sizeof(ReportRow));

  if (report->ops->of_streams) {
    add_streams(report, rows);
  } else if (!report->ops->message) {
    for (size_t i = 0; i < selection_call_count(report->setup.selection); i++) {
      const Call *call = selection_call_at(report->setup.selection, i);
      if (call)
        add_row(rows, call, NULL);
    }
  } else if (report->setup.selection->filter) {
    add_filtered_messages(report, rows);
  } else {
    add_message_rows(report, rows);
  }
  if (report->setup.sort && rows->len > 0) {
    sort_items(rows, report->setup.sort, &report->context, look_at_item);
    report_note_unreadable(report, &report->context);
  }
  return rows;
}

/* --- Rows with the fields of --columns -------------------------------------------------------- */

enum {
  WIDE = 120,        /* wide enough for dates and microseconds */
  FLEXIBLE_MIN = 10, /* texts are not cut below this */
  FLEXIBLE_MOST = 64,
};

typedef struct {
  const FieldRef *ref;
  char *key;
  Clock clock; /* deltas are counted per column */
  unsigned width;
} Column;

typedef struct {
  Report *report;
  FieldContext *context;
  Column *columns;
  size_t count;
  const char *const *spare;
} Table;

static FieldValue value_at(const Table *table, const Column *column, size_t index, bool *ret_found)
{
  FieldValue value;

  *ret_found = field_get_at(table->context, column->ref, index, &value);
  return *ret_found ? value : value_none();
}

static void put_json_values(const Table *table, const Column *column)
{
  Json *json = &table->report->json;
  bool found;
  FieldValue value = value_at(table, column, 0, &found);

  if (!found) {
    json_value(json, value);
    return;
  }
  json_begin_array(json);
  for (size_t i = 1; found; i++) {
    json_value(json, value);
    value = value_at(table, column, i, &found);
  }
  json_end_array(json);
}

static void put_json(const Table *table)
{
  Json *json = &table->report->json;
  bool found;

  json_begin_object(json);
  for (size_t i = 0; i < table->count; i++) {
    const Column *column = &table->columns[i];
    json_key_text(json, slice_from_string(column->key));
    if (column->ref->field->many)
      put_json_values(table, column);
    else
      json_value(json, value_at(table, column, 0, &found));
  }
  json_end_object(json);
  json_end_line(json);
}

/* Several values in one CSV field, separated by spaces. */
static FieldValue joined(const Table *table, const Column *column)
{
  g_autoptr(GString) all = g_string_new(NULL);
  Arena *arena = table->context->scratch;
  char text[FIELD_VALUE_TEXT_MAX];
  FieldValue value;
  size_t count = 0;

  for (; field_get_at(table->context, column->ref, count, &value); count++) {
    Slice item = field_value_format(&value, text);
    if (count > 0)
      g_string_append_c(all, ' ');
    g_string_append_len(all, item.data, (gssize) item.len);
  }
  return count > 0 ? value_text(arena_dup(arena, slice_of(all->str, all->len))) : value_none();
}

static void put_csv(const Table *table)
{
  FieldValue *values = arena_alloc(table->context->scratch, table->count * sizeof *values);
  bool found;

  for (size_t i = 0; i < table->count; i++) {
    const Column *column = &table->columns[i];
    values[i] =
      column->ref->field->many ? joined(table, column) : value_at(table, column, 0, &found);
  }
  csv_row(table->report->out, values, table->count);
}

static void append_values(const Table *table, Column *column, GString *to)
{
  TextCharset charset = table->report->look.charset;
  FieldValue value;

  g_string_truncate(to, 0);
  for (size_t i = 0; field_get_at(table->context, column->ref, i, &value); i++) {
    if (i > 0)
      g_string_append(to, ", ");
    field_value_append(to, &value, &column->clock, charset);
  }
}

static Slice column_title(const Column *column)
{
  const Field *field = column->ref->field;

  return field->takes_name ? column->ref->name : slice_from_string(_(field->title));
}

/* May its cells be cut? */
static bool is_flexible(const Column *column)
{
  const Field *field = column->ref->field;

  return field->many || field->type == FIELD_STRING;
}

static void widen_column(Column *column, const GString *safe)
{
  unsigned width = text_width(slice_of(safe->str, safe->len));

  if (is_flexible(column))
    width = MIN(width, FLEXIBLE_MOST);
  column->width = MAX(column->width, width);
}

static Column *widest_flexible(const Table *table)
{
  Column *widest = NULL;

  for (size_t i = 0; i < table->count; i++) {
    Column *column = &table->columns[i];
    if (is_flexible(column) && column->width > FLEXIBLE_MIN &&
        (!widest || column->width > widest->width))
      widest = column;
  }
  return widest;
}

static void append_table_cell(const Table *table, size_t index, Slice safe, Style style)
{
  const Column *column = &table->columns[index];
  const Look *look = &table->report->look;
  GString *text = table->report->text;
  bool is_number = field_is_number(column->ref->field);
  TextCell cell = {column->width, is_number ? TEXT_RIGHT : TEXT_LEFT};

  if (cell.width == 0)
    return;
  if (text->len > 0)
    g_string_append_c(text, ' ');
  style_begin(text, style, look);
  text_append_cell(text, safe, cell, look->charset);
  style_end(text, style, look);
}

static void put_table_text(const Table *table)
{
  g_autoptr(GString) text = g_string_new(NULL);

  for (size_t i = 0; i < table->count; i++) {
    append_values(table, &table->columns[i], text);
    append_table_cell(table, i, slice_of(text->str, text->len), STYLE_PLAIN);
  }
  report_put_row(table->report);
}

static void begin_csv(const Table *table, const GArray *rows)
{
  g_autofree FieldValue *values = g_new(FieldValue, table->count);

  (void) rows;
  for (size_t i = 0; i < table->count; i++)
    values[i] = value_string(table->columns[i].key);
  csv_row(table->report->out, values, table->count);
}

static unsigned table_width(const Table *table)
{
  unsigned width = 0;

  for (size_t i = 0; i < table->count; i++)
    if (table->columns[i].width > 0)
      width += table->columns[i].width + (width > 0 ? 1 : 0);
  return width;
}

/* The widest texts are narrowed until the rows fit, or none can be narrower. */
static void narrow_texts(const Table *table)
{
  Column *widest = widest_flexible(table);

  for (unsigned width = table_width(table); width > table->report->look.width && widest; width--) {
    widest->width--;
    widest = widest_flexible(table);
  }
}

/* A column of width 0 is not shown. */
static void drop_spare_columns(const Table *table)
{
  const Look *look = &table->report->look;

  for (size_t s = 0; table->spare && table->spare[s]; s++)
    for (size_t i = 0; i < table->count; i++)
      if (look->fits && table_width(table) > look->width &&
          strcmp(table->columns[i].key, table->spare[s]) == 0)
        table->columns[i].width = 0;
}

static void begin_text(const Table *table, const GArray *rows)
{
  g_autoptr(GString) text = g_string_new(NULL);

  for (size_t i = 0; i < table->count; i++) {
    g_string_truncate(text, 0);
    text_append_safe(text, column_title(&table->columns[i]), table->report->look.charset);
    widen_column(&table->columns[i], text);
  }
  for (guint row = 0; row < rows->len; row++) {
    row_look_at(&g_array_index(rows, ReportRow, row), table->context);
    for (size_t i = 0; i < table->count; i++) {
      append_values(table, &table->columns[i], text);
      widen_column(&table->columns[i], text);
    }
  }
  for (size_t i = 0; i < table->count; i++) /* deltas start again when the rows are printed */
    table->columns[i].clock = table->report->clock;
  narrow_texts(table);
  drop_spare_columns(table);
  for (size_t i = 0; i < table->count; i++) {
    g_string_truncate(text, 0);
    text_append_safe(text, column_title(&table->columns[i]), table->report->look.charset);
    append_table_cell(table, i, slice_of(text->str, text->len), STYLE_HEADING);
  }
  report_put_row(table->report);
}

/* How the rows of a format are written. */
struct FieldRows {
  void (*begin)(const Table *table, const GArray *rows); /* or NULL */
  void (*row)(const Table *table);
};

const FieldRows FIELD_ROWS_TEXT = {begin_text, put_table_text};
const FieldRows FIELD_ROWS_JSON = {NULL, put_json};
const FieldRows FIELD_ROWS_CSV = {begin_csv, put_csv};

void rows_print_fields(Report *report, const GArray *rows, const char *const *spare)
{
  const FieldRows *format = report->ops->field_rows;

  report->clock.date = report->look.width >= WIDE;
  report->clock.digits = report->look.width >= WIDE ? 6 : 3;
  const GArray *choices = report->setup.columns;
  Table table = {report, &report->context, g_new(Column, choices->len), choices->len, spare};
  for (size_t i = 0; i < table.count; i++) {
    const FieldRef *ref = &g_array_index(choices, FieldChoice, i).ref;
    GString *key = g_string_new(NULL);
    field_ref_append_key(key, ref);
    table.columns[i] =
      (Column){.ref = ref, .key = g_string_free(key, FALSE), .clock = report->clock};
  }
  if (format->begin)
    format->begin(&table, rows);
  for (guint i = 0; i < rows->len && !out_is_over(report->out); i++) {
    row_look_at(&g_array_index(rows, ReportRow, i), table.context);
    format->row(&table);
    report_note_unreadable(report, table.context);
  }
  for (size_t i = 0; i < table.count; i++)
    g_free(table.columns[i].key);
  g_free(table.columns);
}
