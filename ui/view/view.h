/*
 * View: one screen or dialog of the program: a const record of what it can do, and its state.
 *
 * Views are on a stack in the Host; the topmost gets the commands.  A view is a struct that begins
 * with View.  `draw` reads the model and paints; whatever takes long is done in `step`, a slice
 * after the other.  Between two calls the trace may have grown; calls are kept by number and looked
 * up again (trace_call_at), since one may have been evicted.
 */
#pragma once

#include "ui/term/canvas.h"
#include "ui/term/key.h"
#include "ui/view/commands.h"

typedef struct Host Host;
typedef struct View View;

typedef struct {
  CommandScope scope;
  bool is_dialog; /* drawn over the view below, in its middle */

  /* What it shows, for the bar at the top: "call 12 of 3045". */
  void (*append_title)(const View *view, GString *to);
  void (*draw)(View *view, Canvas *canvas, Rect area);
  /* False when there is nothing it could do. */
  bool (*command)(View *view, CommandId id);
  void (*close)(View *view); /* frees it */

  /* Each of these may be NULL. */
  /* Before any command: keys that go into a text; false leaves it to the commands. */
  bool (*key)(View *view, const KeyEvent *event);
  /* While keys go into a text: what some of them do there, for the bar below; "": what they do
   * elsewhere, but for those that are letters; NULL: they do not. */
  const char *(*typing)(const View *view);
  /* Positions are those of the last draw; false: the wheel becomes up and down. */
  bool (*mouse)(View *view, const KeyEvent *event);
  /* A slice of work; true while more is to do.  Views below the topmost get theirs, too. */
  bool (*step)(View *view, int64_t until_us);
  /* The step's work, from 0 to 1, and its name for the bar ("searching"); NULL: there is none. */
  const char *(*progress)(const View *view, double *ret_done);
  /* Esc or Ctrl-C while it works; false when it does not. */
  bool (*stop)(View *view);
  /* To the call (in lists of calls) or the message of that number; false when it is not there. */
  bool (*go)(View *view, uint32_t number);
  /* Settings, columns or aliases were changed. */
  void (*configured)(View *view);
} ViewOps;

struct View {
  const ViewOps *ops;
  Host *host;
};
