/*
 * Ask view: a line to type at the bottom of the screen; or a yes-or-no question.
 */
#pragma once

#include "ui/view/host.h"
#include "ui/view/widget/prompt.h"

/* `data` is usually the view below. */
typedef struct {
  const char *label;                                      /* "search: " */
  const char *text;                                       /* initial text, or NULL */
  GPtrArray *history;                                     /* see prompt_set_history; or NULL */
  PromptComplete complete;                                /* or NULL */
  void (*done)(void *data, Host *host, const char *text); /* Enter */
  void (*edited)(void *data, const char *text);           /* each change; or NULL */
  PromptDescribe describe; /* of the text, shown after it, and of completions; or NULL */
  void *data;
} AskSetup;

/* Opens it. */
void ask_line(Host *host, const AskSetup *setup);

/* `yes` is called for y or Enter; every other key means no. */
void ask_question(Host *host, const char *question, void (*yes)(void *data, Host *host),
                  void *data);

/* The palette: runs a command of the topmost view by name, or goes to a call by number. */
void ask_command(Host *host);
