/* The program in the terminal: feeds the trace, passes keys to the App, gives it time, draws. */
#include <unistd.h>

#include "capture/error.h"
#include "capture/language.h"
#include "ui/clipboard.h"
#include "ui/configuration.h"
#include "ui/masked_copy.h"
#include "ui/pseudonym_map.h"
#include "ui/scratch.h"
#include "ui/session.h"
#include "ui/term/term.h"
#include "ui/view/app.h"
#include "ui/view/resume.h"

/* A key must be answered within 16 ms.  If it arrives during work it waits for the rest of that
 * turn, then for the work that answers it, and for up to two redraws. */
enum {
  FEED_US = 2 * 1000,
  STEP_US = 2 * 1000,
  TALLY_US = 1000,
  DRAW_US = 1000 * 1000 / 30,
  TICK_US = 1000 * 1000,         /* rates are redrawn */
  WAIT_MS = 20,                  /* while input is read */
  WAIT_AT_REST_MS = 50,          /* afterwards: how often signals are checked */
  WAIT_FOR_FIRST_US = 40 * 1000, /* a small file is there as a whole when it is first drawn */
};

typedef struct {
  const Options *options;
  Run run;
  guint faults; /* of the run that were shown */
  Config *config;
  GPtrArray *complaints; /* char *: reported on stderr at the end */
  char *filter;          /* typed, of the list before it was read again */
  AppModel model;
  Tally *tally;         /* of the run */
  LiveNumbers *numbers; /* of --metrics; or NULL */
  Sound *sound;         /* or NULL */
  Hints *hints;         /* or NULL */
  Clipboard *clipboard;
  App *app;
  Term *term;
  Canvas *canvas;
  int64_t drawn_us;
  bool drawn_loaded; /* the screen says that everything was read */
  bool is_behind;    /* the terminal was not ready for what was laid out */
  bool failed;
  bool reloads, follows; /* the files are to be read again; and then followed */

  /* Of several files: all of them are shown together (0), or one by itself. */
  unsigned file_count, shown, wanted;
  char *label;          /* of one by itself, "b.pcap (2/3)"; or NULL */
  GKeyFile **kept;      /* by `shown`: what the user made of it; or NULL */
  GKeyFile *given_back; /* of it, once everything was read; or NULL */

  /* Of the mask. */
  PseudonymMap map;    /* its key is the same for the whole session */
  MaskedCopy *masking; /* is being written; or NULL */
  int masked_fd;       /* the copy that is shown; -1: none is */
  char *masked_news;   /* what it lacks, to be shown; or NULL */
} Browse;

static bool wants_color(const Browse *browse)
{
  return terminal_look(browse->options, STDOUT_FILENO).color &&
         strcmp(config_text(browse->config, SETTING_COLOR), "never") != 0;
}

static TextCharset charset(const Browse *browse)
{
  if (browse->options->ascii || config_bool(browse->config, SETTING_ASCII))
    return TEXT_ASCII;
  return term_charset(browse->term);
}

static void set_theme(Browse *browse, GPtrArray *complaints)
{
  bool has_color = wants_color(browse) && term_has_color(browse->term);

  config_set_mono(browse->config, !has_color);
  Theme theme = config_theme(browse->config, complaints);
  term_set_theme(browse->term, &theme, has_color);
}

static bool open_terminal(Browse *browse, GError **error)
{
  TermSetup setup = {
    .color = wants_color(browse),
    .mouse = config_bool(browse->config, SETTING_MOUSE),
  };

  browse->term = term_open(&setup, error);
  if (browse->term)
    set_theme(browse, browse->complaints);
  return browse->term != NULL;
}

/* Shows what was wrong with the configuration, before there was a screen. */
static void tell_complaints(const Browse *browse)
{
  const GPtrArray *complaints = browse->complaints;

  if (complaints->len == 1)
    host_tell(browse->app, STYLE_WARNING, "%s", (const char *) complaints->pdata[0]);
  else if (complaints->len > 1)
    host_tell(browse->app, STYLE_WARNING, "%u errors: %s", complaints->len,
              (const char *) complaints->pdata[0]);
}

static bool open_input(const Browse *browse, Run *run, GError **error)
{
  SourceOptions source = options_source(browse->options);
  Limits limits = machine_limits(browse->options);

  g_autoptr(Verifier) verifier = NULL;
  g_autofree char *warning = NULL;
  char masked[SCRATCH_PATH_MAX];
  const char *const masked_files[] = {masked, NULL};
  source.follow = browse->follows;
  const char *const one[] = {browse->wanted > 0 ? source.files[browse->wanted - 1] : NULL, NULL};
  if (browse->wanted > 0)
    source.files = one;
  if (browse->masked_fd >= 0) {
    scratch_path(browse->masked_fd, masked);
    source = (SourceOptions){.files = masked_files};
  }
  source.buffer_bytes = machine_capture_buffer(browse->options);
  if (!options_verifier(browse->options, &verifier, &warning, error) ||
      !run_open(run, &source, &limits, error) || !session_open_hep(browse->options, run, error))
    return false;
  if (warning && !browse->options->quiet && browse->complaints)
    g_ptr_array_add(browse->complaints, g_steal_pointer(&warning));
  trace_set_verifier(run->trace, g_steal_pointer(&verifier));
  if (browse->masked_fd < 0)
    session_read_notes(run, browse->complaints);
  run->follows_media = true;
  store_set_limit(run->stores, machine_disk_limit(browse->options));
  return true;
}

/* Faults are shown when they occur, and reported on stderr at the end. */
static void show_fault(Browse *browse, const char *fault)
{
  browse->failed = true;
  g_ptr_array_add(browse->complaints, g_strdup(fault));
  host_tell(browse->app, STYLE_WARNING, "%s", fault);
}

/* The capture goes on without. */
static void begin_numbers(Browse *browse)
{
  g_autoptr(GError) error = NULL;

  if (!live_numbers_begin(browse->numbers, &browse->run, browse->tally, &error))
    show_fault(browse, error->message);
}

/* The first file, unless it is a pipe, a device or an interface. */
static const char *noted_file(const Browse *browse)
{
  const char *name = source_input_name(browse->run.source, 0);

  return browse->options->files && g_file_test(name, G_FILE_TEST_IS_REGULAR) ? name : NULL;
}

/* The first screen, of an input that was opened. */
static void begin(Browse *browse)
{
  bool is_masked = browse->masked_fd >= 0;

  run_start(&browse->run);
  browse->tally = tally_new(browse->run.trace);
  browse->model = (AppModel){
    .trace = browse->run.trace,
    .tally = browse->tally,
    .stores = browse->run.stores,
    .source = browse->run.source,
    .seed = browse->run.seed,
    .files = browse->options->files,
    .noted = is_masked ? NULL : noted_file(browse),
    .filter = browse->filter || is_masked ? browse->filter : browse->options->where_text,
    .label = is_masked               ? _("masked")
             : browse->options->demo ? _("demo")
                                     : browse->label,
    .masked = is_masked,
    .filter_is_typed = browse->filter != NULL,
    .config = browse->config,
    .complaints = browse->complaints,
    .charset = charset(browse),
    .sound = browse->sound,
    .hints = browse->hints,
  };
  browse->app = app_new(&browse->model, &APP_SCREENS);
  begin_numbers(browse);
}

static void pin(Browse *browse)
{
  const GArray *pinned = browse->model.pinned;

  trace_set_pinned(browse->run.trace, (const uint32_t *) (const void *) pinned->data, pinned->len);
}

/* --- What the user made of it ----------------------------------------------------------------- */

/* Of what is shown, before it goes; of a copy without names, nothing. */
static void keep(Browse *browse)
{
  GKeyFile **kept = &browse->kept[browse->shown];

  if (browse->model.masked)
    return;
  g_clear_pointer(kept, g_key_file_unref);
  *kept = resume_take(&browse->model, browse->given_back);
  g_clear_pointer(&browse->given_back, g_key_file_unref);
}

/* Of what comes: its filter, or where there is nothing, that of what goes; the rest once everything
 * was read. */
static void give_back_later(Browse *browse)
{
  GKeyFile *kept = browse->masked_fd < 0 ? browse->kept[browse->shown] : NULL;
  const char *now = browse->masked_fd < 0 ? browse->model.filter_now : NULL;

  g_clear_pointer(&browse->given_back, g_key_file_unref);
  browse->given_back = kept ? g_key_file_ref(kept) : NULL;
  g_free(browse->filter);
  browse->filter = kept ? resume_filter(kept) : g_strdup(now);
}

static void give_back(Browse *browse)
{
  unsigned left_out = resume_give(browse->given_back, &browse->model);

  g_clear_pointer(&browse->given_back, g_key_file_unref);
  pin(browse);
  if (left_out > 0)
    host_tell(browse->app, STYLE_WARNING,
              "%u marks and bookmarks are of calls that the capture has no more", left_out);
}

/* Are the inputs files that can be opened again? */
static bool can_resume(const Browse *browse)
{
  return !browse->options->demo && !browse->options->no_config && browse->file_count > 0 &&
         noted_file(browse) != NULL;
}

static void resume(Browse *browse)
{
  g_autoptr(GError) error = NULL;

  browse->kept[0] = resume_read(browse->options->files, &error);
  if (error)
    g_ptr_array_add(browse->complaints, g_strdup(error->message));
  give_back_later(browse);
  if (browse->options->where_text) /* is newer */
    g_clear_pointer(&browse->filter, g_free);
}

/* What is kept of one file by itself goes with the program.  Whoever only looks changes nothing. */
static void remember(Browse *browse)
{
  g_autoptr(GError) error = NULL;

  if (!can_resume(browse))
    return;
  keep(browse);
  if (!browse->kept[0] && !browse->options->resume)
    return;
  if (!resume_write(browse->options->files, browse->kept[0], &error))
    g_ptr_array_add(browse->complaints, g_strdup(error->message));
}

static void change_file(Browse *browse, bool forward)
{
  unsigned views = browse->file_count + 1;

  browse->wanted = (browse->wanted + (forward ? 1 : views - 1)) % views;
  browse->reloads = true;
}

/* What is wanted is shown from now on. */
static void note_shown(Browse *browse)
{
  browse->shown = browse->wanted;
  g_clear_pointer(&browse->label, g_free);
  if (browse->shown == 0)
    return;
  g_autofree char *name = g_path_get_basename(browse->options->files[browse->shown - 1]);
  browse->label = g_strdup_printf("%s (%u/%u)", name, browse->shown, browse->file_count);
}

/* Reads the files again: another trace, another App.  When one cannot be opened any more,
 * everything stays as it is. */
static void reload(Browse *browse)
{
  g_autoptr(GError) error = NULL;
  Run run;

  browse->reloads = false;
  if (!open_input(browse, &run, &error)) {
    host_tell(browse->app, STYLE_ERROR, "%s", error->message);
    browse->wanted = browse->shown;
    return;
  }
  run.is_confined = browse->run.is_confined;
  g_clear_pointer(&browse->masking, masked_copy_free); /* it reads what goes now */
  keep(browse);
  note_shown(browse);
  give_back_later(browse);
  app_free(browse->app);
  live_numbers_end(browse->numbers);
  tally_free(browse->tally);
  run_close(&browse->run, false);
  browse->run = run;
  browse->faults = 0;
  begin(browse);
}

/* --- The mask --------------------------------------------------------------------------------- */

static char *news_of(const MaskedLosses *losses)
{
  if (losses->messages + losses->media == 0)
    return NULL;
  return g_strdup_printf(_("masked: %" G_GUINT64_FORMAT " messages and %" G_GUINT64_FORMAT
                           " other packets cannot be masked, and are left out"),
                         losses->messages, losses->media);
}

/* Shows the copy, or the files again, or gives the copy up that is being written. */
static void change_mask(Browse *browse)
{
  g_autoptr(GError) error = NULL;

  if (browse->masking) {
    g_clear_pointer(&browse->masking, masked_copy_free);
    host_tell(browse->app, STYLE_HINT, "masking was cancelled");
    return;
  }
  if (browse->masked_fd >= 0) {
    close(browse->masked_fd);
    browse->masked_fd = -1;
    browse->reloads = true;
    return;
  }
  bool has_key = browse->map.pseudonyms || pseudonym_map_open(NULL, &browse->map, &error);
  if (has_key)
    browse->masking = masked_copy_new(&browse->run, browse->map.pseudonyms, &error);
  if (!browse->masking)
    host_tell(browse->app, STYLE_ERROR, "%s", error->message);
}

/* A slice of writing the copy; true while there is more to do. */
static bool write_masked(Browse *browse, int64_t until_us)
{
  g_autoptr(GError) error = NULL;
  MaskedLosses losses;

  if (!browse->masking)
    return false;
  if (masked_copy_step(browse->masking, until_us)) {
    host_tell(browse->app, STYLE_HINT, "masking: %u %%",
              (unsigned) (100 * masked_copy_progress(browse->masking)));
    return true;
  }
  browse->masked_fd = masked_copy_take(browse->masking, &losses, &error);
  g_clear_pointer(&browse->masking, masked_copy_free);
  if (browse->masked_fd < 0) {
    host_tell(browse->app, STYLE_ERROR, "%s", error->message);
    return false;
  }
  browse->masked_news = news_of(&losses);
  browse->reloads = true;
  return true;
}

/* What the inputs lack: no failure. */
static void show_notes(Browse *browse)
{
  const GPtrArray *notes = source_notes(browse->run.source);

  for (guint i = 0; i < notes->len; i++)
    host_tell(browse->app, STYLE_WARNING, "%s", (const char *) notes->pdata[i]);
  if (browse->masked_news)
    host_tell(browse->app, STYLE_WARNING, "%s", browse->masked_news);
  g_clear_pointer(&browse->masked_news, g_free);
}

static void note_message(void *data, const Arrival *arrival, const Message *message)
{
  Browse *browse = data;

  (void) arrival;
  app_note_message(browse->app, message);
}

/* The next batch of a file comes soon, so it is waited for; keys are checked in between. */
static bool is_loading(const Browse *browse)
{
  return !browse->model.loaded && !source_is_live(browse->run.source);
}

static uint64_t wait_us(const Browse *browse, int64_t until_us)
{
  int64_t left_us = until_us - g_get_monotonic_time();

  return is_loading(browse) && left_us > 0 ? (uint64_t) left_us : 0;
}

/* Feeds the trace until that time; false when nothing arrived. */
static bool feed(Browse *browse, int64_t until_us)
{
  bool any = false;

  while (!browse->run.over &&
         run_feed(&browse->run, wait_us(browse, until_us), note_message, browse)) {
    any = true;
    while (browse->faults < browse->run.faults->len)
      show_fault(browse, browse->run.faults->pdata[browse->faults++]);
    browse->model.loaded = browse->run.over;
    if (browse->run.over)
      tally_finish(browse->tally);
    if (browse->run.over)
      show_notes(browse);
    if (g_get_monotonic_time() >= until_us)
      break;
  }
  return any;
}

static void take_settings(Browse *browse)
{
  g_autoptr(GPtrArray) complaints = g_ptr_array_new_with_free_func(g_free);

  set_theme(browse, complaints);
  term_set_mouse(browse->term, config_bool(browse->config, SETTING_MOUSE));
  browse->model.charset = browse->canvas->charset = charset(browse);
}

static void copy(Browse *browse)
{
  Slice text = app_copied(browse->app);
  Clipboard *clipboard = browse->clipboard;
  const char *program = clipboard_program(clipboard);
  bool in_terminal = clipboard_has_terminal(clipboard) && term_copy(browse->term, text);
  g_autoptr(GError) error = NULL;
  bool in_program = program && clipboard_start(clipboard, text, &error);

  if (in_terminal && in_program)
    host_tell(browse->app, STYLE_SUCCESS, "copied %zu bytes to the clipboard: terminal, %s",
              text.len, program);
  else if (in_terminal && error)
    host_tell(browse->app, STYLE_WARNING, "copied %zu bytes to the clipboard: terminal only: %s",
              text.len, error->message);
  else if (in_terminal || in_program)
    host_tell(browse->app, STYLE_SUCCESS, "copied %zu bytes to the clipboard: %s", text.len,
              in_program ? program : _("terminal"));
  else if (error)
    host_tell(browse->app, STYLE_ERROR, "%s", error->message);
  else
    host_tell(browse->app, STYLE_ERROR, "%zu bytes are too many for the terminal's clipboard",
              text.len);
}

static void tell_of_clipboard(Browse *browse)
{
  g_autofree char *news = clipboard_news(browse->clipboard);

  if (news)
    host_tell(browse->app, STYLE_WARNING, "%s", news);
}

static void grant_wishes(Browse *browse)
{
  for (AppWish wish; (wish = app_take_wish(browse->app)) != APP_WISH_NONE;) {
    if (wish == APP_WISH_REDRAW)
      term_forget(browse->term);
    else if (wish == APP_WISH_SUSPEND)
      term_suspend(browse->term);
    else if (wish == APP_WISH_COPY)
      copy(browse);
    else if (wish == APP_WISH_PIN)
      pin(browse);
    else if (wish == APP_WISH_THEME)
      take_settings(browse);
    else if (wish == APP_WISH_STOP)
      source_stop(browse->run.source);
    else if (wish == APP_WISH_MASK)
      change_mask(browse);
    else if (wish == APP_WISH_NEXT_FILE || wish == APP_WISH_PREVIOUS_FILE)
      change_file(browse, wish == APP_WISH_NEXT_FILE);
    if (wish == APP_WISH_STOP || wish == APP_WISH_FOLLOW)
      browse->follows = wish == APP_WISH_FOLLOW;
    browse->reloads |= wish == APP_WISH_RELOAD || wish == APP_WISH_FOLLOW;
  }
}

/* Handles all keys that have arrived, waiting for the first; false when there was none.  Those for
 * a screen that one of them opens are left until it was laid out: before, it has no rows. */
static bool take_keys(Browse *browse, int wait_ms)
{
  const View *shown = host_view(browse->app);
  KeyEvent event;
  bool any = false;

  while (!app_is_over(browse->app) && host_view(browse->app) == shown &&
         term_next_key(browse->term, any ? 0 : wait_ms, &event)) {
    app_handle_key(browse->app, &event);
    grant_wishes(browse);
    any = true;
  }
  return any;
}

static void lay_out(Browse *browse, int64_t now_us)
{
  int width, height;

  browse->model.now_ns =
    !browse->model.loaded && source_is_live(browse->run.source) ? run_now(&browse->run) : TIME_NONE;
  term_size(browse->term, &width, &height);
  canvas_begin(browse->canvas, width, height);
  app_draw(browse->app, browse->canvas, now_us);
}

static void draw(Browse *browse, int64_t now_us)
{
  lay_out(browse, now_us);
  term_draw(browse->term, browse->canvas);
  browse->drawn_us = g_get_monotonic_time();
  browse->drawn_loaded = browse->model.loaded;
  browse->is_behind = false;
}

static bool is_stale(const Browse *browse)
{
  return app_is_dirty(browse->app) || browse->is_behind ||
         browse->model.loaded != browse->drawn_loaded;
}

/* A key is answered at once, even if a slow terminal cannot show it yet; other changes are drawn at
 * most 30 times a second, or as often as the terminal can take. */
static void draw_if_due(Browse *browse, bool at_once)
{
  int64_t now_us = g_get_monotonic_time(), passed_us = now_us - browse->drawn_us;
  bool due = is_stale(browse) && (at_once || passed_us >= DRAW_US);

  if (term_is_ready(browse->term)) {
    if (due || (!browse->model.loaded && passed_us >= TICK_US))
      draw(browse, now_us);
  } else if (due && at_once) {
    lay_out(browse, now_us);
    browse->is_behind = true;
  }
}

static int wait_ms(const Browse *browse, bool busy)
{
  if (busy || is_loading(browse))
    return 0;
  return browse->model.loaded && !is_stale(browse) ? WAIT_AT_REST_MS : WAIT_MS;
}

/* Avoids flicker with small files. */
static void wait_for_first(Browse *browse)
{
  int64_t until_us = g_get_monotonic_time() + WAIT_FOR_FIRST_US;

  while (!browse->run.over && (is_loading(browse) || source_follows(browse->run.source)) &&
         g_get_monotonic_time() < until_us)
    feed(browse, until_us);
}

/* By the time of the capture, also when it is silent. */
static bool count_calls(Browse *browse, int64_t until_us)
{
  bool is_live = !browse->model.loaded && source_is_live(browse->run.source);
  int64_t now_ns = is_live ? run_now(&browse->run) : trace_now(browse->run.trace);

  live_numbers_tick(browse->numbers, now_ns);
  g_autofree char *news = live_numbers_news(browse->numbers);
  if (news)
    show_fault(browse, news);
  return now_ns != TIME_NONE && tally_step(browse->tally, now_ns, until_us);
}

static void loop(Browse *browse)
{
  bool busy = true;

  wait_for_first(browse);
  while (!app_is_over(browse->app) && !term_is_gone(browse->term) && !signals_came()) {
    bool pressed = take_keys(browse, wait_ms(browse, busy));
    busy = app_step(browse->app, g_get_monotonic_time() + STEP_US);
    busy |= count_calls(browse, g_get_monotonic_time() + TALLY_US);
    busy |= write_masked(browse, g_get_monotonic_time() + FEED_US);
    tell_of_clipboard(browse);
    draw_if_due(browse, pressed);
    busy |= feed(browse, g_get_monotonic_time() + FEED_US);
    if (browse->given_back && (browse->model.loaded || (browse->follows && !busy)))
      give_back(browse);
    if (browse->reloads) {
      reload(browse);
      wait_for_first(browse);
    }
  }
}

static void complain(Browse *browse)
{
  g_autoptr(GError) error = NULL;

  if (!config_save(browse->config, &error))
    g_ptr_array_add(browse->complaints, g_strdup(error->message));
  for (unsigned i = 0; i < browse->complaints->len; i++)
    if (!browse->options->quiet)
      session_complain(browse->complaints->pdata[i]);
}

/* What a live capture lost is reported even with --quiet. */
static void report_losses(Browse *browse)
{
  const GPtrArray *faults = browse->run.faults;

  if (browse->options->files)
    return;
  for (unsigned i = 0; i < faults->len && browse->options->quiet; i++)
    session_complain(faults->pdata[i]);
  if (source_dropped(browse->run.source) == 0)
    return;
  g_autofree char *text = session_packet_counts(&browse->run);
  session_complain(text);
  browse->failed = true;
}

static void end(Browse *browse)
{
  remember(browse);
  g_clear_pointer(&browse->term, term_close);
  signals_release();
  g_clear_pointer(&browse->masking, masked_copy_free);
  if (browse->masked_fd >= 0)
    close(browse->masked_fd);
  g_free(browse->masked_news);
  pseudonym_map_clear(&browse->map);
  g_clear_pointer(&browse->app, app_free);
  g_clear_pointer(&browse->numbers, live_numbers_free);
  g_clear_pointer(&browse->tally, tally_free);
  g_clear_pointer(&browse->sound, sound_free);
  g_clear_pointer(&browse->canvas, canvas_free);
  g_clear_pointer(&browse->hints, hints_free);
  complain(browse);
  report_losses(browse);
}

/* Without its program, the terminal's. */
static void open_clipboard(Browse *browse)
{
  const Options *options = browse->options;
  g_autoptr(GError) error = NULL;

  browse->clipboard =
    clipboard_new(config_text(browse->config, SETTING_CLIPBOARD), options->user, &error);
  if (browse->clipboard)
    return;
  g_ptr_array_add(browse->complaints, g_strdup_printf("clipboard: %s", error->message));
  browse->clipboard = clipboard_new("terminal", NULL, NULL);
}

/* Without a configuration nothing could be remembered. */
static Hints *hints_of(const Browse *browse)
{
  bool is_tour = browse->options->demo;

  if (!is_tour && (browse->options->no_config || !config_bool(browse->config, SETTING_HINTS)))
    return NULL;
  return hints_new(browse->config, is_tour);
}

/* What to do, also without the right to capture. */
static void complain_of_opening(const Options *options, const GError *error)
{
  g_autofree char *text = g_strdup_printf(_("%s; rung --demo shows a sample"), error->message);
  bool lacks_rights = g_error_matches(error, APP_ERROR, APP_ERROR_RIGHTS);

  session_complain(lacks_rights && !options->files ? text : error->message);
}

ExitStatus browse_run(const Options *options)
{
  Browse browse = {
    .options = options, .follows = options->follow, .map = {.fd = -1}, .masked_fd = -1};
  g_autoptr(GError) error = NULL;
  ExitStatus status;

  if (options->time == TIME_EPOCH) {
    session_complain(
      "--time epoch is for text; the screen shows absolute, relative or delta times");
    return EXIT_USAGE;
  }
  while (options->files && options->files[browse.file_count])
    browse.file_count++;
  browse.kept = g_new0(GKeyFile *, browse.file_count + 1);
  browse.complaints = g_ptr_array_new_with_free_func(g_free);
  browse.config = configuration_load(options, browse.complaints);
  open_clipboard(&browse);
  bool opened =
    live_numbers_open(options, &browse.numbers, &error) && open_input(&browse, &browse.run, &error);
  if (opened && session_drop_rights(options, &browse.run, NULL, &error) &&
      open_terminal(&browse, &error)) { /* which starts a thread */
    signals_hold();
    browse.canvas = canvas_new(charset(&browse));
    browse.sound = sound_driver() ? sound_new(sound_driver(), NULL) : NULL;
    browse.hints = hints_of(&browse);
    if (options->resume)
      resume(&browse);
    begin(&browse);
    tell_complaints(&browse);
    loop(&browse);
    end(&browse);
    status = browse.failed ? EXIT_FAILED : EXIT_OK;
  } else {
    g_clear_pointer(&browse.term, term_close);
    complain_of_opening(options, error);
    status = g_error_matches(error, APP_ERROR, APP_ERROR_USAGE) ? EXIT_USAGE : EXIT_FAILED;
  }
  g_clear_pointer(&browse.numbers, live_numbers_free);
  if (opened)
    run_close(&browse.run, SESSION_KEEPS_TRACE);
  clipboard_free(browse.clipboard);
  config_free(browse.config);
  for (unsigned i = 0; i <= browse.file_count; i++)
    g_clear_pointer(&browse.kept[i], g_key_file_unref);
  g_free(browse.kept);
  g_clear_pointer(&browse.given_back, g_key_file_unref);
  g_free(browse.label);
  g_free(browse.filter);
  g_ptr_array_unref(browse.complaints);
  return status;
}
