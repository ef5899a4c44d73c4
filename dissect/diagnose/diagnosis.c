#include "capture/language.h"
#include "dissect/diagnose/diagnosis_private.h"
#include "dissect/diagnose/rules.h"

Diagnoser *diagnoser_new(const Trace *trace, const StoreSet *stores)
{
  Diagnoser *diagnoser = g_new(Diagnoser, 1);

  *diagnoser = (Diagnoser){
    .trace = trace,
    .stores = stores,
    .index = capture_index_new(trace),
    .registers = register_memo_new(),
    .hosts = media_hosts_new(trace),
  };
  return diagnoser;
}

void diagnoser_free(Diagnoser *diagnoser)
{
  if (!diagnoser)
    return;
  diagnoses_ahead_free(diagnoser->ahead);
  capture_index_free(diagnoser->index);
  register_memo_free(diagnoser->registers);
  media_hosts_free(diagnoser->hosts);
  g_free(diagnoser);
}

void diagnoser_work_ahead(Diagnoser *diagnoser, GArray *calls)
{
  const uint32_t *streams;

  diagnoses_ahead_free(diagnoser->ahead);
  /* What grows when it is asked for, if the trace has grown: from now on it is only read. */
  capture_index_update(diagnoser->index);
  media_hosts_update(diagnoser->hosts);
  if (calls->len > 0)
    (void) trace_call_streams(diagnoser->trace, g_array_index(calls, const Call *, 0), &streams);
  diagnoser->ahead = diagnoses_ahead_new(diagnoser, calls);
}

static void append_quality(GString *text, const CallStream *s)
{
  char src[ENDPOINT_TEXT_MAX];

  g_string_append_printf(text, _("; %.40s from %s"), s->quality.codec ? s->quality.codec : "RTP",
                         endpoint_format(&s->stream->src, src));
  if (s->quality.has_mos)
    g_string_append_printf(text, _(", MOS %.2f"), s->quality.mos);
}

static const char *result_of(const Diagnosis *diagnosis, const Call *call, CallAudioWay way,
                             Arena *arena)
{
  const CallSummary *summary = &diagnosis->summary;
  g_autoptr(GString) text = g_string_new(_(call_result_name(summary)));

  if (summary->status != 0)
    g_string_append_printf(text, " (%u)", summary->status);
  if (call->method == SIP_METHOD_INVITE && call_audio_name(way))
    g_string_append_printf(text, _("; audio: %s"), _(call_audio_name(way)));
  for (guint i = 0; i < MIN(diagnosis->streams->len, 2U); i++)
    append_quality(text, &g_array_index(diagnosis->streams, CallStream, i));
  return arena_copy(arena, text->str, text->len + 1);
}

/* --- Signalling ------------------------------------------------------------------------------- */

static const struct {
  void (*add)(CallCase *, FindingList *);
  bool needs_addresses; /* it compares where messages came from and went to */
  bool reads_others;    /* and keeps what it read of other calls: not for the thread ahead */
} FAMILIES[] = {
  {outcome_findings_add, false, false},     {silence_findings_add, false, false},
  {codec_findings_add, false, false},       {ack_findings_add, true, false},
  {contact_findings_add, true, false},      {dialog_findings_add, false, false},
  {ending_findings_add, false, false},      {transfer_findings_add, false, false},
  {registration_findings_add, false, true}, {subscription_findings_add, false, false},
  {ping_findings_add, true, false},         {resend_findings_add, true, false},
  {route_findings_add, true, false},        {hop_findings_add, true, false},
  {offer_findings_add, false, false},       {identity_findings_add, false, false},
  {gb_findings_add, false, false},          {attack_findings_add, false, false},
};

/* The first explains the second, which is not repeated. */
static const struct {
  FindingId cause, effect;
} EXPLAINS[] = {
  {FINDING_CONTACT_UNREACHABLE, FINDING_ACK_MISSING},
  {FINDING_CONTACT_UNREACHABLE, FINDING_BYE_UNANSWERED},
  {FINDING_CONTACT_UNREACHABLE, FINDING_NO_RESPONSE},
  {FINDING_CANCEL_RACE, FINDING_DROPPED},
  {FINDING_FORK_ANSWERED_TWICE, FINDING_DROPPED},
  {FINDING_ACK_MISSING, FINDING_DROPPED},
  {FINDING_CONTACT_UNREACHABLE, FINDING_DROPPED},
  {FINDING_SESSION_EXPIRED, FINDING_DROPPED},
  {FINDING_NO_COMMON_CODEC, FINDING_DROPPED},
};

static void drop_explained(FindingList *list)
{
  for (size_t i = 0; i < G_N_ELEMENTS(EXPLAINS); i++)
    if (finding_list_find(list, EXPLAINS[i].cause))
      finding_list_remove(list, EXPLAINS[i].effect);
}

static void run_families(Diagnosis *diagnosis, bool reads_others)
{
  CallCase *c = diagnosis->call_case;

  for (size_t i = 0; i < G_N_ELEMENTS(FAMILIES); i++)
    if (FAMILIES[i].reads_others == reads_others &&
        (!c->lacks_addresses || !FAMILIES[i].needs_addresses))
      FAMILIES[i].add(c, &diagnosis->findings);
}

/* A trace without RTP keeps no offers and answers. */
static void find_media(const Diagnoser *diagnoser, const Call *call, Diagnosis *diagnosis)
{
  const MediaBook *book = trace_media(diagnoser->trace);

  diagnosis->own_book = NULL;
  if (!book && diagnoser->stores)
    book = diagnosis->own_book = call_read_media(call, CALL_READING_MAX, diagnoser->stores);
  diagnosis->media = book ? media_book_call(book, call->number) : NULL;
}

static void prepare_case(const Diagnoser *diagnoser, const Call *call, Arena *arena,
                         Diagnosis *diagnosis)
{
  diagnosis->call_case = arena_alloc(arena, sizeof *diagnosis->call_case);
  *diagnosis->call_case = (CallCase){
    .trace = diagnoser->trace,
    .stores = diagnoser->stores,
    .call = call,
    .summary = &diagnosis->summary,
    .media = diagnosis->media,
    .streams = diagnosis->streams,
    .path = diagnosis->path,
    .index = diagnoser->index,
    .registers = diagnoser->registers,
    .names = diagnoser->names,
    .arena = arena,
    .now_ns = trace_now(diagnoser->trace),
  };
  call_case_prepare(diagnosis->call_case);
}

/* --- All of it -------------------------------------------------------------------------------- */

static void begin_with(const Diagnoser *diagnoser, CallPath *path, Arena *arena,
                       Diagnosis *diagnosis)
{
  const Trace *trace = diagnoser->trace;
  const Call *call = path->reading.call;

  diagnosis->path = path;
  diagnosis->summary = call_summarize(call, trace_now(trace));
  find_media(diagnoser, call, diagnosis);
  diagnosis->streams = call_stream_list(trace, call);
  finding_list_init(&diagnosis->findings, arena);
  prepare_case(diagnoser, call, arena, diagnosis);
  run_families(diagnosis, false);
  session_events_find(diagnosis->call_case, diagnoser->sessions, &diagnosis->session);
  const MediaCase media_case = {trace, call, diagnosis->media, diagnosis->streams,
                                diagnoser->hosts};
  media_findings_add(&media_case, &diagnosis->findings);
  const DoubtfulCall doubtful = {trace, call, &diagnosis->summary, diagnosis->media,
                                 &path->reading};
  diagnosis->doubts = (Doubts){0};
  doubts_add_call(&doubtful, arena, &diagnosis->doubts);
  diagnosis->result = result_of(
    diagnosis, call, call_audio_of(trace, diagnosis->media, diagnosis->streams).way, arena);
}

void diagnosis_begin(const Diagnoser *diagnoser, const Call *call, Arena *arena,
                     Diagnosis *ret_diagnosis)
{
  CallPath *path = arena_alloc(arena, sizeof *path);

  call_path_begin(diagnoser->trace, call, diagnoser->stores, arena, path);
  begin_with(diagnoser, path, arena, ret_diagnosis);
}

void diagnosis_hand_over(Diagnosis *diagnosis, const Diagnoser *to, Diagnosis *ret_diagnosis)
{
  FindingList *findings = &ret_diagnosis->findings;

  memcpy(ret_diagnosis, diagnosis, offsetof(Diagnosis, findings.items));
  memcpy(findings->items, diagnosis->findings.items, findings->count * sizeof *findings->items);
  ret_diagnosis->call_case->summary = &ret_diagnosis->summary;
  ret_diagnosis->call_case->stores = to->stores;
  call_reading_set_stores(&ret_diagnosis->path->reading, to->stores);
}

static void end(Diagnosis *diagnosis)
{
  run_families(diagnosis, true);
  call_case_clear(diagnosis->call_case);
  drop_explained(&diagnosis->findings);
  finding_list_sort(&diagnosis->findings);
  const Finding *verdict = finding_verdict(diagnosis->findings.items, diagnosis->findings.count);
  diagnosis->sentence = verdict ? verdict->text : diagnosis->result;
}

void diagnose_call(const Diagnoser *diagnoser, const Call *call, Arena *arena,
                   Diagnosis *ret_diagnosis)
{
  Diagnosis *diagnosis = ret_diagnosis;

  if (!diagnoser->ahead || !diagnoses_ahead_take(diagnoser->ahead, call, diagnosis))
    diagnosis_begin(diagnoser, call, arena, diagnosis);
  end(diagnosis);
  if (!call_reading_has_failed(&diagnosis->path->reading))
    return;
  /* The rules took for empty what could not be read: once more, without it. */
  diagnosis_clear(diagnosis);
  CallPath *path = arena_alloc(arena, sizeof *path);
  call_path_find(diagnoser->trace, call, diagnoser->stores, arena, path);
  begin_with(diagnoser, path, arena, diagnosis);
  end(diagnosis);
}

void diagnosis_clear(Diagnosis *diagnosis)
{
  call_case_clear(diagnosis->call_case);
  call_path_clear(diagnosis->path);
  g_clear_pointer(&diagnosis->own_book, media_book_free);
  g_clear_pointer(&diagnosis->streams, g_array_unref);
}

const char *diagnosis_direction(const MediaLine *offer, const MediaLine *answer)
{
  if (!answer)
    return sdp_direction_name(offer->direction);
  bool sends = media_may_flow(offer, answer), gets = media_may_flow(answer, offer);
  return sdp_direction_name(sends && gets ? SDP_SENDRECV
                            : sends       ? SDP_SENDONLY
                            : gets        ? SDP_RECVONLY
                                          : SDP_INACTIVE);
}
