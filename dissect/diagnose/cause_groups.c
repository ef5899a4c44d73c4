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

CauseGroups *cause_groups_new(void)
{
  CauseGroups *groups = g_new0(CauseGroups, 1);

  groups->seed = hash_seed_new();
  groups->groups = g_hash_table_new_full(hash_group, same_group, g_free, NULL);
  return groups;
}

void cause_groups_free(CauseGroups *groups)
{
  if (!groups)
    return;
  g_hash_table_unref(groups->groups);
  g_free(groups);
}

static CauseGroup *group_of(CauseGroups *groups, const Finding *cause, int64_t start_ns)
{
  CauseGroup key = {
    .id = cause->id,
    .status = cause->status,
    .where = cause->where,
    .first_ns = start_ns,
    .last_ns = start_ns,
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

void cause_groups_add(CauseGroups *groups, uint32_t call, int64_t start_ns,
                      const FindingList *findings)
{
  groups->calls++;
  if (findings->count == 0)
    return;
  CauseGroup *group = group_of(groups, &findings->items[0], start_ns);
  group->calls++;
  group->first_ns = MIN(group->first_ns, start_ns);
  group->last_ns = MAX(group->last_ns, start_ns);
  if (group->example_count < CAUSE_EXAMPLES)
    group->examples[group->example_count++] = call;
}

static gint compare_groups(gconstpointer a, gconstpointer b)
{
  const CauseGroup *left = *(CauseGroup *const *) a, *right = *(CauseGroup *const *) b;

  if (left->calls != right->calls)
    return left->calls > right->calls ? -1 : 1;
  return left->examples[0] < right->examples[0] ? -1 : left->examples[0] > right->examples[0];
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
