/* Getters of message.*: what its record knows, and what is in its octets. */
#include "dissect/query/field_private.h"

#include "dissect/sip/sip_values.h"

bool field_message_number(FieldContext *context, FieldValue *ret_value)
{
  return field_give_integer(ret_value, context->message->number);
}

bool field_message_frame(FieldContext *context, FieldValue *ret_value)
{
  return field_give_integer(ret_value, (int64_t) context->message->frame);
}

bool field_message_time(FieldContext *context, FieldValue *ret_value)
{
  return field_give_integer(ret_value, context->message->time_ns);
}

bool field_message_delta(FieldContext *context, FieldValue *ret_value)
{
  const Message *previous = context->message->previous;

  return previous && field_give_integer(ret_value, context->message->time_ns - previous->time_ns);
}

static bool give_endpoint(FieldContext *context, FieldValue *ret_value, uint32_t id)
{
  ret_value->address = *trace_endpoint(context->trace, id);
  return true;
}

static bool give_ip(FieldContext *context, FieldValue *ret_value, uint32_t id)
{
  give_endpoint(context, ret_value, id);
  ret_value->address.port = 0;
  return true;
}

static bool give_port(FieldContext *context, FieldValue *ret_value, uint32_t id)
{
  const Endpoint *endpoint = trace_endpoint(context->trace, id);

  return field_give_integer(ret_value, endpoint->port) && endpoint->family != ADDRESS_NONE;
}

bool field_message_src(FieldContext *context, FieldValue *ret_value)
{
  return give_endpoint(context, ret_value, context->message->src);
}

bool field_message_dst(FieldContext *context, FieldValue *ret_value)
{
  return give_endpoint(context, ret_value, context->message->dst);
}

bool field_message_src_ip(FieldContext *context, FieldValue *ret_value)
{
  return give_ip(context, ret_value, context->message->src);
}

bool field_message_dst_ip(FieldContext *context, FieldValue *ret_value)
{
  return give_ip(context, ret_value, context->message->dst);
}

void field_message_ip(FieldContext *context, Slice name, FieldList *list)
{
  FieldValue value;

  (void) name;
  if (give_ip(context, &value, context->message->src))
    field_list_add(list, value);
  if (give_ip(context, &value, context->message->dst))
    field_list_add(list, value);
}

bool field_message_src_port(FieldContext *context, FieldValue *ret_value)
{
  return give_port(context, ret_value, context->message->src);
}

bool field_message_dst_port(FieldContext *context, FieldValue *ret_value)
{
  return give_port(context, ret_value, context->message->dst);
}

void field_message_port(FieldContext *context, Slice name, FieldList *list)
{
  FieldValue value;

  (void) name;
  if (give_port(context, &value, context->message->src))
    field_list_add(list, value);
  if (give_port(context, &value, context->message->dst))
    field_list_add(list, value);
}

void field_message_udp_port(FieldContext *context, Slice name, FieldList *list)
{
  if (context->message->transport == TRANSPORT_UDP)
    field_message_port(context, name, list);
}

void field_message_tcp_port(FieldContext *context, Slice name, FieldList *list)
{
  if (transport_is_stream(context->message->transport))
    field_message_port(context, name, list);
}

bool field_message_transport(FieldContext *context, FieldValue *ret_value)
{
  return field_give_string(ret_value, transport_name(context->message->transport));
}

bool field_message_kind(FieldContext *context, FieldValue *ret_value)
{
  bool is_request = message_is_request(context->message);

  return field_give_string(ret_value, is_request ? "request" : "response");
}

/* The record's method has a name of its own; those beyond the limit share one. */
static bool is_named(const Message *message)
{
  return message->method != SIP_METHOD_NONE && message->method != SIP_METHOD_OTHER;
}

bool field_message_method(FieldContext *context, FieldValue *ret_value)
{
  const Message *message = context->message;

  if (!message_is_request(message))
    return false;
  if (is_named(message))
    return field_give_text(ret_value, trace_method_name(context->trace, message->method));
  const SipMsg *sip = field_load_message(context);
  return sip && field_give_text(ret_value, sip->method_text);
}

bool field_message_status(FieldContext *context, FieldValue *ret_value)
{
  uint16_t status = context->message->status;

  return status > SIP_STATUS_UNREADABLE && field_give_integer(ret_value, status);
}

bool field_message_reason(FieldContext *context, FieldValue *ret_value)
{
  const SipMsg *sip = message_is_request(context->message) ? NULL : field_load_message(context);

  return sip && field_give_text(ret_value, sip->reason);
}

bool field_message_start_line(FieldContext *context, FieldValue *ret_value)
{
  const SipMsg *sip = field_load_message(context);

  return sip && field_give_text(ret_value, sip->start_line);
}

/* 0 may be what it says, or what stands in the record where it cannot be read. */
bool field_message_cseq(FieldContext *context, FieldValue *ret_value)
{
  const Message *message = context->message;
  SipCseq cseq;

  if (message->cseq != 0 || !(message->flags & MESSAGE_MALFORMED))
    return field_give_integer(ret_value, message->cseq);
  Slice text = field_header(context, field_load_message(context), SIP_HEADER_CSEQ);
  return sip_cseq_parse(text, &cseq) && cseq.number_fits &&
         field_give_integer(ret_value, cseq.number);
}

/* Of a request the record has the method of the start-line; they differ in malformed ones only. */
bool field_message_cseq_method(FieldContext *context, FieldValue *ret_value)
{
  const Message *message = context->message;

  if (is_named(message) && !(message->flags & MESSAGE_MALFORMED))
    return field_give_text(ret_value, trace_method_name(context->trace, message->method));
  const SipMsg *sip = field_load_message(context);
  return sip && field_give_text(ret_value, sip->cseq_method_text);
}

bool field_message_branch(FieldContext *context, FieldValue *ret_value)
{
  const SipMsg *sip = field_load_message(context);

  return sip && field_give_text(ret_value, sip->via_branch);
}

bool field_message_content_type(FieldContext *context, FieldValue *ret_value)
{
  const SipMsg *sip = field_load_message(context);

  return sip && field_give_text(ret_value, field_unfold(context, sip->content_type));
}

bool field_message_bytes(FieldContext *context, FieldValue *ret_value)
{
  return field_give_integer(ret_value, context->message->len);
}

bool field_message_dialog(FieldContext *context, FieldValue *ret_value)
{
  const Dialog *dialog = context->message->dialog;

  return dialog && field_give_integer(ret_value, dialog->number);
}

bool field_message_transaction(FieldContext *context, FieldValue *ret_value)
{
  return field_give_integer(ret_value, context->message->transaction->number);
}

static bool give_flag(FieldContext *context, FieldValue *ret_value, unsigned bit)
{
  return field_give_truth(ret_value, (context->message->flags & bit) != 0);
}

bool field_message_retransmission(FieldContext *context, FieldValue *ret_value)
{
  return give_flag(context, ret_value, MESSAGE_RETRANSMISSION);
}

bool field_message_duplicate(FieldContext *context, FieldValue *ret_value)
{
  return give_flag(context, ret_value, MESSAGE_DUPLICATE);
}

bool field_message_complete(FieldContext *context, FieldValue *ret_value)
{
  return field_give_truth(ret_value, !(context->message->flags & MESSAGE_INCOMPLETE));
}

bool field_message_malformed(FieldContext *context, FieldValue *ret_value)
{
  return give_flag(context, ret_value, MESSAGE_MALFORMED);
}

bool field_message_sdp(FieldContext *context, FieldValue *ret_value)
{
  return give_flag(context, ret_value, MESSAGE_HAS_SDP);
}

bool field_message_body(FieldContext *context, FieldValue *ret_value)
{
  const SipMsg *sip = field_load_message(context);

  return sip && sip->body.len > 0 && field_give_text(ret_value, sip->body);
}

bool field_message_text(FieldContext *context, FieldValue *ret_value)
{
  const SipMsg *sip = field_load_message(context);

  return sip && field_give_text(ret_value, sip->raw);
}
