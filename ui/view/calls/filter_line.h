/*
 * FilterLine: the line where a display filter is typed: the list is updated at every key, errors
 * are shown below, Tab completes fields and words.
 *
 * filter_line.c also has the quick filter, the dialog for those who do not type (screens.h).
 */
#pragma once

#include "dissect/query/display_filter.h"
#include "ui/view/config/config.h"
#include "ui/view/widget/prompt.h"

typedef struct FilterLine FilterLine;

/* The history of filters is kept in `config`; words are looked for in `rows`, which is copied. */
FilterLine *filter_line_new(Config *config, const FilterRows *rows);
void filter_line_free(FilterLine *line);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FilterLine, filter_line_free)

bool filter_line_is_typed(const FilterLine *line);
/* Is what is typed no valid filter?  Then no rows are its rows. */
bool filter_line_is_invalid(const FilterLine *line);

/* From now on keys go to the line. */
void filter_line_begin(FilterLine *line);
/* Sets a text that was not typed, and ends typing. */
void filter_line_set(FilterLine *line, const char *text);

typedef enum {
  FILTER_LINE_IGNORED, /* not a key for it */
  FILTER_LINE_TAKEN,
  FILTER_LINE_CHANGED, /* apply the new filter: filter_line_make */
} FilterLineResult;

FilterLineResult filter_line_key(FilterLine *line, const KeyEvent *event);

/* The filter of the text, or the last valid one; NULL: none. */
DisplayFilter *filter_line_make(const FilterLine *line);

/* The text of that filter; empty: none. */
const char *filter_line_text(const FilterLine *line);

/* The lines that it needs at the top of a screen of `lines`: 0 without a filter.  They do not
 * change while it is typed, so that the list below stays where it is. */
int filter_line_height(const FilterLine *line, int lines);
/* `undecided`: see display_filter_undecided. */
void filter_line_draw(const FilterLine *line, uint64_t undecided, Canvas *canvas, Rect area);

/* A PromptComplete for display filters; `data`: the Config that has saved ones, or NULL. */
size_t filter_complete(void *data, Slice before_cursor, GPtrArray *candidates);
