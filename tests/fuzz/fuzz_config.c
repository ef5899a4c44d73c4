/*
 * The bytes of a configuration file: it is read, and its theme, keys, columns, filters and names of
 * hosts are used; one setting is changed and read again; what -D writes reads as the same.
 */
#include <stdlib.h>

#include "tests/fuzz/memory_folder.h"
#include "ui/show/call_columns.h"
#include "ui/view/app.h"
#include "ui/view/calls/filter_line.h"
#include "ui/view/screens.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WIDTH = 132 };

static const char PATH[] = "rung.ini";

/* Made in the first run: no configuration changes them. */
typedef struct {
  MemoryFolder folder;
  StoreSet *stores;
  Trace *trace;
  GPtrArray *complaints; /* char * */
} Fuzz;

static Fuzz fuzz;

static void clear(void)
{
  memory_folder_clear(&fuzz.folder);
  store_set_free(fuzz.stores);
  trace_free(fuzz.trace);
  g_ptr_array_unref(fuzz.complaints);
}

static Config *load(void)
{
  g_ptr_array_set_size(fuzz.complaints, 0);
  return config_load(PATH, fuzz.complaints);
}

/* The hosts file of the configuration is not read: it may be anything, such as a terminal. */
static void use(Config *config)
{
  g_autoptr(Tally) tally = tally_new(fuzz.trace);
  AppModel model = {.trace = fuzz.trace,
                    .stores = fuzz.stores,
                    .tally = tally,
                    .config = config,
                    .complaints = fuzz.complaints};
  g_autoptr(GPtrArray) columns = columns_load(config, COLUMNS_OF_CALLS, WIDTH);
  g_autoptr(FilterLine) filter = filter_line_new(config, &(FilterRows){0});
  unsigned needed[CALL_COLUMNS_MAX] = {0}, widths[CALL_COLUMNS_MAX];

  g_assert(columns->len > 0 && columns->len <= CALL_COLUMNS_MAX);
  g_assert(!filter_line_is_typed(filter));
  call_columns_fit(columns, needed, WIDTH, widths);
  (void) config_theme(config, fuzz.complaints);
  if (!config_override(config, SETTING_HOSTS_FILE, "", NULL))
    g_assert_not_reached();
  app_model_begin(&model);
  app_model_configure(&model);
  app_model_clear(&model);
}

static char *dump(const Config *config)
{
  GString *text = g_string_new(NULL);

  config_dump(config, text);
  return g_string_free(text, FALSE);
}

static void check_dump(void)
{
  g_autoptr(Config) config = load();
  g_autofree char *text = dump(config);

  memory_folder_write(PATH, (const uint8_t *) text, strlen(text));
  g_autoptr(Config) again = load();
  g_autofree char *same = dump(again);
  g_assert(strcmp(text, same) == 0);
}

/* A file with lines that cannot be read is not replaced. */
static void check_change(void)
{
  g_autoptr(Config) config = load();
  const char *next = config_bool(config, SETTING_UTC) ? "off" : "on";

  config_set_value(config, "aliases", "[2001:db8::1]:5060", " a \\ b");
  if (!config_set(config, SETTING_UTC, next, NULL))
    g_assert_not_reached();
  if (!config_save(config, NULL))
    return;
  g_autoptr(Config) again = load();
  g_autofree char *alias = config_value(again, "aliases", "[2001:db8::1]:5060");
  g_assert(strcmp(config_text(again, SETTING_UTC), next) == 0);
  g_assert(g_strcmp0(alias, " a \\ b") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (!fuzz.trace) {
    fuzz.trace = trace_new(&LIMITS_DEFAULT);
    fuzz.stores = store_set_new();
    fuzz.complaints = g_ptr_array_new_with_free_func(g_free);
    atexit(clear);
  }
  memory_folder_enter(&fuzz.folder);
  memory_folder_write(PATH, data, size);
  g_autoptr(Config) config = load();
  use(config);
  check_change();
  if (size % 4 == 0) /* it takes longer than all else */
    check_dump();
  memory_folder_leave(&fuzz.folder);
  return 0;
}
