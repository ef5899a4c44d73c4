/* The list of addresses-of-record. */
#include "capture/language.h"
#include "ui/show/registration_text.h"
#include "ui/view/registrations/registration_lines.h"
#include "ui/view/screens.h"
#include "ui/view/widget/list.h"
#include "ui/view/widget/list_search.h"

enum {
  AT_ONCE_US = 8000,
  AGAIN_US = 2000000, /* at least between two readings while packets come */
  WIDE = 120,
  BAR = 1,
  DATED = 19, /* columns of a time with its date */
};

typedef enum { AOR, STATE, BOUND, EXPIRES, EVENTS, CONTACT, REGISTRAR, COLUMN_COUNT } ColumnId;

static const struct {
  const char *title;
  unsigned width; /* 0: what is left */
  TextAlign align;
} COLUMNS[COLUMN_COUNT] = {
  [AOR] = {N_("Address-of-record"), 0, TEXT_LEFT}, [STATE] = {N_("State"), 10, TEXT_LEFT},
  [BOUND] = {N_("Bound"), 5, TEXT_RIGHT},          [EXPIRES] = {N_("Expires"), 8, TEXT_LEFT},
  [EVENTS] = {N_("Events"), 6, TEXT_RIGHT},        [CONTACT] = {N_("Contact"), 0, TEXT_LEFT},
  [REGISTRAR] = {N_("Registrar"), 21, TEXT_LEFT},
};

typedef struct {
  View view;
  Registrations *shown; /* NULL: the first reading goes on */
  Registrations *next;  /* that is being read, or NULL */
  uint64_t messages;    /* of the trace when the reading began */
  int64_t begun_us;
  Table table;
  TableColumn columns[COLUMN_COUNT];
  size_t column_count;
  ListSearch search;
  Clock clock;
  GString *text; /* of one cell */
} RegistrationsView;

static size_t row_count(const RegistrationsView *self)
{
  return self->shown ? registrations_aor_count(self->shown) : 0;
}

/* --- Reading ---------------------------------------------------------------------------------- */

static void begin_reading(RegistrationsView *self)
{
  const AppModel *model = host_model(self->view.host);

  self->next = registrations_new(model->trace, model->stores, &REGISTRATION_LIMITS_DEFAULT);
  self->messages = trace_counts(model->trace)->messages;
  self->begun_us = g_get_monotonic_time();
}

static bool registrations_view_step(View *view, int64_t until_us)
{
  RegistrationsView *self = (RegistrationsView *) view;
  const Trace *trace = host_model(view->host)->trace;

  if (!self->next && trace_counts(trace)->messages != self->messages &&
      g_get_monotonic_time() - self->begun_us > AGAIN_US)
    begin_reading(self);
  if (!self->next)
    return false;
  if (registrations_step(self->next, until_us))
    return true;
  registrations_free(self->shown);
  self->shown = g_steal_pointer(&self->next);
  return false;
}

static const char *registrations_view_progress(const View *view, double *ret_done)
{
  const RegistrationsView *self = (const RegistrationsView *) view;

  if (!self->next || self->shown)
    return NULL;
  *ret_done = registrations_progress(self->next);
  return _("reading");
}

/* --- Cells ------------------------------------------------------------------------------------ */

static void append_bound(const RegistrationsView *self, const RegistrationAor *aor)
{
  unsigned bound = 0;

  for (uint32_t i = aor->first_binding; i != REGISTRATION_NONE;) {
    const RegistrationBinding *binding = registrations_binding(self->shown, i);
    bound += binding->is_bound;
    i = binding->next;
  }
  g_string_append_printf(self->text, "%u/%u", bound, aor->binding_count);
}

static const char *state_of(const RegistrationsView *self, const RegistrationAor *aor,
                            const RegistrationBinding *binding)
{
  if (binding)
    return _(registration_state_name(binding));
  return aor->event_count > 0
           ? registration_event_name(
               registrations_event(self->shown, aor->first_event + aor->event_count - 1)->kind)
           : "";
}

static void append_time(RegistrationsView *self, int64_t time_ns)
{
  char time[TIME_TEXT_MAX];

  if (time_ns != TIME_NONE)
    g_string_append(self->text, clock_format(&self->clock, time_ns, time));
}

static void append_cell(RegistrationsView *self, const RegistrationAor *aor, ColumnId column)
{
  const AppModel *model = host_model(self->view.host);
  const RegistrationBinding *binding = registrations_main_binding(self->shown, aor);
  const Aliases *aliases = config_bool(model->config, SETTING_ALIASES) ? model->aliases : NULL;

  switch (column) {
  case AOR:
    g_string_append_len(self->text, aor->name.data, (gssize) aor->name.len);
    break;
  case STATE:
    g_string_append(self->text, state_of(self, aor, binding));
    break;
  case BOUND:
    append_bound(self, aor);
    break;
  case EXPIRES:
    append_time(self, binding ? binding->expires_ns : TIME_NONE);
    break;
  case EVENTS:
    g_string_append_printf(self->text, "%u", aor->event_count);
    break;
  case CONTACT:
    if (binding)
      g_string_append_len(self->text, binding->contact.data, (gssize) binding->contact.len);
    break;
  case REGISTRAR:
    if (binding)
      aliases_append(aliases, trace_endpoint(model->trace, binding->registrar), ALIAS_WITH_PORT,
                     self->text);
    break;
  case COLUMN_COUNT:
    break;
  }
}

static void give_cell(void *data, size_t row, size_t column, TableCell *ret_cell)
{
  RegistrationsView *self = data;
  const RegistrationAor *aor = registrations_aor(self->shown, (uint32_t) row);
  const RegistrationBinding *binding = registrations_main_binding(self->shown, aor);

  g_string_truncate(self->text, 0);
  append_cell(self, aor, (ColumnId) column);
  ret_cell->text = slice_of(self->text->str, self->text->len);
  ret_cell->style =
    column != STATE || !binding ? STYLE_PLAIN : registration_event_style(binding->state);
}

static TableModel table_model(RegistrationsView *self)
{
  return (TableModel){
    .row_count = row_count(self),
    .columns = self->columns,
    .column_count = self->column_count,
    .sorted = -1,
    .cell = give_cell,
    .data = self,
  };
}

/* --- Drawing ---------------------------------------------------------------------------------- */

static void append_title(const View *view, GString *to)
{
  const RegistrationsView *self = (const RegistrationsView *) view;
  size_t count = row_count(self);

  g_string_append(to, _("Registrations"));
  list_append_place(&self->table, count, to);
  if (!self->shown)
    return;
  g_autoptr(GString) left_out = g_string_new(NULL);
  registration_append_left_out(self->shown, left_out);
  if (left_out->len > 0)
    g_string_append_printf(to, ", %s", left_out->str);
}

/* Address and contact share what is left; there is a registrar only where there is room. */
static void fit_columns(RegistrationsView *self, unsigned width)
{
  enum { LEFT_MIN = 20 };
  unsigned used = 0;

  self->column_count = width >= WIDE ? COLUMN_COUNT : COLUMN_COUNT - 1;
  for (size_t i = 0; i < self->column_count; i++) {
    unsigned fixed = i == EXPIRES && self->clock.date ? DATED : COLUMNS[i].width;
    self->columns[i] = (TableColumn){COLUMNS[i].title, fixed, COLUMNS[i].align};
    used += fixed + 1;
  }
  unsigned left = width > used + LEFT_MIN ? width - used : LEFT_MIN;
  self->columns[AOR].width = self->columns[CONTACT].width = left / 2;
}

static void registrations_view_draw(View *view, Canvas *canvas, Rect area)
{
  RegistrationsView *self = (RegistrationsView *) view;
  const Config *config = host_model(view->host)->config;

  self->clock = clock_new(TIME_ABSOLUTE, config_bool(config, SETTING_UTC));
  self->clock.date = area.width >= WIDE;
  self->clock.digits = 0;
  fit_columns(self, (unsigned) MAX(area.width - BAR, 1));
  TableModel model = table_model(self);
  table_draw(&self->table, canvas, area, &model);
  if (model.row_count > 0)
    return;
  area.y += area.height / 3;
  const char *why = self->shown ? _("no REGISTER in this capture") : _("reading ...");
  canvas_put_cell(canvas, area, &(CanvasText){slice_from_string(why), STYLE_HINT, TEXT_CENTRE});
}

/* --- Commands --------------------------------------------------------------------------------- */

static size_t count_rows(void *data)
{
  return row_count(data);
}

static void append_searched(void *data, size_t row, GString *to)
{
  static const ColumnId SEARCHED[] = {AOR, STATE, CONTACT};
  RegistrationsView *self = data;
  const RegistrationAor *aor = registrations_aor(self->shown, (uint32_t) row);

  for (size_t i = 0; i < G_N_ELEMENTS(SEARCHED); i++) {
    g_string_truncate(self->text, 0);
    append_cell(self, aor, SEARCHED[i]);
    g_string_append_len(to, self->text->str, (gssize) self->text->len);
    g_string_append_c(to, '\n');
  }
}

static bool registrations_view_command(View *view, CommandId id)
{
  RegistrationsView *self = (RegistrationsView *) view;
  size_t row = self->table.cursor;

  if (table_command(&self->table, id) || list_search_command(&self->search, id))
    return true;
  if (id != COMMAND_OPEN || row >= row_count(self))
    return false;
  host_push(view->host, registration_view_new(view->host, self->shown, (uint32_t) row));
  return true;
}

static bool registrations_view_mouse(View *view, const KeyEvent *event)
{
  RegistrationsView *self = (RegistrationsView *) view;
  const TableModel model = table_model(self);

  return list_mouse(view->host, &self->table, event, &model);
}

static void registrations_view_close(View *view)
{
  RegistrationsView *self = (RegistrationsView *) view;

  registrations_free(self->shown);
  registrations_free(self->next);
  list_search_clear(&self->search);
  g_string_free(self->text, TRUE);
  g_free(self);
}

View *registrations_view_new(Host *host)
{
  static const ViewOps OPS = {
    .scope = SCOPE_REGISTRATIONS,
    .append_title = append_title,
    .draw = registrations_view_draw,
    .command = registrations_view_command,
    .close = registrations_view_close,
    .mouse = registrations_view_mouse,
    .step = registrations_view_step,
    .progress = registrations_view_progress,
  };
  RegistrationsView *self = g_new0(RegistrationsView, 1);

  self->view = (View){.ops = &OPS, .host = host};
  self->text = g_string_new(NULL);
  self->search = (ListSearch){
    .host = host,
    .table = &self->table,
    .row_count = count_rows,
    .append_row = append_searched,
    .data = self,
  };
  begin_reading(self);
  registrations_view_step(&self->view, g_get_monotonic_time() + AT_ONCE_US);
  return &self->view;
}
