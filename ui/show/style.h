/*
 * Style: the meaning of a piece of text, which decides its colour on a terminal.  Colour is never
 * the only sign of something: the text says the same.
 */
#pragma once

#include <glib.h>

#include "ui/show/text.h"

/* X-macro: STYLE_id, and its name in themes and the configuration. */
/* clang-format off */
#define STYLES(X)                                                                                  \
  X(PLAIN, "plain")                                                                                \
  X(DIM, "dim")                 /* lifelines, numbers, times */                                    \
  X(HEADING, "heading")                                                                            \
  X(REQUEST, "request")                                                                            \
  X(PROVISIONAL, "provisional") /* 1xx */                                                          \
  X(SUCCESS, "success")         /* 2xx */                                                          \
  X(REDIRECT, "redirect")       /* 3xx */                                                          \
  X(CHALLENGE, "challenge")     /* 401, 407: asks for credentials */                               \
  X(FAILURE, "failure")         /* other 4xx-6xx */                                                \
  X(BAR, "bar")                 /* the lines at the top and the bottom of the screen */            \
  X(KEY, "key")                 /* names of keys in them */                                        \
  X(TITLE, "title")             /* of columns */                                                   \
  X(BORDER, "border")           /* of dialogs, and between panes */                           \
  X(FIELD, "field")             /* text input */                                                   \
  X(MARKED, "marked")           /* rows that the user marked */                                    \
  X(WARNING, "warning")                                                                            \
  X(ERROR, "error")                                                                                \
  X(HINT, "hint")               /* inferred facts, suggestions */                           \
  X(NAME, "name")               /* of a header field */                                            \
  X(URI, "uri")                                                                                    \
  X(PARAMETER, "parameter")                                                                        \
  X(SDP, "sdp")                                                                                    \
  X(CHART, "chart")             /* bars of charts */                                               \
  X(CYCLE_1, "cycle-1")         /* to tell calls, transactions and dialogs apart */                \
  X(CYCLE_2, "cycle-2")                                                                            \
  X(CYCLE_3, "cycle-3")                                                                            \
  X(CYCLE_4, "cycle-4")                                                                            \
  X(CYCLE_5, "cycle-5")                                                                            \
  X(CYCLE_6, "cycle-6")                                                                            \
  X(CYCLE_7, "cycle-7")
/* clang-format on */

typedef enum {
#define STYLE_ENUM(id, name) STYLE_##id,
  STYLES(STYLE_ENUM)
#undef STYLE_ENUM
    STYLE_COUNT,
} Style;

enum { STYLE_CYCLE_COUNT = STYLE_CYCLE_7 - STYLE_CYCLE_1 + 1 };

/* How text output looks; the same for a whole run. */
typedef struct {
  TextCharset charset;
  bool color;
  bool fits; /* long lines are cut at `width`: output to a terminal, or --width */
  unsigned width;
} Look;

/* The style of a message; status 0 is a request. */
Style style_of_status(unsigned status);
/* The style of the status that decided a call: a challenge that was not answered is a failure. */
Style style_of_outcome(unsigned status);

/* Append the sequence that switches to the style, or back; nothing when `look` has no colour. */
void style_begin(GString *to, Style style, const Look *look);
void style_end(GString *to, Style style, const Look *look);
