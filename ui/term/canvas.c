#include "ui/term/canvas.h"

#include <glib.h>

/* --- rectangles --- */

Rect rect_meet(Rect a, Rect b)
{
  int64_t left = MAX(a.x, b.x), top = MAX(a.y, b.y);
  int64_t right = MIN((int64_t) a.x + a.width, (int64_t) b.x + b.width);
  int64_t bottom = MIN((int64_t) a.y + a.height, (int64_t) b.y + b.height);

  return (Rect){(int) left, (int) top, (int) MAX(right - left, 0), (int) MAX(bottom - top, 0)};
}

/* Makes a length shorter by up to `most`; returns by how much. */
static int cut_length(int *length, int most)
{
  int cut = CLAMP(most, 0, MAX(*length, 0));

  *length -= cut;
  return cut;
}

Rect rect_cut_top(Rect *from, int height)
{
  Rect cut = *from;

  cut.height = cut_length(&from->height, height);
  from->y += cut.height;
  return cut;
}

Rect rect_cut_bottom(Rect *from, int height)
{
  Rect cut = *from;

  cut.height = cut_length(&from->height, height);
  cut.y += from->height;
  return cut;
}

Rect rect_cut_left(Rect *from, int width)
{
  Rect cut = *from;

  cut.width = cut_length(&from->width, width);
  from->x += cut.width;
  return cut;
}

Rect rect_cut_right(Rect *from, int width)
{
  Rect cut = *from;

  cut.width = cut_length(&from->width, width);
  cut.x += from->width;
  return cut;
}

Rect rect_centre(Rect in, int width, int height)
{
  width = MIN(width, in.width);
  height = MIN(height, in.height);
  return (Rect){in.x + (in.width - width) / 2, in.y + (in.height - height) / 2, width, height};
}

bool rect_has(Rect rect, int x, int y)
{
  return x >= rect.x && y >= rect.y && (int64_t) x < (int64_t) rect.x + rect.width &&
         (int64_t) y < (int64_t) rect.y + rect.height;
}

/* --- the canvas --- */

static const struct {
  const char *utf8, *ascii;
} GLYPHS[GLYPH_COUNT] = {
  [GLYPH_HORIZONTAL] = {"─", "-"},  [GLYPH_VERTICAL] = {"│", "|"},
  [GLYPH_TOP_LEFT] = {"┌", "+"},    [GLYPH_TOP_RIGHT] = {"┐", "+"},
  [GLYPH_BOTTOM_LEFT] = {"└", "+"}, [GLYPH_BOTTOM_RIGHT] = {"┘", "+"},
  [GLYPH_ARROW_RIGHT] = {"►", ">"}, [GLYPH_ARROW_LEFT] = {"◄", "<"},
  [GLYPH_UP] = {"▲", "^"},          [GLYPH_DOWN] = {"▼", "v"},
  [GLYPH_FOLDED] = {"▸", "+"},      [GLYPH_UNFOLDED] = {"▾", "-"},
  [GLYPH_MARK] = {"•", "*"},        [GLYPH_BLOCK] = {"█", "#"},
  [GLYPH_SHADE] = {"░", "."},       [GLYPH_ELLIPSIS] = {"…", "~"},
};

Canvas *canvas_new(TextCharset charset)
{
  Canvas *canvas = g_new0(Canvas, 1);

  canvas->charset = charset;
  canvas->safe = g_string_new(NULL);
  canvas->padded = g_string_new(NULL);
  canvas_begin(canvas, 1, 1);
  return canvas;
}

void canvas_free(Canvas *canvas)
{
  if (!canvas)
    return;
  g_string_free(canvas->safe, TRUE);
  g_string_free(canvas->padded, TRUE);
  g_free(canvas->cells);
  g_free(canvas);
}

void canvas_begin(Canvas *canvas, int width, int height)
{
  width = CLAMP(width, 1, CANVAS_WIDTH_MAX);
  height = CLAMP(height, 1, CANVAS_HEIGHT_MAX);
  if (width != canvas->width || height != canvas->height)
    canvas->cells = g_renew(Cell, canvas->cells, (size_t) width * (size_t) height);
  canvas->width = width;
  canvas->height = height;
  canvas->clip = canvas_area(canvas);
  canvas->cursor_x = -1;
  canvas->cursor_y = -1;
  for (size_t i = 0; i < (size_t) width * (size_t) height; i++)
    canvas->cells[i] = (Cell){.glyph = " ", .style = STYLE_PLAIN};
}

Rect canvas_area(const Canvas *canvas)
{
  return (Rect){0, 0, canvas->width, canvas->height};
}

Rect canvas_clip(Canvas *canvas, Rect to)
{
  Rect before = canvas->clip;

  canvas->clip = rect_meet(before, to);
  return before;
}

void canvas_unclip(Canvas *canvas, Rect before)
{
  canvas->clip = before;
}

const Cell *canvas_cell(const Canvas *canvas, int x, int y)
{
  return rect_has(canvas_area(canvas), x, y) ? &canvas->cells[y * canvas->width + x] : NULL;
}

static Cell *cell_at(Canvas *canvas, int x, int y)
{
  return &canvas->cells[y * canvas->width + x];
}

/* Blanks the other half, should a wide character lie in that cell: it is about to change. */
static void part_wide(Canvas *canvas, int x, int y)
{
  Cell *cell = cell_at(canvas, x, y);

  if (cell->glyph[0] == '\0' && x > 0)
    g_strlcpy(cell[-1].glyph, " ", CELL_BYTES);
  if (x + 1 < canvas->width && cell[1].glyph[0] == '\0')
    g_strlcpy(cell[1].glyph, " ", CELL_BYTES);
}

static void set_cell(Canvas *canvas, int x, int y, Cell cell)
{
  part_wide(canvas, x, y);
  *cell_at(canvas, x, y) = cell;
}

/* With as much of the glyph as a cell holds, without half a character. */
static Cell cell_of(Style style, Slice glyph)
{
  Cell cell = {.style = (uint8_t) style};
  size_t len = 0, more;

  while (len < glyph.len) {
    utf8_next(slice_from(glyph, len), &more);
    if (len + more > CELL_BYTES - 1)
      break;
    len += more;
  }
  memcpy(cell.glyph, glyph.data, len);
  return cell;
}

/* Both halves, or a blank for the one that the clip leaves. */
static void set_wide(Canvas *canvas, int x, int y, Cell cell)
{
  bool left = rect_has(canvas->clip, x, y), right = rect_has(canvas->clip, x + 1, y);
  Cell half = cell_of(cell.style, left && right ? SLICE("") : SLICE(" "));

  if (left)
    part_wide(canvas, x, y);
  if (right)
    part_wide(canvas, x + 1, y);
  if (left)
    *cell_at(canvas, x, y) = right ? cell : half;
  if (right)
    *cell_at(canvas, x + 1, y) = half;
}

/* The first character of safe text with what combines with it, its bytes and columns (0 for marks
 * that follow no character). */
static size_t take_glyph(Slice safe, unsigned *ret_width)
{
  size_t len, more;

  utf8_next(safe, &len);
  *ret_width = text_width(slice_head(safe, len));
  while (len < safe.len && (uint8_t) safe.data[len] >= 0x80) {
    utf8_next(slice_from(safe, len), &more);
    if (text_width(slice_of(safe.data + len, more)) > 0)
      break;
    len += more;
  }
  return len;
}

static int put_safe(Canvas *canvas, int x, int y, Style style, Slice safe)
{
  int64_t right = (int64_t) canvas->clip.x + canvas->clip.width;

  while (safe.len > 0 && x < right) {
    unsigned width;
    size_t len = take_glyph(safe, &width);
    Cell cell = cell_of(style, slice_head(safe, len));

    if (width == 2)
      set_wide(canvas, x, y, cell);
    else if (width == 1 && rect_has(canvas->clip, x, y))
      set_cell(canvas, x, y, cell);
    x += (int) width;
    safe = slice_from(safe, len);
  }
  return x;
}

int canvas_put(Canvas *canvas, int x, int y, Style style, Slice text)
{
  /* From `x` to the right edge of the clip; far left of it nothing can be seen. */
  int64_t columns = CLAMP((int64_t) canvas->clip.x + canvas->clip.width - x, 0, G_MAXINT);

  g_string_truncate(canvas->safe, 0);
  text_append_safe_head(canvas->safe, text, (unsigned) columns, canvas->charset);
  return put_safe(canvas, x, y, style, slice_of(canvas->safe->str, canvas->safe->len));
}

int canvas_put_string(Canvas *canvas, int x, int y, Style style, const char *text)
{
  return canvas_put(canvas, x, y, style, slice_from_string(text));
}

void canvas_put_cell(Canvas *canvas, Rect at, const CanvasText *text)
{
  TextCell cell = {(unsigned) CLAMP(at.width, 0, CANVAS_WIDTH_MAX), text->align};

  if (at.height <= 0)
    return;
  g_string_truncate(canvas->safe, 0);
  g_string_truncate(canvas->padded, 0);
  text_append_safe_head(canvas->safe, text->text, cell.width, canvas->charset);
  text_append_cell(canvas->padded, slice_of(canvas->safe->str, canvas->safe->len), cell,
                   canvas->charset);
  put_safe(canvas, at.x, at.y, text->style, slice_of(canvas->padded->str, canvas->padded->len));
}

void canvas_put_ends(Canvas *canvas, Rect at, const CanvasText *text)
{
  g_autoptr(GString) safe = g_string_new(NULL), ends = g_string_new(NULL);

  text_append_safe(safe, text->text, canvas->charset);
  text_append_ends(ends, slice_of(safe->str, safe->len),
                   (unsigned) CLAMP(at.width, 0, CANVAS_WIDTH_MAX), canvas->charset);
  canvas_put_cell(canvas, at,
                  &(CanvasText){slice_of(ends->str, ends->len), text->style, text->align});
}

const char *glyph_text(Glyph glyph, TextCharset charset)
{
  return charset == TEXT_UTF8 ? GLYPHS[glyph].utf8 : GLYPHS[glyph].ascii;
}

static void fill_with(Canvas *canvas, Rect at, Cell cell)
{
  Rect shown = rect_meet(canvas->clip, at);

  for (int y = shown.y; y < shown.y + shown.height; y++)
    for (int x = shown.x; x < shown.x + shown.width; x++)
      set_cell(canvas, x, y, cell);
}

void canvas_fill_glyph(Canvas *canvas, Rect at, Style style, Glyph glyph)
{
  fill_with(canvas, at, cell_of(style, slice_from_string(glyph_text(glyph, canvas->charset))));
}

void canvas_put_glyph(Canvas *canvas, int x, int y, Style style, Glyph glyph)
{
  canvas_fill_glyph(canvas, (Rect){x, y, 1, 1}, style, glyph);
}

void canvas_fill(Canvas *canvas, Rect at, Style style)
{
  fill_with(canvas, at, cell_of(style, SLICE(" ")));
}

static void put_title(Canvas *canvas, Rect line, const char *title)
{
  CanvasText text = {slice_from_string(title), STYLE_HEADING, TEXT_CENTRE};
  Rect room = {line.x + 2, line.y, line.width - 4, 1};

  g_string_truncate(canvas->safe, 0);
  text_append_safe_head(canvas->safe, text.text, (unsigned) MAX(room.width, 0), canvas->charset);
  unsigned width = text_width(slice_of(canvas->safe->str, canvas->safe->len));
  room.width = MIN(room.width, (int) MIN(width, CANVAS_WIDTH_MAX) + 2);
  canvas_fill(canvas, room, STYLE_HEADING);
  room.x++;
  room.width -= 2;
  canvas_put_cell(canvas, room, &text);
}

void canvas_box(Canvas *canvas, Rect at, const char *title)
{
  Rect inside = at;
  Rect top = rect_cut_top(&inside, 1), bottom = rect_cut_bottom(&inside, 1);
  Rect left = rect_cut_left(&inside, 1), right = rect_cut_right(&inside, 1);

  canvas_fill(canvas, inside, STYLE_PLAIN);
  canvas_fill_glyph(canvas, top, STYLE_BORDER, GLYPH_HORIZONTAL);
  canvas_fill_glyph(canvas, bottom, STYLE_BORDER, GLYPH_HORIZONTAL);
  canvas_fill_glyph(canvas, left, STYLE_BORDER, GLYPH_VERTICAL);
  canvas_fill_glyph(canvas, right, STYLE_BORDER, GLYPH_VERTICAL);
  if (at.width < 2 || at.height < 2)
    return;
  canvas_put_glyph(canvas, left.x, top.y, STYLE_BORDER, GLYPH_TOP_LEFT);
  canvas_put_glyph(canvas, right.x, top.y, STYLE_BORDER, GLYPH_TOP_RIGHT);
  canvas_put_glyph(canvas, left.x, bottom.y, STYLE_BORDER, GLYPH_BOTTOM_LEFT);
  canvas_put_glyph(canvas, right.x, bottom.y, STYLE_BORDER, GLYPH_BOTTOM_RIGHT);
  if (title)
    put_title(canvas, top, title);
}

Rect canvas_dialog(Canvas *canvas, Rect area, Rect size, const char *title)
{
  enum { FROM_HEIGHT = 5, FROM_WIDTH = 12 };

  if (area.height < FROM_HEIGHT || area.width < FROM_WIDTH) {
    canvas_fill(canvas, area, STYLE_PLAIN);
    return area;
  }
  Rect box = rect_centre(area, size.width + 2, size.height + 2);
  canvas_box(canvas, box, title);
  return (Rect){box.x + 1, box.y + 1, box.width - 2, box.height - 2};
}

void canvas_mark(Canvas *canvas, Rect at, unsigned marks)
{
  Rect shown = rect_meet(canvas->clip, at);

  for (int y = shown.y; y < shown.y + shown.height; y++)
    for (int x = shown.x; x < shown.x + shown.width; x++)
      cell_at(canvas, x, y)->marks |= (uint8_t) marks;
}

/* --- as text, for tests --- */

/* A letter or digit a style, a blank for plain text. */
static const char STYLE_LETTERS[STYLE_COUNT] = {
  [STYLE_PLAIN] = ' ',    [STYLE_DIM] = 'd',         [STYLE_HEADING] = 'h',
  [STYLE_REQUEST] = 'r',  [STYLE_PROVISIONAL] = 'p', [STYLE_SUCCESS] = 's',
  [STYLE_REDIRECT] = 'm', [STYLE_FAILURE] = 'f',     [STYLE_BAR] = 'b',
  [STYLE_KEY] = 'k',      [STYLE_TITLE] = 't',       [STYLE_BORDER] = 'o',
  [STYLE_FIELD] = 'i',    [STYLE_MARKED] = 'x',      [STYLE_WARNING] = 'w',
  [STYLE_ERROR] = 'e',    [STYLE_HINT] = 'g',        [STYLE_NAME] = 'n',
  [STYLE_URI] = 'u',      [STYLE_PARAMETER] = 'a',   [STYLE_SDP] = 'v',
  [STYLE_CHART] = 'c',    [STYLE_CYCLE_1] = '1',     [STYLE_CYCLE_2] = '2',
  [STYLE_CYCLE_3] = '3',  [STYLE_CYCLE_4] = '4',     [STYLE_CYCLE_5] = '5',
  [STYLE_CYCLE_6] = '6',  [STYLE_CYCLE_7] = '7',     [STYLE_CHALLENGE] = 'l',
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
