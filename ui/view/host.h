/*
 * Host: what a screen or dialog may ask of the program that shows it.  View: one of them: a const
 * record of what it can do, and its state.  AppModel: what all of them show.
 *
 * Screens know nothing else of the program; the driver's side is ui/view/app.h.
 *
 * Views are on a stack in the Host; the topmost gets the commands.  A view is a struct that begins
 * with View.  `draw` reads the model and paints; whatever takes long is done in slices: what a
 * command begins as a Job, what never ends in `step`.  Between two calls the trace may have grown;
 * calls are kept by number and looked up again (host_call), since one may have been evicted.
 */
#pragma once

#include "capture/source.h"
#include "dissect/diagnose/conversations.h"
#include "dissect/trace/trace.h"
#include "ui/show/alias.h"
#include "ui/show/call_index.h"
#include "ui/show/job.h"
#include "ui/show/metric_window.h"
#include "ui/show/selection.h"
#include "ui/sound/sound.h"
#include "ui/term/canvas.h"
#include "ui/term/key.h"
#include "ui/view/commands.h"
#include "ui/view/config/config.h"
#include "ui/view/hints.h"

/* A message that the user marked in a ladder, and its call: their numbers. */
typedef struct {
  uint32_t message, call;
} Bookmark;

enum { BOOKMARKS_MAX = 100, PINNED_MAX = 16 };

/* What all views show: the trace, and how the user wants to see it. */
typedef struct {
  /* Set by the driver before app_new; they outlive App. */
  const Trace *trace;
  StoreSet *stores;
  const Source *source;
  uint64_t seed;            /* pipeline_seed */
  const char *const *files; /* input files, NULL-terminated; never to be overwritten */
  const char *noted;        /* the capture that notes are kept beside, or NULL */
  const char *filter;       /* the display filter that the call list begins with, or NULL */
  const char *label;        /* shown instead of the name of the first input; or NULL */
  bool filter_is_typed;     /* it was typed in the list, where a word means what is in the rows */
  Tally *tally;             /* of the trace, which the driver steps */
  Config *config;
  GPtrArray *complaints; /* char *: printed when the terminal is restored */
  Hints *hints;          /* or NULL */
  TextCharset charset;
  Sound *sound; /* NULL: rung was built without a library for it */
  bool loaded;  /* everything was read */
  bool masked;  /* what is shown is a copy without names (COMMAND_MASK) */

  /* Made by App. */
  Keymap *keymap;
  CallIndex *index;             /* the rows of the call list */
  Conversations *conversations; /* of all calls, made in steps */
  CallSet *marks;               /* calls that the user marked */
  GArray *bookmarks;            /* Bookmark; at most BOOKMARKS_MAX */
  GArray *pinned;               /* uint32_t: numbers of calls, at most PINNED_MAX (host_pin) */
  Aliases *aliases;             /* names of hosts */
  int64_t now_ns;               /* of a capture that goes on, kept by the driver; else TIME_NONE */
  MetricWindow *window;         /* of all calls */
  char *filter_now;             /* the display filter of the call list; or NULL */
} AppModel;

/* The index of its bookmark, or -1. */
int app_model_find_bookmark(const AppModel *model, const Message *message);

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
  /* The mouse moves with a button pressed (MOUSE_DRAG), or it is released; false if nothing is
   * held. */
  bool (*drag)(View *view, const KeyEvent *event);
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

/* What all screens look at; they may change its configuration, index, marks and aliases. */
AppModel *host_model(const Host *host);
/* The trace's call of that number, or NULL if there is none (any more). */
const Call *host_call(const Host *host, uint32_t number);

/* The view on top of the stack. */
View *host_view(const Host *host);
/* Puts a view on top; the host owns it from now on. */
void host_push(Host *host, View *view);
/* Takes a view off the stack; it is freed after the command or key that it is handling. */
void host_close(Host *host, View *view);

/* Shows a line at the bottom until the next key. */
void host_tell(Host *host, Style style, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* Copies to the clipboard of the terminal. */
void host_copy(Host *host, Slice text);
/* Pins the call, or does not any more; false when there are too many. */
bool host_pin(Host *host, uint32_t number);
/* The configuration was changed: notifies every view and the driver. */
void host_configured(Host *host);
/* Runs the command in the topmost view, as its key would; false if it does nothing there. */
bool host_run(Host *host, CommandId id);
