/*
 * AppModel: what all views show: the trace, and how the user wants to see it.
 */
#pragma once

#include "capture/source.h"
#include "dissect/trace/trace.h"
#include "ui/show/alias.h"
#include "ui/show/call_index.h"
#include "ui/show/selection.h"
#include "ui/view/config/config.h"

typedef struct {
  /* Set by the driver before app_new; they outlive App. */
  const Trace *trace;
  StoreSet *stores;
  const Source *source;
  uint64_t seed;            /* pipeline_seed */
  const char *const *files; /* input files, NULL-terminated; never to be overwritten */
  const char *filter;       /* the display filter that the call list begins with, or NULL */
  bool filter_is_typed;     /* it was typed in the list, where a word means what is in the rows */
  Config *config;
  GPtrArray *complaints; /* char *: printed when the terminal is restored */
  TextCharset charset;
  bool loaded; /* everything was read */

  /* Made by App. */
  Keymap *keymap;
  CallIndex *index; /* the rows of the call list */
  CallSet *marks;   /* calls that the user marked */
  Aliases *aliases; /* names of hosts */
  int64_t now_ns;   /* of a capture that goes on, kept by the driver; else TIME_NONE */
  char *filter_now; /* the display filter of the call list; or NULL */
} AppModel;

/* Makes App's part, as configured; app_model_clear frees it. */
void app_model_begin(AppModel *model);
void app_model_clear(AppModel *model);

/* The configuration was changed. */
void app_model_configure(AppModel *model);
