#include "ui/show/metric_groups.h"

#include "capture/error.h"
#include "capture/hash.h"
#include "ui/show/format.h"

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
  MetricGroup key = {.seed = groups->seed,
                     .name = slice_head(name, MIN(name.len, METRIC_GROUP_NAME_MAX))};
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

static Slice hour_of(const MetricGroups *groups, const Call *call, char text[TIME_TEXT_MAX])
{
  enum { HOUR_LEN = sizeof "2026-11-29 14" - 1 };
  bool is_rfc3339 = groups->hours == HOUR_RFC3339;

  if (!time_is_known(call->start_ns))
    return SLICE_NONE;
  if (is_rfc3339) {
    time_format_rfc3339(call->start_ns, text);
  } else {
    Clock clock = clock_new(TIME_ABSOLUTE, groups->hours == HOUR_UTC);
    clock.date = true;
    clock_format(&clock, call->start_ns, text);
  }
  if (strlen(text) < HOUR_LEN)
    return SLICE_NONE;
  g_strlcpy(text + HOUR_LEN, is_rfc3339 ? ":00:00Z" : ":00", TIME_TEXT_MAX - HOUR_LEN);
  return slice_from_string(text);
}

size_t metric_groups_of(MetricGroups *groups, FieldContext *context, MetricGroup **ret_groups,
                        size_t room)
{
  char text[MAX((int) FIELD_VALUE_TEXT_MAX, (int) TIME_TEXT_MAX)];
  size_t count = 0;
  FieldValue value;

  if (groups->key.kind != GROUP_BY_FIELD) {
    bool by_hour = groups->key.kind == GROUP_BY_HOUR;
    ret_groups[0] = group_of(groups, by_hour ? hour_of(groups, context->call, text) : SLICE("all"));
    return 1;
  }
  for (; count < room && field_get_at(context, &groups->key.ref, count, &value); count++)
    ret_groups[count] = group_of(groups, field_value_format(&value, text));
  if (count == 0)
    ret_groups[count++] = group_of(groups, SLICE_NONE);
  return count;
}

static bool was_before(MetricGroup *const *list, size_t index)
{
  for (size_t i = 0; i < index; i++)
    if (list[i] == list[index])
      return true;
  return false;
}

void metric_groups_add(MetricGroups *groups, FieldContext *context)
{
  MetricGroup *of[METRIC_GROUP_VALUES_MAX];
  const Call *call = context->call;

  if (call->method != SIP_METHOD_INVITE && call->method != SIP_METHOD_REGISTER)
    return;
  size_t count = metric_groups_of(groups, context, of, G_N_ELEMENTS(of));
  for (size_t i = 0; i < count; i++)
    if (!was_before(of, i))
      metrics_add_call(&of[i]->metrics, call, trace_now(context->trace));
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
