/*
 * Run: an input on its way into a trace: stores, source, pipeline and trace, from opening to the
 * last batch.  Batch, screen and tests drive it the same way: open, start, feed until it is over,
 * close.  One thread owns it.
 */
#pragma once

#include "capture/heap.h"
#include "capture/hep_send.h"
#include "dissect/ingest/pipeline.h"

/* Called with the frames of each batch, once its messages were added. */
typedef void (*RunFrames)(void *data, const FrameBatch *frames);

/* Called with calls that are evicted next, while they and their bytes are still there.  It may be
 * amid a batch, whose messages so far were added, but whose frames were not handed over. */
typedef void (*RunLeaving)(void *data, Call *const *calls, size_t count);

typedef struct {
  StoreSet *stores;
  Source *source;
  Trace *trace;
  Pipeline *pipeline; /* NULL before run_start */
  Limits limits;
  Heap heap;          /* of the trace */
  uint64_t seed;      /* pipeline_seed, once it was started */
  uint64_t messages;  /* added to the trace so far */
  GPtrArray *faults;  /* char *: what could not be read or kept so far, a line each */
  bool follows_media; /* set before run_start: once there is RTP, its calls are found */
  HepSend *hep;       /* NULL, or gets all messages and RTCP reports; owned, set before run_start */
  bool is_confined;   /* set before run_start: as Setup.is_confined */
  bool over;          /* everything was read */
  bool is_recycled;   /* a capture: what it wrote goes with its oldest calls */
  RunFrames frames;   /* NULL, or called with the data of run_feed */
  RunLeaving leaving; /* the same */
  int64_t latest_ns;  /* trace_now */
  int64_t latest_us;  /* monotonic time when that changed last */
} Run;

/* Called with each message that was added to the trace. */
typedef void (*RunMessage)(void *data, const Arrival *arrival, const Message *message);

/* Opens the source, with an empty trace.  See source_open for how it fails; *run needs no
 * run_close then. */
G_GNUC_WARN_UNUSED_RESULT bool run_open(Run *run, const SourceOptions *options,
                                        const Limits *limits, GError **error);

/* Starts reading, in a thread that inherits the signal mask of the caller. */
void run_start(Run *run);

/* Adds the messages of the next batch, if one comes within `wait_us`; false when none did.
 * `note` may be NULL. */
bool run_feed(Run *run, uint64_t wait_us, RunMessage note, void *data);

/* The time of the capture: the latest of the trace, plus what has passed since it came if more may
 * come; TIME_NONE before the first message. */
int64_t run_now(const Run *run);

/* Reads everything. */
void run_feed_all(Run *run);

/* Stops reading.  With `keep_trace` the trace is left to the end of the process, which frees a
 * model of a million calls at once, where call by call it takes a tenth of the whole time. */
void run_close(Run *run, bool keep_trace);
