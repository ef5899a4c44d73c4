#include "capture/error.h"
#include "capture/language.h"
#include "dissect/query/display_filter.h"
#include "ui/view/config/saved_filters.h"
#include "ui/view/screens.h"
#include "ui/view/widget/ask.h"
#include "ui/view/widget/table.h"

enum { DIALOG_WIDTH = 98, DIALOG_LINES = 20, NUMBERED = 9 };

typedef struct {
  View view;
  SavedFiltersOf of;
  char *text; /* of the list; empty: none */
  char **names;
  GPtrArray *filters; /* char *, of the names */
  Table table;
  char number[2];
} SavedFilters;

static size_t row_count(const SavedFilters *saved)
{
  return saved->filters->len;
}

static Config *config_of(const SavedFilters *saved)
{
  return host_model(saved->view.host)->config;
}

static void read_filters(SavedFilters *saved)
{
  g_strfreev(saved->names);
  saved->names = config_keys(config_of(saved), "filters");
  g_ptr_array_set_size(saved->filters, 0);
  for (size_t i = 0; saved->names[i]; i++) {
    char *text = config_value(config_of(saved), "filters", saved->names[i]);
    g_ptr_array_add(saved->filters, text ? text : g_strdup(""));
  }
  saved->table.cursor = MIN(saved->table.cursor, MAX(row_count(saved), 1U) - 1);
}

/* --- drawing --- */

static void saved_append_title(const View *view, GString *to)
{
  (void) view;
  g_string_append(to, _("saved filters"));
}

static void give_cell(void *data, size_t row, size_t column, TableCell *ret_cell)
{
  enum { NUMBER, NAME, FILTER };
  SavedFilters *saved = data;

  saved->number[0] = row < NUMBERED ? (char) ('1' + row) : ' ';
  if (column == NUMBER)
    *ret_cell = (TableCell){.text = slice_from_string(saved->number), .style = STYLE_DIM};
  else if (column == NAME)
    *ret_cell = (TableCell){.text = slice_from_string(saved->names[row]), .style = STYLE_HEADING};
  else if (column == FILTER)
    *ret_cell = (TableCell){.text = slice_from_string(saved->filters->pdata[row])};
}

static TableModel table_model(SavedFilters *saved)
{
  static const TableColumn COLUMNS[] = {
    {"", 1, TEXT_LEFT}, {N_("Name"), 20, TEXT_LEFT}, {N_("Filter"), 70, TEXT_LEFT}};

  return (TableModel){
    .row_count = row_count(saved),
    .columns = COLUMNS,
    .column_count = G_N_ELEMENTS(COLUMNS),
    .sorted = -1,
    .cell = give_cell,
    .data = saved,
  };
}

static void saved_draw(View *view, Canvas *canvas, Rect area)
{
  SavedFilters *saved = (SavedFilters *) view;
  TableModel model = table_model(saved);
  int lines = (int) MIN(row_count(saved), (size_t) DIALOG_LINES);
  Rect inside = canvas_dialog(
    canvas, area, (Rect){.width = DIALOG_WIDTH, .height = MAX(lines, 1) + 1}, _("Saved filters"));

  table_draw(&saved->table, canvas, inside, &model);
  if (row_count(saved) > 0)
    return;
  rect_cut_top(&inside, 1);
  canvas_put_cell(canvas, inside,
                  &(CanvasText){slice_from_string(_("none yet: filter the list, and add it here")),
                                STYLE_HINT, TEXT_LEFT});
}

/* --- commands --- */

static void store(SavedFilters *saved, const char *name, const char *text)
{
  g_autoptr(GError) error = NULL;

  config_set_value(config_of(saved), "filters", name, text);
  if (!config_save(config_of(saved), &error))
    host_tell(saved->view.host, STYLE_ERROR, "%s", error->message);
  read_filters(saved);
}

static void add_named(void *data, Host *host, const char *name)
{
  SavedFilters *saved = data;

  if (!saved_filter_name_is_valid(name)) {
    host_tell(host, STYLE_ERROR, "a name has letters, digits, - and _ only");
    return;
  }
  store(saved, name, saved->text);
  for (size_t i = 0; saved->names[i]; i++)
    if (strcmp(saved->names[i], name) == 0)
      saved->table.cursor = i;
}

static void add(SavedFilters *saved)
{
  if (*saved->text == '\0')
    host_tell(saved->view.host, STYLE_HINT, "the list has no display filter to save");
  else
    ask_line(saved->view.host,
             &(AskSetup){.label = _("name of the filter: "), .done = add_named, .data = saved});
}

static void remove_chosen(void *data, Host *host)
{
  SavedFilters *saved = data;

  (void) host;
  store(saved, saved->names[saved->table.cursor], NULL);
}

static void ask_to_remove(SavedFilters *saved)
{
  g_autofree char *question =
    g_strdup_printf(_("remove the filter %s?"), saved->names[saved->table.cursor]);

  ask_question(saved->view.host, question, remove_chosen, saved);
}

/* One that was written by hand may be none. */
static void apply(SavedFilters *saved, size_t row)
{
  const char *text = saved->filters->pdata[row];
  g_autoptr(GError) error = NULL;
  g_autoptr(DisplayFilter) filter = display_filter_new(text, &error);

  if (!filter) {
    Slice rest = slice_from_string(error->message), sentence = slice_take_line(&rest);
    host_tell(saved->view.host, STYLE_ERROR, "%.*s", SLICE_ARG(sentence));
    return;
  }
  saved->of.done(saved->of.data, text);
  host_close(saved->view.host, &saved->view);
}

static bool saved_command(View *view, CommandId id)
{
  SavedFilters *saved = (SavedFilters *) view;

  if (id == COMMAND_FILTER_ADD)
    add(saved);
  else if (id != COMMAND_FILTER_USE && id != COMMAND_FILTER_REMOVE)
    return table_command(&saved->table, id);
  else if (row_count(saved) == 0)
    return false;
  else if (id == COMMAND_FILTER_USE)
    apply(saved, saved->table.cursor);
  else
    ask_to_remove(saved);
  return true;
}

/* Its number. */
static bool saved_key(View *view, const KeyEvent *event)
{
  SavedFilters *saved = (SavedFilters *) view;
  size_t row = (size_t) event->code - '1';

  if (event->code < '1' || event->code > '9' || row >= row_count(saved))
    return false;
  apply(saved, row);
  return true;
}

static bool saved_mouse(View *view, const KeyEvent *event)
{
  SavedFilters *saved = (SavedFilters *) view;
  TableModel model = table_model(saved);
  size_t column;
  TableClick click = table_mouse(&saved->table, event, &model, &column);

  if (click == TABLE_CHOSEN)
    apply(saved, saved->table.cursor);
  return click != TABLE_NOTHING;
}

static void saved_close(View *view)
{
  SavedFilters *saved = (SavedFilters *) view;

  g_free(saved->text);
  g_strfreev(saved->names);
  g_ptr_array_unref(saved->filters);
  g_free(saved);
}

View *saved_filters_view_new(Host *host, const SavedFiltersOf *of)
{
  static const ViewOps OPS = {
    .scope = SCOPE_FILTERS,
    .is_dialog = true,
    .append_title = saved_append_title,
    .draw = saved_draw,
    .command = saved_command,
    .close = saved_close,
    .key = saved_key,
    .mouse = saved_mouse,
  };
  SavedFilters *saved = g_new0(SavedFilters, 1);

  saved->view = (View){.ops = &OPS, .host = host};
  saved->of = *of;
  saved->text = g_strdup(of->text);
  saved->filters = g_ptr_array_new_with_free_func(g_free);
  read_filters(saved);
  return &saved->view;
}
