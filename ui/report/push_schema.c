#include "ui/report/push_schema.h"

#include <stdio.h>
#include <string.h>

#include "capture/error.h"
#include "capture/language.h"

/* Of ClickHouse: the major version is the year. */
typedef struct {
  unsigned year, number;
} ServerVersion;

/* Since when servers delete old rows themselves, and compress columns as they are told. */
static const ServerVersion WITH_TTL = {19, 6}, WITH_CODEC = {20, 1};

typedef struct {
  ClickHouse *db;
  const PushTables *tables;
  const PushSchemaOptions *options;
  ServerVersion version;
  char *version_text;
  GHashTable *columns; /* "table.column" that are there */
} Schema;

static bool is_since(ServerVersion version, ServerVersion since)
{
  return version.year > since.year ||
         (version.year == since.year && version.number >= since.number);
}

static bool fail(GError **error, const char *text)
{
  g_set_error_literal(error, APP_ERROR, APP_ERROR_IO, text);
  return false;
}

/* --- What is there ---------------------------------------------------------------------------- */

static bool ask_line(ClickHouse *db, const char *sql, char **ret_line, GError **error)
{
  g_autoptr(GString) answer = g_string_new(NULL);

  if (!clickhouse_query(db, sql, answer, error))
    return false;
  Slice rest = slice_of(answer->str, answer->len);
  *ret_line = slice_dup(slice_take_line(&rest));
  return true;
}

static bool ask_version(Schema *schema, GError **error)
{
  if (!ask_line(schema->db, "SELECT version()", &schema->version_text, error))
    return false;
  if (sscanf(schema->version_text, "%u.%u", &schema->version.year, &schema->version.number) == 2)
    return true;
  return fail(error, _("the server does not answer as ClickHouse does"));
}

static bool ask_columns(Schema *schema, GError **error)
{
  g_autoptr(GString) answer = g_string_new(NULL);

  if (!clickhouse_query(schema->db,
                        "SELECT concat(table, '.', name) FROM system.columns "
                        "WHERE database = currentDatabase() FORMAT TabSeparated",
                        answer, error))
    return false;
  for (Slice rest = slice_of(answer->str, answer->len); rest.len > 0;)
    g_hash_table_add(schema->columns, slice_dup(slice_take_line(&rest)));
  return true;
}

static bool has_column(const Schema *schema, const char *table, const char *column)
{
  g_autofree char *key = g_strconcat(table, ".", column, NULL);

  return g_hash_table_contains(schema->columns, key);
}

static bool is_distributed(const Schema *schema)
{
  return has_column(schema, "messages" PUSH_SHARD, "key_hash");
}

/* Each host of a cluster may have to take rows, and has its part of them. */
static bool check_hosts(const Schema *schema, GError **error)
{
  const char *cluster = schema->options->url->cluster;
  g_autofree char *sql = g_strdup_printf(
    "SELECT uniqExact(host_name, port) FROM system.clusters WHERE cluster='%s'", cluster);
  g_autofree char *line = NULL, *text = NULL;
  unsigned named = clickhouse_host_count(schema->db);
  uint32_t hosts = 0;

  if (!ask_line(schema->db, sql, &line, error))
    return false;
  if (!slice_to_u32(slice_from_string(line), &hosts) || hosts == 0)
    text = g_strdup_printf(_("the configuration of the server has no cluster %s"), cluster);
  else if (hosts > named)
    text = g_strdup_printf(_("the cluster %s has %u hosts, and the URL %u: --create needs each of "
                             "them there"),
                           cluster, hosts, named);
  return !text || fail(error, text);
}

/* Tables stay on one server, or over shards, as they were made. */
static bool check_shards(const Schema *schema, GError **error)
{
  bool wanted = schema->options->url->cluster, found = is_distributed(schema);

  if (!schema->options->create)
    return true;
  if (wanted != found && (found || has_column(schema, "messages", "key_hash")))
    return fail(error, wanted ? _("the tables of the database are on one server; ?cluster= needs a "
                                  "new database")
                              : _("the tables of the database are over the shards of a cluster: "
                                  "name it with ?cluster="));
  return !wanted || check_hosts(schema, error);
}

/* 0: there are no tables of rung. */
static bool ask_schema_version(const Schema *schema, unsigned *ret_version, GError **error)
{
  g_autofree char *line = NULL;
  uint32_t version = 0;

  if (!has_column(schema, "rung_schema", "version")) {
    *ret_version = 0;
    return true;
  }
  if (!ask_line(schema->db, "SELECT max(version) FROM rung_schema", &line, error))
    return false;
  if (!slice_to_u32(slice_from_string(line), &version))
    return fail(error, _("the table rung_schema of the database cannot be read"));
  *ret_version = version;
  return true;
}

static bool check_version(unsigned version, bool create, GError **error)
{
  g_autofree char *text = NULL;

  if (version > PUSH_SCHEMA_VERSION)
    text =
      g_strdup_printf(_("the database has schema %u, of a newer rung; this one knows schema %d"),
                      version, PUSH_SCHEMA_VERSION);
  else if (version == 0 && !create)
    text = g_strdup(_("the database has no tables of rung: make them once with --create"));
  else if (version < PUSH_SCHEMA_VERSION && !create)
    text = g_strdup_printf(
      _("the database has schema %u, of an older rung: bring it up to date once with --create"),
      version);
  return !text || fail(error, text);
}

/* --- What is made ----------------------------------------------------------------------------- */

static const char *shard_of(const Schema *schema)
{
  return schema->options->url->cluster ? PUSH_SHARD : "";
}

static bool make_table(const Schema *schema, const PushTable *table, GError **error)
{
  const ClickHouseUrl *url = schema->options->url;
  g_autoptr(GString) sql = g_string_new(NULL), distributed = g_string_new(NULL);

  push_table_append_create(table, shard_of(schema), is_since(schema->version, WITH_CODEC), sql);
  push_table_append_distributed(table, url, distributed);
  return clickhouse_query(schema->db, sql->str, NULL, error) &&
         (!url->cluster || clickhouse_query(schema->db, distributed->str, NULL, error));
}

static bool make_tables(const Schema *schema, GError **error)
{
  for (PushTableId id = 0; id < PUSH_TABLE_COUNT; id++)
    if (!make_table(schema, &schema->tables->items[id], error))
      return false;
  return clickhouse_query(schema->db, PUSH_FINDINGS_VIEW, NULL, error) &&
         clickhouse_query(schema->db,
                          "CREATE TABLE IF NOT EXISTS rung_schema (version UInt32, at DateTime "
                          "DEFAULT now()) ENGINE=MergeTree() ORDER BY version",
                          NULL, error);
}

/* Columns that a table of an older rung lacks. */
static bool check_columns(const Schema *schema, const PushTable *table, const char *shard,
                          GError **error)
{
  g_autofree char *name = g_strconcat(table->name, shard, NULL);

  for (guint i = 0; i < table->columns->len; i++) {
    const PushColumn *column = &g_array_index(table->columns, PushColumn, i);
    g_autoptr(GString) sql = g_string_new(NULL);

    if (has_column(schema, name, column->name))
      continue;
    if (!schema->options->create) {
      g_set_error(error, APP_ERROR, APP_ERROR_IO,
                  _("the table %s of the database lacks the column %s: add it once with --create"),
                  name, column->name);
      return false;
    }
    push_table_append_add(table, shard, column, sql);
    if (!clickhouse_query(schema->db, sql->str, NULL, error))
      return false;
  }
  return true;
}

/* Those with the rows first, so that the table over them finds its columns there. */
static bool check_all_columns(const Schema *schema, GError **error)
{
  for (PushTableId id = 0; id < PUSH_TABLE_COUNT; id++) {
    const PushTable *table = &schema->tables->items[id];
    if ((is_distributed(schema) && !check_columns(schema, table, PUSH_SHARD, error)) ||
        !check_columns(schema, table, "", error))
      return false;
  }
  return true;
}

static bool set_days(const Schema *schema, PushTableId id, GError **error)
{
  uint32_t days = schema->options->days[id];
  g_autofree char *sql = g_strdup_printf("ALTER TABLE `%s%s` MODIFY TTL day + toIntervalDay(%u)",
                                         schema->tables->items[id].name, shard_of(schema), days);

  return days == 0 || clickhouse_query(schema->db, sql, NULL, error);
}

static bool set_all_days(const Schema *schema, GError **error)
{
  if (!schema->options->days)
    return true;
  if (!is_since(schema->version, WITH_TTL)) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO,
                _("ClickHouse %s does not delete old rows itself, as --days needs; drop the "
                  "partitions of old days, or use version 19.6 or newer"),
                schema->version_text);
    return false;
  }
  for (PushTableId id = 0; id < PUSH_TABLE_COUNT; id++)
    if (!set_days(schema, id, error))
      return false;
  return true;
}

static bool note_version(const Schema *schema, unsigned version, GError **error)
{
  g_autofree char *sql =
    g_strdup_printf("INSERT INTO rung_schema (version) VALUES (%d)", PUSH_SCHEMA_VERSION);

  return version == PUSH_SCHEMA_VERSION || clickhouse_query(schema->db, sql, NULL, error);
}

/* Tables first, so that no column is missing in a new one. */
static bool bring_up_to_date(Schema *schema, unsigned version, GError **error)
{
  bool create = schema->options->create;

  if (create && (!make_tables(schema, error) || !ask_columns(schema, error)))
    return false;
  return check_all_columns(schema, error) &&
         (!create || (set_all_days(schema, error) && note_version(schema, version, error)));
}

static bool prepare_host(ClickHouse *db, const PushTables *tables, const PushSchemaOptions *options,
                         GError **error)
{
  g_autoptr(GHashTable) columns = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  Schema schema = {.db = db, .tables = tables, .options = options, .columns = columns};
  unsigned version;

  if (options->create && !clickhouse_create_database(db, error))
    return false;
  bool ok = ask_version(&schema, error) && ask_columns(&schema, error) &&
            ask_schema_version(&schema, &version, error) &&
            check_version(version, options->create, error) && check_shards(&schema, error) &&
            bring_up_to_date(&schema, version, error);
  g_free(schema.version_text);
  return ok;
}

/* Tables are made on each host, as any may have to take the rows; one that has them is enough. */
bool push_schema_prepare(ClickHouse *db, const PushTables *tables, const PushSchemaOptions *options,
                         GError **error)
{
  bool ok = true;

  if (!options->create)
    return prepare_host(db, tables, options, error);
  for (unsigned i = 0; ok && i < clickhouse_host_count(db); i++) {
    clickhouse_choose_host(db, i);
    ok = prepare_host(db, tables, options, error);
  }
  clickhouse_choose_host(db, CLICKHOUSE_ANY_HOST);
  return ok;
}

/* --- Days ------------------------------------------------------------------------------------- */

static PushTableId find_table(const PushTables *tables, Slice name)
{
  PushTableId id = 0;

  while (id < PUSH_TABLE_COUNT && !slice_eq(name, slice_from_string(tables->items[id].name)))
    id++;
  return id;
}

static bool parse_days(const PushTables *tables, Slice word, uint32_t days[PUSH_TABLE_COUNT])
{
  enum { DAYS_MAX = 36500 };
  bool is_of_one = slice_find(word, '=') < word.len;
  PushTableId only = is_of_one ? find_table(tables, slice_cut(&word, '=')) : PUSH_TABLE_COUNT;
  uint32_t number;

  if ((is_of_one && only == PUSH_TABLE_COUNT) || !slice_to_u32(word, &number) || number > DAYS_MAX)
    return false;
  for (PushTableId id = 0; id < PUSH_TABLE_COUNT; id++)
    if (!is_of_one || id == only)
      days[id] = number;
  return true;
}

bool push_days_parse(const char *text, uint32_t days[PUSH_TABLE_COUNT], GError **error)
{
  g_autoptr(PushTables) tables = push_tables_new();
  Slice rest = slice_from_string(text);

  memset(days, 0, PUSH_TABLE_COUNT * sizeof days[0]);
  do {
    if (!parse_days(tables, slice_cut(&rest, ','), days))
      return app_fail_usage(
        error, "--days needs a number of days, as in 30 or 30,messages=7, not '%s'", text);
  } while (rest.len > 0);
  return true;
}
