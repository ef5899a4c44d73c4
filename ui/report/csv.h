/*
 * CSV (RFC 4180): rows of values, lines end in CRLF.
 *
 * Missing values are empty, lists are joined with spaces.  Text that a spreadsheet would take for a
 * formula is preceded by an apostrophe; control characters but line ends and tabs become U+FFFD.
 */
#pragma once

#include "ui/report/out.h"
#include "ui/show/format.h"

void csv_header(Out *out, const ValueColumn *columns, size_t count);
void csv_row(Out *out, const FieldValue *values, size_t count);
