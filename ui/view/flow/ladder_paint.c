#include "ui/view/flow/ladder_paint.h"

#include "ui/show/ladder_draw.h"

unsigned ladder_paint_gutter(const Ladder *ladder)
{
  return ladder->number_width + 1 + ladder->time_width + 1;
}

unsigned ladder_paint_scroll_max(const LadderPaint *paint)
{
  unsigned width = (unsigned) MAX(paint->area.width, 0);

  return paint->ladder->width > width ? paint->ladder->width - width : 0;
}

int ladder_paint_x(const LadderPaint *paint, unsigned x)
{
  return paint->area.x + (int) x - (int) paint->scroll;
}

/* The part that scrolls. */
static Rect body(const LadderPaint *paint)
{
  Rect area = paint->area;

  rect_cut_left(&area, (int) ladder_paint_gutter(paint->ladder));
  return area;
}

static void put_name(const LadderPaint *paint, const LadderName *name, int y)
{
  Rect at = {ladder_paint_x(paint, name->x), y, (int) name->width, 1};

  canvas_put_cell(paint->canvas, at, &(CanvasText){name->text, STYLE_HEADING, TEXT_LEFT});
}

static void put_glyph(const LadderPaint *paint, int x, int y, LadderGlyph glyph, Style style)
{
  canvas_put_string(paint->canvas, x, y, style, ladder_glyph_text(glyph, paint->canvas->charset));
}

static void paint_names_line(const LadderPaint *paint, unsigned line)
{
  const Ladder *ladder = paint->ladder;
  int y = paint->area.y + (int) line;

  for (size_t i = 0; i < ladder->column_count; i++) {
    const LadderColumn *column = &ladder->columns[i];
    const LadderName *name = ladder_name_on_line(column, line);

    if (name)
      put_name(paint, name, y);
    else if (line >= column->name_end) /* its name is higher */
      put_glyph(paint, ladder_paint_x(paint, column->x), y, LADDER_LIFELINE, STYLE_DIM);
  }
}

void ladder_paint_names(const LadderPaint *paint)
{
  /* the first name reaches over the times, as long as nothing is scrolled */
  Rect before = canvas_clip(paint->canvas, paint->scroll > 0 ? body(paint) : paint->area);

  for (unsigned line = 0; line < paint->ladder->name_lines; line++)
    paint_names_line(paint, line);
  canvas_unclip(paint->canvas, before);
}

static void paint_gutter(const LadderPaint *paint, int y, const LadderRow *row)
{
  const Ladder *ladder = paint->ladder;
  Rect at = {paint->area.x, y, (int) ladder->number_width, 1};

  canvas_put_cell(paint->canvas, at, &(CanvasText){row->number, STYLE_DIM, TEXT_RIGHT});
  at.x += at.width + 1;
  at.width = (int) ladder->time_width;
  canvas_put_cell(paint->canvas, at, &(CanvasText){row->time, STYLE_DIM, TEXT_RIGHT});
}

void ladder_paint_row(const LadderPaint *paint, int y, const LadderRow *row)
{
  const Ladder *ladder = paint->ladder;
  unsigned end = MIN(ladder_row_end(ladder, row), paint->scroll + (unsigned) paint->area.width);
  Rect label = {ladder_paint_x(paint, row->label_x), y, (int) row->label_width, 1};
  Rect before = canvas_clip(paint->canvas, paint->area);
  size_t column = 0;
  Style style;

  paint_gutter(paint, y, row);
  canvas_clip(paint->canvas, body(paint));
  for (unsigned x = paint->scroll + ladder_paint_gutter(ladder); x < end; x++) {
    LadderGlyph glyph = ladder_cell(row, x, ladder_lifeline_at(ladder, x, &column), &style);

    if (glyph != LADDER_BLANK)
      put_glyph(paint, ladder_paint_x(paint, x), y, glyph, style);
  }
  canvas_put_cell(paint->canvas, label, &(CanvasText){row->label, row->style, TEXT_LEFT});
  canvas_unclip(paint->canvas, before);
}

void ladder_paint_lifelines(const LadderPaint *paint, int y, bool paused)
{
  Rect before = canvas_clip(paint->canvas, body(paint));

  for (size_t i = 0; i < paint->ladder->column_count; i++)
    put_glyph(paint, ladder_paint_x(paint, paint->ladder->columns[i].x), y,
              paused ? LADDER_PAUSE : LADDER_LIFELINE, STYLE_DIM);
  canvas_unclip(paint->canvas, before);
}

void ladder_paint_text(const LadderPaint *paint, int y, unsigned x, Slice text, Style style)
{
  Rect before = canvas_clip(paint->canvas, body(paint));
  Rect at = {ladder_paint_x(paint, x), y, (int) text_width(text), 1};

  at.width = MIN(at.width, paint->area.x + paint->area.width - at.x);
  canvas_put_cell(paint->canvas, at, &(CanvasText){text, style, TEXT_LEFT});
  canvas_unclip(paint->canvas, before);
}

void ladder_paint_mark(const LadderPaint *paint, int y, const LadderRow *row, unsigned marks)
{
  Rect area = {paint->area.x, y, paint->area.width, 1};
  Rect gutter = rect_cut_left(&area, (int) ladder_paint_gutter(paint->ladder) - 1);
  Rect arrow = {ladder_paint_x(paint, row->left) + 1, y, (int) (row->right - row->left) - 1, 1};
  Rect label = {ladder_paint_x(paint, row->label_x), y, (int) row->label_width, 1};

  canvas_mark(paint->canvas, gutter, marks);
  canvas_mark(paint->canvas, rect_meet(body(paint), arrow), marks);
  canvas_mark(paint->canvas, rect_meet(body(paint), label), marks);
}

size_t ladder_paint_column_at(const LadderPaint *paint, int x)
{
  const Ladder *ladder = paint->ladder;
  size_t nearest = 0;

  for (size_t i = 1; i < ladder->column_count; i++)
    if (abs(ladder_paint_x(paint, ladder->columns[i].x) - x) <
        abs(ladder_paint_x(paint, ladder->columns[nearest].x) - x))
      nearest = i;
  return nearest;
}
