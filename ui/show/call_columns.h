/*
 * CallColumns: which facts the call list shows, in which order and how wide; read from
 * lists of texts, as the configuration has them, and turned into such lists.
 *
 * Where nothing is configured the usual ones are taken, more of them the wider the screen is.
 */
#pragma once

#include "dissect/query/field.h"
#include "ui/show/text.h"

typedef struct {
  FieldRef ref;   /* its name is `name` */
  char *name;     /* in brackets; or NULL */
  char *title;    /* of the field, shorter where it has to be */
  unsigned width; /* 0: as wide as what is in it */
} CallColumn;

enum { CALL_COLUMNS_MAX = 64 };

/* `ref`'s name is copied. */
CallColumn *call_column_new(const FieldRef *ref, unsigned width);
void call_column_free(CallColumn *column);

/* By key: `header["X-Account"]`; NULL and an error when there is no such field of calls. */
CallColumn *call_column_parse(const char *key, GError **error);

/* CallColumn *, owned by the array; at least one. */
GPtrArray *call_columns_usual(unsigned width);
/* From their keys and widths, either of which may be NULL; the usual ones when no key is known. */
GPtrArray *call_columns_from_texts(const char *const *keys, const char *const *widths,
                                   unsigned width);
/* Their keys and widths, each ended by NULL; freed with g_strfreev. */
char **call_columns_keys(const GPtrArray *columns);
char **call_columns_widths(const GPtrArray *columns);

/* The same fields in the same order and widths? */
bool call_columns_are_same(const GPtrArray *a, const GPtrArray *b);

bool call_column_is(const CallColumn *column, const FieldRef *ref);

/* May its texts be cut where there is no room? */
bool call_column_is_flexible(const CallColumn *column);
TextAlign call_column_align(const CallColumn *column);

/* The width of each column: `needed`, or what is configured; the widest texts give way until all
 * fit into `width` with a blank between, or are as narrow as may be. */
void call_columns_fit(const GPtrArray *columns, const unsigned *needed, unsigned width,
                      unsigned *ret_widths);
