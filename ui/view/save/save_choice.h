/*
 * Save choice: what can be saved: one message, the calls of the screen that the dialog was opened
 * from, those that are marked, those that are shown, or all; and their numbers, in slices.
 */
#pragma once

#include "ui/report/export.h"
#include "ui/view/host.h"
#include "ui/view/save/save.h"

typedef enum {
  SAVE_MESSAGE,
  SAVE_CALLS,
  SAVE_MARKED,
  SAVE_SHOWN,
  SAVE_ALL,
  SAVE_WHAT_COUNT,
} SaveWhat;

typedef struct SaveChoice SaveChoice;

SaveChoice *save_choice_new(Host *host, const SaveOf *of);
void save_choice_free(SaveChoice *choice);

/* How many calls (or 1 message) that is by now; 0: it cannot be chosen. */
size_t save_choice_count(const SaveChoice *choice, SaveWhat what);

/* What it is called: "this call"; and "17 calls". */
const char *save_choice_title(const SaveChoice *choice, SaveWhat what);
void save_choice_append_count(const SaveChoice *choice, SaveWhat what, GString *to);
/* The name of a file of it, without ending: "call-3". */
char *save_choice_stem(const SaveChoice *choice, SaveWhat what);

/* Collects the numbers: begin, then step until it gives false. */
void save_choice_begin(SaveChoice *choice, SaveWhat what);
bool save_choice_step(SaveChoice *choice, int64_t until_us);

/* When they are collected; they stay the choice's until it begins anew.  False when what was chosen
 * is no longer there. */
bool save_choice_apply(const SaveChoice *choice, ExportOptions *options);
