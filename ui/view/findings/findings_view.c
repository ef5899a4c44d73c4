#include "capture/language.h"
#include "dissect/diagnose/diagnosis.h"
#include "ui/show/finding_rows.h"
#include "ui/view/screens.h"
#include "ui/view/widget/list.h"

enum {
  CALLS_MAX = 16, /* that are diagnosed at once: a key must not take long */
  ARENA_FIRST = 64 * 1024,
};

typedef struct {
  View view;
  uint32_t calls[CALLS_MAX];
  size_t count, left_out;
  FindingsGo go;
  void *data;
  Diagnoser *diagnoser;

  /* Made anew when the width or names change; nothing of them points into the trace. */
  Arena arena;
  GArray *rows;     /* FindingRowLine */
  GArray *findings; /* Finding, of all calls; `finding` of the rows is an index here */
  int width;
  TableColumn column;
  Table table;
} FindingsView;

static const FindingRowLine *row_at(const FindingsView *self, size_t row)
{
  return &g_array_index(self->rows, FindingRowLine, row);
}

/* --- rows --- */

static void append_alias(const void *data, const Endpoint *endpoint, GString *to)
{
  aliases_append(data, endpoint, ALIAS_WITH_PORT, to);
}

static void add_call(FindingsView *self, const Call *call, const Aliases *aliases)
{
  const AppModel *model = host_model(self->view.host);
  guint first_row = self->rows->len;
  Diagnosis diagnosis;

  diagnose_call(self->diagnoser, call, &self->arena, &diagnosis);
  const FindingRowsInput input = {
    .arena = &self->arena,
    .trace = model->trace,
    .call = call,
    .diagnosis = &diagnosis,
    .aliases = aliases,
    .charset = model->charset,
    .clock = clock_new(TIME_ABSOLUTE, config_bool(model->config, SETTING_UTC)),
    .width = (unsigned) MAX(self->width, 1),
  };
  g_autoptr(GArray) rows = finding_rows_new(&input);
  const FindingRowLine gap = {.finding = FINDING_NONE};
  if (first_row > 0)
    g_array_append_val(self->rows, gap);
  for (guint i = 0; i < rows->len; i++) {
    FindingRowLine row = g_array_index(rows, FindingRowLine, i);
    if (row.finding != FINDING_NONE)
      row.finding += self->findings->len;
    g_array_append_val(self->rows, row);
  }
  g_array_append_vals(self->findings, diagnosis.findings.items, (guint) diagnosis.findings.count);
  diagnosis_clear(&diagnosis);
}

static void make_rows(FindingsView *self)
{
  const AppModel *model = host_model(self->view.host);
  const Aliases *aliases = config_bool(model->config, SETTING_ALIASES) ? model->aliases : NULL;

  arena_reset(&self->arena);
  g_array_set_size(self->rows, 0);
  g_array_set_size(self->findings, 0);
  self->diagnoser->names = (EndpointNames){append_alias, aliases};
  for (size_t i = 0; i < self->count; i++) {
    const Call *call = host_call(self->view.host, self->calls[i]);
    if (call)
      add_call(self, call, aliases);
  }
  if (self->left_out == 0)
    return;
  g_autofree char *text = g_strdup_printf(_("%zu more calls are not shown"), self->left_out);
  const FindingRowLine more = {.text = arena_dup(&self->arena, slice_from_string(text)),
                               .style = STYLE_HINT,
                               .finding = FINDING_NONE};
  g_array_append_val(self->rows, more);
}

static void fit_rows(FindingsView *self, int width)
{
  if (width == self->width)
    return;
  self->width = width;
  make_rows(self);
  self->table.cursor = MIN(self->table.cursor, self->rows->len > 0 ? self->rows->len - 1U : 0U);
}

/* --- drawing --- */

static void findings_append_title(const View *view, GString *to)
{
  const FindingsView *self = (const FindingsView *) view;

  if (self->count == 1)
    g_string_append_printf(to, _("findings of call %u"), self->calls[0]);
  else
    g_string_append_printf(to, _("findings of %zu calls"), self->count + self->left_out);
}

static void give_cell(void *data, size_t row, size_t column, TableCell *ret_cell)
{
  const FindingRowLine *line = row_at(data, row);

  (void) column;
  ret_cell->text = line->text;
  ret_cell->style = line->style;
}

static TableModel table_model(FindingsView *self)
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

static void findings_draw(View *view, Canvas *canvas, Rect area)
{
  FindingsView *self = (FindingsView *) view;

  fit_rows(self, area.width - 1);
  self->column = (TableColumn){"", (unsigned) MAX(area.width - 1, 1), TEXT_LEFT};
  const TableModel model = table_model(self);
  table_draw(&self->table, canvas, area, &model);
}

/* --- commands --- */

static const Message *find_message(const FindingsView *self, uint32_t number)
{
  for (size_t i = 0; i < self->count; i++) {
    const Call *call = host_call(self->view.host, self->calls[i]);
    if (!call || number < call->first->number || number > call->last->number)
      continue;
    for (const Message *m = call->first; m; m = m->next)
      if (m->number == number)
        return m;
  }
  return NULL;
}

/* To the message of the row, in the ladder below or in a new one. */
static void open_row(FindingsView *self)
{
  const FindingRowLine *row =
    self->table.cursor < self->rows->len ? row_at(self, self->table.cursor) : NULL;
  const Message *message = row && row->message != 0 ? find_message(self, row->message) : NULL;
  const Finding *finding = row && row->finding != FINDING_NONE
                             ? &g_array_index(self->findings, Finding, row->finding)
                             : NULL;
  Host *host = self->view.host;

  if (!message) {
    host_tell(host, STYLE_HINT, "no message belongs to this line");
    return;
  }
  if (self->go) {
    self->go(self->data, message, finding);
    host_close(host, &self->view);
    return;
  }
  uint32_t call = message->transaction->call->number;
  View *flow = flow_view_new(host, &(FlowCalls){&call, 1, false});
  host_push(host, flow);
  flow_view_prove(flow, message, finding);
}

static bool findings_command(View *view, CommandId id)
{
  FindingsView *self = (FindingsView *) view;

  if (id == COMMAND_OPEN)
    open_row(self);
  else
    return table_command(&self->table, id);
  return true;
}

static bool findings_mouse(View *view, const KeyEvent *event)
{
  FindingsView *self = (FindingsView *) view;
  const TableModel model = table_model(self);

  return list_mouse(view->host, &self->table, event, &model);
}

static bool findings_go(View *view, uint32_t number)
{
  FindingsView *self = (FindingsView *) view;

  for (guint i = 0; i < self->rows->len; i++)
    if (row_at(self, i)->message == number) {
      self->table.cursor = i;
      return true;
    }
  return false;
}

static void findings_configured(View *view)
{
  ((FindingsView *) view)->width = -1;
}

static void findings_close(View *view)
{
  FindingsView *self = (FindingsView *) view;

  diagnoser_free(self->diagnoser);
  g_array_unref(self->rows);
  g_array_unref(self->findings);
  arena_clear(&self->arena);
  g_free(self);
}

View *findings_view_new(Host *host, const FindingsOf *of)
{
  static const ViewOps OPS = {
    .scope = SCOPE_FINDINGS,
    .append_title = findings_append_title,
    .draw = findings_draw,
    .command = findings_command,
    .close = findings_close,
    .mouse = findings_mouse,
    .go = findings_go,
    .configured = findings_configured,
  };
  const AppModel *model = host_model(host);
  FindingsView *self = g_new0(FindingsView, 1);

  self->view = (View){.ops = &OPS, .host = host};
  self->count = MIN(of->count, (size_t) CALLS_MAX);
  self->left_out = of->count - self->count;
  memcpy(self->calls, of->calls, self->count * sizeof *of->calls);
  self->go = of->go;
  self->data = of->data;
  self->diagnoser = diagnoser_new(model->trace, model->stores);
  self->rows = g_array_new(FALSE, FALSE, sizeof(FindingRowLine));
  self->findings = g_array_new(FALSE, FALSE, sizeof(Finding));
  self->width = -1;
  arena_init(&self->arena, ARENA_FIRST);
  return &self->view;
}
