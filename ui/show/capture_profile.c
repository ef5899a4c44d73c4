#include "ui/show/capture_profile.h"

#include "capture/language.h"

static const struct {
  const char *name, *heading;
} AREAS[] = {
#define AREA_ROW(id, name, heading) {name, heading},
  CAPTURE_AREAS(AREA_ROW)
#undef AREA_ROW
};

const char *capture_area_name(CaptureArea area)
{
  return AREAS[area].name;
}

const char *capture_area_heading(CaptureArea area)
{
  return AREAS[area].heading;
}

/* --- collecting --- */

static const MetricGroup *find_group(const MetricGroups *groups, Slice name)
{
  const MetricGroup key = {.seed = groups->seed, .name = name};

  return g_hash_table_lookup(groups->groups, &key);
}

CaptureProfile *capture_profile_new(void)
{
  CaptureProfile *profile = g_new0(CaptureProfile, 1);
  GroupKey trunk;

  if (group_key_parse("trunk", &trunk, NULL))
    profile->trunks = metric_groups_new(&trunk, HOUR_UTC);
  profile->trunk_audio = g_hash_table_new_full(NULL, NULL, NULL, g_free);
  profile->causes = cause_groups_new();
  return profile;
}

void capture_profile_free(CaptureProfile *profile)
{
  if (!profile)
    return;
  metrics_clear(&profile->all);
  metric_groups_free(profile->trunks);
  g_hash_table_unref(profile->trunk_audio);
  cause_groups_free(profile->causes);
  g_free(profile);
}

static void add_audio(ProfileAudio *sum, const CallAudio *audio)
{
  sum->calls++;
  sum->loss_percent += audio->loss_percent;
  sum->rated += audio->has_mos;
  sum->mos += audio->has_mos ? audio->mos : 0;
}

typedef struct {
  CaptureProfile *profile;
  const CallAudio *audio;
} TrunkAudio;

static void add_trunk_audio(void *data, Slice name)
{
  const TrunkAudio *adding = data;
  GHashTable *table = adding->profile->trunk_audio;
  const MetricGroup *group = find_group(adding->profile->trunks, name);

  if (!group)
    group = &adding->profile->trunks->others;
  ProfileAudio *sum = g_hash_table_lookup(table, group);
  if (!sum) {
    sum = g_new0(ProfileAudio, 1);
    g_hash_table_insert(table, (gpointer) (uintptr_t) group, sum);
  }
  add_audio(sum, adding->audio);
}

void capture_profile_add(CaptureProfile *profile, FieldContext *context,
                         const FindingList *findings, const CallAudio *audio)
{
  TrunkAudio adding = {profile, audio};

  cause_groups_add(profile->causes, context->call->number, context->call->start_ns, findings);
  metrics_add_call(&profile->all, context->call, trace_now(context->trace));
  metric_groups_add(profile->trunks, context);
  if (audio->streams == 0)
    return;
  add_audio(&profile->audio, audio);
  group_key_each(&profile->trunks->key, HOUR_UTC, context, add_trunk_audio, &adding);
}

/* --- comparing --- */

typedef struct {
  Arena *arena;
  const CaptureProfile *sides[2];
  GArray *rows;
} Comparing;

static double number_of(const Metrics *metrics, MetricId id)
{
  double value = 0;

  return metrics && metrics_value(metrics, id, &value) ? value : 0;
}

static void share_out(const Comparing *c, MetricId id, CaptureRow *row)
{
  MetricId whole = id == METRIC_FAILED_REGISTRATIONS ? METRIC_REGISTRATIONS : METRIC_CALLS;

  for (size_t i = 0; i < 2; i++) {
    double total = number_of(&c->sides[i]->all, whole);
    row->shares[i] = total > 0 ? row->values[i] / total : 0;
  }
}

/* A metric of both, of which either may be NULL.  None that both lack. */
static void add_metric(const Comparing *c, const Metrics *const metrics[2], MetricId id,
                       CaptureRow row)
{
  static const CaptureUnit UNITS[] = {
    [METRIC_UNIT_COUNT] = CAPTURE_UNIT_COUNT,
    [METRIC_UNIT_RATIO] = CAPTURE_UNIT_RATIO,
    [METRIC_UNIT_DURATION] = CAPTURE_UNIT_NS,
  };
  bool is_total =
    row.area == CAPTURE_OUTCOMES && (id == METRIC_CALLS || id == METRIC_REGISTRATIONS);
  bool is_count = metric_unit(id) == METRIC_UNIT_COUNT;
  char room[32];

  row.name = arena_dup(c->arena, slice_from_string(metric_key(id, room)));
  row.unit = is_total ? CAPTURE_UNIT_TOTAL : UNITS[metric_unit(id)];
  for (size_t i = 0; i < 2; i++)
    row.has[i] = (metrics[i] && metrics_value(metrics[i], id, &row.values[i])) || is_count;
  bool is_nothing = is_count && row.values[0] + row.values[1] <= 0;
  if (is_nothing || (!row.has[0] && !row.has[1]))
    return;
  share_out(c, id, &row);
  g_array_append_val(c->rows, row);
}

static void add_sound(const Comparing *c, const ProfileAudio *const audio[2], CaptureRow row)
{
  row.name = SLICE("loss");
  row.unit = CAPTURE_UNIT_PERCENT;
  for (size_t i = 0; i < 2; i++) {
    row.has[i] = audio[i] && audio[i]->calls > 0;
    row.values[i] = row.has[i] ? audio[i]->loss_percent / (double) audio[i]->calls : 0;
  }
  if (row.has[0] || row.has[1])
    g_array_append_val(c->rows, row);
  row.name = SLICE("mos");
  row.unit = CAPTURE_UNIT_MOS;
  for (size_t i = 0; i < 2; i++) {
    row.has[i] = audio[i] && audio[i]->rated > 0;
    row.values[i] = row.has[i] ? audio[i]->mos / (double) audio[i]->rated : 0;
  }
  if (row.has[0] || row.has[1])
    g_array_append_val(c->rows, row);
}

static void add_all(const Comparing *c)
{
  static const MetricId OUTCOMES[] = {METRIC_CALLS,
                                      METRIC_ANSWERED,
                                      METRIC_BUSY,
                                      METRIC_CANCELLED,
                                      METRIC_REDIRECTED,
                                      METRIC_FAILED,
                                      METRIC_UNANSWERED,
                                      METRIC_ASR,
                                      METRIC_NER,
                                      METRIC_REGISTRATIONS,
                                      METRIC_FAILED_REGISTRATIONS};
  static const struct {
    MetricDelay delay;
    DelayPart part;
  } DELAYS[] = {{METRIC_DELAY_PDD, DELAY_PART_P50},      {METRIC_DELAY_PDD, DELAY_PART_P90},
                {METRIC_DELAY_PDD, DELAY_PART_P99},      {METRIC_DELAY_FAILED_SRD, DELAY_PART_P50},
                {METRIC_DELAY_SDD, DELAY_PART_P90},      {METRIC_DELAY_RRD, DELAY_PART_P90},
                {METRIC_DELAY_DURATION, DELAY_PART_MEAN}};
  const Metrics *const all[] = {&c->sides[0]->all, &c->sides[1]->all};
  const ProfileAudio *const audio[] = {&c->sides[0]->audio, &c->sides[1]->audio};

  for (size_t i = 0; i < G_N_ELEMENTS(OUTCOMES); i++)
    add_metric(c, all, OUTCOMES[i], (CaptureRow){.area = CAPTURE_OUTCOMES});
  for (size_t i = 0; i < G_N_ELEMENTS(DELAYS); i++)
    add_metric(c, all, metric_of_delay(DELAYS[i].delay, DELAYS[i].part),
               (CaptureRow){.area = CAPTURE_DELAYS});
  add_sound(c, audio, (CaptureRow){.area = CAPTURE_MEDIA});
}

/* --- causes --- */

static uint64_t calls_with(const CauseGroups *groups, const CauseGroup *cause)
{
  CauseGroup key = *cause;

  key.seed = groups->seed;
  const CauseGroup *found = g_hash_table_lookup(groups->groups, &key);
  return found ? found->calls : 0;
}

static Slice cause_name(Arena *arena, const CauseGroup *cause)
{
  g_autoptr(GString) name = g_string_new(FINDINGS[cause->id].name);
  char where[ENDPOINT_TEXT_MAX];

  if (cause->status != 0)
    g_string_append_printf(name, " %u", cause->status);
  if (endpoint_is_known(&cause->where))
    g_string_append_printf(name, _(" at %s"), endpoint_format(&cause->where, where));
  return arena_dup(arena, slice_of(name->str, name->len));
}

/* Those that became more or fewer come first. */
static gint compare_changes(gconstpointer a, gconstpointer b)
{
  const CaptureRow *left = a, *right = b;
  double x = ABS(left->shares[1] - left->shares[0]), y = ABS(right->shares[1] - right->shares[0]);

  return x > y ? -1 : x < y;
}

static void add_causes(const Comparing *c)
{
  g_autoptr(GArray) rows = g_array_new(false, false, sizeof(CaptureRow));

  for (size_t side = 0; side < 2; side++) {
    g_autoptr(GPtrArray) list = cause_groups_list(c->sides[side]->causes);
    for (guint i = 0; i < list->len; i++) {
      const CauseGroup *cause = list->pdata[i];
      CaptureRow row = {.area = CAPTURE_CAUSES, .unit = CAPTURE_UNIT_COUNT, .has = {true, true}};
      for (size_t k = 0; k < 2; k++) {
        const CauseGroups *groups = c->sides[k]->causes;
        row.values[k] = (double) calls_with(groups, cause);
        row.shares[k] = groups->calls > 0 ? row.values[k] / (double) groups->calls : 0;
      }
      if (side == 1 && row.values[0] > 0)
        continue;
      row.name = cause_name(c->arena, cause);
      g_array_append_val(rows, row);
    }
  }
  g_array_sort(rows, compare_changes);
  g_array_append_vals(c->rows, rows->data, rows->len);
}

/* --- trunks --- */

static const ProfileAudio *trunk_sound(const CaptureProfile *profile, const MetricGroup *trunk)
{
  return trunk ? g_hash_table_lookup(profile->trunk_audio, trunk) : NULL;
}

static void add_trunk(const Comparing *c, const MetricGroup *const groups[2], Slice name)
{
  const MetricId shown[] = {METRIC_CALLS, METRIC_ASR,
                            metric_of_delay(METRIC_DELAY_PDD, DELAY_PART_P90)};
  const Metrics *const metrics[] = {groups[0] ? &groups[0]->metrics : NULL,
                                    groups[1] ? &groups[1]->metrics : NULL};
  const ProfileAudio *const audio[] = {trunk_sound(c->sides[0], groups[0]),
                                       trunk_sound(c->sides[1], groups[1])};
  const CaptureRow row = {.area = CAPTURE_TRUNKS, .group = arena_dup(c->arena, name)};

  for (size_t i = 0; i < G_N_ELEMENTS(shown); i++)
    add_metric(c, metrics, shown[i], row);
  add_sound(c, audio, row);
}

static void add_trunks(const Comparing *c)
{
  const MetricGroups *const trunks[] = {c->sides[0]->trunks, c->sides[1]->trunks};
  const MetricGroup *const others[] = {&trunks[0]->others, &trunks[1]->others};

  for (size_t side = 0; side < 2; side++) {
    g_autoptr(GPtrArray) list = metric_groups_list(trunks[side]);
    for (guint i = 0; i < list->len; i++) {
      const MetricGroup *group = list->pdata[i];
      const MetricGroup *const both[] = {find_group(trunks[0], group->name),
                                         find_group(trunks[1], group->name)};
      if (group->metrics.calls > 0 && (side == 0 || !both[0]))
        add_trunk(c, both, group->name.data ? group->name : SLICE("(none)"));
    }
  }
  if (others[0]->metrics.calls + others[1]->metrics.calls > 0)
    add_trunk(c, others, SLICE("others"));
}

GArray *capture_compare(Arena *arena, const CaptureProfile *before, const CaptureProfile *after)
{
  const Comparing c = {arena, {before, after}, g_array_new(false, false, sizeof(CaptureRow))};

  add_all(&c);
  add_causes(&c);
  add_trunks(&c);
  return c.rows;
}
