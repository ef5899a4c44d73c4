/*
 * Exposition: what a live run has to say to Prometheus, as its text format 0.0.4.
 *
 * Sets of labels are bounded: outcomes, methods that have a name, statuses, ids of findings,
 * EXPOSITION_SENDERS_MAX senders of HEP.
 */
#pragma once

#include "capture/source.h"
#include "dissect/diagnose/finding.h"
#include "ui/show/metric_window.h"

enum { EXPOSITION_SENDERS_MAX = 64 };

typedef struct {
  const Trace *trace;
  const Source *source;
  const StoreSet *stores;
  const Metrics *total;       /* since the beginning */
  const MetricWindow *window; /* of the last hour */
  const uint64_t *findings;   /* FINDING_COUNT of them, in calls that have ended */
  uint64_t resident_bytes;    /* memory of the process; 0: not known */
  int64_t now_ns;
} Exposition;

void exposition_append(const Exposition *exposition, GString *to);

/* A label's value: backslash, quote and line feed are escaped; what is not UTF-8 becomes U+FFFD. */
void exposition_append_label(GString *to, Slice value);
