#include "capture/language.h"
#include "ui/show/stream_page.h"
#include "ui/view/screens.h"
#include "ui/view/widget/page.h"

enum {
  TWO_COLUMNS = 132, /* width of the screen from which on there are two */
  GAP = 3,
  NAME_WIDTH = 18,
  PAIR_WIDTH = 14,
};

typedef struct {
  View view;
  uint32_t number;
  uint32_t call; /* 0: none */
  SeriesResult *series;
  char *no_series; /* why there is none, or NULL */
  Page page;
  Arena arena; /* of one draw */
} StreamView;

static const RtpStream *stream_of(const StreamView *self)
{
  const Trace *trace = host_model(self->view.host)->trace;

  return self->number <= trace_stream_count(trace) ? trace_stream_at(trace, self->number - 1)
                                                   : NULL;
}

/* --- the course of time is read from the capture --- */

static void take_series(View *view, Job *job)
{
  StreamView *self = (StreamView *) view;

  g_free(self->series);
  self->series = g_memdup2(&((StreamSeries *) job)->result, sizeof *self->series);
}

static void begin_series(StreamView *self)
{
  const AppModel *model = host_model(self->view.host);
  const RtpStream *stream = stream_of(self);
  MediaOwner owners[MEDIA_OWNERS_MAX];
  g_autoptr(GError) error = NULL;
  StreamQuality quality;

  if (!stream)
    return;
  bool is_owned = trace_stream_owners(model->trace, stream, owners) > 0;
  stream_quality_measure(stream, is_owned ? &owners[0] : NULL, NULL, &quality);
  self->call = is_owned ? owners[0].call : 0;
  StreamSeries *series =
    stream_series_new(model->source, model->stores, stream, quality.clock_rate, &error);
  if (series)
    view_begin_job(&self->view, &series->job, take_series);
  else
    self->no_series = g_strdup(error->message);
}

/* --- drawing --- */

static void stream_append_title(const View *view, GString *to)
{
  const StreamView *self = (const StreamView *) view;
  const RtpStream *stream = stream_of(self);
  char text[ENDPOINT_TEXT_MAX];

  g_string_append_printf(to, _("RTP stream %u"), self->number);
  if (self->call > 0)
    g_string_append_printf(to, _(" of call %u"), self->call);
  if (!stream)
    return;
  g_string_append_printf(to, "%s%s", _(": "), endpoint_format(&stream->src, text));
  g_string_append_printf(to, _(" -> %s, SSRC 0x%08x"), endpoint_format(&stream->dst, text),
                         stream->ssrc);
}

static void put(Canvas *canvas, Rect at, Slice text, Style style)
{
  canvas_put_cell(canvas, at, &(CanvasText){text, style, TEXT_LEFT});
}

/* Eighths of a cell, or letters that get darker; nothing for 0 alone. */
static void draw_bar(Canvas *canvas, int x, int y, float value)
{
  static const char *const BARS[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static const char LETTERS[] = " .:-=+*%#";
  int step = value > 0 ? CLAMP((int) (value * 8 + 0.5F), 1, 8) : 0;

  if (canvas->charset == TEXT_ASCII)
    canvas_put(canvas, x, y, STYLE_CHART, slice_of(&LETTERS[step], 1));
  else
    canvas_put_string(canvas, x, y, STYLE_CHART, BARS[step]);
}

/* A cell stands for several values, of which the highest is drawn; or several cells for one. */
static void draw_curve(Canvas *canvas, Rect at, const StreamRow *row)
{
  size_t width = (size_t) MAX(at.width, 0);

  for (size_t x = 0; x < width; x++) {
    size_t first = x * row->curve_len / width, end = (x + 1) * row->curve_len / width;
    float highest = row->curve[first];

    for (size_t i = first; i < end; i++)
      highest = MAX(highest, row->curve[i]);
    draw_bar(canvas, at.x + (int) x, at.y, highest);
  }
}

static void draw_pair(Canvas *canvas, const StreamRow *row, Rect at)
{
  Style style = row->name.len > 0 ? STYLE_PLAIN : STYLE_DIM;

  put(canvas, rect_cut_left(&at, NAME_WIDTH), row->name, STYLE_PLAIN);
  put(canvas, rect_cut_left(&at, PAIR_WIDTH), row->value, style);
  put(canvas, at, row->reported, style);
}

static void draw_curve_row(Canvas *canvas, const StreamRow *row, Rect at)
{
  enum { CURVE_NAME = 9 };
  Rect value = rect_cut_right(&at, PAIR_WIDTH);

  put(canvas, rect_cut_left(&at, CURVE_NAME), row->name, STYLE_PLAIN);
  rect_cut_right(&at, 1);
  draw_curve(canvas, at, row);
  put(canvas, value, row->value, STYLE_DIM);
}

/* A long value continues on the lines below. */
static void draw_fact(Canvas *canvas, const StreamRow *row, Rect at)
{
  Slice rest = row->value;

  put(canvas, rect_cut_left(&at, NAME_WIDTH), row->name, STYLE_PLAIN);
  while (rest.len > 0) {
    put(canvas, at, text_take_words(&rest, (unsigned) at.width), STYLE_PLAIN);
    at.y++;
  }
}

/* What is drawn, for the page. */
typedef struct {
  const GArray *rows;
  int width; /* of a column */
} ShownRows;

static const StreamRow *row_at(const ShownRows *shown, size_t row)
{
  return &g_array_index(shown->rows, StreamRow, row);
}

static bool is_stream_heading(void *data, size_t row)
{
  return row_at(data, row)->kind == STREAM_HEADING;
}

static int stream_row_height(void *data, size_t index)
{
  const ShownRows *shown = data;
  const StreamRow *row = row_at(shown, index);
  Slice rest = row->kind == STREAM_FACT ? row->value : SLICE_NONE;
  int lines = 0;

  for (; rest.len > 0; lines++)
    text_take_words(&rest, (unsigned) MAX(shown->width - NAME_WIDTH, 0));
  return MAX(lines, 1);
}

static void draw_stream_row(void *data, size_t index, Canvas *canvas, Rect at)
{
  const StreamRow *row = row_at(data, index);

  switch (row->kind) {
  case STREAM_HEADING:
    put(canvas, at, row->name, STYLE_HEADING);
    break;
  case STREAM_FACT:
    draw_fact(canvas, row, at);
    break;
  case STREAM_PAIR:
    draw_pair(canvas, row, at);
    break;
  case STREAM_CURVE:
    draw_curve_row(canvas, row, at);
    break;
  }
}

static void draw_rows(StreamView *self, Canvas *canvas, Rect area, const GArray *rows)
{
  int count = area.width >= TWO_COLUMNS ? 2 : 1;

  rect_cut_left(&area, 1);
  rect_cut_right(&area, 1);
  PageColumns columns = page_columns(area.width, count, GAP);
  ShownRows shown = {rows, columns.width};
  const PageModel model = {
    .row_count = rows->len,
    .columns = columns,
    .is_heading = is_stream_heading,
    .height = stream_row_height,
    .draw = draw_stream_row,
    .data = &shown,
  };

  page_draw(&self->page, canvas, area, &model);
}

static void stream_draw(View *view, Canvas *canvas, Rect area)
{
  StreamView *self = (StreamView *) view;
  const AppModel *model = host_model(view->host);
  const StreamPageInput input = {
    .arena = &self->arena,
    .trace = model->trace,
    .stream = stream_of(self),
    .series = self->series,
    .no_series = self->no_series,
    .utc = config_bool(model->config, SETTING_UTC),
    .charset = model->charset,
  };

  if (!input.stream) {
    put(canvas, area, slice_from_string(_("the stream was discarded (limit reached)")), STYLE_HINT);
    return;
  }
  arena_reset(&self->arena);
  g_autoptr(GArray) rows = stream_page_rows(&input);
  draw_rows(self, canvas, area, rows);
}

/* --- commands --- */

static bool stream_command(View *view, CommandId id)
{
  const StreamView *self = (const StreamView *) view;
  const SaveOf of = {
    .calls = &self->call, .call_count = self->call > 0 ? 1 : 0, .stream = self->number};

  if (id == COMMAND_SAVE)
    host_push(view->host, save_view_new(view->host, &of));
  else if (id == COMMAND_PLAY)
    player_open_stream(view->host, self->number);
  else
    return page_command(&((StreamView *) view)->page, id);
  return true;
}

static void stream_close(View *view)
{
  StreamView *self = (StreamView *) view;

  arena_clear(&self->arena);
  g_free(self->series);
  g_free(self->no_series);
  g_free(self);
}

View *stream_view_new(Host *host, uint32_t number)
{
  static const ViewOps OPS = {
    .scope = SCOPE_STREAM,
    .append_title = stream_append_title,
    .draw = stream_draw,
    .command = stream_command,
    .close = stream_close,
  };
  StreamView *self = g_new0(StreamView, 1);

  self->view = (View){.ops = &OPS, .host = host};
  self->number = number;
  arena_init(&self->arena, 16 * 1024);
  begin_series(self);
  return &self->view;
}
