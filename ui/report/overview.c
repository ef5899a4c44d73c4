/*
 * `report`: the whole input on one page: what the capture lacks, why calls failed, trunks, the
 * worst calls, registrations, numbers; and the ladders of the calls that are named.
 */
#include "capture/language.h"
#include "dissect/diagnose/cause_groups.h"
#include "dissect/diagnose/diagnosis.h"
#include "dissect/diagnose/doubts.h"
#include "dissect/diagnose/registrations.h"
#include "dissect/trace/call_audio.h"
#include "ui/report/call_flow.h"
#include "ui/report/flow_page.h"
#include "ui/report/picture.h"
#include "ui/report/subcommand.h"
#include "ui/report/tls_report.h"
#include "ui/show/statistics.h"

enum {
  CAUSES_MAX = 30,
  TRUNKS_MAX = 40,
  WORST_MAX = 10, /* rows of each list of calls */
  SHOWN_MAX = 60, /* calls with a ladder */
};

/* A call and what it is worse in than others. */
typedef struct {
  uint32_t number;
  double worst; /* the greater, the worse */
} Worst;

typedef struct {
  CauseGroups *causes;
  MetricGroups *trunks;
  Worst sound[WORST_MAX], slow[WORST_MAX]; /* the worst first */
  size_t sound_count, slow_count;
  Registrations *registrations;
  GArray *shown; /* uint32_t: numbers of calls, each once */
} Overview;

static void overview_free(void *state)
{
  Overview *overview = state;

  cause_groups_free(overview->causes);
  metric_groups_free(overview->trunks);
  registrations_free(overview->registrations);
  g_array_unref(overview->shown);
  g_free(overview);
}

static Overview *overview_of(Report *report)
{
  Overview *overview = report->state;
  GroupKey by;

  if (overview)
    return overview;
  overview = report->state = g_new0(Overview, 1);
  report->free_state = overview_free;
  overview->causes = cause_groups_new();
  if (group_key_parse("trunk", &by, NULL))
    overview->trunks = metric_groups_new(&by, HOUR_UTC);
  overview->registrations =
    registrations_new(report->trace, report->stores, &REGISTRATION_LIMITS_DEFAULT);
  overview->shown = g_array_new(false, false, sizeof(uint32_t));
  return overview;
}

/* --- Calls ------------------------------------------------------------------------------------ */

static void note_worst(Worst list[WORST_MAX], size_t *count, const Worst *one)
{
  size_t at = *count;

  while (at > 0 && list[at - 1].worst < one->worst)
    at--;
  if (at == WORST_MAX)
    return;
  size_t moved = MIN(*count, (size_t) WORST_MAX - 1) - at;
  memmove(&list[at + 1], &list[at], moved * sizeof *list);
  list[at] = *one;
  *count = MIN(*count + 1, (size_t) WORST_MAX);
}

static bool add_call(Report *report, const Call *call)
{
  Overview *overview = overview_of(report);
  CallAudio audio = call_audio(report->trace, call);
  Diagnosis diagnosis;

  diagnose_call(report_diagnoser(report), call, &report->scratch, &diagnosis);
  cause_groups_add(overview->causes, call->number, call->start_ns, &diagnosis.findings);
  if (call->method == SIP_METHOD_REGISTER)
    registrations_add_call(overview->registrations, call, NULL);
  if (diagnosis.summary.ring_ns > 0)
    note_worst(overview->slow, &overview->slow_count,
               &(Worst){call->number, (double) diagnosis.summary.ring_ns});
  if (audio.has_mos)
    note_worst(overview->sound, &overview->sound_count,
               &(Worst){call->number, -(double) audio.mos});
  diagnosis_clear(&diagnosis);
  arena_reset(&report->values);
  field_look_at_call(&report->context, call);
  metric_groups_add(overview->trunks, &report->context);
  report_note_unreadable(report, &report->context);
  return false;
}

/* --- Tables ----------------------------------------------------------------------------------- */

typedef struct {
  const char *title;
  bool is_number;
} Column;

static void begin_table(GString *to, const char *heading, const Column *columns, size_t count)
{
  g_string_append_printf(to, "<h2>%s</h2>\n<div class=\"wide\"><table>\n<tr>", heading);
  for (size_t i = 0; i < count; i++)
    g_string_append_printf(to, "<th%s>%s</th>", columns[i].is_number ? " class=\"number\"" : "",
                           _(columns[i].title));
  g_string_append(to, "</tr>\n");
}

static void end_table(GString *to)
{
  g_string_append(to, "</table></div>\n");
}

static void append_cell(GString *to, Slice text, bool is_number)
{
  g_string_append(to, is_number ? "<td class=\"number\">" : "<td>");
  text_append_markup(to, text);
  g_string_append(to, "</td>");
}

static void append_count(GString *to, uint64_t count)
{
  char text[TIME_TEXT_MAX];

  append_cell(to, slice_of(text, number_format(count, text)), true);
}

/* Calls that have a ladder are links to it. */
static void append_call(GString *to, Overview *overview, uint32_t number)
{
  bool is_shown = false;

  for (guint i = 0; i < overview->shown->len && !is_shown; i++)
    is_shown = g_array_index(overview->shown, uint32_t, i) == number;
  if (!is_shown && overview->shown->len < SHOWN_MAX) {
    g_array_append_val(overview->shown, number);
    is_shown = true;
  }
  if (is_shown)
    g_string_append_printf(to, "<a href=\"#call%u\">%u</a>", number, number);
  else
    g_string_append_printf(to, "%u", number);
}

/* --- Sections --------------------------------------------------------------------------------- */

static void append_doubts(Report *report, GString *to)
{
  Doubts doubts = {.count = 0};

  doubts_add_capture(report->trace, &report->scratch, &doubts);
  g_string_append_printf(to, "<h2>%s</h2>\n", _("What the capture lacks"));
  if (doubts.count == 0)
    g_string_append(to, _("<p>Nothing that is known.</p>\n"));
  else
    g_string_append(to, "<ul>\n");
  for (size_t i = 0; i < doubts.count; i++) {
    g_string_append(to, "<li>");
    text_append_markup(to, slice_from_string(doubts.items[i]));
    g_string_append(to, "</li>\n");
  }
  g_string_append(to, doubts.count == 0 ? "" : "</ul>\n");
}

static void append_stats_row(GString *to, const StatsRow *row)
{
  if (row->kind == STATS_HEADING) {
    g_string_append(to, "<tr><th colspan=\"5\">");
    text_append_markup(to, row->name);
    g_string_append(to, "</th></tr>\n");
    return;
  }
  g_string_append(to, "<tr>");
  append_cell(to, row->name, false);
  for (size_t i = 0; i < STATS_VALUES; i++)
    append_cell(to, row->values[i], row->kind != STATS_FACT);
  g_string_append(to, "</tr>\n");
}

static void append_numbers(Report *report, GString *to)
{
  Statistics *statistics = statistics_new(report->trace, NULL);

  while (job_step(&statistics->job, INT64_MAX))
    continue;
  g_autoptr(GArray) rows = stats_rows_new(&(StatsInput){.arena = &report->scratch,
                                                        .trace = report->trace,
                                                        .statistics = statistics,
                                                        .utc = report->setup.utc,
                                                        .charset = TEXT_UTF8});
  g_string_append_printf(to, "<h2>%s</h2>\n<div class=\"wide\"><table>\n",
                         translate_as("report", "Numbers"));
  for (guint i = 0; i < rows->len; i++)
    append_stats_row(to, &g_array_index(rows, StatsRow, i));
  end_table(to);
  job_free(&statistics->job);
}

static void append_cause(Report *report, const CauseGroup *group, GString *to)
{
  Overview *overview = report->state;
  const FindingRow *row = &FINDINGS[group->id];
  const char *severity = finding_severity_name(row->severity);
  g_autofree char *share =
    g_strdup_printf("%.1f %%", 100 * (double) group->calls / (double) overview->causes->calls);
  g_autoptr(GString) where = g_string_new(NULL);

  if (group->where.family != ADDRESS_NONE)
    aliases_append(report->setup.aliases, &group->where, ALIAS_WITH_PORT, where);
  g_string_append_printf(to, "<tr><td><b class=\"%s\">%s</b> %s</td>", severity, _(severity),
                         row->name);
  append_cell(to, slice_from_string(_(row->help)), false);
  append_cell(to, slice_of(where->str, where->len), false);
  if (group->status > 0)
    append_count(to, group->status);
  else
    append_cell(to, SLICE_NONE, true);
  append_count(to, group->calls);
  append_cell(to, slice_from_string(share), true);
  g_string_append(to, "<td>");
  for (size_t i = 0; i < group->example_count; i++) {
    g_string_append(to, i > 0 ? _(", ") : "");
    append_call(to, overview, group->examples[i]);
  }
  g_string_append(to, "</td></tr>\n");
}

static void append_left_out(GString *to, size_t count, size_t most, const char *what)
{
  if (count > most)
    g_string_append_printf(to, _("<p>%zu more %s left out.</p>\n"), count - most, what);
}

static void append_causes(Report *report, GString *to)
{
  static const Column COLUMNS[] = {
    {N_("finding"), false}, {"", false},         {N_("where"), false},   {N_("status"), true},
    {N_("calls"), true},    {N_("share"), true}, {N_("examples"), false}};
  Overview *overview = report->state;
  g_autoptr(GPtrArray) groups = cause_groups_list(overview->causes);

  if (groups->len == 0) {
    g_string_append(to, _("<h2>Causes</h2>\n<p>No findings.</p>\n"));
    return;
  }
  begin_table(to, _("Causes"), COLUMNS, G_N_ELEMENTS(COLUMNS));
  for (guint i = 0; i < MIN(groups->len, (guint) CAUSES_MAX); i++)
    append_cause(report, groups->pdata[i], to);
  end_table(to);
  append_left_out(to, groups->len, CAUSES_MAX, _("causes"));
}

static const MetricId OF_TRUNK[] = {
  METRIC_CALLS, METRIC_ANSWERED, METRIC_FAILED, METRIC_ASR, METRIC_NER, METRIC_ACD,
};

static void append_metric(GString *to, const Metrics *metrics, MetricId id)
{
  char text[TIME_TEXT_MAX];
  double value;

  if (!metrics_value(metrics, id, &value)) {
    append_cell(to, SLICE("-"), true);
    return;
  }
  switch (metric_unit(id)) {
  case METRIC_UNIT_COUNT:
    append_count(to, (uint64_t) value);
    return;
  case METRIC_UNIT_RATIO:
    g_snprintf(text, sizeof text, "%.1f %%", 100 * value);
    break;
  case METRIC_UNIT_DURATION:
    duration_format((int64_t) value, text);
    break;
  }
  append_cell(to, slice_from_string(text), true);
}

static void append_trunk(GString *to, const MetricGroup *group, Slice name)
{
  g_string_append(to, "<tr>");
  append_cell(to, name, false);
  for (size_t i = 0; i < G_N_ELEMENTS(OF_TRUNK); i++)
    append_metric(to, &group->metrics, OF_TRUNK[i]);
  append_metric(to, &group->metrics, metric_of_delay(METRIC_DELAY_PDD, DELAY_PART_P50));
  append_metric(to, &group->metrics, metric_of_delay(METRIC_DELAY_PDD, DELAY_PART_P99));
  g_string_append(to, "</tr>\n");
}

static void append_trunks(Report *report, GString *to)
{
  static const Column COLUMNS[] = {
    {N_("trunk"), false}, {N_("calls"), true}, {N_("answered"), true},
    {N_("failed"), true}, {"ASR", true},       {"NER", true},
    {"ACD", true},        {"PDD 50%", true},   {"PDD 99%", true}};
  const Overview *overview = report->state;
  g_autoptr(GPtrArray) groups = metric_groups_list(overview->trunks);

  begin_table(to, _("Trunks"), COLUMNS, G_N_ELEMENTS(COLUMNS));
  for (guint i = 0; i < MIN(groups->len, (guint) TRUNKS_MAX); i++) {
    const MetricGroup *group = groups->pdata[i];
    append_trunk(to, group, group->name.data ? group->name : SLICE("-"));
  }
  if (metric_group_size(&overview->trunks->others) > 0)
    append_trunk(to, &overview->trunks->others, slice_from_string(_("others")));
  end_table(to);
  append_left_out(to, groups->len, TRUNKS_MAX, _("trunks"));
}

static void append_worst(Report *report, GString *to, const Worst *worst, Slice value)
{
  const Call *call = trace_call(report->trace, worst->number);

  if (!call)
    return;
  g_string_append(to, "<tr><td class=\"number\">");
  append_call(to, report->state, worst->number);
  g_string_append(to, "</td>");
  append_cell(to, value, true);
  append_cell(to, report_call_text(report, call, CALL_TEXT_FROM), false);
  append_cell(to, report_call_text(report, call, CALL_TEXT_TO), false);
  g_string_append(to, "</tr>\n");
}

static void append_sound(Report *report, GString *to)
{
  static const Column COLUMNS[] = {
    {N_("call"), true}, {"MOS", true}, {N_("from"), false}, {N_("to"), false}};
  const Overview *overview = report->state;
  char text[TIME_TEXT_MAX];

  if (overview->sound_count == 0)
    return;
  begin_table(to, _("Worst sound"), COLUMNS, G_N_ELEMENTS(COLUMNS));
  for (size_t i = 0; i < overview->sound_count; i++) {
    g_snprintf(text, sizeof text, "%.2f", -overview->sound[i].worst);
    append_worst(report, to, &overview->sound[i], slice_from_string(text));
  }
  end_table(to);
}

static void append_slow(Report *report, GString *to)
{
  static const Column COLUMNS[] = {
    {N_("call"), true}, {N_("ringing after"), true}, {N_("from"), false}, {N_("to"), false}};
  const Overview *overview = report->state;
  char text[TIME_TEXT_MAX];

  if (overview->slow_count == 0)
    return;
  begin_table(to, _("Slowest to ring"), COLUMNS, G_N_ELEMENTS(COLUMNS));
  for (size_t i = 0; i < overview->slow_count; i++)
    append_worst(report, to, &overview->slow[i],
                 slice_from_string(duration_format((int64_t) overview->slow[i].worst, text)));
  end_table(to);
}

static uint32_t trouble_of(const RegistrationBinding *binding)
{
  return binding ? binding->rejections + binding->lapses : 0;
}

/* The addresses-of-record whose bindings were refused or lapsed most often, the worst first. */
static size_t list_troubled(const Registrations *registrations, Worst list[WORST_MAX])
{
  size_t count = 0;

  for (uint32_t i = 0; i < registrations_aor_count(registrations); i++) {
    const RegistrationAor *aor = registrations_aor(registrations, i);
    uint32_t trouble = trouble_of(registrations_main_binding(registrations, aor));
    if (trouble > 0)
      note_worst(list, &count, &(Worst){i, trouble});
  }
  return count;
}

static void append_registrations(const Overview *overview, GString *to)
{
  static const Column COLUMNS[] = {{N_("address-of-record"), false},
                                   {N_("contact"), false},
                                   {N_("state"), false},
                                   {N_("refused"), true},
                                   {N_("lapsed"), true},
                                   {N_("last status"), true}};
  Registrations *registrations = overview->registrations;
  Worst list[WORST_MAX];

  registrations_finish(registrations);
  uint32_t aors = registrations_aor_count(registrations);
  size_t count = list_troubled(registrations, list);
  if (aors == 0)
    return;
  g_string_append_printf(to, "<h2>%s</h2>\n<p>", _("Registrations"));
  g_string_append_printf(
    to, translate_count("%u address-of-record", "%u addresses-of-record", aors), aors);
  g_string_append(to, count == 0 ? _("; none was refused or lapsed.</p>\n") : ".</p>\n");
  if (count == 0)
    return;
  begin_table(to, _("Refused or lapsed most often"), COLUMNS, G_N_ELEMENTS(COLUMNS));
  for (size_t i = 0; i < count; i++) {
    const RegistrationAor *aor = registrations_aor(registrations, list[i].number);
    const RegistrationBinding *binding = registrations_main_binding(registrations, aor);
    g_string_append(to, "<tr>");
    append_cell(to, aor->name, false);
    append_cell(to, binding->contact, false);
    append_cell(to, slice_from_string(_(registration_event_name(binding->state))), false);
    append_count(to, binding->rejections);
    append_count(to, binding->lapses);
    append_count(to, binding->status);
    g_string_append(to, "</tr>\n");
  }
  end_table(to);
}

static void append_tls(Report *report, const TlsRow *row, FindingId id, const char *text)
{
  const Finding finding = tls_report_finding(id, text);

  aliases_append(report->setup.aliases, &row->server, ALIAS_WITH_PORT, report->text);
  flow_page_append_finding(report->text, &finding, false);
}

/* --- The page --------------------------------------------------------------------------------- */

static void begin_page(Report *report)
{
  flow_page_begin(report, _("SIP report"));
}

/* The state becomes that of the page of ladders: those calls are put now. */
static void put_ladders(Report *report)
{
  g_autoptr(GArray) shown = g_array_ref(overview_of(report)->shown);

  report->free_state(report->state);
  report->state = NULL;
  out_string(report->out, _("<h2>Calls</h2>\n"));
  for (guint i = 0; i < shown->len; i++) {
    uint32_t number = g_array_index(shown, uint32_t, i);
    const Call *call = trace_call(report->trace, number);
    g_autofree char *open =
      g_strdup_printf(_("<details class=\"call\"><summary>Call %u</summary>\n"), number);
    if (!call)
      continue;
    out_string(report->out, open);
    while (flow_page_call(report, call))
      continue;
    out_string(report->out, "</details>\n");
    g_clear_pointer(&report->flow, call_flow_free);
    arena_reset(&report->scratch);
  }
}

static void end_page(Report *report)
{
  g_autoptr(GString) page = g_string_new("<section>\n");

  (void) overview_of(report);
  append_doubts(report, page);
  append_causes(report, page);
  append_trunks(report, page);
  append_sound(report, page);
  append_slow(report, page);
  append_registrations(report->state, page);
  append_numbers(report, page);
  tls_report_each(report, append_tls);
  if (report->text->len > 0)
    g_string_append_printf(page, "<h2>TLS</h2>\n<ul>\n%s</ul>\n", report->text->str);
  g_string_truncate(report->text, 0);
  g_string_append(page, "</section>\n");
  out_string(report->out, page->str);
  put_ladders(report);
  flow_page_end(report);
}

static const ReportOps REPORT_HTML = {.begin = begin_page,
                                      .call = add_call,
                                      .end = end_page,
                                      .needs_media = true,
                                      .needs_offers = true,
                                      .diagnoses = true};

const Subcommand REPORT_SUBCOMMAND = {
  .name = "report",
  .help = N_("one page (HTML) over the whole input"),
  .more =
    N_("What the capture lacks, why calls failed with examples, trunks, the calls that sounded\n"
       "worst and those that were slow to ring, registrations, numbers; and the ladders of the\n"
       "calls that are named. It needs nothing from a network: any browser shows it."),
  .takes = TAKES_REPORTING | TAKES_FILTER | TAKES_CALLS | TAKES_ALIASES | TAKES_CONVERSATIONS,
  .formats = (const ReportFormat[]){{"html", &REPORT_HTML}, {NULL, NULL}},
};
