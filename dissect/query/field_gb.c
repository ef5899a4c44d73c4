/* Getters of gb.*: GB/T 28181, of a message, or of the one that began the call. */
#include "dissect/query/field_private.h"

#include "dissect/diagnose/gb_exchange.h"
#include "dissect/diagnose/gb_subscription.h"
#include "dissect/sip/gb_body.h"
#include "dissect/sip/gb_media.h"
#include "dissect/sip/gb_play.h"
#include "dissect/sip/gb_ptz.h"
#include "dissect/sip/sip_body.h"

static bool read_body(FieldContext *context, GbBody *ret_body)
{
  const SipMsg *sip = field_load_subject(context);

  return sip && sip_msg_gb(sip, ret_body);
}

bool field_gb_command(FieldContext *context, FieldValue *ret_value)
{
  GbBody body;

  return read_body(context, &body) && field_give_text(ret_value, body.command);
}

bool field_gb_kind(FieldContext *context, FieldValue *ret_value)
{
  GbBody body;

  return read_body(context, &body) && field_give_string(ret_value, gb_kind_name(body.kind));
}

bool field_gb_sn(FieldContext *context, FieldValue *ret_value)
{
  GbBody body;

  return read_body(context, &body) && field_give_text(ret_value, body.sn);
}

bool field_gb_device(FieldContext *context, FieldValue *ret_value)
{
  GbBody body;

  return read_body(context, &body) && field_give_text(ret_value, body.device);
}

/* Of the call that is looked at. */
static bool read_exchange(FieldContext *context, GbExchange *ret_exchange)
{
  return !context->message &&
         gb_exchange_read(context->call, context->stores, context->scratch, ret_exchange);
}

bool field_gb_result(FieldContext *context, FieldValue *ret_value)
{
  GbExchange exchange;
  GbBody body;

  if (read_exchange(context, &exchange))
    return field_give_text(ret_value, exchange.result);
  return read_body(context, &body) && field_give_text(ret_value, body.result);
}

bool field_gb_ptz(FieldContext *context, FieldValue *ret_value)
{
  char text[GB_PTZ_TEXT_MAX];
  GbBody body;
  GbPtz ptz;

  if (!read_body(context, &body) || !gb_ptz_read(body.ptz, &ptz))
    return false;
  Slice written = slice_from_string(gb_ptz_format(&ptz, text));
  return field_give_text(ret_value, arena_dup(context->scratch, written));
}

bool field_gb_play(FieldContext *context, FieldValue *ret_value)
{
  const SipMsg *sip = field_load_subject(context);
  char text[GB_PLAY_TEXT_MAX];
  GbPlay play;

  if (!sip || !sip_msg_gb_play(sip, &play))
    return false;
  Slice words = slice_from_string(gb_play_format(&play, text));
  return field_give_text(ret_value, arena_dup(context->scratch, words));
}

bool field_gb_latency(FieldContext *context, FieldValue *ret_value)
{
  GbExchange exchange;

  if (!read_exchange(context, &exchange))
    return false;
  int64_t latency_ns = gb_exchange_latency(&exchange);
  return latency_ns >= 0 && field_give_integer(ret_value, latency_ns);
}

static bool give_number(FieldValue *ret_value, Slice text)
{
  uint32_t number;

  return slice_to_u32(text, &number) && field_give_integer(ret_value, number);
}

bool field_gb_items(FieldContext *context, FieldValue *ret_value)
{
  GbExchange exchange;
  GbBody body;

  if (read_exchange(context, &exchange))
    return exchange.has_sum && !exchange.is_uncounted &&
           field_give_integer(ret_value, (int64_t) exchange.items);
  return read_body(context, &body) && give_number(ret_value, body.num);
}

bool field_gb_sum(FieldContext *context, FieldValue *ret_value)
{
  GbExchange exchange;
  GbBody body;

  if (read_exchange(context, &exchange))
    return exchange.has_sum && field_give_integer(ret_value, exchange.sum);
  return read_body(context, &body) && give_number(ret_value, body.sum_num);
}

bool field_gb_ssrc(FieldContext *context, FieldValue *ret_value)
{
  const SipMsg *sip = field_load_subject(context);

  return sip && field_give_text(ret_value, gb_sdp_ssrc(sip_msg_sdp(sip)));
}

bool field_gb_subscription(FieldContext *context, FieldValue *ret_value)
{
  const Call *call = context->call;

  return call_rare(call)->subscription &&
         field_give_string(ret_value, gb_subscription_state_name(gb_subscription_state(
                                        context->trace, call, trace_now(context->trace))));
}

bool field_gb_expires(FieldContext *context, FieldValue *ret_value)
{
  const Subscription *subscription = call_rare(context->call)->subscription;

  if (!subscription || subscription->since_ns == TIME_NONE)
    return false;
  *ret_value = value_time(subscription->until_ns);
  return true;
}

bool field_gb_refreshes(FieldContext *context, FieldValue *ret_value)
{
  const Subscription *subscription = call_rare(context->call)->subscription;

  return subscription && field_give_integer(ret_value, subscription->refreshes);
}

bool field_gb_notifications(FieldContext *context, FieldValue *ret_value)
{
  const Subscription *subscription = call_rare(context->call)->subscription;

  return subscription && field_give_integer(ret_value, subscription->notifications);
}
