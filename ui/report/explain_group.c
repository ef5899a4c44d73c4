#include "ui/report/explain_group.h"

#include "capture/language.h"
#include "dissect/diagnose/cause_groups.h"
#include "ui/report/csv.h"
#include "ui/report/tls_report.h"

/* The keys of a row. */
static const ValueColumn COLUMNS[] = {
  VALUE_COLUMN("id"),       VALUE_COLUMN("calls"),    VALUE_COLUMN("percent"),
  VALUE_COLUMN("where"),    VALUE_COLUMN("status"),   VALUE_COLUMN("first"),
  VALUE_COLUMN("last"),     VALUE_COLUMN("examples"), VALUE_COLUMN("connections"),
  VALUE_COLUMN("call_ids"),
};

/* Of TLS connections, which are of no call: all but the examples. */
static void list_tls(const TlsRow *row, FindingId id, char where[ENDPOINT_TEXT_MAX],
                     FieldValue values[G_N_ELEMENTS(COLUMNS)])
{
  const FieldValue all[G_N_ELEMENTS(COLUMNS)] = {
    value_string(FINDINGS[id].name),
    value_number(0),
    value_none(),
    value_string(endpoint_format(&row->server, where)),
    value_none(),
    value_none(),
    value_none(),
    value_none(),
    value_number(row->count),
    value_none(),
  };

  memcpy(values, all, sizeof all);
}

void explain_group_add(Report *report, const Call *call, const Diagnosis *diagnosis)
{
  if (!report->causes)
    report->causes = cause_groups_new();
  cause_groups_add(report->causes, call->number, call->start_ns, &diagnosis->findings);
}

/* Of the examples; in scratch. */
static size_t call_ids_of(Report *report, const CauseGroup *group, Slice ids[CAUSE_EXAMPLES])
{
  size_t count = 0;

  if (group->call_id)
    ids[count++] = slice_from_string(group->call_id);
  for (size_t i = 0; i < group->example_count; i++) {
    const Call *call = trace_call(report->trace, group->examples[i]);
    if (call)
      ids[count++] = report_call_text(report, call, CALL_TEXT_ID);
  }
  return count;
}

/* CauseGroup *, also without any call. */
static GPtrArray *list_of(const Report *report)
{
  return report->causes ? cause_groups_list(report->causes) : g_ptr_array_new();
}

static double percent_of(const Report *report, const CauseGroup *group)
{
  return 100 * (double) group->calls / (double) report->causes->calls;
}

static FieldValue where_of(const CauseGroup *group, char text[ENDPOINT_TEXT_MAX])
{
  return group->where.family == ADDRESS_NONE ? value_none()
                                             : value_string(endpoint_format(&group->where, text));
}

static FieldValue status_of(const CauseGroup *group)
{
  return group->status ? value_number(group->status) : value_none();
}

/* --- JSON and CSV --- */

static void put_json(Report *report, const CauseGroup *group)
{
  char where[ENDPOINT_TEXT_MAX];
  const FieldValue values[] = {
    value_string(FINDINGS[group->id].name),
    value_number(group->calls),
    value_decimal(percent_of(report, group)),
    where_of(group, where),
    status_of(group),
    value_time(group->first_ns),
    value_time(group->last_ns),
  };
  Json *json = &report->json;
  Slice ids[CAUSE_EXAMPLES];
  size_t id_count = call_ids_of(report, group, ids);

  json_begin_object(json);
  for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
    json_key_text(json, COLUMNS[i].key);
    json_value(json, values[i]);
  }
  json_key(json, "examples");
  json_begin_array(json);
  for (size_t i = 0; i < group->example_count; i++)
    json_value(json, value_number(group->examples[i]));
  json_end_array(json);
  json_key(json, "connections");
  json_value(json, value_none());
  json_key(json, "call_ids");
  json_begin_array(json);
  for (size_t i = 0; i < id_count; i++)
    json_value(json, value_text(ids[i]));
  json_end_array(json);
  json_end_object(json);
  json_end_line(json);
  arena_reset(&report->scratch);
}

static void put_tls_json(Report *report, const TlsRow *row, FindingId id, const char *text)
{
  char where[ENDPOINT_TEXT_MAX];
  FieldValue values[G_N_ELEMENTS(COLUMNS)];

  (void) text;
  list_tls(row, id, where, values);
  json_row(&report->json, COLUMNS, values, G_N_ELEMENTS(COLUMNS));
}

void explain_group_put_json(Report *report)
{
  g_autoptr(GPtrArray) groups = list_of(report);

  for (guint i = 0; i < groups->len && !out_is_over(report->out); i++)
    put_json(report, groups->pdata[i]);
  tls_report_each(report, put_tls_json);
}

static void put_csv(Report *report, const CauseGroup *group)
{
  char where[ENDPOINT_TEXT_MAX], numbers[CAUSE_EXAMPLES][TIME_TEXT_MAX];
  Slice examples[CAUSE_EXAMPLES], ids[CAUSE_EXAMPLES];
  size_t id_count = call_ids_of(report, group, ids);

  for (size_t i = 0; i < group->example_count; i++)
    examples[i] = slice_of(numbers[i], number_format(group->examples[i], numbers[i]));
  const FieldValue values[G_N_ELEMENTS(COLUMNS)] = {
    value_string(FINDINGS[group->id].name),
    value_number(group->calls),
    value_decimal(percent_of(report, group)),
    where_of(group, where),
    status_of(group),
    value_time(group->first_ns),
    value_time(group->last_ns),
    value_list(examples, group->example_count),
    value_none(),
    value_list(ids, id_count),
  };
  csv_row(report->out, values, G_N_ELEMENTS(COLUMNS));
  arena_reset(&report->scratch);
}

static void put_tls_csv(Report *report, const TlsRow *row, FindingId id, const char *text)
{
  char where[ENDPOINT_TEXT_MAX];
  FieldValue values[G_N_ELEMENTS(COLUMNS)];

  (void) text;
  list_tls(row, id, where, values);
  csv_row(report->out, values, G_N_ELEMENTS(COLUMNS));
}

void explain_group_put_csv(Report *report)
{
  g_autoptr(GPtrArray) groups = list_of(report);

  csv_header(report->out, COLUMNS, G_N_ELEMENTS(COLUMNS));
  for (guint i = 0; i < groups->len && !out_is_over(report->out); i++)
    put_csv(report, groups->pdata[i]);
  tls_report_each(report, put_tls_csv);
}

/* --- text --- */

static void append_examples(const Report *report, const CauseGroup *group)
{
  GString *to = report->text;
  bool has_more = group->calls > (group->call_id ? 1 : group->example_count);

  if (group->call_id)
    text_append_safe(to, slice_from_string(group->call_id), report->look.charset);
  for (size_t i = 0; i < group->example_count; i++)
    g_string_append_printf(to, "%s%u", i > 0 ? _(", ") : "", group->examples[i]);
  g_string_append(to, has_more ? ", ..." : "");
}

static void put_text(Report *report, const CauseGroup *group)
{
  char first[TIME_TEXT_MAX], last[TIME_TEXT_MAX];
  g_autofree char *number = g_strdup_printf("%7" G_GUINT64_FORMAT, group->calls);
  GString *text = report->text;

  g_string_append_printf(text, "%s %5.1f %%  ", number, percent_of(report, group));
  g_string_append_printf(text, "%-24s", FINDINGS[group->id].name);
  if (group->status)
    g_string_append_printf(text, " %u", group->status);
  else
    g_string_append(text, "    ");
  if (group->where.family != ADDRESS_NONE) {
    g_string_append(text, "  ");
    aliases_append(report->setup.aliases, &group->where, ALIAS_WITH_PORT, text);
  }
  report_put_row(report);
  clock_format(&report->clock, group->first_ns, first);
  if (group->calls == 1)
    g_string_append_printf(text, _("%17sat %s; call "), "", first);
  else
    g_string_append_printf(text, _("%17sfrom %s to %s; calls "), "", first,
                           clock_format(&report->clock, group->last_ns, last));
  append_examples(report, group);
  report_put_row(report);
}

static void put_tls_text(Report *report, const TlsRow *row, FindingId id, const char *text)
{
  (void) row;
  g_string_append_printf(report->text, "%15s  %-24s", "", FINDINGS[id].name);
  report_append_wrapped(report, 17 + 24, slice_from_string(text));
  report_put_row(report);
}

void explain_group_put_text(Report *report)
{
  g_autoptr(GPtrArray) groups = list_of(report);
  uint64_t calls = report->causes ? report->causes->calls : 0, found = 0;

  for (guint i = 0; i < groups->len && !out_is_over(report->out); i++) {
    put_text(report, groups->pdata[i]);
    found += ((const CauseGroup *) groups->pdata[i])->calls;
  }
  g_string_append_printf(
    report->text, _("%7" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " calls have nothing to report"),
    calls - found, calls);
  report_put_row(report);
  tls_report_each(report, put_tls_text);
}
