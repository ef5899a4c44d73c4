/*
 * The octets of a capture file on the screen: random keys, clicks and sizes while it is read.  What
 * is pressed follows from the octets, so that a crash can be repeated.  Whatever is saved goes to
 * a folder that is removed.
 */
#include <glib/gstdio.h>
#include <unistd.h>

#include "dissect/trace/pipeline.h"
#include "ui/view/app.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PRESSES = 80, SLICE_US = 2000 };

typedef struct {
  Source *source;
  StoreSet *stores;
  Trace *trace;
  Pipeline *pipeline;
  AppModel model;
  App *app;
  Canvas *canvas;
  uint64_t random; /* state of splitmix64 */
} Fuzz;

static unsigned fuzz_random(Fuzz *fuzz, unsigned below)
{
  uint64_t x = fuzz->random += UINT64_C(0x9E3779B97F4A7C15);

  x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
  return (unsigned) ((x ^ x >> 31) % below);
}

static uint64_t seed_of(const uint8_t *data, size_t size)
{
  uint64_t hash = size;

  for (size_t i = 0; i < size; i++)
    hash = (hash ^ data[i]) * UINT64_C(0x100000001B3);
  return hash;
}

/* The key of some command; of others than quitting more often than of that. */
static KeyCode some_command_key(Fuzz *fuzz)
{
  CommandId id = COMMAND_NONE + 1 + fuzz_random(fuzz, COMMAND_COUNT - 1);

  if (id == COMMAND_LEAVE || id == COMMAND_STOP)
    id = COMMAND_OPEN;
  return keymap_keys(fuzz->model.keymap, id)[0];
}

/* No slash: files are saved in the folder one is in. */
static KeyCode some_character(Fuzz *fuzz)
{
  static const char TEXT[] = "abcdefghijklmnopqrstuvwxyz0123456789 .=!&|()<>\"-_[]~*";

  return (KeyCode) TEXT[fuzz_random(fuzz, sizeof TEXT - 1)];
}

static KeyEvent some_event(Fuzz *fuzz)
{
  static const KeyCode OFTEN[] = {
    KEY_CODE_ENTER, KEY_CODE_DOWN,      KEY_CODE_ESCAPE, KEY_CODE_TAB,       KEY_CODE_RIGHT, ' ',
    KEY_CODE_UP,    KEY_CODE_PAGE_DOWN, KEY_CODE_LEFT,   KEY_CODE_BACKSPACE,
  };
  KeyEvent event = {.x = (int) fuzz_random(fuzz, 100), .y = (int) fuzz_random(fuzz, 50)};

  switch (fuzz_random(fuzz, 8)) {
  case 0:
    event.code = KEY_CODE_MOUSE;
    event.mouse = (MouseAction) fuzz_random(fuzz, MOUSE_WHEEL_DOWN + 1);
    break;
  case 1:
  case 2:
    event.code = some_character(fuzz);
    break;
  case 3:
  case 4:
  case 5:
    event.code = OFTEN[fuzz_random(fuzz, G_N_ELEMENTS(OFTEN))];
    break;
  default:
    event.code = some_command_key(fuzz);
  }
  return event;
}

static void feed(Fuzz *fuzz)
{
  Batch *batch = fuzz->model.loaded ? NULL : pipeline_take(fuzz->pipeline, SLICE_US);

  if (!batch)
    return;
  batch_note(batch, fuzz->trace);
  for (size_t i = 0; i < batch->count; i++) {
    const Message *message = trace_add(fuzz->trace, &batch->arrivals[i]);
    if (message)
      app_note_message(fuzz->app, message);
  }
  fuzz->model.loaded = batch->last;
  pipeline_give_back(fuzz->pipeline, batch);
}

static void draw(Fuzz *fuzz)
{
  bool usual = fuzz_random(fuzz, 4) > 0;
  int width = usual ? 80 : 1 + (int) fuzz_random(fuzz, 200);
  int height = usual ? 24 : 1 + (int) fuzz_random(fuzz, 60);

  canvas_begin(fuzz->canvas, width, height);
  app_draw(fuzz->app, fuzz->canvas, (int64_t) fuzz_random(fuzz, G_USEC_PER_SEC * 100));
}

static void press_keys(Fuzz *fuzz)
{
  for (int i = 0; i < PRESSES && !app_is_over(fuzz->app); i++) {
    KeyEvent event = some_event(fuzz);

    feed(fuzz);
    app_handle_key(fuzz->app, &event);
    app_step(fuzz->app, g_get_monotonic_time() + SLICE_US);
    draw(fuzz);
    while (app_take_wish(fuzz->app) != APP_WISH_NONE)
      continue;
  }
}

static void play(Fuzz *fuzz)
{
  static const char *const NO_FILES[] = {NULL};
  g_autoptr(Config) config = config_new();
  g_autoptr(GPtrArray) complaints = g_ptr_array_new_with_free_func(g_free);

  fuzz->trace = trace_new(&LIMITS_DEFAULT);
  fuzz->pipeline = pipeline_start(fuzz->source, fuzz->stores, &LIMITS_DEFAULT);
  fuzz->model = (AppModel){
    .trace = fuzz->trace,
    .stores = fuzz->stores,
    .source = fuzz->source,
    .seed = pipeline_seed(fuzz->pipeline),
    .files = NO_FILES,
    .config = config,
    .complaints = complaints,
    .charset = fuzz_random(fuzz, 4) > 0 ? TEXT_UTF8 : TEXT_ASCII,
  };
  fuzz->canvas = canvas_new(fuzz->model.charset);
  fuzz->app = app_new(&fuzz->model);
  press_keys(fuzz);
  app_free(fuzz->app);
  canvas_free(fuzz->canvas);
  pipeline_free(fuzz->pipeline);
  trace_free(fuzz->trace);
}

static void remove_folder(const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name(dir))) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    unlink(path);
  }
  rmdir(folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char folder[] = "/tmp/rung-fuzz-XXXXXX";
  g_autofree char *here = g_get_current_dir();
  const char *const files[] = {"capture", NULL};
  const SourceOptions options = {.files = files};
  Fuzz fuzz = {.stores = store_set_new(), .random = seed_of(data, size)};

  g_assert(g_mkdtemp(folder) && chdir(folder) == 0);
  g_assert(g_file_set_contents("capture", (const char *) data, (gssize) size, NULL));
  fuzz.source = source_open(&options, fuzz.stores, NULL);
  if (fuzz.source)
    play(&fuzz);
  source_free(fuzz.source);
  store_set_free(fuzz.stores);
  g_assert(chdir(here) == 0);
  remove_folder(folder);
  return 0;
}
