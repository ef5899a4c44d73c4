/* `lint`: what is against the RFCs, message by message: the anomalies of its text, and what its
 * dialog shows; with place and section. */
#include "capture/language.h"
#include "dissect/diagnose/diagnosis.h"
#include "dissect/sip/sip_check.h"
#include "ui/report/csv.h"
#include "ui/report/report.h"
#include "ui/report/subcommand.h"
#include "ui/report/tls_report.h"

/* One of them. */
typedef struct {
  uint32_t message, call; /* 0: of a TLS connection, */
  const TlsRow *tls;      /* this one; or NULL */
  const char *id, *text, *section;
  SipSeverity severity;
  bool has_place;
  uint32_t offset;
  size_t len;
} Flaw;

typedef void (*FlawPut)(Report *report, const Flaw *flaw);

static const ValueColumn KEYS[] = {
  VALUE_COLUMN("message"),  VALUE_COLUMN("call"),   VALUE_COLUMN("id"),
  VALUE_COLUMN("severity"), VALUE_COLUMN("text"),   VALUE_COLUMN("section"),
  VALUE_COLUMN("offset"),   VALUE_COLUMN("length"),
};

static void list_values(const Flaw *flaw, FieldValue values[G_N_ELEMENTS(KEYS)])
{
  const FieldValue all[G_N_ELEMENTS(KEYS)] = {
    flaw->tls ? value_none() : value_number(flaw->message),
    flaw->tls ? value_none() : value_number(flaw->call),
    value_string(flaw->id),
    value_string(sip_severity_name(flaw->severity)),
    value_string(flaw->text),
    value_string(flaw->section),
    flaw->has_place ? value_number(flaw->offset) : value_none(),
    flaw->has_place ? value_number(flaw->len) : value_none(),
  };

  memcpy(values, all, sizeof all);
}

static void put_json(Report *report, const Flaw *flaw)
{
  FieldValue values[G_N_ELEMENTS(KEYS)];

  list_values(flaw, values);
  json_row(&report->json, KEYS, values, G_N_ELEMENTS(KEYS));
}

static void put_csv(Report *report, const Flaw *flaw)
{
  FieldValue values[G_N_ELEMENTS(KEYS)];

  list_values(flaw, values);
  csv_row(report->out, values, G_N_ELEMENTS(KEYS));
}

static void put_text(Report *report, const Flaw *flaw)
{
  static const Style STYLES[] = {[SIP_SEVERITY_NOTE] = STYLE_HINT,
                                 [SIP_SEVERITY_WARNING] = STYLE_WARNING,
                                 [SIP_SEVERITY_ERROR] = STYLE_ERROR};
  Slice severity = slice_from_string(_(sip_severity_name(flaw->severity)));
  g_autofree char *place = flaw->has_place ? g_strdup_printf(_(", byte %u"), flaw->offset) : NULL;
  g_autofree char *what = g_strdup_printf(" %s%s%s (%s%s)", flaw->id, _(": "), flaw->text,
                                          flaw->section, place ? place : "");
  size_t before = report->text->len;

  if (flaw->tls)
    g_string_append(report->text, "TLS: ");
  else
    g_string_append_printf(report->text, _("message %u call %u: "), flaw->message, flaw->call);
  unsigned used = (unsigned) (report->text->len - before + severity.len);
  report_append_styled(report, severity, STYLES[flaw->severity]);
  report_append_wrapped(report, used, slice_from_string(what));
  report_put_line(report);
}

static void put_flaw(Report *report, const Flaw *flaw, FlawPut put)
{
  if (report->setup.fails_on_flaws && flaw->severity >= report->setup.fail_on)
    report->flaws++;
  put(report, flaw);
}

/* --- messages --- */

static void lint_message(Report *report, const Message *message, const SipMsg *sip, FlawPut put)
{
  SipCheck check;

  sip_check(sip, &check);
  for (unsigned i = 0; i < MIN(check.count, SIP_CHECK_MAX); i++) {
    const SipAnomalyInfo *info = sip_anomaly_info(check.items[i].id);
    const Flaw flaw = {
      .message = message->number,
      .call = message->transaction->call->number,
      .id = info->id,
      .text = _(info->text),
      .section = info->section,
      .severity = info->severity,
      .has_place = true,
      .offset = check.items[i].offset,
      .len = sip_anomaly_len(sip, &check.items[i]),
    };
    put_flaw(report, &flaw, put);
  }
}

static void lint_messages(Report *report, const Call *call, FlawPut put)
{
  SipMsg sip;

  for (const Message *m = call->first; m; m = m->next) {
    if ((m->flags & MESSAGE_DUPLICATE) || !selection_names_message(report->setup.selection, m) ||
        !report_load(report, m, &sip))
      continue;
    lint_message(report, m, &sip, put);
  }
}

/* --- dialogs --- */

/* Findings that are against an RFC whatever came of the call. */
static const FindingId OF_DIALOGS[] = {
  FINDING_ROUTE_IGNORED, FINDING_VIA_MISMATCH,    FINDING_CSEQ,
  FINDING_MAX_FORWARDS,  FINDING_HEADER_CHANGED,  FINDING_UDP_TOO_LARGE,
  FINDING_NO_ANSWER_SDP, FINDING_OFFER_ANSWER,    FINDING_TIMER_VIOLATION,
  FINDING_GB_HABITS,     FINDING_GB_BAD_CHECKSUM, FINDING_GB_NO_SUBJECT,
  FINDING_GB_SETUP_ROLE,
};

static bool is_of_dialogs(FindingId id)
{
  for (size_t i = 0; i < G_N_ELEMENTS(OF_DIALOGS); i++)
    if (OF_DIALOGS[i] == id)
      return true;
  return false;
}

static SipSeverity severity_of(FindingSeverity severity)
{
  static const SipSeverity SEVERITIES[] = {[SEVERITY_NOTE] = SIP_SEVERITY_NOTE,
                                           [SEVERITY_WARNING] = SIP_SEVERITY_WARNING,
                                           [SEVERITY_ERROR] = SIP_SEVERITY_ERROR};

  return SEVERITIES[severity];
}

/* The message that is wrong is the last of those that prove it. */
static void lint_finding(Report *report, const Call *call, const Finding *finding, FlawPut put)
{
  const Flaw flaw = {
    .message = finding->messages[finding->message_count - 1],
    .call = call->number,
    .id = FINDINGS[finding->id].name,
    .text = finding->text,
    .section = FINDINGS[finding->id].section,
    .severity = severity_of(finding->severity),
  };

  for (const Message *m = call->first; m; m = m->next)
    if (m->number == flaw.message) {
      if (selection_names_message(report->setup.selection, m))
        put_flaw(report, &flaw, put);
      return;
    }
}

static bool lint_call(Report *report, const Call *call, FlawPut put)
{
  Diagnosis diagnosis;

  lint_messages(report, call, put);
  diagnose_call(report_diagnoser(report), call, &report->scratch, &diagnosis);
  for (size_t i = 0; i < diagnosis.findings.count; i++) {
    const Finding *finding = &diagnosis.findings.items[i];
    if (is_of_dialogs(finding->id) && finding->message_count > 0)
      lint_finding(report, call, finding, put);
  }
  diagnosis_clear(&diagnosis);
  return false;
}

static bool lint_call_text(Report *report, const Call *call)
{
  return lint_call(report, call, put_text);
}

static bool lint_call_json(Report *report, const Call *call)
{
  return lint_call(report, call, put_json);
}

/* --- TLS --- */

static void lint_tls(Report *report, const TlsRow *row, FindingId id, const char *text, FlawPut put)
{
  const Flaw flaw = {
    .tls = row,
    .id = FINDINGS[id].name,
    .text = text,
    .section = FINDINGS[id].section,
    .severity = severity_of(FINDINGS[id].severity),
  };

  put_flaw(report, &flaw, put);
}

static void lint_tls_text(Report *report, const TlsRow *row, FindingId id, const char *text)
{
  lint_tls(report, row, id, text, put_text);
}

static void lint_tls_json(Report *report, const TlsRow *row, FindingId id, const char *text)
{
  lint_tls(report, row, id, text, put_json);
}

static void lint_tls_csv(Report *report, const TlsRow *row, FindingId id, const char *text)
{
  lint_tls(report, row, id, text, put_csv);
}

/* The last ones; what --fail-on asks for is known then. */
static void end_with(Report *report, TlsReportPut put)
{
  SipSeverity least = report->setup.fail_on;

  tls_report_each(report, put);
  if (report->flaws > 0)
    report->verdict = g_strdup_printf(_("lint found %" G_GUINT64_FORMAT " of severity %s%s"),
                                      report->flaws, _(sip_severity_name(least)),
                                      least < SIP_SEVERITY_ERROR ? _(" or worse") : "");
}

static void lint_end_text(Report *report)
{
  end_with(report, lint_tls_text);
}

static void lint_end_json(Report *report)
{
  end_with(report, lint_tls_json);
}

static void lint_end_csv(Report *report)
{
  end_with(report, lint_tls_csv);
}

static void lint_begin_csv(Report *report)
{
  csv_header(report->out, KEYS, G_N_ELEMENTS(KEYS));
}

static bool lint_call_csv(Report *report, const Call *call)
{
  return lint_call(report, call, put_csv);
}

static const ReportOps LINT_TEXT = {.call = lint_call_text,
                                    .end = lint_end_text,
                                    .needs_media = true,
                                    .diagnoses = true,
                                    .sessions = SESSIONS_NONE};
static const ReportOps LINT_JSON = {
  .for_programs = true,
  .schemas =
    (const ReportSchema[]){{"",
                            "{message:integer?,call:integer?,id:string,severity:string,text:string,"
                            "section:string?,offset:integer?,length:integer?}"},
                           {NULL, NULL}},
  .call = lint_call_json,
  .end = lint_end_json,
  .needs_media = true,
  .diagnoses = true,
  .sessions = SESSIONS_NONE};
static const ReportOps LINT_CSV = {.for_programs = true,
                                   .begin = lint_begin_csv,
                                   .call = lint_call_csv,
                                   .end = lint_end_csv,
                                   .needs_media = true,
                                   .diagnoses = true,
                                   .sessions = SESSIONS_NONE};

const Subcommand LINT_SUBCOMMAND = {
  .name = "lint",
  .help = N_("what is against the RFCs, with message, place and section"),
  .more =
    N_("The anomalies of each message, call by call, and what is wrong in its dialog: routes,\n"
       "Vias, CSeq, timers, offers and answers; then TLS connections that failed or could\n"
       "not be read, unless calls or messages are selected. With --fail-on SEVERITY the exit "
       "status is 1\n"
       "when something of that severity, or worse, is found."),
  .takes =
    TAKES_REPORTING | TAKES_FILTER | TAKES_CALLS | TAKES_MESSAGES | TAKES_LINT | TAKES_ALIASES,
  .formats =
    (const ReportFormat[]){
      {"text", &LINT_TEXT}, {"json", &LINT_JSON}, {"csv", &LINT_CSV}, {NULL, NULL}},
};
