/*
 * The bytes of a capture file on the screen: random keys, clicks and sizes while it is read, with
 * random settings, and often with limits so low that the calls on the screen are evicted.  What is
 * pressed follows from the bytes, so that a crash can be repeated.  Most runs are short: many
 * inputs find more than many keys.
 */
#include <stdlib.h>

#include "dissect/ingest/pipeline.h"
#include "tests/fuzz/app_cells.h"
#include "tests/fuzz/app_keys.h"
#include "tests/fuzz/memory_folder.h"
#include "ui/view/app.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PRESSES = 8, PRESSES_LONG = 120, SLICE_US = 2000, ARRIVALS_MAX = 8, STRANGER_SIZE = 256 };

static const char CAPTURE[] = "capture";

typedef struct {
  Source *source;
  StoreSet *stores;
  Trace *trace;
  Pipeline *pipeline;
  Batch *batch; /* being filed, or NULL */
  size_t filed; /* of its arrivals */
  unsigned spool;
  ByteRef stranger; /* where the bytes of all of them are */
  unsigned strangers;
  AppModel model;
  App *app;
  Canvas *canvas;
  int width, height;
  AppKeys keys;
} Fuzz;

static unsigned fuzz_random(Fuzz *fuzz, unsigned below)
{
  return app_keys_random(&fuzz->keys, below);
}

static uint64_t seed_of(const uint8_t *data, size_t size)
{
  uint64_t hash = size;

  for (size_t i = 0; i < size; i++)
    hash = (hash ^ data[i]) * UINT64_C(0x100000001B3);
  return hash;
}

/* --- calls that arrive while others are on the screen --- */

static void write_stranger(char text[STRANGER_SIZE], unsigned number)
{
  g_snprintf(text, STRANGER_SIZE,
             "OPTIONS sip:a@example.com SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK%08u\r\n"
             "From: <sip:b@example.com>;tag=f\r\nTo: <sip:a@example.com>\r\nCall-ID: %08u\r\n"
             "CSeq: 1 OPTIONS\r\n\r\n",
             number, number);
}

/* Their bytes are stored once, before the ingest thread uses the stores. */
static void store_stranger(Fuzz *fuzz)
{
  char text[STRANGER_SIZE];

  write_stranger(text, 0);
  g_assert(
    store_set_add_spool(fuzz->stores, &fuzz->spool, NULL) &&
    store_append(fuzz->stores, fuzz->spool, slice_from_string(text), &fuzz->stranger, NULL) &&
    store_set_flush(fuzz->stores, NULL));
}

static void file(Fuzz *fuzz, const Arrival *arrival)
{
  const Message *message = trace_add(fuzz->trace, arrival);

  app_note_message(fuzz->app, message);
}

static void file_stranger(Fuzz *fuzz)
{
  char text[STRANGER_SIZE];
  int64_t now_ns = trace_now(fuzz->trace);
  Arrival arrival = {.raw = {.transport = TRANSPORT_UDP, .ref = fuzz->stranger}};

  if (now_ns == TIME_NONE)
    return;
  write_stranger(text, ++fuzz->strangers);
  arrival.raw.octets = slice_from_string(text);
  arrival.raw.time_ns = now_ns;
  arrival.raw.src = arrival.raw.dst =
    (Endpoint){.family = ADDRESS_IPV4, .address = {10, 0, 0, (uint8_t) fuzz->strangers}};
  g_assert(arrival_parse(&arrival, fuzz->model.seed));
  file(fuzz, &arrival);
}

static void take_batch(Fuzz *fuzz)
{
  fuzz->batch = fuzz->model.loaded ? NULL : pipeline_take(fuzz->pipeline, SLICE_US);
  fuzz->filed = 0;
  if (fuzz->batch)
    batch_note(fuzz->batch, fuzz->trace);
}

/* A few messages at a time, with keys between them. */
static void feed(Fuzz *fuzz)
{
  if (!fuzz->batch)
    take_batch(fuzz);
  if (fuzz_random(fuzz, 4) == 0)
    file_stranger(fuzz);
  if (!fuzz->batch)
    return;
  for (unsigned left = fuzz_random(fuzz, ARRIVALS_MAX + 1);
       left > 0 && fuzz->filed < fuzz->batch->count; left--)
    file(fuzz, &fuzz->batch->arrivals[fuzz->filed++]);
  if (fuzz->filed < fuzz->batch->count)
    return;
  fuzz->model.loaded = fuzz->batch->last;
  pipeline_give_back(fuzz->pipeline, g_steal_pointer(&fuzz->batch));
}

/* --- keys --- */

/* Not what saves outside the folder, and rarely what ends the program. */
static bool is_wanted(Fuzz *fuzz, const KeyEvent *event)
{
  static const KeyCode LEAVES[] = {KEY_CODE_ESCAPE, 'q', 'Q', 'c' | KEY_CODE_CTRL};
  CommandScope scope = host_view(fuzz->app)->ops->scope;

  if (event->code == '/')
    return scope != SCOPE_FORM;
  for (size_t i = 0; i < G_N_ELEMENTS(LEAVES); i++)
    if (event->code == LEAVES[i] && scope == SCOPE_CALLS)
      return fuzz_random(fuzz, 32) == 0;
  return true;
}

/* Mostly small: drawing is what costs most. */
static void resize(Fuzz *fuzz)
{
  static const unsigned SIZES[][2] = {{60, 12}, {60, 8}, {40, 12}, {40, 8}, {80, 8}, {120, 6}};
  static const unsigned LARGE[][2] = {{80, 24}, {80, 24}, {200, 60}};
  const unsigned *size = fuzz_random(fuzz, 16) == 0 ? APP_KEYS_PICK(&fuzz->keys, LARGE)
                                                    : APP_KEYS_PICK(&fuzz->keys, SIZES);
  bool exact = fuzz_random(fuzz, 4) > 0;

  fuzz->width = (int) (exact ? size[0] : 1 + fuzz_random(fuzz, size[0]));
  fuzz->height = (int) (exact ? size[1] : 1 + fuzz_random(fuzz, size[1]));
}

static void draw(Fuzz *fuzz)
{
  if (fuzz_random(fuzz, 16) == 0)
    resize(fuzz);
  canvas_begin(fuzz->canvas, fuzz->width, fuzz->height);
  app_draw(fuzz->app, fuzz->canvas, (int64_t) fuzz_random(fuzz, G_USEC_PER_SEC * 100));
  app_cells_check(fuzz->canvas);
}

static void press_keys(Fuzz *fuzz)
{
  unsigned presses = fuzz_random(fuzz, 32) == 0 ? PRESSES_LONG : PRESSES;
  unsigned keys_per_frame = 2 + fuzz_random(fuzz, 7);

  resize(fuzz);
  for (unsigned i = 1; i <= presses && !app_is_over(fuzz->app); i++) {
    KeyEvent event = app_keys_next(&fuzz->keys);

    feed(fuzz);
    if (is_wanted(fuzz, &event))
      app_handle_key(fuzz->app, &event);
    if (fuzz_random(fuzz, 4) == 0)
      feed(fuzz);
    app_step(fuzz->app, g_get_monotonic_time() + SLICE_US);
    if (i % keys_per_frame == 0)
      draw(fuzz);
    for (AppWish wish; (wish = app_take_wish(fuzz->app)) != APP_WISH_NONE;)
      if (wish == APP_WISH_PIN)
        trace_set_pinned(fuzz->trace, (const uint32_t *) (const void *) fuzz->model.pinned->data,
                         fuzz->model.pinned->len);
  }
}

/* --- what is configured --- */

static void set_at_random(Fuzz *fuzz, Config *config, SettingId id)
{
  static const char *const TEXTS[] = {"", "light", "mono", "mine", CAPTURE, "."};
  g_auto(GStrv) words = g_strsplit(SETTINGS[id].choices, " ", -1);
  char number[16];

  g_snprintf(number, sizeof number, "%u", fuzz_random(fuzz, 100));
  switch (SETTINGS[id].type) {
  case SETTING_TYPE_BOOLEAN:
    (void) !config_set(config, id, fuzz_random(fuzz, 2) ? "on" : "off", NULL);
    break;
  case SETTING_TYPE_NUMBER:
    (void) !config_set(config, id, number, NULL);
    break;
  case SETTING_TYPE_CHOICE:
    (void) !config_set(config, id, words[fuzz_random(fuzz, g_strv_length(words))], NULL);
    break;
  case SETTING_TYPE_TEXT:
    (void) !config_set(config, id, APP_KEYS_PICK(&fuzz->keys, TEXTS), NULL);
    break;
  }
}

static void set_columns(Fuzz *fuzz, Config *config)
{
  const char *columns[] = {"call.number", "header[\"Via\"]", NULL, NULL, NULL};
  const char *widths[] = {"0", "9999", "\xff", NULL};

  columns[2] = field_at(fuzz_random(fuzz, (unsigned) field_count()))->key;
  if (fuzz_random(fuzz, 8) == 0)
    columns[3] = "nothing"; /* similar names are looked for, which costs much */
  config_set_list(config, "columns", "calls", columns);
  config_set_list(config, "columns", "widths", widths);
}

static Config *some_config(Fuzz *fuzz)
{
  Config *config = config_new();

  for (SettingId id = 0; id < SETTING_COUNT; id++)
    if (fuzz_random(fuzz, 4) == 0)
      set_at_random(fuzz, config, id);
  if (fuzz_random(fuzz, 2) == 0)
    set_columns(fuzz, config);
  config_set_value(config, "keys", COMMANDS[1 + fuzz_random(fuzz, COMMAND_COUNT - 1)].name,
                   "F11 j");
  config_set_value(config, "theme mine", "request", "#5fafff on red bold");
  config_set_value(config, "aliases", "192.0.2.1", "\033[2J\u202eSBC\xff");
  return config;
}

/* Half of the time low, so that calls are evicted. */
static Limits some_limits(Fuzz *fuzz)
{
  Limits limits = LIMITS_DEFAULT;

  if (fuzz_random(fuzz, 2) == 0)
    return limits;
  limits.calls = 1 + fuzz_random(fuzz, 6);
  limits.messages = 8 + fuzz_random(fuzz, 64);
  limits.endpoints = 4;
  limits.methods = SIP_METHOD_COUNT + 1;
  limits.carrier.connections = 2;
  return limits;
}

/* --- one run --- */

static void play(Fuzz *fuzz)
{
  static const char *const FILES[] = {CAPTURE, NULL};
  g_autoptr(Config) config = some_config(fuzz);
  g_autoptr(GPtrArray) complaints = g_ptr_array_new_with_free_func(g_free);
  Limits limits = some_limits(fuzz);

  store_stranger(fuzz);
  fuzz->trace = trace_new(&limits);
  fuzz->pipeline = pipeline_new(&(Setup){fuzz->source, fuzz->stores, &limits});
  g_autoptr(Tally) tally = tally_new(fuzz->trace);
  fuzz->model = (AppModel){
    .trace = fuzz->trace,
    .tally = tally,
    .stores = fuzz->stores,
    .source = fuzz->source,
    .seed = pipeline_seed(fuzz->pipeline),
    .files = FILES,
    .config = config,
    .complaints = complaints,
    .charset = fuzz_random(fuzz, 4) > 0 ? TEXT_UTF8 : TEXT_ASCII,
  };
  fuzz->canvas = canvas_new(fuzz->model.charset);
  fuzz->app = app_new(&fuzz->model, &APP_SCREENS);
  press_keys(fuzz);
  app_free(fuzz->app);
  canvas_free(fuzz->canvas);
  if (fuzz->batch)
    pipeline_give_back(fuzz->pipeline, fuzz->batch);
  pipeline_free(fuzz->pipeline);
  trace_free(fuzz->trace);
}

/* Saving must not replace the capture that is read. */
static void check_capture(const uint8_t *data, size_t size)
{
  g_autofree char *octets = NULL;
  gsize length = 0;

  g_assert(g_file_get_contents(CAPTURE, &octets, &length, NULL));
  g_assert(length == size && (size == 0 || memcmp(octets, data, size) == 0));
}

static MemoryFolder folder;

static void remove_folder(void)
{
  memory_folder_clear(&folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *const files[] = {CAPTURE, NULL};
  const SourceOptions options = {.files = files};
  Fuzz fuzz = {.keys = {.random = seed_of(data, size)}};

  if (!folder.path)
    atexit(remove_folder);
  memory_folder_enter(&folder);
  memory_folder_write(CAPTURE, data, size);
  fuzz.stores = store_set_new();
  fuzz.keys.waiting = g_array_new(FALSE, FALSE, sizeof(KeyEvent));
  fuzz.source = source_open(&options, fuzz.stores, NULL);
  if (fuzz.source)
    play(&fuzz);
  source_free(fuzz.source);
  store_set_free(fuzz.stores);
  g_array_unref(fuzz.keys.waiting);
  check_capture(data, size);
  memory_folder_leave(&folder);
  return 0;
}
