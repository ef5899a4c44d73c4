/*
 * FilterValue: the right side of a comparison, read as the type of the field on its left, and
 * whether a field's value matches it.  Private to the display filter.
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
  bool of_day; /* a time without a date: low and high are since midnight, local, of any day */
  union {
    Slice text; /* string, enum: in the arena */
    struct {
      int64_t low, high;
    };
    FilterAddresses addresses;
    bool truth;
  };
} FilterValue;

/* "a number", and examples of such values; for messages. */
const char *filter_type_name(FieldType type);
const char *filter_type_examples(FieldType type);

/* Can values of this type be compared this way? */
bool filter_type_has(FieldType type, FilterOperator op);

/*
 * Reads a value, or a range FIRST..LAST of numbers, durations, times or addresses; false if it is
 * neither.  A time without a zone is local (RFC 3339).
 */
bool filter_value_parse(FieldType type, Slice text, FilterValue *ret_value);

/* Is it a range? */
bool filter_value_is_range(FieldType type, Slice text);

/* Of EQUAL, LESS, AT_MOST, MORE and AT_LEAST. */
bool filter_value_holds(const FilterValue *value, FilterOperator op, const FieldValue *of);

/*
 * The parts of filter_value_parse: what users write for numbers, durations, times and addresses.
 * Each gives the first and the last value that is meant; false unless the whole text is one.
 */

/* 486, -1, or 4xx for 400..499. */
bool filter_literal_integer(Slice text, int64_t *ret_low, int64_t *ret_high);

/* 3.5, -1, 2%; in thousandths, digits beyond the third are left out. */
bool filter_literal_decimal(Slice text, int64_t *ret_low, int64_t *ret_high);

/* 3s, 250ms, 1.5s, 2min, 1h30min; a bare number is seconds. */
bool filter_literal_duration(Slice text, int64_t *ret_low, int64_t *ret_high);

/* 10:30, 10:30:05.5: the time of day, what is meant as in filter_literal_time; since midnight. */
bool filter_literal_clock(Slice text, int64_t *ret_low, int64_t *ret_high);

/*
 * RFC 3339, also with a space for the T: 2026-01-02T03:04:05.25Z; what is left out at its end means
 * the whole day, minute or second.  Local without Z or offset.
 */
bool filter_literal_time(Slice text, int64_t *ret_low, int64_t *ret_high);

/* 10.0.0.1, 10.0.0.1:5060, 10.0.0.0/8, 2001:db8::1, [2001:db8::1]:5060, 2001:db8::/32 */
bool filter_literal_addresses(Slice text, FilterAddresses *ret_addresses);
