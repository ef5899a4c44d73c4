/* Getters of stream.*: RTP streams. */
#include "dissect/query/field_private.h"

#define NS_PER_MS 1e6

static const StreamQuality *quality_of(FieldContext *context)
{
  return &field_stream_facts(context)->quality;
}

/* Fields that are plain members or functions of the record. */
#define FIELD_OF_RECORD(name, value)                                                               \
  bool field_stream_##name(FieldContext *context, FieldValue *ret_value)                           \
  {                                                                                                \
    const RtpStream *stream = context->stream;                                                     \
    return field_give_integer(ret_value, (int64_t) (value));                                       \
  }

FIELD_OF_RECORD(number, stream->number)
FIELD_OF_RECORD(start, stream->first_ns)
FIELD_OF_RECORD(end, stream->last_ns)
FIELD_OF_RECORD(duration, stream->last_ns - stream->first_ns)
FIELD_OF_RECORD(packets, stream->packets)
FIELD_OF_RECORD(bytes, stream->bytes)
FIELD_OF_RECORD(expected, rtp_stream_expected(stream))
FIELD_OF_RECORD(lost, rtp_stream_lost(stream))
FIELD_OF_RECORD(bursts, rtp_stream_bursts(stream))
FIELD_OF_RECORD(duplicates, stream->duplicates)
FIELD_OF_RECORD(out_of_order, stream->out_of_order)
FIELD_OF_RECORD(max_gap, stream->max_gap_ns)
FIELD_OF_RECORD(silence, stream->silence_ns)
FIELD_OF_RECORD(dscp, stream->dscp)
FIELD_OF_RECORD(restarts, stream->restarts)
FIELD_OF_RECORD(type_changes, stream->type_changes)
FIELD_OF_RECORD(rtcp, stream->reports.packets)

bool field_stream_call(FieldContext *context, FieldValue *ret_value)
{
  const StreamFacts *facts = field_stream_facts(context);

  return facts->has_owner && field_give_integer(ret_value, facts->owners[0].call);
}

bool field_stream_y(FieldContext *context, FieldValue *ret_value)
{
  const StreamFacts *facts = field_stream_facts(context);
  uint32_t ssrc = context->stream->ssrc;

  if (!facts->has_owner || !media_owner_asks_for(&facts->owners[0], ssrc))
    return false;
  g_autofree char *digits = g_strdup_printf("%010u", ssrc);
  return field_give_text(ret_value, arena_dup(context->scratch, slice_from_string(digits)));
}

bool field_stream_media(FieldContext *context, FieldValue *ret_value)
{
  const StreamQuality *quality = quality_of(context);

  return quality->is_announced && field_give_string(ret_value, media_kind_name(quality->kind));
}

bool field_stream_src(FieldContext *context, FieldValue *ret_value)
{
  ret_value->address = context->stream->src;
  return true;
}

bool field_stream_dst(FieldContext *context, FieldValue *ret_value)
{
  ret_value->address = context->stream->dst;
  return true;
}

bool field_stream_transport(FieldContext *context, FieldValue *ret_value)
{
  return field_give_string(ret_value, transport_name(rtp_stream_transport(context->stream)));
}

bool field_stream_ssrc(FieldContext *context, FieldValue *ret_value)
{
  char text[16];
  int len = g_snprintf(text, sizeof text, "0x%08x", context->stream->ssrc);

  return field_give_text(ret_value, arena_dup(context->scratch, slice_of(text, (size_t) len)));
}

bool field_stream_codec(FieldContext *context, FieldValue *ret_value)
{
  return field_give_string(ret_value, quality_of(context)->codec);
}

bool field_stream_payload_type(FieldContext *context, FieldValue *ret_value)
{
  const RtpPayload *payload = rtp_stream_payload(context->stream);

  return payload && field_give_integer(ret_value, payload->type);
}

bool field_stream_clock_rate(FieldContext *context, FieldValue *ret_value)
{
  uint32_t rate = quality_of(context)->clock_rate;

  return field_give_integer(ret_value, rate) && rate != 0;
}

bool field_stream_loss(FieldContext *context, FieldValue *ret_value)
{
  *ret_value = value_decimal(quality_of(context)->loss_percent);
  return true;
}

bool field_stream_jitter(FieldContext *context, FieldValue *ret_value)
{
  const StreamQuality *quality = quality_of(context);

  return field_give_integer(ret_value, (int64_t) (quality->jitter_ms * NS_PER_MS + 0.5)) &&
         quality->has_jitter;
}

bool field_stream_max_jitter(FieldContext *context, FieldValue *ret_value)
{
  const StreamQuality *quality = quality_of(context);

  return field_give_integer(ret_value, (int64_t) (quality->max_jitter_ms * NS_PER_MS + 0.5)) &&
         quality->has_jitter;
}

bool field_stream_mos(FieldContext *context, FieldValue *ret_value)
{
  const StreamQuality *quality = quality_of(context);

  *ret_value = value_decimal(quality->mos);
  return quality->has_mos;
}

bool field_stream_mos_basis(FieldContext *context, FieldValue *ret_value)
{
  return field_give_string(ret_value, quality_of(context)->basis);
}

/* More digits than the record keeps end in an ellipsis. */
bool field_stream_dtmf(FieldContext *context, FieldValue *ret_value)
{
  static const char MORE[] = "\342\200\246";
  char text[RTP_DIGITS + sizeof MORE];
  size_t kept;
  const RtpDigit *digits = rtp_stream_digits(context->stream, &kept);

  for (size_t i = 0; i < kept; i++)
    text[i] = digits[i].digit;
  memcpy(text + kept, MORE, sizeof MORE);
  size_t len = kept + (context->stream->digit_count > kept ? sizeof MORE - 1 : 0);
  return len > 0 && field_give_text(ret_value, arena_dup(context->scratch, slice_of(text, len)));
}

bool field_stream_srtp(FieldContext *context, FieldValue *ret_value)
{
  const StreamQuality *quality = quality_of(context);

  return field_give_truth(ret_value, quality->is_srtp) && quality->is_announced;
}

/* --- RTCP ------------------------------------------------------------------------------------- */

static bool mean_trip_ns(const RtpStream *stream, int64_t *ret_ns)
{
  const RtpReports *reports = &stream->reports;

  if (reports->round_trips == 0)
    return false;
  *ret_ns = (int64_t) (reports->round_trips_us * 1000 / reports->round_trips);
  return true;
}

/* From the tap to one end and back, plus the same for the other end: no clock but the tap's. */
bool field_stream_rtt(FieldContext *context, FieldValue *ret_value)
{
  const RtpStream *opposite = field_stream_facts(context)->opposite;
  int64_t far_ns, near_ns;

  if (!opposite || !mean_trip_ns(context->stream, &far_ns) || !mean_trip_ns(opposite, &near_ns))
    return false;
  return field_give_integer(ret_value, far_ns + near_ns);
}

bool field_stream_reported_lost(FieldContext *context, FieldValue *ret_value)
{
  const RtpReports *reports = &context->stream->reports;

  return field_give_integer(ret_value, MAX(reports->lost, 0)) && reports->reports > 0;
}

bool field_stream_reported_jitter(FieldContext *context, FieldValue *ret_value)
{
  const RtpReports *reports = &context->stream->reports;
  uint32_t rate = quality_of(context)->clock_rate;

  if (reports->reports == 0 || rate == 0)
    return false;
  return field_give_integer(ret_value, (int64_t) (reports->jitter * 1e9 / rate));
}
