/*
 * Columns: rows of calls or messages with the facts that --columns names, as a table, JSON or CSV.
 * Titles, types and values are those of FIELDS; how a value looks follows from its type.
 */
#pragma once

#include "ui/report/rows.h"

/* All rows in the report's format; keys are those of the fields. */
void columns_print(Report *report, const GArray *rows);
