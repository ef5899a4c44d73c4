/*
 * Theme: the colours and attributes of styles and marks.
 *
 * Built in are dark, light and mono; the configuration can change each style ("request = #5fafff
 * bold", "failure = red on default").  Colours are kept as they were asked for and brought down to
 * what a terminal has when it is known: true colour, 256, 8 or none.
 */
#pragma once

#include <glib.h>

#include "ui/term/canvas.h"

enum {
  PAINT_BOLD = 1 << 0,
  PAINT_DIM = 1 << 1,
  PAINT_ITALIC = 1 << 2,
  PAINT_UNDERLINE = 1 << 3,
  PAINT_REVERSE = 1 << 4,
};

/* -1: the terminal's own; 0-255: of its palette; with PAINT_RGB: 0xRRGGBB. */
typedef int32_t PaintColor;
enum { PAINT_DEFAULT = -1, PAINT_RGB = 1 << 24 };

typedef struct {
  PaintColor foreground, background;
  unsigned attributes; /* PAINT_... */
} Paint;

typedef struct {
  Paint styles[STYLE_COUNT];
  Paint cursor, lit, found, changed; /* drawn over a style: PAINT_DEFAULT leaves its colour */
} Theme;

/* "dark", "light", "mono"; false when there is none of that name. */
bool theme_find(const char *name, Theme *ret_theme);

/* The names of the built-in ones, ended by NULL. */
const char *const *theme_names(void);

/* "#5fafff on black bold": changes the style (or "cursor", "lit", "found", "changed") of that
 * name; fails with APP_ERROR_USAGE and says what is wrong. */
G_GNUC_WARN_UNUSED_RESULT bool theme_set(Theme *theme, const char *style, const char *paint,
                                         GError **error);

/* A style or a mark of a theme. */
typedef struct {
  const char *name;
  Style style;   /* what shows it: a cell of that style */
  unsigned mark; /* with that mark; 0 for a style */
  Paint paint;
} ThemePart;

/* In their order, from 0; false after the last. */
bool theme_part(const Theme *theme, size_t index, ThemePart *ret_part);

/* Appends a paint as theme_set takes it: "#5fafff on black bold", "default". */
void paint_append(const Paint *paint, GString *to);

/* The names of colours, ended by NULL; and the next or previous colour that has one (step 1 or -1),
 * from the nearest if it has none. */
const char *const *paint_color_names(void);
PaintColor paint_color_beside(PaintColor color, int step);

/* By their bit. */
enum { PAINT_ATTRIBUTE_COUNT = 5 };
extern const char *const PAINT_ATTRIBUTE_NAMES[PAINT_ATTRIBUTE_COUNT];

/* Appends each style and mark on a line of its own, "request = #5fafff bold", as theme_set takes
 * them. */
void theme_append(const Theme *theme, GString *to);

/* How a cell looks. */
Paint theme_paint(const Theme *theme, const Cell *cell);

/* The nearest that a terminal of so many colours (8, 16, 256, 1 << 24) can show. */
PaintColor paint_color_for(PaintColor color, int colors);

/* Brings both colours down to what such a terminal can show, so that the text can still be read. */
void paint_fit(Paint *paint, int colors);

/* Does COLORFGBG ("0;15", "0;default;15", as rxvt and others set it; NULL: unknown) say that the
 * background is light? */
bool theme_background_is_light(const char *colorfgbg);
