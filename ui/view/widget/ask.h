/*
 * Ask view: one line that is typed at the bottom of the screen; or a question, yes or no.
 */
#pragma once

#include "ui/view/host.h"
#include "ui/view/widget/prompt.h"

/* `data` is usually the view below. */
typedef struct {
  const char *label;                                      /* "search: " */
  const char *text;                                       /* what stands there first, or NULL */
  GPtrArray *history;                                     /* see prompt_set_history; or NULL */
  PromptComplete complete;                                /* or NULL */
  void (*done)(void *data, Host *host, const char *text); /* Enter */
  void (*edited)(void *data, const char *text);           /* each change; or NULL */
  void *data;
} AskSetup;

/* Opens it. */
void ask_line(Host *host, const AskSetup *setup);

/* `yes` is called for y or Enter; every other key says no. */
void ask_question(Host *host, const char *question, void (*yes)(void *data, Host *host),
                  void *data);

/* The palette: a command of the topmost view by its name, or the number of a call. */
void ask_command(Host *host);
