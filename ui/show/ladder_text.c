#include "ui/show/ladder_text.h"

#include "ui/show/ladder_cells.h"

/* A line is written from left to right; `column` is the next lifeline. */
typedef struct {
  GString *to;
  const Ladder *ladder;
  const Look *look;
  unsigned x;
  size_t column;
  Style style; /* that is switched on */
} Pen;

static void pen_style(Pen *pen, Style style)
{
  if (pen->style == style)
    return;
  style_end(pen->to, pen->style, pen->look);
  style_begin(pen->to, style, pen->look);
  pen->style = style;
}

static void pen_glyph(Pen *pen, LadderGlyph glyph)
{
  g_string_append(pen->to, ladder_glyph_text(glyph, pen->look->charset));
  pen->x++;
}

static void pen_text(Pen *pen, Slice text, unsigned width)
{
  text_append_cell(pen->to, text, (TextCell){width, TEXT_LEFT}, pen->look->charset);
  pen->x += width;
}

static void pen_end_line(Pen *pen)
{
  pen_style(pen, STYLE_PLAIN);
  g_string_append_c(pen->to, '\n');
}

/* Number and time, and the blanks up to the first lifeline. */
static void put_gutter(Pen *pen, const LadderRow *row)
{
  const Ladder *ladder = pen->ladder;
  TextCell number = {ladder->number_width, TEXT_RIGHT}, time = {ladder->time_width, TEXT_RIGHT};

  pen_style(pen, STYLE_DIM);
  text_append_cell(pen->to, row->number, number, pen->look->charset);
  g_string_append_c(pen->to, ' ');
  text_append_cell(pen->to, row->time, time, pen->look->charset);
  pen->x = number.width + 1 + time.width;
  text_append_spaces(pen->to, ladder->columns[0].x - pen->x);
  pen->x = ladder->columns[0].x;
}

static void put_cell(Pen *pen, const LadderRow *row)
{
  bool lifeline = ladder_lifeline_at(pen->ladder, pen->x, &pen->column);
  Style style;

  if (pen->x == row->label_x && row->label_width > 0) {
    pen_style(pen, row->style);
    pen_text(pen, row->label, row->label_width);
    return;
  }
  LadderGlyph glyph = ladder_cell(row, pen->x, lifeline, &style);
  if (glyph != LADDER_BLANK) /* a blank looks the same in any style */
    pen_style(pen, style);
  pen_glyph(pen, glyph);
}

void ladder_text_row(GString *to, const Ladder *ladder, size_t row_index, const Look *look)
{
  const LadderRow *row = &ladder->rows[row_index];
  Pen pen = {.to = to, .ladder = ladder, .look = look};
  unsigned end = ladder_row_end(ladder, row);

  put_gutter(&pen, row);
  while (pen.x < end)
    put_cell(&pen, row);
  pen_end_line(&pen);
}

static void put_blanks_to(Pen *pen, unsigned x)
{
  if (x > pen->x) {
    text_append_spaces(pen->to, x - pen->x);
    pen->x = x;
  }
}

void ladder_text_names(GString *to, const Ladder *ladder, unsigned line, const Look *look)
{
  Pen pen = {.to = to, .ladder = ladder, .look = look};

  for (size_t i = 0; i < ladder->column_count; i++) {
    const LadderColumn *column = &ladder->columns[i];
    const LadderName *name = ladder_name_on_line(column, line);

    if (name) {
      put_blanks_to(&pen, name->x);
      pen_style(&pen, STYLE_HEADING);
      pen_text(&pen, name->text, name->width);
      pen_style(&pen, STYLE_PLAIN);
    } else if (line >= column->name_end) { /* its name is higher */
      put_blanks_to(&pen, column->x);
      pen_style(&pen, STYLE_DIM);
      pen_glyph(&pen, LADDER_LIFELINE);
      pen_style(&pen, STYLE_PLAIN);
    }
  }
  pen_end_line(&pen);
}
