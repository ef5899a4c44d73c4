/*
 * PushTables: the tables that `rung push` fills, and the SQL that makes them.
 *
 * A column is a key of `messages`, `calls`, `streams` or `registrations` with its type, so that a
 * new one there is a new one here; without those that count rows of the input (call 3 is another
 * call in another capture).  Every row has `probe`, `id` and `day`.  Times are nanoseconds since
 * 1970 in columns that end in _ns (0: not known), and again as DateTime without that ending.  An
 * absent number is NULL, absent text is empty.
 *
 * A row that comes twice has the same id and replaces itself (ReplacingMergeTree); FINAL reads it
 * once before the server has merged them.
 */
#pragma once

#include "capture/byte_buffer.h"
#include "capture/clickhouse_url.h"
#include "dissect/query/field.h"
#include "ui/report/report.h"

typedef enum {
  PUSH_MESSAGES,
  PUSH_CALLS,
  PUSH_STREAMS,
  PUSH_REGISTRATIONS,
  PUSH_PROBE, /* what was read, and what is missing in it */
  PUSH_TABLE_COUNT,
} PushTableId;

typedef struct {
  char *name;
  const Field *field; /* whose value it is; NULL: whoever makes the row knows it */
  FieldType type;
  bool many; /* Array */
} PushColumn;

typedef struct {
  const char *name;
  const char *key;   /* text by whose hash rows are ordered and sharded */
  const char *order; /* within it */
  GArray *columns;   /* PushColumn: those with a field, then the others */
  guint field_count;
  char *into; /* "`name` (`probe`, ...)", as PushSink takes it */
} PushTable;

typedef struct {
  PushTable items[PUSH_TABLE_COUNT];
} PushTables;

PushTables *push_tables_new(void);
void push_tables_free(PushTables *tables);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PushTables, push_tables_free)

/* The column that has the values of the field; NULL: there is none. */
const PushColumn *push_table_column(const PushTable *table, const Field *field);

/* --- Rows ------------------------------------------------------------------------------------- */

typedef struct {
  const char *probe;
  uint8_t id[16];
  int64_t time_ns; /* whose day it is */
} PushRowHead;

/* Appends a row with `values` of all columns, in RowBinary. */
void push_table_append_row(const PushTable *table, const PushRowHead *head,
                           const FieldValue *values, ByteBuffer *to);

/* Days since 1970-01-01 in UTC, as far as ClickHouse can say them. */
uint16_t push_day(int64_t time_ns);

/* --- SQL -------------------------------------------------------------------------------------- */

enum { PUSH_SCHEMA_VERSION = 2 };

/* Over several shards, a table's rows are in one of its name and this on each of them, and the
 * table itself (ENGINE=Distributed) finds them there by `key_hash`. */
#define PUSH_SHARD "_shard"

/* "ALTER TABLE ... ADD COLUMN ..."; `shard`: PUSH_SHARD or "", as in the next. */
void push_table_append_add(const PushTable *table, const char *shard, const PushColumn *column,
                           GString *sql);

/* "CREATE TABLE IF NOT EXISTS ..."; `codec`: the server compresses columns as it is told. */
void push_table_append_create(const PushTable *table, const char *shard, bool codec, GString *sql);

/* The same of the table that is over shards. */
void push_table_append_distributed(const PushTable *table, const ClickHouseUrl *url, GString *sql);

/* A row per finding, made of the calls. */
extern const char PUSH_FINDINGS_VIEW[];
