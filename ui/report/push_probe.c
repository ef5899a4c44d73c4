#include "ui/report/push_probe.h"

/* X-macro: columns, their types, and values of `counts`, the input so far. */
#define PROBE_COLUMNS(X)                                                                           \
  X("time", FIELD_TIME, value_time(probe->now_ns))                                                 \
  X("version", FIELD_STRING, value_string(probe->version))                                         \
  X("input", FIELD_STRING, value_string(probe->input))                                             \
  X("first", FIELD_TIME, report_time(counts->first_ns))                                            \
  X("last", FIELD_TIME, report_time(counts->last_ns))                                              \
  X("packets", FIELD_INTEGER, value_number(counts->packets))                                       \
  X("bytes", FIELD_INTEGER, value_number(counts->bytes))                                           \
  X("messages", FIELD_INTEGER, value_number(counts->messages))                                     \
  X("calls", FIELD_INTEGER, value_number(trace_call_count(report->trace)))                         \
  X("dropped_packets", FIELD_INTEGER, dropped_of(report, counts))                                  \
  X("undecoded_packets", FIELD_INTEGER, value_number(counts->undecoded_packets))                   \
  X("undecoded", FIELD_LIST, undecoded_of(report, counts))                                         \
  X("lost_fragments", FIELD_INTEGER, value_number(counts->lost_fragments))                         \
  X("skipped_bytes", FIELD_INTEGER, value_number(counts->skipped_octets))                          \
  X("retransmissions", FIELD_INTEGER, value_number(counts->retransmissions))                       \
  X("duplicates", FIELD_INTEGER, value_number(counts->duplicates))                                 \
  X("malformed", FIELD_INTEGER, value_number(counts->malformed))                                   \
  X("incomplete", FIELD_INTEGER, value_number(counts->incomplete))                                 \
  X("discarded_calls", FIELD_INTEGER, value_number(counts->evicted_calls))                         \
  X("discarded_streams", FIELD_INTEGER, value_number(counts->evicted_streams))                     \
  X("lost_rows", FIELD_INTEGER, value_number(probe->rows_lost))

#define COLUMN_TYPED(key, type, value) {key, type},
#define COLUMN_VALUE(key, type, value) value,

const TypedColumn PUSH_PROBE_TYPED[] = {PROBE_COLUMNS(COLUMN_TYPED){NULL, 0}};

/* Of files it is not known. */
static FieldValue dropped_of(const Report *report, const TraceStats *counts)
{
  return report->setup.counts_dropped ? value_number(counts->dropped_packets) : value_none();
}

/* "link type 258: 7" */
static FieldValue undecoded_of(Report *report, const TraceStats *counts)
{
  const Undecoded *undecoded = &counts->undecoded;
  Slice *items = arena_alloc(&report->scratch, MAX(undecoded->count, 1U) * sizeof *items);
  char name[UNDECODED_NAME_MAX];

  for (unsigned i = 0; i < undecoded->count; i++) {
    undecoded_name(&undecoded->rows[i], name);
    g_autofree char *text =
      g_strdup_printf("%s: %" G_GUINT64_FORMAT, name, undecoded->rows[i].count);
    items[i] = arena_dup(&report->scratch, slice_from_string(text));
  }
  return value_list(items, undecoded->count);
}

const FieldValue *push_probe_values(Report *report, const PushProbe *probe)
{
  const TraceStats *counts = trace_counts(report->trace);
  const FieldValue values[] = {PROBE_COLUMNS(COLUMN_VALUE)};

  return arena_copy(&report->scratch, values, sizeof values);
}
