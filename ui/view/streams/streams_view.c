#include "capture/language.h"
#include "ui/show/call_columns.h"
#include "ui/show/format.h"
#include "ui/show/stream_list.h"
#include "ui/view/screens.h"
#include "ui/view/widget/ask.h"
#include "ui/view/widget/list.h"

enum { DATES = 170, BAR = 1, SCRATCH_FIRST = 4096, AT_ONCE_US = 8000 };

typedef struct {
  View view;
  StreamList *list;
  bool of_calls; /* there are calls whose streams can be shown alone */
  bool all;
  Table table;
  uint32_t cursor;       /* stream under it; 0: none */
  GPtrArray *columns;    /* CallColumn */
  unsigned screen_width; /* that they were made for; 0: to be made */
  TableColumn shown[CALL_COLUMNS_MAX];
  const Field *sort; /* NULL: by order of appearance */
  bool descending;
  char *filter;       /* or NULL */
  GPtrArray *filters; /* char *: earlier ones */

  /* Of one draw. */
  Clock clock;
  FieldContext context;
  Arena scratch;
  uint32_t looked_at; /* stream; 0: none */
  GString *text;      /* of one cell */
} StreamsView;

/* --- cells --- */

static const CallColumn *column_at(const StreamsView *self, size_t column)
{
  return self->columns->pdata[column];
}

/* Empty when the value is missing; valid until the next cell. */
static Slice cell_text(StreamsView *self, size_t row, size_t column)
{
  const AppModel *model = host_model(self->view.host);
  uint32_t number = stream_list_at(self->list, row);
  const RtpStream *stream = trace_stream_at(model->trace, number - 1);
  FieldValue value;

  g_string_truncate(self->text, 0);
  if (!stream)
    return SLICE_NONE;
  if (self->looked_at != number) {
    arena_reset(&self->scratch);
    field_look_at_stream(&self->context, stream);
    self->looked_at = number;
  }
  if (field_get(&self->context, &column_at(self, column)->ref, &value))
    field_value_append(self->text, &value, &self->clock, model->charset);
  return slice_of(self->text->str, self->text->len);
}

static void give_cell(void *data, size_t row, size_t column, TableCell *ret_cell)
{
  StreamsView *self = data;
  const Field *field = column_at(self, column)->ref.field;

  ret_cell->text = cell_text(self, row, column);
  ret_cell->style = field->type == FIELD_TIME ? STYLE_DIM : STYLE_PLAIN;
}

static const Field *sort_field(const StreamsView *self)
{
  return self->sort ? self->sort : field_find(SLICE("stream.number"));
}

static int sorted_column(const StreamsView *self)
{
  return call_columns_find(self->columns, &(FieldRef){.field = sort_field(self)});
}

static void make_columns(StreamsView *self, unsigned width)
{
  if (self->screen_width == width)
    return;
  self->screen_width = width;
  self->table.grip.held = false;
  g_ptr_array_unref(self->columns);
  self->columns = columns_load(host_model(self->view.host)->config, COLUMNS_OF_STREAMS, width);
}

/* Columns are as wide as the rows on the screen need. */
static void fit_columns(StreamsView *self, Rect area)
{
  unsigned needed[CALL_COLUMNS_MAX], widths[CALL_COLUMNS_MAX];
  size_t count = stream_list_count(self->list), top = MIN(self->table.top, self->table.cursor);
  size_t end = MIN(count, top + (size_t) MAX(area.height, 0));
  int sorted = sorted_column(self);

  for (guint i = 0; i < self->columns->len; i++)
    needed[i] = text_width(slice_from_string(column_at(self, i)->title)) + (sorted == (int) i);
  for (size_t row = top; row < end; row++)
    for (guint i = 0; i < self->columns->len; i++)
      needed[i] = MAX(needed[i], text_width(cell_text(self, row, i)));
  call_columns_fit(self->columns, needed, (unsigned) MAX(area.width - BAR, 1), widths);
  for (guint i = 0; i < self->columns->len; i++) {
    const CallColumn *column = column_at(self, i);
    self->shown[i] = (TableColumn){column->title, widths[i], call_column_align(column)};
  }
}

static TableModel table_model(StreamsView *self)
{
  return (TableModel){
    .row_count = stream_list_count(self->list),
    .columns = self->shown,
    .column_count = self->columns->len,
    .sorted = sorted_column(self),
    .descending = self->descending,
    .cell = give_cell,
    .data = self,
  };
}

/* --- the cursor stays on its stream --- */

static void note_cursor(StreamsView *self)
{
  size_t count = stream_list_count(self->list);

  self->table.row_count = count;
  self->table.cursor = MIN(self->table.cursor, count > 0 ? count - 1 : 0);
  self->cursor = count > 0 ? stream_list_at(self->list, self->table.cursor) : 0;
}

static void keep_cursor(StreamsView *self)
{
  size_t row;

  if (self->cursor != 0 && stream_list_find(self->list, self->cursor, &row))
    self->table.cursor = row;
  note_cursor(self);
}

/* --- drawing --- */

static void streams_append_title(const View *view, GString *to)
{
  const StreamsView *self = (const StreamsView *) view;
  size_t count = stream_list_count(self->list), hidden = stream_list_hidden(self->list);

  g_string_append(to, self->all ? _("RTP streams") : _("RTP streams of the calls"));
  list_append_place(&self->table, count, to);
  if (self->filter)
    g_string_append_printf(to, _(", %zu hidden by %s"), hidden, self->filter);
  if (stream_list_is_unsorted(self->list))
    g_string_append(to, _(", too many to be sorted"));
}

static void draw_nothing(const StreamsView *self, Canvas *canvas, Rect area)
{
  const AppModel *model = host_model(self->view.host);
  const char *why = _("no RTP streams of these calls; press a for those of the whole input");
  double done;

  if (stream_list_progress(self->list, &done))
    why = _("looking for streams ...");
  else if (stream_list_hidden(self->list) > 0)
    why = _("the filter hides all streams");
  else if (self->all)
    why = model->loaded ? _("no RTP in this capture") : _("no RTP yet");
  area.y += area.height / 3;
  canvas_put_cell(canvas, area, &(CanvasText){slice_from_string(why), STYLE_HINT, TEXT_CENTRE});
}

static void streams_draw(View *view, Canvas *canvas, Rect area)
{
  StreamsView *self = (StreamsView *) view;
  const Config *config = host_model(view->host)->config;

  self->looked_at = 0;
  self->clock = clock_new(TIME_ABSOLUTE, config_bool(config, SETTING_UTC));
  self->clock.date = area.width >= DATES;
  self->clock.digits = 3;
  make_columns(self, (unsigned) MAX(area.width, 1));
  keep_cursor(self);
  fit_columns(self, area);
  TableModel model = table_model(self);
  table_draw(&self->table, canvas, area, &model);
  if (model.row_count == 0)
    draw_nothing(self, canvas, self->table.area);
}

/* --- commands --- */

static void sort_by(StreamsView *self, const Field *field, bool descending)
{
  bool by_number = !field || field == field_find(SLICE("stream.number"));

  self->sort = by_number && !descending ? NULL : field;
  self->descending = descending;
  stream_list_sort(self->list, self->sort, descending);
}

static void sort_by_column(StreamsView *self, size_t column)
{
  bool again = sorted_column(self) == (int) column;

  sort_by(self, column_at(self, column)->ref.field, again && !self->descending);
}

static bool sort_command(StreamsView *self, CommandId id)
{
  const TableModel model = table_model(self);
  bool sideways = id == COMMAND_SORT_PREVIOUS || id == COMMAND_SORT_NEXT;
  size_t column;

  if (id == COMMAND_SORT_SWAP)
    sort_by(self, sort_field(self), !self->descending);
  else if (sideways && table_beside_sorted(&model, id == COMMAND_SORT_NEXT ? 1 : -1, &column))
    sort_by(self, column_at(self, column)->ref.field, self->descending);
  return sideways || id == COMMAND_SORT_SWAP;
}

static void filter_typed(void *data, Host *host, const char *text)
{
  StreamsView *self = data;
  g_autoptr(GError) error = NULL;
  DisplayFilter *filter = *text ? display_filter_new_for_streams(text, &error) : NULL;

  if (error) {
    host_tell(host, STYLE_ERROR, "%.*s", (int) strcspn(error->message, "\n"), error->message);
    return;
  }
  g_free(self->filter);
  self->filter = *text ? g_strdup(text) : NULL;
  stream_list_set_filter(self->list, filter);
}

static void ask_filter(StreamsView *self)
{
  ask_line(self->view.host, &(AskSetup){.label = _("filter of streams: "),
                                        .text = self->filter,
                                        .history = self->filters,
                                        .done = filter_typed,
                                        .data = self});
}

static void turn_all(StreamsView *self)
{
  if (!self->of_calls) {
    host_tell(self->view.host, STYLE_HINT, "all streams are shown");
    return;
  }
  self->all = !self->all;
  stream_list_show_all(self->list, self->all);
}

static void open_save(StreamsView *self)
{
  const Trace *trace = host_model(self->view.host)->trace;
  const RtpStream *stream = trace_stream_at(trace, self->cursor - 1);
  MediaOwner owners[MEDIA_OWNERS_MAX];
  bool is_owned = stream && trace_stream_owners(trace, stream, owners) > 0;
  const SaveOf of = {.calls = is_owned ? &owners[0].call : NULL,
                     .call_count = is_owned ? 1 : 0,
                     .stream = self->cursor};

  host_push(self->view.host, save_view_new(self->view.host, &of));
}

static bool streams_command(View *view, CommandId id)
{
  StreamsView *self = (StreamsView *) view;

  keep_cursor(self);
  if (table_command(&self->table, id))
    note_cursor(self);
  else if (id == COMMAND_OPEN && self->cursor != 0)
    host_push(view->host, stream_view_new(view->host, self->cursor));
  else if (id == COMMAND_SAVE && self->cursor != 0)
    open_save(self);
  else if (id == COMMAND_PLAY && self->cursor != 0)
    player_open_stream(view->host, self->cursor);
  else if (id == COMMAND_COLUMNS)
    host_push(view->host, columns_view_new(view->host, COLUMNS_OF_STREAMS));
  else if (id == COMMAND_FILTER_STREAMS)
    ask_filter(self);
  else if (id == COMMAND_STREAMS_SCOPE)
    turn_all(self);
  else
    return sort_command(self, id);
  return true;
}

static bool streams_mouse(View *view, const KeyEvent *event)
{
  StreamsView *self = (StreamsView *) view;
  TableModel model = table_model(self);
  size_t column = 0;
  TableClick click = table_mouse(&self->table, event, &model, &column);

  note_cursor(self);
  if (click == TABLE_EDGE)
    columns_size(view->host, COLUMNS_OF_STREAMS, self->columns, column, 0);
  else if (click == TABLE_CHOSEN)
    host_run(view->host, COMMAND_OPEN);
  return click != TABLE_NOTHING;
}

/* A title sorts when it is released: until then it may be dragged. */
static bool streams_drag(View *view, const KeyEvent *event)
{
  StreamsView *self = (StreamsView *) view;
  TableModel model = table_model(self);
  TableDrag drag = table_drag(&self->table, event, &model);

  if (drag.kind == TABLE_DRAG_CLICKED)
    sort_by_column(self, drag.column);
  return columns_drag(view->host, COLUMNS_OF_STREAMS, self->columns, &drag);
}

static void streams_configured(View *view)
{
  ((StreamsView *) view)->screen_width = 0;
}

static bool streams_step(View *view, int64_t until_us)
{
  return stream_list_step(((StreamsView *) view)->list, until_us);
}

static const char *streams_progress(const View *view, double *ret_done)
{
  return stream_list_progress(((const StreamsView *) view)->list, ret_done) ? _("looking") : NULL;
}

static void streams_close(View *view)
{
  StreamsView *self = (StreamsView *) view;

  stream_list_free(self->list);
  g_ptr_array_unref(self->columns);
  g_ptr_array_unref(self->filters);
  g_free(self->filter);
  g_string_free(self->text, TRUE);
  field_context_clear(&self->context);
  arena_clear(&self->scratch);
  g_free(self);
}

View *streams_view_new(Host *host, const GArray *calls)
{
  static const ViewOps OPS = {
    .scope = SCOPE_STREAMS,
    .append_title = streams_append_title,
    .draw = streams_draw,
    .command = streams_command,
    .close = streams_close,
    .mouse = streams_mouse,
    .drag = streams_drag,
    .step = streams_step,
    .progress = streams_progress,
    .configured = streams_configured,
  };
  const AppModel *model = host_model(host);
  StreamsView *self = g_new0(StreamsView, 1);

  self->view = (View){.ops = &OPS, .host = host};
  self->list = stream_list_new(model->trace, model->stores, calls);
  self->of_calls = calls->len > 0;
  self->all = !self->of_calls;
  self->columns = call_columns_usual(COLUMNS_OF_STREAMS, 0);
  self->filters = g_ptr_array_new_with_free_func(g_free);
  self->text = g_string_new(NULL);
  arena_init(&self->scratch, SCRATCH_FIRST);
  self->context = field_context(model->trace, model->stores, &self->scratch);
  stream_list_step(self->list, g_get_monotonic_time() + AT_ONCE_US);
  return &self->view;
}
