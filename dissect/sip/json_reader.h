/*
 * JsonReader: the values of a JSON text (RFC 8259) one after the other, with their names.
 *
 * A pull reader over slices: it allocates nothing, needs linear time, and stops at the first fault.
 * Objects and arrays deeper than JSON_DEPTH_MAX are a fault.
 */
#pragma once

#include "capture/arena.h"
#include "capture/slice.h"

enum { JSON_DEPTH_MAX = 64 };

typedef enum {
  JSON_OBJECT, /* it begins; its members follow, then JSON_END */
  JSON_ARRAY,
  JSON_END,
  JSON_STRING,
  JSON_NUMBER,
  JSON_WORD, /* true, false, null */
} JsonKind;

typedef struct {
  JsonKind kind;
  Slice name;  /* of a member, for json_unescape; absent in an array */
  Slice value; /* as written, a string without quotes; of an object or array its first byte */
} JsonItem;

typedef struct {
  Slice rest;
  unsigned depth;   /* objects and arrays that are open */
  uint64_t objects; /* a bit for each: it is an object */
  bool is_first;    /* nothing was read of the innermost one */
  bool is_over;     /* the value is complete */
  const char *fault;
} JsonReader;

static inline JsonReader json_reader_of(Slice text)
{
  return (JsonReader){.rest = text};
}

/* False at the end and at a fault; `rest` begins where that is. */
bool json_reader_next(JsonReader *reader, JsonItem *ret_item);

/* A name or string without escapes, in UTF-8; the text itself when it has none. */
Slice json_unescape(Arena *arena, Slice text);
