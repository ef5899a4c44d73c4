/*
 * Dialog: the box that a dialog stands in, in the middle of what is behind it.
 */
#pragma once

#include "ui/term/canvas.h"

/* Draws a box around `size` (wherever that is), or as much of it as there is room for; returns its
 * inside.  Where a box would leave next to nothing, all of `area` is taken without one. */
Rect dialog_draw(Canvas *canvas, Rect area, Rect size, const char *title);
