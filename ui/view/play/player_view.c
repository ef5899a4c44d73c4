/*
 * Player view: a line at the bottom of the screen below, with the position of what is played.
 *
 * The audio is read a second time, in slices, as far ahead as Sound takes it; Sound plays it in a
 * thread of its own.  Closing the view stops it.
 */
#include "capture/error.h"
#include "capture/language.h"
#include "ui/report/audio_reader.h"
#include "ui/view/screens.h"

enum {
  FRAMES_AT_ONCE = 4096,
  SHOWN_PER_SECOND = 4,          /* positions */
  PATIENCE_US = 5 * 1000 * 1000, /* with a device that is closed */
};

typedef struct {
  View view;
  View *below; /* what it was opened from */
  char *what;  /* "call 3" */
  AudioReader *reader;
  AudioShape shape;
  int64_t opened_us;
  bool has_begun; /* the device was free */
  bool is_read;   /* all of it was put */
  int64_t shown;
} PlayerView;

static Sound *sound_of(const PlayerView *self)
{
  return host_model(self->view.host)->sound;
}

/* Frames that were played. */
static uint64_t played(const PlayerView *self)
{
  return self->has_begun ? sound_played(sound_of(self)) : 0;
}

/* --- telling --- */

/* "cannot play call 3: ...; F2 saves it as a WAV file" */
static void tell_failure(Host *host, const char *what, const char *why)
{
  const Keymap *keymap = host_model(host)->keymap;
  CommandId save = host_view(host)->ops->scope == SCOPE_FLOW ? COMMAND_SAVE_FLOW : COMMAND_SAVE;
  KeyCode code = keymap_keys(keymap, save)[0];
  char key[KEY_NAME_MAX];

  key_to_name(code, key);
  host_tell(host, STYLE_ERROR, "cannot play %s: %s; %s saves it as WAV", what, why,
            code == KEY_CODE_NONE ? ":save" : key);
}

/* What was missing, with numbers; or why nothing was heard. */
static void tell_end(const PlayerView *self)
{
  g_autofree char *missing = audio_reader_missing_text(self->reader);
  g_autoptr(GError) error = NULL;

  if (!audio_reader_finish(self->reader, &error))
    host_tell(self->view.host, STYLE_ERROR, "%s%s%s", error->message, *missing ? ": " : "",
              missing);
  else
    host_tell(self->view.host, *missing ? STYLE_WARNING : STYLE_SUCCESS, "played %s, %.1f s%s%s",
              self->what, (double) played(self) / self->shape.rate, *missing ? "; " : "", missing);
}

/* --- playing --- */

static bool wants_frames(const PlayerView *self)
{
  return !self->is_read && sound_room(sound_of(self)) > 0;
}

static void put_frames(PlayerView *self, int64_t until_us)
{
  int16_t frames[FRAMES_AT_ONCE * AUDIO_READER_CHANNELS_MAX];
  Sound *sound = sound_of(self);

  do {
    bool more = audio_reader_step(self->reader, until_us);
    size_t room = MIN(sound_room(sound), (size_t) FRAMES_AT_ONCE);
    sound_put(sound, frames, audio_reader_take(self->reader, room, frames));
    if (!more)
      sound_put_end(sound);
    self->is_read = !more;
  } while (wants_frames(self) && g_get_monotonic_time() < until_us);
}

/* `failure`: of the device; or NULL. */
static void end(PlayerView *self, const char *failure)
{
  Host *host = self->view.host;

  host_close(host, &self->view);
  if (failure)
    tell_failure(host, self->what, failure);
  else
    tell_end(self);
}

/* False while the device is in use by what was stopped before. */
static bool begin(PlayerView *self)
{
  if (!self->has_begun && sound_is_idle(sound_of(self))) {
    sound_begin(sound_of(self), &(SoundFormat){self->shape.channels, self->shape.rate});
    self->has_begun = true;
  }
  if (!self->has_begun && g_get_monotonic_time() - self->opened_us > PATIENCE_US)
    end(self, _("the sound server does not answer"));
  return self->has_begun;
}

/* How many quarters of a second were played; before that, below 0, the percents that were read. */
static int64_t position(const PlayerView *self)
{
  if (played(self) == 0)
    return (int64_t) (audio_reader_progress(self->reader) * 100) - 101;
  return (int64_t) (played(self) * SHOWN_PER_SECOND / self->shape.rate);
}

/* While the device plays there is nothing to do but to draw the position. */
static bool player_step(View *view, int64_t until_us)
{
  PlayerView *self = (PlayerView *) view;
  g_autoptr(GError) error = NULL;

  if (!begin(self))
    return false;
  if (sound_is_over(sound_of(self), &error)) {
    end(self, error ? error->message : NULL);
    return true;
  }
  if (wants_frames(self))
    put_frames(self, until_us);
  int64_t now = position(self);
  bool moved = now != self->shown;
  self->shown = now;
  return moved || wants_frames(self);
}

/* --- drawing --- */

static void append_clock(GString *to, int64_t seconds)
{
  if (seconds >= 3600)
    g_string_append_printf(to, "%d:%02d:%02d", (int) (seconds / 3600), (int) (seconds / 60 % 60),
                           (int) (seconds % 60));
  else
    g_string_append_printf(to, "%d:%02d", (int) (seconds / 60), (int) (seconds % 60));
}

static void append_position(const PlayerView *self, GString *to)
{
  int64_t now = position(self);

  g_string_append_printf(to, _(" playing %s  "), self->what);
  if (now < 0)
    g_string_append_printf(to, _("reading %d %%"), (int) now + 101);
  else
    append_clock(to, now / SHOWN_PER_SECOND);
  g_string_append(to, " / ");
  append_clock(to, (self->shape.length_ns + 500000000) / 1000000000);
  g_string_append(to, "  ");
}

static void player_draw(View *view, Canvas *canvas, Rect area)
{
  const PlayerView *self = (const PlayerView *) view;
  Rect line = rect_cut_bottom(&area, 1);
  g_autoptr(GString) text = g_string_new(NULL);
  double played_ns = (double) played(self) * 1e9 / self->shape.rate;

  append_position(self, text);
  canvas_fill(canvas, line, STYLE_PLAIN);
  Slice words = slice_of(text->str, text->len);
  canvas_put_cell(canvas, rect_cut_left(&line, (int) text_width(words)),
                  &(CanvasText){words, STYLE_HEADING, TEXT_LEFT});
  rect_cut_right(&line, 1);
  double done = played_ns / (double) MAX(self->shape.length_ns, 1);
  Rect filled = {line.x, line.y, (int) (CLAMP(done, 0, 1) * MAX(line.width, 0)), line.height};
  canvas_fill_glyph(canvas, line, STYLE_DIM, GLYPH_SHADE);
  canvas_fill_glyph(canvas, filled, STYLE_CHART, GLYPH_BLOCK);
}

/* --- the view --- */

static void player_append_title(const View *view, GString *to)
{
  g_string_append_printf(to, _("playing %s"), ((const PlayerView *) view)->what);
}

/* The screen below scrolls. */
static bool player_command(View *view, CommandId id)
{
  View *below = ((PlayerView *) view)->below;

  if (id == COMMAND_STOP_PLAYING)
    host_close(view->host, view);
  else if (id >= COMMAND_UP && id <= COMMAND_END)
    return below->ops->command(below, id);
  return id == COMMAND_STOP_PLAYING;
}

static bool player_stop(View *view)
{
  host_close(view->host, view);
  return true;
}

static void player_close(View *view)
{
  PlayerView *self = (PlayerView *) view;

  if (self->has_begun)
    sound_stop(sound_of(self));
  audio_reader_free(self->reader);
  g_free(self->what);
  g_free(self);
}

/* Pushes the view if there is something to hear. */
static void open_player(Host *host, char *what, AudioReader *reader)
{
  static const ViewOps OPS = {
    .scope = SCOPE_PLAYER,
    .is_dialog = true,
    .append_title = player_append_title,
    .draw = player_draw,
    .command = player_command,
    .close = player_close,
    .step = player_step,
    .stop = player_stop,
  };
  PlayerView *self = g_new0(PlayerView, 1);

  *self = (PlayerView){
    .view = {.ops = &OPS, .host = host},
    .below = host_view(host),
    .what = what,
    .reader = reader,
    .opened_us = g_get_monotonic_time(),
    .shown = INT64_MIN,
  };
  if (audio_reader_shape(reader, &self->shape)) {
    host_push(host, &self->view);
    return;
  }
  tell_end(self);
  player_close(&self->view);
}

/* False, and shows why, if nothing can be played. */
static bool can_play(Host *host, const char *what, bool is_there)
{
  const AppModel *model = host_model(host);

  if (!is_there)
    host_tell(host, STYLE_ERROR, "%s was discarded (limit reached)", what);
  else if (!source_keeps_media(model->source))
    host_tell(host, STYLE_ERROR, "RTP was not kept: start rung with --with-media");
  else if (!model->sound)
    tell_failure(host, what, _("rung was built without libao"));
  else
    return true;
  return false;
}

static PacketSaveInput input_of(Host *host)
{
  const AppModel *model = host_model(host);

  return (PacketSaveInput){model->trace, model->source, model->stores, model->seed,
                           &LIMITS_DEFAULT};
}

void player_open_call(Host *host, uint32_t number)
{
  const Call *call = host_call(host, number);
  g_autofree char *what = g_strdup_printf(_("call %u"), number);
  PacketSaveInput input = input_of(host);

  if (can_play(host, what, call != NULL))
    open_player(host, g_steal_pointer(&what), audio_reader_new(&input, call, NULL));
}

void player_open_stream(Host *host, uint32_t number)
{
  const Trace *trace = host_model(host)->trace;
  const RtpStream *stream =
    number <= trace_stream_count(trace) ? trace_stream_at(trace, number - 1) : NULL;
  g_autofree char *what = g_strdup_printf(_("stream %u"), number);
  PacketSaveInput input = input_of(host);

  if (can_play(host, what, stream != NULL))
    open_player(host, g_steal_pointer(&what), audio_reader_new(&input, NULL, stream));
}
