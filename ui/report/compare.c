#include "ui/report/compare.h"

#include "capture/language.h"
#include "ui/report/subcommand.h"
#include "ui/show/capture_profile.h"
#include "ui/show/compare_lines.h"

/* What one report has collected: the calls that are named, or all of the capture. */
typedef struct Collected {
  CallProfile *calls[2];   /* in the order of their names */
  CaptureProfile *capture; /* of all calls, when none is named */
  struct Collected *first; /* of the first of two captures */
} Collected;

static void collected_free(void *state)
{
  Collected *collected = state;

  for (size_t i = 0; i < 2; i++)
    call_profile_free(collected->calls[i]);
  capture_profile_free(collected->capture);
  if (collected->first)
    collected_free(collected->first);
  g_free(collected);
}

static void compare_begin(Report *report)
{
  Collected *collected = g_new0(Collected, 1);

  collected->capture = capture_profile_new();
  collected->first = report->setup.first;
  report->state = collected;
  report->free_state = collected_free;
}

static void collect_capture(Report *report, const Call *call)
{
  const Collected *collected = report->state;
  const CallAudio audio = call_audio(report->trace, call);
  Diagnosis diagnosis;

  diagnose_call(report_diagnoser(report), call, &report->scratch, &diagnosis);
  arena_reset(&report->values);
  field_look_at_call(&report->context, call);
  capture_profile_add(collected->capture, &report->context, &diagnosis.findings, &audio);
  report_note_unreadable(report, &report->context);
  diagnosis_clear(&diagnosis);
}

static bool collect_call(Report *report, const Call *call)
{
  Collected *collected = report->state;
  size_t name = selection_call_name(report->setup.selection, call);

  if (selection_call_names(report->setup.selection) == 0)
    collect_capture(report, call);
  else if (!collected->calls[name])
    collected->calls[name] =
      call_profile_new(report_diagnoser(report), call, report->setup.aliases);
  return false;
}

/* --- two calls --- */

static void put_lines(Report *report, const CallComparison *comparison)
{
  const CompareLinesInput input = {
    .arena = &report->scratch,
    .comparison = comparison,
    .captures = report->setup.names,
    .charset = report->look.charset,
    .clock = report->clock,
    .width = report->look.width,
  };
  g_autoptr(GArray) lines = compare_lines_new(&input);

  for (guint i = 0; i < lines->len; i++) {
    const CompareLine *line = &g_array_index(lines, CompareLine, i);
    if (line->style == STYLE_PLAIN)
      g_string_append_len(report->text, line->text.data, (gssize) line->text.len);
    else
      report_append_styled(report, line->text, line->style);
    g_string_append_c(report->text, '\n');
    report_put_line(report);
  }
}

static void put_value(Json *json, const char *key, FieldValue value)
{
  json_key(json, key);
  json_value(json, value);
}

static void put_side_json(Report *report, const CallProfile *profile, const char *capture)
{
  Json *json = &report->json;

  json_begin_object(json);
  put_value(json, "capture", capture ? value_string(capture) : value_none());
  put_value(json, "call", value_number(profile->number));
  put_value(json, "call_id", value_text(profile->call_id));
  put_value(json, "from", value_text(profile->from));
  put_value(json, "to", value_text(profile->to));
  put_value(json, "start", value_time(profile->start_ns));
  put_value(json, "outcome",
            profile->outcome_name ? value_string(profile->outcome_name) : value_none());
  put_value(json, "status", profile->status ? value_number(profile->status) : value_none());
  put_value(json, "summary", value_string(profile->sentence));
  json_end_object(json);
}

static void put_row_json(Json *json, const CompareRow *row)
{
  static const char *const VALUES[] = {"left", "right"};

  json_begin_object(json);
  put_value(json, "area", value_string(compare_area_name(row->area)));
  put_value(json, "name", value_text(row->name));
  for (size_t i = 0; i < 2; i++)
    put_value(json, VALUES[i], row->values[i].data ? value_text(row->values[i]) : value_none());
  json_key(json, "messages");
  json_begin_array(json);
  for (size_t i = 0; i < 2; i++)
    json_value(json, row->messages[i] ? value_number(row->messages[i]) : value_none());
  json_end_array(json);
  json_end_object(json);
}

static void put_areas_json(Json *json, const char *key, const CallComparison *comparison,
                           bool are_compared)
{
  json_key(json, key);
  json_begin_array(json);
  for (CompareArea area = 0; area < COMPARE_AREA_COUNT; area++)
    if (comparison->is_compared[area] == are_compared && comparison->counts[area] == 0)
      json_value(json, value_string(compare_area_name(area)));
  json_end_array(json);
}

static void put_calls_json(Report *report, const CallComparison *comparison)
{
  Json *json = &report->json;
  bool is_explained = comparison->explains != COMPARE_NO_ROW;

  json_begin_object(json);
  json_key(json, "calls");
  json_begin_array(json);
  for (size_t i = 0; i < 2; i++)
    put_side_json(report, comparison->sides[i],
                  report->setup.names ? report->setup.names[i] : NULL);
  json_end_array(json);
  put_value(json, "worse",
            comparison->worse < 0 ? value_none()
                                  : value_string(comparison->worse == 0 ? "left" : "right"));
  put_value(json, "explains", is_explained ? value_number(comparison->explains) : value_none());
  put_value(json, "why", value_text(comparison->why));
  json_key(json, "differences");
  json_begin_array(json);
  for (size_t i = 0; i < comparison->count; i++)
    put_row_json(json, &comparison->rows[i]);
  json_end_array(json);
  put_value(json, "left_out", value_number(comparison->left_out));
  put_areas_json(json, "same", comparison, true);
  put_areas_json(json, "not_compared", comparison, false);
  json_end_object(json);
  json_end_line(json);
}

/* --- two captures --- */

static FieldValue number_of(const CaptureRow *row, size_t side)
{
  return row->has[side] ? value_decimal(row->unit == CAPTURE_UNIT_NS ? row->values[side] / 1e6
                                                                     : row->values[side])
                        : value_none();
}

static void put_capture_row_json(Report *report, const CaptureRow *row)
{
  static const char *const UNITS[] = {
    [CAPTURE_UNIT_TOTAL] = "count",     [CAPTURE_UNIT_COUNT] = "count",
    [CAPTURE_UNIT_RATIO] = "ratio",     [CAPTURE_UNIT_NS] = "ms",
    [CAPTURE_UNIT_PERCENT] = "percent", [CAPTURE_UNIT_MOS] = "mos",
  };
  Json *json = &report->json;

  json_begin_object(json);
  put_value(json, "area", value_string(capture_area_name(row->area)));
  put_value(json, "group", row->group.data ? value_text(row->group) : value_none());
  put_value(json, "name", value_text(row->name));
  put_value(json, "unit", value_string(UNITS[row->unit]));
  put_value(json, "before", number_of(row, 0));
  put_value(json, "after", number_of(row, 1));
  json_end_object(json);
  json_end_line(json);
}

static char *number_text(const CaptureRow *row, size_t side)
{
  char text[TIME_TEXT_MAX];
  double value = row->values[side];

  if (!row->has[side])
    return g_strdup("-");
  switch (row->unit) {
  case CAPTURE_UNIT_TOTAL:
    return g_strdup_printf("%.0f", value);
  case CAPTURE_UNIT_COUNT:
    return g_strdup_printf("%.0f (%.1f %%)", value, row->shares[side] * 100);
  case CAPTURE_UNIT_RATIO:
    return g_strdup_printf("%.1f %%", value * 100);
  case CAPTURE_UNIT_NS:
    return g_strdup(duration_format((int64_t) value, text));
  case CAPTURE_UNIT_PERCENT:
    return g_strdup_printf("%.2f %%", value);
  case CAPTURE_UNIT_MOS:
    break;
  }
  return g_strdup_printf("%.2f", value);
}

/* Of parts, how their share of the total has changed: captures are of different lengths. */
static char *change_text(const CaptureRow *row)
{
  char text[TIME_TEXT_MAX];
  double change = row->values[1] - row->values[0];

  if (!row->has[0] || !row->has[1])
    return g_strdup("");
  switch (row->unit) {
  case CAPTURE_UNIT_TOTAL:
    return g_strdup_printf("%+.0f", change);
  case CAPTURE_UNIT_COUNT:
    return g_strdup_printf(_("%+.1f points"), (row->shares[1] - row->shares[0]) * 100);
  case CAPTURE_UNIT_RATIO:
    return g_strdup_printf(_("%+.1f points"), change * 100);
  case CAPTURE_UNIT_NS:
    return g_strdup_printf("%c%s", change < 0 ? '-' : '+',
                           duration_format((int64_t) ABS(change), text));
  case CAPTURE_UNIT_PERCENT:
    return g_strdup_printf(_("%+.2f points"), change);
  case CAPTURE_UNIT_MOS:
    break;
  }
  return g_strdup_printf("%+.2f", change);
}

enum { VALUE_WIDTH = 18 };

static void append_cells(Report *report, const char *const values[3])
{
  for (size_t i = 0; i < 3; i++)
    text_append_cell(report->text, slice_from_string(values[i]),
                     (TextCell){VALUE_WIDTH, TEXT_RIGHT}, report->look.charset);
  report_put_row(report);
}

static unsigned name_width(const Report *report, const GArray *rows)
{
  enum { WIDTH_MIN = 16, WIDTH_MAX = 60, INDENT = 4 };
  unsigned longest = WIDTH_MIN, used = 3 * VALUE_WIDTH;

  for (guint i = 0; i < rows->len; i++)
    longest = MAX(longest, INDENT + text_width(g_array_index(rows, CaptureRow, i).name));
  unsigned room = report->look.width > used ? report->look.width - used : 0;
  return MAX(MIN(longest, report->look.fits ? room : WIDTH_MAX), (unsigned) WIDTH_MIN);
}

static void put_name(Report *report, Slice name, unsigned indent, unsigned width)
{
  g_autoptr(GString) safe = g_string_new(NULL);

  text_append_spaces(report->text, indent);
  text_append_safe(safe, name, report->look.charset);
  text_append_cell(report->text, slice_of(safe->str, safe->len),
                   (TextCell){width - indent, TEXT_LEFT}, report->look.charset);
}

static void put_heading(Report *report, const CaptureRow *row, const CaptureRow *above)
{
  if (!above || above->area != row->area) {
    report_append_styled(report, slice_from_string(_(capture_area_heading(row->area))),
                         STYLE_HEADING);
    report_put_row(report);
  }
  if (row->group.data && (!above || !slice_eq(above->group, row->group))) {
    put_name(report, row->group, 2, report->look.width);
    report_put_row(report);
  }
}

static void put_capture_row(Report *report, const CaptureRow *row, unsigned width)
{
  g_autofree char *before = number_text(row, 0), *after = number_text(row, 1);
  g_autofree char *change = change_text(row);

  put_name(report, row->name, row->group.data ? 4 : 2, width);
  append_cells(report, (const char *const[]){before, after, change});
}

/* Does it begin a cause or trunk, which are counted? */
static bool begins_item(const CaptureRow *row, const CaptureRow *above)
{
  return !row->group.data || !above || !slice_eq(above->group, row->group);
}

static void put_left_out(Report *report, unsigned causes, unsigned trunks)
{
  if (causes > 0) {
    g_string_append_printf(report->text,
                           translate_count("  %u more cause is left out; -T json has all",
                                           "  %u more causes are left out; -T json has all",
                                           causes),
                           causes);
    report_put_row(report);
  }
  if (trunks > 0) {
    g_string_append_printf(report->text,
                           translate_count("  %u more trunk is left out; -T json has all",
                                           "  %u more trunks are left out; -T json has all",
                                           trunks),
                           trunks);
    report_put_row(report);
  }
}

static void put_capture_text(Report *report, const GArray *rows)
{
  static const unsigned MOST[CAPTURE_AREA_COUNT] = {[CAPTURE_CAUSES] = 40, [CAPTURE_TRUNKS] = 100};
  unsigned width = name_width(report, rows), counts[CAPTURE_AREA_COUNT] = {0};
  unsigned left_out[CAPTURE_AREA_COUNT] = {0};

  text_append_spaces(report->text, width);
  append_cells(report, (const char *const[]){_("before"), _("after"), _("change")});
  for (guint i = 0; i < rows->len; i++) {
    const CaptureRow *row = &g_array_index(rows, CaptureRow, i), *above = i > 0 ? row - 1 : NULL;
    bool begins = begins_item(row, above);
    counts[row->area] += begins;
    if (MOST[row->area] > 0 && counts[row->area] > MOST[row->area]) {
      left_out[row->area] += begins;
      continue;
    }
    put_heading(report, row, above);
    put_capture_row(report, row, width);
  }
  put_left_out(report, left_out[CAPTURE_CAUSES], left_out[CAPTURE_TRUNKS]);
}

/* --- both --- */

static void compare_captures(Report *report, bool as_json)
{
  const Collected *last = report->state;
  g_autoptr(GArray) rows = capture_compare(&report->scratch, last->first->capture, last->capture);

  if (!as_json) {
    put_capture_text(report, rows);
    return;
  }
  for (guint i = 0; i < rows->len && !out_is_over(report->out); i++)
    put_capture_row_json(report, &g_array_index(rows, CaptureRow, i));
}

/* A call that is not there is reported by whoever reads the names. */
static void compare_calls(Report *report, bool as_json)
{
  const Collected *last = report->state, *first = last->first ? last->first : last;
  const CallProfile *left = first->calls[0], *right = last->calls[first == last];

  if (!left || !right) {
    report->verdict = g_strdup(_("nothing was compared"));
    return;
  }
  const CallComparison *comparison = call_compare(&report->scratch, left, right);
  if (as_json)
    put_calls_json(report, comparison);
  else
    put_lines(report, comparison);
}

static void compare_end(Report *report, bool as_json)
{
  const Collected *collected = report->state;
  bool is_interrupted = report->setup.names && !collected->first;

  if (report->setup.is_first)
    return;
  if (is_interrupted)
    report->verdict = g_strdup(_("nothing was compared"));
  else if (selection_call_names(report->setup.selection) > 0)
    compare_calls(report, as_json);
  else
    compare_captures(report, as_json);
}

static void compare_text(Report *report)
{
  compare_end(report, false);
}

static void compare_json(Report *report)
{
  compare_end(report, true);
}

#define COMPARES                                                                                   \
  .begin = compare_begin, .call = collect_call, .needs_media = true, .needs_offers = true,         \
  .diagnoses = true, .sessions = SESSIONS_NONE

const ReportOps COMPARE_TEXT = {COMPARES, .end = compare_text};
const ReportOps COMPARE_JSON = {
  .for_programs = true,
  .schemas =
    (const ReportSchema[]){
      {"", "{area:string,group:string?,name:string,unit:string,before:number?,after:number?}"},
      {"--call", "{calls:[{capture:string?,call:integer,call_id:string?,from:string?,to:string?,"
                 "start:time?,outcome:string?,status:integer?,summary:string}],worse:string?,"
                 "explains:integer?,why:string,differences:[{area:string,name:string,left:string?,"
                 "right:string?,messages:[integer?]}],left_out:integer,same:[string],"
                 "not_compared:[string]}"},
      {NULL, NULL}},
  COMPARES,
  .end = compare_json};

const Subcommand COMPARE_SUBCOMMAND = {
  .name = "compare",
  .help = N_("two calls (--call A --call B) or two captures, and what differs"),
  .more =
    N_("With --call A --call B: two calls of FILE, or A of the first and B of the second of two\n"
       "files: their path, request, messages, answer, delays, media and findings, and the first\n"
       "difference that explains why one of them went worse. What differs in every call is left\n"
       "out: tags, branches, Call-IDs, dates, ports, nonces. Without --call: two files, and what\n"
       "has changed from the first to the second: outcomes, delays, loss, causes, per trunk."),
  .takes = TAKES_PRINTING | TAKES_FILES | TAKES_FILTER | TAKES_CALLS | TAKES_ALIASES | TAKES_PAIR,
  .formats = (const ReportFormat[]){{"text", &COMPARE_TEXT}, {"json", &COMPARE_JSON}, {NULL, NULL}},
};
