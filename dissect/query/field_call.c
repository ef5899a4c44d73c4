/* Getters of call.*, from the model and from the messages that decided; and of session
 * descriptions. */
#include "dissect/query/field_private.h"

#include "dissect/sip/sdp.h"
#include "dissect/sip/sip_body.h"
#include "dissect/sip/sip_values.h"
#include "dissect/trace/call_metrics.h"

bool field_call_number(FieldContext *context, FieldValue *ret_value)
{
  return field_give_integer(ret_value, context->call->number);
}

bool field_call_kind(FieldContext *context, FieldValue *ret_value)
{
  const char *exchange = call_exchange_kind(context->call);

  if (exchange || context->call->method == SIP_METHOD_NONE)
    return field_give_string(ret_value, exchange ? exchange : "unknown");
  Slice name = trace_method_name(context->trace, context->call->method);
  char *lower = arena_alloc(context->scratch, name.len);
  for (size_t i = 0; i < name.len; i++)
    lower[i] = g_ascii_tolower(name.data[i]);
  return field_give_text(ret_value, slice_of(lower, name.len));
}

bool field_call_id(FieldContext *context, FieldValue *ret_value)
{
  return field_give_text(ret_value, field_call_text(context, CALL_TEXT_ID));
}

bool field_call_from(FieldContext *context, FieldValue *ret_value)
{
  return field_give_text(ret_value, field_call_text(context, CALL_TEXT_FROM));
}

bool field_call_to(FieldContext *context, FieldValue *ret_value)
{
  return field_give_text(ret_value, field_call_text(context, CALL_TEXT_TO));
}

bool field_call_outcome(FieldContext *context, FieldValue *ret_value)
{
  return field_give_string(ret_value, call_outcome_name(field_call_summary(context)));
}

bool field_call_state(FieldContext *context, FieldValue *ret_value)
{
  const CallSummary *summary = field_call_summary(context);

  return field_give_string(ret_value, call_state_name(summary->state, summary->outcome));
}

bool field_call_result(FieldContext *context, FieldValue *ret_value)
{
  return field_call_state(context, ret_value) || field_call_outcome(context, ret_value);
}

bool field_call_status(FieldContext *context, FieldValue *ret_value)
{
  unsigned status = field_call_summary(context)->status;

  return field_give_integer(ret_value, status) && status != 0;
}

bool field_call_reason(FieldContext *context, FieldValue *ret_value)
{
  const SipMsg *sip = field_load(context, field_call_summary(context)->decided_by);

  return sip && field_give_text(ret_value, sip->reason);
}

bool field_call_note(FieldContext *context, FieldValue *ret_value)
{
  return field_give_string(ret_value, remarks_of(trace_remarks(context->trace), context->call));
}

bool field_call_start(FieldContext *context, FieldValue *ret_value)
{
  return field_give_integer(ret_value, context->call->start_ns) &&
         time_is_known(context->call->start_ns);
}

bool field_call_end(FieldContext *context, FieldValue *ret_value)
{
  return field_give_integer(ret_value, context->call->end_ns) &&
         time_is_known(context->call->end_ns);
}

/* Absent ones are negative. */
static bool give_interval(FieldValue *ret_value, int64_t ns)
{
  return field_give_integer(ret_value, ns) && ns >= 0;
}

bool field_call_ring(FieldContext *context, FieldValue *ret_value)
{
  return give_interval(ret_value, field_call_summary(context)->ring_ns);
}

bool field_call_setup(FieldContext *context, FieldValue *ret_value)
{
  return give_interval(ret_value, field_call_summary(context)->setup_ns);
}

bool field_call_duration(FieldContext *context, FieldValue *ret_value)
{
  return give_interval(ret_value, field_call_summary(context)->duration_ns);
}

/* --- RFC 6076 -------------------------------------------------------------------------------- */

static CallMetrics metrics_of(FieldContext *context)
{
  return call_measure(context->call, field_call_summary(context), trace_now(context->trace));
}

bool field_call_pdd(FieldContext *context, FieldValue *ret_value)
{
  return give_interval(ret_value, metrics_of(context).pdd_ns);
}

bool field_call_srd(FieldContext *context, FieldValue *ret_value)
{
  return give_interval(ret_value, metrics_of(context).srd_ns);
}

bool field_call_failed_srd(FieldContext *context, FieldValue *ret_value)
{
  return give_interval(ret_value, metrics_of(context).failed_srd_ns);
}

bool field_call_sdd(FieldContext *context, FieldValue *ret_value)
{
  return give_interval(ret_value, metrics_of(context).sdd_ns);
}

bool field_call_failed_sdd(FieldContext *context, FieldValue *ret_value)
{
  return give_interval(ret_value, metrics_of(context).failed_sdd_ns);
}

bool field_call_sdt(FieldContext *context, FieldValue *ret_value)
{
  return give_interval(ret_value, metrics_of(context).sdt_ns);
}

bool field_call_failed_sdt(FieldContext *context, FieldValue *ret_value)
{
  return give_interval(ret_value, metrics_of(context).failed_sdt_ns);
}

static void keep_rrd(void *data, const RegisterAttempt *attempt)
{
  *(int64_t *) data = attempt->rrd_ns;
}

bool field_call_rrd(FieldContext *context, FieldValue *ret_value)
{
  int64_t rrd_ns = -1;

  if (context->call->method == SIP_METHOD_REGISTER)
    call_each_register(context->call, trace_now(context->trace), REGISTER_RECENT, keep_rrd,
                       &rrd_ns);
  return give_interval(ret_value, rrd_ns);
}

/* --- Counters -------------------------------------------------------------------------------- */

bool field_call_messages(FieldContext *context, FieldValue *ret_value)
{
  return field_give_integer(ret_value, context->call->messages);
}

bool field_call_retransmissions(FieldContext *context, FieldValue *ret_value)
{
  return field_give_integer(ret_value, context->call->retransmissions);
}

bool field_call_duplicates(FieldContext *context, FieldValue *ret_value)
{
  return field_give_integer(ret_value, context->call->duplicates);
}

bool field_call_transactions(FieldContext *context, FieldValue *ret_value)
{
  return field_give_integer(ret_value, context->call->transaction_count);
}

bool field_call_dialogs(FieldContext *context, FieldValue *ret_value)
{
  return field_give_integer(ret_value, context->call->dialog_count);
}

bool field_call_forks(FieldContext *context, FieldValue *ret_value)
{
  return context->call->method == SIP_METHOD_INVITE &&
         field_give_integer(ret_value, field_call_facts(context)->forks);
}

/* Of a capture that begins midway, by the first response. */
static bool give_end(FieldContext *context, bool sender, FieldValue *ret_value)
{
  const Message *began = field_call_began(context);

  if (!began)
    return false;
  uint32_t id = message_is_request(began) == sender ? began->src : began->dst;
  ret_value->address = *trace_endpoint(context->trace, id);
  return true;
}

bool field_call_src(FieldContext *context, FieldValue *ret_value)
{
  return give_end(context, true, ret_value);
}

bool field_call_dst(FieldContext *context, FieldValue *ret_value)
{
  return give_end(context, false, ret_value);
}

void field_call_endpoints(FieldContext *context, Slice name, FieldList *list)
{
  const CallFacts *facts = field_call_facts(context);

  (void) name;
  for (unsigned i = 0; i < facts->endpoint_count; i++)
    field_list_add(list,
                   (FieldValue){.address = *trace_endpoint(context->trace, facts->endpoints[i])});
  if (!facts->beyond || (context->enough > 0 && list->count >= context->enough))
    return;
  g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
  for (unsigned i = 0; i < facts->endpoint_count; i++)
    g_hash_table_add(seen, GUINT_TO_POINTER(facts->endpoints[i]));
  for (const Message *m = facts->beyond; m; m = m->next)
    for (unsigned i = 0; i < 2; i++) {
      uint32_t id = i == 0 ? m->src : m->dst;
      if (g_hash_table_add(seen, GUINT_TO_POINTER(id)))
        field_list_add(list, (FieldValue){.address = *trace_endpoint(context->trace, id)});
    }
}

void field_call_transports(FieldContext *context, Slice name, FieldList *list)
{
  unsigned transports = context->call->transports;

  (void) name;
  for (Transport t = 0; t < TRANSPORT_COUNT; t++)
    if (transports & 1U << t)
      field_list_add_text(list, slice_from_string(transport_name(t)));
}

bool field_call_cause(FieldContext *context, FieldValue *ret_value)
{
  const CallEndings *endings = field_call_endings(context);

  for (size_t i = 0; i < endings->count; i++) {
    const SipMsg *sip = field_load(context, endings->messages[i]);
    if (sip && field_q850_cause(sip, &ret_value->integer))
      return true;
  }
  return false;
}

void field_call_reason_header(FieldContext *context, Slice name, FieldList *list)
{
  const CallEndings *endings = field_call_endings(context);

  (void) name;
  for (size_t i = 0; i < endings->count && list->count == 0; i++)
    field_collect_values(context, field_load(context, endings->messages[i]), SIP_HEADER_REASON,
                         list);
}

void field_call_warning(FieldContext *context, Slice name, FieldList *list)
{
  const SipMsg *sip = field_load(context, field_call_summary(context)->decided_by);

  (void) name;
  field_collect_values(context, sip, SIP_HEADER_WARNING, list);
  /* RFC 3261 20.43: 399 host "text"; whatever has no text in quotes is given whole. */
  for (size_t i = 0; i < list->count; i++) {
    Slice *warning = &list->values[i].text;
    Slice quoted = slice_from(*warning, slice_find(*warning, '"'));
    Slice text = sip_unquote(context->scratch, quoted);

    *warning = text.data != quoted.data ? text : *warning;
  }
}

bool field_call_user_agent(FieldContext *context, FieldValue *ret_value)
{
  const Message *began = field_call_began(context);

  return message_is_request(began) &&
         field_give_text(ret_value, field_software(context, field_load(context, began)));
}

bool field_call_server(FieldContext *context, FieldValue *ret_value)
{
  const Message *decided_by = field_call_summary(context)->decided_by;
  Slice software = field_software(context, field_load(context, decided_by));

  if (!software.data)
    software = field_software(context, field_load(context, field_call_facts(context)->callee));
  return field_give_text(ret_value, software);
}

/* --- Media ----------------------------------------------------------------------------------- */

bool field_call_audio_way(FieldContext *context, FieldValue *ret_value)
{
  return field_give_string(ret_value, call_audio_name(field_call_audio(context)->way));
}

bool field_call_mos(FieldContext *context, FieldValue *ret_value)
{
  const CallAudio *audio = field_call_audio(context);

  ret_value->integer = value_decimal(audio->mos).integer;
  return audio->has_mos;
}

bool field_call_loss(FieldContext *context, FieldValue *ret_value)
{
  const CallAudio *audio = field_call_audio(context);

  ret_value->integer = value_decimal(audio->loss_percent).integer;
  return audio->streams > 0;
}

bool field_call_jitter(FieldContext *context, FieldValue *ret_value)
{
  const CallAudio *audio = field_call_audio(context);

  return audio->has_jitter && field_give_integer(ret_value, (int64_t) (audio->jitter_ms * 1e6));
}

bool field_call_streams(FieldContext *context, FieldValue *ret_value)
{
  uint32_t streams = field_call_audio(context)->streams;

  return streams > 0 && field_give_integer(ret_value, streams);
}

/* --- Session descriptions -------------------------------------------------------------------- */

typedef enum {
  MEDIA_TYPES,
  MEDIA_CODECS,
} MediaNames;

/* Of all media that were not refused, each name once, in their order. */
static void collect_media(FieldContext *context, const Message *message, MediaNames names,
                          FieldList *list)
{
  bool has_sdp = message && message->flags & MESSAGE_HAS_SDP; /* others need not be read */
  const SipMsg *sip = has_sdp ? field_load(context, message) : NULL;
  SdpMedia media;
  Sdp sdp;

  if (!sip || !sdp_parse(sip_msg_sdp(sip), &sdp))
    return;
  FieldTexts texts = field_texts_new(list);
  for (Slice rest = sdp.media; sdp_media_next(&sdp, &rest, &media);) {
    SdpCodecIter codecs = sdp_codecs(&media);
    SdpCodec codec;

    if (!media.refused && names == MEDIA_TYPES)
      field_texts_add(&texts, media.type);
    while (!media.refused && names == MEDIA_CODECS && sdp_codec_next(&codecs, &codec))
      field_texts_add(&texts, codec.name.data ? codec.name : codec.format);
  }
  field_texts_clear(&texts);
}

void field_call_codecs_offered(FieldContext *context, Slice name, FieldList *list)
{
  (void) name;
  collect_media(context, field_call_facts(context)->offer, MEDIA_CODECS, list);
}

void field_call_codecs_chosen(FieldContext *context, Slice name, FieldList *list)
{
  (void) name;
  collect_media(context, field_call_facts(context)->answer, MEDIA_CODECS, list);
}

void field_call_media(FieldContext *context, Slice name, FieldList *list)
{
  const CallFacts *facts = field_call_facts(context);

  (void) name;
  collect_media(context, facts->answer ? facts->answer : facts->offer, MEDIA_TYPES, list);
}

void field_message_codecs(FieldContext *context, Slice name, FieldList *list)
{
  (void) name;
  collect_media(context, context->message, MEDIA_CODECS, list);
}

void field_message_media(FieldContext *context, Slice name, FieldList *list)
{
  (void) name;
  collect_media(context, context->message, MEDIA_TYPES, list);
}
