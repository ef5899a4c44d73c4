/*
 * How the value of a field looks: for programs (JSON, CSV), and for people.
 */
#pragma once

#include "dissect/query/field_value.h"
#include "ui/show/format.h"
#include "ui/show/text.h"

enum { FIELD_VALUE_TEXT_MAX = MAX((int) ENDPOINT_TEXT_MAX, (int) TIME_TEXT_MAX) };

/*
 * For programs: durations in milliseconds, times in RFC 3339, "true" or "false".  Of a string or
 * an enum the text itself, else in `text`.  Not for lists.
 */
Slice field_value_format(const FieldValue *value, char text[FIELD_VALUE_TEXT_MAX]);

/* For people, safe to print: "12.3 s", times by the clock, "yes" or "no".  Not for lists. */
void field_value_append(GString *to, const FieldValue *value, Clock *clock, TextCharset charset);

/* The key of a row's column, bare and as JSON writes it. */
typedef struct {
  Slice key, json;
} ValueColumn;

#define VALUE_COLUMN(text)                                                                         \
  {                                                                                                \
    {text, sizeof(text) - 1},                                                                      \
    {                                                                                              \
      ",\"" text "\":", sizeof(text) + 3                                                           \
    }                                                                                              \
  }
