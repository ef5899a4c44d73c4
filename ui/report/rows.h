/*
 * Rows: the calls or messages of a report in the order that --sort asks for, once all was read.
 *
 * Equal ones stay in order of appearance; what a fact is absent of comes last, whichever way it
 * is sorted.
 */
#pragma once

#include "ui/report/report.h"

/* One of both; of a message its call, too. */
typedef struct {
  const Call *call;
  const Message *message; /* NULL: the row is the call */
} ReportRow;

/* All that are chosen: a GArray of ReportRow. */
GArray *rows_new(Report *report);

/* Makes the context look at the row. */
void row_look_at(const ReportRow *row, FieldContext *context);
