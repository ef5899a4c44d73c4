/*
 * Value: one typed fact of a row, and the columns it stands in, for JSON and CSV alike.
 * Plain; borrows what it points to.
 */
#pragma once

#include "capture/slice.h"

typedef enum {
  VALUE_NONE,
  VALUE_TEXT,
  VALUE_NUMBER,
  VALUE_BOOL,
  VALUE_TIME,     /* nanoseconds since 1970 */
  VALUE_DURATION, /* nanoseconds, shown as milliseconds */
  VALUE_LIST,     /* of texts */
} ValueKind;

typedef struct {
  ValueKind kind;
  union {
    Slice text;
    uint64_t number;
    bool truth;
    int64_t ns;
    struct {
      const Slice *items;
      size_t count;
    } list;
  };
} Value;

/* A column's key, bare and as it stands in a JSON object. */
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

static inline Value value_none(void)
{
  return (Value){.kind = VALUE_NONE};
}

/* Absent text is no fact; empty text is one. */
static inline Value value_text(Slice text)
{
  return (Value){.kind = text.data ? VALUE_TEXT : VALUE_NONE, .text = text};
}

static inline Value value_string(const char *text)
{
  return value_text(slice_from_string(text));
}

static inline Value value_number(uint64_t number)
{
  return (Value){.kind = VALUE_NUMBER, .number = number};
}

static inline Value value_bool(bool truth)
{
  return (Value){.kind = VALUE_BOOL, .truth = truth};
}

static inline Value value_time(int64_t ns)
{
  return (Value){.kind = VALUE_TIME, .ns = ns};
}

static inline Value value_duration(int64_t ns)
{
  return (Value){.kind = VALUE_DURATION, .ns = ns};
}

static inline Value value_list(const Slice *items, size_t count)
{
  return (Value){.kind = VALUE_LIST, .list = {items, count}};
}

/* The value where `present`, else no fact. */
static inline Value value_if(bool present, Value value)
{
  return present ? value : value_none();
}
