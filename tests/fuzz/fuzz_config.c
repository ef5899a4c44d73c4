/*
 * The octets of a configuration file: read, told what is wrong in it, its theme, keys, columns,
 * filters and names of hosts used; written as -D does, which reads as the same; then changed, which
 * is found again.
 */
#include <glib/gstdio.h>
#include <unistd.h>

#include "ui/show/call_columns.h"
#include "ui/view/calls/columns_view.h"
#include "ui/view/app_model.h"
#include "ui/view/calls/filter_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WIDTH = 132 };

typedef struct {
  const char *path;
  GPtrArray *complaints; /* char * */
} Fuzz;

static Config *load(Fuzz *fuzz)
{
  g_ptr_array_set_size(fuzz->complaints, 0);
  return config_load(fuzz->path, fuzz->complaints);
}

/* The hosts file of the configuration is not read: it may be anything, such as a terminal. */
static void use(Fuzz *fuzz, Config *config)
{
  g_autoptr(StoreSet) stores = store_set_new();
  g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
  AppModel model = {
    .trace = trace, .stores = stores, .config = config, .complaints = fuzz->complaints};
  g_autoptr(GPtrArray) columns = columns_load(config, WIDTH);
  g_autoptr(FilterLine) filter = filter_line_new(config);
  unsigned needed[CALL_COLUMNS_MAX] = {0}, widths[CALL_COLUMNS_MAX];

  g_assert(columns->len > 0 && columns->len <= CALL_COLUMNS_MAX);
  g_assert(!filter_line_is_typed(filter));
  call_columns_fit(columns, needed, WIDTH, widths);
  (void) config_theme(config, fuzz->complaints);
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

static void check_dump(Fuzz *fuzz)
{
  g_autoptr(Config) config = load(fuzz);
  g_autofree char *text = dump(config);

  g_assert(g_file_set_contents(fuzz->path, text, -1, NULL));
  g_autoptr(Config) again = load(fuzz);
  g_autofree char *same = dump(again);
  g_assert(strcmp(text, same) == 0);
}

/* A file with lines that nobody can read stays as it is. */
static void check_change(Fuzz *fuzz)
{
  g_autoptr(Config) config = load(fuzz);
  const char *next = config_bool(config, SETTING_UTC) ? "off" : "on";

  config_set_value(config, "aliases", "[2001:db8::1]:5060", " a \\ b");
  if (!config_set(config, SETTING_UTC, next, NULL))
    g_assert_not_reached();
  if (!config_save(config, NULL))
    return;
  g_autoptr(Config) again = load(fuzz);
  g_autofree char *alias = config_value(again, "aliases", "[2001:db8::1]:5060");
  g_assert(strcmp(config_text(again, SETTING_UTC), next) == 0);
  g_assert(g_strcmp0(alias, " a \\ b") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char path[] = "/tmp/rung-fuzz-XXXXXX";
  Fuzz fuzz = {path, g_ptr_array_new_with_free_func(g_free)};
  int fd = g_mkstemp(path);

  g_assert(fd >= 0 && write(fd, data, size) == (ssize_t) size);
  close(fd);
  Config *config = load(&fuzz);
  use(&fuzz, config);
  config_free(config);
  check_change(&fuzz);
  check_dump(&fuzz);
  unlink(path);
  g_ptr_array_unref(fuzz.complaints);
  return 0;
}
