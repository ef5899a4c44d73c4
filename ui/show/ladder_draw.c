#include "ui/show/ladder_draw.h"

static const char *const GLYPHS[LADDER_GLYPH_COUNT][2] = {
  [LADDER_BLANK] = {" ", " "},     [LADDER_LIFELINE] = {"│", "|"},
  [LADDER_PAUSE] = {"┊", ":"},     [LADDER_LINE] = {"─", "-"},
  [LADDER_DASH] = {"╌", "."},      [LADDER_CROSSING] = {"┼", "+"},
  [LADDER_DOUBLE] = {"═", "="},    [LADDER_DOUBLE_CROSSING] = {"╪", "+"},
  [LADDER_HEAD_LEFT] = {"◄", "<"}, [LADDER_HEAD_RIGHT] = {"►", ">"},
  [LADDER_LOOP_LEFT] = {"╭", "+"}, [LADDER_LOOP_RIGHT] = {"╮", "+"},
};

const char *ladder_glyph_text(LadderGlyph glyph, TextCharset charset)
{
  return GLYPHS[glyph][charset == TEXT_ASCII];
}

static bool is_head(const LadderRow *row, unsigned x)
{
  return x == (row->to_right ? row->right - 1 : row->left + 1);
}

static LadderGlyph arrow_glyph(const LadderRow *row, unsigned x, bool lifeline)
{
  if (is_head(row, x))
    return row->to_right ? LADDER_HEAD_RIGHT : LADDER_HEAD_LEFT;
  if (row->doubled)
    return lifeline ? LADDER_DOUBLE_CROSSING : LADDER_DOUBLE;
  if (lifeline)
    return LADDER_CROSSING;
  return row->dashed ? LADDER_DASH : LADDER_LINE;
}

/* "<-+" right of the lifeline, "+->" left of it. */
static LadderGlyph loop_glyph(const LadderRow *row, unsigned x)
{
  unsigned away = x > row->left ? x - row->left : row->left - x;

  if (away == 1)
    return row->to_right ? LADDER_HEAD_RIGHT : LADDER_HEAD_LEFT;
  if (away == 2 && row->doubled)
    return LADDER_DOUBLE;
  if (away == 2)
    return row->dashed ? LADDER_DASH : LADDER_LINE;
  return row->to_right ? LADDER_LOOP_LEFT : LADDER_LOOP_RIGHT;
}

static bool is_on_loop(const LadderRow *row, unsigned x)
{
  if (row->left != row->right)
    return false;
  return row->to_right ? x + 3 >= row->left && x < row->left : x > row->left && x <= row->left + 3;
}

LadderGlyph ladder_cell(const LadderRow *row, unsigned x, bool lifeline, Style *ret_style)
{
  bool beside_label =
    row->label_width > 0 && (x + 1 == row->label_x || x == row->label_x + row->label_width);
  bool on_arrow = x > row->left && x < row->right;

  *ret_style = row->style;
  if (on_arrow && (!beside_label || is_head(row, x)))
    return arrow_glyph(row, x, lifeline);
  if (is_on_loop(row, x))
    return loop_glyph(row, x);
  *ret_style = STYLE_DIM;
  return lifeline && !(on_arrow && beside_label) ? LADDER_LIFELINE : LADDER_BLANK;
}

unsigned ladder_row_end(const Ladder *ladder, const LadderRow *row)
{
  unsigned last = ladder->columns[ladder->column_count - 1].x + 1;

  return MAX(last, row->label_x + row->label_width);
}

bool ladder_lifeline_at(const Ladder *ladder, unsigned x, size_t *column)
{
  while (*column < ladder->column_count && ladder->columns[*column].x < x)
    ++*column;
  return *column < ladder->column_count && ladder->columns[*column].x == x;
}

const LadderName *ladder_name_on_line(const LadderColumn *column, unsigned line)
{
  return line >= column->name_top && line < column->name_end ? &column->name[line] : NULL;
}

/* --- lines of text --- */

/* Writes a line from left to right; `column` is the next lifeline. */
typedef struct {
  GString *to;
  const Ladder *ladder;
  const Look *look;
  unsigned x;
  size_t column;
  Style style; /* currently active */
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

static void pen_blanks_to(Pen *pen, unsigned x)
{
  if (x > pen->x) {
    text_append_spaces(pen->to, x - pen->x);
    pen->x = x;
  }
}

static void pen_end_line(Pen *pen)
{
  pen_style(pen, STYLE_PLAIN);
  g_string_append_c(pen->to, '\n');
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
  if (glyph != LADDER_BLANK)
    pen_style(pen, style);
  pen_glyph(pen, glyph);
}

void ladder_text_row(GString *to, const Ladder *ladder, size_t row_index, const Look *look)
{
  const LadderRow *row = &ladder->rows[row_index];
  Pen pen = {.to = to, .ladder = ladder, .look = look};
  unsigned end = ladder_row_end(ladder, row);

  /* Number, time, and blanks up to the first lifeline. */
  TextCell number = {ladder->number_width, TEXT_RIGHT}, time = {ladder->time_width, TEXT_RIGHT};
  pen_style(&pen, STYLE_DIM);
  text_append_cell(pen.to, row->number, number, pen.look->charset);
  g_string_append_c(pen.to, ' ');
  text_append_cell(pen.to, row->time, time, pen.look->charset);
  pen.x = number.width + 1 + time.width;
  pen_blanks_to(&pen, ladder->columns[0].x);
  while (pen.x < end)
    put_cell(&pen, row);
  pen_end_line(&pen);
}

void ladder_text_pause(GString *to, const Ladder *ladder, Slice text, const Look *look)
{
  Pen pen = {.to = to, .ladder = ladder, .look = look};

  pen_style(&pen, STYLE_HINT);
  text_append_cell(to, text, (TextCell){ladder->number_width + 1 + ladder->time_width, TEXT_RIGHT},
                   look->charset);
  pen.x = ladder->number_width + 1 + ladder->time_width;
  pen_style(&pen, STYLE_PLAIN);
  for (size_t i = 0; i < ladder->column_count; i++) {
    pen_blanks_to(&pen, ladder->columns[i].x);
    pen_style(&pen, STYLE_DIM);
    pen_glyph(&pen, LADDER_PAUSE);
    pen_style(&pen, STYLE_PLAIN);
  }
  pen_end_line(&pen);
}

void ladder_text_names(GString *to, const Ladder *ladder, unsigned line, const Look *look)
{
  Pen pen = {.to = to, .ladder = ladder, .look = look};

  for (size_t i = 0; i < ladder->column_count; i++) {
    const LadderColumn *column = &ladder->columns[i];
    const LadderName *name = ladder_name_on_line(column, line);

    if (name) {
      pen_blanks_to(&pen, name->x);
      pen_style(&pen, STYLE_HEADING);
      pen_text(&pen, name->text, name->width);
      pen_style(&pen, STYLE_PLAIN);
    } else if (line >= column->name_end) { /* its name is higher */
      pen_blanks_to(&pen, column->x);
      pen_style(&pen, STYLE_DIM);
      pen_glyph(&pen, LADDER_LIFELINE);
      pen_style(&pen, STYLE_PLAIN);
    }
  }
  pen_end_line(&pen);
}
