/* `flow` as text: a heading and a ladder of each call. */
#include "capture/language.h"
#include "ui/report/call_flow.h"
#include "ui/report/call_notes.h"
#include "ui/report/flow_layout.h"
#include "ui/show/ladder_draw.h"
#include "ui/show/note_text.h"

/* --- heading: which call, who called whom, its outcome, times and counts --- */

/* Pieces of text with ", " between them, continued on a new line at the end of the width. */
typedef struct {
  Report *report;
  unsigned used; /* columns of the line so far */
} Pieces;

static void put_piece(Pieces *pieces, Slice safe, Style style)
{
  enum { INDENT = 2, COMMA = 1 };
  const Look *look = &pieces->report->look;
  GString *text = pieces->report->text;
  g_autoptr(GString) piece = g_string_new(NULL);

  text_append_clipped(piece, safe, look->width - INDENT - COMMA, look->charset);
  unsigned width = text_width(slice_of(piece->str, piece->len));
  if (pieces->used > 0 && pieces->used + 2 * COMMA + 1 + width > look->width) {
    g_string_append(text, ",\n  ");
    pieces->used = INDENT;
  } else if (pieces->used > 0) {
    g_string_append(text, _(", "));
    pieces->used += COMMA + 1;
  }
  report_append_styled(pieces->report, slice_of(piece->str, piece->len), style);
  pieces->used += width;
}

static void put_plain(Pieces *pieces, const char *text)
{
  put_piece(pieces, slice_from_string(text), STYLE_PLAIN);
}

/* "ring 120 ms" */
static void put_interval(Pieces *pieces, const char *name, int64_t ns)
{
  char duration[TIME_TEXT_MAX];

  if (ns < 0)
    return;
  g_autofree char *text = g_strdup_printf("%s %s", name, duration_format(ns, duration));
  put_plain(pieces, text);
}

G_GNUC_PRINTF(2, 3) static void put_counted(Pieces *pieces, const char *format, ...)
{
  va_list arguments;

  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  put_plain(pieces, text);
}

/* "INVITE sip:alice@example.com -> sip:bob@example.com", on two lines if it is long. */
static void append_call_parties(Report *report, const Call *call)
{
  bool begun = call->method != SIP_METHOD_NONE;
  TextCharset charset = report->look.charset;
  GString *text = report->text;
  g_autoptr(GString) to = g_string_new(" -> ");
  size_t start = text->len;

  text_append_safe(
    text, begun ? trace_method_name(report->trace, call->method) : SLICE("responses"), charset);
  g_string_append_c(text, ' ');
  Slice from_uri = report_call_text(report, call, CALL_TEXT_FROM);
  Slice to_uri = report_call_text(report, call, CALL_TEXT_TO);
  text_append_safe(text, from_uri.data ? from_uri : SLICE("?"), charset);
  text_append_safe(to, to_uri.data ? to_uri : SLICE("?"), charset);
  unsigned width = text_width(slice_of(text->str + start, text->len - start)) +
                   text_width(slice_of(to->str, to->len));
  if (width > report->look.width)
    g_string_append(text, "\n ");
  g_string_append_len(text, to->str, (gssize) to->len);
  g_string_append_c(text, '\n');
}

/* "audio both, MOS 4.41", where there was audio or should have been. */
static void put_audio(Pieces *pieces, const Call *call)
{
  CallAudio audio = call_audio(pieces->report->trace, call);
  const char *way = call_audio_name(audio.way);

  if (!way)
    return;
  g_autofree char *text = g_strdup_printf(_("audio %s"), _(way));
  put_plain(pieces, text);
  if (!audio.has_mos)
    return;
  g_autofree char *mos = g_strdup_printf("MOS %.2f", audio.mos);
  put_plain(pieces, mos);
}

/* "answered (200 OK), completed" */
static void put_outcome(Pieces *pieces, const CallSummary *summary)
{
  const char *known = call_outcome_name(summary), *outcome = known ? known : N_("unknown");
  const char *state = call_state_name(summary->state, summary->outcome);
  g_autoptr(GString) text = g_string_new(_(outcome));

  if (summary->decided_by) {
    Slice reason = report_reason(pieces->report, summary->decided_by);

    g_string_append_printf(text, reason.len > 0 ? " (%u " : " (%u", summary->status);
    text_append_safe(text, reason, pieces->report->look.charset);
    g_string_append_c(text, ')');
  }
  put_piece(pieces, slice_of(text->str, text->len),
            summary->status != 0 ? style_of_outcome(summary->status) : STYLE_PLAIN);
  if (state && strcmp(state, outcome) != 0)
    put_plain(pieces, _(state));
}

static void put_call_heading(Report *report, const Call *call)
{
  CallSummary summary = call_summarize(call, trace_now(report->trace));
  Clock clock = clock_new(TIME_ABSOLUTE, report->setup.utc);
  const Leg *leg = report_leg(report, call);
  Pieces facts = {.report = report};
  GString *text = report->text;
  char time[TIME_TEXT_MAX];

  style_begin(text, STYLE_HEADING, &report->look);
  g_string_append_printf(text, _("Call %u  "), call->number);
  Slice id = report_call_text(report, call, CALL_TEXT_ID);
  text_append_safe(text, id.data ? id : SLICE("(no Call-ID)"), report->look.charset);
  style_end(text, STYLE_HEADING, &report->look);
  if (leg) {
    g_autoptr(GString) why = g_string_new(NULL);

    leg_append_why(leg, conversations_headers(report->conversations), why);
    g_string_append_printf(text, _("  (leg of call %u: "), leg->of);
    text_append_safe(text, slice_of(why->str, why->len), report->look.charset);
    g_string_append_c(text, ')');
  }
  g_string_append_c(text, '\n');
  append_call_parties(report, call);
  put_outcome(&facts, &summary);
  g_autofree char *started =
    g_strdup_printf(_("started %s"), clock_format(&clock, call->start_ns, time));
  put_plain(&facts, started);
  put_interval(&facts, _("ring"), summary.ring_ns);
  put_interval(&facts, _("setup"), summary.setup_ns);
  put_interval(&facts, _("duration"), summary.duration_ns);
  put_audio(&facts, call);
  g_string_append_c(report->text, '\n');
  call_notes_put_remark(report, call);
}

/* Of several calls in one ladder the first ones are said. */
static void put_heading(Report *report, const CallFlow *flow)
{
  enum { SAID = 20 };
  Pieces counts = {.report = report};
  uint64_t again = 0, streams = 0;

  if (report->ending.put > 0) /* an empty line between calls */
    out_char(report->out, '\n');
  for (size_t i = 0; i < flow->call_count; i++) {
    again += flow->calls[i]->retransmissions;
    if (i < SAID)
      put_call_heading(report, flow->calls[i]);
  }
  for (guint i = 0; i < flow->streams->len; i++)
    streams += g_array_index(flow->streams, FlowStream, i).digit == 0;
  if (flow->call_count > SAID)
    g_string_append_printf(report->text, _("and %zu more calls\n"), flow->call_count - SAID);
  if (flow->call_count > 1)
    put_counted(&counts,
                translate_count("%" G_GUINT64_FORMAT " call", "%" G_GUINT64_FORMAT " calls",
                                flow->call_count),
                (uint64_t) flow->call_count);
  put_counted(&counts,
              translate_count("%" G_GUINT64_FORMAT " message", "%" G_GUINT64_FORMAT " messages",
                              flow->message_count),
              (uint64_t) flow->message_count);
  put_counted(&counts,
              translate_count("%" G_GUINT64_FORMAT " retransmission",
                              "%" G_GUINT64_FORMAT " retransmissions", again),
              again);
  put_counted(&counts,
              translate_count("%" G_GUINT64_FORMAT " endpoint", "%" G_GUINT64_FORMAT " endpoints",
                              flow->column_count),
              (uint64_t) flow->column_count);
  if (streams > 0)
    put_counted(&counts,
                translate_count("%" G_GUINT64_FORMAT " RTP stream",
                                "%" G_GUINT64_FORMAT " RTP streams", streams),
                streams);
  g_string_append(report->text, "\n\n");
  report_put_line(report);
}

/* --- ladder --- */

static void begin_layout(Report *report, CallFlow *flow)
{
  flow->state = flow_layout_new(report, flow);
}

static void measure_rung(Report *report, CallFlow *flow, size_t rung)
{
  flow_layout_measure(flow->state, report, flow, rung);
}

/* "8.4 s" and interrupted lifelines, if no message was sent for long before that rung. */
static void put_silence(Report *report, const CallFlow *flow, const Ladder *ladder, size_t rung)
{
  int64_t gap_ns = flow_silence_ns(report, flow, rung);
  char gap[TIME_TEXT_MAX];

  if (gap_ns > 0)
    ladder_text_pause(report->text, ladder, slice_from_string(duration_format(gap_ns, gap)),
                      &report->look);
}

static void clip(GString *line, unsigned width, TextCharset charset)
{
  g_autofree char *whole = g_strdup(line->str);

  g_string_truncate(line, 0);
  text_append_clipped(line, slice_from_string(whole), width, charset);
}

/* Lines of logs from before that time, each on a line of its own beside its time. */
static void put_notes(Report *report, const CallFlow *flow, const Ladder *ladder, int64_t until_ns)
{
  enum { MARGIN = 2 };
  FlowLayout *layout = flow->state;
  const Look *look = &report->look;
  unsigned front = ladder->number_width + 1 + ladder->time_width + MARGIN;
  char time[TIME_TEXT_MAX];

  for (; layout->notes_put < layout->note_count; layout->notes_put++) {
    const Note *note = &layout->notes[layout->notes_put];
    g_autoptr(GString) line = g_string_new(NULL);
    if (note->time_ns >= until_ns)
      return;
    clock_format(&layout->clock, note->time_ns, time);
    text_append_cell(report->text, slice_from_string(time), (TextCell){front - MARGIN, TEXT_RIGHT},
                     look->charset);
    text_append_spaces(report->text, MARGIN);
    text_append_safe(line, note_text_line(report->trace, report->stores, note, &report->scratch),
                     look->charset);
    if (look->fits)
      clip(line, MAX(look->width, front + 1) - front, look->charset);
    report_append_styled(report, slice_of(line->str, line->len), STYLE_HINT);
    g_string_append_c(report->text, '\n');
    report_put_line(report);
  }
}

static void put_ladder(Report *report, CallFlow *flow, size_t first, size_t count)
{
  Ladder ladder = flow_layout_window(flow->state, report, flow, first, count);

  for (unsigned line = 0; first == 0 && line < ladder.name_lines; line++)
    ladder_text_names(report->text, &ladder, line, &report->look);
  for (size_t row = 0; row < count; row++) {
    put_notes(report, flow, &ladder, call_flow_rung(report, flow, first + row).time_ns);
    put_silence(report, flow, &ladder, first + row);
    ladder_text_row(report->text, &ladder, row, &report->look);
    report_put_line(report);
  }
  if (first + count == flow->rung_count)
    put_notes(report, flow, &ladder, INT64_MAX);
}

static void put_rungs(Report *report, CallFlow *flow, size_t first, size_t count)
{
  if (first == 0)
    put_heading(report, flow);
  put_ladder(report, flow, first, count);
}

bool flow_ladder(Report *report, const Call *call)
{
  static const FlowFormat ALONE = {.streams = true,
                                   .roles = true,
                                   .codecs = true,
                                   .begin = begin_layout,
                                   .measure = measure_rung,
                                   .put = put_ladder};

  return call_flow_step(report, call, &ALONE);
}

bool flow_text(Report *report, const Call *call)
{
  static const FlowFormat LADDER = {.streams = true,
                                    .roles = true,
                                    .codecs = true,
                                    .begin = begin_layout,
                                    .measure = measure_rung,
                                    .put = put_rungs};

  return call_flow_step(report, call, &LADDER);
}
