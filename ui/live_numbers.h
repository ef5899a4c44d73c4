/*
 * LiveNumbers: the numbers of a live run for others than its user: --metrics.
 *
 * It counts calls (ui/show/tally.h), diagnoses those that have ended, and publishes a text once a
 * second.  For the thread that owns the trace.
 */
#pragma once

#include "dissect/ingest/run.h"
#include "ui/options.h"
#include "ui/show/metric_window.h"

typedef struct LiveNumbers LiveNumbers;

/* *ret_numbers is NULL where the options ask for none.  Opens the socket of --metrics, for which
 * root's rights may be needed. */
G_GNUC_WARN_UNUSED_RESULT bool live_numbers_open(const Options *options, LiveNumbers **ret_numbers,
                                                 GError **error);
void live_numbers_free(LiveNumbers *numbers);

/* The run was opened, and rights were given up.  `tally`: of whoever touches and steps it; NULL:
 * one of its own.  All functions below take NULL. */
G_GNUC_WARN_UNUSED_RESULT bool live_numbers_begin(LiveNumbers *numbers, const Run *run,
                                                  Tally *tally, GError **error);

/* The run is about to be closed; another one may begin. */
void live_numbers_end(LiveNumbers *numbers);

/* The call got a message. */
void live_numbers_touch(LiveNumbers *numbers, const Call *call);

/* Now and then; `now_ns`: the time of the capture. */
void live_numbers_tick(LiveNumbers *numbers, int64_t now_ns);
