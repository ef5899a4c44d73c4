#include "ui/show/call_columns.h"

#include "capture/error.h"
#include "capture/language.h"
#include "ui/show/call_filter.h"
#include "ui/show/field_list.h"
#include "ui/show/format.h"

enum {
  FLEXIBLE_LEAST = 8, /* columns on the screen */
  FLEXIBLE_MOST = 48,
  ROWS = 512,            /* kept; more than lines on any screen */
  VALUES_MOST = 16,      /* in one cell */
  TEXT_WIDTH = 200,      /* only so much of a text is used */
  HUGE_CALL = 32768,     /* messages, from which fields take long */
  DIAGNOSED_MOST = 4096, /* messages of a call whose findings are worked out here */
  STALE_US = 500 * 1000, /* what changes with time alone is looked at again so often */
  REST = 50,             /* cells of a huge call are valid so many times as long as they took */
};

/* clang-format off */
/* The usual columns, and the screen width from which they are shown: parties, kind and result come
 * before times. */
typedef struct {
  const char *key;
  unsigned from_width;
} UsualColumn;

static const UsualColumn USUAL_OF_CALLS[] = {
  {"call.number", 0},          {"call.kind", 64},       {"call.start", 56},   {"from.uri", 0},
  {"to.uri", 0},               {"call.src", 220},       {"call.dst", 220},    {"call.result", 0},
  {"call.status", 72},         {"call.why", 132},       {"call.reason", 240}, {"call.setup", 150},
  {"call.duration", 96},       {"call.audio", 180},     {"call.mos", 160},    {"call.messages", 44},
  {"call.codecs_chosen", 200}, {"call.endpoints", 260},
};
/* clang-format on */

static const UsualColumn USUAL_OF_STREAMS[] = {
  {"stream.number", 0},       {"stream.call", 0},        {"stream.start", 132},
  {"stream.duration", 120},   {"stream.media", 200},     {"stream.src", 0},
  {"stream.dst", 0},          {"stream.transport", 140}, {"stream.ssrc", 170},
  {"stream.codec", 0},        {"stream.packets", 0},     {"stream.lost", 132},
  {"stream.loss", 0},         {"stream.bursts", 150},    {"stream.out_of_order", 150},
  {"stream.duplicates", 160}, {"stream.jitter", 90},     {"stream.max_jitter", 132},
  {"stream.max_gap", 160},    {"stream.mos", 0},         {"stream.dtmf", 180},
};

static const struct {
  const UsualColumn *usual;
  size_t usual_count;
  const char *what;
} SUBJECTS[] = {
  [COLUMNS_OF_CALLS] = {USUAL_OF_CALLS, G_N_ELEMENTS(USUAL_OF_CALLS), N_("call")},
  [COLUMNS_OF_STREAMS] = {USUAL_OF_STREAMS, G_N_ELEMENTS(USUAL_OF_STREAMS), N_("stream")},
};

bool call_column_fits(ColumnSubject subject, const Field *field)
{
  return subject == COLUMNS_OF_STREAMS ? field->scope == FIELD_OF_STREAM : field_is_of_calls(field);
}

/* Columns whose titles would be wider than their values. */
static const struct {
  const char *key, *title;
} SHORT_TITLES[] = {
  {"call.messages", N_("Msgs")},
  {"call.transactions", N_("Trans")},
};

static const char *title_of(const FieldRef *ref)
{
  for (size_t i = 0; i < G_N_ELEMENTS(SHORT_TITLES); i++)
    if (strcmp(SHORT_TITLES[i].key, ref->field->key) == 0)
      return _(SHORT_TITLES[i].title);
  return _(ref->field->title);
}

CallColumn *call_column_new(const FieldRef *ref, unsigned width)
{
  CallColumn *column = g_new0(CallColumn, 1);

  column->name = ref->field->takes_name ? slice_dup(ref->name) : NULL;
  column->ref = (FieldRef){ref->field, slice_from_string(column->name)};
  column->title = g_strdup(column->name ? column->name : title_of(ref));
  column->width = MIN(width, CALL_COLUMN_WIDTH_MAX);
  return column;
}

void call_column_free(CallColumn *column)
{
  g_free(column->name);
  g_free(column->title);
  g_free(column);
}

CallColumn *call_column_parse(ColumnSubject subject, const char *key, GError **error)
{
  Slice rest = slice_trim(slice_from_string(key));
  uint32_t from_width = 0;
  FieldRef ref;

  if (!field_ref_parse(&rest, &ref, error))
    return NULL;
  if (slice_starts_with(rest, SLICE("@")) && slice_to_u32(slice_from(rest, 1), &from_width))
    rest.len = 0;
  if (rest.len == 0 && call_column_fits(subject, ref.field)) {
    CallColumn *column = call_column_new(&ref, 0);
    column->from_width = from_width;
    return column;
  }
  g_set_error(error, APP_ERROR, APP_ERROR_USAGE, _("%s is not a %s field"), key,
              _(SUBJECTS[subject].what));
  return NULL;
}

static GPtrArray *columns_new(void)
{
  return g_ptr_array_new_with_free_func((GDestroyNotify) call_column_free);
}

GPtrArray *call_columns_usual(ColumnSubject subject, unsigned width)
{
  GPtrArray *columns = columns_new();

  for (size_t i = 0; i < SUBJECTS[subject].usual_count; i++) {
    const UsualColumn *usual = &SUBJECTS[subject].usual[i];
    if (width < usual->from_width)
      continue;
    CallColumn *column = call_column_parse(subject, usual->key, NULL);
    column->from_width = usual->from_width;
    g_ptr_array_add(columns, column);
  }
  return columns;
}

bool call_column_is(const CallColumn *column, const FieldRef *ref)
{
  return column->ref.field == ref->field && slice_eq_nocase(column->ref.name, ref->name);
}

bool call_columns_are_same(const GPtrArray *a, const GPtrArray *b)
{
  if (a->len != b->len)
    return false;
  for (guint i = 0; i < a->len; i++) {
    const CallColumn *first = a->pdata[i], *second = b->pdata[i];
    if (!call_column_is(first, &second->ref) || first->width != second->width ||
        first->from_width != second->from_width)
      return false;
  }
  return true;
}

int call_columns_find(const GPtrArray *columns, const FieldRef *ref)
{
  for (guint i = 0; i < columns->len; i++)
    if (call_column_is(columns->pdata[i], ref))
      return (int) i;
  return -1;
}

/* Unknown columns are skipped: users edit the configuration. */
static void add_configured(GPtrArray *columns, CallColumn *column, const char *width)
{
  uint32_t columns_wide = 0;

  if (!column)
    return;
  if (call_columns_find(columns, &column->ref) >= 0) {
    call_column_free(column);
    return;
  }
  if (width && slice_to_u32(slice_trim(slice_from_string(width)), &columns_wide))
    column->width = MIN(columns_wide, CALL_COLUMN_WIDTH_MAX);
  g_ptr_array_add(columns, column);
}

GPtrArray *call_columns_from_texts(ColumnSubject subject, ColumnTexts texts, unsigned width)
{
  size_t width_count = texts.widths ? g_strv_length((char **) (uintptr_t) texts.widths) : 0;
  GPtrArray *columns = columns_new();

  for (size_t i = 0; texts.keys && texts.keys[i] && columns->len < CALL_COLUMNS_MAX; i++)
    add_configured(columns, call_column_parse(subject, texts.keys[i], NULL),
                   i < width_count ? texts.widths[i] : NULL);
  for (guint i = columns->len; i-- > 0;)
    if (((CallColumn *) columns->pdata[i])->from_width > width && columns->len > 1)
      g_ptr_array_remove_index(columns, i);
  if (columns->len > 0)
    return columns;
  g_ptr_array_unref(columns);
  return call_columns_usual(subject, width);
}

char **call_columns_keys(const GPtrArray *columns)
{
  char **keys = g_new0(char *, columns->len + 1);

  for (guint i = 0; i < columns->len; i++) {
    const CallColumn *column = columns->pdata[i];
    GString *key = g_string_new(NULL);

    field_ref_append_key(key, &column->ref);
    if (column->from_width > 0)
      g_string_append_printf(key, "@%u", column->from_width);
    keys[i] = g_string_free(key, FALSE);
  }
  return keys;
}

char **call_columns_widths(const GPtrArray *columns)
{
  char **widths = g_new0(char *, columns->len + 1);

  for (guint i = 0; i < columns->len; i++) {
    const CallColumn *column = columns->pdata[i];

    widths[i] = g_strdup_printf("%u", column->width);
  }
  return widths;
}

bool call_column_is_flexible(const CallColumn *column)
{
  const Field *field = column->ref.field;

  return field->many || field->type == FIELD_STRING;
}

TextAlign call_column_align(const CallColumn *column)
{
  return field_is_number(column->ref.field) ? TEXT_RIGHT : TEXT_LEFT;
}

/* The widest column that may be cut, or the number of columns. */
static size_t widest(const GPtrArray *columns, const unsigned *widths)
{
  size_t found = columns->len;

  for (size_t i = 0; i < columns->len; i++) {
    const CallColumn *column = columns->pdata[i];
    bool gives = column->width == 0 && call_column_is_flexible(column);

    if (gives && widths[i] > FLEXIBLE_LEAST && (found == columns->len || widths[i] > widths[found]))
      found = i;
  }
  return found;
}

static unsigned wanted_width(const CallColumn *column, unsigned needed)
{
  unsigned title = text_width(slice_from_string(column->title));

  if (column->width > 0)
    return column->width;
  needed = MAX(needed, title);
  return call_column_is_flexible(column) ? MIN(needed, FLEXIBLE_MOST) : needed;
}

void call_columns_fit(const GPtrArray *columns, const unsigned *needed, unsigned width,
                      unsigned *ret_widths)
{
  size_t used = columns->len - 1;

  for (size_t i = 0; i < columns->len; i++) {
    ret_widths[i] = wanted_width(columns->pdata[i], needed[i]);
    used += ret_widths[i];
  }
  for (size_t i = widest(columns, ret_widths); used > width && i < columns->len;
       i = widest(columns, ret_widths)) {
    ret_widths[i]--;
    used--;
  }
}

/* --- cells --- */

/* One call's cells. */
typedef struct {
  uint32_t number, messages; /* 0: unused */
  int64_t now_ns;            /* time of the trace when it was made */
  int64_t good_until_us;     /* of a huge one, or of one that only time changes */
  char **texts;
  Style style;
  int64_t up_since_ns; /* CallSummary.up_since_ns */
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
  bool has_media; /* some columns change with RTP, without a message */
  unsigned widths[CALL_COLUMNS_MAX];
  bool unreadable;
  int64_t now_ns; /* see call_cells_set_now */
};

CallCells *call_cells_new(const Trace *trace, const StoreSet *stores)
{
  CallCells *cells = g_new0(CallCells, 1);

  cells->trace = trace;
  cells->now_ns = TIME_NONE;
  arena_init(&cells->scratch, 16 * 1024);
  cells->context = field_context(trace, stores, &cells->scratch);
  cells->context.enough = VALUES_MOST;
  cells->context.diagnosed_most = DIAGNOSED_MOST;
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

void call_cells_share(CallCells *cells, Conversations *conversations)
{
  cells->context.conversations = conversations;
}

void call_cells_forget(CallCells *cells)
{
  forget_rows(cells);
}

void call_cells_free(CallCells *cells)
{
  if (!cells)
    return;
  forget_rows(cells);
  field_context_clear(&cells->context);
  arena_clear(&cells->scratch);
  g_string_free(cells->text, TRUE);
  g_free(cells);
}

static void append_name(const void *aliases, const Endpoint *endpoint, GString *to)
{
  aliases_append(aliases, endpoint, ALIAS_WITH_PORT, to);
}

void call_cells_set(CallCells *cells, const GPtrArray *columns, const CallCellsLook *look)
{
  g_assert(columns->len <= CALL_COLUMNS_MAX);
  forget_rows(cells);
  memset(cells->widths, 0, sizeof cells->widths);
  cells->columns = columns;
  cells->has_media = false;
  for (guint i = 0; i < columns->len; i++)
    cells->has_media |= ((const CallColumn *) columns->pdata[i])->ref.field->needs_media;
  cells->look = *look;
  cells->context.names = (EndpointNames){append_name, look->aliases};
  cells->clock = clock_new(TIME_ABSOLUTE, look->utc);
  cells->clock.date = look->date;
  cells->clock.digits = look->digits;
}

void call_cells_set_now(CallCells *cells, int64_t now_ns)
{
  cells->now_ns = now_ns;
}

static void append_safe(CallCells *cells, Slice text)
{
  text_append_safe_head(cells->text, text, TEXT_WIDTH, cells->look.charset);
}

Slice call_uri_shown(Slice uri)
{
  if (slice_starts_with_nocase(uri, SLICE("sip:")))
    uri = slice_from(uri, strlen("sip:"));
  size_t user = slice_find(uri, '@') < uri.len ? slice_find(uri, '@') : 0;
  Slice rest = slice_from(uri, user);
  size_t end = MIN(slice_find(rest, ';'), slice_find(rest, '?'));

  return slice_head(uri, user + end);
}

/* Of the call that the context looks at; in cells->text. */
static Slice build_text(CallCells *cells, size_t column)
{
  const CallColumn *of = cells->columns->pdata[column];
  FieldValue value;

  g_string_truncate(cells->text, 0);
  for (size_t i = 0; i < VALUES_MOST && cells->text->len < TEXT_WIDTH &&
                     field_get_at(&cells->context, &of->ref, i, &value);
       i++) {
    if (i > 0)
      g_string_append(cells->text, ", ");
    bool is_uri = g_str_has_suffix(of->ref.field->key, ".uri") ||
                  strcmp(of->ref.field->key, "call.from") == 0 ||
                  strcmp(of->ref.field->key, "call.to") == 0;
    if (value.type == FIELD_STRING || value.type == FIELD_ENUM) {
      append_safe(cells, is_uri                     ? call_uri_shown(value.text)
                         : value.type == FIELD_ENUM ? word_shown(value.text)
                                                    : value.text);
    } else if (value.type == FIELD_ADDRESS && cells->look.aliases) {
      g_autoptr(GString) name = g_string_new(NULL);

      aliases_append(cells->look.aliases, &value.address, ALIAS_WITH_PORT, name);
      append_safe(cells, slice_of(name->str, name->len));
    } else {
      field_value_append(cells->text, &value, &cells->clock, cells->look.charset);
    }
  }
  return slice_of(cells->text->str, cells->text->len);
}

static char *make_text(CallCells *cells, size_t column)
{
  Slice text = build_text(cells, column);

  cells->widths[column] = MAX(cells->widths[column], text_width(text));
  return slice_dup(text);
}

bool call_cells_find(CallCells *cells, const Call *call, const FilterRowTest *test)
{
  bool found = false;

  arena_reset(&cells->scratch);
  field_look_at_call(&cells->context, call);
  for (size_t i = 0; i < cells->columns->len && !found; i++)
    found = test->matches(test->test, build_text(cells, i));
  cells->unreadable |= cells->context.unreadable;
  return found;
}

static void make_row(CallCells *cells, Row *row, const Call *call)
{
  static const Style STYLES[QUICK_FATE_COUNT] = {
    [QUICK_FATE_CALLING] = STYLE_PROVISIONAL, [QUICK_FATE_RINGING] = STYLE_PROVISIONAL,
    [QUICK_FATE_IN_CALL] = STYLE_SUCCESS,     [QUICK_FATE_COMPLETED] = STYLE_SUCCESS,
    [QUICK_FATE_ANSWERED] = STYLE_SUCCESS,    [QUICK_FATE_BUSY] = STYLE_WARNING,
    [QUICK_FATE_CANCELLED] = STYLE_WARNING,   [QUICK_FATE_REDIRECTED] = STYLE_REDIRECT,
    [QUICK_FATE_FAILED] = STYLE_FAILURE,      [QUICK_FATE_UNANSWERED] = STYLE_WARNING,
  };
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
  row->style = STYLES[quick_fate_of(&summary)];
  row->up_since_ns = summary.up_since_ns;
  cells->unreadable |= cells->context.unreadable;
  int64_t now_us = g_get_monotonic_time();
  row->good_until_us = now_us + MAX(REST * (now_us - began_us), cells->has_media ? STALE_US : 0);
}

static bool is_good(const CallCells *cells, const Row *row, const Call *call)
{
  if (row->number != call->number)
    return false;
  bool is_same = row->messages == call->messages;
  bool same_time = row->now_ns == trace_now(cells->trace);
  bool has_changed = quick_fate_may_change(call, row->now_ns);
  if (is_same && (same_time || (!cells->has_media && !has_changed)))
    return true;
  bool may_wait = call->messages >= HUGE_CALL || (is_same && !has_changed);
  return may_wait && g_get_monotonic_time() < row->good_until_us;
}

static const Row *row_of_call(CallCells *cells, const Call *call)
{
  Row *row = &cells->rows[call->number % ROWS];

  if (!is_good(cells, row, call))
    make_row(cells, row, call);
  return row;
}

Slice call_cells_text(CallCells *cells, const Call *call, size_t column)
{
  const CallColumn *of = cells->columns->pdata[column];
  const Row *row = row_of_call(cells, call);
  char duration[TIME_TEXT_MAX];

  if (cells->now_ns == TIME_NONE || row->up_since_ns == TIME_NONE ||
      strcmp(of->ref.field->key, "call.duration") != 0)
    return slice_from_string(row->texts[column]);
  g_string_assign(cells->text, duration_so_far_format(cells->now_ns - row->up_since_ns, duration));
  Slice text = slice_of(cells->text->str, cells->text->len);
  cells->widths[column] = MAX(cells->widths[column], text_width(text));
  return text;
}

Style call_cells_style(CallCells *cells, const Call *call)
{
  return row_of_call(cells, call)->style;
}

const unsigned *call_cells_widths(const CallCells *cells)
{
  return cells->widths;
}

bool call_cells_are_unreadable(const CallCells *cells)
{
  return cells->unreadable;
}
