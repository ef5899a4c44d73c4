/*
 * AppModel: what all views look at: the trace, and how the user wants it shown.
 */
#pragma once

#include "capture/source.h"
#include "dissect/trace/trace.h"
#include "ui/show/alias.h"
#include "ui/show/call_index.h"
#include "ui/show/call_set.h"
#include "ui/view/config/config.h"

typedef struct {
  /* The driver's, set before app_new; they outlive App. */
  const Trace *trace;
  StoreSet *stores;
  const Source *source;
  uint64_t seed;            /* pipeline_seed */
  const char *const *files; /* that are read, NULL-terminated; not to be written over */
  const char *filter;       /* the display filter that the call list begins with, or NULL */
  Config *config;
  GPtrArray *complaints; /* char *: what is to be told when the terminal is given back */
  TextCharset charset;
  bool loaded; /* all was read */

  /* App's. */
  Keymap *keymap;
  CallIndex *index; /* the rows of the call list */
  CallSet *marks;   /* calls that the user marked */
  Aliases *aliases; /* names of hosts */
} AppModel;

/* Makes what is App's, as it is configured; app_model_clear frees it. */
void app_model_begin(AppModel *model);
void app_model_clear(AppModel *model);

/* The configuration was changed. */
void app_model_configure(AppModel *model);
