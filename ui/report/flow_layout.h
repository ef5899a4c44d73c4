/*
 * FlowLayout: the ladder of a CallFlow as positions, for text, SVG and HTML.
 *
 * All rungs are measured before the first window is laid out, so that lifelines do not move between
 * windows.
 */
#pragma once

#include "ui/report/call_flow.h"
#include "ui/show/ladder.h"

typedef struct {
  LadderSpan *spans; /* columns * columns */
  size_t columns;    /* of the ladder */
  unsigned number_width, time_width;
  unsigned width; /* wanted */
  TextCharset charset;
  Clock clock; /* for measuring */
  Note *notes; /* of all calls, by time */
  size_t note_count, notes_put;
} FlowLayout;

/* Begins the clock of the report, too.  The layout is in report->scratch. */
FlowLayout *flow_layout_new(Report *report, const CallFlow *flow);

void flow_layout_measure(FlowLayout *layout, Report *report, const CallFlow *flow, size_t rung);

/* Some rungs of the ladder; all of it is in report->octets, which is reset. */
Ladder flow_layout_window(const FlowLayout *layout, Report *report, const CallFlow *flow,
                          size_t first, size_t count);

/* The time before a rung in which no message was sent, if it is long enough to be shown; else 0. */
int64_t flow_silence_ns(const Report *report, const CallFlow *flow, size_t rung);
