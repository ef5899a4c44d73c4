/*
 * The terminal program without a terminal: a sample, keys by their names, and the screen they lead
 * to, compared with a golden text.
 */
#pragma once

#include "tests/ui/golden.h"
#include "tests/sample_trace.h"
#include "ui/languages.h"
#include "ui/view/app.h"

typedef struct {
  SampleTrace sample;
  Config *config;
  AppModel model;
  Tally *tally;
  App *app;
  Canvas *canvas;
  int width, height;
} Screen;

typedef struct {
  const char *samples; /* names, separated by blanks */
  int width, height;
  TextCharset charset;
  const char *settings; /* "utc=on flow.time=relative", or NULL */
} ScreenSetup;

/* RUNG_TEST_LANGUAGE=zh: the same screens in Chinese, which have golden texts of their own; what
 * tests say of English texts is not checked then. */
static inline bool screen_is_translated(void)
{
  return getenv("RUNG_TEST_LANGUAGE") != NULL;
}

/* For a test of English texts. */
static inline void screen_skip_translated(void)
{
  if (screen_is_translated())
    skip();
}

static inline void screen_configure(Screen *screen, const char *settings)
{
  g_auto(GStrv) words = g_strsplit(settings ? settings : "", " ", -1);

  for (size_t i = 0; words[i]; i++) {
    char *value = strchr(words[i], '=');
    SettingId id = 0;
    if (!value)
      continue;
    *value = '\0';
    while (id < SETTING_COUNT && strcmp(SETTINGS[id].name, words[i]) != 0)
      id++;
    assert_true(id < SETTING_COUNT);
    assert_true(config_set(screen->config, id, value + 1, NULL));
  }
}

/* Finishes all jobs. */
static inline void screen_settle(Screen *screen)
{
  while (app_step(screen->app, g_get_monotonic_time() + G_USEC_PER_SEC))
    continue;
}

/* As the driver does while it reads. */
static inline void screen_file_all(Screen *screen)
{
  for (size_t i = 0; i < trace_call_count(screen->sample.trace); i++) {
    const Call *call = trace_call_at(screen->sample.trace, i);
    for (const Message *message = call->first; message; message = message->next)
      app_note_message(screen->app, message);
  }
}

static inline Screen *screen_open(const ScreenSetup *setup)
{
  static const char *const NO_FILES[] = {NULL};
  Screen *screen = g_new0(Screen, 1);

  if (screen_is_translated() && setup->charset == TEXT_UTF8)
    language_set(language_find(getenv("RUNG_TEST_LANGUAGE")));
  screen->sample = sample_trace_read(setup->samples);
  screen->config = config_new();
  screen->width = setup->width;
  screen->height = setup->height;
  screen_configure(screen, "utc=on");
  screen_configure(screen, setup->settings);
  screen->tally = tally_new(screen->sample.trace);
  screen->model = (AppModel){
    .trace = screen->sample.trace,
    .tally = screen->tally,
    .stores = screen->sample.stores,
    .source = screen->sample.source,
    .seed = screen->sample.seed,
    .files = NO_FILES,
    .config = screen->config,
    .complaints = g_ptr_array_new_with_free_func(g_free),
    .charset = setup->charset,
    .loaded = true,
  };
  screen->canvas = canvas_new(setup->charset);
  screen->app = app_new(&screen->model, &APP_SCREENS);
  call_index_set_pace(screen->model.index, 0);
  screen_file_all(screen);
  tally_finish(screen->tally);
  screen_settle(screen);
  return screen;
}

static inline void screen_close(Screen *screen)
{
  app_free(screen->app);
  tally_free(screen->tally);
  sound_free(screen->model.sound);
  canvas_free(screen->canvas);
  config_free(screen->config);
  assert_int_equal(screen->model.complaints->len, 0);
  g_ptr_array_unref(screen->model.complaints);
  sample_trace_clear(&screen->sample);
  language_set(NULL);
  g_free(screen);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Screen, screen_close)

static inline void screen_draw(Screen *screen)
{
  canvas_begin(screen->canvas, screen->width, screen->height);
  app_draw(screen->app, screen->canvas, 0);
}

/* What is shown, without styles; freed with g_free. */
static inline char *screen_text(Screen *screen)
{
  screen_draw(screen);
  return canvas_to_text(screen->canvas, false);
}

static inline bool screen_shows(Screen *screen, const char *what)
{
  g_autofree char *text = screen_text(screen);

  return strstr(text, what) != NULL;
}

static inline void assert_shows(Screen *screen, const char *what)
{
  if (screen_is_translated())
    return;
  g_autofree char *text = screen_text(screen);

  if (!strstr(text, what))
    fail_msg("'%s' is missing in:\n%s", what, text);
}

static inline void assert_not_shown(Screen *screen, const char *what)
{
  if (screen_is_translated())
    return;
  g_autofree char *text = screen_text(screen);

  if (strstr(text, what))
    fail_msg("'%s' is in:\n%s", what, text);
}

static inline void screen_press(Screen *screen, KeyCode code)
{
  const KeyEvent event = {.code = code};

  screen_draw(screen);
  app_handle_key(screen->app, &event);
  screen_settle(screen);
}

/* Names of keys, separated by blanks: "Down Enter F2". */
static inline void screen_keys(Screen *screen, const char *names)
{
  Slice rest = slice_from_string(names);

  while (rest.len > 0) {
    Slice name = slice_cut(&rest, ' ');
    KeyCode code = key_from_name(name);
    if (code == KEY_CODE_NONE)
      fail_msg("no key %.*s", SLICE_ARG(name));
    screen_press(screen, code);
  }
}

/* Types a text. */
static inline void screen_type(Screen *screen, const char *text)
{
  for (const char *p = text; *p; p++)
    screen_press(screen, (KeyCode) (unsigned char) *p);
}

static inline void screen_mouse(Screen *screen, MouseAction action, int x, int y)
{
  const KeyEvent event = {KEY_CODE_MOUSE, action, x, y};

  screen_draw(screen);
  app_handle_key(screen->app, &event);
  screen_settle(screen);
}

/* `name`: "view/calls/80.txt"; with the styles of its cells when `styles`. */
static inline void assert_screen(Screen *screen, const char *name, bool styles)
{
  screen_draw(screen);
  g_autofree char *text = canvas_to_text(screen->canvas, styles);
  const Language *language = language_get();
  g_autofree char *path = language ? g_build_filename(language->name, name, NULL) : g_strdup(name);
  if (language || !screen_is_translated())
    assert_golden(path, text);
}

/* A sample on a screen of that size, after those keys. */
static inline Screen *screen_open_at(const char *samples, int width, int height, const char *keys)
{
  Screen *screen =
    screen_open(&(ScreenSetup){.samples = samples, .width = width, .height = height});

  screen_keys(screen, keys);
  return screen;
}

static inline CommandScope screen_scope(Screen *screen)
{
  screen_draw(screen);
  return host_view(screen->app)->ops->scope;
}

typedef struct {
  const char *golden, *samples, *keys;
  int width, height;
} ScreenCase;

/* The screens that `first` and then the keys of each case lead to, with their styles. */
static inline void assert_screens(const ScreenCase *cases, size_t count, const char *first)
{
  for (size_t i = 0; i < count; i++) {
    g_autoptr(Screen) screen =
      screen_open_at(cases[i].samples, cases[i].width, cases[i].height, first);
    screen_keys(screen, cases[i].keys);
    assert_screen(screen, cases[i].golden, true);
  }
}
