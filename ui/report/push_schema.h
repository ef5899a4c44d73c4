/*
 * PushSchema: makes the tables of PushTables in a database, brings those of an older rung up to
 * date, and refuses those of a newer one.
 *
 * The version of what is there is in the table `rung_schema`.  Changes go forward only: columns and
 * tables are added, nothing is taken away.
 */
#pragma once

#include "capture/clickhouse.h"
#include "ui/report/push_tables.h"

typedef struct {
  const ClickHouseUrl *url;
  bool create; /* and bring up to date */
  const uint32_t
    *days; /* PUSH_TABLE_COUNT of them: when the server deletes rows; 0: never; or NULL:
                           as it was */
} PushSchemaOptions;

/* "30", or "30,messages=7": days for all tables, and for single ones. */
G_GNUC_WARN_UNUSED_RESULT bool push_days_parse(const char *text, uint32_t days[PUSH_TABLE_COUNT],
                                               GError **error);

/* Are the tables as this program fills them?  Made over the shards of a cluster if the URL names
 * one. */
G_GNUC_WARN_UNUSED_RESULT bool push_schema_prepare(ClickHouse *db, const PushTables *tables,
                                                   const PushSchemaOptions *options,
                                                   GError **error);
