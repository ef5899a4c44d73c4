/* The page of one address-of-record: its bindings, and what happened to them. */
#include "ui/show/registration_text.h"
#include "ui/view/registrations/registration_lines.h"
#include "ui/view/screens.h"
#include "ui/view/widget/table.h"

enum { RUNS_MAX = 5000, ARENA_FIRST = 16 * 1024, INDENT = 2, WORD = 8 };

/* Before it is cut into rows. */
typedef struct {
  Slice text; /* safe */
  Style style;
  uint32_t call; /* that Enter leads to, with the message; 0: none */
  uint32_t message;
} Line;

typedef struct {
  View view;
  Arena arena;
  Slice name;    /* of the address-of-record, safe */
  GArray *lines; /* Line */
  GArray *rows;  /* Line: as wide as the screen */
  int width;     /* of the rows */
  TableColumn column;
  Table table;
} RegistrationView;

Style registration_event_style(RegistrationEventKind kind)
{
  switch (kind) {
  case REGISTRATION_REJECTED:
    return STYLE_ERROR;
  case REGISTRATION_LAPSED:
  case REGISTRATION_REPLACED:
  case REGISTRATION_UNANSWERED:
    return STYLE_WARNING;
  case REGISTRATION_CHALLENGED:
  case REGISTRATION_QUERIED:
  case REGISTRATION_LISTED:
    return STYLE_DIM;
  case REGISTRATION_REGISTERED:
  case REGISTRATION_REFRESHED:
  case REGISTRATION_REMOVED:
  case REGISTRATION_EVENT_COUNT:
    break;
  }
  return STYLE_PLAIN;
}

/* --- Lines ------------------------------------------------------------------------------------ */

static Slice keep_safe(RegistrationView *self, Slice raw)
{
  g_autoptr(GString) safe = g_string_new(NULL);

  text_append_safe(safe, raw, host_model(self->view.host)->charset);
  return arena_dup(&self->arena, slice_of(safe->str, safe->len));
}

static void add_line(RegistrationView *self, Line line, const GString *raw)
{
  line.text = keep_safe(self, slice_of(raw->str, raw->len));
  g_array_append_val(self->lines, line);
}

static void add_heading(RegistrationView *self, const char *text)
{
  const Line gap = {.text = SLICE("")};
  const Line heading = {.text = slice_from_string(text), .style = STYLE_HEADING};

  if (self->lines->len > 0)
    g_array_append_val(self->lines, gap);
  g_array_append_val(self->lines, heading);
}

static void add_bindings(RegistrationView *self, const RegistrationText *text,
                         const RegistrationAor *aor)
{
  g_autoptr(GString) raw = g_string_new(NULL);
  uint32_t next = aor->first_binding;

  add_heading(self, next == REGISTRATION_NONE ? "No contact was registered" : "Bindings");
  while (next != REGISTRATION_NONE) {
    const RegistrationBinding *binding = registrations_binding(text->registrations, next);
    g_string_truncate(raw, 0);
    g_string_append_len(raw, binding->contact.data, (gssize) binding->contact.len);
    g_string_append(raw, ": ");
    registration_append_facts(text, binding, raw);
    add_line(self, (Line){.style = registration_event_style(binding->state)}, raw);
    next = binding->next;
  }
}

/* Of very many only the newest. */
static void add_events(RegistrationView *self, const RegistrationText *text,
                       const RegistrationAor *aor)
{
  g_autoptr(GString) raw = g_string_new(NULL);
  RegistrationRun run;
  uint32_t at = aor->event_count > RUNS_MAX ? aor->event_count - RUNS_MAX : 0;

  add_heading(self, "Timeline");
  if (at > 0) {
    g_string_printf(raw, "%u earlier events are not shown", at);
    add_line(self, (Line){.style = STYLE_HINT}, raw);
  }
  while (registration_next_run(text->registrations, aor, REGISTRATION_ALL, &at, &run)) {
    const RegistrationEvent *event = run.last;
    g_string_truncate(raw, 0);
    registration_append_run(text, &run, aor->binding_count > 1, raw);
    add_line(self,
             (Line){.style = registration_event_style(event->kind),
                    .call = event->call,
                    .message = event->request != 0 ? event->request : event->final},
             raw);
  }
}

static void cut_line(RegistrationView *self, const Line *line)
{
  Slice rest = line->text;
  unsigned indent = 0;
  Line row = *line;

  do {
    unsigned width = MAX((unsigned) MAX(self->width, 1), indent + WORD) - indent;
    Slice words = rest.len > 0 ? text_take_words(&rest, width) : rest;
    g_autofree char *cut = g_strdup_printf("%*s%.*s", (int) indent, "", SLICE_ARG(words));
    row.text = indent > 0 ? arena_dup(&self->arena, slice_from_string(cut)) : words;
    g_array_append_val(self->rows, row);
    indent = INDENT;
  } while (rest.len > 0);
}

static void fit_rows(RegistrationView *self, int width)
{
  if (width == self->width)
    return;
  self->width = width;
  g_array_set_size(self->rows, 0);
  for (guint i = 0; i < self->lines->len; i++)
    cut_line(self, &g_array_index(self->lines, Line, i));
  self->table.cursor = MIN(self->table.cursor, (size_t) MAX(self->rows->len, 1U) - 1);
}

/* --- Drawing ---------------------------------------------------------------------------------- */

static void append_title(const View *view, GString *to)
{
  const RegistrationView *self = (const RegistrationView *) view;

  g_string_append(to, "registration of ");
  g_string_append_len(to, self->name.data, (gssize) self->name.len);
}

static void give_cell(void *data, size_t row, size_t column, TableCell *ret_cell)
{
  const RegistrationView *self = data;
  const Line *line = &g_array_index(self->rows, Line, row);

  (void) column;
  ret_cell->text = line->text;
  ret_cell->style = line->style;
}

static TableModel table_model(RegistrationView *self)
{
  return (TableModel){
    .row_count = self->rows->len,
    .columns = &self->column,
    .column_count = 1,
    .sorted = -1,
    .untitled = true,
    .cell = give_cell,
    .data = self,
  };
}

static void registration_view_draw(View *view, Canvas *canvas, Rect area)
{
  RegistrationView *self = (RegistrationView *) view;

  fit_rows(self, area.width - 1);
  self->column = (TableColumn){"", (unsigned) MAX(area.width - 1, 1), TEXT_LEFT};
  const TableModel model = table_model(self);
  table_draw(&self->table, canvas, area, &model);
}

/* --- Commands --------------------------------------------------------------------------------- */

/* To the message of the line, in the ladder of its call. */
static void open_line(RegistrationView *self)
{
  Host *host = self->view.host;
  const Line *line = self->table.cursor < self->rows->len
                       ? &g_array_index(self->rows, Line, self->table.cursor)
                       : NULL;
  const Call *call = line && line->call != 0 ? host_call(host, line->call) : NULL;
  const Message *message = call ? call->first : NULL;

  while (message && message->number != line->message)
    message = message->next;
  if (!message) {
    host_tell(host, STYLE_HINT, "no message belongs to this line");
    return;
  }
  View *flow = flow_view_new(host, &(FlowCalls){&call->number, 1, false});
  host_push(host, flow);
  flow_view_prove(flow, message, NULL);
}

static bool registration_view_command(View *view, CommandId id)
{
  RegistrationView *self = (RegistrationView *) view;

  if (id != COMMAND_OPEN)
    return table_command(&self->table, id);
  open_line(self);
  return true;
}

static bool registration_view_mouse(View *view, const KeyEvent *event)
{
  RegistrationView *self = (RegistrationView *) view;
  const TableModel model = table_model(self);
  size_t column = 0;
  TableClick click = table_mouse(&self->table, event, &model, &column);

  if (click == TABLE_CHOSEN)
    host_run(view->host, COMMAND_OPEN);
  return click != TABLE_NOTHING;
}

static void registration_view_close(View *view)
{
  RegistrationView *self = (RegistrationView *) view;

  g_array_unref(self->lines);
  g_array_unref(self->rows);
  arena_clear(&self->arena);
  g_free(self);
}

static bool lasts_days(const Registrations *registrations, const RegistrationAor *aor, Clock *clock)
{
  uint32_t first = aor->first_event, count = aor->event_count;

  return count > 0 &&
         clock_day(clock, registrations_event(registrations, first)->time_ns) !=
           clock_day(clock, registrations_event(registrations, first + count - 1)->time_ns);
}

View *registration_view_new(Host *host, const Registrations *registrations, uint32_t aor)
{
  static const ViewOps OPS = {
    .scope = SCOPE_REGISTRATION,
    .append_title = append_title,
    .draw = registration_view_draw,
    .command = registration_view_command,
    .close = registration_view_close,
    .mouse = registration_view_mouse,
  };
  const AppModel *model = host_model(host);
  const RegistrationAor *of = registrations_aor(registrations, aor);
  Clock clock = clock_new(TIME_ABSOLUTE, config_bool(model->config, SETTING_UTC));
  const RegistrationText text = {
    .registrations = registrations,
    .trace = model->trace,
    .aliases = config_bool(model->config, SETTING_ALIASES) ? model->aliases : NULL,
    .clock = &clock,
  };
  RegistrationView *self = g_new0(RegistrationView, 1);

  clock.digits = 3;
  clock.date = lasts_days(registrations, of, &clock);
  self->view = (View){.ops = &OPS, .host = host};
  self->width = -1;
  arena_init(&self->arena, ARENA_FIRST);
  self->lines = g_array_new(FALSE, FALSE, sizeof(Line));
  self->rows = g_array_new(FALSE, FALSE, sizeof(Line));
  self->name = keep_safe(self, of->name);
  add_bindings(self, &text, of);
  add_events(self, &text, of);
  return &self->view;
}
