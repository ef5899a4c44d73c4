/*
 * FrameWindow: frames in the order of their numbers, of which some will be chosen.  Private to
 * frame_picker.c.
 *
 * A frame stays until it is the oldest and either chosen or so many came behind it that nobody
 * waits for it any more; so memory has a limit, whatever the input.  Frames have no octets: their
 * references find them.
 */
#pragma once

#include "capture/frame.h"

enum { FRAME_WINDOW_MAX = 512 * 1024 };

typedef struct {
  Frame frame;
  bool chosen;
} WindowFrame;

/* A ring.  Zero is an empty one. */
typedef struct {
  WindowFrame *frames;
  size_t first, count, room; /* room is a power of two */
} FrameWindow;

void frame_window_clear(FrameWindow *window);

/* Numbers go up. */
void frame_window_add(FrameWindow *window, const Frame *frame);

/* Takes the frame that was added last out again, unless it was chosen. */
void frame_window_drop_last(FrameWindow *window);

/* Nothing happens when there is none of that number (any more). */
void frame_window_choose(FrameWindow *window, uint64_t number);

/* The next frame that is chosen, once no older one can be; with `last` nothing more is chosen. */
bool frame_window_take(FrameWindow *window, bool last, Frame *ret_frame);
