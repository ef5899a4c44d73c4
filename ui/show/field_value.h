/*
 * How the value of a field looks: for programs (JSON, CSV), and for people.
 */
#pragma once

#include "dissect/query/field.h"
#include "ui/show/format.h"
#include "ui/show/text.h"
#include "ui/show/value.h"

/* For JSON and CSV: durations are milliseconds, addresses text; may lie in the arena. */
Value value_of_field(const FieldValue *value, Arena *arena);

/* The same as one text. */
Slice field_value_plain_text(const FieldValue *value, Arena *arena);

/* Safe text for people: "12.3 s", times by the clock, "yes" or "no". */
void field_value_append(GString *to, const FieldValue *value, Clock *clock, TextCharset charset);
