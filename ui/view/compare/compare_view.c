#include "capture/language.h"
#include "ui/show/compare_lines.h"
#include "ui/view/screens.h"
#include "ui/view/widget/list.h"

enum { SIDES = 2, ARENA_FIRST = 16 * 1024 };

typedef struct {
  View view;
  CallProfile *sides[SIDES]; /* they stay when their calls are evicted */
  Arena arena;               /* of what is below, made anew when the width or names change */
  CallComparison *comparison;
  GArray *lines; /* CompareLine */
  int width;
  TableColumn column;
  Table table;
} CompareView;

static const CompareLine *line_at(const CompareView *self, size_t line)
{
  return &g_array_index(self->lines, CompareLine, line);
}

static void make_lines(CompareView *self)
{
  const AppModel *model = host_model(self->view.host);

  arena_reset(&self->arena);
  g_clear_pointer(&self->lines, g_array_unref);
  self->comparison = call_compare(&self->arena, self->sides[0], self->sides[1]);
  self->lines = compare_lines_new(&(CompareLinesInput){
    .arena = &self->arena,
    .comparison = self->comparison,
    .charset = model->charset,
    .clock = clock_new(TIME_ABSOLUTE, config_bool(model->config, SETTING_UTC)),
    .width = (unsigned) MAX(self->width, 1),
  });
  self->table.cursor = MIN(self->table.cursor, (size_t) self->lines->len - 1);
}

/* --- drawing --- */

static void compare_append_title(const View *view, GString *to)
{
  const CompareView *self = (const CompareView *) view;
  size_t count = self->comparison->count + self->comparison->left_out;

  g_string_append_printf(to, _("calls %u and %u: "), self->sides[0]->number,
                         self->sides[1]->number);
  if (count == 0)
    g_string_append(to, _("no differences"));
  else
    g_string_append_printf(to, translate_count("%zu difference", "%zu differences", count), count);
}

static void give_cell(void *data, size_t row, size_t column, TableCell *ret_cell)
{
  const CompareLine *line = line_at(data, row);

  (void) column;
  ret_cell->text = line->text;
  ret_cell->style = line->style;
}

static TableModel table_model(CompareView *self)
{
  return (TableModel){
    .row_count = self->lines->len,
    .columns = &self->column,
    .column_count = 1,
    .sorted = -1,
    .untitled = true,
    .cell = give_cell,
    .data = self,
  };
}

static void compare_draw(View *view, Canvas *canvas, Rect area)
{
  CompareView *self = (CompareView *) view;

  if (self->width != area.width - 1) {
    self->width = area.width - 1;
    make_lines(self);
  }
  self->column = (TableColumn){"", (unsigned) MAX(area.width - 1, 1), TEXT_LEFT};
  const TableModel model = table_model(self);
  table_draw(&self->table, canvas, area, &model);
}

/* --- commands --- */

static void go_to_difference(CompareView *self, int direction)
{
  size_t line = self->table.cursor, before = line_at(self, line)->row;

  while (direction > 0 ? line + 1 < self->lines->len : line > 0) {
    line += direction > 0 ? 1 : (size_t) -1;
    const CompareLine *at = line_at(self, line);
    bool is_first = line == 0 || line_at(self, line - 1)->row != at->row;
    if (at->row == COMPARE_NO_ROW || at->row == before || !is_first)
      continue;
    self->table.cursor = line;
    return;
  }
  host_tell(self->view.host, STYLE_HINT,
            direction > 0 ? N_("this is the last difference") : N_("this is the first difference"));
}

static const Message *find_message(const CompareView *self, size_t side, uint32_t number)
{
  const Call *call = host_call(self->view.host, self->sides[side]->number);

  for (const Message *m = call && number != 0 ? call->first : NULL; m; m = m->next)
    if (m->number == number)
      return m;
  return NULL;
}

/* Both messages of the line beside each other, or the one that there is. */
static void open_line(CompareView *self)
{
  Host *host = self->view.host;
  size_t row = line_at(self, self->table.cursor)->row;
  const CompareRow *difference = row != COMPARE_NO_ROW ? &self->comparison->rows[row] : NULL;
  const Message *left = difference ? find_message(self, 0, difference->messages[0]) : NULL;
  const Message *right = difference ? find_message(self, 1, difference->messages[1]) : NULL;

  if (left && right)
    host_push(host, diff_view_new(host, left, right));
  else if (left || right)
    host_push(host, message_view_new(host, left ? left : right, NULL));
  else
    host_tell(host, STYLE_HINT, "no message belongs to this line");
}

static bool compare_command(View *view, CommandId id)
{
  CompareView *self = (CompareView *) view;

  if (id == COMMAND_OPEN) {
    open_line(self);
  } else if (id == COMMAND_NEXT_DIFFERENCE || id == COMMAND_PREVIOUS_DIFFERENCE) {
    go_to_difference(self, id == COMMAND_NEXT_DIFFERENCE ? 1 : -1);
  } else if (id == COMMAND_SWAP_SIDES) {
    CallProfile *left = self->sides[0];
    self->sides[0] = self->sides[1];
    self->sides[1] = left;
    make_lines(self);
  } else {
    return table_command(&self->table, id);
  }
  return true;
}

static bool compare_mouse(View *view, const KeyEvent *event)
{
  CompareView *self = (CompareView *) view;
  const TableModel model = table_model(self);

  return list_mouse(view->host, &self->table, event, &model);
}

static void compare_configured(View *view)
{
  make_lines((CompareView *) view);
}

static void compare_close(View *view)
{
  CompareView *self = (CompareView *) view;

  for (size_t i = 0; i < SIDES; i++)
    call_profile_free(self->sides[i]);
  g_array_unref(self->lines);
  arena_clear(&self->arena);
  g_free(self);
}

static void append_alias(const void *data, const Endpoint *endpoint, GString *to)
{
  aliases_append(data, endpoint, ALIAS_WITH_PORT, to);
}

View *compare_view_new(Host *host, uint32_t left, uint32_t right)
{
  static const ViewOps OPS = {
    .scope = SCOPE_COMPARISON,
    .append_title = compare_append_title,
    .draw = compare_draw,
    .command = compare_command,
    .close = compare_close,
    .mouse = compare_mouse,
    .configured = compare_configured,
  };
  const AppModel *model = host_model(host);
  const Aliases *aliases = config_bool(model->config, SETTING_ALIASES) ? model->aliases : NULL;
  g_autoptr(Diagnoser) diagnoser = diagnoser_new(model->trace, model->stores);
  CompareView *self = g_new0(CompareView, 1);

  self->view = (View){.ops = &OPS, .host = host};
  diagnoser->names = (EndpointNames){append_alias, aliases};
  self->sides[0] = call_profile_new(diagnoser, host_call(host, left), aliases);
  self->sides[1] = call_profile_new(diagnoser, host_call(host, right), aliases);
  arena_init(&self->arena, ARENA_FIRST);
  make_lines(self);
  return &self->view;
}
