/*
 * A ladder on a canvas: numbers and times stay where they are, lifelines scroll sideways.
 */
#pragma once

#include "ui/show/ladder.h"
#include "ui/term/canvas.h"

typedef struct {
  Canvas *canvas;
  const Ladder *ladder;
  Rect area;
  unsigned scroll; /* columns of the ladder that are left of the area */
} LadderPaint;

/* Width of numbers and times, with the blank after them. */
unsigned ladder_paint_gutter(const Ladder *ladder);

/* The maximum to scroll. */
unsigned ladder_paint_scroll_max(const LadderPaint *paint);

/* Where that column of the ladder is drawn; it may be outside of the area. */
int ladder_paint_x(const LadderPaint *paint, unsigned x);

/* The names, on the first lines of the area. */
void ladder_paint_names(const LadderPaint *paint);

/* A rung on the line `y`. */
void ladder_paint_row(const LadderPaint *paint, int y, const LadderRow *row);

/* Lifelines alone; `paused`: nothing happened for a while. */
void ladder_paint_lifelines(const LadderPaint *paint, int y, bool paused);

/* Safe text from that column of the ladder on. */
void ladder_paint_text(const LadderPaint *paint, int y, unsigned x, Slice text, Style style);

/* Marks an arrow, and its number and time. */
void ladder_paint_mark(const LadderPaint *paint, int y, const LadderRow *row, unsigned marks);

/* The column whose lifeline or name is nearest to a place on the screen. */
size_t ladder_paint_column_at(const LadderPaint *paint, int x);
