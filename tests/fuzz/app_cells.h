/*
 * Checks of any screen: every cell can be written to a terminal as it is.
 */
#pragma once

#include "ui/show/text.h"
#include "ui/term/canvas.h"

static inline void app_cells_check_code(int32_t code, TextCharset charset)
{
  GUnicodeType type = g_unichar_type((gunichar) code);

  g_assert(code >= 0x20 && code != UTF8_INVALID);
  g_assert(type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT &&
           type != G_UNICODE_LINE_SEPARATOR && type != G_UNICODE_PARAGRAPH_SEPARATOR);
  g_assert(charset == TEXT_UTF8 || code < 0x7F);
}

/* One character of the cell's width, and what combines with it. */
static inline void app_cells_check_glyph(const Cell *cell, unsigned width, TextCharset charset)
{
  if (width == 1 && g_ascii_isprint(cell->glyph[0]) && cell->glyph[1] == '\0')
    return;
  g_assert(memchr(cell->glyph, '\0', CELL_BYTES));
  Slice glyph = slice_from_string(cell->glyph);
  g_assert(glyph.len > 0 && text_width(glyph) == width);
  while (glyph.len > 0) {
    size_t len;
    app_cells_check_code(utf8_next(glyph, &len), charset);
    glyph = slice_from(glyph, len);
  }
}

static inline void app_cells_check(const Canvas *canvas)
{
  for (int y = 0; y < canvas->height; y++)
    for (int x = 0; x < canvas->width; x++) {
      const Cell *cell = &canvas->cells[(size_t) y * (size_t) canvas->width + (size_t) x];
      bool wide = x + 1 < canvas->width && cell[1].glyph[0] == '\0';

      g_assert(cell->style < STYLE_COUNT);
      app_cells_check_glyph(cell, wide ? 2 : 1, canvas->charset);
      x += wide;
    }
}
