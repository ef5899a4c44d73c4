/*
 * FieldList: the comma-separated fields of --columns and --sort:
 * `call.start,header["X-Account"]`, `call.outcome,-call.duration`; and sorting by them.
 */
#pragma once

#include "dissect/query/field.h"

typedef struct {
  FieldRef ref;
  bool descending; /* "-" before it */
} FieldChoice;

typedef enum {
  FIELD_LIST_COLUMNS, /* no signs, each field once */
  FIELD_LIST_SORT,
} FieldListKind;

/* A GArray of FieldChoice that borrows from the text; NULL and APP_ERROR_USAGE on a mistake. */
G_GNUC_WARN_UNUSED_RESULT GArray *field_list_parse(const char *text, FieldListKind kind,
                                                   GError **error);

/* Appends `header["X-Account"]`, or the field's own key, whichever alias was typed. */
void field_ref_append_key(GString *to, const FieldRef *ref);

/*
 * SortKey: the value of a field in a form that is compared fast: its first bytes as numbers, and
 * the whole text if these are equal.  Sorting by fields uses it, at once (sort_items) or in slices
 * (CallOrder).
 *
 * The order is that of field_compare.  Missing values come last in either direction; equal items
 * stay in the order of their numbers.  Texts are in the arena that was passed.  They can be limited
 * in length: SORT_UNDECIDED says that the kept parts of two longer texts are equal.
 */

/* The start of a text in lower case. */
typedef struct {
  uint32_t len;
  bool is_cut;
  char bytes[];
} SortText;

enum { SORT_TEXT_MAX = 128 }; /* for CallOrder, which keeps the keys of all calls */

typedef struct {
  uint64_t high, low;   /* compared first */
  const SortText *text; /* NULL: the numbers are the whole value */
  uint32_t number;      /* of the item */
  bool is_missing;
} SortKey;

typedef enum {
  SORT_BEFORE = -1,
  SORT_EQUAL = 0,
  SORT_AFTER = 1,
  SORT_UNDECIDED, /* equal as far as both texts are kept */
} SortOrder;

/* `value`: NULL if it is missing.  `most`: how much of a text is kept. */
SortKey sort_key_new(Arena *texts, uint32_t number, const FieldValue *value, size_t most);

/* By value alone; neither the numbers nor the direction of missing values count. */
SortOrder sort_key_compare(const SortKey *a, const SortKey *b, bool descending);

/* Moves its text to another arena. */
void sort_key_move(SortKey *key, Arena *texts);

/* Bytes used in the arena. */
size_t sort_key_bytes(const SortKey *key);

typedef void (*SortLookAt)(FieldContext *context, const void *item);

/* Sorts an array of items by fields (FieldChoice) at once.  `look_at` makes the context look at an
 * item; `unreadable` of the context is set if some could not be read. */
void sort_items(GArray *items, const GArray *fields, FieldContext *context, SortLookAt look_at);
