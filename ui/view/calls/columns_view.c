#include "capture/language.h"
#include "dissect/sip/sip_names.h"
#include "ui/show/call_columns.h"
#include "ui/show/field_list.h"
#include "ui/show/text.h"
#include "ui/view/screens.h"
#include "ui/view/widget/ask.h"
#include "ui/view/widget/table.h"

enum { WIDTH_STEP = 1, WIDTH_FIRST = 12, DIALOG_WIDTH = 98 };

/* A field that is a column, or could be one. */
typedef struct {
  CallColumn *column;
  char *key;
  bool chosen;
  bool touched; /* checked or unchecked by hand */
} Item;

typedef struct {
  View view;
  ColumnSubject subject;
  GPtrArray *items; /* Item *: in the order of the columns */
  Table table;
  char *sought; /* last search */
  int width;    /* of the screen, for the default columns */
  char text[16];
} ColumnsView;

/* Keys of the group [columns]. */
static const struct {
  const char *columns, *widths;
} KEYS[COLUMNS_SUBJECT_COUNT] = {
  [COLUMNS_OF_CALLS] = {"calls", "widths"},
  [COLUMNS_OF_STREAMS] = {"streams", "stream-widths"},
};

GPtrArray *columns_load(const Config *config, ColumnSubject subject, unsigned width)
{
  g_auto(GStrv) keys = config_list(config, "columns", KEYS[subject].columns);
  g_auto(GStrv) widths = config_list(config, "columns", KEYS[subject].widths);
  const ColumnTexts texts = {(const char *const *) keys, (const char *const *) widths};

  return call_columns_from_texts(subject, texts, width);
}

void columns_store(Config *config, ColumnSubject subject, const GPtrArray *columns)
{
  g_autoptr(GPtrArray) none = g_ptr_array_new();
  g_auto(GStrv) keys = call_columns_keys(columns ? columns : none);
  g_auto(GStrv) widths = call_columns_widths(columns ? columns : none);

  config_set_list(config, "columns", KEYS[subject].columns, (const char *const *) keys);
  config_set_list(config, "columns", KEYS[subject].widths, (const char *const *) widths);
}

/* Stores them, or the defaults if they are the same. */
static void keep_columns(Host *host, ColumnSubject subject, const GPtrArray *columns)
{
  Config *config = host_model(host)->config;
  g_autoptr(GPtrArray) usual = call_columns_usual(subject, UINT_MAX);
  g_autoptr(GError) error = NULL;

  columns_store(config, subject, call_columns_are_same(columns, usual) ? NULL : columns);
  if (!config_save(config, &error))
    host_tell(host, STYLE_ERROR, "%s", error->message);
  host_configured(host);
}

/* The column of `all` that is shown in that place; -1 for one that the list adds of itself. */
static int find_shown(const GPtrArray *all, const GPtrArray *shown, size_t place)
{
  return call_columns_find(all, &((const CallColumn *) shown->pdata[place])->ref);
}

void columns_size(Host *host, ColumnSubject subject, const GPtrArray *shown, size_t column,
                  unsigned width)
{
  g_autoptr(GPtrArray) all = columns_load(host_model(host)->config, subject, UINT_MAX);
  int at = find_shown(all, shown, column);

  if (at < 0)
    return;
  ((CallColumn *) all->pdata[at])->width = MIN(width, CALL_COLUMN_WIDTH_MAX);
  keep_columns(host, subject, all);
}

static void move_column(Host *host, ColumnSubject subject, const GPtrArray *shown,
                        const TableDrag *drag)
{
  g_autoptr(GPtrArray) all = columns_load(host_model(host)->config, subject, UINT_MAX);
  int from = find_shown(all, shown, drag->column), to = find_shown(all, shown, drag->target);

  if (from < 0 || to < 0)
    return;
  g_ptr_array_insert(all, to, g_ptr_array_steal_index(all, (guint) from));
  keep_columns(host, subject, all);
}

bool columns_drag(Host *host, ColumnSubject subject, const GPtrArray *shown, const TableDrag *drag)
{
  if (drag->kind == TABLE_DRAG_SIZING)
    ((CallColumn *) shown->pdata[drag->column])->width = MIN(drag->width, CALL_COLUMN_WIDTH_MAX);
  else if (drag->kind == TABLE_DRAG_SIZED)
    columns_size(host, subject, shown, drag->column, drag->width);
  else if (drag->kind == TABLE_DRAG_MOVED)
    move_column(host, subject, shown, drag);
  return drag->kind != TABLE_DRAG_NOTHING;
}

static void item_free(gpointer data)
{
  Item *item = data;

  call_column_free(item->column);
  g_free(item->key);
  g_free(item);
}

static Item *item_new(const FieldRef *ref, unsigned width, bool chosen)
{
  Item *item = g_new0(Item, 1);
  GString *key = g_string_new(NULL);

  field_ref_append_key(key, ref);
  item->column = call_column_new(ref, width);
  item->key = g_string_free(key, FALSE);
  item->chosen = chosen;
  return item;
}

static bool has_item(const ColumnsView *columns, const FieldRef *ref)
{
  for (guint i = 0; i < columns->items->len; i++)
    if (call_column_is(((Item *) columns->items->pdata[i])->column, ref))
      return true;
  return false;
}

/* First the columns, those of wider screens unchecked, then all other fields. */
static void fill(ColumnsView *columns, const GPtrArray *chosen)
{
  g_ptr_array_set_size(columns->items, 0);
  for (guint i = 0; i < chosen->len; i++) {
    const CallColumn *column = chosen->pdata[i];
    Item *item =
      item_new(&column->ref, column->width, column->from_width <= (unsigned) columns->width);
    item->column->from_width = column->from_width;
    g_ptr_array_add(columns->items, item);
  }
  for (size_t i = 0; i < field_count(); i++) {
    const FieldRef ref = {.field = field_at(i)};
    bool fits = call_column_fits(columns->subject, ref.field) && !ref.field->takes_name;
    if (fits && !has_item(columns, &ref))
      g_ptr_array_add(columns->items, item_new(&ref, 0, false));
  }
}

static Item *item_at(const ColumnsView *columns)
{
  return columns->items->pdata[columns->table.cursor];
}

/* --- drawing --- */

static void columns_append_title(const View *view, GString *to)
{
  (void) view;
  g_string_append(to, _("columns"));
}

static void give_cell(void *data, size_t row, size_t column, TableCell *ret_cell)
{
  enum { KEY, TITLE, WIDTH, HELP };
  ColumnsView *columns = data;
  const Item *item = columns->items->pdata[row];
  unsigned width = item->column->width;

  g_snprintf(columns->text, sizeof columns->text, width == 0 ? _("auto") : "%u", width);
  if (column == KEY)
    ret_cell->text = slice_from_string(item->key);
  else if (column == TITLE)
    ret_cell->text = slice_from_string(item->column->title);
  else if (column == WIDTH)
    ret_cell->text = slice_from_string(columns->text);
  else if (column == HELP)
    ret_cell->text = slice_from_string(_(item->column->ref.field->help));
  ret_cell->style = item->chosen && column == KEY ? STYLE_HEADING : STYLE_PLAIN;
  if (!item->chosen)
    ret_cell->style = STYLE_DIM;
}

static bool column_is_chosen(void *data, size_t row)
{
  const ColumnsView *columns = data;

  return ((const Item *) columns->items->pdata[row])->chosen;
}

static TableModel table_model(ColumnsView *columns)
{
  static const TableColumn COLUMNS[] = {{N_("Field"), 20, TEXT_LEFT},
                                        {N_("Title"), 14, TEXT_LEFT},
                                        {N_("Width"), 5, TEXT_RIGHT},
                                        {N_("Description"), 60, TEXT_LEFT}};

  return (TableModel){
    .row_count = columns->items->len,
    .columns = COLUMNS,
    .column_count = G_N_ELEMENTS(COLUMNS),
    .sorted = -1,
    .is_marked = column_is_chosen,
    .cell = give_cell,
    .data = columns,
  };
}

/* The default columns depend on the width of the screen. */
static void read_columns(ColumnsView *columns, int width)
{
  columns->width = width;
  if (columns->items->len > 0)
    return;
  g_autoptr(GPtrArray) chosen =
    columns_load(host_model(columns->view.host)->config, columns->subject, UINT_MAX);
  fill(columns, chosen);
}

static void columns_draw(View *view, Canvas *canvas, Rect area)
{
  ColumnsView *columns = (ColumnsView *) view;
  const Rect size = {.width = DIALOG_WIDTH, .height = area.height};

  read_columns(columns, area.width);
  TableModel model = table_model(columns);
  Rect inside = canvas_dialog(canvas, area, size, _("Columns"));
  table_draw(&columns->table, canvas, inside, &model);
}

/* --- commands --- */

static unsigned count_chosen(const ColumnsView *columns)
{
  unsigned count = 0;

  for (guint i = 0; i < columns->items->len; i++)
    count += ((const Item *) columns->items->pdata[i])->chosen;
  return count;
}

static void toggle(ColumnsView *columns)
{
  Item *item = item_at(columns);

  if (item->chosen && count_chosen(columns) == 1)
    host_tell(columns->view.host, STYLE_WARNING, "at least one column must stay");
  else if (!item->chosen && count_chosen(columns) == CALL_COLUMNS_MAX)
    host_tell(columns->view.host, STYLE_WARNING, "no more than %d columns", CALL_COLUMNS_MAX);
  else
    item->chosen = !item->chosen;
  if (item->chosen)
    item->column->from_width = 0; /* wanted here, so everywhere */
  item->touched = true;
}

static void move_item(ColumnsView *columns, int step)
{
  gpointer *items = columns->items->pdata;
  size_t from = columns->table.cursor, to = from + (size_t) step; /* below 0 it wraps */

  if (to >= columns->items->len)
    return;
  gpointer was = items[from];
  items[from] = items[to];
  items[to] = was;
  columns->table.cursor = to;
}

/* A width of 0 is automatic. */
static void resize(ColumnsView *columns, int step)
{
  CallColumn *column = item_at(columns)->column;
  int width = (int) column->width;

  width = width == 0 && step > 0 ? WIDTH_FIRST : width + step * WIDTH_STEP;
  column->width = (unsigned) CLAMP(width, 0, CALL_COLUMN_WIDTH_MAX);
}

/* Names of header fields that are known; others can be typed. */
static size_t complete_header(void *data, Slice before_cursor, GPtrArray *candidates)
{
  (void) data;
  for (SipHeader header = SIP_HEADER_OTHER; header < SIP_HEADER_COUNT; header++) {
    const SipHeaderInfo *info = sip_header_info(header);
    if (info && slice_starts_with_nocase(slice_from_string(info->name), before_cursor))
      g_ptr_array_add(candidates, g_strdup(info->name));
  }
  return 0;
}

static void add_header(void *data, Host *host, const char *name)
{
  ColumnsView *columns = data;
  g_autofree char *key = g_strdup_printf("header[\"%s\"]", name);
  g_autoptr(GError) error = NULL;
  CallColumn *column = call_column_parse(columns->subject, key, &error);

  if (!column || has_item(columns, &column->ref)) {
    host_tell(host, STYLE_ERROR, "%s", error ? error->message : "that column already exists");
  } else {
    columns->table.cursor = MIN(columns->table.cursor, columns->items->len - 1);
    g_ptr_array_insert(columns->items, (int) columns->table.cursor + 1,
                       item_new(&column->ref, 0, true));
    columns->table.cursor++;
  }
  if (column)
    call_column_free(column);
}

static void seek(ColumnsView *columns, int step)
{
  size_t count = columns->items->len, at = columns->table.cursor;
  g_autofree char *sought = columns->sought ? g_ascii_strdown(columns->sought, -1) : NULL;

  for (size_t i = 0; sought && i < count; i++) {
    at = (at + count + (size_t) step) % count;
    const Item *item = columns->items->pdata[at];
    g_autofree char *all =
      g_strdup_printf("%s %s %s", item->key, item->column->title, _(item->column->ref.field->help));
    g_autofree char *folded = g_ascii_strdown(all, -1);
    if (strstr(folded, sought)) {
      columns->table.cursor = at;
      return;
    }
  }
}

static void begin_search(void *data, Host *host, const char *text)
{
  ColumnsView *columns = data;

  (void) host;
  g_free(columns->sought);
  columns->sought = g_strdup(text);
  seek(columns, 1);
}

static void store_chosen(ColumnsView *columns)
{
  g_autoptr(GPtrArray) chosen = g_ptr_array_new();
  Host *host = columns->view.host;

  for (guint i = 0; i < columns->items->len; i++) {
    const Item *item = columns->items->pdata[i];
    bool is_of_wider = !item->touched && item->column->from_width > (unsigned) columns->width;
    if (item->chosen || is_of_wider)
      g_ptr_array_add(chosen, item->column);
  }
  keep_columns(host, columns->subject, chosen);
  host_close(host, &columns->view);
}

/* --- the view --- */

static bool change(ColumnsView *columns, CommandId id)
{
  if (id == COMMAND_TOGGLE) {
    toggle(columns);
  } else if (id == COMMAND_COLUMN_UP || id == COMMAND_COLUMN_DOWN) {
    move_item(columns, id == COMMAND_COLUMN_UP ? -1 : 1);
  } else if (id == COMMAND_COLUMN_NARROWER || id == COMMAND_COLUMN_WIDER) {
    resize(columns, id == COMMAND_COLUMN_NARROWER ? -1 : 1);
  } else if (id == COMMAND_COLUMN_ADD && columns->subject == COLUMNS_OF_STREAMS) {
    host_tell(columns->view.host, STYLE_HINT, "streams have no header fields");
  } else if (id == COMMAND_COLUMN_ADD) {
    ask_line(columns->view.host, &(AskSetup){.label = _("header field: "),
                                             .complete = complete_header,
                                             .done = add_header,
                                             .data = columns});
  } else if (id == COMMAND_COLUMNS_DEFAULT) {
    g_autoptr(GPtrArray) usual = call_columns_usual(columns->subject, UINT_MAX);
    fill(columns, usual);
    columns->table.cursor = 0;
  } else {
    return false;
  }
  return true;
}

static bool columns_command(View *view, CommandId id)
{
  ColumnsView *columns = (ColumnsView *) view;

  read_columns(columns, columns->width);
  if (id == COMMAND_DONE)
    store_chosen(columns);
  else if (id == COMMAND_SEARCH)
    ask_line(columns->view.host,
             &(AskSetup){.label = _("search: "), .done = begin_search, .data = columns});
  else if (id == COMMAND_SEARCH_NEXT || id == COMMAND_SEARCH_PREVIOUS)
    seek(columns, id == COMMAND_SEARCH_NEXT ? 1 : -1);
  else
    return change(columns, id) || table_command(&columns->table, id);
  return true;
}

static bool columns_mouse(View *view, const KeyEvent *event)
{
  ColumnsView *columns = (ColumnsView *) view;
  TableModel model = table_model(columns);
  size_t column;
  TableClick click = table_mouse(&columns->table, event, &model, &column);

  if (click == TABLE_CHOSEN)
    toggle(columns);
  return click != TABLE_NOTHING;
}

static void columns_close(View *view)
{
  ColumnsView *columns = (ColumnsView *) view;

  g_ptr_array_unref(columns->items);
  g_free(columns->sought);
  g_free(columns);
}

View *columns_view_new(Host *host, ColumnSubject subject)
{
  static const ViewOps OPS = {
    .scope = SCOPE_COLUMNS,
    .is_dialog = true,
    .append_title = columns_append_title,
    .draw = columns_draw,
    .command = columns_command,
    .close = columns_close,
    .mouse = columns_mouse,
  };
  ColumnsView *columns = g_new0(ColumnsView, 1);
  columns->view = (View){.ops = &OPS, .host = host};
  columns->subject = subject;
  columns->items = g_ptr_array_new_with_free_func(item_free);
  return &columns->view;
}
