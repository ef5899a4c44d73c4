#include "dissect/diagnose/diagnosis.h"

Diagnoser *diagnoser_new(const Trace *trace, const StoreSet *stores)
{
  Diagnoser *diagnoser = g_new(Diagnoser, 1);

  *diagnoser = (Diagnoser){trace, stores, media_hosts_new(trace)};
  return diagnoser;
}

void diagnoser_free(Diagnoser *diagnoser)
{
  if (!diagnoser)
    return;
  media_hosts_free(diagnoser->hosts);
  g_free(diagnoser);
}

static void append_quality(GString *text, const CallStream *s)
{
  char src[ENDPOINT_TEXT_MAX];

  g_string_append_printf(text, "; %.40s from %s", s->quality.codec ? s->quality.codec : "RTP",
                         endpoint_format(&s->stream->src, src));
  if (s->quality.has_mos)
    g_string_append_printf(text, ", MOS %.2f", s->quality.mos);
}

static const char *result_of(const Diagnosis *diagnosis, const Call *call, CallAudioWay way,
                             Arena *arena)
{
  const CallSummary *summary = &diagnosis->summary;
  const char *state = call_state_name(summary->state, summary->outcome);
  g_autoptr(GString) text = g_string_new(state ? state : outcome_name(summary->outcome));

  if (summary->status != 0)
    g_string_append_printf(text, " (%u)", summary->status);
  if (call->method == SIP_METHOD_INVITE && call_audio_name(way))
    g_string_append_printf(text, "; audio: %s", call_audio_name(way));
  for (guint i = 0; i < MIN(diagnosis->streams->len, 2U); i++)
    append_quality(text, &g_array_index(diagnosis->streams, CallStream, i));
  return arena_copy(arena, text->str, text->len + 1);
}

void diagnose_call(const Diagnoser *diagnoser, const Call *call, Arena *arena,
                   Diagnosis *ret_diagnosis)
{
  const Trace *trace = diagnoser->trace;
  const MediaBook *book = trace_media(trace);
  Diagnosis *diagnosis = ret_diagnosis;

  *diagnosis = (Diagnosis){
    .summary = call_summarize(call, trace_now(trace)),
    .media = book ? media_book_call(book, call->number) : NULL,
    .streams = call_stream_list(trace, call),
    .findings = {.arena = arena},
  };
  call_path_find(trace, call, diagnoser->stores, arena, &diagnosis->path);
  const MediaCase media_case = {trace, call, diagnosis->media, diagnosis->streams,
                                diagnoser->hosts};
  media_findings_add(&media_case, &diagnosis->findings);
  finding_list_sort(&diagnosis->findings);
  diagnosis->result = result_of(
    diagnosis, call, call_audio_of(trace, diagnosis->media, diagnosis->streams).way, arena);
  diagnosis->sentence =
    diagnosis->findings.count > 0 ? diagnosis->findings.items[0].text : diagnosis->result;
}

void diagnosis_clear(Diagnosis *diagnosis)
{
  call_path_clear(&diagnosis->path);
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
