/*
 * Rect: a part of the screen, cut from a larger one.  Any numbers are valid; it is empty without a
 * width or a height.
 */
#pragma once

#include <stdbool.h>

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
