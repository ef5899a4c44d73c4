#include "ui/report/push_tables.h"

#include "capture/row_binary.h"
#include "ui/report/push_probe.h"
#include "ui/report/registration_rows.h"
#include "ui/report/subcommand.h"
#include "ui/show/format.h"

/* X-macros of columns beside those of the commands: their names, and fields or types. */
#define MESSAGE_FIELDS(X)                                                                          \
  X("from_user", "from.user")                                                                      \
  X("to_user", "to.user")                                                                          \
  X("malformed", "message.malformed")                                                              \
  X("copier", "message.copier")                                                                    \
  X("copier_id", "message.copier.id")

#define MESSAGE_OTHERS(X) X("raw", FIELD_STRING)

#define CALL_FIELDS(X)                                                                             \
  X("from_user", "from.user")                                                                      \
  X("to_user", "to.user")                                                                          \
  X("src", "call.src")                                                                             \
  X("dst", "call.dst")                                                                             \
  X("transports", "call.transports")                                                               \
  X("pdd_ms", "call.pdd")                                                                          \
  X("srd_ms", "call.srd")                                                                          \
  X("sdd_ms", "call.sdd")                                                                          \
  X("rrd_ms", "call.rrd")                                                                          \
  X("failed_srd_ms", "call.failed_srd")                                                            \
  X("failed_sdd_ms", "call.failed_sdd")                                                            \
  X("sdt_ms", "call.sdt")                                                                          \
  X("failed_sdt_ms", "call.failed_sdt")                                                            \
  X("duplicates", "call.duplicates")                                                               \
  X("forks", "call.forks")                                                                         \
  X("cause", "call.cause")                                                                         \
  X("user_agent", "call.user_agent")                                                               \
  X("server", "call.server")                                                                       \
  X("codecs_offered", "call.codecs_offered")                                                       \
  X("codecs", "call.codecs_chosen")                                                                \
  X("audio", "call.audio")                                                                         \
  X("mos", "call.mos")                                                                             \
  X("loss_percent", "call.loss")                                                                   \
  X("jitter_ms", "call.jitter")                                                                    \
  X("streams", "call.streams")

/* Findings in the order of their rows in FindingList, so that one has one place in each column; and
 * what the call adds to Metrics (rrds: nanoseconds), NULL in rows of schema 1. */
#define CALL_OTHERS(X)                                                                             \
  X("finding", FIELD_LIST)                                                                         \
  X("finding_severity", FIELD_LIST)                                                                \
  X("finding_section", FIELD_LIST)                                                                 \
  X("finding_text", FIELD_LIST)                                                                    \
  X("finding_where", FIELD_LIST)                                                                   \
  X("finding_status", FIELD_LIST)                                                                  \
  X("sessions", FIELD_INTEGER)                                                                     \
  X("ner", FIELD_INTEGER)                                                                          \
  X("seer", FIELD_INTEGER)                                                                         \
  X("isa", FIELD_INTEGER)                                                                          \
  X("scr", FIELD_INTEGER)                                                                          \
  X("registrations", FIELD_INTEGER)                                                                \
  X("failed_registrations", FIELD_INTEGER)                                                         \
  X("rrds", FIELD_LIST)

#define STREAM_OTHERS(X) X("call_id", FIELD_STRING)

typedef struct {
  const char *name, *field;
} FieldColumn;

#define FIELD_COLUMN(name, field) {name, field},
#define TYPED_COLUMN(name, type) {name, type},

static const FieldColumn MESSAGE_MORE[] = {MESSAGE_FIELDS(FIELD_COLUMN){NULL, NULL}};
static const FieldColumn CALL_MORE[] = {CALL_FIELDS(FIELD_COLUMN){NULL, NULL}};
static const FieldColumn NO_MORE[] = {{NULL, NULL}};
static const TypedColumn MESSAGE_TYPED[] = {MESSAGE_OTHERS(TYPED_COLUMN){NULL, 0}};
static const TypedColumn CALL_TYPED[] = {CALL_OTHERS(TYPED_COLUMN){NULL, 0}};
static const TypedColumn STREAM_TYPED[] = {STREAM_OTHERS(TYPED_COLUMN){NULL, 0}};

/* What another capture counts differently. */
static const char *const OF_THE_INPUT[] = {
  "call.number",         "message.number",    "message.frame", "message.call", "message.dialog",
  "message.transaction", "message.sightings", "stream.number", "stream.call",  NULL};

/* What a table is made of.  The first column of registrations counts rows of the input. */
static const struct {
  const char *name, *key, *order;
  const ReportOps *rows; /* whose keys and fields it has; or NULL */
  const FieldColumn *more;
  const TypedColumn *typed;
} TABLES[PUSH_TABLE_COUNT] = {
  [PUSH_MESSAGES] = {"messages", "call_id", "time_ns, id", &MESSAGES_JSON, MESSAGE_MORE,
                     MESSAGE_TYPED},
  [PUSH_CALLS] = {"calls", "call_id", "id", &CALLS_JSON, CALL_MORE, CALL_TYPED},
  [PUSH_STREAMS] = {"streams", "call_id", "id", &STREAMS_CSV, NO_MORE, STREAM_TYPED},
  [PUSH_REGISTRATIONS] = {"registrations", "aor", "id", NULL, NO_MORE, REGISTRATION_TYPED + 1},
  [PUSH_PROBE] = {"probe", "probe", "time_ns, id", NULL, NO_MORE, PUSH_PROBE_TYPED},
};

/* --- Columns ---------------------------------------------------------------------------------- */

/* Nanoseconds, whatever the key. */
static char *column_name(Slice key, FieldType type)
{
  return g_strdup_printf(type == FIELD_TIME ? "%.*s_ns" : "%.*s", SLICE_ARG(key));
}

static void add_field(PushTable *table, Slice key, const char *field_key)
{
  const Field *field = field_find(slice_from_string(field_key));

  g_assert(field);
  if (g_strv_contains(OF_THE_INPUT, field_key))
    return;
  const PushColumn column = {column_name(key, field->type), field, field->type, field->many};
  g_array_append_val(table->columns, column);
}

static void add_typed(PushTable *table, const TypedColumn *typed)
{
  bool many = typed->type == FIELD_LIST;
  const PushColumn column = {column_name(slice_from_string(typed->key), typed->type), NULL,
                             many ? FIELD_STRING : typed->type, many};

  g_array_append_val(table->columns, column);
}

static char *into_of(const PushTable *table)
{
  g_autoptr(GString) into = g_string_new(NULL);

  g_string_printf(into, "`%s` (`probe`,`id`,`day`", table->name);
  for (guint i = 0; i < table->columns->len; i++)
    g_string_append_printf(into, ",`%s`", g_array_index(table->columns, PushColumn, i).name);
  g_string_append_c(into, ')');
  return g_strdup(into->str);
}

static void clear_column(gpointer data)
{
  g_free(((PushColumn *) data)->name);
}

static void init_table(PushTable *table, PushTableId id)
{
  const RowShape *shape = TABLES[id].rows ? TABLES[id].rows->shape : NULL;

  *table = (PushTable){TABLES[id].name, TABLES[id].key, TABLES[id].order};
  table->columns = g_array_new(false, false, sizeof(PushColumn));
  g_array_set_clear_func(table->columns, clear_column);
  for (size_t i = 0; shape && i < shape->count; i++)
    add_field(table, shape->columns[i].key, shape->fields[i]);
  for (const FieldColumn *more = TABLES[id].more; more->name; more++)
    add_field(table, slice_from_string(more->name), more->field);
  table->field_count = table->columns->len;
  for (const TypedColumn *typed = TABLES[id].typed; typed->key; typed++)
    add_typed(table, typed);
  table->into = into_of(table);
}

PushTables *push_tables_new(void)
{
  PushTables *tables = g_new0(PushTables, 1);

  for (PushTableId id = 0; id < PUSH_TABLE_COUNT; id++)
    init_table(&tables->items[id], id);
  return tables;
}

void push_tables_free(PushTables *tables)
{
  if (!tables)
    return;
  for (PushTableId id = 0; id < PUSH_TABLE_COUNT; id++) {
    g_array_unref(tables->items[id].columns);
    g_free(tables->items[id].into);
  }
  g_free(tables);
}

const PushColumn *push_table_column(const PushTable *table, const Field *field)
{
  for (guint i = 0; i < table->field_count; i++)
    if (g_array_index(table->columns, PushColumn, i).field == field)
      return &g_array_index(table->columns, PushColumn, i);
  return NULL;
}

/* --- Rows ------------------------------------------------------------------------------------- */

uint16_t push_day(int64_t time_ns)
{
  const int64_t DAY_NS = 86400 * SECOND_NS;

  return (uint16_t) CLAMP(time_ns / DAY_NS, 0, UINT16_MAX);
}

static bool is_text(FieldType type)
{
  return type == FIELD_STRING || type == FIELD_ENUM || type == FIELD_ADDRESS;
}

static bool is_absent(const FieldValue *value)
{
  return (value->type == FIELD_STRING || value->type == FIELD_ENUM) && !value->text.data;
}

static void append_text(const FieldValue *value, ByteBuffer *to)
{
  char text[FIELD_VALUE_TEXT_MAX];

  row_binary_text(to, is_absent(value) ? SLICE("") : field_value_format(value, text));
}

static void append_list(const FieldValue *value, ByteBuffer *to)
{
  size_t count = value->type == FIELD_LIST ? value->list.count : 0;

  row_binary_count(to, count);
  for (size_t i = 0; i < count; i++)
    row_binary_text(to, value->list.items[i]);
}

/* Thousandths, or nanoseconds as milliseconds. */
static double decimal_of(const FieldValue *value)
{
  return (double) value->integer / (value->type == FIELD_DURATION ? 1e6 : 1e3);
}

static void append_number(FieldType type, const FieldValue *value, ByteBuffer *to)
{
  bool is_null = is_absent(value);

  row_binary_null(to, is_null);
  if (is_null)
    return;
  if (type == FIELD_INTEGER)
    row_binary_u64(to, (uint64_t) value->integer);
  else
    row_binary_f64(to, decimal_of(value));
}

static void append_value(const PushColumn *column, const FieldValue *value, ByteBuffer *to)
{
  if (column->many)
    append_list(value, to);
  else if (is_text(column->type))
    append_text(value, to);
  else if (column->type == FIELD_TIME)
    row_binary_u64(to, is_absent(value) ? 0 : (uint64_t) value->integer);
  else if (column->type == FIELD_BOOLEAN)
    row_binary_byte(to, !is_absent(value) && value->truth);
  else
    append_number(column->type, value, to);
}

void push_table_append_row(const PushTable *table, const PushRowHead *head,
                           const FieldValue *values, ByteBuffer *to)
{
  row_binary_text(to, slice_from_string(head->probe));
  byte_buffer_append(to, head->id, sizeof head->id);
  row_binary_u16(to, push_day(head->time_ns));
  for (guint i = 0; i < table->columns->len; i++)
    append_value(&g_array_index(table->columns, PushColumn, i), &values[i], to);
}

/* --- SQL -------------------------------------------------------------------------------------- */

static const char *type_of(const PushColumn *column)
{
  if (column->many)
    return "Array(String)";
  if (is_text(column->type))
    return "String";
  if (column->type == FIELD_TIME)
    return "Int64";
  if (column->type == FIELD_BOOLEAN)
    return "UInt8";
  return column->type == FIELD_INTEGER ? "Nullable(UInt64)" : "Nullable(Float64)";
}

/* The column; a time again as DateTime. */
static void append_column(const PushColumn *column, const char *before, GString *sql)
{
  int len = (int) (strlen(column->name) - strlen("_ns"));

  g_string_append_printf(sql, ",%s`%s` %s", before, column->name, type_of(column));
  if (column->type == FIELD_TIME)
    g_string_append_printf(
      sql, ",%s`%.*s` DateTime('UTC') ALIAS toDateTime(intDiv(`%s`,1000000000),'UTC')", before, len,
      column->name, column->name);
}

void push_table_append_add(const PushTable *table, const char *shard, const PushColumn *column,
                           GString *sql)
{
  g_autoptr(GString) columns = g_string_new(NULL);

  append_column(column, "ADD COLUMN ", columns);
  g_string_append_printf(sql, "ALTER TABLE `%s%s` %s", table->name, shard, columns->str + 1);
}

/* The smallest part of a table that is read is small, as one call is looked for among millions.
 * `key_hash` is no MATERIALIZED column, as a server of 2018 does not distribute rows with one. */
void push_table_append_create(const PushTable *table, const char *shard, bool codec, GString *sql)
{
  g_string_append_printf(
    sql, "CREATE TABLE IF NOT EXISTS `%s%s` (`probe` String,`id` FixedString(16),`day` Date",
    table->name, shard);
  for (guint i = 0; i < table->columns->len; i++) {
    const PushColumn *column = &g_array_index(table->columns, PushColumn, i);
    append_column(column, "", sql);
    if (codec && strcmp(column->name, "raw") == 0)
      g_string_append(sql, " CODEC(ZSTD(3))");
  }
  g_string_append_printf(sql,
                         ",`key_hash` UInt64 DEFAULT cityHash64(`%s`)) "
                         "ENGINE=ReplacingMergeTree() PARTITION BY day "
                         "ORDER BY (key_hash,%s) SETTINGS index_granularity=2048",
                         table->key, table->order);
}

void push_table_append_distributed(const PushTable *table, const ClickHouseUrl *url, GString *sql)
{
  g_string_append_printf(sql,
                         "CREATE TABLE IF NOT EXISTS `%s` AS `%s" PUSH_SHARD "` "
                         "ENGINE=Distributed('%s','%s','%s" PUSH_SHARD "',key_hash)",
                         table->name, table->name, url->cluster, url->database, table->name);
}

const char PUSH_FINDINGS_VIEW[] =
  "CREATE VIEW IF NOT EXISTS `findings` AS "
  "SELECT probe, day, start_ns, call_id, kind, outcome, status, name, severity, section, text "
  "FROM calls FINAL "
  "ARRAY JOIN finding AS name, finding_severity AS severity, finding_section AS section, "
  "finding_text AS text";
