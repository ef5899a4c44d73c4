/*
 * CallColumns: the fields shown by the call list or the list of streams, their order and widths;
 * read from lists of texts, as in the configuration, and converted to such lists.  By default the
 * usual columns are shown, more of them on a wider screen.
 *
 * CallCells: the texts of the rows that are on the screen, and only of these.  They are kept until
 * their call gets a message, so that drawing again reads nothing again.  A call of very many
 * messages, whose fields take long, is only looked at again after a while.
 */
#pragma once

#include "dissect/query/display_filter.h"
#include "ui/show/alias.h"
#include "ui/show/style.h"

/* What the rows of a list are. */
typedef enum {
  COLUMNS_OF_CALLS,
  COLUMNS_OF_STREAMS,
  COLUMNS_SUBJECT_COUNT,
} ColumnSubject;

/* Can the field be a column there? */
bool call_column_fits(ColumnSubject subject, const Field *field);

typedef struct {
  FieldRef ref;        /* its name is `name` */
  char *name;          /* in brackets; or NULL */
  char *title;         /* of the field, shortened if needed */
  unsigned width;      /* 0: as wide as its contents */
  unsigned from_width; /* shown only on screens at least so wide */
} CallColumn;

enum { CALL_COLUMNS_MAX = 64, CALL_COLUMN_WIDTH_MAX = 200 };

/* `ref`'s name is copied. */
CallColumn *call_column_new(const FieldRef *ref, unsigned width);
void call_column_free(CallColumn *column);

/* By key: `header["X-Account"]`, or `call.setup@150`, with its from_width; NULL and an error if
 * there is no such field of the subject. */
CallColumn *call_column_parse(ColumnSubject subject, const char *key, GError **error);

/* CallColumn *, owned by the array; at least one.  All of them: of a width of UINT_MAX. */
GPtrArray *call_columns_usual(ColumnSubject subject, unsigned width);

/* As they are configured; either list may be NULL. */
typedef struct {
  const char *const *keys, *const *widths;
} ColumnTexts;

/* The usual columns if no key is known. */
GPtrArray *call_columns_from_texts(ColumnSubject subject, ColumnTexts texts, unsigned width);
/* Keys and widths, terminated by NULL; free with g_strfreev. */
char **call_columns_keys(const GPtrArray *columns);
char **call_columns_widths(const GPtrArray *columns);

/* The same fields in the same order and widths? */
bool call_columns_are_same(const GPtrArray *a, const GPtrArray *b);

bool call_column_is(const CallColumn *column, const FieldRef *ref);
/* The index of that field's column, or -1. */
int call_columns_find(const GPtrArray *columns, const FieldRef *ref);

/* May its texts be cut if there is no room? */
bool call_column_is_flexible(const CallColumn *column);
TextAlign call_column_align(const CallColumn *column);

/* The width of each column: `needed`, or as configured.  The widest texts are reduced until all
 * columns fit into `width` with a blank between them, or have their minimum width. */
void call_columns_fit(const GPtrArray *columns, const unsigned *needed, unsigned width,
                      unsigned *ret_widths);

/* What is shown of a URI: not the scheme that nearly all have, nor the parameters and headers after
 * the host, which rarely tell calls apart. */
Slice call_uri_shown(Slice uri);

typedef struct CallCells CallCells;

typedef struct {
  TextCharset charset;
  bool utc;
  bool date;              /* times with their date */
  unsigned digits;        /* of their fraction: see Clock */
  const Aliases *aliases; /* names of hosts, until the cells are set again; or NULL */
} CallCellsLook;

CallCells *call_cells_new(const Trace *trace, const StoreSet *stores);
void call_cells_free(CallCells *cells);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CallCells, call_cells_free)

/* See call_index_share. */
void call_cells_share(CallCells *cells, Conversations *conversations);

/* Forgets all rows, whose legs have changed. */
void call_cells_forget(CallCells *cells);

/* Forgets all rows and widths.  `columns` (CallColumn) must live until the next call. */
void call_cells_set(CallCells *cells, const GPtrArray *columns, const CallCellsLook *look);

/* The time of a capture that goes on, up to which the durations of calls that are up are counted;
 * TIME_NONE (as after call_cells_new): they are missing. */
void call_cells_set_now(CallCells *cells, int64_t now_ns);

/* Safe text of a cell, valid until the next call of a function with another call, or of
 * call_cells_set; empty if the value is missing. */
Slice call_cells_text(CallCells *cells, const Call *call, size_t column);

/* By the outcome of the call. */
Style call_cells_style(CallCells *cells, const Call *call);

/* Width of the widest text so far, by column. */
const unsigned *call_cells_widths(const CallCells *cells);

bool call_cells_are_unreadable(const CallCells *cells);

/* For FilterRows: does a cell of the call's row match?  Nothing is kept. */
bool call_cells_find(CallCells *cells, const Call *call, const FilterRowTest *test);
