#include "ui/term/canvas.h"

/* A letter or digit a style, a blank for plain text. */
static const char STYLE_LETTERS[STYLE_COUNT] = {
  [STYLE_PLAIN] = ' ',       [STYLE_DIM] = 'd',     [STYLE_HEADING] = 'h',  [STYLE_REQUEST] = 'r',
  [STYLE_PROVISIONAL] = 'p', [STYLE_SUCCESS] = 's', [STYLE_REDIRECT] = 'm', [STYLE_FAILURE] = 'f',
  [STYLE_BAR] = 'b',         [STYLE_KEY] = 'k',     [STYLE_TITLE] = 't',    [STYLE_BORDER] = 'o',
  [STYLE_FIELD] = 'i',       [STYLE_MARKED] = 'x',  [STYLE_WARNING] = 'w',  [STYLE_ERROR] = 'e',
  [STYLE_HINT] = 'g',        [STYLE_NAME] = 'n',    [STYLE_URI] = 'u',      [STYLE_PARAMETER] = 'a',
  [STYLE_SDP] = 'v',         [STYLE_CHART] = 'c',   [STYLE_CYCLE_1] = '1',  [STYLE_CYCLE_2] = '2',
  [STYLE_CYCLE_3] = '3',     [STYLE_CYCLE_4] = '4', [STYLE_CYCLE_5] = '5',  [STYLE_CYCLE_6] = '6',
  [STYLE_CYCLE_7] = '7',
};

static char style_letter(const Cell *cell)
{
  return STYLE_LETTERS[cell->style];
}

/* Of several marks the one that is rarest. */
static char mark_letter(const Cell *cell)
{
  if (cell->marks & CELL_FOUND)
    return 'F';
  if (cell->marks & CELL_CHANGED)
    return 'D';
  if (cell->marks & CELL_CURSOR)
    return 'C';
  return cell->marks & CELL_LIT ? 'L' : ' ';
}

static void end_line(GString *to, size_t start)
{
  while (to->len > start && to->str[to->len - 1] == ' ')
    g_string_truncate(to, to->len - 1);
  g_string_append_c(to, '\n');
}

/* A line of letters below the line of text; nothing when it is blank. */
static void append_letters(GString *to, const Cell *line, int width, char (*letter)(const Cell *))
{
  size_t start = to->len;

  for (int x = 0; x < width; x++)
    g_string_append_c(to, letter(&line[x]));
  end_line(to, start);
  if (to->len == start + 1)
    g_string_truncate(to, start);
}

char *canvas_to_text(const Canvas *canvas, bool styles)
{
  GString *text = g_string_new(NULL);

  for (int y = 0; y < canvas->height; y++) {
    const Cell *line = &canvas->cells[y * canvas->width];
    size_t start = text->len;

    for (int x = 0; x < canvas->width; x++)
      g_string_append(text, line[x].glyph);
    end_line(text, start);
    if (styles) {
      append_letters(text, line, canvas->width, style_letter);
      append_letters(text, line, canvas->width, mark_letter);
    }
  }
  if (styles && canvas->cursor_x >= 0)
    g_string_append_printf(text, "cursor at %d,%d\n", canvas->cursor_x, canvas->cursor_y);
  return g_string_free(text, FALSE);
}
