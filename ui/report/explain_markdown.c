#include "ui/report/explain_markdown.h"

#include "capture/language.h"
#include "dissect/diagnose/diagnosis.h"
#include "dissect/diagnose/doubts.h"
#include "ui/report/call_flow.h"
#include "ui/report/tls_report.h"
#include "ui/show/finding_rows.h"
#include "ui/show/path_text.h"

enum {
  FENCE_MIN = 3,
  MESSAGES_MAX = 8,     /* that are quoted */
  MESSAGE_BYTES = 8192, /* of each */
  LADDER_WIDTH = 100,
};

/* --- Text that was sent ----------------------------------------------------------------------- */

static unsigned longest_run(Slice text)
{
  unsigned longest = 0, run = 0;

  for (size_t i = 0; i < text.len; i++) {
    run = text.data[i] == '`' ? run + 1 : 0;
    longest = MAX(longest, run);
  }
  return longest;
}

static void append_ticks(GString *to, unsigned count)
{
  for (unsigned i = 0; i < count; i++)
    g_string_append_c(to, '`');
}

/* CommonMark 6.1: blanks keep ticks at its ends apart from the fence. */
static void append_span(Report *report, Slice raw)
{
  g_autoptr(GString) safe = g_string_new(NULL);

  text_append_safe(safe, raw, report->look.charset);
  unsigned ticks = longest_run(slice_of(safe->str, safe->len)) + 1;
  append_ticks(report->text, ticks);
  g_string_append_printf(report->text, ticks > 1 ? " %s " : "%s", safe->len > 0 ? safe->str : "-");
  append_ticks(report->text, ticks);
}

/* A sentence: what could begin markup, a link or a mention is escaped. */
static void append_escaped(Report *report, const char *raw)
{
  g_autoptr(GString) safe = g_string_new(NULL);
  GString *text = report->text;

  text_append_safe(safe, slice_from_string(raw), report->look.charset);
  for (const char *c = safe->str; *c; c++) {
    bool is_link = g_str_has_prefix(c, "://") || (*c == '.' && c > safe->str && c[-1] == 'w');
    if (is_link || strchr("@&<>", *c))
      g_string_append_printf(text, "&#%d;", *c);
    else if (strchr("\\`*_{}[]#|~", *c))
      g_string_append_printf(text, "\\%c", *c);
    else
      g_string_append_c(text, *c);
  }
}

static void put_heading(Report *report, const char *text)
{
  g_string_append_printf(report->text, "\n### %s\n\n", text);
}

/* --- Facts ------------------------------------------------------------------------------------ */

static void put_text_fact(Report *report, const char *name, Slice value)
{
  g_string_append_printf(report->text, "- %s%s", name, _(": "));
  append_span(report, value);
  g_string_append_c(report->text, '\n');
}

static void put_interval(Report *report, const char *name, int64_t ns)
{
  char text[TIME_TEXT_MAX];

  if (ns >= 0)
    g_string_append_printf(report->text, "- %s%s%s\n", name, _(": "), duration_format(ns, text));
}

static void put_times(Report *report, const Call *call)
{
  Clock clock = clock_new(TIME_ABSOLUTE, report->setup.utc);
  char start[TIME_TEXT_MAX], end[TIME_TEXT_MAX];

  clock.digits = 3;
  g_string_append_printf(report->text, _("- Time: %s to %s%s\n"),
                         clock_format(&clock, call->start_ns, start),
                         clock_format(&clock, call->end_ns, end), report->setup.utc ? " UTC" : "");
}

static void put_roles(Report *report, const CallPath *path)
{
  RoleList roles;

  roles_of(&path->forwarding, &report->scratch, &roles);
  if (roles.count == 0)
    return;
  g_string_append(report->text, _("- Endpoints: "));
  for (size_t i = 0; i < roles.count; i++) {
    g_autoptr(GString) name = g_string_new(NULL);
    aliases_append(report->setup.aliases, trace_endpoint(report->trace, roles.items[i].endpoint),
                   ALIAS_WITH_PORT, name);
    g_string_append(report->text, i > 0 ? _(", ") : "");
    append_span(report, slice_of(name->str, name->len));
    g_string_append_printf(report->text, " (%s)", _(role_label(roles.items[i].kind)));
  }
  g_string_append_c(report->text, '\n');
}

static void put_facts(Report *report, const Call *call, const Diagnosis *diagnosis)
{
  const CallSummary *summary = &diagnosis->summary;

  g_string_append_printf(report->text, _("%s## Call %u: "), report->ending.put > 0 ? "\n" : "",
                         call->number);
  append_escaped(report, diagnosis->result);
  g_string_append(report->text, "\n\n");
  put_text_fact(report, "Call-ID", report_call_text(report, call, CALL_TEXT_ID));
  put_text_fact(report, _("From"), report_call_text(report, call, CALL_TEXT_FROM));
  put_text_fact(report, _("To"), report_call_text(report, call, CALL_TEXT_TO));
  put_times(report, call);
  put_interval(report, _("Ringing after"), summary->ring_ns);
  put_interval(report, _("Answered after"), summary->setup_ns);
  put_interval(report, _("Duration"), summary->duration_ns);
  put_roles(report, diagnosis->path);
  const char *remark = remarks_of(trace_remarks(report->trace), call);
  if (remark)
    put_text_fact(report, _("Note"), slice_from_string(remark));
}

/* --- Cause ------------------------------------------------------------------------------------ */

static void put_finding(Report *report, const Finding *finding)
{
  GString *text = report->text;

  g_string_append_printf(text, "- **%s** `%s`: ", _(finding_severity_name(finding->severity)),
                         FINDINGS[finding->id].name);
  append_escaped(report, finding->text);
  g_string_append(text, "\n  (");
  finding_append_proof(finding, text);
  g_string_append(text, ")\n");
  if (!finding->weakened)
    return;
  g_string_append(text, _("  - less severe: "));
  append_escaped(report, finding->weakened);
  g_string_append_c(text, '\n');
}

static void put_cause(Report *report, const Diagnosis *diagnosis)
{
  put_heading(report, _("Cause"));
  for (size_t i = 0; i < diagnosis->findings.count; i++)
    put_finding(report, &diagnosis->findings.items[i]);
  if (diagnosis->findings.count == 0)
    g_string_append(report->text, _("No findings.\n"));
}

static void put_session(Report *report, const SessionEvents *session)
{
  Clock clock = clock_new(TIME_ABSOLUTE, report->setup.utc);
  char time[TIME_TEXT_MAX];

  if (session->is_plain)
    return;
  clock.digits = 3;
  put_heading(report, _("Session"));
  for (size_t i = 0; i < session->count; i++) {
    g_string_append_printf(report->text,
                           "- %s %s: ", clock_format(&clock, session->items[i].time_ns, time),
                           _(session_event_name(session->items[i].kind)));
    append_escaped(report, session->items[i].text);
    g_string_append_c(report->text, '\n');
  }
  if (session->left_out > 0)
    g_string_append_printf(report->text, _("- %u more events\n"), session->left_out);
}

/* --- Messages --------------------------------------------------------------------------------- */

static bool has_number(const uint32_t *numbers, size_t count, uint32_t number)
{
  for (size_t i = 0; i < count; i++)
    if (numbers[i] == number)
      return true;
  return false;
}

/* Those that prove something, of what matters most first. */
static size_t list_messages(const FindingList *findings, uint32_t numbers[MESSAGES_MAX])
{
  size_t count = 0;

  for (size_t i = 0; i < findings->count; i++)
    for (size_t k = 0; k < findings->items[i].message_count && count < MESSAGES_MAX; k++)
      if (!has_number(numbers, count, findings->items[i].messages[k]))
        numbers[count++] = findings->items[i].messages[k];
  return count;
}

static void put_lines(Report *report, Slice bytes)
{
  Slice rest = slice_head(bytes, MESSAGE_BYTES);
  unsigned ticks = MAX(longest_run(rest) + 1, (unsigned) FENCE_MIN);

  append_ticks(report->text, ticks);
  g_string_append(report->text, "text\n");
  while (rest.len > 0) {
    text_append_safe(report->text, slice_take_line(&rest), report->look.charset);
    g_string_append_c(report->text, '\n');
  }
  append_ticks(report->text, ticks);
  g_string_append_c(report->text, '\n');
  if (bytes.len > MESSAGE_BYTES)
    g_string_append_printf(report->text, _("\n(the first %d of %zu bytes)\n"), MESSAGE_BYTES,
                           bytes.len);
}

static void put_message(Report *report, const ReadMessage *read)
{
  const Message *message = read->message;
  Clock clock = clock_new(TIME_ABSOLUTE, report->setup.utc);
  char time[TIME_TEXT_MAX], src[ENDPOINT_TEXT_MAX], dst[ENDPOINT_TEXT_MAX];

  g_string_append_printf(report->text, _("\nMessage %u, %s, %s to %s, %s:\n\n"), message->number,
                         clock_format(&clock, message->time_ns, time),
                         endpoint_format(trace_endpoint(report->trace, message->src), src),
                         endpoint_format(trace_endpoint(report->trace, message->dst), dst),
                         transport_name((Transport) message->transport));
  put_lines(report, read_message_sip(read)->raw);
}

static void put_messages(Report *report, const Diagnosis *diagnosis)
{
  const CallReading *reading = &diagnosis->path->reading;
  uint32_t numbers[MESSAGES_MAX];
  size_t count = list_messages(&diagnosis->findings, numbers);
  bool is_first = true;

  for (size_t i = 0; i < reading->count && count > 0; i++) {
    if (!has_number(numbers, count, reading->items[i].message->number))
      continue;
    if (is_first)
      g_string_append(report->text, _("\n### Messages\n"));
    is_first = false;
    put_message(report, &reading->items[i]);
  }
}

static void put_doubts(Report *report, const Doubts *doubts)
{
  if (doubts->count == 0)
    return;
  put_heading(report, _("What the capture lacks"));
  for (size_t i = 0; i < doubts->count; i++) {
    g_string_append(report->text, "- ");
    append_escaped(report, doubts->items[i]);
    g_string_append_c(report->text, '\n');
  }
}

/* --- A call ----------------------------------------------------------------------------------- */

static void put_before_ladder(Report *report, const Call *call)
{
  Diagnosis diagnosis;

  diagnose_call(report_diagnoser(report), call, &report->scratch, &diagnosis);
  put_facts(report, call, &diagnosis);
  put_cause(report, &diagnosis);
  put_session(report, &diagnosis.session);
  put_heading(report, _("Ladder"));
  g_string_append(report->text, "```text\n");
  report_put_line(report);
  diagnosis_clear(&diagnosis);
}

/* The ladder is written in steps, between which nothing is kept: the call is diagnosed again. */
static void put_after_ladder(Report *report, const Call *call)
{
  Diagnosis diagnosis;

  diagnose_call(report_diagnoser(report), call, &report->scratch, &diagnosis);
  g_string_append(report->text, "```\n");
  put_messages(report, &diagnosis);
  put_doubts(report, &diagnosis.doubts);
  report_put_line(report);
  diagnosis_clear(&diagnosis);
}

static void explain_markdown_begin(Report *report)
{
  report->look.color = false;
  report->look.fits = true;
  report->look.width = MIN(report->look.width, (unsigned) LADDER_WIDTH);
}

static bool explain_markdown_call(Report *report, const Call *call)
{
  if (!report->flow)
    put_before_ladder(report, call);
  if (flow_ladder(report, call))
    return true;
  put_after_ladder(report, call);
  return false;
}

/* --- TLS connections -------------------------------------------------------------------------- */

static void put_tls(Report *report, const TlsRow *row, FindingId id, const char *text)
{
  const Finding finding = tls_report_finding(id, text);
  g_autoptr(GString) server = g_string_new(NULL);

  aliases_append(report->setup.aliases, &row->server, ALIAS_WITH_PORT, server);
  g_string_append_printf(report->text, "%s## TLS: ", report->ending.put > 0 ? "\n" : "");
  append_span(report, slice_of(server->str, server->len));
  g_string_append(report->text, "\n\n");
  put_finding(report, &finding);
  report_put_line(report);
  report->ending.put++;
}

static void explain_markdown_end(Report *report)
{
  tls_report_each(report, put_tls);
}

const ReportOps EXPLAIN_MARKDOWN = {
  .begin = explain_markdown_begin,
  .call = explain_markdown_call,
  .end = explain_markdown_end,
  .never_merges = true,
  .needs_media = true,
  .needs_offers = true,
};
