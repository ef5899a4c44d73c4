#include "ui/show/call_columns.h"

#include "capture/error.h"
#include "ui/show/field_list.h"

enum { FLEXIBLE_LEAST = 8, FLEXIBLE_MOST = 48, WIDTH_MOST = 200 };

/* The usual columns, and from which width of the screen on they are shown: who, what and how it
 * went before when and how long. */
static const struct {
  const char *key;
  unsigned from_width;
} USUAL[] = {
  {"call.number", 0},
  {"call.kind", 64},
  {"call.start", 56},
  {"from.uri", 0},
  {"to.uri", 0},
  {"call.result", 0},
  {"call.status", 72},
  {"call.reason", 160},
  {"call.setup", 132},
  {"call.duration", 96},
  {"call.messages", 44},
  {"call.endpoints", 180},
  {"call.codecs_chosen", 200},
};

/* Columns that would be widest in their titles. */
static const struct {
  const char *key, *title;
} SHORT_TITLES[] = {
  {"call.messages", "Msgs"},
  {"call.transactions", "Trans"},
};

static const char *title_of(const FieldRef *ref)
{
  for (size_t i = 0; i < G_N_ELEMENTS(SHORT_TITLES); i++)
    if (strcmp(SHORT_TITLES[i].key, ref->field->key) == 0)
      return SHORT_TITLES[i].title;
  return ref->field->title;
}

CallColumn *call_column_new(const FieldRef *ref, unsigned width)
{
  CallColumn *column = g_new0(CallColumn, 1);

  column->name = ref->field->takes_name ? slice_dup(ref->name) : NULL;
  column->ref = (FieldRef){ref->field, slice_from_string(column->name)};
  column->title = g_strdup(column->name ? column->name : title_of(ref));
  column->width = MIN(width, WIDTH_MOST);
  return column;
}

void call_column_free(CallColumn *column)
{
  g_free(column->name);
  g_free(column->title);
  g_free(column);
}

CallColumn *call_column_parse(const char *key, GError **error)
{
  Slice rest = slice_trim(slice_from_string(key));
  FieldRef ref;

  if (!field_ref_parse(&rest, &ref, error))
    return NULL;
  if (rest.len == 0 && ref.field->scope != FIELD_OF_MESSAGE)
    return call_column_new(&ref, 0);
  g_set_error(error, APP_ERROR, APP_ERROR_USAGE, "%s is no fact of a call", key);
  return NULL;
}

static GPtrArray *columns_new(void)
{
  return g_ptr_array_new_with_free_func((GDestroyNotify) call_column_free);
}

GPtrArray *call_columns_usual(unsigned width)
{
  GPtrArray *columns = columns_new();

  for (size_t i = 0; i < G_N_ELEMENTS(USUAL); i++)
    if (width >= USUAL[i].from_width)
      g_ptr_array_add(columns, call_column_parse(USUAL[i].key, NULL));
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
    if (!call_column_is(first, &second->ref) || first->width != second->width)
      return false;
  }
  return true;
}

static bool has_column(const GPtrArray *columns, const CallColumn *column)
{
  for (guint i = 0; i < columns->len; i++)
    if (call_column_is(columns->pdata[i], &column->ref))
      return true;
  return false;
}

/* What is no column is passed over: the configuration is the user's to edit. */
static void add_configured(GPtrArray *columns, const char *key, const char *width)
{
  CallColumn *column = columns->len < CALL_COLUMNS_MAX ? call_column_parse(key, NULL) : NULL;
  uint32_t columns_wide = 0;

  if (!column)
    return;
  if (has_column(columns, column)) {
    call_column_free(column);
    return;
  }
  if (width && slice_to_u32(slice_trim(slice_from_string(width)), &columns_wide))
    column->width = MIN(columns_wide, WIDTH_MOST);
  g_ptr_array_add(columns, column);
}

GPtrArray *call_columns_from_texts(const char *const *keys, const char *const *widths,
                                   unsigned width)
{
  size_t width_count = widths ? g_strv_length((char **) (uintptr_t) widths) : 0;
  GPtrArray *columns = columns_new();

  for (size_t i = 0; keys && keys[i]; i++)
    add_configured(columns, keys[i], i < width_count ? widths[i] : NULL);
  if (columns->len > 0)
    return columns;
  g_ptr_array_unref(columns);
  return call_columns_usual(width);
}

char **call_columns_keys(const GPtrArray *columns)
{
  char **keys = g_new0(char *, columns->len + 1);

  for (guint i = 0; i < columns->len; i++) {
    const CallColumn *column = columns->pdata[i];
    GString *key = g_string_new(NULL);

    field_ref_append_key(key, &column->ref);
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
  const Field *field = column->ref.field;
  bool is_number = field->type == FIELD_INTEGER || field->type == FIELD_DURATION;

  return is_number && !field->many ? TEXT_RIGHT : TEXT_LEFT;
}

/* The widest column that may be cut, or the count of columns. */
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
