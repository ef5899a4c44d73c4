#include "ui/show/call_cells.h"

#include "ui/show/field_value.h"
#include "ui/show/quick_choice.h"

enum {
  ROWS = 512,        /* kept; more than lines on any screen */
  VALUES_MOST = 16,  /* shown in one cell */
  TEXT_WIDTH = 200,  /* no more of a text is made safe */
  HUGE_CALL = 32768, /* messages from which on facts take long */
  REST = 50,         /* so many times as long as they took they are good */
};

/* One call's cells. */
typedef struct {
  uint32_t number, messages; /* 0: nothing is kept here */
  int64_t now_ns;            /* the trace's time when it was looked at */
  int64_t good_until_us;     /* of a huge one */
  char **texts;
  Style style;
} Row;

struct CallCells {
  const Trace *trace;
  const GPtrArray *columns;
  CallCellsLook look;
  Clock clock;
  Arena scratch;
  FieldContext context;
  GString *text;
  Row rows[ROWS];
  unsigned widths[CALL_COLUMNS_MAX];
  bool unreadable;
};

CallCells *call_cells_new(const Trace *trace, const StoreSet *stores)
{
  CallCells *cells = g_new0(CallCells, 1);

  cells->trace = trace;
  arena_init(&cells->scratch, 16 * 1024);
  cells->context = field_context(trace, stores, &cells->scratch);
  cells->context.enough = VALUES_MOST;
  cells->text = g_string_new(NULL);
  return cells;
}

static void row_clear(Row *row)
{
  g_strfreev(row->texts);
  *row = (Row){0};
}

static void forget_rows(CallCells *cells)
{
  for (size_t i = 0; i < ROWS; i++)
    row_clear(&cells->rows[i]);
}

void call_cells_free(CallCells *cells)
{
  if (!cells)
    return;
  forget_rows(cells);
  arena_clear(&cells->scratch);
  g_string_free(cells->text, TRUE);
  g_free(cells);
}

void call_cells_set(CallCells *cells, const GPtrArray *columns, const CallCellsLook *look)
{
  g_assert(columns->len <= CALL_COLUMNS_MAX);
  forget_rows(cells);
  memset(cells->widths, 0, sizeof cells->widths);
  cells->columns = columns;
  cells->look = *look;
  cells->clock = clock_new(TIME_ABSOLUTE, look->utc);
  cells->clock.date = look->date;
  cells->clock.digits = look->digits;
}

/* --- Texts ----------------------------------------------------------------------------------- */

/* Without the scheme that nearly all addresses share. */
static Slice without_scheme(const Field *field, Slice text)
{
  bool is_uri = g_str_has_suffix(field->key, ".uri") || strcmp(field->key, "call.from") == 0 ||
                strcmp(field->key, "call.to") == 0;

  return is_uri && slice_starts_with_nocase(text, SLICE("sip:")) ? slice_from(text, 4) : text;
}

static void append_safe(CallCells *cells, Slice text)
{
  text_append_safe_head(cells->text, text, TEXT_WIDTH, cells->look.charset);
}

static void append_address(CallCells *cells, const Endpoint *address)
{
  g_autoptr(GString) name = g_string_new(NULL);

  aliases_append(cells->look.aliases, address, ALIAS_WITH_PORT, name);
  append_safe(cells, slice_of(name->str, name->len));
}

static void append_value(CallCells *cells, const Field *field, const FieldValue *value)
{
  if (value->type == FIELD_STRING || value->type == FIELD_ENUM)
    append_safe(cells, without_scheme(field, value->text));
  else if (value->type == FIELD_ADDRESS && cells->look.aliases)
    append_address(cells, &value->address);
  else
    field_value_append(cells->text, value, &cells->clock, cells->look.charset);
}

static void append_values(CallCells *cells, const CallColumn *column)
{
  FieldValue value;

  for (size_t i = 0; i < VALUES_MOST && cells->text->len < TEXT_WIDTH &&
                     field_get_at(&cells->context, &column->ref, i, &value);
       i++) {
    if (i > 0)
      g_string_append(cells->text, ", ");
    append_value(cells, column->ref.field, &value);
  }
}

static char *make_text(CallCells *cells, size_t column)
{
  g_string_truncate(cells->text, 0);
  append_values(cells, cells->columns->pdata[column]);
  Slice text = slice_of(cells->text->str, cells->text->len);
  cells->widths[column] = MAX(cells->widths[column], text_width(text));
  return slice_dup(text);
}

static Style style_of_call(const CallSummary *summary)
{
  static const Style STYLES[QUICK_FATE_COUNT] = {
    [QUICK_FATE_CALLING] = STYLE_PROVISIONAL, [QUICK_FATE_RINGING] = STYLE_PROVISIONAL,
    [QUICK_FATE_IN_CALL] = STYLE_SUCCESS,     [QUICK_FATE_COMPLETED] = STYLE_SUCCESS,
    [QUICK_FATE_ANSWERED] = STYLE_SUCCESS,    [QUICK_FATE_BUSY] = STYLE_WARNING,
    [QUICK_FATE_CANCELLED] = STYLE_WARNING,   [QUICK_FATE_REDIRECTED] = STYLE_REDIRECT,
    [QUICK_FATE_FAILED] = STYLE_FAILURE,      [QUICK_FATE_UNANSWERED] = STYLE_WARNING,
  };

  return STYLES[quick_fate_of(summary)];
}

static void make_row(CallCells *cells, Row *row, const Call *call)
{
  int64_t began_us = g_get_monotonic_time();

  row_clear(row);
  arena_reset(&cells->scratch);
  field_look_at_call(&cells->context, call);
  row->number = call->number;
  row->messages = call->messages;
  row->now_ns = trace_now(cells->trace);
  row->texts = g_new0(char *, cells->columns->len + 1);
  for (size_t i = 0; i < cells->columns->len; i++)
    row->texts[i] = make_text(cells, i);
  CallSummary summary = call_summarize(call, row->now_ns);
  row->style = style_of_call(&summary);
  cells->unreadable |= cells->context.unreadable;
  int64_t now_us = g_get_monotonic_time();
  row->good_until_us = now_us + REST * (now_us - began_us);
}

static bool is_good(const CallCells *cells, const Row *row, const Call *call)
{
  if (row->number != call->number)
    return false;
  bool same_time = row->now_ns == trace_now(cells->trace);
  if (row->messages == call->messages && (same_time || !quick_fate_may_change(call, row->now_ns)))
    return true;
  return call->messages >= HUGE_CALL && g_get_monotonic_time() < row->good_until_us;
}

static const Row *row_of(CallCells *cells, const Call *call)
{
  Row *row = &cells->rows[call->number % ROWS];

  if (!is_good(cells, row, call))
    make_row(cells, row, call);
  return row;
}

Slice call_cells_text(CallCells *cells, const Call *call, size_t column)
{
  return slice_from_string(row_of(cells, call)->texts[column]);
}

Style call_cells_style(CallCells *cells, const Call *call)
{
  return row_of(cells, call)->style;
}

const unsigned *call_cells_widths(const CallCells *cells)
{
  return cells->widths;
}

bool call_cells_are_unreadable(const CallCells *cells)
{
  return cells->unreadable;
}
