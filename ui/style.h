/*
 * Style: what a piece of text means, and the colour a terminal gives it.  Colour never
 * carries meaning alone: whatever is coloured says the same in words.
 */
#pragma once

#include <glib.h>

#include "ui/text.h"

typedef enum {
  STYLE_PLAIN,
  STYLE_DIM, /* lifelines, numbers, times */
  STYLE_HEADING,
  STYLE_REQUEST,
  STYLE_PROVISIONAL, /* 1xx */
  STYLE_SUCCESS,     /* 2xx */
  STYLE_REDIRECT,    /* 3xx */
  STYLE_FAILURE,     /* 4xx-6xx */
  STYLE_COUNT,
} Style;

/* How text output looks; the same for a whole run. */
typedef struct {
  TextCharset charset;
  bool color;
  bool fits; /* lines of any length end at the width: it is a terminal's, or was asked for */
  unsigned width;
} Look;

/* Of a message; 0 is a request. */
Style style_of_status(unsigned status);

/* Switches a terminal to that style, or back; append nothing when `look` has no colour. */
void style_begin(GString *to, Style style, const Look *look);
void style_end(GString *to, Style style, const Look *look);
