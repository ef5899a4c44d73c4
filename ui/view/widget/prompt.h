/*
 * Prompt: one line of text that is typed, with cursor, history and completion.
 *
 * The text is valid UTF-8.  Completion is asked of whoever owns the prompt; several candidates are
 * gone through by Tab.
 */
#pragma once

#include "ui/term/canvas.h"
#include "ui/term/key.h"

enum { PROMPT_TEXT_MAX = 4096, PROMPT_HISTORY_MAX = 100 };

/* What the octets from `start` on up to the cursor can become: appends char * (owned by the array)
 * to `candidates`, each without what stands before `start`; returns start. */
typedef size_t (*PromptComplete)(void *data, Slice before_cursor, GPtrArray *candidates);

typedef struct Prompt Prompt;

/* `label`: shown before it, such as "filter: ".  Both texts are copied. */
Prompt *prompt_new(const char *label, const char *text);
void prompt_free(Prompt *prompt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Prompt, prompt_free)

void prompt_set_complete(Prompt *prompt, PromptComplete complete, void *data);

/* Lines entered before, oldest first: an array of char * that the owner keeps; prompt_remember puts
 * the text into it. */
void prompt_set_history(Prompt *prompt, GPtrArray *history);
void prompt_remember(Prompt *prompt);

const char *prompt_text(const Prompt *prompt);
void prompt_set_text(Prompt *prompt, const char *text);

typedef enum {
  PROMPT_IGNORED, /* not a key for it */
  PROMPT_MOVED,   /* the text is as it was */
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
