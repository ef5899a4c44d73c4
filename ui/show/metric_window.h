/*
 * MetricWindow: Metrics of the last hour, in a ring of buckets by the time of the capture; and
 * MetricWindows: the same by the value of a field.
 *
 * Buckets are half a minute long, so a window is up to that much longer than it is named.  What is
 * older than the ring is not counted; a clock that was set back by more begins it again.  The
 * number of groups is bounded: one that was silent for an hour makes room, else calls are counted
 * with the others.
 */
#pragma once

#include "ui/show/metric_groups.h"
#include "ui/show/tally.h"

#define WINDOW_BUCKET_NS (INT64_C(30) * 1000000000)

enum { WINDOW_BUCKETS = 121, WINDOW_GROUPS_MAX = 32 };

typedef enum {
  WINDOW_5_MINUTES,
  WINDOW_1_HOUR,
  WINDOW_COUNT,
} WindowLength;

/* "last 5 min"; seconds. */
const char *window_name(WindowLength length);
int window_seconds(WindowLength length);

typedef struct {
  Metrics buckets[WINDOW_BUCKETS]; /* of bucket number n: n % WINDOW_BUCKETS */
  int64_t newest;                  /* its number */
  int64_t oldest;                  /* that had an event, or is kept: numbers below are empty */
  bool begun;
} MetricWindow;

void metric_window_clear(MetricWindow *window);
void metric_window_add(MetricWindow *window, const TallyEvent *event);

/* What happened in that time before `now_ns`, into *ret_sum (metrics_clear); and how many seconds
 * that is, since the first event if that was later. */
double metric_window_sum(const MetricWindow *window, WindowLength length, int64_t now_ns,
                         Metrics *ret_sum);

/* Did nothing happen in the last hour? */
bool metric_window_is_empty(const MetricWindow *window, int64_t now_ns);

typedef struct {
  char *name; /* NULL: of calls without a value */
  size_t len;
  MetricWindow window;
} WindowGroup;

typedef struct {
  GroupKey key;
  char *by;
  HourStyle hours;
  FieldContext context;
  Arena scratch;
  GPtrArray *groups; /* WindowGroup */
  WindowGroup others;
  int64_t now_ns;
  uint32_t next, last; /* calls that were before it are added in steps */
} MetricWindows;

/* `by` must be one that group_key_parse takes. */
MetricWindows *metric_windows_new(const Trace *trace, const StoreSet *stores, const char *by,
                                  HourStyle hours);
void metric_windows_free(MetricWindows *windows);

/* A TallySink. */
void metric_windows_add(void *data, const TallyEvent *event);

/* Adds what was counted before it was made; true while there is more. */
bool metric_windows_step(MetricWindows *windows, int64_t until_us);
