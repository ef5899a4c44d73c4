#include "dissect/diagnose/cause_groups.h"

#include "capture/hash.h"

/* Groups beyond these do not tell endpoints apart. */
enum { GROUPS_MAX = 65536 };

static guint hash_group(gconstpointer key)
{
  const CauseGroup *group = key;
  uint64_t kind = (uint64_t) group->id << 32 | group->status;

  return (guint) hash_bytes(&group->where, sizeof group->where, group->seed ^ kind);
}

static gboolean same_group(gconstpointer a, gconstpointer b)
{
  const CauseGroup *left = a, *right = b;

  return left->id == right->id && left->status == right->status &&
         endpoint_eq(&left->where, &right->where);
}

static void free_group(gpointer data)
{
  CauseGroup *group = data;

  g_free(group->call_id);
  g_free(group);
}

CauseGroups *cause_groups_new(void)
{
  CauseGroups *groups = g_new0(CauseGroups, 1);

  groups->seed = hash_seed_new();
  groups->groups = g_hash_table_new_full(hash_group, same_group, free_group, NULL);
  return groups;
}

void cause_groups_free(CauseGroups *groups)
{
  if (!groups)
    return;
  g_hash_table_unref(groups->groups);
  g_free(groups);
}

static CauseGroup *group_of(CauseGroups *groups, const CauseGroup *like)
{
  CauseGroup key = {
    .id = like->id,
    .status = like->status,
    .where = like->where,
    .first_ns = like->first_ns,
    .last_ns = like->last_ns,
    .seed = groups->seed,
  };
  CauseGroup *group = g_hash_table_lookup(groups->groups, &key);

  if (!group && g_hash_table_size(groups->groups) >= GROUPS_MAX) {
    key.where = (Endpoint){0};
    group = g_hash_table_lookup(groups->groups, &key);
  }
  if (!group) {
    group = g_memdup2(&key, sizeof key);
    g_hash_table_add(groups->groups, group);
  }
  return group;
}

static CauseGroup *merge(CauseGroups *groups, const CauseGroup *counted)
{
  CauseGroup *group = group_of(groups, counted);

  groups->calls += counted->calls;
  group->calls += counted->calls;
  group->first_ns = MIN(group->first_ns, counted->first_ns);
  group->last_ns = MAX(group->last_ns, counted->last_ns);
  return group;
}

void cause_groups_merge(CauseGroups *groups, const CauseGroup *counted)
{
  CauseGroup *group = merge(groups, counted);

  if (!group->call_id)
    group->call_id = g_strdup(counted->call_id);
}

void cause_groups_add(CauseGroups *groups, uint32_t call, int64_t start_ns,
                      const FindingList *findings)
{
  if (findings->count == 0) {
    groups->calls++;
    return;
  }
  const Finding *cause = &findings->items[0];
  const CauseGroup counted = {.id = cause->id,
                              .status = cause->status,
                              .where = cause->where,
                              .calls = 1,
                              .first_ns = start_ns,
                              .last_ns = start_ns};
  CauseGroup *group = merge(groups, &counted);
  if (group->example_count < CAUSE_EXAMPLES)
    group->examples[group->example_count++] = call;
}

/* Of equally many calls the older cause first. */
static gint compare_groups(gconstpointer a, gconstpointer b)
{
  const CauseGroup *left = *(CauseGroup *const *) a, *right = *(CauseGroup *const *) b;

  if (left->calls != right->calls)
    return left->calls > right->calls ? -1 : 1;
  if (left->first_ns != right->first_ns)
    return left->first_ns < right->first_ns ? -1 : 1;
  if (left->id != right->id)
    return left->id < right->id ? -1 : 1;
  if (left->status != right->status)
    return left->status < right->status ? -1 : 1;
  return memcmp(&left->where, &right->where, sizeof left->where);
}

GPtrArray *cause_groups_list(const CauseGroups *groups)
{
  GPtrArray *list = g_ptr_array_new();
  GHashTableIter iter;
  gpointer group;

  g_hash_table_iter_init(&iter, groups->groups);
  while (g_hash_table_iter_next(&iter, &group, NULL))
    g_ptr_array_add(list, group);
  g_ptr_array_sort(list, compare_groups);
  return list;
}
