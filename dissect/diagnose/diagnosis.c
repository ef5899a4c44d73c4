#include "dissect/diagnose/diagnosis.h"

#include "capture/language.h"
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
  paths_ahead_free(diagnoser->ahead);
  capture_index_free(diagnoser->index);
  register_memo_free(diagnoser->registers);
  media_hosts_free(diagnoser->hosts);
  g_free(diagnoser);
}

void diagnoser_read_ahead(Diagnoser *diagnoser, GArray *calls)
{
  paths_ahead_free(diagnoser->ahead);
  diagnoser->ahead = paths_ahead_new(diagnoser->trace, diagnoser->stores, calls);
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
} FAMILIES[] = {
  {outcome_findings_add, false},      {silence_findings_add, false},
  {codec_findings_add, false},        {ack_findings_add, true},
  {contact_findings_add, true},       {dialog_findings_add, false},
  {ending_findings_add, false},       {transfer_findings_add, false},
  {registration_findings_add, false}, {subscription_findings_add, false},
  {ping_findings_add, true},          {resend_findings_add, true},
  {route_findings_add, true},         {hop_findings_add, true},
  {offer_findings_add, false},        {identity_findings_add, false},
  {gb_findings_add, false},           {attack_findings_add, false},
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

static void diagnose_signalling(const Diagnoser *diagnoser, const Call *call, Diagnosis *diagnosis)
{
  CallCase call_case = {
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
    .arena = diagnosis->findings.arena,
    .now_ns = trace_now(diagnoser->trace),
  };

  call_case_prepare(&call_case);
  for (size_t i = 0; i < G_N_ELEMENTS(FAMILIES); i++)
    if (!call_case.lacks_addresses || !FAMILIES[i].needs_addresses)
      FAMILIES[i].add(&call_case, &diagnosis->findings);
  session_events_find(&call_case, diagnoser->with_plain_sessions, &diagnosis->session);
  call_case_clear(&call_case);
  drop_explained(&diagnosis->findings);
}

static void find_path(const Diagnoser *diagnoser, const Call *call, Arena *arena,
                      Diagnosis *diagnosis)
{
  diagnosis->own_path = NULL;
  diagnosis->path = diagnoser->ahead ? paths_ahead_take(diagnoser->ahead, call) : NULL;
  if (diagnosis->path)
    return;
  diagnosis->path = diagnosis->own_path = arena_alloc(arena, sizeof(CallPath));
  call_path_begin(diagnoser->trace, call, diagnoser->stores, arena, diagnosis->own_path);
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

static void diagnose(const Diagnoser *diagnoser, const Call *call, Arena *arena,
                     Diagnosis *diagnosis)
{
  const Trace *trace = diagnoser->trace;

  diagnosis->summary = call_summarize(call, trace_now(trace));
  find_media(diagnoser, call, diagnosis);
  diagnosis->streams = call_stream_list(trace, call);
  finding_list_init(&diagnosis->findings, arena);
  diagnose_signalling(diagnoser, call, diagnosis);
  const MediaCase media_case = {trace, call, diagnosis->media, diagnosis->streams,
                                diagnoser->hosts};
  media_findings_add(&media_case, &diagnosis->findings);
  finding_list_sort(&diagnosis->findings);
  const DoubtfulCall doubtful = {trace, call, &diagnosis->summary, diagnosis->media,
                                 &diagnosis->path->reading};
  diagnosis->doubts = (Doubts){0};
  doubts_add_call(&doubtful, arena, &diagnosis->doubts);
  diagnosis->result = result_of(
    diagnosis, call, call_audio_of(trace, diagnosis->media, diagnosis->streams).way, arena);
  const Finding *verdict = finding_verdict(diagnosis->findings.items, diagnosis->findings.count);
  diagnosis->sentence = verdict ? verdict->text : diagnosis->result;
}

void diagnose_call(const Diagnoser *diagnoser, const Call *call, Arena *arena,
                   Diagnosis *ret_diagnosis)
{
  Diagnosis *diagnosis = ret_diagnosis;

  find_path(diagnoser, call, arena, diagnosis);
  diagnose(diagnoser, call, arena, diagnosis);
  if (!call_reading_has_failed(&diagnosis->path->reading))
    return;
  /* The rules took for empty what could not be read: once more, without it. */
  diagnosis_clear(diagnosis);
  diagnosis->path = diagnosis->own_path = arena_alloc(arena, sizeof(CallPath));
  call_path_find(diagnoser->trace, call, diagnoser->stores, arena, diagnosis->own_path);
  diagnose(diagnoser, call, arena, diagnosis);
}

void diagnosis_clear(Diagnosis *diagnosis)
{
  if (diagnosis->own_path)
    call_path_clear(diagnosis->own_path);
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
