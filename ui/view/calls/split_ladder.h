/*
 * SplitLadder: the ladder of the cursor's call in the lower half of the call list.
 */
#pragma once

#include "ui/view/screens.h"

typedef struct {
  View *ladder;  /* or NULL */
  uint32_t call; /* in it */
  Rect area;     /* of the last draw */
} SplitLadder;

void split_ladder_clear(SplitLadder *split);

/* Draws that of call `number` in the lower half of `area`, which becomes the upper one; nothing
 * where there is no such call, or no room. */
void split_ladder_draw(SplitLadder *split, Host *host, uint32_t number, Canvas *canvas, Rect *area);

/* Moves its cursor, if it is there. */
void split_ladder_scroll(const SplitLadder *split, bool down);
/* False if the event was not on it. */
bool split_ladder_mouse(const SplitLadder *split, const KeyEvent *event);
/* See ViewOps. */
bool split_ladder_step(const SplitLadder *split, int64_t until_us);
void split_ladder_configured(const SplitLadder *split);
