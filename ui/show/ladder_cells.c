#include "ui/show/ladder_cells.h"

static const char *const GLYPHS[LADDER_GLYPH_COUNT][2] = {
  [LADDER_BLANK] = {" ", " "},     [LADDER_LIFELINE] = {"│", "|"},
  [LADDER_PAUSE] = {"┊", ":"},     [LADDER_LINE] = {"─", "-"},
  [LADDER_DASH] = {"╌", "."},      [LADDER_CROSSING] = {"┼", "+"},
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
