/*
 * LiveNumbers: the numbers of a live run for others than its user: --metrics, --alert.
 *
 * It counts calls (ui/show/tally.h), diagnoses those that have ended and looks for alerts among
 * them, and publishes a text once a second.  For the thread that owns the trace.
 */
#pragma once

#include "dissect/ingest/run.h"
#include "ui/options.h"
#include "ui/show/metric_window.h"

typedef struct LiveNumbers LiveNumbers;

/* *ret_numbers is NULL where the options ask for none.  Opens the socket of --metrics, for which
 * root's rights may be needed, and starts the process of --exec: before there is anything open that
 * it should not have, or a second thread. */
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

/* Do its alerts, or the findings that it counts, need trace_follow_media? */
bool live_numbers_need_media(const LiveNumbers *numbers);

/* A line that has to be said; or NULL.  Freed with g_free. */
char *live_numbers_news(LiveNumbers *numbers);

/* Now and then; `now_ns`: the time of the capture. */
void live_numbers_tick(LiveNumbers *numbers, int64_t now_ns);
