/*
 * What the save dialog (screens.h) chooses from, for save_view.c and its test: one message, the
 * calls of the screen that it was opened from, those that are marked, those that are shown, or
 * all; for audio one stream, or the call of the cursor; their numbers, in slices; and the names of
 * files to save to.
 */
#pragma once

#include "ui/report/export.h"
#include "ui/view/host.h"
#include "ui/view/screens.h"

typedef enum {
  SAVE_MESSAGE,
  SAVE_CALLS,
  SAVE_MARKED,
  SAVE_SHOWN,
  SAVE_ALL,
  SAVE_STREAM, /* audio of it */
  SAVE_CALL,
  SAVE_WHAT_COUNT,
} SaveWhat;

typedef struct SaveChoice SaveChoice;

SaveChoice *save_choice_new(Host *host, const SaveOf *of);
void save_choice_free(SaveChoice *choice);

/* The number of calls (or 1 message or stream) now; 0: it cannot be chosen. */
size_t save_choice_count(const SaveChoice *choice, SaveWhat what);

/* "this call"; and "17 calls". */
const char *save_choice_title(const SaveChoice *choice, SaveWhat what);
void save_choice_append_count(const SaveChoice *choice, SaveWhat what, GString *to);
/* A file name for it, without extension: "call-3". */
char *save_choice_stem(const SaveChoice *choice, SaveWhat what);

/* Collects the numbers: begin, then step until it gives false. */
void save_choice_begin(SaveChoice *choice, SaveWhat what);
bool save_choice_step(SaveChoice *choice, int64_t until_us);

/* Number of the stream; 0: none is chosen. */
uint32_t save_choice_stream(const SaveChoice *choice);

/* When they are collected; valid until the next begin.  NULL if the message was evicted. */
Selection *save_choice_selection(const SaveChoice *choice);

/* The name with its extension changed from that of `from` to that of `to`; unchanged if it has
 * another extension.  Freed with g_free, as below. */
char *save_name_change(const char *name, ExportFormatId from, ExportFormatId to);

/* The path that was typed: "~/" is the home directory, and a name without an extension gets that of
 * the format; a name of only blanks is empty. */
char *save_name_path(const char *typed, ExportFormatId format);

/* For prompt_set_complete: files and folders (with a slash). */
size_t save_name_complete(void *data, Slice before_cursor, GPtrArray *candidates);
