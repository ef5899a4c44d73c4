/*
 * EndedTable: TCP connections that have ended while their streams hold what a key may still open
 * (stream_hold.h).  The TCP table forgets them: here they live on, for a bounded time.  For
 * carrier.c.
 */
#pragma once

#include <glib.h>

#include "dissect/net/tcp.h"

enum { ENDED_MAX = 1024 };

typedef struct EndedConnection {
  GList link;
  TcpStream sides[2];
  int64_t since_ns;
} EndedConnection;

/* Zeroed it is empty. */
typedef struct {
  GQueue connections; /* of EndedConnection, the one that ended first is first */
} EndedTable;

/* Both directions have ended: their streams (TcpStream.user), and what they hold, are of a copy
 * from now on. */
EndedConnection *ended_table_add(EndedTable *table, const TcpStream *tcp, int64_t now_ns);

/* Its streams were freed. */
void ended_table_remove(EndedTable *table, EndedConnection *ended);

/* The one that ended first, when it has waited for too long, holds nothing any more, or there are
 * too many; else NULL.  INT64_MAX: in any case. */
EndedConnection *ended_table_due(const EndedTable *table, int64_t now_ns);

/* Does a stream of the connection hold anything? */
bool ended_holds(const TcpStream *tcp);
