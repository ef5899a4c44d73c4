/*
 * FieldValue: one typed value, of a field or of any other column of a row.
 *
 * The getters of FIELDS make values; JSON, CSV and text print them, each in its own way.  Plain
 * data that borrows what it points to: from the model, a table or the scratch of a FieldContext.
 */
#pragma once

#include "dissect/net/endpoint.h"

typedef enum {
  FIELD_STRING,
  FIELD_INTEGER,
  FIELD_DECIMAL,  /* thousandths: a MOS, a percentage */
  FIELD_DURATION, /* nanoseconds */
  FIELD_TIME,     /* nanoseconds since 1970 */
  FIELD_ADDRESS,  /* an endpoint; port 0: the address alone */
  FIELD_ENUM,     /* a word whose case does not matter: an outcome, a method, a host */
  FIELD_BOOLEAN,
  FIELD_LIST, /* of strings; only rows of reports have it, no field does */
} FieldType;

typedef struct {
  FieldType type;
  union {
    Slice text;      /* string, enum; data == NULL: there is no value */
    int64_t integer; /* integer, decimal, duration, time */
    Endpoint address;
    bool truth;
    struct {
      const Slice *items;
      size_t count;
    } list;
  };
} FieldValue;

/* Absent text is no value; empty text is one. */
static inline FieldValue value_text(Slice text)
{
  return (FieldValue){.type = FIELD_STRING, .text = text};
}

static inline FieldValue value_string(const char *text)
{
  return value_text(slice_from_string(text));
}

static inline FieldValue value_none(void)
{
  return value_text(SLICE_NONE);
}

static inline FieldValue value_number(uint64_t number)
{
  return (FieldValue){.type = FIELD_INTEGER, .integer = (int64_t) number};
}

/* Not negative. */
static inline FieldValue value_decimal(double number)
{
  return (FieldValue){.type = FIELD_DECIMAL, .integer = (int64_t) (number * 1000 + 0.5)};
}

/* Of a message whose time is not known (0): none. */
static inline FieldValue value_time(int64_t ns)
{
  if (ns == 0)
    return value_none();
  return (FieldValue){.type = FIELD_TIME, .integer = ns};
}

static inline FieldValue value_list(const Slice *items, size_t count)
{
  return (FieldValue){.type = FIELD_LIST, .list = {items, count}};
}
