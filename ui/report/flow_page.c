/*
 * `flow` as pictures: -T svg draws the ladders one below the other, -T html makes a page of its own
 * of them, with what diagnosis found and the messages, that needs nothing from a network.
 */
#include "ui/report/flow_page.h"

#include "capture/language.h"
#include "dissect/diagnose/diagnosis.h"
#include "ui/report/call_flow.h"
#include "ui/report/flow_layout.h"
#include "ui/report/page_data.h"
#include "ui/report/picture.h"
#include "ui/report/subcommand.h"
#include "ui/report/tls_report.h"
#include "ui/show/note_text.h"

/* Of a document; the rest is counted. */
enum {
  ROWS_MAX = 10000,
  MESSAGE_BYTES_MAX = 32 * 1024 * 1024,
  CALLS_SAID = 20, /* of a ladder of several calls */
  WIDTH_MIN = 100, /* cells */
  MARKS_MAX = CALLS_SAID * FINDINGS_MAX,
};

typedef struct {
  uint32_t message;
  FindingSeverity severity;
  const char *text;
} Mark;

typedef struct {
  GString *document; /* of -T svg: all ladders so far */
  GString *intro;    /* of one call or ladder: what is above it, */
  GString *names, *rows, *messages;
  unsigned y, width, names_height; /* pixels */
  unsigned document_width, document_y;
  GArray *marks; /* Mark; texts in report->scratch */
  size_t drawn, message_bytes;
  uint64_t texts_left_out, calls_left_out; /* in all */
  uint64_t rows_left_out;                  /* of this ladder */
} FlowPage;

static void page_free(void *state)
{
  FlowPage *page = state;

  g_string_free(page->document, TRUE);
  g_string_free(page->intro, TRUE);
  g_string_free(page->names, TRUE);
  g_string_free(page->rows, TRUE);
  g_string_free(page->messages, TRUE);
  g_array_unref(page->marks);
  g_free(page);
}

static FlowPage *page_of(Report *report)
{
  FlowPage *page = report->state;

  if (page)
    return page;
  page = report->state = g_new0(FlowPage, 1);
  report->free_state = page_free;
  page->document = g_string_new(NULL);
  page->intro = g_string_new(NULL);
  page->names = g_string_new(NULL);
  page->rows = g_string_new(NULL);
  page->messages = g_string_new(NULL);
  page->marks = g_array_new(false, false, sizeof(Mark));
  return page;
}

static void clear_call(FlowPage *page)
{
  g_string_truncate(page->intro, 0);
  g_string_truncate(page->names, 0);
  g_string_truncate(page->rows, 0);
  g_string_truncate(page->messages, 0);
  g_array_set_size(page->marks, 0);
  page->y = 0;
  page->rows_left_out = 0;
}

/* --- What is said of a call ------------------------------------------------------------------- */

static void append_text(GString *to, const char *text)
{
  text_append_markup(to, slice_from_string(text));
}

static void append_fact(GString *to, const char *name, Slice value)
{
  g_string_append_printf(to, "<dt>%s</dt><dd>", name);
  text_append_markup(to, value);
  g_string_append(to, "</dd>\n");
}

static void append_interval(GString *to, const char *name, int64_t ns)
{
  char text[TIME_TEXT_MAX];

  if (ns >= 0)
    append_fact(to, name, slice_from_string(duration_format(ns, text)));
}

static void append_facts(Report *report, const Call *call, const CallSummary *summary, GString *to)
{
  Clock clock = clock_new(TIME_ABSOLUTE, report->setup.utc);
  char start[TIME_TEXT_MAX], end[TIME_TEXT_MAX];

  clock.digits = 3;
  g_string_append(to, "<dl>\n");
  append_fact(to, "Call-ID", report_call_text(report, call, CALL_TEXT_ID));
  append_fact(to, _("From"), report_call_text(report, call, CALL_TEXT_FROM));
  append_fact(to, _("To"), report_call_text(report, call, CALL_TEXT_TO));
  g_string_append_printf(to, _("<dt>Time</dt><dd>%s to %s%s</dd>\n"),
                         clock_format(&clock, call->start_ns, start),
                         clock_format(&clock, call->end_ns, end), report->setup.utc ? " UTC" : "");
  append_interval(to, _("Ringing after"), summary->ring_ns);
  append_interval(to, _("Answered after"), summary->setup_ns);
  append_interval(to, _("Duration"), summary->duration_ns);
  const char *remark = remarks_of(trace_remarks(report->trace), call);
  if (remark)
    append_fact(to, _("Note"), slice_from_string(remark));
  g_string_append(to, "</dl>\n");
}

static void append_message_number(GString *to, const char *before, uint32_t number, bool has_link)
{
  if (has_link)
    g_string_append_printf(to, "%s<a href=\"#m%u\" data-message=\"%u\">%u</a>", before, number,
                           number, number);
  else
    g_string_append_printf(to, "%s%u", before, number);
}

void flow_page_append_finding(GString *to, const Finding *finding, bool has_links)
{
  const char *severity = finding_severity_name(finding->severity);

  g_string_append_printf(to, "<li><b class=\"%s\">%s</b> <code>%s</code>: ", severity, severity,
                         FINDINGS[finding->id].name);
  append_text(to, finding->text);
  g_string_append(to, " (");
  for (size_t i = 0; i < finding->message_count; i++)
    append_message_number(to, i > 0 ? _(", ") : _("messages "), finding->messages[i], has_links);
  for (size_t i = 0; i < finding->stream_count; i++)
    g_string_append_printf(to, "%s%u",
                           i > 0                        ? _(", ")
                           : finding->message_count > 0 ? _("; streams ")
                                                        : _("streams "),
                           finding->streams[i]);
  g_string_append_printf(to, "%s%s)",
                         finding->message_count + finding->stream_count > 0 ? _("; ") : "",
                         FINDINGS[finding->id].section);
  if (finding->weakened) {
    g_string_append(to, _("<br>less severe: "));
    append_text(to, finding->weakened);
  }
  g_string_append(to, "</li>\n");
}

static void append_list(GString *to, const char *heading, const char *const *items, size_t count)
{
  if (count == 0)
    return;
  g_string_append_printf(to, "<h3>%s</h3>\n<ul>\n", heading);
  for (size_t i = 0; i < count; i++) {
    g_string_append(to, "<li>");
    append_text(to, items[i]);
    g_string_append(to, "</li>\n");
  }
  g_string_append(to, "</ul>\n");
}

static void note_marks(FlowPage *page, const Finding *finding)
{
  for (size_t i = 0; i < finding->message_count && page->marks->len < MARKS_MAX; i++) {
    const Mark mark = {finding->messages[i], finding->severity, finding->text};
    g_array_append_val(page->marks, mark);
  }
}

/* Texts of a diagnosis are in report->scratch, and so as long there as the call is. */
static void say_call(Report *report, const Call *call, FlowPage *page)
{
  Diagnosis diagnosis;

  diagnose_call(report_diagnoser(report), call, &report->scratch, &diagnosis);
  g_string_append_printf(page->intro, _("<h2 id=\"call%u\">Call %u: "), call->number, call->number);
  append_text(page->intro, diagnosis.result);
  g_string_append(page->intro, "</h2>\n");
  append_facts(report, call, &diagnosis.summary, page->intro);
  if (diagnosis.findings.count > 0)
    g_string_append(page->intro, "<ul>\n");
  for (size_t i = 0; i < diagnosis.findings.count; i++) {
    flow_page_append_finding(page->intro, &diagnosis.findings.items[i], true);
    note_marks(page, &diagnosis.findings.items[i]);
  }
  if (diagnosis.findings.count > 0)
    g_string_append(page->intro, "</ul>\n");
  append_list(page->intro, _("What the capture lacks"), diagnosis.doubts.items,
              diagnosis.doubts.count);
  diagnosis_clear(&diagnosis);
}

/* "Call 1, sip:alice@example.com to sip:bob@example.com: busy (486 Busy Here)" */
static void title_call(Report *report, const Call *call, FlowPage *page)
{
  enum { LINE = 24, BASE = 17 };
  Slice from = report_call_text(report, call, CALL_TEXT_FROM);
  Slice to = report_call_text(report, call, CALL_TEXT_TO);
  g_autoptr(GString) title = g_string_new(NULL), clipped = g_string_new(NULL);
  Diagnosis diagnosis;

  diagnose_call(report_diagnoser(report), call, &report->scratch, &diagnosis);
  g_string_append_printf(title, _("Call %u, "), call->number);
  text_append_safe(title, from.data ? from : SLICE("?"), TEXT_UTF8);
  g_string_append(title, _(" to "));
  text_append_safe(title, to.data ? to : SLICE("?"), TEXT_UTF8);
  g_string_append_printf(title, ": %s", diagnosis.result);
  text_append_clipped(clipped, slice_of(title->str, title->len), WIDTH_MIN, TEXT_UTF8);
  g_string_append_printf(page->document, "<text class=\"title\" x=\"%d\" y=\"%u\">", PICTURE_MARGIN,
                         page->document_y + BASE);
  text_append_markup(page->document, slice_of(clipped->str, clipped->len));
  g_string_append(page->document, "</text>\n");
  page->document_y += LINE;
  for (size_t i = 0; i < diagnosis.findings.count; i++)
    note_marks(page, &diagnosis.findings.items[i]);
  diagnosis_clear(&diagnosis);
}

/* --- Rungs ------------------------------------------------------------------------------------ */

static PictureMark mark_of(const FlowPage *page, const Message *message)
{
  PictureMark mark = {.message = message ? message->number : 0};

  if (!message)
    return mark;
  mark.is_copy = (message->flags & (MESSAGE_RETRANSMISSION | MESSAGE_DUPLICATE)) != 0;
  for (guint i = 0; i < page->marks->len; i++) {
    const Mark *one = &g_array_index(page->marks, Mark, i);
    if (one->message != message->number || (mark.has_finding && mark.severity >= one->severity))
      continue;
    mark.has_finding = true;
    mark.severity = one->severity;
    mark.finding = one->text;
  }
  return mark;
}

static void draw_notes(Report *report, FlowPage *page, FlowLayout *layout, const Ladder *ladder,
                       int64_t until_ns)
{
  char time[TIME_TEXT_MAX];

  for (; layout->notes_put < layout->note_count && page->drawn < ROWS_MAX; layout->notes_put++) {
    const Note *note = &layout->notes[layout->notes_put];
    g_autoptr(GString) line = g_string_new(NULL);
    if (note->time_ns >= until_ns)
      return;
    text_append_safe(line, note_text_line(report->trace, report->stores, note, &report->scratch),
                     TEXT_UTF8);
    picture_append_note(page->rows, ladder, page->y,
                        slice_from_string(clock_format(&layout->clock, note->time_ns, time)),
                        slice_of(line->str, line->len));
    page->y += PICTURE_ROW;
    page->drawn++;
  }
}

static void draw_last_notes(Report *report, FlowPage *page, FlowLayout *layout,
                            const Ladder *ladder)
{
  draw_notes(report, page, layout, ladder, INT64_MAX);
  page->rows_left_out += layout->note_count - layout->notes_put;
}

static void draw_silence(Report *report, const CallFlow *flow, const Ladder *ladder, size_t rung)
{
  FlowPage *page = page_of(report);
  int64_t gap_ns = flow_silence_ns(report, flow, rung);
  char text[TIME_TEXT_MAX];

  if (gap_ns == 0)
    return;
  picture_append_pause(page->rows, ladder, page->y,
                       slice_from_string(duration_format(gap_ns, text)));
  page->y += PICTURE_ROW;
}

static void draw_names(FlowPage *page, const Ladder *ladder)
{
  picture_append_names(page->names, ladder);
  page->names_height = picture_names_height(ladder);
  page->width = picture_width(ladder);
}

/* As many as the document has room for: returns how many. */
static size_t draw_rungs(Report *report, CallFlow *flow, size_t first, size_t count)
{
  FlowPage *page = page_of(report);
  size_t shown = MIN(count, ROWS_MAX - MIN(page->drawn, (size_t) ROWS_MAX));
  Ladder ladder = flow_layout_window(flow->state, report, flow, first, MAX(shown, (size_t) 1));

  if (first == 0)
    draw_names(page, &ladder);
  for (size_t row = 0; row < shown; row++) {
    CallFlowRung rung = call_flow_rung(report, flow, first + row);
    const PictureMark mark = mark_of(page, rung.message);
    draw_notes(report, page, flow->state, &ladder, rung.time_ns);
    draw_silence(report, flow, &ladder, first + row);
    picture_append_row(page->rows, &ladder, row, page->y, &mark);
    page->y += PICTURE_ROW;
  }
  page->drawn += shown;
  page->rows_left_out += count - shown;
  if (first + count == flow->rung_count)
    draw_last_notes(report, page, flow->state, &ladder);
  return shown;
}

static void measure_rung(Report *report, CallFlow *flow, size_t rung)
{
  flow_layout_measure(flow->state, report, flow, rung);
}

static void begin_look(Report *report)
{
  report->look.color = false;
  report->look.width = MAX(report->look.width, (unsigned) WIDTH_MIN);
}

/* Is there room for another ladder? */
static bool has_room(Report *report)
{
  FlowPage *page = page_of(report);

  if (report->flow || page->drawn < ROWS_MAX)
    return true;
  page->calls_left_out++;
  return false;
}

/* "25 more rows left out: a document has at most 10000 rows"; empty if there are all. */
static GString *left_out_text(uint64_t count, bool of_calls)
{
  GString *text = g_string_new(NULL);

  if (count > 0)
    g_string_append_printf(
      text,
      of_calls
        ? translate_count(
            "%" G_GUINT64_FORMAT " more call left out: a document has at most %d rows",
            "%" G_GUINT64_FORMAT " more calls left out: a document has at most %d rows", count)
        : translate_count(
            "%" G_GUINT64_FORMAT " more row left out: a document has at most %d rows",
            "%" G_GUINT64_FORMAT " more rows left out: a document has at most %d rows", count),
      count, ROWS_MAX);
  return text;
}

/* --- SVG -------------------------------------------------------------------------------------- */

static void begin_svg(Report *report, CallFlow *flow)
{
  FlowPage *page = page_of(report);

  flow->state = flow_layout_new(report, flow);
  clear_call(page);
  for (size_t i = 0; i < MIN(flow->call_count, (size_t) CALLS_SAID); i++)
    title_call(report, flow->calls[i], page);
}

static void put_svg_rungs(Report *report, CallFlow *flow, size_t first, size_t count)
{
  (void) draw_rungs(report, flow, first, count);
}

static void append_moved(GString *to, unsigned y, const GString *what)
{
  g_string_append_printf(to, "<g transform=\"translate(0,%u)\">\n%s</g>\n", y, what->str);
}

static void append_line(FlowPage *page, const GString *line)
{
  if (line->len == 0)
    return;
  g_string_append_printf(page->document, "<text class=\"dim\" x=\"%d\" y=\"%u\">%s</text>\n",
                         PICTURE_MARGIN, page->document_y + PICTURE_ROW - 6, line->str);
  page->document_y += PICTURE_ROW;
}

static void end_svg(Report *report, CallFlow *flow)
{
  FlowPage *page = page_of(report);
  g_autoptr(GString) left_out = left_out_text(page->rows_left_out, false);

  (void) flow;
  append_moved(page->document, page->document_y, page->names);
  append_moved(page->document, page->document_y + page->names_height, page->rows);
  page->document_y += page->names_height + page->y;
  append_line(page, left_out);
  page->document_y += PICTURE_ROW;
  page->document_width = MAX(page->document_width, page->width);
}

static bool flow_svg(Report *report, const Call *call)
{
  static const FlowFormat SVG = {.streams = true,
                                 .roles = true,
                                 .codecs = true,
                                 .begin = begin_svg,
                                 .measure = measure_rung,
                                 .put = put_svg_rungs,
                                 .end = end_svg};

  return has_room(report) && call_flow_step(report, call, &SVG);
}

static void finish_svg(Report *report)
{
  FlowPage *page = page_of(report);
  g_autoptr(GString) left_out = left_out_text(page->calls_left_out, true);

  append_line(page, left_out);
  unsigned width = MAX(page->document_width, (unsigned) (WIDTH_MIN * PICTURE_CELL));
  unsigned height = MAX(page->document_y, (unsigned) PICTURE_ROW);
  g_string_append_printf(report->text,
                         "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"ladder\" width=\"%u\" "
                         "height=\"%u\" viewBox=\"0 0 %u %u\">\n<style>\n%s</style>\n"
                         "<rect class=\"back\" width=\"%u\" height=\"%u\"/>\n",
                         width, height, width, height, LADDER_CSS, width, height);
  out_string(report->out, report->text->str);
  g_string_truncate(report->text, 0);
  out_string(report->out, page->document->str);
  out_string(report->out, "</svg>\n");
}

const ReportOps FLOW_SVG = {.begin = begin_look,
                            .call = flow_svg,
                            .end = finish_svg,
                            .needs_media = true,
                            .needs_offers = true};

/* --- HTML ------------------------------------------------------------------------------------- */

static void begin_html_call(Report *report, CallFlow *flow)
{
  FlowPage *page = page_of(report);

  flow->state = flow_layout_new(report, flow);
  clear_call(page);
  for (size_t i = 0; i < MIN(flow->call_count, (size_t) CALLS_SAID); i++)
    say_call(report, flow->calls[i], page);
  if (flow->call_count > CALLS_SAID)
    g_string_append_printf(page->intro, _("<p>and %zu more calls</p>\n"),
                           flow->call_count - CALLS_SAID);
}

static void append_lines(GString *to, Slice bytes)
{
  while (bytes.len > 0) {
    text_append_markup(to, slice_take_line(&bytes));
    g_string_append_c(to, '\n');
  }
}

/* The text of a message, read again; the report notes the error if that fails. */
static void append_message(Report *report, FlowPage *page, const CallFlowRung *rung)
{
  const Message *message = rung->message;
  char time[TIME_TEXT_MAX], src[ENDPOINT_TEXT_MAX], dst[ENDPOINT_TEXT_MAX];
  SipMsg sip;

  if (page->message_bytes + message->len > MESSAGE_BYTES_MAX) {
    page->texts_left_out++;
    return;
  }
  if (!report_load(report, message, &sip))
    return;
  page->message_bytes += message->len;
  g_string_append_printf(page->messages, "<details id=\"m%u\"><summary class=\"wire\">%u  %s  ",
                         message->number, message->number,
                         clock_format(&report->clock, message->time_ns, time));
  text_append_markup(page->messages, rung->label);
  g_string_append_printf(page->messages, "  %s → %s %s</summary><pre>",
                         endpoint_format(trace_endpoint(report->trace, message->src), src),
                         endpoint_format(trace_endpoint(report->trace, message->dst), dst),
                         transport_name((Transport) message->transport));
  append_lines(page->messages, sip.raw);
  g_string_append(page->messages, "</pre></details>\n");
}

static void put_html_rungs(Report *report, CallFlow *flow, size_t first, size_t count)
{
  size_t drawn = draw_rungs(report, flow, first, count);

  for (size_t i = 0; i < drawn; i++) {
    CallFlowRung rung = call_flow_rung(report, flow, first + i);
    if (rung.message)
      append_message(report, page_of(report), &rung);
  }
}

static void put_svg(Report *report, const char *class_name, unsigned width, unsigned height,
                    const GString *what)
{
  g_string_append_printf(
    report->text,
    "<svg class=\"ladder %s\" width=\"%u\" height=\"%u\" viewBox=\"0 0 %u %u\" "
    "data-width=\"%u\" data-height=\"%u\">\n",
    class_name, width, height, width, height, width, height);
  out_string(report->out, report->text->str);
  g_string_truncate(report->text, 0);
  out_string(report->out, what->str);
  out_string(report->out, "</svg>\n");
}

static void put_left_out(Report *report, const GString *text)
{
  if (text->len == 0)
    return;
  out_string(report->out, "<p>");
  out_string(report->out, text->str);
  out_string(report->out, ".</p>\n");
}

static void end_html_call(Report *report, CallFlow *flow)
{
  FlowPage *page = page_of(report);
  g_autoptr(GString) left_out = left_out_text(page->rows_left_out, false);

  (void) flow;
  out_string(report->out, "<section>\n");
  out_string(report->out, page->intro->str);
  out_string(report->out, "<div class=\"scroll\">\n<div class=\"heads\">");
  put_svg(report, "", page->width, page->names_height, page->names);
  out_string(report->out, "</div>\n");
  put_svg(report, "rungs", page->width, page->y, page->rows);
  out_string(report->out, "</div>\n");
  put_left_out(report, left_out);
  out_string(report->out, "<h3>");
  out_string(report->out, _("Messages"));
  out_string(report->out, "</h3>\n");
  out_string(report->out, page->messages->str);
  out_string(report->out, "</section>\n");
}

bool flow_page_call(Report *report, const Call *call)
{
  static const FlowFormat HTML = {.streams = true,
                                  .roles = true,
                                  .codecs = true,
                                  .begin = begin_html_call,
                                  .measure = measure_rung,
                                  .put = put_html_rungs,
                                  .end = end_html_call};

  return has_room(report) && call_flow_step(report, call, &HTML);
}

/* Of the one script that may run: what a message says never does, however it is written. */
static char *script_hash(void)
{
  g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize len = sizeof digest;

  g_checksum_update(checksum, (const guchar *) PAGE_JS, (gssize) strlen(PAGE_JS));
  g_checksum_get_digest(checksum, digest, &len);
  return g_base64_encode(digest, len);
}

void flow_page_begin(Report *report, const char *title)
{
  g_autofree char *hash = script_hash();

  begin_look(report);
  g_string_append_printf(
    report->text,
    "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
    "style-src 'unsafe-inline'; script-src 'sha256-%s'\">\n"
    "<title>%s</title>\n<style>\n",
    language_get() ? language_get()->name : "en", hash, title);
  out_string(report->out, report->text->str);
  g_string_truncate(report->text, 0);
  out_string(report->out, LADDER_CSS);
  out_string(report->out, PAGE_CSS);
  out_string(report->out, "</style>\n</head>\n<body>\n<header><h1>");
  out_string(report->out, title);
  g_string_append_printf(
    report->text,
    "</h1><div class=\"tools\" hidden>"
    "<label><input type=\"checkbox\" id=\"fold\"> %s</label>"
    "<input type=\"search\" id=\"search\" placeholder=\"%s\" aria-label=\"%s\">"
    "<span id=\"count\"></span><button id=\"smaller\" aria-label=\"%s\">−</button>"
    "<button id=\"larger\" aria-label=\"%s\">+</button></div></header>\n<main>\n",
    _("fold retransmissions"), _("Search messages"), _("Search messages"), _("Smaller"),
    _("Larger"));
  out_string(report->out, report->text->str);
  g_string_truncate(report->text, 0);
}

void flow_page_end(Report *report)
{
  FlowPage *page = page_of(report);
  g_autoptr(GString) left_out = left_out_text(page->calls_left_out, true);

  put_left_out(report, left_out);
  if (page->texts_left_out > 0) {
    g_string_printf(
      left_out,
      translate_count(
        "%" G_GUINT64_FORMAT " more message text left out: a document has at most %d MiB of them",
        "%" G_GUINT64_FORMAT " more message texts left out: a document has at most %d MiB of them",
        page->texts_left_out),
      page->texts_left_out, MESSAGE_BYTES_MAX / (1024 * 1024));
    put_left_out(report, left_out);
  }
  out_string(report->out, "</main>\n<aside hidden><button class=\"close\" aria-label=\"");
  out_string(report->out, _("Close"));
  out_string(report->out, "\">×</button><h3 class=\"wire\"></h3><pre></pre></aside>\n<script>");
  out_string(report->out, PAGE_JS);
  out_string(report->out, "</script>\n</body>\n</html>\n");
}

static void begin_html(Report *report)
{
  flow_page_begin(report, _("SIP calls"));
}

static void put_tls(Report *report, const TlsRow *row, FindingId id, const char *text)
{
  const Finding finding = tls_report_finding(id, text);
  g_autoptr(GString) section = g_string_new("<section>\n<h2>TLS: "), server = g_string_new(NULL);

  aliases_append(report->setup.aliases, &row->server, ALIAS_WITH_PORT, server);
  append_text(section, server->str);
  g_string_append(section, "</h2>\n<ul>\n");
  flow_page_append_finding(section, &finding, false);
  g_string_append(section, "</ul>\n</section>\n");
  out_string(report->out, section->str);
  report->ending.put++;
}

static void end_html(Report *report)
{
  tls_report_each(report, put_tls);
  if (report->ending.put == 0)
    out_string(report->out, _("<p>No calls.</p>\n"));
  flow_page_end(report);
}

const ReportOps FLOW_HTML = {.begin = begin_html,
                             .call = flow_page_call,
                             .end = end_html,
                             .needs_media = true,
                             .needs_offers = true};
