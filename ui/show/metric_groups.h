/*
 * MetricGroups: Metrics of calls by the value of a field: by trunk, by user agent, by hour.
 *
 * The number of groups is bounded: beyond METRIC_GROUPS_MAX calls are counted with the others.  Of
 * a field with several values a call is counted once for each.
 */
#pragma once

#include "dissect/query/field.h"
#include "ui/show/format.h"
#include "ui/show/metrics.h"

enum {
  METRIC_GROUPS_MAX = 4096,
  METRIC_GROUP_NAME_MAX = 256,  /* bytes; what is longer is cut */
  METRIC_GROUP_VALUES_MAX = 64, /* of one call; those beyond are not counted */
};

typedef enum {
  GROUP_BY_FIELD,
  GROUP_BY_HOUR,
  GROUP_ALL, /* one group */
} GroupKind;

/* What calls are grouped by. */
typedef struct {
  GroupKind kind;
  FieldRef ref;   /* of GROUP_BY_FIELD; else its field is NULL */
  const char *by; /* as it was named: borrowed */
} GroupKey;

/* A field of calls, or `trunk` (call.dst), `user-agent` (call.user_agent), `hour` (of call.start),
 * `all`. */
G_GNUC_WARN_UNUSED_RESULT bool group_key_parse(const char *text, GroupKey *ret_key, GError **error);

/* How an hour is named. */
typedef enum {
  HOUR_LOCAL,   /* "2026-11-29 14:00" */
  HOUR_UTC,     /* the same in UTC */
  HOUR_RFC3339, /* "2026-11-29T14:00:00Z" */
} HourStyle;

/* The name of the hour of a time; SLICE_NONE if it is not known. */
Slice group_hour_name(HourStyle hours, int64_t time_ns, char text[TIME_TEXT_MAX]);

/* Calls `each` with the names of the groups of the call that `context` looks at, each once, cut at
 * METRIC_GROUP_NAME_MAX; SLICE_NONE if it has no value. */
void group_key_each(const GroupKey *key, HourStyle hours, FieldContext *context,
                    void (*each)(void *data, Slice name), void *data);

typedef struct {
  uint64_t seed;
  Slice name; /* SLICE_NONE: calls without a value */
  Metrics metrics;
} MetricGroup;

typedef struct {
  GroupKey key;
  HourStyle hours;
  uint64_t seed;
  GHashTable *groups; /* MetricGroup */
  MetricGroup others; /* beyond the limit */
} MetricGroups;

MetricGroups *metric_groups_new(const GroupKey *key, HourStyle hours);
void metric_groups_free(MetricGroups *groups);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MetricGroups, metric_groups_free)

/* The metrics of a group, or of the others beyond the limit; `name` is copied. */
Metrics *metric_groups_get(MetricGroups *groups, Slice name);

/* The call that `context` looks at, as it is now. */
void metric_groups_add(MetricGroups *groups, FieldContext *context);

/* MetricGroup *, those of the most calls and registrations first; of equal ones by name.  Hours are
 * in order of time. */
GPtrArray *metric_groups_list(const MetricGroups *groups);

/* Calls and attempts to register. */
uint64_t metric_group_size(const MetricGroup *group);
