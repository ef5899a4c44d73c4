#include "ui/show/metric_window.h"

#include "capture/language.h"

static const struct {
  const char *name;
  int seconds;
} LENGTHS[WINDOW_COUNT] = {
  [WINDOW_5_MINUTES] = {N_("last 5 min"), 300},
  [WINDOW_1_HOUR] = {N_("last hour"), 3600},
};

G_STATIC_ASSERT((WINDOW_BUCKETS - 1) * 30 == 3600);

const char *window_name(WindowLength length)
{
  return _(LENGTHS[length].name);
}

int window_seconds(WindowLength length)
{
  return LENGTHS[length].seconds;
}

static int64_t bucket_number(int64_t time_ns)
{
  int64_t number = time_ns / WINDOW_BUCKET_NS;

  return number - (time_ns % WINDOW_BUCKET_NS < 0);
}

static Metrics *bucket_at(MetricWindow *window, int64_t number)
{
  int64_t index = number % WINDOW_BUCKETS;

  return &window->buckets[index < 0 ? index + WINDOW_BUCKETS : index];
}

void metric_window_clear(MetricWindow *window)
{
  for (unsigned i = 0; i < WINDOW_BUCKETS; i++)
    metrics_clear(&window->buckets[i]);
  window->begun = false;
}

/* Buckets that are used again are emptied. */
static void advance(MetricWindow *window, int64_t number)
{
  int64_t first = MAX(window->newest + 1, number - WINDOW_BUCKETS + 1);

  for (int64_t i = first; i <= number; i++)
    metrics_clear(bucket_at(window, i));
  window->newest = number;
  window->oldest = MAX(window->oldest, number - WINDOW_BUCKETS + 1);
}

void metric_window_add(MetricWindow *window, const TallyEvent *event)
{
  int64_t number = bucket_number(event->time_ns);

  if (window->begun && number < window->newest - 2 * WINDOW_BUCKETS)
    metric_window_clear(window); /* the clock was set back */
  if (!window->begun) {
    window->begun = true;
    window->newest = window->oldest = number;
  }
  if (number > window->newest)
    advance(window, number);
  if (number <= window->newest - WINDOW_BUCKETS)
    return;
  window->oldest = MIN(window->oldest, number);
  metrics_add_event(bucket_at(window, number), event);
}

double metric_window_sum(const MetricWindow *window, WindowLength length, int64_t now_ns,
                         Metrics *ret_sum)
{
  int64_t now = bucket_number(now_ns),
          first = bucket_number(now_ns - window_seconds(length) * INT64_C(1000000000));

  *ret_sum = (Metrics){0};
  if (!window->begun)
    return 0;
  first = MAX(MAX(first, window->oldest), window->newest - WINDOW_BUCKETS + 1);
  for (int64_t i = first; i <= MIN(now, window->newest); i++) {
    int64_t index = i % WINDOW_BUCKETS;
    metrics_merge(ret_sum, &window->buckets[index < 0 ? index + WINDOW_BUCKETS : index]);
  }
  return MAX((double) (now_ns - first * WINDOW_BUCKET_NS) / 1e9, 1);
}

bool metric_window_is_empty(const MetricWindow *window, int64_t now_ns)
{
  return !window->begun || window->newest + WINDOW_BUCKETS < bucket_number(now_ns);
}

/* --- By the value of a field ------------------------------------------------------------------ */

MetricWindows *metric_windows_new(const Trace *trace, const StoreSet *stores, const char *by,
                                  HourStyle hours)
{
  MetricWindows *windows = g_new0(MetricWindows, 1);

  windows->by = g_strdup(by);
  if (!group_key_parse(windows->by, &windows->key, NULL))
    g_assert_not_reached();
  windows->hours = hours;
  arena_init(&windows->scratch, 4096);
  windows->context = field_context(trace, stores, &windows->scratch);
  windows->groups = g_ptr_array_new();
  windows->last = (uint32_t) trace_call_count(trace);
  return windows;
}

static void free_group(WindowGroup *group)
{
  metric_window_clear(&group->window);
  g_free(group->name);
  g_free(group);
}

void metric_windows_free(MetricWindows *windows)
{
  if (!windows)
    return;
  for (guint i = 0; i < windows->groups->len; i++)
    free_group(windows->groups->pdata[i]);
  g_ptr_array_unref(windows->groups);
  metric_window_clear(&windows->others.window);
  field_context_clear(&windows->context);
  arena_clear(&windows->scratch);
  g_free(windows->by);
  g_free(windows);
}

static bool is_named(const WindowGroup *group, Slice name)
{
  return (group->name == NULL) == (name.data == NULL) &&
         slice_eq(slice_of(group->name, group->len), name);
}

static void drop_silent(MetricWindows *windows)
{
  for (guint i = windows->groups->len; i-- > 0;) {
    WindowGroup *group = windows->groups->pdata[i];
    if (!metric_window_is_empty(&group->window, windows->now_ns))
      continue;
    free_group(group);
    g_ptr_array_remove_index_fast(windows->groups, i);
  }
}

static WindowGroup *window_group_of(MetricWindows *windows, Slice name)
{
  for (guint i = 0; i < windows->groups->len; i++)
    if (is_named(windows->groups->pdata[i], name))
      return windows->groups->pdata[i];
  if (windows->groups->len >= WINDOW_GROUPS_MAX)
    drop_silent(windows);
  if (windows->groups->len >= WINDOW_GROUPS_MAX)
    return &windows->others;
  WindowGroup *group = g_new0(WindowGroup, 1);
  group->name = name.data ? slice_dup(name) : NULL;
  group->len = name.len;
  g_ptr_array_add(windows->groups, group);
  return group;
}

typedef struct {
  MetricWindows *windows;
  const TallyEvent *event;
} Placing;

static void add_to_window(void *data, Slice name)
{
  const Placing *placing = data;

  metric_window_add(&window_group_of(placing->windows, name)->window, placing->event);
}

static void add_event(void *data, const TallyEvent *event)
{
  MetricWindows *windows = data;
  Placing placing = {windows, event};

  windows->now_ns = trace_now(windows->context.trace);
  arena_reset(&windows->scratch);
  field_look_at_call(&windows->context, event->call);
  group_key_each(&windows->key, windows->hours, &windows->context, add_to_window, &placing);
}

void metric_windows_add(void *data, const TallyEvent *event)
{
  const MetricWindows *windows = data;
  uint32_t number = event->call->number;

  /* Else what was counted of the call is added when its turn comes. */
  if (number > windows->last || number <= windows->next)
    add_event(data, event);
}

bool metric_windows_step(MetricWindows *windows, int64_t until_us)
{
  enum { CHUNK = 64 };
  const Trace *trace = windows->context.trace;
  int64_t now_ns = trace_now(trace), hour_ns = WINDOW_BUCKETS * WINDOW_BUCKET_NS;

  while (windows->next < windows->last) {
    const Call *call = trace_call(trace, ++windows->next);
    if (call && now_ns - call->end_ns < 2 * hour_ns)
      tally_replay(call, now_ns, add_event, windows);
    if (windows->next % CHUNK == 0 && g_get_monotonic_time() >= until_us)
      return windows->next < windows->last;
  }
  return false;
}
