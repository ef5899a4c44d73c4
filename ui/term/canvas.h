/*
 * Canvas: a screen as a grid of cells, each a glyph and its style; views draw into it.
 *
 * Pure memory: tests read it, term.c shows it.  Positions are columns and lines from the upper
 * left corner; nothing is drawn outside the clip.  Texts may be any bytes: they are made safe
 * (ui/show/text.h), wide characters take two cells, combining ones join the character before them.
 * The canvas owns its cells and borrows nothing.
 */
#pragma once

#include <stdbool.h>

#include "ui/show/style.h"

/* A part of the screen, cut from a larger one.  Any numbers are valid; it is empty without a width
 * or a height. */
typedef struct {
  int x, y, width, height;
} Rect;

/* Cuts up to `height` lines off `from`. */
Rect rect_cut_top(Rect *from, int height);
Rect rect_cut_bottom(Rect *from, int height);
Rect rect_cut_left(Rect *from, int width);
Rect rect_cut_right(Rect *from, int width);

/* In the middle of `in`, no larger than it. */
Rect rect_centre(Rect in, int width, int height);

/* The common part. */
Rect rect_meet(Rect a, Rect b);
bool rect_has(Rect rect, int x, int y);

/* A character and its combining ones, as UTF-8; what does not fit is left out. */
enum { CELL_BYTES = 20 };

/* Shown on top of a style. */
enum {
  CELL_CURSOR = 1 << 0,  /* the row or field that keys act on */
  CELL_LIT = 1 << 1,     /* belongs to it */
  CELL_FOUND = 1 << 2,   /* by a search */
  CELL_CHANGED = 1 << 3, /* differs, in a comparison */
};

typedef struct {
  char glyph[CELL_BYTES]; /* ends in NUL; empty: the right half of a wide one */
  uint8_t style;          /* Style */
  uint8_t marks;          /* CELL_... */
} Cell;

typedef struct {
  Cell *cells; /* height lines of width cells */
  int width, height;
  Rect clip;
  TextCharset charset;
  int cursor_x, cursor_y; /* of the text cursor; -1: none */
  GString *safe, *padded; /* scratch of one put */
} Canvas;

/* Line drawing, in either charset. */
typedef enum {
  GLYPH_HORIZONTAL, /* ─ - */
  GLYPH_VERTICAL,   /* │ | */
  GLYPH_TOP_LEFT,
  GLYPH_TOP_RIGHT,
  GLYPH_BOTTOM_LEFT,
  GLYPH_BOTTOM_RIGHT,
  GLYPH_ARROW_RIGHT, /* ► > */
  GLYPH_ARROW_LEFT,
  GLYPH_UP, /* ▲ ^: sorted ascending, more above */
  GLYPH_DOWN,
  GLYPH_FOLDED,   /* ▸ + */
  GLYPH_UNFOLDED, /* ▾ - */
  GLYPH_MARK,     /* • * */
  GLYPH_BLOCK,    /* █ #: a full piece of a bar */
  GLYPH_SHADE,    /* ░ .: an empty one, the track of a scroll bar */
  GLYPH_ELLIPSIS, /* … ~ */
  GLYPH_COUNT,
} Glyph;

Canvas *canvas_new(TextCharset charset);
void canvas_free(Canvas *canvas);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Canvas, canvas_free)

/* Sizes are limited to these. */
enum { CANVAS_WIDTH_MAX = 2048, CANVAS_HEIGHT_MAX = 1024 };

/* Makes it blank, of that size, with everything in the clip and no cursor. */
void canvas_begin(Canvas *canvas, int width, int height);

/* Draws only there (and inside the old clip); returns the old clip, for canvas_unclip. */
Rect canvas_clip(Canvas *canvas, Rect to);
void canvas_unclip(Canvas *canvas, Rect before);

/* All of the canvas. */
Rect canvas_area(const Canvas *canvas);

/* Puts one line of text over what is there, marks included; returns the column after it, or one
 * after the clip if the text is longer. */
int canvas_put(Canvas *canvas, int x, int y, Style style, Slice text);
int canvas_put_string(Canvas *canvas, int x, int y, Style style, const char *text);

typedef struct {
  Slice text;
  Style style;
  TextAlign align;
} CanvasText;

/* Fills the first line of `at` with the text, cut with an ellipsis if it is too long. */
void canvas_put_cell(Canvas *canvas, Rect at, const CanvasText *text);

/* The same, but cut in the middle: for messages with file names, which may be long.  The cost is
 * that of the whole text. */
void canvas_put_ends(Canvas *canvas, Rect at, const CanvasText *text);

void canvas_put_glyph(Canvas *canvas, int x, int y, Style style, Glyph glyph);
/* Fills all of `at` with it. */
void canvas_fill_glyph(Canvas *canvas, Rect at, Style style, Glyph glyph);

/* Blanks. */
void canvas_fill(Canvas *canvas, Rect at, Style style);

/* A border around `at`, blank inside, with a title in its upper line (NULL: none). */
void canvas_box(Canvas *canvas, Rect at, const char *title);

/* The box of a dialog around `size` (wherever that is), in the middle of `area`, or as much of it
 * as there is room for; returns its inside.  Where a box would leave next to nothing, all of `area`
 * is taken without one. */
Rect canvas_dialog(Canvas *canvas, Rect area, Rect size, const char *title);

/* Adds marks to what is there. */
void canvas_mark(Canvas *canvas, Rect at, unsigned marks);

/* NULL outside. */
const Cell *canvas_cell(const Canvas *canvas, int x, int y);

const char *glyph_text(Glyph glyph, TextCharset charset);

/* For tests: the lines without trailing blanks.  With `styles`, each line may be followed by one
 * with a small letter or digit for the style of the cell above, and one with C, L, F and D for
 * cursor, lit, found and changed; a last line gives the position of the cursor. */
char *canvas_to_text(const Canvas *canvas, bool styles);
