/*
 * StreamSeries: loss, jitter and bit rate of one RTP stream over time.
 *
 * The counters of a stream have a fixed size and know no course of time: the capture is read a
 * second time for it, as a job.  Time from the first to the last packet, as it was when the job
 * began, is divided into equal slots: of several packets each, and not more than SERIES_SLOTS.
 */
#pragma once

#include "capture/source.h"
#include "dissect/media/stream_quality.h"
#include "ui/show/job.h"

enum { SERIES_SLOTS = 240, SERIES_SLOT_MS = 200 /* at least, unless there is only one */ };

typedef struct {
  uint32_t packets, lost; /* lost: of the sequence numbers that this slot went over */
  uint64_t bytes;         /* RTP headers and payload */
  float jitter_ms;        /* the highest (RFC 3550 6.4.1) */
} SeriesSlot;

typedef struct {
  uint64_t packets; /* 0: none of them can be read again */
  bool has_jitter;  /* the clock rate is known */
  size_t slot_count;
  int64_t slot_ns; /* length of a slot */
  SeriesSlot slots[SERIES_SLOTS];
} SeriesResult;

/* The result is complete once the job is done. */
typedef struct {
  Job job;
  SeriesResult result;
} StreamSeries;

/* `source` and `stores` must outlive it; the stream is copied.  NULL and an error if the input
 * cannot be read again. */
StreamSeries *stream_series_new(const Source *source, StoreSet *stores, const RtpStream *stream,
                                uint32_t clock_rate, GError **error);
