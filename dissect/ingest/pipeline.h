/*
 * Pipeline: the driver of the ingest thread; reads like the way of the data: source -> packet
 * -> datagram or stream -> message.  Batches of arrivals go over one queue to the main
 * thread, which owns the trace, and come back over another; nothing else is shared.  The last
 * step, parsing, is pure: it is done by whichever thread has time for it (parsers.h).
 */
#pragma once

#include "dissect/ingest/batch.h"

typedef struct Pipeline Pipeline;

/* Starts the ingest thread, which uses source and stores until pipeline_free; as pipeline_new where
 * there can be no thread. */
Pipeline *pipeline_start(const Setup *setup);

/* Without a thread: pipeline_take reads, and there is one batch.  For inputs so small that to start
 * a thread costs more than to read them. */
Pipeline *pipeline_new(const Setup *setup);

/* Ends the thread after it stopped the source, however much is left. */
void pipeline_free(Pipeline *pipeline);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pipeline, pipeline_free)

/* The next batch, NULL when none came within `wait_us` or when the last one was taken. */
Batch *pipeline_take(Pipeline *pipeline, uint64_t wait_us);
void pipeline_give_back(Pipeline *pipeline, Batch *batch);

/* What the Call-IDs are hashed with (Call.hash). */
uint64_t pipeline_seed(const Pipeline *pipeline);
