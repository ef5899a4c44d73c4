#include "capture/language.h"
#include "ui/show/diff_layout.h"
#include "ui/view/message/message_page.h"
#include "ui/view/screens.h"
#include "ui/view/widget/table.h"

enum { FIRST_CHUNK = 4096 };

/* A message that is compared; it stays when its call is evicted. */
typedef struct {
  uint32_t number;
  Arena octets;
  SipMsg sip;
  char *when, *where; /* safe */
} Compared;

typedef struct {
  View view;
  Compared sides[DIFF_SIDES];
  char *apart; /* time between them */
  char *error; /* why one of them cannot be read, or NULL */
  Arena diff_arena, layout_arena;
  MessageDiff diff;
  DiffLayout layout;
  DiffLayoutOptions options; /* that it was built with */
  bool only_differences;
  Scroll scroll; /* lines */
  Rect area;
} DiffView;

static DiffView *diff_view(View *view)
{
  return (DiffView *) view;
}

/* --- reading --- */

static void load_side(DiffView *self, unsigned side, const Message *message)
{
  const AppModel *model = host_model(self->view.host);
  Compared *compared = &self->sides[side];
  g_autoptr(GString) when = g_string_new(NULL), where = g_string_new(NULL);
  g_autoptr(GError) error = NULL;

  compared->number = message->number;
  arena_init(&compared->octets, FIRST_CHUNK);
  g_string_append_printf(when, "%u  ", message->number);
  message_append_when(when, model, message);
  message_append_where(where, model, message);
  compared->when = g_string_free(g_steal_pointer(&when), FALSE);
  compared->where = g_string_free(g_steal_pointer(&where), FALSE);
  if (message_load(message, model->stores, &compared->octets, &compared->sip, &error))
    return;
  g_free(self->error);
  self->error = g_strdup(error->message);
}

static void lay_out_diff(DiffView *self, unsigned width, TextCharset charset)
{
  DiffLayoutOptions options = {width, charset, self->only_differences};

  if (options.width == self->options.width && options.charset == self->options.charset &&
      options.only_differences == self->options.only_differences)
    return;
  self->options = options;
  arena_reset(&self->layout_arena);
  self->layout = diff_layout_build(&self->layout_arena, &self->diff, &options);
}

/* Keys may ask for lines of the new comparison before it is drawn. */
static void compare_sides(DiffView *self)
{
  DiffLayoutOptions shown = self->options;

  arena_reset(&self->diff_arena);
  self->diff = (MessageDiff){0};
  self->layout = (DiffLayout){0};
  self->options = (DiffLayoutOptions){0}; /* the layout is of another comparison */
  if (self->error)
    return;
  self->diff = message_diff_build(&self->diff_arena, &self->sides[0].sip, &self->sides[1].sip);
  if (shown.width > 0)
    lay_out_diff(self, shown.width, shown.charset);
}

/* --- drawing --- */

static void diff_append_title(const View *view, GString *to)
{
  const DiffView *self = (const DiffView *) view;

  g_string_append_printf(to, _("messages %u and %u, %s apart: "), self->sides[0].number,
                         self->sides[1].number, self->apart);
  if (self->diff.differences == 0)
    g_string_append(to, _("no differences"));
  else
    g_string_append_printf(
      to, translate_count("%zu difference", "%zu differences", self->diff.differences),
      self->diff.differences);
  if (self->diff.cut)
    g_string_append(to, _(" and more"));
}

static void put_side_heading(Canvas *canvas, Rect at, const char *text)
{
  canvas_put_cell(canvas, at, &(CanvasText){slice_from_string(text), STYLE_HEADING, TEXT_LEFT});
}

/* Where a side is drawn; below each other, both share one area. */
static Rect side_area(const DiffView *self, Rect area, unsigned side)
{
  const DiffLayout *layout = &self->layout;
  int width = (int) layout->width, gutter = (int) layout->gutter;

  if (!layout->beside)
    return (Rect){area.x + gutter, area.y, area.width - gutter, area.height};
  return (Rect){area.x + (side == DIFF_LEFT_SIDE ? 0 : width + gutter), area.y, width, area.height};
}

static void draw_headings(const DiffView *self, Canvas *canvas, Rect *area)
{
  static const char *const MARKS[] = {"<", ">"};

  for (unsigned side = 0; side < DIFF_SIDES; side++) {
    const Compared *compared = &self->sides[side];

    if (self->layout.beside) {
      Rect at = side_area(self, *area, side);
      put_side_heading(canvas, rect_cut_top(&at, 1), compared->when);
      put_side_heading(canvas, rect_cut_top(&at, 1), compared->where);
      continue;
    }
    g_autofree char *both = g_strdup_printf("%s  %s", compared->when, compared->where);
    Rect line = rect_cut_top(area, 1);
    canvas_put_string(canvas, line.x, line.y, STYLE_HEADING, MARKS[side]);
    put_side_heading(canvas, side_area(self, line, side), both);
  }
  if (self->layout.beside)
    rect_cut_top(area, DIFF_SIDES);
}

static void draw_side(Canvas *canvas, Rect at, const DiffLine *line, unsigned side)
{
  const DiffText *text = &line->texts[side];
  Octets part = line->parts[side];
  Octets name = octets_common(part, (Octets){0, (uint32_t) text->name_len});
  Octets value = {part.offset + name.len, part.len - name.len};
  Style style = line->row->place == DIFF_START_LINE ? STYLE_HEADING : STYLE_PLAIN;
  int x = at.x;

  if (name.len > 0)
    x = canvas_put(canvas, x, at.y, STYLE_NAME, octets_slice(text->text, name));
  canvas_put(canvas, x, at.y, style, octets_slice(text->text, value));
  for (size_t i = 0; i < text->change_count; i++) {
    Octets common = octets_common(part, text->changes[i]);
    Octets before = {part.offset, common.offset - part.offset};

    if (common.len == 0)
      continue;
    canvas_mark(canvas,
                (Rect){at.x + (int) text_width(octets_slice(text->text, before)), at.y,
                       (int) text_width(octets_slice(text->text, common)), 1},
                CELL_CHANGED);
  }
}

static void draw_diff_line(const DiffView *self, Canvas *canvas, Rect at, const DiffLine *line)
{
  int x = self->layout.beside ? at.x + (int) self->layout.width + 1 : at.x;

  if (!line->row)
    return;
  char mark = diff_row_mark(line->row);
  if (!self->layout.beside && line->row->kind == DIFF_CHANGED)
    mark = line->has[DIFF_LEFT_SIDE] ? '<' : '>'; /* a line has one side only */
  Style style = diff_row_differs(line->row) ? STYLE_WARNING : STYLE_DIM;
  canvas_put(canvas, x, at.y, style, slice_of(&mark, 1));
  for (unsigned side = 0; side < DIFF_SIDES; side++)
    if (line->has[side])
      draw_side(canvas, side_area(self, at, side), line, side);
}

static void draw_diff_lines(DiffView *self, Canvas *canvas, Rect area)
{
  const DiffLayout *layout = &self->layout;
  int gutter_x = layout->beside ? area.x + (int) layout->width : area.x;

  self->area = area;
  scroll_fit(&self->scroll, layout->line_count, area.height);
  size_t last = MIN(layout->line_count, self->scroll.top + self->scroll.height);
  for (size_t i = self->scroll.top; i < last; i++) {
    Rect at = {area.x, area.y + (int) (i - self->scroll.top), area.width, 1};
    draw_diff_line(self, canvas, at, &layout->lines[i]);
    if (i != self->scroll.cursor)
      continue;
    canvas_mark(canvas, at, CELL_LIT);
    canvas_mark(canvas, (Rect){gutter_x, at.y, (int) layout->gutter, 1}, CELL_CURSOR);
  }
  if (layout->line_count == 0)
    canvas_put_string(canvas, area.x, area.y, STYLE_DIM,
                      _("No differences. Space shows everything."));
}

static void diff_draw(View *view, Canvas *canvas, Rect area)
{
  DiffView *self = diff_view(view);
  Rect before = canvas_clip(canvas, area);

  lay_out_diff(self, (unsigned) MAX(area.width, 0), canvas->charset);
  if (self->error) {
    canvas_put_string(canvas, area.x, area.y, STYLE_ERROR, self->error);
  } else {
    if (area.height > DIFF_SIDES + 1)
      draw_headings(self, canvas, &area);
    draw_diff_lines(self, canvas, area);
  }
  canvas_unclip(canvas, before);
}

/* --- commands --- */

static void go_to_difference(DiffView *self, int direction)
{
  /* The cursor may be below a layout that became shorter and was not drawn yet. */
  size_t line = MIN(self->scroll.cursor, self->layout.line_count);

  while (direction > 0 ? line + 1 < self->layout.line_count : line > 0) {
    line += direction > 0 ? 1 : (size_t) -1;
    const DiffLine *shown = &self->layout.lines[line];
    if (!shown->row || !shown->first || !diff_row_differs(shown->row))
      continue;
    scroll_to(&self->scroll, line);
    return;
  }
  host_tell(self->view.host, STYLE_HINT,
            direction > 0 ? N_("this is the last difference") : N_("this is the first difference"));
}

/* The cursor stays on its row, or goes to the next visible one. */
static void toggle_differences(DiffView *self)
{
  const DiffLayout *layout = &self->layout;
  size_t at = self->scroll.cursor;
  const DiffRow *row = at < layout->line_count ? layout->lines[at].row : NULL;

  self->only_differences = !self->only_differences;
  lay_out_diff(self, self->options.width, self->options.charset);
  for (size_t i = 0; row && i < layout->line_count; i++)
    if (layout->lines[i].row >= row) {
      scroll_to(&self->scroll, i);
      return;
    }
}

static bool diff_command(View *view, CommandId id)
{
  DiffView *self = diff_view(view);

  if (id == COMMAND_NEXT_DIFFERENCE || id == COMMAND_PREVIOUS_DIFFERENCE) {
    go_to_difference(self, id == COMMAND_NEXT_DIFFERENCE ? 1 : -1);
  } else if (id == COMMAND_ONLY_DIFFERENCES) {
    toggle_differences(self);
  } else if (id == COMMAND_SWAP_SIDES) {
    Compared left = self->sides[0];
    self->sides[0] = self->sides[1];
    self->sides[1] = left;
    compare_sides(self);
  } else {
    return scroll_command(&self->scroll, id);
  }
  return true;
}

static bool diff_mouse(View *view, const KeyEvent *event)
{
  DiffView *self = diff_view(view);
  size_t line = self->scroll.top + (size_t) MAX(event->y - self->area.y, 0);

  if (event->mouse != MOUSE_CLICK || !rect_has(self->area, event->x, event->y) ||
      line >= self->layout.line_count)
    return false;
  self->scroll.cursor = line;
  return true;
}

static void diff_close(View *view)
{
  DiffView *self = diff_view(view);

  for (unsigned side = 0; side < DIFF_SIDES; side++) {
    arena_clear(&self->sides[side].octets);
    g_free(self->sides[side].when);
    g_free(self->sides[side].where);
  }
  arena_clear(&self->diff_arena);
  arena_clear(&self->layout_arena);
  g_free(self->apart);
  g_free(self->error);
  g_free(self);
}

View *diff_view_new(Host *host, const Message *left, const Message *right)
{
  static const ViewOps OPS = {
    .scope = SCOPE_DIFF,
    .append_title = diff_append_title,
    .draw = diff_draw,
    .command = diff_command,
    .close = diff_close,
    .mouse = diff_mouse,
  };
  DiffView *self = g_new0(DiffView, 1);
  char apart[TIME_TEXT_MAX];

  self->view = (View){.ops = &OPS, .host = host};
  arena_init(&self->diff_arena, FIRST_CHUNK);
  arena_init(&self->layout_arena, FIRST_CHUNK);
  load_side(self, DIFF_LEFT_SIDE, left);
  load_side(self, DIFF_RIGHT_SIDE, right);
  self->apart = g_strdup(duration_format(ABS(right->time_ns - left->time_ns), apart));
  compare_sides(self);
  return &self->view;
}
