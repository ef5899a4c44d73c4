#include "ui/view/ladder_text.h"

typedef enum {
  GLYPH_BLANK,
  GLYPH_LIFELINE,
  GLYPH_LINE,
  GLYPH_DASH,
  GLYPH_CROSSING,
  GLYPH_HEAD_LEFT,
  GLYPH_HEAD_RIGHT,
  GLYPH_LOOP_LEFT,  /* the corner of a loop left of its lifeline */
  GLYPH_LOOP_RIGHT, /* right of it */
  GLYPH_COUNT,
} Glyph;

static const char *const GLYPHS[GLYPH_COUNT][2] = {
  [GLYPH_BLANK] = {" ", " "},      [GLYPH_LIFELINE] = {"│", "|"},  [GLYPH_LINE] = {"─", "-"},
  [GLYPH_DASH] = {"╌", "."},       [GLYPH_CROSSING] = {"┼", "+"},  [GLYPH_HEAD_LEFT] = {"◄", "<"},
  [GLYPH_HEAD_RIGHT] = {"►", ">"}, [GLYPH_LOOP_LEFT] = {"╭", "+"}, [GLYPH_LOOP_RIGHT] = {"╮", "+"},
};

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

static bool pen_at_lifeline(Pen *pen)
{
  const Ladder *ladder = pen->ladder;

  while (pen->column < ladder->column_count && ladder->columns[pen->column].x < pen->x)
    pen->column++;
  return pen->column < ladder->column_count && ladder->columns[pen->column].x == pen->x;
}

static void pen_glyph(Pen *pen, Glyph glyph)
{
  g_string_append(pen->to, GLYPHS[glyph][pen->look->charset == TEXT_ASCII]);
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

static bool is_head(const LadderRow *row, unsigned x)
{
  return x == (row->to_right ? row->right - 1 : row->left + 1);
}

static Glyph arrow_glyph(const LadderRow *row, unsigned x, bool lifeline)
{
  if (is_head(row, x))
    return row->to_right ? GLYPH_HEAD_RIGHT : GLYPH_HEAD_LEFT;
  if (lifeline)
    return GLYPH_CROSSING;
  return row->dashed ? GLYPH_DASH : GLYPH_LINE;
}

/* "<-+" right of the lifeline, "+->" left of it. */
static Glyph loop_glyph(const LadderRow *row, unsigned x)
{
  unsigned away = x > row->left ? x - row->left : row->left - x;

  if (away == 1)
    return row->to_right ? GLYPH_HEAD_RIGHT : GLYPH_HEAD_LEFT;
  if (away == 2)
    return row->dashed ? GLYPH_DASH : GLYPH_LINE;
  return row->to_right ? GLYPH_LOOP_LEFT : GLYPH_LOOP_RIGHT;
}

static bool is_on_loop(const LadderRow *row, unsigned x)
{
  if (row->left != row->right)
    return false;
  return row->to_right ? x + 3 >= row->left && x < row->left : x > row->left && x <= row->left + 3;
}

static void put_cell(Pen *pen, const LadderRow *row)
{
  bool lifeline = pen_at_lifeline(pen);
  bool beside_label = row->label_width > 0 &&
                      (pen->x + 1 == row->label_x || pen->x == row->label_x + row->label_width);
  bool on_arrow = pen->x > row->left && pen->x < row->right;

  if (pen->x == row->label_x && row->label_width > 0) {
    pen_style(pen, row->style);
    pen_text(pen, row->label, row->label_width);
  } else if (on_arrow && (!beside_label || is_head(row, pen->x))) {
    pen_style(pen, row->style);
    pen_glyph(pen, arrow_glyph(row, pen->x, lifeline));
  } else if (is_on_loop(row, pen->x)) {
    pen_style(pen, row->style);
    pen_glyph(pen, loop_glyph(row, pen->x));
  } else {
    bool shown = lifeline && !(on_arrow && beside_label);
    if (shown) /* a blank looks the same in any style */
      pen_style(pen, STYLE_DIM);
    pen_glyph(pen, shown ? GLYPH_LIFELINE : GLYPH_BLANK);
  }
}

void ladder_text_row(GString *to, const Ladder *ladder, size_t row_index, const Look *look)
{
  const LadderRow *row = &ladder->rows[row_index];
  Pen pen = {.to = to, .ladder = ladder, .look = look};
  unsigned end =
    MAX(ladder->columns[ladder->column_count - 1].x + 1, row->label_x + row->label_width);

  put_gutter(&pen, row);
  while (pen.x < end)
    put_cell(&pen, row);
  pen_end_line(&pen);
}

/* The part of a column's name on that line; NULL when there is none. */
static const LadderName *name_on_line(const LadderColumn *column, unsigned line)
{
  return line >= column->name_top && line < column->name_end ? &column->name[line] : NULL;
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
    const LadderName *name = name_on_line(column, line);

    if (name) {
      put_blanks_to(&pen, name->x);
      pen_style(&pen, STYLE_HEADING);
      pen_text(&pen, name->text, name->width);
      pen_style(&pen, STYLE_PLAIN);
    } else if (line >= column->name_end) { /* its name is higher */
      put_blanks_to(&pen, column->x);
      pen_style(&pen, STYLE_DIM);
      pen_glyph(&pen, GLYPH_LIFELINE);
      pen_style(&pen, STYLE_PLAIN);
    }
  }
  pen_end_line(&pen);
}
