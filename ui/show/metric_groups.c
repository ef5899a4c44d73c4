#include "ui/show/metric_groups.h"

#include "capture/error.h"
#include "capture/hash.h"

bool group_key_parse(const char *text, GroupKey *ret_key, GError **error)
{
  static const struct {
    const char *name, *field;
  } NAMES[] = {{"trunk", "call.dst"}, {"user-agent", "call.user_agent"}};
  Slice rest = slice_from_string(text);
  GroupKey key = {.by = text};

  if (strcmp(text, "hour") == 0 || strcmp(text, "all") == 0) {
    key.kind = *text == 'h' ? GROUP_BY_HOUR : GROUP_ALL;
    *ret_key = key;
    return true;
  }
  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
    if (strcmp(text, NAMES[i].name) == 0)
      rest = slice_from_string(NAMES[i].field);
  if (!field_ref_parse(&rest, &key.ref, error))
    return false;
  if (rest.len > 0)
    return app_fail_usage(error, "'%s' is not one field", text);
  if (!field_is_of_calls(key.ref.field))
    return app_fail_usage(error, "%s is not a field of calls", key.ref.field->key);
  *ret_key = key;
  return true;
}

static guint hash_group(gconstpointer key)
{
  const MetricGroup *group = key;

  return (guint) hash_bytes(group->name.data, group->name.len, group->seed);
}

static gboolean same_group(gconstpointer a, gconstpointer b)
{
  const MetricGroup *left = a, *right = b;

  return (left->name.data == NULL) == (right->name.data == NULL) &&
         slice_eq(left->name, right->name);
}

static void group_free(void *data)
{
  MetricGroup *group = data;

  metrics_clear(&group->metrics);
  g_free((char *) (uintptr_t) group->name.data);
  g_free(group);
}

MetricGroups *metric_groups_new(const GroupKey *key, HourStyle hours)
{
  MetricGroups *groups = g_new0(MetricGroups, 1);

  groups->key = *key;
  groups->hours = hours;
  groups->seed = hash_seed_new();
  groups->groups = g_hash_table_new_full(hash_group, same_group, group_free, NULL);
  return groups;
}

void metric_groups_free(MetricGroups *groups)
{
  if (!groups)
    return;
  g_hash_table_unref(groups->groups);
  metrics_clear(&groups->others.metrics);
  g_free(groups);
}

static MetricGroup *group_of(MetricGroups *groups, Slice name)
{
  MetricGroup key = {.seed = groups->seed, .name = name};
  MetricGroup *group = g_hash_table_lookup(groups->groups, &key);

  if (group)
    return group;
  if (g_hash_table_size(groups->groups) >= METRIC_GROUPS_MAX)
    return &groups->others;
  if (key.name.data) {
    char *copy = g_malloc(key.name.len + 1);
    memcpy(copy, key.name.data, key.name.len);
    key.name.data = copy;
  }
  group = g_memdup2(&key, sizeof key);
  g_hash_table_add(groups->groups, group);
  return group;
}

Metrics *metric_groups_get(MetricGroups *groups, Slice name)
{
  return &group_of(groups, name)->metrics;
}

Slice group_hour_name(HourStyle hours, int64_t time_ns, char text[TIME_TEXT_MAX])
{
  enum { HOUR_LEN = sizeof "2026-11-29 14" - 1 };

  if (!time_is_known(time_ns))
    return SLICE_NONE;
  if (hours == HOUR_RFC3339) {
    time_format_rfc3339(time_ns, text);
  } else {
    Clock clock = clock_new(TIME_ABSOLUTE, hours == HOUR_UTC);
    clock.date = true;
    clock_format(&clock, time_ns, text);
  }
  if (strlen(text) < HOUR_LEN)
    return SLICE_NONE;
  g_strlcpy(text + HOUR_LEN, hours == HOUR_RFC3339 ? ":00:00Z" : ":00", TIME_TEXT_MAX - HOUR_LEN);
  return slice_from_string(text);
}

static bool is_among(const Slice *names, size_t count, Slice name)
{
  for (size_t i = 0; i < count; i++)
    if (slice_eq(names[i], name))
      return true;
  return false;
}

void group_key_each(const GroupKey *key, HourStyle hours, FieldContext *context,
                    void (*each)(void *data, Slice name), void *data)
{
  char text[MAX((int) FIELD_VALUE_TEXT_MAX, (int) TIME_TEXT_MAX)];
  Slice names[METRIC_GROUP_VALUES_MAX];
  size_t count = 0, at = 0;
  FieldValue value;

  if (key->kind == GROUP_BY_HOUR)
    each(data, group_hour_name(hours, context->call->start_ns, text));
  else if (key->kind == GROUP_ALL)
    each(data, SLICE("all"));
  else if (!field_get(context, &key->ref, &value))
    each(data, SLICE_NONE);
  else
    for (; count < G_N_ELEMENTS(names) && field_get_at(context, &key->ref, at, &value); at++) {
      Slice name = slice_head(field_value_format(&value, text), METRIC_GROUP_NAME_MAX);
      if (is_among(names, count, name))
        continue;
      names[count] = arena_dup(context->scratch, name);
      each(data, names[count++]);
    }
}

typedef struct {
  MetricGroups *groups;
  const Call *call;
  int64_t now_ns;
} Adding;

static void add_to_group(void *data, Slice name)
{
  const Adding *adding = data;

  metrics_add_call(metric_groups_get(adding->groups, name), adding->call, adding->now_ns);
}

void metric_groups_add(MetricGroups *groups, FieldContext *context)
{
  const Call *call = context->call;
  Adding adding = {groups, call, trace_now(context->trace)};

  if (call->method == SIP_METHOD_INVITE || call->method == SIP_METHOD_REGISTER)
    group_key_each(&groups->key, groups->hours, context, add_to_group, &adding);
}

uint64_t metric_group_size(const MetricGroup *group)
{
  return group->metrics.calls + group->metrics.registrations;
}

static int compare_names(Slice a, Slice b)
{
  int order = a.len > 0 && b.len > 0 ? memcmp(a.data, b.data, MIN(a.len, b.len)) : 0;

  return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static gint compare_groups(gconstpointer a, gconstpointer b, gpointer data)
{
  const MetricGroup *left = *(MetricGroup *const *) a, *right = *(MetricGroup *const *) b;
  const MetricGroups *groups = data;
  uint64_t left_size = metric_group_size(left), right_size = metric_group_size(right);

  if (groups->key.kind == GROUP_BY_FIELD && left_size != right_size)
    return left_size > right_size ? -1 : 1;
  return compare_names(left->name, right->name);
}

GPtrArray *metric_groups_list(const MetricGroups *groups)
{
  GPtrArray *list = g_ptr_array_new();
  GHashTableIter iter;
  gpointer group;

  g_hash_table_iter_init(&iter, groups->groups);
  while (g_hash_table_iter_next(&iter, &group, NULL))
    if (metric_group_size(group) > 0)
      g_ptr_array_add(list, group);
  g_ptr_array_sort_with_data(list, compare_groups, (gpointer) (uintptr_t) groups);
  return list;
}
