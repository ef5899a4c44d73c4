#include "ui/show/call_profile.h"

#include "dissect/trace/call_metrics.h"
#include "ui/show/first_hop.h"

/* --- the way of the request that decided --- */

static void add_hop(CallProfile *profile, const Trace *trace, const Aliases *aliases, uint32_t id)
{
  g_autoptr(GString) name = g_string_new(NULL);

  if (profile->hop_count == PROFILE_HOPS_MAX)
    return;
  aliases_append(aliases, trace_endpoint(trace, id), ALIAS_HOST, name);
  profile->hops[profile->hop_count++] = arena_dup(&profile->arena, slice_of(name->str, name->len));
}

static void find_hops(CallProfile *profile, const Trace *trace, const Aliases *aliases,
                      const Branch *root)
{
  add_hop(profile, trace, aliases, root->from);
  for (const Branch *branch = root; branch && profile->hop_count < PROFILE_HOPS_MAX;
       branch = branch->chosen ? branch->chosen : branch->last_child)
    add_hop(profile, trace, aliases, branch->to);
}

static void keep_message(CallProfile *profile, const StoreSet *stores, const ReadMessage *read,
                         ProfileMessage *ret_message)
{
  if (read && message_load(read->message, stores, &profile->arena, &ret_message->sip, NULL))
    ret_message->number = read->message->number;
}

/* --- its messages --- */

static Slice label_of(Arena *arena, const Trace *trace, const Message *message)
{
  const char *text = sip_status_text(message->status);

  if (message_is_request(message))
    return arena_dup(arena, trace_method_name(trace, message->method));
  g_autofree char *label =
    g_strdup_printf("%u%s%s", message->status, text ? " " : "", text ? text : "");
  return arena_dup(arena, slice_from_string(label));
}

static void find_steps(CallProfile *profile, const Trace *trace, const Call *call,
                       const Branch *root)
{
  const FirstHop hop = {trace, root->from, root->to};

  profile->steps = arena_alloc(&profile->arena, PROFILE_STEPS_MAX * sizeof(ProfileStep));
  for (const Message *m = root->request->message; m && profile->step_count < PROFILE_STEPS_MAX;
       m = m->next) {
    int direction = first_hop_direction(&hop, m);
    if (direction == 0 || m->flags & (MESSAGE_RETRANSMISSION | MESSAGE_DUPLICATE))
      continue;
    profile->steps[profile->step_count++] = (ProfileStep){
      .label = label_of(&profile->arena, trace, m),
      .from_caller = direction > 0,
      .status = m->status,
      .message = m->number,
      .time_ns = m->time_ns,
    };
  }
  profile->retransmissions = call->retransmissions;
}

static void find_delays(CallProfile *profile, const Call *call, const CallSummary *summary,
                        int64_t now_ns)
{
  const CallMetrics measured = call_measure(call, summary, now_ns);

  profile->delays_ns[PROFILE_PDD] = measured.pdd_ns;
  profile->delays_ns[PROFILE_SETUP] = summary->setup_ns;
  profile->delays_ns[PROFILE_REFUSAL] = summary->refusal_ns;
  profile->delays_ns[PROFILE_HANG_UP] = measured.sdd_ns;
}

/* --- media --- */

static ProfileStream *stream_place(CallProfile *profile, const char *kind, bool from_caller)
{
  for (size_t i = 0; i < profile->stream_count; i++)
    if (profile->streams[i].kind == kind && profile->streams[i].from_caller == from_caller)
      return &profile->streams[i];
  if (profile->stream_count == PROFILE_STREAMS_MAX)
    return NULL;
  ProfileStream *place = &profile->streams[profile->stream_count++];
  *place = (ProfileStream){.kind = kind, .from_caller = from_caller};
  return place;
}

static void find_streams(CallProfile *profile, const GArray *streams)
{
  for (guint i = 0; i < streams->len; i++) {
    const CallStream *s = &g_array_index(streams, CallStream, i);
    bool from_caller = s->owner.to == MEDIA_CALLEE;
    ProfileStream *place = stream_place(profile, media_kind_name(s->quality.kind), from_caller);
    if (!place || place->packets >= s->stream->packets)
      continue;
    const char *codec = s->quality.codec;
    *place = (ProfileStream){
      .kind = place->kind,
      .from_caller = from_caller,
      .codec = codec ? arena_copy(&profile->arena, codec, strlen(codec) + 1) : NULL,
      .packets = s->stream->packets,
      .loss_percent = s->quality.loss_percent,
      .has_mos = s->quality.has_mos,
      .mos = s->quality.mos,
      .number = s->stream->number,
    };
  }
}

/* --- the whole call --- */

bool call_profile_has_finding(const CallProfile *profile, FindingId id)
{
  for (size_t i = 0; i < profile->finding_count; i++)
    if (profile->findings[i].id == id)
      return true;
  return false;
}

static void find_findings(CallProfile *profile, const FindingList *list)
{
  profile->findings = arena_alloc(&profile->arena, FINDINGS_MAX * sizeof *profile->findings);
  for (int severity = SEVERITY_ERROR; severity >= SEVERITY_NOTE; severity--)
    for (size_t i = 0; i < list->count; i++) {
      const Finding *finding = &list->items[i];
      if ((int) finding->severity == severity && !call_profile_has_finding(profile, finding->id))
        profile->findings[profile->finding_count++] =
          (ProfileFinding){finding->id, finding->severity};
    }
}

static Slice text_of(CallProfile *profile, const Diagnoser *diagnoser, const Call *call,
                     CallText which)
{
  return arena_dup(&profile->arena, call_text(call, which, diagnoser->stores, &profile->arena));
}

CallProfile *call_profile_new(const Diagnoser *diagnoser, const Call *call, const Aliases *aliases)
{
  enum { FIRST = 64 * 1024 };
  const Trace *trace = diagnoser->trace;
  CallProfile *profile = g_new0(CallProfile, 1);
  Diagnosis diagnosis;

  arena_init(&profile->arena, FIRST);
  diagnose_call(diagnoser, call, &profile->arena, &diagnosis);
  profile->number = call->number;
  profile->call_id = text_of(profile, diagnoser, call, CALL_TEXT_ID);
  profile->from = text_of(profile, diagnoser, call, CALL_TEXT_FROM);
  profile->to = text_of(profile, diagnoser, call, CALL_TEXT_TO);
  profile->start_ns = call->start_ns;
  profile->outcome = diagnosis.summary.outcome;
  profile->outcome_name = call_outcome_name(&diagnosis.summary);
  profile->result = call_result_name(&diagnosis.summary);
  profile->status = diagnosis.summary.status;
  profile->sentence = diagnosis.sentence;
  find_findings(profile, &diagnosis.findings);
  find_delays(profile, call, &diagnosis.summary, trace_now(trace));
  find_streams(profile, diagnosis.streams);
  const Branch *root = first_hop_find(call, &diagnosis.summary, diagnosis.path);
  if (root) {
    find_hops(profile, trace, aliases, root);
    profile->transport = (Transport) root->request->message->transport;
    keep_message(profile, diagnoser->stores, root->request, &profile->request);
    keep_message(profile, diagnoser->stores, root->final, &profile->response);
    find_steps(profile, trace, call, root);
  }
  diagnosis_clear(&diagnosis);
  return profile;
}

void call_profile_free(CallProfile *profile)
{
  if (!profile)
    return;
  arena_clear(&profile->arena);
  g_free(profile);
}
