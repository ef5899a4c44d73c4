/*
 * FilterLine: the line where a display filter is typed: the list follows with every key, what is
 * wrong is told below, fields and words are completed by Tab.
 */
#pragma once

#include "dissect/query/display_filter.h"
#include "ui/view/config/config.h"
#include "ui/view/widget/prompt.h"

typedef struct FilterLine FilterLine;

/* Filters entered before are read from `config` and put back. */
FilterLine *filter_line_new(Config *config);
void filter_line_free(FilterLine *line);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FilterLine, filter_line_free)

bool filter_line_is_typed(const FilterLine *line);

/* Keys go there from now on. */
void filter_line_begin(FilterLine *line);
/* Not typed but set from elsewhere. */
void filter_line_set(FilterLine *line, const char *text);

typedef enum {
  FILTER_LINE_IGNORED, /* not a key for it */
  FILTER_LINE_TAKEN,
  FILTER_LINE_CHANGED, /* the filter to be applied is another: filter_line_make gives it */
} FilterLineResult;

FilterLineResult filter_line_key(FilterLine *line, const KeyEvent *event);

/* The filter of the text, or of the last that was right; NULL: none. */
DisplayFilter *filter_line_make(const FilterLine *line);

/* Lines it takes at the top of a screen with so many: 0 when there is no filter and none is typed.
 * While it is typed they do not change, so that the list below stays where it is. */
int filter_line_height(const FilterLine *line, int lines);
void filter_line_draw(const FilterLine *line, Canvas *canvas, Rect area);

/* A PromptComplete for display filters. */
size_t filter_complete(void *data, Slice before_cursor, GPtrArray *candidates);
