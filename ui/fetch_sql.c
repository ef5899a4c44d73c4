#include "ui/fetch_sql.h"

#include "capture/clickhouse.h"
#include "dissect/query/filter_value.h"
#include "ui/report/push_tables.h"

#define DAY_NS (INT64_C(86400) * 1000000000)

/* Columns of `messages` for fields of a message of the call, or of the call that such a message
 * decides. */
static const struct {
  const char *field, *column;
} COLUMNS[] = {
  {"call.id", "call_id"},       {"message.call_id", "call_id"},   {"message.method", "method"},
  {"message.status", "status"}, {"call.status", "status"},        {"from.user", "from_user"},
  {"to.user", "to_user"},       {"message.copier.node", "probe"},
};

/* What at least one message of a call with that outcome has (dissect/trace/summary.c); an answer
 * may be known by its ACK alone. */
static const struct {
  const char *outcome, *sql;
} OUTCOMES[] = {
  {"busy", "`status` IN (486,600)"},
  {"cancelled", "(`status`=487 OR `cseq_method`='CANCEL')"},
  {"redirected", "`status` BETWEEN 300 AND 399"},
  {"failed", "`status`>=300"},
};

bool fetch_time_parse(const char *text, int64_t now_ns, int64_t *ret_time_ns)
{
  Slice words = slice_from_string(text);
  int64_t low, high;

  if (filter_literal_duration(words, &low, &high) && low >= 0 && low <= now_ns) {
    *ret_time_ns = now_ns - low;
    return true;
  }
  return filter_literal_time(words, ret_time_ns, &high);
}

static const char *column_of(const char *field)
{
  for (size_t i = 0; i < G_N_ELEMENTS(COLUMNS); i++)
    if (strcmp(COLUMNS[i].field, field) == 0)
      return COLUMNS[i].column;
  return NULL;
}

static bool append_outcome(const FilterNeed *need, GString *sql)
{
  for (size_t i = 0; i < G_N_ELEMENTS(OUTCOMES); i++)
    if (!need->contains && slice_eq_nocase(need->text, slice_from_string(OUTCOMES[i].outcome))) {
      g_string_append(sql, OUTCOMES[i].sql);
      return true;
    }
  return false;
}

static void append_text_test(const FilterNeed *need, const char *column, GString *sql)
{
  g_autoptr(GString) text = g_string_new(NULL);

  clickhouse_append_text(text, need->text);
  if (need->contains)
    g_string_append_printf(sql, "positionCaseInsensitive(`%s`,%s)>0", column, text->str);
  else if (need->field->type == FIELD_ENUM)
    g_string_append_printf(sql, "lower(`%s`)=lower(%s)", column, text->str);
  else
    g_string_append_printf(sql, "`%s`=%s", column, text->str);
}

/* False: it cannot be asked of the database. */
static bool append_test(const FilterNeed *need, GString *sql)
{
  const char *column = column_of(need->field->key);

  if (strcmp(need->field->key, "call.outcome") == 0)
    return append_outcome(need, sql);
  if (!column)
    return false;
  if (need->field->type == FIELD_INTEGER)
    g_string_append_printf(sql, "`%s` BETWEEN %" G_GINT64_FORMAT " AND %" G_GINT64_FORMAT, column,
                           CLAMP(need->low, (int64_t) 0, (int64_t) UINT32_MAX),
                           CLAMP(need->high, (int64_t) 0, (int64_t) UINT32_MAX));
  else
    append_text_test(need, column, sql);
  return true;
}

static void append_hash(Slice call_id, GString *sql)
{
  g_string_append(sql, "cityHash64(");
  clickhouse_append_text(sql, call_id);
  g_string_append_c(sql, ')');
}

static void append_named(const Selection *named, GString *sql)
{
  size_t count = selection_call_ids(named);

  for (size_t i = 0; i < count; i++) {
    g_string_append(sql, i == 0 ? " AND key_hash IN (" : ",");
    append_hash(selection_call_id(named, i), sql);
  }
  if (count > 0)
    g_string_append_c(sql, ')');
}

/* SQL that each part of the condition begins with: "1", and for Call-IDs the places of their rows,
 * so that no others are looked at. */
static void append_place(const FetchChoice *choice, const GArray *needs, GString *sql)
{
  g_string_append_c(sql, '1');
  if (choice->named)
    append_named(choice->named, sql);
  for (guint i = 0; i < needs->len; i++) {
    const FilterNeed *need = &g_array_index(needs, FilterNeed, i);
    const char *column = column_of(need->field->key);

    if (need->contains || g_strcmp0(column, "call_id") != 0)
      continue;
    g_string_append(sql, " AND key_hash=");
    append_hash(need->text, sql);
  }
}

typedef struct {
  const FetchChoice *choice;
  const char *place; /* of append_place */
  GString *sql, *fields;
} Condition;

/* Partitions: those of the calls have a day more on either side. */
static void append_days(const Condition *to, unsigned more)
{
  const FetchChoice *choice = to->choice;

  g_string_append(to->sql, to->place);
  if (choice->since_ns > DAY_NS)
    g_string_append_printf(to->sql, " AND day>=toDate(%u)",
                           push_day(choice->since_ns - more * DAY_NS));
  if (choice->until_ns < INT64_MAX - DAY_NS)
    g_string_append_printf(to->sql, " AND day<=toDate(%u)",
                           push_day(choice->until_ns + more * DAY_NS));
}

/* "... IN (SELECT ... WHERE " */
static void begin_calls(const Condition *to)
{
  g_string_append_printf(to->sql, " AND key_hash IN (SELECT key_hash FROM %s WHERE ",
                         to->choice->table);
}

static void append_window(const Condition *to)
{
  const FetchChoice *choice = to->choice;

  if (choice->since_ns == INT64_MIN && choice->until_ns == INT64_MAX)
    return;
  begin_calls(to);
  append_days(to, 0);
  g_string_append_printf(to->sql,
                         " AND time_ns>=%" G_GINT64_FORMAT " AND time_ns<%" G_GINT64_FORMAT ")",
                         MAX(choice->since_ns, (int64_t) 0), choice->until_ns);
}

static void append_need(const Condition *to, const FilterNeed *need)
{
  g_autoptr(GString) test = g_string_new(NULL);

  if (!append_test(need, test))
    return;
  begin_calls(to);
  append_days(to, 1);
  g_string_append_printf(to->sql, " AND %s)", test->str);
  g_string_append_printf(to->fields, "%s%s", to->fields->len > 0 ? ", " : "", need->field->key);
}

bool fetch_sql_append(const FetchChoice *choice, GString *sql, GString *fields)
{
  g_autoptr(GArray) needs = choice->filter ? display_filter_needs(choice->filter)
                                           : g_array_new(false, false, sizeof(FilterNeed));
  g_autoptr(GString) place = g_string_new(NULL);

  append_place(choice, needs, place);
  const Condition to = {choice, place->str, sql, fields};
  append_days(&to, 1);
  append_window(&to);
  for (guint i = 0; i < needs->len; i++)
    append_need(&to, &g_array_index(needs, FilterNeed, i));
  return fields->len > 0 || (choice->named && selection_call_ids(choice->named) > 0);
}

void fetch_sql_append_exchanges(const FetchChoice *choice, GString *sql)
{
  const Condition to = {choice, "1", sql, NULL};

  append_days(&to, 1);
  append_window(&to);
  g_string_append_printf(sql, " AND key_hash IN (SELECT key_hash FROM %s PREWHERE ", choice->table);
  append_days(&to, 1);
  g_string_append(sql, FETCH_AND_IS_EXCHANGE ")");
}
