#include "ui/fetch_count.h"

#include "capture/error.h"
#include "capture/language.h"
#include "capture/row_binary.h"
#include "dissect/diagnose/cause_groups.h"
#include "dissect/query/filter_value.h"
#include "ui/report/push_tables.h"
#include "ui/session.h"

/* Parts of an hour by which times are grouped, so that local hours are made of whole ones. */
#define QUARTER_NS (900 * SECOND_NS)

typedef struct {
  const FetchCountSource *source;
  char *calls;      /* SQL: "FROM ... WHERE ..." */
  uint64_t unknown; /* calls with a finding of a newer rung */
  Counted counted;
} Count;

bool fetch_count_is_wanted(const Options *options)
{
  bool counts =
    options->report && (options->report->groups ? options->group : options->by.by != NULL);

  return counts && selection_is_all(options->selection);
}

static void say(const Count *count, const char *text)
{
  if (!count->source->is_quiet)
    session_complain(text);
}

/* --- What there is ---------------------------------------------------------------------------- */

static bool take_number(void *data, Reader *in)
{
  uint64_t *ret_number = data, number = row_binary_read_u64(in);

  if (!in->failed)
    *ret_number = number;
  return true;
}

static bool ask_number(const Count *count, const char *what, uint64_t *ret_number, GError **error)
{
  g_autofree char *sql = g_strdup_printf("SELECT %s FORMAT RowBinary", what);

  *ret_number = 0;
  return clickhouse_rows(count->source->db, sql, take_number, ret_number, error);
}

/* Rows of an older rung lack what is counted. */
static bool ask_old(const Count *count, uint64_t *ret_old, GError **error)
{
  g_autofree char *all = g_strdup_printf("count() %s", count->calls);
  g_autofree char *old = g_strdup_printf("countIf(isNull(sessions)) %s", count->calls);
  uint64_t columns;

  return ask_number(count,
                    "count() FROM system.columns WHERE database = currentDatabase() AND "
                    "table = 'calls' AND name = 'sessions'",
                    &columns, error) &&
         ask_number(count, columns > 0 ? old : all, ret_old, error);
}

/* Leaves out rows of calls that another probe saw more of. */
static bool choose_probes(Count *count, GError **error)
{
  g_autofree char *probes = g_strdup_printf("uniqExact(probe) %s", count->calls);
  g_autofree char *shared = g_strdup_printf(
    "count() FROM (SELECT key_hash %s GROUP BY key_hash HAVING uniqExact(probe) > 1)",
    count->calls);
  uint64_t found, several = 0;

  if (!ask_number(count, probes, &found, error) ||
      (found > 1 && !ask_number(count, shared, &several, error)))
    return false;
  if (several == 0)
    return true;
  g_autofree char *all = g_steal_pointer(&count->calls);
  count->calls = g_strdup_printf(
    "%s AND (key_hash, probe) NOT IN (SELECT key_hash, one FROM (SELECT key_hash, "
    "argMax(probe, (n, probe)) AS best, groupArray(probe) AS probes FROM (SELECT key_hash, probe, "
    "sum(ifNull(messages, 0)) AS n FROM %s FINAL WHERE %s GROUP BY key_hash, probe) "
    "GROUP BY key_hash HAVING count() > 1) ARRAY JOIN probes AS one WHERE one != best)",
    all, count->source->table, count->source->where);
  g_autofree char *text =
    g_strdup_printf(_("%" G_GUINT64_FORMAT " calls were pushed by several probes: each counts as "
                      "the probe with most of its messages saw it"),
                    several);
  say(count, text);
  return true;
}

/* --- Causes ----------------------------------------------------------------------------------- */

static FindingId find_finding(Slice name)
{
  FindingId id = 0;

  while (id < FINDING_COUNT && !slice_eq(name, slice_from_string(FINDINGS[id].name)))
    id++;
  return id;
}

static Endpoint read_endpoint(Slice text)
{
  FilterAddresses read;
  Endpoint endpoint = {0};

  if (text.len == 0 || !filter_literal_addresses(text, &read))
    return endpoint;
  memcpy(endpoint.address, read.first, sizeof endpoint.address);
  endpoint.family = read.family;
  endpoint.port = read.port;
  return endpoint;
}

static bool take_cause(void *data, Reader *in)
{
  Count *count = data;
  Slice name = row_binary_read_text(in), status = row_binary_read_text(in);
  Slice where = row_binary_read_text(in), call_id = row_binary_read_text(in);
  CauseGroup group = {.calls = row_binary_read_u64(in),
                      .first_ns = row_binary_read_i64(in),
                      .last_ns = row_binary_read_i64(in)};
  uint32_t number = 0;

  if (in->failed)
    return true;
  group.id = find_finding(name);
  if (name.len == 0 || group.id == FINDING_COUNT) {
    count->counted.causes->calls += group.calls;
    count->unknown += name.len > 0 ? group.calls : 0;
    return true;
  }
  group.status = slice_to_u32(status, &number) ? number : 0;
  group.where = read_endpoint(where);
  group.call_id = slice_dup(call_id);
  cause_groups_merge(count->counted.causes, &group);
  g_free(group.call_id);
  return true;
}

/* An element beyond the end of an array is empty. */
static bool count_causes(Count *count, GError **error)
{
  g_autofree char *sql = g_strdup_printf(
    "SELECT finding[1] AS f, finding_status[1] AS s, finding_where[1] AS w, "
    "argMin(call_id, (start_ns, call_id)), count(), min(start_ns), max(start_ns) %s "
    "GROUP BY f, s, w FORMAT RowBinary",
    count->calls);

  count->counted.causes = cause_groups_new();
  if (!clickhouse_rows(count->source->db, sql, take_cause, count, error))
    return false;
  if (count->unknown == 0)
    return true;
  g_set_error(error, APP_ERROR, APP_ERROR_IO,
              _("%" G_GUINT64_FORMAT " calls have a finding that only a newer rung knows"),
              count->unknown);
  return false;
}

/* --- Metrics ---------------------------------------------------------------------------------- */

/* Each is a sum over `sessions` and so on of the calls of a group: after the outcomes. */
static const char *const SUMS[] = {
  "sessions", "ner", "seer", "isa", "scr", "registrations", "failed_registrations"};

/* The columns of delays; the RRDs are in an array. */
static const char *const DELAY_COLUMNS[METRIC_DELAY_COUNT] = {
  [METRIC_DELAY_PDD] = "pdd_ms",
  [METRIC_DELAY_SRD] = "srd_ms",
  [METRIC_DELAY_FAILED_SRD] = "failed_srd_ms",
  [METRIC_DELAY_SDD] = "sdd_ms",
  [METRIC_DELAY_FAILED_SDD] = "failed_sdd_ms",
  [METRIC_DELAY_SDT] = "sdt_ms",
  [METRIC_DELAY_FAILED_SDT] = "failed_sdt_ms",
  [METRIC_DELAY_RRD] = NULL,
  [METRIC_DELAY_DURATION] = "duration_ms",
};

/* SQL of the name of the group, as group_key_each gives it, or "" of none; NULL: the table has no
 * such column. */
static char *group_sql(const GroupKey *key)
{
  g_autoptr(PushTables) tables = push_tables_new();
  const PushColumn *column =
    key->ref.field ? push_table_column(&tables->items[PUSH_CALLS], key->ref.field) : NULL;

  if (key->kind == GROUP_ALL)
    return g_strdup("'all'");
  if (key->kind == GROUP_BY_HOUR)
    return g_strdup("''");
  if (!column || key->ref.field->takes_name)
    return NULL;
  if (column->many)
    return g_strdup_printf(
      "arrayJoin(if(empty(`%s`), [''], arraySlice(arrayDistinct(arrayMap(x -> substring(x, 1, %d), "
      "`%s`)), 1, %d)))",
      column->name, METRIC_GROUP_NAME_MAX, column->name, METRIC_GROUP_VALUES_MAX);
  if (column->type == FIELD_INTEGER)
    return g_strdup_printf("ifNull(toString(`%s`), '')", column->name);
  if (column->type == FIELD_STRING || column->type == FIELD_ENUM || column->type == FIELD_ADDRESS)
    return g_strdup_printf("substring(`%s`, 1, %d)", column->name, METRIC_GROUP_NAME_MAX);
  return NULL;
}

static Metrics *read_group(const Count *count, Slice name, int64_t quarter)
{
  MetricGroups *groups = count->counted.metrics;
  char text[TIME_TEXT_MAX];

  if (groups->key.kind == GROUP_BY_HOUR)
    name = group_hour_name(groups->hours, quarter * QUARTER_NS, text);
  return metric_groups_get(groups, name.len > 0 ? name : SLICE_NONE);
}

static bool take_counts(void *data, Reader *in)
{
  const Count *count = data;
  Slice name = row_binary_read_text(in);
  int64_t quarter = row_binary_read_i64(in);
  uint64_t outcomes[OUTCOME_COUNT], sums[G_N_ELEMENTS(SUMS)];

  for (Outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++)
    outcomes[outcome] = row_binary_read_u64(in);
  for (size_t i = 0; i < G_N_ELEMENTS(SUMS); i++)
    sums[i] = row_binary_read_u64(in);
  if (in->failed)
    return true;
  Metrics added = {.calls = sums[0],
                   .effective = sums[1],
                   .seer = sums[2],
                   .ineffective = sums[3],
                   .completed = sums[4],
                   .registrations = sums[5],
                   .failed_registrations = sums[6]};
  memcpy(added.outcomes, outcomes, sizeof outcomes);
  metrics_merge(read_group(count, name, quarter), &added);
  return true;
}

static bool take_delays(void *data, Reader *in)
{
  const Count *count = data;
  Slice name = row_binary_read_text(in);
  int64_t quarter = row_binary_read_i64(in);
  uint64_t delay = row_binary_read_u64(in), calls = row_binary_read_u64(in);
  int64_t most_ns = row_binary_read_i64(in);
  int64_t sum_s = row_binary_read_i64(in), sum_ns = row_binary_read_i64(in);

  if (!in->failed && delay < METRIC_DELAY_COUNT)
    delays_add_many(metrics_delays(read_group(count, name, quarter), (MetricDelay) delay), calls,
                    most_ns, sum_s, sum_ns);
  return true;
}

static const char *quarter_sql(const GroupKey *key)
{
  return key->kind == GROUP_BY_HOUR ? "intDiv(start_ns, 900000000000)" : "toInt64(0)";
}

/* The largest groups come first, as beyond a limit there are only `others`. */
static bool count_calls(Count *count, const char *group, GError **error)
{
  const char *quarter = quarter_sql(&count->counted.metrics->key);
  g_autoptr(GString) sql = g_string_new(NULL);

  g_string_printf(sql, "SELECT %s AS g, %s AS q", group, quarter);
  for (Outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++)
    g_string_append_printf(sql, ", sum(if(outcome = '%s', assumeNotNull(sessions), 0))",
                           outcome_name(outcome));
  for (size_t i = 0; i < G_N_ELEMENTS(SUMS); i++)
    g_string_append_printf(sql, ", sum(assumeNotNull(%s)) AS n%zu", SUMS[i], i);
  g_string_append_printf(sql,
                         " %s AND (sessions > 0 OR registrations > 0) GROUP BY g, q "
                         "ORDER BY n0 + n5 DESC, g, q FORMAT RowBinary",
                         count->calls);
  return clickhouse_rows(count->source->db, sql->str, take_counts, count, error);
}

/* In the buckets of Delays, with their sum and their longest: microseconds of STEPS to a power of
 * two. */
static bool count_delays(Count *count, const char *group, GError **error)
{
  const char *quarter = quarter_sql(&count->counted.metrics->key);
  g_autoptr(GString) sql = g_string_new(NULL);

  g_string_printf(sql,
                  "SELECT g, q, toUInt64(d.1) AS delay, count(), max(d.2), "
                  "sum(intDiv(d.2, 1000000000)), sum(toInt64(d.2 %% 1000000000)) FROM ("
                  "SELECT %s AS g, %s AS q, arrayJoin(arrayConcat(arrayMap(x -> (%d, toInt64(x)), "
                  "rrds), if(assumeNotNull(sessions) > 0, [",
                  group, quarter, METRIC_DELAY_RRD);
  for (MetricDelay delay = 0; delay < METRIC_DELAY_COUNT; delay++)
    if (DELAY_COLUMNS[delay])
      g_string_append_printf(sql, "%s(%d, toInt64(round(ifNull(%s, -1) * 1e6)))",
                             delay > 0 ? ", " : "", delay, DELAY_COLUMNS[delay]);
  g_string_append_printf(sql,
                         "], [(0, toInt64(-1))]))) AS d %s AND (sessions > 0 OR registrations > 0))"
                         " WHERE d.2 >= 0 GROUP BY g, q, delay, intDiv(intDiv(d.2, 1000), "
                         "greatest(intDiv(roundToExp2(intDiv(d.2, 1000)), %d), 1)), "
                         "roundToExp2(intDiv(d.2, 1000)) FORMAT RowBinary",
                         count->calls, DELAYS_STEPS);
  return clickhouse_rows(count->source->db, sql->str, take_delays, count, error);
}

static bool count_metrics(Count *count, const Options *options, GError **error)
{
  HourStyle hours = options->report->for_programs ? HOUR_RFC3339
                    : options->utc                ? HOUR_UTC
                                                  : HOUR_LOCAL;
  g_autofree char *group = group_sql(&options->by);

  count->counted.metrics = metric_groups_new(&options->by, hours);
  return count_calls(count, group, error) && count_delays(count, group, error);
}

/* --- All of it -------------------------------------------------------------------------------- */

/* Says why not. */
static bool can_count(const Count *count, const Options *options, uint64_t old)
{
  g_autofree char *group = options->by.by ? group_sql(&options->by) : NULL;
  g_autofree char *text = NULL;

  if (options->by.by && !group)
    text = g_strdup_printf(_("ClickHouse cannot count by %s: messages are read instead"),
                           options->by.by);
  else if (options->stir_certs || options->password_file)
    text = g_strdup(_("ClickHouse cannot verify again: messages are read instead"));
  else if (old > 0)
    text = g_strdup_printf(_("%" G_GUINT64_FORMAT " calls were pushed by an older rung, without "
                             "what ClickHouse counts: messages are read instead"),
                           old);
  if (text)
    say(count, text);
  return !text;
}

static bool count_all(Count *count, Options *options, GError **error)
{
  uint64_t old;

  if (!ask_old(count, &old, error))
    return false;
  if (!can_count(count, options, old))
    return true;
  if (!choose_probes(count, error))
    return false;
  return options->by.by ? count_metrics(count, options, error) : count_causes(count, error);
}

bool fetch_count(const FetchCountSource *source, Options *options, GError **error)
{
  Count count = {.source = source,
                 .calls = g_strdup_printf("FROM calls FINAL WHERE %s", source->where)};
  bool ok = count_all(&count, options, error);

  if (ok) {
    options->counted = count.counted;
  } else {
    g_clear_pointer(&count.counted.causes, cause_groups_free);
    g_clear_pointer(&count.counted.metrics, metric_groups_free);
  }
  g_free(count.calls);
  return ok;
}
