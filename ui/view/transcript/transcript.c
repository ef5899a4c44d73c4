#include "capture/language.h"
#include "dissect/query/text_search.h"
#include "ui/show/flow_rungs.h"
#include "ui/show/message_raw.h"
#include "ui/view/message/panes.h"
#include "ui/view/screens.h"
#include "ui/view/widget/ask.h"

enum { SCRATCH_FIRST = 64 * 1024, TAKEN_AT_ONCE = 4096, TAKEN_IN_STEP = 256 };

/* A line of the text: line 0 of a message is its heading, the last one is blank. */
typedef struct {
  size_t rung, line;
} Place;

typedef struct {
  View view;
  FlowRungs *rungs;
  const Message *top; /* the message at the top of the screen; NULL: the first */
  size_t line;        /* of it */
  bool follow;        /* the last message stays visible */
  Rect area;          /* of the last draw */
  Arena scratch;      /* of one message */

  char *needle;       /* searched for last, or NULL */
  GPtrArray *needles; /* char *: earlier ones */
  TextSearch *search; /* for the needle, in its arena; or NULL */
  Arena search_arena;
  const Message *found; /* with the last match, or NULL */
  size_t found_at;      /* its byte */
} TranscriptView;

/* --- the text --- */

typedef struct {
  MessageRaw raw;
  const char *error; /* it cannot be read: shown in place of it; or NULL */
} Block;

/* In the scratch arena, until the next one is read. */
static Block read_block(TranscriptView *self, const Message *message)
{
  const AppModel *model = host_model(self->view.host);
  const RawOptions options = {.width = (unsigned) MAX(self->area.width, 2),
                              .charset = model->charset};
  Block block = {0};
  SipMsg sip;

  arena_reset(&self->scratch);
  if (message_load(message, model->stores, &self->scratch, &sip, NULL))
    block.raw = message_raw_build(&self->scratch, &sip, &options);
  else
    block.error = _("cannot read the message; the file has changed");
  return block;
}

static size_t block_lines(const Block *block)
{
  return 2 + (block->error ? 1 : block->raw.line_count);
}

static const Message *message_at(const TranscriptView *self, size_t rung)
{
  return flow_rungs_at(self->rungs, rung)->message;
}

static size_t lines_of(TranscriptView *self, size_t rung)
{
  Block block = read_block(self, message_at(self, rung));

  return block_lines(&block);
}

/* --- the place --- */

static Place place_of(const TranscriptView *self)
{
  return self->top ? (Place){flow_rungs_find(self->rungs, self->top), self->line} : (Place){0};
}

static void set_place(TranscriptView *self, Place place)
{
  bool any = flow_rungs_count(self->rungs) > 0;

  self->top = any ? message_at(self, place.rung) : NULL;
  self->line = any ? place.line : 0;
}

static Place back(TranscriptView *self, Place place, size_t lines)
{
  while (lines > place.line && place.rung > 0) {
    lines -= place.line;
    place.line = lines_of(self, --place.rung);
  }
  place.line -= MIN(lines, place.line);
  return place;
}

static Place forward(TranscriptView *self, Place place, size_t lines)
{
  size_t count = flow_rungs_count(self->rungs);

  while (place.rung < count) {
    size_t left = lines_of(self, place.rung) - place.line;
    if (lines < left) {
      place.line += lines;
      return place;
    }
    lines -= left;
    place = (Place){place.rung + 1, 0};
  }
  return place;
}

/* Where the last page begins. */
static Place last_place(TranscriptView *self)
{
  size_t page = (size_t) MAX(self->area.height, 1);

  /* without the blank line at the end */
  return back(self, (Place){flow_rungs_count(self->rungs), 0}, page + 1);
}

static bool is_behind(Place a, Place b)
{
  return a.rung != b.rung ? a.rung > b.rung : a.line > b.line;
}

static void go_to(TranscriptView *self, Place place)
{
  Place last = last_place(self);

  set_place(self, is_behind(place, last) ? last : place);
}

static bool scroll(TranscriptView *self, CommandId id)
{
  int rows;

  if (!scroll_rows(id, self->area.height - 1, &rows))
    return false;
  self->follow = id == COMMAND_END;
  if (id == COMMAND_BEGIN)
    set_place(self, (Place){0});
  else if (id == COMMAND_END)
    set_place(self, last_place(self));
  else if (rows < 0)
    set_place(self, back(self, place_of(self), (size_t) -rows));
  else
    go_to(self, forward(self, place_of(self), (size_t) rows));
  return true;
}

/* Evicted calls are dropped; then the place and what was found are gone. */
static void sync_rungs(TranscriptView *self)
{
  if (!flow_rungs_sync(self->rungs))
    return;
  self->top = self->found = NULL;
  self->line = 0;
  view_cancel_job(&self->view);
}

/* True while there are more messages to take. */
static bool take(TranscriptView *self, unsigned most)
{
  unsigned taken = 0;

  while (taken < most && flow_rungs_take(self->rungs))
    taken++;
  flow_rungs_settle(self->rungs);
  return taken == most;
}

static bool transcript_step(View *view, int64_t until_us)
{
  TranscriptView *self = (TranscriptView *) view;
  bool more = true;

  sync_rungs(self);
  size_t before = flow_rungs_count(self->rungs);
  while (more && g_get_monotonic_time() < until_us)
    more = take(self, TAKEN_IN_STEP);
  return more || flow_rungs_count(self->rungs) != before;
}

/* --- drawing --- */

static void transcript_append_title(const View *view, GString *to)
{
  const TranscriptView *self = (const TranscriptView *) view;
  size_t calls = flow_rungs_call_count(self->rungs), count = flow_rungs_count(self->rungs);

  if (calls == 1)
    g_string_append_printf(to, _("call %u"), flow_rungs_call_at(self->rungs, 0));
  else
    g_string_append_printf(to, _("%zu calls"), calls);
  g_string_append(to, _(" as text"));
  if (count > 0)
    g_string_append_printf(to, _(", message %zu/%zu"), MIN(place_of(self).rung, count - 1) + 1,
                           count);
}

/* "12  2026-01-02 10:00:00.505000 10.0.0.1:5060 -> 10.0.0.2:5060 UDP  call 2  +505 ms" */
static void append_heading(const TranscriptView *self, size_t rung, GString *to)
{
  const AppModel *model = host_model(self->view.host);
  const Message *message = message_at(self, rung);
  char passed[TIME_TEXT_MAX];

  g_string_append_printf(to, "%u  ", message->number);
  message_append_when(to, model, message);
  g_string_append_c(to, ' ');
  message_append_where(to, model, message);
  if (flow_rungs_call_count(self->rungs) > 1)
    g_string_append_printf(to, _("  call %u"), message->transaction->call->number);
  if (rung > 0)
    g_string_append_printf(
      to, "  +%s", duration_format(message->time_ns - message_at(self, rung - 1)->time_ns, passed));
}

/* From its line on; returns how many lines of the area were used. */
static int draw_block(TranscriptView *self, Canvas *canvas, Rect area, Place from)
{
  Block block = read_block(self, message_at(self, from.rung));
  int lines = (int) MIN(block_lines(&block) - from.line, (size_t) area.height);
  Rect text = {area.x, area.y, area.width, lines};

  if (from.line == 0) {
    g_autoptr(GString) heading = g_string_new(NULL);
    append_heading(self, from.rung, heading);
    canvas_put_cell(canvas, rect_cut_top(&text, 1),
                    &(CanvasText){slice_of(heading->str, heading->len), STYLE_HEADING, TEXT_LEFT});
  }
  const RawPlace place = {.canvas = canvas, .area = text, .top = from.line > 0 ? from.line - 1 : 0};
  if (block.error) {
    canvas_put_string(canvas, text.x, text.y, STYLE_ERROR, block.error);
  } else {
    message_raw_draw(&block.raw, &place);
    if (self->search)
      message_raw_mark_found(&block.raw, &place, self->search);
  }
  return lines;
}

static void transcript_draw(View *view, Canvas *canvas, Rect area)
{
  TranscriptView *self = (TranscriptView *) view;

  sync_rungs(self);
  self->area = area;
  if (self->follow)
    set_place(self, last_place(self));
  Place place = place_of(self);
  if (place.rung < flow_rungs_count(self->rungs)) /* it may be wrapped otherwise now */
    place.line = MIN(place.line, lines_of(self, place.rung) - 1);
  for (; area.height > 0 && place.rung < flow_rungs_count(self->rungs);
       place = (Place){place.rung + 1, 0})
    rect_cut_top(&area, draw_block(self, canvas, area, place));
  if (flow_rungs_count(self->rungs) == 0)
    canvas_put_string(canvas, area.x, area.y, STYLE_HINT, _("these calls were discarded"));
}

/* --- searching --- */

typedef struct {
  Job job;
  TranscriptView *self;
  size_t rung;
  size_t place; /* in the first message: matches begin there or after it, or before it */
  bool backward, wrapped;
  size_t checked;
  const Message *found;
  size_t found_at;
  size_t unreadable;
} Seek;

static void seek_in(Seek *seek, const Message *message)
{
  TranscriptView *self = seek->self;
  size_t at, place = seek->place;
  SipMsg sip;

  if (seek->checked > 0)
    place = seek->backward ? SIZE_MAX : 0;
  arena_reset(&self->scratch);
  if (!message_load(message, host_model(self->view.host)->stores, &self->scratch, &sip, NULL)) {
    seek->unreadable++;
    return;
  }
  if (seek->backward) {
    at = text_search_find_before(self->search, sip.raw, place);
  } else {
    place = MIN(place, sip.raw.len);
    at = place + text_search_find(self->search, slice_from(sip.raw, place));
  }
  if (at < sip.raw.len) {
    seek->found = message;
    seek->found_at = at;
  }
}

/* Once around: the message it began in is searched again at the end. */
static bool seek_step(Job *job, int64_t until_us)
{
  Seek *seek = (Seek *) job;
  size_t count = flow_rungs_count(seek->self->rungs);

  do {
    if (seek->found || seek->checked > count || count == 0)
      return false;
    seek_in(seek, message_at(seek->self, MIN(seek->rung, count - 1)));
    seek->checked++;
    if (seek->found)
      return false;
    bool at_end = seek->backward ? seek->rung == 0 : seek->rung + 1 >= count;
    seek->wrapped |= at_end;
    if (seek->backward)
      seek->rung = at_end ? count - 1 : seek->rung - 1;
    else
      seek->rung = at_end ? 0 : seek->rung + 1;
  } while (g_get_monotonic_time() < until_us);
  return true;
}

static double seek_progress(const Job *job)
{
  const Seek *seek = (const Seek *) job;

  return (double) seek->checked / (double) (flow_rungs_count(seek->self->rungs) + 1);
}

static void seek_free(Job *job)
{
  g_free(job);
}

/* Two lines above it are shown, too. */
static void seek_done(View *view, Job *job)
{
  enum { ABOVE = 2 };
  TranscriptView *self = (TranscriptView *) view;
  const Seek *seek = (const Seek *) job;

  if (!seek->found) {
    host_tell(view->host, STYLE_WARNING, "not found: %s", self->needle);
    if (seek->unreadable > 0)
      host_tell(view->host, STYLE_ERROR, "not found; cannot read %zu messages", seek->unreadable);
    return;
  }
  self->found = seek->found;
  self->found_at = seek->found_at;
  self->follow = false;
  Block block = read_block(self, seek->found);
  Place place = {flow_rungs_find(self->rungs, seek->found), 0};
  if (!block.error)
    place.line = 1 + message_raw_line_at(&block.raw, seek->found_at);
  go_to(self, back(self, place, ABOVE));
  if (seek->wrapped)
    host_tell(view->host, STYLE_HINT, "search wrapped around");
}

/* From the last match on, if its message is on the screen, else from the top of it. */
static void begin_seek(TranscriptView *self, bool backward)
{
  static const JobOps OPS = {N_("searching"), seek_step, seek_progress, seek_free};
  size_t count = flow_rungs_count(self->rungs);

  if (!self->search || count == 0) {
    host_tell(self->view.host, STYLE_HINT, "no search text yet");
    return;
  }
  Place top = place_of(self), end = forward(self, top, (size_t) MAX(self->area.height, 1));
  size_t rung = self->found ? flow_rungs_find(self->rungs, self->found) : count;
  Seek *seek = g_new0(Seek, 1);
  *seek = (Seek){.job = {&OPS}, .self = self, .rung = top.rung, .backward = backward};
  seek->place = backward ? SIZE_MAX : 0;
  if (rung >= top.rung && rung <= end.rung && rung < count) {
    seek->rung = rung;
    seek->place = backward ? self->found_at : self->found_at + 1;
  }
  view_begin_job(&self->view, &seek->job, seek_done);
}

static void search_for(void *data, Host *host, const char *text)
{
  TranscriptView *self = data;

  (void) host;
  sync_rungs(self);
  if (*text == '\0')
    return;
  g_free(self->needle);
  self->needle = g_strdup(text);
  arena_reset(&self->search_arena);
  self->search = text_search_new(&self->search_arena, slice_from_string(self->needle));
  self->found = NULL;
  begin_seek(self, false);
}

/* --- commands --- */

static const Message *walk_beside(void *data, const Message *message, int direction)
{
  TranscriptView *self = data;

  sync_rungs(self);
  size_t rung = flow_rungs_find(self->rungs, message), count = flow_rungs_count(self->rungs);
  if (direction < 0 ? rung == 0 : rung + 1 >= count)
    return NULL;
  return message_at(self, direction < 0 ? rung - 1 : rung + 1);
}

static void walk_moved(void *data, const Message *message)
{
  TranscriptView *self = data;

  sync_rungs(self);
  go_to(self, (Place){flow_rungs_find(self->rungs, message), 0});
}

static void open_message(TranscriptView *self)
{
  const MessageWalk walk = {walk_beside, walk_moved, self};

  host_push(self->view.host, message_view_new(self->view.host, self->top, &walk));
}

static void save(TranscriptView *self)
{
  g_autoptr(GArray) numbers = flow_rungs_call_numbers(self->rungs);
  const SaveOf of = {.calls = (const uint32_t *) (const void *) numbers->data,
                     .call_count = numbers->len};
  host_push(self->view.host, save_view_new(self->view.host, &of));
}

/* The next message begins at the top of the screen; or this one, and then the one before. */
static void step_message(TranscriptView *self, CommandId id)
{
  Place place = place_of(self);

  self->follow = false;
  if (id == COMMAND_NEXT_MESSAGE && place.rung + 1 < flow_rungs_count(self->rungs))
    go_to(self, (Place){place.rung + 1, 0});
  else if (id == COMMAND_PREVIOUS_MESSAGE)
    set_place(self, (Place){place.rung - (place.line == 0 && place.rung > 0), 0});
}

static bool transcript_command(View *view, CommandId id)
{
  TranscriptView *self = (TranscriptView *) view;

  sync_rungs(self);
  if (!self->top && flow_rungs_count(self->rungs) > 0)
    set_place(self, (Place){0});
  if (scroll(self, id))
    return true;
  if (id == COMMAND_SEARCH)
    ask_line(view->host,
             &(AskSetup){
               .label = _("search: "), .history = self->needles, .done = search_for, .data = self});
  else if (id == COMMAND_SEARCH_NEXT || id == COMMAND_SEARCH_PREVIOUS)
    begin_seek(self, id == COMMAND_SEARCH_PREVIOUS);
  else if (id == COMMAND_NEXT_MESSAGE || id == COMMAND_PREVIOUS_MESSAGE)
    step_message(self, id);
  else if (id == COMMAND_OPEN && self->top)
    open_message(self);
  else if (id == COMMAND_COPY_ALL && self->top)
    message_copy(view->host, self->top);
  else if (id == COMMAND_SAVE)
    save(self);
  else
    return false;
  return true;
}

static bool go_to_message(View *view, uint32_t number)
{
  TranscriptView *self = (TranscriptView *) view;

  sync_rungs(self);
  for (size_t i = 0; i < flow_rungs_count(self->rungs); i++)
    if (message_at(self, i)->number == number) {
      go_to(self, (Place){i, 0});
      return true;
    }
  return false;
}

static void transcript_close(View *view)
{
  TranscriptView *self = (TranscriptView *) view;

  flow_rungs_free(self->rungs);
  arena_clear(&self->scratch);
  arena_clear(&self->search_arena);
  g_ptr_array_unref(self->needles);
  g_free(self->needle);
  g_free(self);
}

View *transcript_view_new(Host *host, const TranscriptOf *of)
{
  static const ViewOps OPS = {
    .scope = SCOPE_TRANSCRIPT,
    .append_title = transcript_append_title,
    .draw = transcript_draw,
    .command = transcript_command,
    .close = transcript_close,
    .step = transcript_step,
    .go = go_to_message,
  };
  TranscriptView *self = g_new0(TranscriptView, 1);

  self->view = (View){.ops = &OPS, .host = host};
  self->rungs = flow_rungs_new(host_model(host)->trace);
  for (size_t i = 0; i < of->count && i < FLOW_CALLS_MAX; i++)
    flow_rungs_add_call(self->rungs, of->calls[i]);
  if (of->count > FLOW_CALLS_MAX)
    host_tell(host, STYLE_WARNING, "showing the first %d of %zu calls", FLOW_CALLS_MAX, of->count);
  self->needles = g_ptr_array_new_with_free_func(g_free);
  arena_init(&self->scratch, SCRATCH_FIRST);
  arena_init(&self->search_arena, sizeof(TextSearch));
  take(self, TAKEN_AT_ONCE);
  self->top = of->at;
  return &self->view;
}
