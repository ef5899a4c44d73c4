#include "ui/configuration.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "ui/session.h"
#include "ui/show/call_columns.h"
#include "ui/view/config/saved_filters.h"
#include "ui/view/help_view.h"

/* [columns] `key`: the fields' keys, "-" before those that descend. */
static void override_fields(Config *config, const char *key, const GArray *fields)
{
  g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);

  for (guint i = 0; i < fields->len; i++) {
    const FieldChoice *choice = &g_array_index(fields, FieldChoice, i);
    GString *name = g_string_new(choice->descending ? "-" : NULL);
    field_ref_append_key(name, &choice->ref);
    g_ptr_array_add(keys, g_string_free(name, FALSE));
  }
  g_ptr_array_add(keys, NULL);
  config_override_list(config, "columns", key, (const char *const *) keys->pdata);
}

static bool check_subject(ColumnSubject subject, const char *key, GError **error)
{
  CallColumn *column = call_column_parse(subject, key, error);

  if (!column)
    return false;
  call_column_free(column);
  return true;
}

static bool check_column(const char *key, GError **error)
{
  return check_subject(COLUMNS_OF_CALLS, key, error);
}

static bool check_stream_column(const char *key, GError **error)
{
  return check_subject(COLUMNS_OF_STREAMS, key, error);
}

/* "-call.duration" */
static bool check_order(const char *key, GError **error)
{
  return check_column(*key == '-' ? key + 1 : key, error);
}

/* Reports what the list would leave out. */
static void check_fields(const Config *config, const char *key,
                         bool (*check)(const char *key, GError **error), GPtrArray *complaints)
{
  g_auto(GStrv) keys = config_list(config, "columns", key);

  for (size_t i = 0; keys && keys[i]; i++) {
    g_autoptr(GError) error = NULL;
    if (!check(keys[i], &error))
      config_complain(config, complaints, "[columns] %s: %.200s", key, error->message);
  }
}

Config *configuration_load(const Options *options, GPtrArray *complaints)
{
  Config *config = options->no_config ? config_new() : config_load(options->config, complaints);

  check_fields(config, "calls", check_column, complaints);
  check_fields(config, "streams", check_stream_column, complaints);
  check_fields(config, "sort", check_order, complaints);
  saved_filters_check(config, complaints);
  config_set_background(config, theme_background_is_light(g_getenv("COLORFGBG")));
  static const char *const TIMES[] = {"absolute", "relative", "delta"};
  bool colored = option_is_given(options, OPTION_COLOR);
  bool timed = options->time < G_N_ELEMENTS(TIMES) && option_is_given(options, OPTION_TIME);
  const struct {
    bool is_given;
    SettingId id;
    const char *value;
  } SAID[] = {
    {options->utc, SETTING_UTC, "on"},
    {options->ascii, SETTING_ASCII, "on"},
    {colored, SETTING_COLOR, options->color == COLOR_NEVER ? "never" : "auto"},
    {timed, SETTING_FLOW_TIME, timed ? TIMES[options->time] : NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(SAID); i++)
    if (SAID[i].is_given && !config_override(config, SAID[i].id, SAID[i].value, NULL))
      g_assert_not_reached();
  if (options->columns) {
    override_fields(config, "calls", options->columns);
    config_override_list(config, "columns", "widths", NULL);
  }
  if (options->sort)
    override_fields(config, "sort", options->sort);
  return config;
}

void configuration_dump(const Options *options, GString *to, GPtrArray *complaints)
{
  g_autoptr(Config) config = configuration_load(options, complaints);
  g_autoptr(Keymap) keymap = config_keymap(config, complaints);

  config_theme(config, complaints);
  config_dump(config, to);
}

void configuration_append_keys(const Options *options, GString *to, GPtrArray *complaints)
{
  g_autoptr(Config) config = configuration_load(options, complaints);
  g_autoptr(Keymap) keymap = config_keymap(config, complaints);

  help_append_keys(to, keymap);
}

ExitStatus configuration_print(const Options *options, ConfigurationAppend append)
{
  g_autoptr(GPtrArray) complaints = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GString) text = g_string_new(NULL);

  append(options, text, complaints);
  ExitStatus status = session_print(text->str);
  for (unsigned i = 0; i < complaints->len; i++)
    session_complain(complaints->pdata[i]);
  return complaints->len > 0 ? EXIT_FAILED : status;
}

/* --- limits of the machine --- */

/* What a call and a message take at the most, on average. */
enum { CALL_BYTES = 1024, MESSAGE_BYTES = 160, ENDPOINT_BYTES = 128, CONNECTION_BYTES = 512 };

/* memory.max of one group: a number, or "max". */
static uint64_t memory_of_group(const char *group)
{
  g_autofree char *path = g_build_filename(group, "memory.max", NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents(path, &text, NULL, NULL) || !g_ascii_isdigit(*text))
    return UINT64_MAX;
  return g_ascii_strtoull(text, NULL, 10);
}

uint64_t cgroup_memory(const char *root, const char *groups)
{
  g_autoptr(GString) group = g_string_new(root);
  Slice rest = slice_from_string(groups);
  uint64_t lowest = UINT64_MAX;

  while (rest.len > 0) {
    Slice line = slice_take_line(&rest);
    if (slice_starts_with(line, SLICE("0::/")))
      g_string_append_len(group, line.data + 3, (gssize) line.len - 3);
  }
  while (group->len > strlen(root)) {
    lowest = MIN(lowest, memory_of_group(group->str));
    g_string_truncate(group, (gsize) (strrchr(group->str, '/') - group->str));
  }
  return MIN(lowest, memory_of_group(root));
}

/* Half of what there is, or of what this process may have. */
static uint64_t default_memory(void)
{
  g_autofree char *groups = NULL;
  bool has_groups = g_file_get_contents("/proc/self/cgroup", &groups, NULL, NULL);
  uint64_t bytes = cgroup_memory("/sys/fs/cgroup", has_groups ? groups : "");
  long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  struct rlimit limit;

  if (pages > 0 && page > 0)
    bytes = MIN(bytes, (uint64_t) pages * (uint64_t) page);
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
    bytes = MIN(bytes, (uint64_t) limit.rlim_cur);
  return bytes / 2;
}

Limits machine_limits(const Options *options)
{
  uint64_t bytes = options->max_memory > 0 ? options->max_memory : default_memory();
  Limits limits = LIMITS_DEFAULT;

  limits.calls = (uint32_t) CLAMP(bytes / 2 / CALL_BYTES, 1, limits.calls);
  limits.messages = (uint32_t) CLAMP(bytes / 2 / MESSAGE_BYTES, 1, limits.messages);
  limits.endpoints = (uint32_t) CLAMP(bytes / 32 / ENDPOINT_BYTES, 16, limits.endpoints);
  limits.streams = (uint32_t) CLAMP(bytes / 8 / sizeof(RtpStream), 1, limits.streams);
  limits.packets.fragment_bytes = (size_t) MIN(bytes / 32, limits.packets.fragment_bytes);
  limits.carrier.connections =
    (size_t) MIN(bytes / 16 / CONNECTION_BYTES, limits.carrier.connections);
  limits.carrier.stream_bytes = (size_t) MIN(bytes / 8, limits.carrier.stream_bytes);
  if (options->max_calls > 0)
    limits.calls = options->max_calls;
  return limits;
}

uint32_t machine_capture_buffer(const Options *options)
{
  const uint64_t least = 4 * 1024 * 1024, most = 64 * 1024 * 1024;
  uint64_t bytes = default_memory() / 32 / MAX(options_live_inputs(options), 1U);

  return (uint32_t) CLAMP(bytes, least, most);
}

uint64_t machine_disk_limit(const Options *options)
{
  struct statvfs status;

  if (options->max_disk > 0)
    return options->max_disk;
  if (statvfs(g_get_tmp_dir(), &status) != 0)
    return 0;
  return (uint64_t) status.f_bavail * status.f_frsize / 2;
}
