#include "ui/report/stats_by.h"

#include "capture/language.h"
#include "ui/report/csv.h"

enum {
  VALUES = METRIC_COUNT_ALL + 1, /* and the name of the group */
  KEY_MAX = 48,
  TEXT_GROUPS_MAX = 100, /* in text; those beyond are one row */
};

static MetricGroups *groups_of(Report *report, HourStyle hours)
{
  static const GroupKey ALL = {.kind = GROUP_ALL, .by = "all"};

  if (!report->metrics)
    report->metrics = metric_groups_new(report->setup.by ? report->setup.by : &ALL, hours);
  return report->metrics;
}

static void add_call(Report *report, const Call *call, HourStyle hours)
{
  arena_reset(&report->values);
  field_look_at_call(&report->context, call);
  metric_groups_add(groups_of(report, hours), &report->context);
  report_note_unreadable(report, &report->context);
}

static HourStyle hours_of_text(const Report *report)
{
  return report->setup.utc ? HOUR_UTC : HOUR_LOCAL;
}

bool stats_by_call_json(Report *report, const Call *call)
{
  if (report->setup.by)
    add_call(report, call, HOUR_RFC3339);
  return false;
}

bool stats_by_call_csv(Report *report, const Call *call)
{
  add_call(report, call, HOUR_RFC3339);
  return false;
}

bool stats_by_call_text(Report *report, const Call *call)
{
  if (report->setup.by)
    add_call(report, call, hours_of_text(report));
  return false;
}

/* --- JSON and CSV ----------------------------------------------------------------------------- */

/* As in the rows of other commands, a duration is in milliseconds and its key says so. */
static const char *key_of(MetricId id, char room[KEY_MAX])
{
  char bare[32];

  g_snprintf(room, KEY_MAX, "%s%s", metric_key(id, bare),
             metric_unit(id) == METRIC_UNIT_DURATION ? "_ms" : "");
  return room;
}

static void put_json_value(Json *json, const Metrics *metrics, MetricId id)
{
  char room[KEY_MAX];
  double value;

  json_key(json, key_of(id, room));
  if (!metrics_value(metrics, id, &value))
    json_value(json, value_none());
  else if (metric_unit(id) == METRIC_UNIT_RATIO)
    json_number(json, value);
  else if (metric_unit(id) == METRIC_UNIT_DURATION)
    json_value(json, (FieldValue){.type = FIELD_DURATION, .integer = (int64_t) value});
  else
    json_value(json, value_number((uint64_t) value));
}

static void put_json(Report *report, const MetricGroup *group, bool is_others)
{
  Json *json = &report->json;

  json_begin_object(json);
  json_key(json, "by");
  json_value(json, value_string(report->setup.by->by));
  json_key(json, "group");
  json_value(json, value_text(group->name));
  json_key(json, "others");
  json_value(json, (FieldValue){.type = FIELD_BOOLEAN, .truth = is_others});
  for (MetricId id = 0; id < METRIC_COUNT_ALL; id++)
    put_json_value(json, &group->metrics, id);
  json_end_object(json);
  json_end_line(json);
}

void stats_by_put_json(Report *report)
{
  const MetricGroups *groups = groups_of(report, HOUR_RFC3339);
  g_autoptr(GPtrArray) list = metric_groups_list(groups);

  for (guint i = 0; i < list->len && !out_is_over(report->out); i++)
    put_json(report, list->pdata[i], false);
  if (metric_group_size(&groups->others) > 0)
    put_json(report, &groups->others, true);
}

static FieldValue csv_value(const Metrics *metrics, MetricId id)
{
  double value;

  if (!metrics_value(metrics, id, &value))
    return value_none();
  switch (metric_unit(id)) {
  case METRIC_UNIT_RATIO:
    return value_decimal(value);
  case METRIC_UNIT_DURATION:
    return (FieldValue){.type = FIELD_DURATION, .integer = (int64_t) value};
  case METRIC_UNIT_COUNT:
    break;
  }
  return value_number((uint64_t) value);
}

static void put_csv(Report *report, const MetricGroup *group, Slice name)
{
  FieldValue values[VALUES] = {value_text(name)};

  for (MetricId id = 0; id < METRIC_COUNT_ALL; id++)
    values[id + 1] = csv_value(&group->metrics, id);
  csv_row(report->out, values, VALUES);
}

void stats_by_put_csv(Report *report)
{
  const MetricGroups *groups = groups_of(report, HOUR_RFC3339);
  g_autoptr(GPtrArray) list = metric_groups_list(groups);
  ValueColumn columns[VALUES] = {{.key = SLICE("group")}};
  char keys[METRIC_COUNT_ALL][KEY_MAX];

  for (MetricId id = 0; id < METRIC_COUNT_ALL; id++)
    columns[id + 1].key = slice_from_string(key_of(id, keys[id]));
  csv_header(report->out, columns, VALUES);
  for (guint i = 0; i < list->len && !out_is_over(report->out); i++) {
    const MetricGroup *group = list->pdata[i];
    put_csv(report, group, group->name);
  }
  if (metric_group_size(&groups->others) > 0)
    put_csv(report, &groups->others, SLICE("others"));
}

/* --- text ------------------------------------------------------------------------------------- */

typedef struct {
  const char *title;
  MetricId id;
  unsigned width;
} Column;

#define DELAY(title, delay, part, width)                                                           \
  {                                                                                                \
    title, METRIC_SIMPLE_COUNT + METRIC_DELAY_##delay *DELAY_PART_COUNT + DELAY_PART_##part, width \
  }

static const Column CALLS[] = {
  {N_("calls"), METRIC_CALLS, 8}, {N_("failed"), METRIC_FAILED, 8}, {"ASR %", METRIC_ASR, 6},
  {"NER %", METRIC_NER, 6},       {"SEER %", METRIC_SEER, 7},       {"ISA %", METRIC_ISA, 6},
  {"SCR %", METRIC_SCR, 6},       {"ACD", METRIC_ACD, 8},           DELAY("PDD 50%", PDD, P50, 8),
  DELAY("90%", PDD, P90, 8),      DELAY("99%", PDD, P99, 8),
};

static const Column DELAYS[] = {
  DELAY("SRD 50%", SRD, P50, 8),
  DELAY("90%", SRD, P90, 8),
  DELAY(N_("failed 50%"), FAILED_SRD, P50, 11),
  DELAY("90%", FAILED_SRD, P90, 8),
  DELAY("SDD 50%", SDD, P50, 8),
  DELAY("90%", SDD, P90, 8),
  DELAY(N_("failed 50%"), FAILED_SDD, P50, 11),
  DELAY("SDT", SDT, MEAN, 8),
  DELAY(N_("failed"), FAILED_SDT, MEAN, 8),
};

static const Column REGISTRATIONS[] = {
  {N_("attempts"), METRIC_REGISTRATIONS, 9},
  {N_("failed"), METRIC_FAILED_REGISTRATIONS, 8},
  {"IRA %", METRIC_IRA, 7},
  DELAY("RRD 50%", RRD, P50, 9),
  DELAY("90%", RRD, P90, 9),
  DELAY("99%", RRD, P99, 9),
};

typedef struct {
  const char *title;
  MetricId counted; /* a group without any of these has no row */
  const Column *columns;
  size_t count;
} TextTable;

static const TextTable TABLES[] = {
  {N_("Calls"), METRIC_CALLS, CALLS, G_N_ELEMENTS(CALLS)},
  {N_("Delays of calls"), METRIC_CALLS, DELAYS, G_N_ELEMENTS(DELAYS)},
  {N_("Registrations"), METRIC_REGISTRATIONS, REGISTRATIONS, G_N_ELEMENTS(REGISTRATIONS)},
};

static void append_metric(Report *report, const Metrics *metrics, const Column *column)
{
  const TextCell cell = {column->width, TEXT_RIGHT};
  char text[TIME_TEXT_MAX] = "-";
  double value;

  if (metrics_value(metrics, column->id, &value))
    switch (metric_unit(column->id)) {
    case METRIC_UNIT_COUNT:
      number_format((uint64_t) value, text);
      break;
    case METRIC_UNIT_RATIO:
      g_snprintf(text, sizeof text, "%.1f", value * 100);
      break;
    case METRIC_UNIT_DURATION:
      duration_format((int64_t) value, text);
      break;
    }
  text_append_cell(report->text, slice_from_string(text), cell, report->look.charset);
}

static void put_group(Report *report, const TextTable *table, const MetricGroup *group,
                      unsigned width)
{
  double count = 0;
  bool is_of_any = metrics_value(&group->metrics, table->counted, &count) && count > 0;
  g_autoptr(GString) name = g_string_new(NULL);

  if (!is_of_any)
    return;
  text_append_safe(name, group->name.data ? group->name : slice_from_string(_("(none)")),
                   report->look.charset);
  g_string_append(report->text, "  ");
  text_append_cell(report->text, slice_of(name->str, name->len), (TextCell){width, TEXT_LEFT},
                   report->look.charset);
  for (size_t i = 0; i < table->count; i++)
    append_metric(report, &group->metrics, &table->columns[i]);
  report_put_row(report);
}

static void put_titles(Report *report, const TextTable *table, unsigned width)
{
  text_append_cell(report->text, slice_from_string(_(table->title)),
                   (TextCell){width + 2, TEXT_LEFT}, report->look.charset);
  for (size_t i = 0; i < table->count; i++)
    text_append_cell(report->text, slice_from_string(_(table->columns[i].title)),
                     (TextCell){table->columns[i].width, TEXT_RIGHT}, report->look.charset);
  report_put_row(report);
}

/* As wide as the longest name, where that fits. */
static unsigned name_width(const Report *report, const GPtrArray *list, const TextTable *table)
{
  enum { WIDTH_MIN = 14, WIDTH_MAX = 48, INDENT = 2 };
  unsigned used = INDENT, longest = WIDTH_MIN;

  for (size_t i = 0; i < table->count; i++)
    used += table->columns[i].width;
  for (guint i = 0; i < list->len; i++)
    longest = MAX(longest, text_width(((const MetricGroup *) list->pdata[i])->name));
  unsigned room = !report->look.fits          ? WIDTH_MAX
                  : report->look.width > used ? report->look.width - used
                                              : 0;
  return CLAMP(room, WIDTH_MIN, MIN(longest, WIDTH_MAX));
}

/* What the rows leave out, as one; with how many groups that are. */
static MetricGroup fold_rest(const MetricGroups *groups, GPtrArray *list, GString *name)
{
  MetricGroup rest = {.name = slice_from_string(_("others"))};

  g_string_assign(name, _("others"));
  metrics_merge(&rest.metrics, &groups->others.metrics);
  for (guint i = TEXT_GROUPS_MAX; i < list->len; i++)
    metrics_merge(&rest.metrics, &((const MetricGroup *) list->pdata[i])->metrics);
  if (list->len > TEXT_GROUPS_MAX) {
    g_string_printf(name, _("%u others"), list->len - TEXT_GROUPS_MAX);
    g_ptr_array_set_size(list, TEXT_GROUPS_MAX);
  }
  rest.name = slice_of(name->str, name->len);
  return rest;
}

void stats_by_put_text(Report *report)
{
  const MetricGroups *groups = groups_of(report, hours_of_text(report));
  g_autoptr(GPtrArray) list = metric_groups_list(groups);
  g_autoptr(GString) name = g_string_new(NULL);
  MetricGroup rest = fold_rest(groups, list, name);
  bool is_first = true;

  if (metric_group_size(&rest) > 0)
    g_ptr_array_add(list, &rest);
  for (size_t t = 0; t < G_N_ELEMENTS(TABLES); t++) {
    double count = 0, of_table = 0;
    for (guint i = 0; i < list->len; i++) {
      metrics_value(&((const MetricGroup *) list->pdata[i])->metrics, TABLES[t].counted, &count);
      of_table += count;
    }
    if (of_table <= 0)
      continue;
    if (!is_first)
      report_put_row(report);
    is_first = false;
    unsigned width = name_width(report, list, &TABLES[t]);
    put_titles(report, &TABLES[t], width);
    for (guint i = 0; i < list->len; i++)
      put_group(report, &TABLES[t], list->pdata[i], width);
  }
  if (is_first)
    g_string_append(report->text, _("no calls and no registrations\n"));
  report_put_line(report);
  metrics_clear(&rest.metrics);
}
