/*
 * MessageRaw on a canvas, in a pane of any size.
 */
#pragma once

#include "ui/show/message_raw.h"
#include "ui/term/canvas.h"

/* Where it is drawn. */
typedef struct {
  Canvas *canvas;
  Rect area;
  size_t top;    /* line that is drawn first */
  unsigned left; /* columns that are scrolled out */
} RawPlace;

void message_raw_draw(const MessageRaw *raw, const RawPlace *place);

/* Marks these octets, as far as they are on its lines. */
void message_raw_mark(const MessageRaw *raw, const RawPlace *place, Octets octets, unsigned marks);
