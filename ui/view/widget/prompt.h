/*
 * Prompt: one line of text that is typed, with cursor, history and completion.
 *
 * The text is valid UTF-8.  The owner of the prompt provides completions; Tab cycles through
 * several candidates.
 */
#pragma once

#include "ui/term/canvas.h"
#include "ui/term/key.h"

enum { PROMPT_TEXT_MAX = 4096, PROMPT_HISTORY_MAX = 100 };

/* Completions of the bytes from `start` up to the cursor: appends char * (owned by the array) to
 * `candidates`, without what is before `start`; returns start. */
typedef size_t (*PromptComplete)(void *data, Slice before_cursor, GPtrArray *candidates);

/* What a completed text means, "" for nothing. */
typedef const char *(*PromptDescribe)(void *data, const char *text);

typedef struct Prompt Prompt;

/* `label`: shown before the text, such as "filter: ".  Both are copied. */
Prompt *prompt_new(const char *label, const char *text);
void prompt_free(Prompt *prompt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Prompt, prompt_free)

void prompt_set_complete(Prompt *prompt, PromptComplete complete, void *data);

/* Completions are listed one below the other, each with its meaning; `data` as for completion. */
void prompt_set_describe(Prompt *prompt, PromptDescribe describe);

/* Earlier lines, oldest first: an array of char * that the owner keeps; prompt_remember adds the
 * text to it. */
void prompt_set_history(Prompt *prompt, GPtrArray *history);
void prompt_remember(Prompt *prompt);

const char *prompt_text(const Prompt *prompt);
void prompt_set_text(Prompt *prompt, const char *text);

typedef enum {
  PROMPT_IGNORED, /* a key that it does not use */
  PROMPT_MOVED,   /* the text did not change */
  PROMPT_EDITED,
  PROMPT_DONE,      /* Enter */
  PROMPT_CANCELLED, /* Esc, Ctrl-C */
} PromptResult;

/* Characters, BS, Del, C-u, C-w, C-k, C-a, C-e, arrows, Home, End, Tab; Up and Down with a
 * history. */
PromptResult prompt_key(Prompt *prompt, const KeyEvent *event);

/* On the first line of `at`; when it has the keys, the canvas's cursor is set, and completions are
 * shown on the line above or below if there are several. */
void prompt_draw(const Prompt *prompt, Canvas *canvas, Rect at, bool has_keys);
