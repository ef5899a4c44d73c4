/*
 * Rows: the calls or messages of a report in the order of --sort, with the fields of --columns,
 * once everything was read.
 *
 * Equal ones keep their order of appearance; missing values come last, whichever the direction.
 * Titles, types and values are those of FIELDS; the format of a value follows from its type.
 */
#pragma once

#include "ui/report/report.h"
#include "ui/show/field_list.h"

/* A call, a message and its call, or a stream. */
typedef struct {
  const Call *call;
  const Message *message;  /* NULL: the row is the call */
  const RtpStream *stream; /* then there is neither of them */
} ReportRow;

/* All that are selected: a GArray of ReportRow. */
GArray *rows_new(Report *report);

/* Makes the context look at the row. */
void row_look_at(const ReportRow *row, FieldContext *context);

/*
 * All rows with the fields that --columns names; JSON and CSV keys are those of the fields.
 * `spare` (or NULL) ends with NULL: the fields that are left out of text, in this order, while the
 * rows do not fit the width.
 */
void rows_print_fields(Report *report, const GArray *rows, const char *const *spare);

extern const FieldRows FIELD_ROWS_TEXT, FIELD_ROWS_JSON, FIELD_ROWS_CSV;

/* Defines NAME_SHAPE from an X-macro of keys and fields, each written once. */
#define ROW_SHAPE(NAME, COLUMNS)                                                                   \
  static const ValueColumn NAME##_KEYS[] = {COLUMNS(ROW_KEY)};                                     \
  static const char *const NAME##_FIELDS[] = {COLUMNS(ROW_FIELD)};                                 \
  static const RowShape NAME##_SHAPE = {NAME##_KEYS, NAME##_FIELDS, G_N_ELEMENTS(NAME##_KEYS)};
/* The same as a part of ReportSchema.notation. */
#define ROW_SCHEMA(key, field) key "=" field ","
#define ROW_KEY(key, field) VALUE_COLUMN(key),
#define ROW_FIELD(key, field) field,
