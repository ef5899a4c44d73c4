#include "ui/alerts.h"

#include <sys/wait.h>

#include "capture/error.h"
#include "capture/language.h"
#include "ui/command_runner.h"
#include "ui/show/format.h"

#define MINUTE_NS (INT64_C(60) * 1000000000)

typedef enum { LESS, LESS_EQUAL, GREATER, GREATER_EQUAL } Comparison;

/* A limit of a metric, or a filter of calls. */
typedef struct {
  const char *text;      /* borrowed */
  char **words;          /* of the command */
  DisplayFilter *filter; /* NULL: of a metric, as the rest */
  MetricId metric;
  Comparison comparison;
  double limit; /* of ratios in percent, of durations in nanoseconds */
  int64_t for_ns;
  int64_t since_ns; /* it holds; TIME_NONE: it does not */
  bool fires;
  bool has_failed; /* which was said */
  int64_t minute;  /* of the starts that are counted */
  unsigned starts;
  uint64_t left_out; /* since the last start */
} Alert;

struct Alerts {
  Alert *items;
  size_t count;
  GPtrArray *commands; /* char **, of the items */
  CommandRunner *runner;
};

/* --- Reading ---------------------------------------------------------------------------------- */

static bool read_comparison(const char *text, Comparison *ret_comparison)
{
  static const char *const NAMES[] = {"<", "<=", ">", ">="};

  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
    if (strcmp(text, NAMES[i]) == 0) {
      *ret_comparison = (Comparison) i;
      return true;
    }
  return false;
}

/* "40", "40%", "4s", "250ms": in the unit of the metric. */
static bool read_limit(const char *text, MetricUnit unit, double *ret_limit)
{
  char *end = NULL;
  double number = g_ascii_strtod(text, &end);
  double ns = strcmp(end, "ms") == 0  ? 1e6
              : strcmp(end, "s") == 0 ? 1e9
              : strcmp(end, "m") == 0 ? 60e9
                                      : 0;

  if (end == text || !(number >= 0) || number > 1e15)
    return false;
  *ret_limit = unit == METRIC_UNIT_DURATION ? number * ns : number;
  if (unit == METRIC_UNIT_DURATION)
    return ns > 0;
  return *end == '\0' || (unit == METRIC_UNIT_RATIO && strcmp(end, "%") == 0);
}

static bool read_metric(char *const *words, Alert *alert)
{
  enum { NAME, COMPARISON, LIMIT, FOR, TIME, COUNT };
  static const size_t PREFIX = sizeof "metric." - 1;
  guint count = g_strv_length((gchar **) (void *) (uintptr_t) words);
  double for_ns = 0;

  if (count != FOR && count != COUNT)
    return false;
  alert->metric = metric_find(slice_from_string(words[NAME] + PREFIX));
  if (alert->metric == METRIC_COUNT_ALL ||
      !read_comparison(words[COMPARISON], &alert->comparison) ||
      !read_limit(words[LIMIT], metric_unit(alert->metric), &alert->limit))
    return false;
  if (count == COUNT &&
      (strcmp(words[FOR], "for") != 0 || !read_limit(words[TIME], METRIC_UNIT_DURATION, &for_ns)))
    return false;
  alert->for_ns = (int64_t) MIN(for_ns, 1e15);
  return true;
}

static bool read_alert(const char *text, Alert *alert, GError **error)
{
  g_auto(GStrv) words = g_strsplit_set(text, " \t", -1);
  guint kept = 0;

  *alert = (Alert){.text = text, .since_ns = TIME_NONE, .minute = INT64_MIN};
  for (guint i = 0; words[i]; i++) { /* without empty ones */
    char *word = words[i];
    words[i] = NULL;
    if (*word)
      words[kept++] = word;
    else
      g_free(word);
  }
  if (kept > 0 && g_str_has_prefix(words[0], "metric.")) {
    if (read_metric(words, alert))
      return true;
    return app_fail_usage(error, "--alert: '%s' is not like 'metric.asr < 40 for 60s'", text);
  }
  alert->filter = display_filter_new(text, error);
  if (!alert->filter)
    g_prefix_error(error, "--alert: ");
  return alert->filter != NULL;
}

bool alerts_need_media(const Alerts *alerts)
{
  for (size_t i = 0; alerts && i < alerts->count; i++)
    if (alerts->items[i].filter && display_filter_needs_media(alerts->items[i].filter))
      return true;
  return false;
}

static bool read_all(Alerts *alerts, const char *const *expressions, const char *const *commands,
                     GError **error)
{
  for (size_t i = 0; i < alerts->count; i++) {
    Alert *alert = &alerts->items[i];
    if (!read_alert(expressions[i], alert, error))
      return false;
    if (!g_shell_parse_argv(commands[i], NULL, &alert->words, NULL))
      return app_fail_usage(error, "--exec: cannot split '%s' into words", commands[i]);
    g_ptr_array_add(alerts->commands, alert->words);
  }
  g_ptr_array_add(alerts->commands, NULL);
  return true;
}

bool alerts_new(const char *const *expressions, const char *const *commands, const char *user,
                Alerts **ret_alerts, GError **error)
{
  *ret_alerts = NULL;
  if (!expressions || !expressions[0])
    return true;
  Alerts *alerts = g_new0(Alerts, 1);
  alerts->commands = g_ptr_array_new();
  while (expressions[alerts->count])
    alerts->count++;
  alerts->items = g_new0(Alert, alerts->count);
  bool ok = read_all(alerts, expressions, commands, error);
  if (ok)
    alerts->runner =
      command_runner_new((char **const *) (void *) alerts->commands->pdata, user, error);
  if (!alerts->runner) {
    alerts_free(alerts);
    return false;
  }
  *ret_alerts = alerts;
  return true;
}

void alerts_free(Alerts *alerts)
{
  if (!alerts)
    return;
  command_runner_free(alerts->runner);
  for (size_t i = 0; i < alerts->count; i++) {
    g_strfreev(alerts->items[i].words);
    g_clear_pointer(&alerts->items[i].filter, display_filter_free);
  }
  g_ptr_array_unref(alerts->commands);
  g_free(alerts->items);
  g_free(alerts);
}

/* --- Starting --------------------------------------------------------------------------------- */

static void add_variable(GPtrArray *variables, const char *name, Slice value)
{
  g_autoptr(GString) text = g_string_new("RUNG_ALERT_");

  g_string_append_printf(text, "%s=", name);
  text_append_safe(text, slice_head(value, 1024), TEXT_UTF8);
  g_ptr_array_add(variables, g_strdup(text->str));
}

static bool may_start(Alert *alert)
{
  int64_t minute = g_get_monotonic_time() / G_USEC_PER_SEC / 60;

  if (minute != alert->minute) {
    alert->minute = minute;
    alert->starts = 0;
  }
  return alert->starts++ < ALERTS_PER_MINUTE;
}

static void start(Alerts *alerts, Alert *alert, GPtrArray *variables)
{
  char left_out[TIME_TEXT_MAX];

  number_format(alert->left_out, left_out);
  add_variable(variables, "EXPR", slice_from_string(alert->text));
  add_variable(variables, "LEFT_OUT", slice_from_string(left_out));
  if (may_start(alert) &&
      command_runner_start(alerts->runner, (uint32_t) (alert - alerts->items), variables, NULL))
    alert->left_out = 0;
  else
    alert->left_out++;
}

/* --- Of calls --------------------------------------------------------------------------------- */

void alerts_note_call(Alerts *alerts, FieldContext *context)
{
  static const struct {
    const char *name, *field;
  } VALUES[] = {{"CALL_ID", "call.id"},      {"FROM", "call.from"},     {"TO", "call.to"},
                {"OUTCOME", "call.outcome"}, {"STATUS", "call.status"}, {"SRC", "call.src"},
                {"DST", "call.dst"},         {"TIME", "call.start"}};

  for (size_t i = 0; i < alerts->count; i++) {
    Alert *alert = &alerts->items[i];
    if (!alert->filter || !display_filter_match(alert->filter, context))
      continue;
    g_autoptr(GPtrArray) variables = g_ptr_array_new_with_free_func(g_free);
    for (size_t v = 0; v < G_N_ELEMENTS(VALUES); v++) {
      const FieldRef ref = {.field = field_find(slice_from_string(VALUES[v].field))};
      char text[FIELD_VALUE_TEXT_MAX];
      FieldValue value;
      if (field_get(context, &ref, &value))
        add_variable(variables, VALUES[v].name, field_value_format(&value, text));
    }
    add_variable(variables, "STATE", SLICE("call"));
    start(alerts, alert, variables);
  }
}

/* --- Of numbers ------------------------------------------------------------------------------- */

static bool holds(const Alert *alert, double value)
{
  switch (alert->comparison) {
  case LESS:
    return value < alert->limit;
  case LESS_EQUAL:
    return value <= alert->limit;
  case GREATER:
    return value > alert->limit;
  case GREATER_EQUAL:
    return value >= alert->limit;
  }
  return false;
}

static void change_state(Alerts *alerts, Alert *alert, double value, bool has_value)
{
  g_autoptr(GPtrArray) variables = g_ptr_array_new_with_free_func(g_free);
  char text[G_ASCII_DTOSTR_BUF_SIZE] = "";
  bool is_duration = metric_unit(alert->metric) == METRIC_UNIT_DURATION;

  alert->fires = !alert->fires;
  if (has_value)
    g_ascii_formatd(text, sizeof text, "%.3f", is_duration ? value / 1e6 : value);
  add_variable(variables, "STATE", alert->fires ? SLICE("firing") : SLICE("resolved"));
  add_variable(variables, "VALUE", slice_from_string(text));
  start(alerts, alert, variables);
}

/* A number that is not defined, such as a ratio of no calls, is beyond no limit. */
void alerts_step(Alerts *alerts, const MetricWindow *window, int64_t now_ns)
{
  Metrics sum;

  metric_window_sum(window, WINDOW_5_MINUTES, now_ns, &sum);
  for (size_t i = 0; i < alerts->count; i++) {
    Alert *alert = &alerts->items[i];
    double value = 0;
    if (alert->filter)
      continue;
    bool has_value = metrics_value(&sum, alert->metric, &value);
    value *= metric_unit(alert->metric) == METRIC_UNIT_RATIO ? 100 : 1;
    bool is_beyond = has_value && holds(alert, value);
    if (!is_beyond)
      alert->since_ns = TIME_NONE;
    else if (alert->since_ns == TIME_NONE)
      alert->since_ns = now_ns;
    bool fires = is_beyond && now_ns - alert->since_ns >= alert->for_ns;
    if (fires != alert->fires && (fires || !is_beyond))
      change_state(alerts, alert, value, has_value);
  }
  metrics_clear(&sum);
}

char *alerts_news(Alerts *alerts)
{
  int fault, status;
  uint32_t command;

  while (command_runner_news(alerts->runner, &command, &fault, &status)) {
    Alert *alert = command < alerts->count ? &alerts->items[command] : NULL;
    bool is_well = fault == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!alert || is_well || alert->has_failed)
      continue;
    alert->has_failed = true;
    if (fault != 0)
      return g_strdup_printf(_("--exec: cannot start %s: %s"), alert->words[0], g_strerror(fault));
    if (WIFSIGNALED(status))
      return g_strdup_printf(_("--exec: %s was ended by signal %d"), alert->words[0],
                             WTERMSIG(status));
    return g_strdup_printf(_("--exec: %s failed with status %d"), alert->words[0],
                           WEXITSTATUS(status));
  }
  return NULL;
}
