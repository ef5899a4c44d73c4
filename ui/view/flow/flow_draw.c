/* What is seen of a ladder: its title, the ladder itself, the preview of the message. */
#include "capture/language.h"
#include "ui/view/flow/flow_view.h"

#include "dissect/diagnose/call_path.h"
#include "ui/show/call_columns.h"
#include "ui/show/ladder_draw.h"
#include "ui/show/path_text.h"
#include "ui/show/stream_page.h"
#include "ui/view/message/panes.h"

/* --- a ladder on a canvas --- */

unsigned ladder_paint_gutter(const Ladder *ladder)
{
  return ladder->number_width + 1 + ladder->time_width + 1;
}

unsigned ladder_paint_scroll_max(const LadderPaint *paint)
{
  unsigned width = (unsigned) MAX(paint->area.width, 0);

  return paint->ladder->width > width ? paint->ladder->width - width : 0;
}

int ladder_paint_x(const LadderPaint *paint, unsigned x)
{
  return paint->area.x + (int) x - (int) paint->scroll;
}

/* The part that scrolls. */
static Rect body(const LadderPaint *paint)
{
  Rect area = paint->area;

  rect_cut_left(&area, (int) ladder_paint_gutter(paint->ladder));
  return area;
}

static void put_name(const LadderPaint *paint, const LadderName *name, int y)
{
  Rect at = {ladder_paint_x(paint, name->x), y, (int) name->width, 1};

  canvas_put_cell(paint->canvas, at, &(CanvasText){name->text, STYLE_HEADING, TEXT_LEFT});
}

static void put_glyph(const LadderPaint *paint, int x, int y, LadderGlyph glyph, Style style)
{
  canvas_put_string(paint->canvas, x, y, style, ladder_glyph_text(glyph, paint->canvas->charset));
}

static void paint_names_line(const LadderPaint *paint, unsigned line)
{
  const Ladder *ladder = paint->ladder;
  int y = paint->area.y + (int) line;

  for (size_t i = 0; i < ladder->column_count; i++) {
    const LadderColumn *column = &ladder->columns[i];
    const LadderName *name = ladder_name_on_line(column, line);

    if (name)
      put_name(paint, name, y);
    else if (line >= column->name_end) /* its name is higher */
      put_glyph(paint, ladder_paint_x(paint, column->x), y, LADDER_LIFELINE, STYLE_DIM);
  }
}

void ladder_paint_names(const LadderPaint *paint)
{
  /* the first name reaches over the times, as long as nothing is scrolled */
  Rect before = canvas_clip(paint->canvas, paint->scroll > 0 ? body(paint) : paint->area);

  for (unsigned line = 0; line < paint->ladder->name_lines; line++)
    paint_names_line(paint, line);
  canvas_unclip(paint->canvas, before);
}

void ladder_paint_row(const LadderPaint *paint, int y, const LadderRow *row)
{
  const Ladder *ladder = paint->ladder;
  unsigned end = MIN(ladder_row_end(ladder, row), paint->scroll + (unsigned) paint->area.width);
  Rect label = {ladder_paint_x(paint, row->label_x), y, (int) row->label_width, 1};
  Rect before = canvas_clip(paint->canvas, paint->area);
  size_t column = 0;
  Style style;

  Rect at = {paint->area.x, y, (int) ladder->number_width, 1};
  canvas_put_cell(paint->canvas, at, &(CanvasText){row->number, STYLE_DIM, TEXT_RIGHT});
  at.x += at.width + 1;
  at.width = (int) ladder->time_width;
  canvas_put_cell(paint->canvas, at, &(CanvasText){row->time, STYLE_DIM, TEXT_RIGHT});
  canvas_clip(paint->canvas, body(paint));
  for (unsigned x = paint->scroll + ladder_paint_gutter(ladder); x < end; x++) {
    LadderGlyph glyph = ladder_cell(row, x, ladder_lifeline_at(ladder, x, &column), &style);

    if (glyph != LADDER_BLANK)
      put_glyph(paint, ladder_paint_x(paint, x), y, glyph, style);
  }
  canvas_put_cell(paint->canvas, label, &(CanvasText){row->label, row->style, TEXT_LEFT});
  canvas_unclip(paint->canvas, before);
}

void ladder_paint_lifelines(const LadderPaint *paint, int y, bool paused)
{
  Rect before = canvas_clip(paint->canvas, body(paint));

  for (size_t i = 0; i < paint->ladder->column_count; i++)
    put_glyph(paint, ladder_paint_x(paint, paint->ladder->columns[i].x), y,
              paused ? LADDER_PAUSE : LADDER_LIFELINE, STYLE_DIM);
  canvas_unclip(paint->canvas, before);
}

void ladder_paint_text(const LadderPaint *paint, int y, unsigned x, Slice text, Style style)
{
  Rect before = canvas_clip(paint->canvas, body(paint));
  Rect at = {ladder_paint_x(paint, x), y, (int) text_width(text), 1};

  at.width = MIN(at.width, paint->area.x + paint->area.width - at.x);
  canvas_put_cell(paint->canvas, at, &(CanvasText){text, style, TEXT_LEFT});
  canvas_unclip(paint->canvas, before);
}

void ladder_paint_mark(const LadderPaint *paint, int y, const LadderRow *row, unsigned marks)
{
  Rect area = {paint->area.x, y, paint->area.width, 1};
  Rect gutter = rect_cut_left(&area, (int) ladder_paint_gutter(paint->ladder) - 1);
  Rect arrow = {ladder_paint_x(paint, row->left) + 1, y, (int) (row->right - row->left) - 1, 1};
  Rect label = {ladder_paint_x(paint, row->label_x), y, (int) row->label_width, 1};

  canvas_mark(paint->canvas, gutter, marks);
  canvas_mark(paint->canvas, rect_meet(body(paint), arrow), marks);
  canvas_mark(paint->canvas, rect_meet(body(paint), label), marks);
}

size_t ladder_paint_column_at(const LadderPaint *paint, int x)
{
  const Ladder *ladder = paint->ladder;
  size_t nearest = 0;

  for (size_t i = 1; i < ladder->column_count; i++)
    if (abs(ladder_paint_x(paint, ladder->columns[i].x) - x) <
        abs(ladder_paint_x(paint, ladder->columns[nearest].x) - x))
      nearest = i;
  return nearest;
}

/* --- in words --- */

/* ", call 3 (leg of call 1: Session-ID)": why it is shown. */
static void append_call(const FlowView *flow, uint32_t number, GString *to)
{
  const Conversations *conversations = host_model(flow->view.host)->conversations;

  g_string_append_printf(to, _(", call %u"), number);
  for (guint i = 0; i < flow->legs->len; i++) {
    const Leg *leg = &g_array_index(flow->legs, Leg, i);
    if (leg->number != number)
      continue;
    g_string_append_printf(to, _(" (%sleg of call %u: "),
                           leg_evidence_is_hint(leg->strongest) ? _("likely ") : "", leg->of);
    leg_append_why(leg, conversations_headers(conversations), to);
    g_string_append_c(to, ')');
  }
}

static void append_arrow(GString *to, TextCharset charset)
{
  g_string_append(to, charset == TEXT_UTF8 ? " \xE2\x86\x92 " : " -> ");
}

/* "10.0.0.1:5060 -> 10.0.0.2:5060 UDP, 689 bytes, transaction 2, dialog 1" */
void flow_append_facts(const FlowView *flow, const Message *message, GString *to)
{
  const Trace *trace = host_model(flow->view.host)->trace;

  aliases_append(NULL, trace_endpoint(trace, message->src), ALIAS_WITH_PORT, to);
  append_arrow(to, host_model(flow->view.host)->charset);
  aliases_append(NULL, trace_endpoint(trace, message->dst), ALIAS_WITH_PORT, to);
  g_string_append_printf(to, " %s", transport_name((Transport) message->transport));
  if (flow_model_call_count(flow->model) > 1)
    append_call(flow, message->transaction->call->number, to);
  g_string_append_printf(to, _(", transaction %u"), message->transaction->number);
  if (message->dialog)
    g_string_append_printf(to, _(", dialog %u"), message->dialog->number);
  g_string_append_printf(to, _(", %u bytes"), message->len);
}

static void append_parties(const FlowView *flow, const Call *call, GString *to)
{
  const AppModel *model = host_model(flow->view.host);
  Arena arena;

  if (!call || !call_text_kept(call, CALL_TEXT_FROM).data ||
      !call_text_kept(call, CALL_TEXT_TO).data)
    return;
  arena_init(&arena, 1024);
  g_string_append(to, _(": "));
  Slice from = call_text(call, CALL_TEXT_FROM, model->stores, &arena);
  Slice callee = call_text(call, CALL_TEXT_TO, model->stores, &arena);
  text_append_safe(to, call_uri_shown(from), model->charset);
  append_arrow(to, model->charset);
  text_append_safe(to, call_uri_shown(callee), model->charset);
  arena_clear(&arena);
}

static void append_nonzero(GString *to, size_t count, const char *what)
{
  if (count > 0)
    g_string_append_printf(to, "%s%zu %s", _(", "), count, what);
}

/* Why it ended so: the status and phrase of the response that decided, and its Reason (RFC 3326)
 * or Warning (20.43). */
static char *read_cause(const FlowView *flow, const Message *message)
{
  const AppModel *model = host_model(flow->view.host);
  g_autoptr(GString) cause = g_string_new(NULL), safe = g_string_new(NULL);
  SipHeaderRow row;
  Arena arena;
  SipMsg sip;

  status_append(cause, message->status);
  arena_init(&arena, message->len);
  if (message_load(message, model->stores, &arena, &sip, NULL)) {
    g_string_append_c(cause, ' ');
    g_string_append_len(cause, sip.reason.data, (gssize) sip.reason.len);
    if (sip_msg_find(&sip, SIP_HEADER_REASON, &row) ||
        sip_msg_find(&sip, SIP_HEADER_WARNING, &row)) {
      g_string_append(cause, _("; "));
      g_string_append_len(cause, row.value.data, (gssize) row.value.len);
    }
  }
  text_append_safe(safe, slice_of(cause->str, cause->len), model->charset);
  arena_clear(&arena);
  return g_string_free(g_steal_pointer(&safe), FALSE);
}

/* " answered, 10.0 s", " failed (404 Not Found)", " ringing" */
static void append_outcome(const FlowView *flow, const Call *call, GString *to)
{
  CallSummary summary = call_summarize(call, trace_now(flow_model_trace(flow->model)));
  bool is_up = summary.state == CALL_STATE_IN_CALL || summary.outcome == OUTCOME_UNANSWERED;
  int64_t now_ns = host_model(flow->view.host)->now_ns;
  char duration[TIME_TEXT_MAX];

  g_string_append_printf(to, " %s",
                         _(is_up ? call_result_name(&summary) : outcome_name(summary.outcome)));
  if (flow->cause && flow->decided_by == summary.decided_by)
    g_string_append_printf(to, " (%s)", flow->cause);
  if (summary.up_since_ns != TIME_NONE && now_ns != TIME_NONE)
    g_string_append_printf(to, "%s%s", _(", "),
                           duration_so_far_format(now_ns - summary.up_since_ns, duration));
  else if (summary.duration_ns >= 0)
    g_string_append_printf(to, "%s%s", _(", "), duration_format(summary.duration_ns, duration));
}

/* What is wrong with it, unless status and phrase say that. */
static void append_verdict(const FlowView *flow, GString *to)
{
  const char *name = flow->verdict.name;

  if (name && !(flow->cause && strcmp(name, "rejected") == 0))
    g_string_append_printf(to, "%s%s", _(", "), name);
}

/* ", MOS 4.41" or ", audio one-way, MOS 4.41", where there was audio or should have been. */
static void append_audio(const FlowView *flow, const Call *call, GString *to)
{
  CallAudio audio = call_audio(flow_model_trace(flow->model), call);
  const char *way = call_audio_name(audio.way);

  if (way && (audio.way != CALL_AUDIO_BOTH || !audio.has_mos))
    g_string_append_printf(to, _(", audio %s"), _(way));
  if (way && audio.has_mos)
    g_string_append_printf(to, _(", MOS %.2f"), audio.mos);
}

static void append_note(const FlowView *flow, const Call *call, GString *to)
{
  const char *remark = remarks_of(trace_remarks(flow_model_trace(flow->model)), call);

  if (!remark)
    return;
  g_string_append_printf(to, "%s\"", _(", "));
  text_append_safe(to, slice_from_string(remark), host_model(flow->view.host)->charset);
  g_string_append_c(to, '"');
}

/* Of one call; its texts are used by flow_append_title. */
static void note_cause(FlowView *flow)
{
  const Trace *trace = flow_model_trace(flow->model);
  bool one = flow_model_call_count(flow->model) == 1;
  const Call *call = one ? trace_call(trace, flow_model_call_at(flow->model, 0)) : NULL;
  CallSummary summary = call ? call_summarize(call, trace_now(trace)) : (CallSummary){0};
  const Message *by = call && summary.outcome != OUTCOME_ANSWERED ? summary.decided_by : NULL;

  flow_verdict_look(&flow->verdict, call, flow_aliases(flow), host_model(flow->view.host)->charset);
  if (by == flow->decided_by)
    return;
  flow->decided_by = by;
  g_free(flow->cause);
  flow->cause = by ? read_cause(flow, by) : NULL;
}

/* "call 1 failed (404 Not Found), 3 of 40, 2 folded: alice@example.com -> bob@example.com; ..." */
void flow_append_title(const View *view, GString *to)
{
  const FlowView *flow = (const FlowView *) view;
  FlowCounts counts = flow_model_counts(flow->model);
  size_t calls = flow_model_call_count(flow->model);
  size_t hidden = flow_columns_hidden_count(flow_model_columns(flow->model));
  uint32_t number = calls > 0 ? flow_model_call_at(flow->model, 0) : 0;
  const Call *call = calls == 1 ? host_call(flow->view.host, number) : NULL;
  const Message *message = flow_cursor_nearest(flow);

  if (calls == 1)
    g_string_append_printf(to, _("call %u"), number);
  else
    g_string_append_printf(to, _("%zu calls"), calls);
  if (call) {
    append_outcome(flow, call, to);
    append_audio(flow, call, to);
    append_verdict(flow, to);
    append_note(flow, call, to);
  }
  if (message)
    g_string_append_printf(to, _(", %zu of %zu"), flow_model_place(flow->model, message) + 1,
                           counts.messages);
  append_nonzero(to, counts.folded, _("folded"));
  append_nonzero(to, counts.hidden, _("not shown"));
  append_nonzero(to, hidden, hidden == 1 ? _("column hidden") : _("columns hidden"));
  if (!flow_texts_readable(flow->texts))
    g_string_append(to, _(", file unreadable"));
  append_parties(flow, call, to);
  if (call && flow->verdict.text)
    g_string_append_printf(to, "; %s", flow->verdict.text);
}

/* --- the preview --- */

void flow_preview_init(FlowPreview *preview)
{
  enum { FIRST = 16 * 1024 };

  *preview = (FlowPreview){0};
  arena_init(&preview->arena, FIRST);
}

void flow_preview_clear(FlowPreview *preview)
{
  arena_clear(&preview->arena);
}

void flow_preview_forget(FlowPreview *preview)
{
  preview->message = preview->scrolled = NULL;
}

void flow_preview_scroll(FlowPreview *preview, int lines)
{
  size_t up = lines < 0 ? MIN((size_t) -lines, preview->top) : 0;

  preview->scroll = preview->top - up + (lines > 0 ? (size_t) lines : 0);
  preview->scrolled = preview->message;
  preview->message = NULL; /* laid out again, as far as it is visible now */
}

/* Scrolls the pane to where the text is visible. */
static void show_needle(FlowPreview *preview, Slice needle)
{
  enum { ABOVE = 2 };

  preview->search = text_search_new(&preview->arena, needle);
  size_t at = text_search_find(preview->search, preview->raw.raw);
  size_t line = message_raw_line_at(&preview->raw, at);
  size_t height = (size_t) preview->height, count = preview->raw.line_count;
  if (at < preview->raw.raw.len && line >= height)
    preview->top = MIN(line - MIN(line, (size_t) ABOVE), count - height);
}

static void lay_out_preview(FlowPreview *preview, const FlowPreviewOf *of, TextCharset charset)
{
  bool looks = of->needle.len > 0, scrolled = preview->scrolled == of->message;
  size_t end = (size_t) preview->height + (scrolled ? preview->scroll : 0);
  RawOptions options = {
    .width = (unsigned) preview->width,
    .line_max = looks ? 0 : end, /* the text may be on any line */
    .charset = charset,
  };
  SipMsg sip;

  arena_reset(&preview->arena);
  preview->message = of->message;
  preview->search = NULL;
  preview->top = 0;
  preview->readable = message_load(of->message, of->stores, &preview->arena, &sip, NULL);
  if (preview->readable)
    preview->raw = message_raw_build(&preview->arena, &sip, &options);
  if (preview->readable && looks)
    show_needle(preview, of->needle);
  size_t count = preview->raw.line_count;
  if (preview->readable && scrolled)
    preview->top = MIN(preview->scroll, count - MIN(count, (size_t) preview->height));
}

void flow_preview_draw(FlowPreview *preview, const FlowPreviewOf *of, Canvas *canvas, Rect area)
{
  if (area.width <= 0 || area.height <= 0)
    return;
  if (preview->message != of->message || preview->width != area.width ||
      preview->height != area.height) {
    preview->width = area.width;
    preview->height = area.height;
    lay_out_preview(preview, of, canvas->charset);
  }
  if (!preview->readable) {
    canvas_put_string(canvas, area.x, area.y, STYLE_ERROR,
                      _("cannot read the message; the file has changed"));
    return;
  }
  const RawPlace place = {.canvas = canvas, .area = area, .top = preview->top};
  message_raw_draw(&preview->raw, &place);
  if (preview->search && preview->raw.line_count > 0)
    message_raw_mark_found(&preview->raw, &place, preview->search);
  if (preview->raw.cut || preview->raw.line_count > preview->top + (size_t) area.height)
    canvas_put_glyph(canvas, area.x + area.width - 1, area.y + area.height - 1, STYLE_HINT,
                     GLYPH_DOWN);
}

enum {
  BESIDE_WIDTH = 120, /* of the screen; from here on the preview is beside the ladder */
  BELOW_HEIGHT = 14,  /* from here on it is below */
  LADDER_WIDTH_MIN = 40,
  LADDER_HEIGHT_MIN = 6,
};

/* --- layout of the screen --- */

static int preview_share(const FlowView *flow, int whole, int rest_min)
{
  int percent = config_number(host_model(flow->view.host)->config, SETTING_FLOW_PREVIEW_SIZE);

  return CLAMP(whole * percent / 100, 1, MAX(whole - rest_min, 1));
}

static FlowPlaces places_beside(const FlowView *flow, Rect area)
{
  FlowPlaces places = {.ladder = area, .beside = true};

  places.preview =
    rect_cut_right(&places.ladder, preview_share(flow, area.width, LADDER_WIDTH_MIN));
  places.divider = rect_cut_left(&places.preview, 2);
  return places;
}

static void build_window(FlowView *flow, size_t top, size_t count, unsigned width)
{
  const FlowWindowOptions options = {
    .top = top,
    .count = count,
    .width = width,
    .charset = host_model(flow->view.host)->charset,
    .aliases = flow_aliases(flow),
    .roles = path_roles_tell(&flow->verdict.roles) ? &flow->verdict.roles : NULL,
    .current = flow_cursor_message(flow),
  };

  arena_reset(&flow->scratch);
  flow->window = flow_window_build(&flow->scratch, flow->model, flow->texts, &options);
}

/* The preview takes the lines that a short ladder leaves. */
static FlowPlaces places_below(FlowView *flow, Rect area)
{
  FlowPlaces places = {.ladder = area};
  int least = preview_share(flow, area.height, LADDER_HEIGHT_MIN);

  build_window(flow, 0, 0, (unsigned) MAX(area.width, 1));
  size_t rows = flow_model_row_count(flow->model) - flow_model_counts(flow->model).sdp_rows;
  size_t lines = rows + flow->window.ladder.name_lines;
  int left = rows > 0 ? area.height - (int) MIN(lines, (size_t) area.height) : 0;
  places.preview = rect_cut_bottom(&places.ladder, MAX(least, left));
  places.divider = rect_cut_top(&places.preview, 1);
  return places;
}

/* Beside, if that leaves the ladder room for its labels; else below. */
static FlowPlaces find_places(FlowView *flow, Rect area)
{
  const Config *config = host_model(flow->view.host)->config;
  PreviewPlace place = (PreviewPlace) config_choice(config, SETTING_FLOW_PREVIEW);
  bool cramped = area.width < BESIDE_WIDTH;

  if (place == PREVIEW_AUTO && !cramped && area.height >= BELOW_HEIGHT) {
    build_window(flow, 0, 0, (unsigned) MAX(places_beside(flow, area).ladder.width, 1));
    cramped = flow->window.ladder.cramped;
  }
  if (place == PREVIEW_AUTO)
    place = cramped ? PREVIEW_BELOW : PREVIEW_BESIDE;
  if (place == PREVIEW_BESIDE)
    return places_beside(flow, area);
  if (place == PREVIEW_BELOW && area.height >= BELOW_HEIGHT)
    return places_below(flow, area);
  return (FlowPlaces){.ladder = area};
}

static FlowPlaces places_of(FlowView *flow, Rect area)
{
  const Config *config = host_model(flow->view.host)->config;
  FlowColumns *columns = flow_model_columns(flow->model);
  FlowCounts counts = flow_model_counts(flow->model);
  FlowPlacesOf of;

  memset(&of, 0, sizeof of); /* its padding, too: it is compared */
  of.area = area;
  of.size = config_number(config, SETTING_FLOW_PREVIEW_SIZE);
  of.preview = config_choice(config, SETTING_FLOW_PREVIEW);
  of.columns = flow_columns_count(columns) - flow_columns_hidden_count(columns);
  of.messages = counts.messages;
  of.folded = counts.folded;
  of.hidden = counts.hidden;
  of.streams = counts.stream_rows;
  of.notes = counts.note_rows;
  of.busy = flow->busy;
  if (memcmp(&of, &flow->places_of, sizeof of) != 0) {
    flow->places = find_places(flow, area);
    flow->places_of = of;
  }
  return flow->places;
}

/* --- the ladder --- */

/* Scrolls sideways until the selected column is visible, and its name, if there is room. */
static void show_column(FlowView *flow, LadderPaint *paint, size_t place)
{
  const LadderColumn *column = &paint->ladder->columns[place];
  int gutter = (int) ladder_paint_gutter(paint->ladder);
  int left = (int) column->x, right = (int) column->x + 1;

  for (unsigned line = column->name_top; line < column->name_end; line++) {
    left = MIN(left, (int) column->name[line].x);
    right = MAX(right, (int) (column->name[line].x + column->name[line].width));
  }
  if (place == 0)
    left = 0;
  if (right - (int) flow->scroll > paint->area.width)
    flow->scroll = (unsigned) (right - paint->area.width);
  if (left - (int) flow->scroll < (left == 0 ? 0 : gutter))
    flow->scroll = (unsigned) MAX(left == 0 ? 0 : left - gutter, 0);
}

static LadderPaint paint_of(FlowView *flow, Canvas *canvas, Rect area)
{
  LadderPaint paint = {canvas, &flow->window.ladder, area, 0};
  size_t place = flow_column_place(flow);

  if (place < flow->window.ladder.column_count)
    show_column(flow, &paint, place);
  flow->scroll = MIN(flow->scroll, ladder_paint_scroll_max(&paint));
  paint.scroll = flow->scroll;
  return paint;
}

static void mark_chosen(const FlowView *flow, const LadderPaint *paint)
{
  size_t place = flow_column_place(flow);

  if (place == flow->window.ladder.column_count)
    return;
  const LadderColumn *column = &flow->window.ladder.columns[place];
  for (unsigned line = column->name_top; line < column->name_end; line++) {
    const LadderName *name = &column->name[line];
    Rect at = {ladder_paint_x(paint, name->x), flow->names.y + (int) line, (int) name->width, 1};

    canvas_mark(paint->canvas, rect_meet(flow->names, at), CELL_CURSOR);
  }
}

/* Shows that the ladder continues to the left or right. */
static void draw_scroll_hints(const FlowView *flow, const LadderPaint *paint)
{
  int right = flow->names.x + flow->names.width - 1;

  if (paint->scroll > 0)
    canvas_put_glyph(paint->canvas, flow->names.x + (int) ladder_paint_gutter(paint->ladder) - 1,
                     flow->names.y, STYLE_HINT, GLYPH_ARROW_LEFT);
  if (paint->scroll < ladder_paint_scroll_max(paint))
    canvas_put_glyph(paint->canvas, right, flow->names.y, STYLE_HINT, GLYPH_ARROW_RIGHT);
}

static void draw_signs(const FlowView *flow, const LadderPaint *paint, int y, const FlowLine *line)
{
  int after_number = paint->area.x + (int) paint->ladder->number_width;
  Rect number = {paint->area.x, y, (int) paint->ladder->number_width, 1};
  /* Of what the title says, unless a finding was chosen. */
  const FlowProof *proof = flow->proof.count > 0 ? &flow->proof : &flow->verdict.proof;
  bool is_proof = flow_proof_has(proof, line->message);
  bool is_bookmarked = flow_is_bookmarked(flow, line->message);

  if (is_proof || is_bookmarked)
    canvas_put_glyph(paint->canvas, after_number, y, is_proof ? proof->style : STYLE_HINT,
                     is_bookmarked ? GLYPH_MARK : GLYPH_BLOCK);
  if (line->message == flow->compared)
    canvas_put_cell(paint->canvas, number,
                    &(CanvasText){line->rung->number, STYLE_MARKED, TEXT_RIGHT});
}

static void draw_ladder_line(const FlowView *flow, const LadderPaint *paint, int y,
                             const FlowLine *line)
{
  Rect gutter = {paint->area.x, y, (int) ladder_paint_gutter(paint->ladder) - 1, 1};

  switch (line->kind) {
  case FLOW_ROW_GAP:
    ladder_paint_lifelines(paint, y, true);
    canvas_put_cell(paint->canvas, gutter, &(CanvasText){line->text, STYLE_HINT, TEXT_RIGHT});
    return;
  case FLOW_ROW_SDP:
    ladder_paint_lifelines(paint, y, false);
    ladder_paint_text(paint, y, line->x, line->text, STYLE_SDP);
    return;
  case FLOW_ROW_NOTE:
    ladder_paint_lifelines(paint, y, false);
    canvas_put_cell(paint->canvas, gutter, &(CanvasText){line->time, STYLE_HINT, TEXT_RIGHT});
    ladder_paint_text(paint, y, line->x, line->text, STYLE_HINT);
    return;
  case FLOW_ROW_STREAM:
    ladder_paint_row(paint, y, line->rung);
    return;
  case FLOW_ROW_MESSAGE:
    ladder_paint_row(paint, y, line->rung);
    if (line->lit)
      ladder_paint_mark(paint, y, line->rung, CELL_LIT);
    draw_signs(flow, paint, y, line);
    return;
  }
}

static void draw_nothing(const FlowView *flow, Canvas *canvas, Rect area)
{
  FlowCounts counts = flow_model_counts(flow->model);
  const char *why = _("no messages");

  if (flow->busy)
    why = _("reading messages ...");
  else if (flow_model_call_count(flow->model) == 0)
    why = _("the call was discarded (limit reached)");
  else if (counts.hidden > 0 && flow_model_options(flow->model)->only_sdp)
    why = _("no messages with a session description");
  else if (counts.hidden > 0)
    why = _("all messages are from or to hidden columns");
  area.y += area.height / 2;
  canvas_put_cell(canvas, area, &(CanvasText){slice_from_string(why), STYLE_HINT, TEXT_CENTRE});
}

static void draw_ladder(FlowView *flow, Canvas *canvas, Rect area)
{
  /* The height of the names decides how many rows fit. */
  unsigned width = (unsigned) MAX(area.width, 1);
  size_t row = 0, top = 0;
  build_window(flow, 0, 0, width);
  flow->rows = area;
  flow->names = rect_cut_top(&flow->rows, (int) flow->window.ladder.name_lines);
  size_t page = (size_t) MAX(flow->rows.height, 1);
  if (flow_cursor_row(flow, &row))
    top = flow_cursor_top(flow, row, page);
  build_window(flow, top, page, width);
  size_t cursor = row - top;
  LadderPaint paint = paint_of(flow, canvas, area);
  Rect before = canvas_clip(canvas, area);

  if (flow->window.ladder.column_count > 0) {
    ladder_paint_names(&paint);
    mark_chosen(flow, &paint);
    draw_scroll_hints(flow, &paint);
  }
  for (size_t i = 0; i < flow->window.line_count; i++)
    draw_ladder_line(flow, &paint, flow->rows.y + (int) i, &flow->window.lines[i]);
  if (flow->window.line_count > 0)
    canvas_mark(canvas, (Rect){area.x, flow->rows.y + (int) cursor, area.width, 1}, CELL_CURSOR);
  else
    draw_nothing(flow, canvas, flow->rows);
  canvas_unclip(canvas, before);
}

/* --- the preview pane --- */

static void draw_message_preview(FlowView *flow, Canvas *canvas, Rect area)
{
  const FlowPreviewOf of = {host_model(flow->view.host)->stores, flow_cursor_message(flow),
                            slice_from_string(flow->needle)};

  flow_preview_draw(&flow->preview, &of, canvas, area);
}

/* What its page says, without the course of time, for which packets would have to be read. */
static void draw_stream_preview(FlowView *flow, Canvas *canvas, Rect area)
{
  enum { NAME_WIDTH = 18 };
  const AppModel *model = host_model(flow->view.host);
  const StreamPageInput input = {
    .arena = &flow->scratch,
    .trace = model->trace,
    .stream = trace_stream_at(model->trace, flow_cursor_stream(flow)->stream - 1),
    .utc = config_bool(model->config, SETTING_UTC),
    .charset = model->charset,
    .brief = true,
  };

  if (!input.stream) /* discarded */
    return;
  g_autoptr(GArray) rows = stream_page_rows(&input);
  for (guint i = 0; i < rows->len && area.height > 0; i++) {
    const StreamRow *row = &g_array_index(rows, StreamRow, i);
    Rect line = rect_cut_top(&area, 1);
    bool is_heading = row->kind == STREAM_HEADING;
    Rect name = rect_cut_left(&line, is_heading ? line.width : NAME_WIDTH);

    canvas_put_cell(canvas, name,
                    &(CanvasText){row->name, is_heading ? STYLE_HEADING : STYLE_PLAIN, TEXT_LEFT});
    canvas_put_cell(canvas, line, &(CanvasText){row->value, STYLE_PLAIN, TEXT_LEFT});
  }
}

/* "RTP stream 1, 192.0.2.10:40000 -> 198.51.100.20:50000" */
static void append_stream_facts(const FlowView *flow, const FlowStream *stream, GString *to)
{
  g_string_append_printf(to, _("RTP stream %u, "), stream->stream);
  aliases_append(NULL, &stream->ends[0], ALIAS_WITH_PORT, to);
  append_arrow(to, host_model(flow->view.host)->charset);
  aliases_append(NULL, &stream->ends[1], ALIAS_WITH_PORT, to);
  if (flow_model_call_count(flow->model) > 1)
    append_call(flow, stream->call, to);
}

static void draw_preview(FlowView *flow, Canvas *canvas, FlowPlaces places)
{
  const Message *message = flow_cursor_message(flow);
  const FlowStream *stream = flow_cursor_stream(flow);
  Rect title = places.divider;

  if (places.preview.width <= 0 || places.preview.height <= 0)
    return;
  if (places.beside) {
    places.divider.width = 1;
    canvas_fill_glyph(canvas, places.divider, STYLE_BORDER, GLYPH_VERTICAL);
    title = rect_cut_top(&places.preview, 1);
    title.x--;
    title.width++;
  } else {
    canvas_fill_glyph(canvas, places.divider, STYLE_BORDER, GLYPH_HORIZONTAL);
    title.x++;
    title.width -= 2;
  }
  if (!message && !stream)
    return;
  g_autoptr(GString) facts = g_string_new(" ");
  if (message)
    flow_append_facts(flow, message, facts);
  else
    append_stream_facts(flow, stream, facts);
  g_string_append_c(facts, ' ');
  title.width = MIN(title.width, (int) text_width(slice_of(facts->str, facts->len)));
  canvas_put_cell(canvas, title,
                  &(CanvasText){slice_of(facts->str, facts->len), STYLE_TITLE, TEXT_LEFT});
  if (message)
    draw_message_preview(flow, canvas, places.preview);
  else
    draw_stream_preview(flow, canvas, places.preview);
}

void flow_draw(View *view, Canvas *canvas, Rect area)
{
  FlowView *flow = (FlowView *) view;

  flow_sync(flow);
  note_cause(flow);
  FlowPlaces places = places_of(flow, area);
  draw_ladder(flow, canvas, places.ladder);
  draw_preview(flow, canvas, places);
}
