/* The list of platforms, devices and channels of GB/T 28181: a tree, whose branches fold. */
#include "capture/language.h"
#include "ui/show/device_text.h"
#include "ui/view/devices/device_lines.h"
#include "ui/view/screens.h"
#include "ui/view/widget/list.h"
#include "ui/view/widget/list_search.h"

enum {
  AT_ONCE_US = 8000,
  AGAIN_US = 2000000, /* at least between two readings while packets come */
  WIDE = 120,
  BAR = 1,
  DEPTH_SHOWN = 16,
};

typedef enum {
  DEVICE,
  NAME,
  STATE,
  ADDRESS,
  JITTER,
  VERSION, /* from here on only where there is room */
  EXPIRES,
  KEEPALIVE,
  ALARM,
  COLUMN_COUNT,
  NARROW_COUNT = VERSION,
} ColumnId;

static const struct {
  const char *title;
  unsigned width; /* 0: what is left */
  TextAlign align;
} COLUMNS[COLUMN_COUNT] = {
  [DEVICE] = {N_("Device"), 26, TEXT_LEFT},    [NAME] = {N_("Name"), 0, TEXT_LEFT},
  [STATE] = {N_("State"), 7, TEXT_LEFT},       [ADDRESS] = {N_("Address"), 21, TEXT_LEFT},
  [JITTER] = {N_("Jitter"), 8, TEXT_RIGHT},    [VERSION] = {N_("Version"), 7, TEXT_LEFT},
  [EXPIRES] = {N_("Expires"), 19, TEXT_LEFT},  [KEEPALIVE] = {N_("Last keep-alive"), 19, TEXT_LEFT},
  [ALARM] = {N_("Last alarm"), 42, TEXT_LEFT},
};

typedef struct {
  uint32_t device;
  uint32_t depth;
} Row;

typedef struct {
  View view;
  GbDevices *shown;  /* NULL: the first reading goes on */
  GbDevices *next;   /* that is being read, or NULL */
  uint64_t messages; /* of the trace when the reading began */
  int64_t begun_us;
  GArray *rows;       /* Row: those that are not below a folded one */
  bool is_folded;     /* all are, */
  GHashTable *others; /* char *: ids of those that are not as all */
  Table table;
  TableColumn columns[COLUMN_COUNT];
  size_t column_count;
  ListSearch search;
  Clock clock;
  GString *text; /* of one cell */
} DevicesView;

static const Row *row_at(const DevicesView *self, size_t row)
{
  return &g_array_index(self->rows, Row, row);
}

static const GbDevice *device_of_row(const DevicesView *self, size_t row)
{
  return gb_devices_at(self->shown, row_at(self, row)->device);
}

/* --- rows ------------------------------------------------------------------------------------- */

static bool is_folded(const DevicesView *self, const GbDevice *device)
{
  if (device->first_child == GB_DEVICE_NONE)
    return false;
  g_autofree char *id = g_strndup(device->id.data, device->id.len);
  return self->is_folded != g_hash_table_contains(self->others, id);
}

static void list_rows(DevicesView *self)
{
  uint32_t at = gb_devices_first_root(self->shown);
  int depth = 0, deeper = 0;

  g_array_set_size(self->rows, 0);
  while (at != GB_DEVICE_NONE) {
    const Row row = {at, (uint32_t) depth};
    g_array_append_val(self->rows, row);
    bool folded = is_folded(self, gb_devices_at(self->shown, at));
    at = gb_devices_next(self->shown, at, folded, &deeper);
    depth += deeper;
  }
}

static void fold_row(DevicesView *self, const GbDevice *device, bool folded)
{
  if (device->first_child == GB_DEVICE_NONE || is_folded(self, device) == folded)
    return;
  char *id = g_strndup(device->id.data, device->id.len);
  if (folded == self->is_folded) {
    g_hash_table_remove(self->others, id);
    g_free(id);
  } else {
    g_hash_table_add(self->others, id);
  }
  list_rows(self);
}

/* The cursor stays on its device, or goes to the one that now hides it. */
static void fold_all(DevicesView *self, bool folded)
{
  uint32_t at = self->table.cursor < self->rows->len ? row_at(self, self->table.cursor)->device
                                                     : GB_DEVICE_NONE;

  self->is_folded = folded;
  g_hash_table_remove_all(self->others);
  while (folded && at != GB_DEVICE_NONE && gb_devices_at(self->shown, at)->parent != GB_DEVICE_NONE)
    at = gb_devices_at(self->shown, at)->parent;
  list_rows(self);
  for (guint i = 0; i < self->rows->len; i++)
    if (row_at(self, i)->device == at)
      self->table.cursor = i;
}

/* Left: folds it, or goes to what it is below. */
static void go_left(DevicesView *self)
{
  size_t row = self->table.cursor;
  const GbDevice *device = device_of_row(self, row);

  if (device->first_child != GB_DEVICE_NONE && !is_folded(self, device)) {
    fold_row(self, device, true);
    return;
  }
  while (row > 0 && row_at(self, row)->device != device->parent)
    row--;
  if (row_at(self, row)->device == device->parent)
    self->table.cursor = row;
}

/* --- reading ---------------------------------------------------------------------------------- */

static void begin_reading(DevicesView *self)
{
  const AppModel *model = host_model(self->view.host);

  self->next = gb_devices_new(model->trace, model->stores, &GB_DEVICE_LIMITS_DEFAULT);
  self->messages = trace_counts(model->trace)->messages;
  self->begun_us = g_get_monotonic_time();
}

static bool devices_view_step(View *view, int64_t until_us)
{
  DevicesView *self = (DevicesView *) view;
  const Trace *trace = host_model(view->host)->trace;

  if (!self->next && trace_counts(trace)->messages != self->messages &&
      g_get_monotonic_time() - self->begun_us > AGAIN_US)
    begin_reading(self);
  if (!self->next)
    return false;
  if (gb_devices_step(self->next, until_us))
    return true;
  gb_devices_free(self->shown);
  self->shown = g_steal_pointer(&self->next);
  list_rows(self);
  return false;
}

static const char *devices_view_progress(const View *view, double *ret_done)
{
  const DevicesView *self = (const DevicesView *) view;

  if (!self->next || self->shown)
    return NULL;
  *ret_done = gb_devices_progress(self->next);
  return _("reading");
}

/* --- cells ------------------------------------------------------------------------------------ */

static void append_time(DevicesView *self, int64_t time_ns)
{
  char time[TIME_TEXT_MAX];

  if (time_ns != TIME_NONE)
    g_string_append(self->text, clock_format(&self->clock, time_ns, time));
}

static void append_slice(DevicesView *self, Slice value)
{
  g_string_append_len(self->text, value.data, (gssize) value.len);
}

/* "▾ 34020000001320000001", two blanks further to the right with each level. */
static void append_branch(DevicesView *self, const Row *row, const GbDevice *device)
{
  TextCharset charset = host_model(self->view.host)->charset;
  const char *mark = " ";

  if (device->first_child != GB_DEVICE_NONE)
    mark = glyph_text(is_folded(self, device) ? GLYPH_FOLDED : GLYPH_UNFOLDED, charset);
  g_string_append_printf(self->text, "%*s%s ", (int) (2 * MIN(row->depth, (uint32_t) DEPTH_SHOWN)),
                         "", mark);
  append_slice(self, device->id);
}

static void append_cell(DevicesView *self, size_t row, ColumnId column)
{
  const AppModel *model = host_model(self->view.host);
  const GbDevice *device = device_of_row(self, row);
  const Aliases *aliases = config_bool(model->config, SETTING_ALIASES) ? model->aliases : NULL;
  char span[TIME_TEXT_MAX];

  switch (column) {
  case DEVICE:
    append_branch(self, row_at(self, row), device);
    break;
  case NAME:
    append_slice(self, device->name);
    break;
  case STATE:
    g_string_append(self->text, _(gb_device_state_name((GbDeviceState) device->state)));
    break;
  case ADDRESS:
    if (device->has_address)
      aliases_append(aliases, trace_endpoint(model->trace, device->address), ALIAS_WITH_PORT,
                     self->text);
    break;
  case JITTER:
    if (device->jitter_ns >= 0)
      g_string_append(self->text, duration_format(device->jitter_ns, span));
    break;
  case VERSION:
    append_slice(self, device->version);
    break;
  case EXPIRES:
    append_time(self, device->is_removed ? TIME_NONE : device->expires_ns);
    break;
  case KEEPALIVE:
    append_time(self, device->keepalive_ns);
    break;
  case ALARM:
    append_time(self, device->alarm_ns);
    g_string_append_c(self->text, ' ');
    append_slice(self, device->alarm);
    break;
  case COLUMN_COUNT:
    break;
  }
}

static void give_cell(void *data, size_t row, size_t column, TableCell *ret_cell)
{
  DevicesView *self = data;

  g_string_truncate(self->text, 0);
  append_cell(self, row, (ColumnId) column);
  ret_cell->text = slice_of(self->text->str, self->text->len);
  ret_cell->style = column == STATE
                      ? device_state_style((GbDeviceState) device_of_row(self, row)->state)
                      : STYLE_PLAIN;
}

static TableModel table_model(DevicesView *self)
{
  return (TableModel){
    .row_count = self->rows->len,
    .columns = self->columns,
    .column_count = self->column_count,
    .sorted = -1,
    .cell = give_cell,
    .data = self,
  };
}

/* --- drawing ---------------------------------------------------------------------------------- */

static void append_title(const View *view, GString *to)
{
  const DevicesView *self = (const DevicesView *) view;
  size_t count = self->rows->len;
  g_autoptr(GString) left_out = g_string_new(NULL);

  g_string_append(to, _("Devices"));
  list_append_place(&self->table, count, to);
  if (self->shown)
    device_append_left_out(self->shown, left_out);
  if (left_out->len > 0)
    g_string_append_printf(to, ", %s", left_out->str);
}

/* Names have what is left. */
static void fit_columns(DevicesView *self, unsigned width)
{
  enum { LEFT_MIN = 8 };
  unsigned used = 0;

  self->column_count = width >= WIDE ? COLUMN_COUNT : NARROW_COUNT;
  for (size_t i = 0; i < self->column_count; i++) {
    self->columns[i] = (TableColumn){COLUMNS[i].title, COLUMNS[i].width, COLUMNS[i].align};
    used += COLUMNS[i].width + 1;
  }
  self->columns[NAME].width = width > used + LEFT_MIN ? width - used : LEFT_MIN;
}

static void devices_view_draw(View *view, Canvas *canvas, Rect area)
{
  DevicesView *self = (DevicesView *) view;
  const Config *config = host_model(view->host)->config;

  self->clock = clock_new(TIME_ABSOLUTE, config_bool(config, SETTING_UTC));
  self->clock.date = true;
  self->clock.digits = 0;
  fit_columns(self, (unsigned) MAX(area.width - BAR, 1));
  TableModel model = table_model(self);
  table_draw(&self->table, canvas, area, &model);
  if (model.row_count > 0)
    return;
  area.y += area.height / 3;
  const char *why = self->shown ? _("no device of GB/T 28181 in this capture") : _("reading ...");
  canvas_put_cell(canvas, area, &(CanvasText){slice_from_string(why), STYLE_HINT, TEXT_CENTRE});
}

/* --- commands --------------------------------------------------------------------------------- */

static size_t count_rows(void *data)
{
  const DevicesView *self = data;

  return self->rows->len;
}

static void append_searched(void *data, size_t row, GString *to)
{
  static const ColumnId SEARCHED[] = {DEVICE, NAME, STATE, ADDRESS, VERSION};
  DevicesView *self = data;

  for (size_t i = 0; i < G_N_ELEMENTS(SEARCHED); i++) {
    g_string_truncate(self->text, 0);
    append_cell(self, row, SEARCHED[i]);
    g_string_append_len(to, self->text->str, (gssize) self->text->len);
    g_string_append_c(to, '\n');
  }
}

static bool devices_view_command(View *view, CommandId id)
{
  DevicesView *self = (DevicesView *) view;
  size_t row = self->table.cursor;

  if (list_search_command(&self->search, id))
    return true;
  if (row >= self->rows->len)
    return table_command(&self->table, id);
  if (id == COMMAND_OPEN)
    host_push(view->host, device_view_new(view->host, self->shown, row_at(self, row)->device));
  else if (id == COMMAND_LEFT)
    go_left(self);
  else if (id == COMMAND_RIGHT)
    fold_row(self, device_of_row(self, row), false);
  else if (id == COMMAND_FOLD_ALL || id == COMMAND_UNFOLD_ALL)
    fold_all(self, id == COMMAND_FOLD_ALL);
  else
    return table_command(&self->table, id);
  return true;
}

static bool devices_view_mouse(View *view, const KeyEvent *event)
{
  DevicesView *self = (DevicesView *) view;
  const TableModel model = table_model(self);

  return list_mouse(view->host, &self->table, event, &model);
}

static void devices_view_close(View *view)
{
  DevicesView *self = (DevicesView *) view;

  gb_devices_free(self->shown);
  gb_devices_free(self->next);
  list_search_clear(&self->search);
  g_array_unref(self->rows);
  g_hash_table_unref(self->others);
  g_string_free(self->text, TRUE);
  g_free(self);
}

View *devices_view_new(Host *host)
{
  static const ViewOps OPS = {
    .scope = SCOPE_DEVICES,
    .append_title = append_title,
    .draw = devices_view_draw,
    .command = devices_view_command,
    .close = devices_view_close,
    .mouse = devices_view_mouse,
    .step = devices_view_step,
    .progress = devices_view_progress,
  };
  DevicesView *self = g_new0(DevicesView, 1);

  self->view = (View){.ops = &OPS, .host = host};
  self->text = g_string_new(NULL);
  self->rows = g_array_new(FALSE, FALSE, sizeof(Row));
  self->others = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  self->search = (ListSearch){
    .host = host,
    .table = &self->table,
    .row_count = count_rows,
    .append_row = append_searched,
    .data = self,
  };
  begin_reading(self);
  devices_view_step(&self->view, g_get_monotonic_time() + AT_ONCE_US);
  return &self->view;
}
