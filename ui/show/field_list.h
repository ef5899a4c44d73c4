/*
 * FieldList: the comma-separated fields of --columns and --sort:
 * `call.start,header["X-Account"]`, `call.outcome,-call.duration`.
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
