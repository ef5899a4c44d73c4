/*
 * FieldList: fields as --columns and --sort name them, with commas between:
 * `call.start,header["X-Account"]`, `call.outcome,-call.duration`.
 */
#pragma once

#include "dissect/query/field.h"

typedef struct {
  FieldRef ref;
  bool descending; /* "-" before it */
} FieldChoice;

typedef enum {
  FIELD_LIST_COLUMNS, /* no signs, and each but once */
  FIELD_LIST_SORT,
} FieldListKind;

/* A GArray of FieldChoice that borrows from the text; NULL and APP_ERROR_USAGE when it is wrong. */
G_GNUC_WARN_UNUSED_RESULT GArray *field_list_parse(const char *text, FieldListKind kind,
                                                   GError **error);

/* `header["X-Account"]`, or the field's key; appended as it is known, not as it was typed. */
void field_ref_append_key(GString *to, const FieldRef *ref);
