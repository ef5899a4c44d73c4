/*
 * FetchSql: which messages of a database are asked for: those of the calls with a message between
 * two times, those that are named by Call-IDs, and with what a display filter needs, as far as that
 * is a column.
 */
#pragma once

#include "dissect/query/display_filter.h"
#include "ui/show/selection.h"

typedef struct {
  int64_t since_ns, until_ns;  /* INT64_MIN, INT64_MAX: not given */
  const DisplayFilter *filter; /* or NULL */
  const Selection *named;      /* or NULL: any */
  const char *table;           /* of messages, on the shard that is asked */
} FetchChoice;

/* "2h" before now, or a time as in filters. */
G_GNUC_WARN_UNUSED_RESULT bool fetch_time_parse(const char *text, int64_t now_ns,
                                                int64_t *ret_time_ns);

/* Appends the condition; "1" if everything is meant.  `fields`: the keys of the filter that became
 * part of it are appended, with commas.  Returns whether it leaves out calls of that time. */
bool fetch_sql_append(const FetchChoice *choice, GString *sql, GString *fields);

/* Of a PREWHERE: those of its rows that are of GB/T 28181.  The answers to a query and what is
 * notified to a subscriber are MESSAGEs with Call-IDs of their own; whose they are is not in the
 * database. */
#define FETCH_AND_IS_EXCHANGE                                                                      \
  " AND cseq_method IN ('MESSAGE','SUBSCRIBE') WHERE positionCaseInsensitive(raw,'manscdp')>0"

/* Appends the condition for all calls with such rows between the two times. */
void fetch_sql_append_exchanges(const FetchChoice *choice, GString *sql);
