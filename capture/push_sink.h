/*
 * PushSink: takes batches of rows and sends them to ClickHouse, in a thread of its own.
 *
 * A batch is compressed, kept in a PushQueue, and sent when those before it were; it is sent again
 * until the server has it, so that rows need ids by which the server knows them again.  Where the
 * input can wait (files) it waits while the queue is full, and the sink gives up when the server
 * was away for long or refuses for good.  Where it cannot (live), rows are lost instead, and
 * counted.
 */
#pragma once

#include "capture/byte_buffer.h"
#include "capture/clickhouse.h"

typedef struct {
  const ClickHouseUrl *url;
  const char *folder; /* of the queue; NULL: a temporary one */
  uint64_t limit;     /* of the queue, bytes */
  bool is_live;
} PushSinkOptions;

typedef struct {
  uint64_t sent, lost; /* rows */
  uint64_t waiting;    /* rows in the queue */
} PushCounts;

typedef struct PushSink PushSink;

/* What `options` point to must outlive it. */
PushSink *push_sink_new(const PushSinkOptions *options, GError **error);

/* Rows that wait go with it, unless the folder was named. */
void push_sink_free(PushSink *sink);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PushSink, push_sink_free)

/* For questions before push_sink_start. */
ClickHouse *push_sink_database(PushSink *sink);

/* From now on batches are sent; the queue is opened with the rights that the thread will have. */
G_GNUC_WARN_UNUSED_RESULT bool push_sink_start(PushSink *sink, GError **error);

/* Takes what is in `rows` (RowBinary, `count` of them) and leaves it empty; `into`: "`table`
 * (`column`, ...)", which must outlive the sink. */
void push_sink_add(PushSink *sink, const char *into, ByteBuffer *rows, uint64_t count);

/* Has it given up?  The rows that were not sent are in the queue, or lost. */
bool push_sink_has_failed(const PushSink *sink);

/* A line that has to be said: why rows are not sent, that they are again, how many were lost (at
 * most once a minute); or NULL.  Freed with g_free. */
char *push_sink_news(PushSink *sink);

/* No more batches come.  True once all are sent, or it gave up; to be asked until then. */
bool push_sink_finish(PushSink *sink, unsigned wait_ms);

/* Gives up. */
void push_sink_stop(PushSink *sink);

PushCounts push_sink_counts(const PushSink *sink);
