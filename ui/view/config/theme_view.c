#include "capture/error.h"
#include "capture/language.h"
#include "ui/view/screens.h"
#include "ui/view/widget/ask.h"
#include "ui/view/widget/table.h"

enum { NAME_WIDTH = 13, PAINT_WIDTH = 32, SAMPLE_WIDTH = 24, GAP = 1, PARTS_MAX = STYLE_COUNT + 8 };

typedef struct {
  View view;
  char *group; /* of the configuration, with the changes */
  Theme theme;
  ThemePart parts[PARTS_MAX];
  size_t count;
  bool changed[PARTS_MAX];
  Table table;
  GString *text; /* of one cell */
} ThemeView;

/* What the styles are for; the others show their name. */
static const struct {
  const char *part, *text;
} SAMPLES[] = {
  {"plain", "alice@example.com"},
  {"dim", "10:00:00.012"},
  {"heading", "SIP"},
  {"request", "INVITE (PCMU PCMA)"},
  {"provisional", "180 Ringing"},
  {"success", "200 OK"},
  {"redirect", "302 Moved Temporarily"},
  {"challenge", "401 Unauthorized"},
  {"failure", "486 Busy Here"},
  {"key", "F1"},
  {"name", "Call-ID"},
  {"uri", "sip:bob@example.com"},
  {"parameter", ";tag=1928301774"},
  {"sdp", "m=audio 20000 RTP/AVP 0"},
};

static Config *config_of(const ThemeView *self)
{
  return host_model(self->view.host)->config;
}

static const ThemePart *part_of_cursor(const ThemeView *self)
{
  return &self->parts[self->table.cursor];
}

/* Also when another theme was chosen meanwhile. */
static void read_theme(ThemeView *self)
{
  const Config *config = config_of(self);

  g_free(self->group);
  self->group = config_theme_group(config);
  self->theme = config_theme(config, NULL);
  self->count = 0;
  while (self->count < PARTS_MAX &&
         theme_part(&self->theme, self->count, &self->parts[self->count])) {
    g_autofree char *own = config_value(config, self->group, self->parts[self->count].name);
    self->changed[self->count++] = own != NULL;
  }
  self->table.row_count = self->count; /* keys may come before it is drawn */
}

/* --- drawing --- */

static void theme_append_title(const View *view, GString *to)
{
  (void) view;
  g_string_append(to, _("theme"));
}

static void give_cell(void *data, size_t row, size_t column, TableCell *ret_cell)
{
  enum { NAME, PAINT };
  ThemeView *self = data;

  g_string_truncate(self->text, 0);
  if (column == NAME)
    g_string_append(self->text, self->parts[row].name);
  else if (column == PAINT)
    paint_append(&self->parts[row].paint, self->text);
  *ret_cell = (TableCell){.text = slice_of(self->text->str, self->text->len)};
}

static bool is_changed(void *data, size_t row)
{
  return ((const ThemeView *) data)->changed[row];
}

static TableModel table_model(ThemeView *self)
{
  static const TableColumn COLUMNS[] = {{N_("Style"), NAME_WIDTH, TEXT_LEFT},
                                        {N_("Colours"), PAINT_WIDTH, TEXT_LEFT}};

  return (TableModel){
    .row_count = self->count,
    .columns = COLUMNS,
    .column_count = G_N_ELEMENTS(COLUMNS),
    .sorted = -1,
    .is_marked = is_changed,
    .cell = give_cell,
    .data = self,
  };
}

static const char *sample_of(const char *part)
{
  for (size_t i = 0; i < G_N_ELEMENTS(SAMPLES); i++)
    if (strcmp(SAMPLES[i].part, part) == 0)
      return SAMPLES[i].text;
  return part;
}

/* Beside the table, where its cursor does not cover them. */
static void draw_samples(const ThemeView *self, Canvas *canvas, Rect at)
{
  for (size_t row = self->table.top; row < self->count && at.height > 0; row++) {
    const ThemePart *part = &self->parts[row];
    Rect line = rect_cut_top(&at, 1);

    canvas_put_cell(
      canvas, line,
      &(CanvasText){slice_from_string(sample_of(part->name)), part->style, TEXT_LEFT});
    canvas_mark(canvas, line, part->mark);
  }
}

static void theme_draw(View *view, Canvas *canvas, Rect area)
{
  ThemeView *self = (ThemeView *) view;
  enum {
    MARKS_AND_BAR = 3,
    WIDTH = MARKS_AND_BAR + NAME_WIDTH + PAINT_WIDTH + SAMPLE_WIDTH + 2 * GAP
  };
  const Rect size = {.width = WIDTH, .height = (int) self->count + 1};
  g_autofree char *title = g_strdup_printf(_("Theme %s"), self->group + strlen("theme "));
  TableModel model = table_model(self);
  Rect inside = canvas_dialog(canvas, area, size, title);
  Rect samples = rect_cut_right(&inside, MIN(SAMPLE_WIDTH, inside.width / 3));

  rect_cut_right(&inside, GAP);
  table_draw(&self->table, canvas, inside, &model);
  canvas_put_cell(canvas, rect_cut_top(&samples, 1),
                  &(CanvasText){slice_from_string(_("Sample")), STYLE_TITLE, TEXT_LEFT});
  draw_samples(self, canvas, samples);
}

/* --- changes --- */

/* NULL: as the theme has it. */
static void set_paint(ThemeView *self, const char *part, const char *paint)
{
  config_set_value(config_of(self), self->group, part, paint);
  host_configured(self->view.host);
}

static void change_paint(ThemeView *self, const Paint *paint)
{
  g_autoptr(GString) text = g_string_new(NULL);

  paint_append(paint, text);
  set_paint(self, part_of_cursor(self)->name, text->str);
}

static bool step_color(ThemeView *self, CommandId id)
{
  Paint paint = part_of_cursor(self)->paint;

  if (id == COMMAND_FOREGROUND_NEXT || id == COMMAND_FOREGROUND_PREVIOUS)
    paint.foreground = paint_color_beside(paint.foreground, id == COMMAND_FOREGROUND_NEXT ? 1 : -1);
  else if (id == COMMAND_BACKGROUND_NEXT || id == COMMAND_BACKGROUND_PREVIOUS)
    paint.background = paint_color_beside(paint.background, id == COMMAND_BACKGROUND_NEXT ? 1 : -1);
  else
    return false;
  change_paint(self, &paint);
  return true;
}

static bool turn_attribute(ThemeView *self, CommandId id)
{
  static const struct {
    CommandId id;
    unsigned attribute;
  } ATTRIBUTES[] = {
    {COMMAND_PAINT_BOLD, PAINT_BOLD},       {COMMAND_PAINT_DIM, PAINT_DIM},
    {COMMAND_PAINT_ITALIC, PAINT_ITALIC},   {COMMAND_PAINT_UNDERLINE, PAINT_UNDERLINE},
    {COMMAND_PAINT_REVERSE, PAINT_REVERSE},
  };
  Paint paint = part_of_cursor(self)->paint;

  for (size_t i = 0; i < G_N_ELEMENTS(ATTRIBUTES); i++)
    if (ATTRIBUTES[i].id == id) {
      paint.attributes ^= ATTRIBUTES[i].attribute;
      change_paint(self, &paint);
      return true;
    }
  return false;
}

static void add_names(const char *const *names, size_t count, Slice typed, GPtrArray *candidates)
{
  for (size_t i = 0; i < count && names[i]; i++)
    if (slice_starts_with_nocase(slice_from_string(names[i]), typed))
      g_ptr_array_add(candidates, g_strdup(names[i]));
}

static size_t complete_paint(void *data, Slice before_cursor, GPtrArray *candidates)
{
  size_t start = before_cursor.len;

  (void) data;
  while (start > 0 && before_cursor.data[start - 1] != ' ')
    start--;
  Slice typed = slice_from(before_cursor, start);
  add_names(paint_color_names(), SIZE_MAX, typed, candidates);
  add_names(PAINT_ATTRIBUTE_NAMES, PAINT_ATTRIBUTE_COUNT, typed, candidates);
  return start;
}

static void paint_typed(void *data, Host *host, const char *text)
{
  ThemeView *self = data;
  const char *part = part_of_cursor(self)->name;
  Theme tried = self->theme;
  g_autoptr(GError) error = NULL;

  if (theme_set(&tried, part, text, &error))
    set_paint(self, part, text);
  else
    host_tell(host, STYLE_ERROR, "%s", error->message);
}

static void ask_paint(ThemeView *self)
{
  const ThemePart *part = part_of_cursor(self);
  g_autofree char *label = g_strdup_printf("%s = ", part->name);
  g_autoptr(GString) text = g_string_new(NULL);

  paint_append(&part->paint, text);
  ask_line(self->view.host, &(AskSetup){.label = label,
                                        .text = text->str,
                                        .complete = complete_paint,
                                        .done = paint_typed,
                                        .data = self});
}

static void drop_all(void *data, Host *host)
{
  ThemeView *self = data;

  for (size_t i = 0; i < self->count; i++)
    config_set_value(config_of(self), self->group, self->parts[i].name, NULL);
  host_configured(host);
}

static void leave(ThemeView *self)
{
  Host *host = self->view.host;
  g_autoptr(GError) error = NULL;

  if (!config_save(config_of(self), &error))
    host_tell(host, STYLE_ERROR, "%s", error->message);
  host_close(host, &self->view);
}

static bool theme_command(View *view, CommandId id)
{
  ThemeView *self = (ThemeView *) view;

  if (id == COMMAND_BACK)
    leave(self);
  else if (id == COMMAND_THEME_EDIT)
    ask_paint(self);
  else if (id == COMMAND_THEME_DEFAULT)
    set_paint(self, part_of_cursor(self)->name, NULL);
  else if (id == COMMAND_THEME_DEFAULTS)
    ask_question(view->host, _("Drop all changes of the theme?"), drop_all, self);
  else
    return step_color(self, id) || turn_attribute(self, id) || table_command(&self->table, id);
  return true;
}

static bool theme_mouse(View *view, const KeyEvent *event)
{
  ThemeView *self = (ThemeView *) view;
  TableModel model = table_model(self);
  size_t column;
  TableClick click = table_mouse(&self->table, event, &model, &column);

  if (click == TABLE_CHOSEN)
    ask_paint(self);
  return click != TABLE_NOTHING;
}

static void theme_configured(View *view)
{
  read_theme((ThemeView *) view);
}

static void theme_close(View *view)
{
  ThemeView *self = (ThemeView *) view;

  g_string_free(self->text, TRUE);
  g_free(self->group);
  g_free(self);
}

View *theme_view_new(Host *host)
{
  static const ViewOps OPS = {
    .scope = SCOPE_THEME,
    .is_dialog = true,
    .append_title = theme_append_title,
    .draw = theme_draw,
    .command = theme_command,
    .close = theme_close,
    .mouse = theme_mouse,
    .configured = theme_configured,
  };
  ThemeView *self = g_new0(ThemeView, 1);

  self->view = (View){.ops = &OPS, .host = host};
  self->text = g_string_new(NULL);
  read_theme(self);
  return &self->view;
}
