#include "dissect/pick/frame_window.h"

#include <glib.h>

enum { ROOM_FIRST = 256 };

void frame_window_clear(FrameWindow *window)
{
  g_free(window->frames);
  *window = (FrameWindow){0};
}

static WindowFrame *frame_at(const FrameWindow *window, size_t index)
{
  return &window->frames[(window->first + index) & (window->room - 1)];
}

static void grow(FrameWindow *window)
{
  size_t room = MAX(window->room * 2, (size_t) ROOM_FIRST);
  WindowFrame *frames = g_new(WindowFrame, room);

  for (size_t i = 0; i < window->count; i++)
    frames[i] = *frame_at(window, i);
  g_free(window->frames);
  window->frames = frames;
  window->room = room;
  window->first = 0;
}

void frame_window_add(FrameWindow *window, const Frame *frame)
{
  if (window->count == window->room)
    grow(window);
  WindowFrame *added = frame_at(window, window->count++);
  *added = (WindowFrame){.frame = *frame};
  added->frame.data = NULL;
}

void frame_window_drop_last(FrameWindow *window)
{
  if (window->count > 0 && !frame_at(window, window->count - 1)->chosen)
    window->count--;
}

void frame_window_choose(FrameWindow *window, uint64_t number)
{
  size_t low = 0, high = window->count;

  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (frame_at(window, middle)->frame.number < number)
      low = middle + 1;
    else
      high = middle;
  }
  if (low < window->count && frame_at(window, low)->frame.number == number)
    frame_at(window, low)->chosen = true;
}

bool frame_window_take(FrameWindow *window, bool last, Frame *ret_frame)
{
  while (window->count > 0) {
    const WindowFrame *oldest = frame_at(window, 0);
    if (!oldest->chosen && !last && window->count < FRAME_WINDOW_MAX)
      return false;
    window->first = (window->first + 1) & (window->room - 1);
    window->count--;
    if (oldest->chosen) {
      *ret_frame = oldest->frame;
      return true;
    }
  }
  return false;
}
