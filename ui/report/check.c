/* `check`: assertions about calls, for scripts and CI. */
#include "ui/report/check.h"

#include "capture/language.h"
#include "ui/report/report.h"
#include "ui/report/subcommand.h"

enum { EXAMPLES_MAX = 10 };

void check_clear(void *check)
{
  display_filter_free(((Check *) check)->filter);
}

typedef struct {
  const Check *check;
  uint64_t calls, matching;
  bool holds;
  uint32_t examples[EXAMPLES_MAX]; /* calls that it fails for: those that match, or do not */
  size_t example_count;
} Result;

/* The calls that a check fails for: with --all those that do not match; else those that do, of
 * which there may be too few, too. */
static void note_example(Result *result, const Call *call, bool matches)
{
  if (matches != result->check->wants_all && result->example_count < EXAMPLES_MAX)
    result->examples[result->example_count++] = call->number;
}

static Result result_of(Report *report, const Check *check)
{
  g_autofree CallBits *matching = display_filter_calls(check->filter, &report->context);
  Result result = {.check = check};

  for (size_t i = 0; i < report_call_count(report); i++) {
    const Call *call = report_call_at(report, i);
    if (!call)
      continue;
    bool matches = call_bits_has(matching, call);
    result.calls++;
    result.matching += matches;
    note_example(&result, call, matches);
  }
  result.holds = check->wants_all
                   ? result.matching == result.calls
                   : result.matching >= check->least && result.matching <= check->most;
  return result;
}

/* "2 of 40 calls match: 3, 7"; with --all those that do not. */
static void append_reason(GString *to, const Result *result)
{
  bool wants_all = result->check->wants_all;
  uint64_t said = wants_all ? result->calls - result->matching : result->matching;

  g_string_append_printf(to,
                         translate_count("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " call %s",
                                         "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " calls %s",
                                         result->calls),
                         said, result->calls,
                         wants_all ? (said == 1 ? _("does not match") : _("do not match"))
                                   : (said == 1 ? _("matches") : _("match")));
  for (size_t i = 0; i < result->example_count; i++)
    g_string_append_printf(to, "%s%u", i == 0 ? _(": ") : _(", "), result->examples[i]);
  if (said > result->example_count)
    g_string_append(to, ", ...");
}

/* --- text --- */

static void put_text(Report *report, const Result *result)
{
  if (result->holds)
    return;
  report_append_styled(report, SLICE("failed"), STYLE_ERROR);
  g_string_append_printf(report->text, ": %s '", result->check->option);
  text_append_safe(report->text, slice_from_string(result->check->text), report->look.charset);
  g_string_append(report->text, "': ");
  append_reason(report->text, result);
  g_string_append_c(report->text, '\n');
  report_put_line(report);
}

/* --- JSON --- */

static void put_key(Json *json, const char *key, FieldValue value)
{
  json_key(json, key);
  json_value(json, value);
}

static void put_json(Report *report, const Result *result)
{
  Json *json = &report->json;

  json_begin_object(json);
  put_key(json, "check", value_string(result->check->option + strlen("--")));
  put_key(json, "expression", value_string(result->check->expression));
  put_key(json, "holds", (FieldValue){.type = FIELD_BOOLEAN, .truth = result->holds});
  put_key(json, "calls", value_number(result->calls));
  put_key(json, "matching", value_number(result->matching));
  json_key(json, "examples");
  json_begin_array(json);
  for (size_t i = 0; !result->holds && i < result->example_count; i++)
    json_value(json, value_number(result->examples[i]));
  json_end_array(json);
  json_end_object(json);
  json_end_line(json);
}

/* --- JUnit XML, as CI servers read it --- */

static void put_junit(Report *report, const Result *result)
{
  GString *text = report->text;

  g_string_append_printf(text, "  <testcase classname=\"rung.check\" name=\"%s ",
                         result->check->option);
  text_append_markup(text, slice_from_string(result->check->text));
  g_string_append(text, result->holds ? "\"/>\n" : "\">\n    <failure message=\"");
  if (!result->holds) {
    append_reason(text, result);
    g_string_append(text, "\"/>\n  </testcase>\n");
  }
}

/* --- all of them --- */

static void check_all(Report *report, void (*put)(Report *report, const Result *result))
{
  const GArray *checks = report->setup.checks;

  for (guint i = 0; i < checks->len; i++) {
    const Result result = result_of(report, &g_array_index(checks, Check, i));
    report->flaws += !result.holds;
    put(report, &result);
  }
  if (report->flaws > 0)
    report->verdict =
      g_strdup_printf(translate_count("%" G_GUINT64_FORMAT " of %u check failed",
                                      "%" G_GUINT64_FORMAT " of %u checks failed", checks->len),
                      report->flaws, checks->len);
}

static void check_text(Report *report)
{
  check_all(report, put_text);
}

static void check_json(Report *report)
{
  check_all(report, put_json);
}

static void check_junit(Report *report)
{
  check_all(report, put_junit);
  g_autofree char *cases = g_strdup(report->text->str);
  g_string_printf(report->text,
                  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"rung check\" "
                  "tests=\"%u\" failures=\"%" G_GUINT64_FORMAT "\">\n%s</testsuite>\n",
                  report->setup.checks->len, report->flaws, cases);
  report_put_line(report);
}

static const ReportOps CHECK_TEXT = {.end = check_text, .needs_media = true, .needs_offers = true};
static const ReportOps CHECK_JSON = {
  .for_programs = true,
  .schemas =
    (const ReportSchema[]){
      {"", "{check:string,expression:string,holds:boolean,calls:integer,matching:integer,"
           "examples:[integer]}"},
      {NULL, NULL}},
  .end = check_json,
  .needs_media = true,
  .needs_offers = true};
static const ReportOps CHECK_JUNIT = {
  .for_programs = true, .end = check_junit, .needs_media = true, .needs_offers = true};

const Subcommand CHECK_SUBCOMMAND = {
  .name = "check",
  .help = N_("assertions about calls, for scripts and CI"),
  .more =
    N_("Exit status 1, and a line for each assertion that does not hold, with the first calls\n"
       "that it fails for. EXPR is as for -Y ('rung help filter'), which chooses the calls\n"
       "that are looked at. -T junit is for CI servers."),
  .takes = TAKES_REPORTING | TAKES_FILTER | TAKES_CALLS | TAKES_CHECKS | TAKES_CONVERSATIONS,
  .formats =
    (const ReportFormat[]){
      {"text", &CHECK_TEXT}, {"json", &CHECK_JSON}, {"junit", &CHECK_JUNIT}, {NULL, NULL}},
};
