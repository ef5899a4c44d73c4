/*
 * FilterValue: what stands on the right of a comparison, read as the type of the field on its
 * left; and the question whether a field's value is it.  Private to the display filter.
 *
 * Numbers, durations and times are intervals: 486 is 486..486, 4xx is 400..499, and the time
 * 2026-01-02 is that whole day.  Addresses are intervals too: 10.0.0.0/8 has a first and a last.
 */
#pragma once

#include "dissect/query/field.h"
#include "dissect/query/filter_lexer.h"

typedef struct {
  uint8_t first[16], last[16];
  uint8_t family; /* AddressFamily */
  uint16_t port;  /* 0: any */
} FilterAddresses;

typedef struct {
  FieldType type;
  union {
    Slice text; /* string, enum: in the arena */
    struct {
      int64_t low, high;
    };
    FilterAddresses addresses;
    bool truth;
  };
} FilterValue;

/* "a number", and what such values look like; for messages. */
const char *filter_type_name(FieldType type);
const char *filter_type_examples(FieldType type);

/* Can values of this type be asked so? */
bool filter_type_has(FieldType type, FilterOperator op);

/*
 * Reads a value, or a range FIRST..LAST of numbers, durations, times or addresses.  False when
 * it is none.  Local time zone where a time names none (RFC 3339).
 */
bool filter_value_parse(FieldType type, Slice text, FilterValue *ret_value);

/* One value where two are the ends of a range. */
bool filter_value_is_range(FieldType type, Slice text);

/* Of EQUAL, LESS, AT_MOST, MORE and AT_LEAST. */
bool filter_value_holds(const FilterValue *value, FilterOperator op, const FieldValue *of);
