/*
 * Times, durations and values of fields as text.  Pure but for the local time zone, and without the
 * locale: a decimal point is a point.  Any int64 of nanoseconds is a valid time (1677 to 2262).
 */
#pragma once

#include <glib.h>

#include "capture/slice.h"
#include "dissect/query/field_value.h"
#include "ui/show/text.h"

typedef enum {
  TIME_ABSOLUTE,
  TIME_RELATIVE, /* seconds since the first */
  TIME_DELTA,    /* seconds since the previous one */
  TIME_EPOCH,    /* seconds since 1970-01-01 UTC */
} TimeMode;

enum { TIME_TEXT_MAX = 48 };

#define SECOND_NS INT64_C(1000000000)

/* "2026-01-02T03:04:05.123456000Z" (RFC 3339).  Returns the length. */
size_t time_format_rfc3339(int64_t time_ns, char text[TIME_TEXT_MAX]);

/* How a column of times is shown. */
typedef struct {
  TimeMode mode;
  bool utc;        /* absolute times in UTC, else in the local time zone */
  bool date;       /* absolute times with their date */
  unsigned digits; /* of the fraction: 0, 3, 6 or 9 */
  bool started;    /* base_ns and previous_ns are set */
  int64_t base_ns, previous_ns;
  int64_t zone_slot; /* the quarter of an hour that zone_offset_s is for */
  int32_t zone_offset_s;
} Clock;

Clock clock_new(TimeMode mode, bool utc);

/* The next relative time and the next delta are counted from `base_ns`. */
void clock_restart(Clock *clock, int64_t base_ns);

/* A time as the clock shows it; the first starts it.  Returns `text`. */
char *clock_format(Clock *clock, int64_t time_ns, char text[TIME_TEXT_MAX]);

/* Days since 1970-01-01 in the clock's zone. */
int64_t clock_day(Clock *clock, int64_t time_ns);

/* Milliseconds with at least one and up to six decimals: "120.5".  Returns the length. */
size_t duration_format_ms(int64_t ns, char text[TIME_TEXT_MAX]);

/* For people: "85 ms", "12.3 s", "2m05s", "1h02m". Returns `text`. */
char *duration_format(int64_t ns, char text[TIME_TEXT_MAX]);
/* The same of what goes on: in whole seconds, so that it does not flicker. */
char *duration_so_far_format(int64_t ns, char text[TIME_TEXT_MAX]);

/* For people, in steps of a thousand: "17 B", "12.9 kB", "1.2 GB".  Returns `text`. */
char *size_format(uint64_t bytes, char text[TIME_TEXT_MAX]);

/* Decimal digits; returns the length. */
size_t number_format(uint64_t number, char text[TIME_TEXT_MAX]);

/* Appends a format that has one %u, as printf does in ten times the time. */
void number_append(GString *to, const char *format, uint32_t number);

/* A status code, or "???" for SIP_STATUS_UNREADABLE. */
void status_append(GString *to, unsigned status);

/* A word of an enum, as people read it. */
Slice word_shown(Slice word);

/* --- the values of fields --- */

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
