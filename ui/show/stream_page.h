/*
 * StreamPage: what is known of one RTP stream, as rows of names and values: the counters, RTCP
 * beside what was measured, and its course over time.
 */
#pragma once

#include "capture/arena.h"
#include "dissect/trace/trace.h"
#include "ui/show/format.h"
#include "ui/show/stream_series.h"

typedef enum {
  STREAM_HEADING, /* of a section */
  STREAM_FACT,    /* a name and a value */
  STREAM_PAIR,    /* a name, what was measured, and what the receiver reported */
  STREAM_CURVE,   /* a name, its highest value, and values from 0 to 1 */
} StreamRowKind;

typedef struct {
  StreamRowKind kind;
  Slice name;
  Slice value, reported; /* safe */
  const float *curve;    /* valid as long as the texts */
  size_t curve_len;
} StreamRow;

typedef struct {
  Arena *arena; /* holds all texts */
  const Trace *trace;
  const RtpStream *stream;
  const SeriesResult *series; /* NULL: not known yet */
  const char *no_series;      /* why, if it will not be known; or NULL */
  bool brief;                 /* without the course over time */
  bool utc;
  TextCharset charset;
} StreamPageInput;

/* An array of StreamRow. */
GArray *stream_page_rows(const StreamPageInput *input);
