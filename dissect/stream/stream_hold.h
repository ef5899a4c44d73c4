/*
 * StreamHold: events of a stream that cannot be read yet, as they came: it waits for a key, or for
 * the other direction of its connection.  HoldTable: all that are held; bounded.  For carrier.c.
 *
 * Held events are given back one by one, in order, once it is worth to try again.
 */
#pragma once

#include <glib.h>

#include "dissect/net/tcp.h"

typedef struct Stream Stream;

/* In each stream; zeroed it holds nothing. */
typedef struct {
  GQueue events; /* of HeldEvent (stream_hold.c) */
  size_t bytes;
  GList link; /* in one of the queues of the table */
  bool is_ready;
} StreamHold;

typedef struct {
  GQueue waiting, ready; /* of Stream; those that wait for longest first */
  size_t bytes;
  struct HeldEvent *given;
} HoldTable;

static inline bool stream_hold_is_empty(const StreamHold *hold)
{
  return hold->events.length == 0;
}

/* What is held is of that direction, which is a copy of the one that it came from. */
void stream_hold_move(StreamHold *hold, TcpStream *to);

/* The event is of a stream that holds earlier ones. */
void hold_table_add(HoldTable *table, Stream *stream, const TcpEvent *event);

/* The stream waits since that event, of which the last `rest` bytes are to come again. */
void hold_table_keep_back(HoldTable *table, Stream *stream, const TcpEvent *event, size_t rest);

/* It is worth to try that stream again, or all. */
void hold_table_retry(HoldTable *table, Stream *stream);
void hold_table_retry_all(HoldTable *table);

/* The next event of a stream that is tried again; valid until the next call. */
bool hold_table_next(HoldTable *table, TcpEvent *ret_event);

/* Drops what the stream holds. */
void hold_table_drop(HoldTable *table, Stream *stream);

/* When the stream, or all together, hold too much: one that has to be given up; else NULL. */
Stream *hold_table_overfull(const HoldTable *table, Stream *stream, size_t bytes_max);

void hold_table_clear(HoldTable *table);
