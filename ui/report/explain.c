/* `explain`: what happened in each call, and the messages and streams that prove it. */
#include "capture/language.h"
#include "dissect/diagnose/diagnosis.h"
#include "ui/report/call_flow.h"
#include "ui/report/call_notes.h"
#include "ui/report/csv.h"
#include "ui/report/explain_group.h"
#include "ui/report/explain_legs.h"
#include "ui/report/explain_markdown.h"
#include "ui/report/explain_path.h"
#include "ui/report/report.h"
#include "ui/report/subcommand.h"
#include "ui/report/tls_report.h"
#include "ui/show/finding_rows.h"

/* Diagnoses each call and hands it to `put`, or counts its cause. */
static bool explain_call(Report *report, const Call *call,
                         void (*put)(Report *report, const Call *call, const Diagnosis *diagnosis))
{
  Diagnosis diagnosis;

  diagnose_call(report_diagnoser(report), call, &report->scratch, &diagnosis);
  if (report->setup.group)
    explain_group_add(report, call, &diagnosis);
  else
    put(report, call, &diagnosis);
  diagnosis_clear(&diagnosis);
  return false;
}

/* What all of the capture lacks, in report->scratch. */
static Doubts capture_doubts(Report *report)
{
  Doubts doubts = {.count = 0};

  doubts_add_capture(report->trace, &report->scratch, &doubts);
  if (report->lacks_media && doubts.count < DOUBTS_MAX)
    doubts.items[doubts.count++] = DOUBT_NO_MEDIA;
  return doubts;
}

/* --- JSON --- */

static void put_text(Json *json, const char *key, const char *text)
{
  json_key(json, key);
  json_value(json, text ? value_string(text) : value_none());
}

static void put_numbers(Json *json, const char *key, const uint32_t *numbers, size_t count)
{
  json_key(json, key);
  json_begin_array(json);
  for (size_t i = 0; i < count; i++)
    json_value(json, value_number(numbers[i]));
  json_end_array(json);
}

static void put_finding(Json *json, const Finding *finding)
{
  json_begin_object(json);
  put_text(json, "id", FINDINGS[finding->id].name);
  put_text(json, "severity", finding_severity_name(finding->severity));
  put_text(json, "text", finding->text);
  put_numbers(json, "messages", finding->messages, finding->message_count);
  put_numbers(json, "streams", finding->streams, finding->stream_count);
  put_text(json, "section", FINDINGS[finding->id].section);
  put_text(json, "weakened", finding->weakened);
  json_end_object(json);
}

static void put_codecs(Json *json, const char *key, const MediaLine *line)
{
  json_key(json, key);
  json_begin_array(json);
  for (size_t i = 0; line && line->payloads && i < line->payloads->count; i++)
    if (line->payloads->items[i].name[0] != '\0')
      json_value(json, value_string(line->payloads->items[i].name));
  json_end_array(json);
}

/* Did RTP of that line have the payload type? */
static bool is_used(const Diagnosis *diagnosis, const MediaLine *line, const MediaPayload *payload)
{
  for (guint i = 0; i < diagnosis->streams->len; i++) {
    const CallStream *s = &g_array_index(diagnosis->streams, CallStream, i);
    if (s->owner.line != line && s->owner.from_line != line)
      continue;
    for (size_t k = 0; k < RTP_PAYLOADS; k++)
      if (s->stream->payloads[k].packets > 0 && s->stream->payloads[k].type == payload->type)
        return true;
  }
  return false;
}

static void put_used(Json *json, const Diagnosis *diagnosis, const MediaLine *offer,
                     const MediaLine *answer)
{
  const MediaLine *line = answer ? answer : offer;

  json_key(json, "used");
  json_begin_array(json);
  for (size_t i = 0; line->payloads && i < line->payloads->count; i++) {
    const MediaPayload *payload = &line->payloads->items[i];
    if (payload->name[0] != '\0' &&
        (is_used(diagnosis, offer, payload) || (answer && is_used(diagnosis, answer, payload))))
      json_value(json, value_string(payload->name));
  }
  json_end_array(json);
}

static void put_media_line(Json *json, const Diagnosis *diagnosis, const MediaExchange *x,
                           size_t index)
{
  const MediaLine *offer = &x->offer->sdp->lines[index];
  bool is_answered = x->answer && index < x->answer->sdp->line_count;
  const MediaLine *answer = is_answered ? &x->answer->sdp->lines[index] : NULL;

  json_begin_object(json);
  put_text(json, "media", media_kind_name(offer->kind));
  put_codecs(json, "offered", offer);
  put_codecs(json, "chosen", answer && !answer->refused ? answer : NULL);
  put_used(json, diagnosis, offer, answer);
  put_text(json, "direction", diagnosis_direction(offer, answer));
  json_key(json, "offer");
  json_value(json, value_number(x->offer_message));
  json_key(json, "answer");
  json_value(json, x->answer ? value_number(x->answer_message) : value_none());
  json_end_object(json);
}

static void put_media(Json *json, const Diagnosis *diagnosis)
{
  const MediaCall *media = diagnosis->media;

  json_key(json, "media");
  json_begin_array(json);
  for (guint i = 0; media && i < media->exchanges->len; i++) {
    const MediaExchange *x = &g_array_index(media->exchanges, MediaExchange, i);
    size_t count = media_call_repeats(media, i) ? 0 : x->offer->sdp->line_count;
    for (size_t line = 0; line < count; line++)
      put_media_line(json, diagnosis, x, line);
  }
  json_end_array(json);
}

static void put_session(Report *report, const SessionEvents *session)
{
  Json *json = &report->json;
  char by[ENDPOINT_TEXT_MAX];

  json_key(json, "session");
  json_begin_array(json);
  for (size_t i = 0; i < session->count; i++) {
    const SessionEvent *event = &session->items[i];
    bool has_by = event->stream == 0;
    json_begin_object(json);
    json_key(json, "time");
    json_value(json, value_time(event->time_ns));
    put_text(json, "event", session_event_name(event->kind));
    put_text(json, "by",
             has_by ? endpoint_format(trace_endpoint(report->trace, event->by), by) : NULL);
    json_key(json, "message");
    json_value(json, event->message != 0 ? value_number(event->message) : value_none());
    json_key(json, "stream");
    json_value(json, event->stream != 0 ? value_number(event->stream) : value_none());
    put_text(json, "text", event->text);
    json_end_object(json);
  }
  json_end_array(json);
}

static void put_doubts(Json *json, const Doubts *doubts)
{
  json_key(json, "doubts");
  json_begin_array(json);
  for (size_t i = 0; i < doubts->count; i++)
    json_value(json, value_string(doubts->items[i]));
  json_end_array(json);
}

static void put_call_fields(Report *report, const Call *call)
{
  static const char *const FIELDS[][2] = {{"call", "call.number"},
                                          {"call_id", "call.id"},
                                          {"kind", "call.kind"},
                                          {"outcome", "call.outcome"},
                                          {"status", "call.status"}};

  arena_reset(&report->values);
  field_look_at_call(&report->context, call);
  for (size_t i = 0; i < G_N_ELEMENTS(FIELDS); i++) {
    const FieldRef ref = {.field = field_find(slice_from_string(FIELDS[i][1]))};
    FieldValue value;
    json_key(&report->json, FIELDS[i][0]);
    json_value(&report->json, field_get(&report->context, &ref, &value) ? value : value_none());
  }
}

static void put_call_json(Report *report, const Call *call, const Diagnosis *diagnosis)
{
  Json *json = &report->json;

  json_begin_object(json);
  put_call_fields(report, call);
  put_text(json, "summary", diagnosis->sentence);
  json_key(json, "findings");
  json_begin_array(json);
  for (size_t i = 0; i < diagnosis->findings.count; i++)
    put_finding(json, &diagnosis->findings.items[i]);
  json_end_array(json);
  explain_put_path_json(report, diagnosis);
  explain_put_legs_json(report, call);
  put_media(json, diagnosis);
  put_session(report, &diagnosis->session);
  call_notes_put_json(report, call);
  put_doubts(json, &diagnosis->doubts);
  json_end_object(json);
  json_end_line(json);
}

static bool explain_json_call(Report *report, const Call *call)
{
  return explain_call(report, call, put_call_json);
}

/* With the same keys as a call. */
static void put_tls_json(Report *report, const TlsRow *row, FindingId id, const char *text)
{
  static const char *const NO_CALL[] = {"call", "call_id", "kind", "outcome", "status"};
  static const char *const BEFORE[] = {"roles", "branches"};
  static const char *const AFTER[] = {"services", "legs",  "likely", "media",
                                      "session",  "notes", "doubts"};
  const Finding finding = tls_report_finding(id, text);
  Json *json = &report->json;

  (void) row;
  json_begin_object(json);
  for (size_t i = 0; i < G_N_ELEMENTS(NO_CALL); i++)
    put_text(json, NO_CALL[i], NULL);
  put_text(json, "summary", text);
  json_key(json, "findings");
  json_begin_array(json);
  put_finding(json, &finding);
  json_end_array(json);
  for (size_t i = 0; i < G_N_ELEMENTS(BEFORE); i++)
    put_numbers(json, BEFORE[i], NULL, 0);
  put_text(json, "conversation", NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(AFTER); i++)
    put_numbers(json, AFTER[i], NULL, 0);
  json_end_object(json);
  json_end_line(json);
}

static void explain_json_end(Report *report)
{
  if (report->setup.group)
    explain_group_put_json(report);
  else
    tls_report_each(report, put_tls_json);
}

/* --- text --- */

static void put_finding_text(Report *report, const Finding *finding)
{
  g_autoptr(GString) proof = g_string_new(NULL);
  Slice severity = slice_from_string(_(finding_severity_name(finding->severity)));
  g_autofree char *what =
    g_strdup_printf(" %s%s%s", FINDINGS[finding->id].name, _(": "), finding->text);
  GString *text = report->text;

  g_string_append(text, "  ");
  report_append_styled(report, severity, finding_severity_style(finding->severity));
  report_append_wrapped(report, 2 + (unsigned) severity.len, slice_from_string(what));
  finding_append_proof(finding, proof);
  g_string_append_printf(text, "    %s\n", proof->str);
  if (finding->weakened)
    g_string_append_printf(text, _("    less severe: %s\n"), finding->weakened);
  report_put_line(report);
}

static void put_session_text(Report *report, const SessionEvents *session)
{
  g_autoptr(GString) line = g_string_new(NULL);
  GString *text = report->text;
  char time[TIME_TEXT_MAX];

  if (session->is_plain)
    return;
  for (size_t i = 0; i < session->count; i++) {
    const SessionEvent *event = &session->items[i];
    size_t before = text->len;
    g_string_assign(line, event->text);
    if (event->message != 0)
      number_append(line, _("; message %u"), event->message);
    if (event->stream != 0)
      number_append(line, _("; stream %u"), event->stream);
    g_string_append(text, "  ");
    g_string_append(text, clock_format(&report->clock, event->time_ns, time));
    g_string_append(text, "  ");
    g_string_append(text, _(session_event_name(event->kind)));
    g_string_append_c(text, ' ');
    report_append_wrapped(report, (unsigned) (text->len - before), slice_of(line->str, line->len));
    report_put_line(report);
  }
  if (session->left_out > 0) {
    g_string_append_printf(report->text, _("  %u more events of the session\n"), session->left_out);
    report_put_line(report);
  }
}

static void put_doubt_text(Report *report, const char *before, const Doubts *doubts)
{
  g_autoptr(GString) line = g_string_new(before);

  for (size_t i = 0; i < doubts->count; i++)
    g_string_append_printf(line, "%s%s", i > 0 ? _("; ") : "", doubts->items[i]);
  if (doubts->count == 0)
    return;
  report_append_wrapped(report, 0, slice_of(line->str, line->len));
  report_put_line(report);
}

static void put_call_text(Report *report, const Call *call, const Diagnosis *diagnosis)
{
  GString *text = report->text;

  style_begin(text, STYLE_HEADING, &report->look);
  number_append(text, _("Call %u"), call->number);
  style_end(text, STYLE_HEADING, &report->look);
  g_string_append(text, "  ");
  text_append_safe(text, call_text_kept(call, CALL_TEXT_ID), report->look.charset);
  g_string_append(text, "\n  ");
  report_append_wrapped(report, 2, slice_from_string(diagnosis->result));
  report_put_line(report);
  call_notes_put_remark(report, call);
  for (size_t i = 0; i < diagnosis->findings.count; i++)
    put_finding_text(report, &diagnosis->findings.items[i]);
  Doubts doubts = diagnosis->doubts;
  doubts.count -= doubts.lacks_media; /* is said once, at the end */
  report->lacks_media |= doubts.lacks_media;
  put_doubt_text(report, "  ", &doubts);
  explain_put_legs_text(report, call);
  put_session_text(report, &diagnosis->session);
  explain_put_path_text(report, diagnosis);
  call_notes_put_text(report, call);
}

static void explain_text_begin(Report *report)
{
  report->clock.digits = 3;
}

static bool explain_text_call(Report *report, const Call *call)
{
  return explain_call(report, call, put_call_text);
}

static void put_tls_text(Report *report, const TlsRow *row, FindingId id, const char *text)
{
  const Finding finding = tls_report_finding(id, text);

  report_append_styled(report, SLICE("TLS"), STYLE_HEADING);
  g_string_append(report->text, "  ");
  aliases_append(report->setup.aliases, &row->server, ALIAS_WITH_PORT, report->text);
  g_string_append_c(report->text, '\n');
  put_finding_text(report, &finding);
}

static void explain_text_end(Report *report)
{
  const Doubts doubts = capture_doubts(report);

  if (report->setup.group)
    explain_group_put_text(report);
  else
    tls_report_each(report, put_tls_text);
  put_doubt_text(report, _("What the capture lacks: "), &doubts);
}

/* --- CSV: a row per finding --- */

static const ValueColumn CSV_COLUMNS[] = {
  VALUE_COLUMN("call"),    VALUE_COLUMN("call_id"),  VALUE_COLUMN("outcome"),
  VALUE_COLUMN("id"),      VALUE_COLUMN("severity"), VALUE_COLUMN("text"),
  VALUE_COLUMN("section"), VALUE_COLUMN("weakened"), VALUE_COLUMN("messages"),
};

static FieldValue list_of(Report *report, const uint32_t *numbers, size_t count)
{
  Slice *items = arena_alloc(&report->scratch, count * sizeof *items);

  for (size_t i = 0; i < count; i++) {
    char text[TIME_TEXT_MAX];
    items[i] = arena_dup(&report->scratch, slice_of(text, number_format(numbers[i], text)));
  }
  return value_list(items, count);
}

static void put_call_csv(Report *report, const Call *call, const Diagnosis *diagnosis)
{
  for (size_t i = 0; i < diagnosis->findings.count; i++) {
    const Finding *finding = &diagnosis->findings.items[i];
    const FieldValue values[G_N_ELEMENTS(CSV_COLUMNS)] = {
      value_number(call->number),
      value_text(report_call_text(report, call, CALL_TEXT_ID)),
      value_string(outcome_name(diagnosis->summary.outcome)),
      value_string(FINDINGS[finding->id].name),
      value_string(finding_severity_name(finding->severity)),
      value_string(finding->text),
      value_string(FINDINGS[finding->id].section),
      value_string(finding->weakened),
      list_of(report, finding->messages, finding->message_count),
    };
    csv_row(report->out, values, G_N_ELEMENTS(values));
  }
}

static void explain_csv_begin(Report *report)
{
  if (!report->setup.group)
    csv_header(report->out, CSV_COLUMNS, G_N_ELEMENTS(CSV_COLUMNS));
}

static bool explain_csv_call(Report *report, const Call *call)
{
  return explain_call(report, call, put_call_csv);
}

static void put_tls_csv(Report *report, const TlsRow *row, FindingId id, const char *text)
{
  const FieldValue values[G_N_ELEMENTS(CSV_COLUMNS)] = {
    value_none(),
    value_none(),
    value_none(),
    value_string(FINDINGS[id].name),
    value_string(finding_severity_name(FINDINGS[id].severity)),
    value_string(text),
    value_string(FINDINGS[id].section),
  };

  (void) row;
  csv_row(report->out, values, G_N_ELEMENTS(values));
}

static void explain_csv_end(Report *report)
{
  if (report->setup.group)
    explain_group_put_csv(report);
  else
    tls_report_each(report, put_tls_csv);
}

static const ReportOps EXPLAIN_TEXT = {
  .begin = explain_text_begin,
  .call = explain_text_call,
  .end = explain_text_end,
  .needs_media = true,
  .needs_offers = true,
  .diagnoses = true,
  .puts_legs = true,
  .groups = true,
};

static const ReportOps EXPLAIN_JSON = {
  .for_programs = true,
  .schemas =
    (const ReportSchema[]){
      {"", "{call:integer?,call_id:string?,kind:string?,outcome:string?,status:integer?,"
           "summary:string,findings:[{id:string,severity:string,text:string,messages:[integer],"
           "streams:[integer],section:string?,weakened:string?}],roles:[{endpoint:string,"
           "role:string,why:string,messages:[integer]}],branches:[{branch:string?,"
           "parent:string?,from:string,to:string,uri:string?,status:integer?,"
           "messages:[integer]}],conversation:integer?,services:[string],legs:[{call:integer,"
           "of:integer,service:string?,why:[string],score:number,evidence?:[{why:string,"
           "value:string?,score:number,calls:integer}]}],likely:[{call:integer,why:[string],"
           "score:number}],media:[{media:string,offered:[string],chosen:[string],used:[string],"
           "direction:string,offer:integer,answer:integer?}],session:[{time:time?,event:string,"
           "by:string?,message:integer?,stream:integer?,text:string?}],notes:[{frame:integer,"
           "time:time?,sender:string,text:string}],doubts:[string]}"},
      {"--group",
       "{id:string,calls:integer,percent:number?,where:string?,status:integer?,first:time?,"
       "last:time?,examples:[integer]?,connections:integer?,call_ids:[string]?}"},
      {NULL, NULL}},
  .call = explain_json_call,
  .end = explain_json_end,
  .needs_media = true,
  .needs_offers = true,
  .diagnoses = true,
  .puts_legs = true,
  .sessions = SESSIONS_ALL,
  .groups = true,
};

static const ReportOps EXPLAIN_CSV = {
  .for_programs = true,
  .begin = explain_csv_begin,
  .call = explain_csv_call,
  .end = explain_csv_end,
  .needs_media = true,
  .needs_offers = true,
  .diagnoses = true,
  .sessions = SESSIONS_NONE,
  .groups = true,
};

const Subcommand EXPLAIN_SUBCOMMAND = {
  .name = "explain",
  .help = N_("per call: what happened and why"),
  .more =
    N_("Why each call ended as it did, and what its media were like. Each finding has the\n"
       "messages and streams that prove it; 'rung help findings' lists all. --group counts\n"
       "the first finding of each call by kind, place and status. -T markdown is for tickets:\n"
       "facts, cause, ladder, and the messages that prove it; -T html is a page with all of them.\n"
       "What is wrong with TLS connections, which belong to no call, comes last, unless calls are\n"
       "selected."),
  .takes = TAKES_REPORTING | TAKES_FILTER | TAKES_CALLS | TAKES_GROUP | TAKES_ALIASES |
           TAKES_CONVERSATIONS,
  .formats = (const ReportFormat[]){{"text", &EXPLAIN_TEXT},
                                    {"json", &EXPLAIN_JSON},
                                    {"csv", &EXPLAIN_CSV},
                                    {"markdown", &EXPLAIN_MARKDOWN},
                                    {"html", &FLOW_HTML},
                                    {NULL, NULL}},
};
