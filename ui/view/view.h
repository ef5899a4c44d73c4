/*
 * View: one screen or dialog of the program: a const record of what it can do, and its state.
 *
 * Views are on a stack in the Host; the topmost gets the commands.  A view is a struct that begins
 * with View.  `draw` reads the model and paints; whatever takes long is done in slices: what a
 * command begins as a Job, what never ends in `step`.  Between two calls the trace may have grown;
 * calls are kept by number and looked up again (host_call), since one may have been evicted.
 */
#pragma once

#include "ui/show/job.h"
#include "ui/term/canvas.h"
#include "ui/term/key.h"
#include "ui/view/commands.h"

typedef struct Host Host;
typedef struct View View;

typedef struct {
  CommandScope scope;
  bool is_dialog; /* drawn over the view below, in its middle */

  /* The title for the bar at the top: "call 12 of 3045". */
  void (*append_title)(const View *view, GString *to);
  void (*draw)(View *view, Canvas *canvas, Rect area);
  /* False if the command does nothing here. */
  bool (*command)(View *view, CommandId id);
  void (*close)(View *view); /* frees it */

  /* Each of these may be NULL. */
  /* Keys that go into a text, before any command; false leaves the key to the commands. */
  bool (*key)(View *view, const KeyEvent *event);
  /* While keys go into a text: a line about them for the bar at the bottom, or "" for the usual
   * keys except letters; NULL while they do not. */
  const char *(*typing)(const View *view);
  /* Positions are those of the last draw; false: the wheel becomes up and down. */
  bool (*mouse)(View *view, const KeyEvent *event);
  /* A slice of continuous work, before that of the job; true while there is more to do, which the
   * job waits for.  Views below the topmost are stepped, too. */
  bool (*step)(View *view, int64_t until_us);
  /* The progress of the step's work, from 0 to 1, and its name for the bar ("sorting"); NULL: none
   * to show.  A job shows its own. */
  const char *(*progress)(const View *view, double *ret_done);
  /* Esc or Ctrl-C: cancels the work, or refuses to (it is too late); false to let the host cancel
   * the job, if there is one. */
  bool (*stop)(View *view);
  /* Goes to the call (in lists of calls) or message of that number; false if it is not there. */
  bool (*go)(View *view, uint32_t number);
  /* Settings, columns or aliases were changed. */
  void (*configured)(View *view);
} ViewOps;

struct View {
  const ViewOps *ops;
  Host *host;
  Job *job; /* work that a command began, or NULL; the host runs it */
  void (*job_done)(View *view, Job *job);
};

/* Begins work, cancelling the work before it; `done` takes the result when it is complete, and the
 * job is freed afterwards. */
static inline void view_begin_job(View *view, Job *job, void (*done)(View *view, Job *job))
{
  job_free(view->job);
  view->job = job;
  view->job_done = done;
}

/* Cancels it, if there is any. */
static inline void view_cancel_job(View *view)
{
  job_free(view->job);
  view->job = NULL;
}
