/*
 * Tally: counts each call once while the trace grows: when it is known what became of it, and when
 * it has ended; and each attempt to register.  By the time of the capture.
 *
 * A call is looked at when it was quiet for a second, and again while an answer may still come, so
 * that work is constant per message and per call.  Who wants to know of it adds a sink.
 */
#pragma once

#include "dissect/trace/trace.h"
#include "ui/show/metrics.h"

typedef enum {
  TALLY_REQUEST,  /* a call got its outcome */
  TALLY_ENDING,   /* an answered call ended */
  TALLY_REGISTER, /* an attempt to register is over */
} TallyKind;

typedef struct {
  TallyKind kind;
  int64_t time_ns;
  const Call *call;
  const CallSummary *summary; /* of a call, as the next one */
  const CallMetrics *measured;
  const RegisterAttempt *attempt; /* of TALLY_REGISTER */
} TallyEvent;

typedef void (*TallySink)(void *data, const TallyEvent *event);

typedef struct Tally Tally;

/* Borrows the trace, which must have no messages. */
Tally *tally_new(Trace *trace);
void tally_free(Tally *tally);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tally, tally_free)

void tally_add_sink(Tally *tally, TallySink sink, void *data);
void tally_remove_sink(Tally *tally, const void *data);

/* The call got a message. */
void tally_touch(Tally *tally, const Call *call);

/* Counts what is due at that time of the capture; true while there is more that is due. */
bool tally_step(Tally *tally, int64_t now_ns, int64_t until_us);

/* Everything was read: what waits is counted as it is; what is not decided then stays open. */
void tally_finish(Tally *tally);

/* The events of the call that were counted so far, again. */
void tally_replay(const Call *call, int64_t now_ns, TallySink sink, void *data);

/* Since the beginning. */
const Metrics *tally_total(const Tally *tally);

void metrics_add_event(Metrics *metrics, const TallyEvent *event);
