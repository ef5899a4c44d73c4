/*
 * Json: writes JSON (RFC 8259) to an Out, on one line.
 *
 * Commas come by themselves.  Text is UTF-8 in any case: what was not becomes U+FFFD.
 * Control characters, C1 ones too, are escaped, so a row is harmless on a terminal.
 */
#pragma once

#include "ui/report/out.h"
#include "ui/show/format.h"

typedef struct {
  Out *out;
  bool comma; /* before the next key or value */
} Json;

static inline Json json_new(Out *out)
{
  return (Json){.out = out};
}

void json_begin_object(Json *json);
void json_end_object(Json *json);
void json_begin_array(Json *json);
void json_end_array(Json *json);

/* A key of our own: needs no escapes. */
void json_key(Json *json, const char *key);
/* A key that came from the network. */
void json_key_text(Json *json, Slice key);
/* Not negative; rounded to four decimals. */
void json_number(Json *json, double number);
void json_value(Json *json, FieldValue value);

/* Ends the line; the next value begins a new one. */
void json_end_line(Json *json);

/* A whole object a line: the values under the keys of their columns. */
void json_row(Json *json, const ValueColumn *columns, const FieldValue *values, size_t count);
