/* Getters of message.*, and of header fields and URIs of a message, or of the one that began the
 * call. */
#include "dissect/query/field_private.h"

#include "dissect/sip/isup.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_values.h"

/* --- Of the record and the start-line -------------------------------------------------------- */

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
  return field_give_integer(ret_value, context->message->time_ns) &&
         time_is_known(context->message->time_ns);
}

bool field_message_delta(FieldContext *context, FieldValue *ret_value)
{
  const Message *previous = context->message->previous;

  return previous && time_is_known(previous->time_ns) &&
         field_give_integer(ret_value, context->message->time_ns - previous->time_ns);
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

/* The record's method has a name of its own; beyond the limit of methods they share one. */
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

/* 0 may be its value, or mean that it cannot be read. */
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

/* The record of a request has the method of the start-line; only malformed ones differ. */
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

bool field_message_sightings(FieldContext *context, FieldValue *ret_value)
{
  return field_give_integer(ret_value, context->message->sightings);
}

/* Who copied the message, if that is known; else NULL. */
static const Copier *copier_of(const FieldContext *context)
{
  const Copier *copier = trace_copier(context->trace, context->message);

  return copier && !copier->is_others ? copier : NULL;
}

bool field_message_copier(FieldContext *context, FieldValue *ret_value)
{
  const Copier *copier = copier_of(context);

  if (!copier || copier_is_probe(copier))
    return false;
  ret_value->address = copier->host;
  return true;
}

bool field_message_copier_id(FieldContext *context, FieldValue *ret_value)
{
  const Copier *copier = copier_of(context);

  return copier && copier->agent != 0 && field_give_integer(ret_value, copier->agent);
}

bool field_message_copier_node(FieldContext *context, FieldValue *ret_value)
{
  const Copier *copier = copier_of(context);

  return copier && copier->node.len > 0 && field_give_text(ret_value, copier->node);
}

bool field_message_correlation(FieldContext *context, FieldValue *ret_value)
{
  Slice id = correlation_of(context->message);

  return id.len > 0 && field_give_text(ret_value, id);
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

  return sip && sip->body.len > 0 && field_give_text(ret_value, sip->content.bytes);
}

bool field_message_decoded(FieldContext *context, FieldValue *ret_value)
{
  const SipMsg *sip = field_load_message(context);

  return sip && sip_msg_is_decoded(sip) && field_give_text(ret_value, sip->content.bytes);
}

bool field_message_text(FieldContext *context, FieldValue *ret_value)
{
  const SipMsg *sip = field_load_message(context);

  return sip && field_give_text(ret_value, sip->raw);
}

/* --- URIs and header fields ------------------------------------------------------------------ */

typedef enum {
  PART_URI,
  PART_USER,
  PART_HOST,
  PART_NAME,
} Part;

/* A part of an addr-spec, which has no PART_NAME. */
static Slice part_of_uri(FieldContext *context, Slice text, Part part)
{
  SipUri uri;

  switch (part) {
  case PART_URI:
    return text;
  case PART_USER:
    return sip_unescape(context->scratch, sip_uri_user(text));
  case PART_HOST:
    return sip_uri_parse(text, &uri) && uri.host.len > 0 ? uri.host : SLICE_NONE;
  case PART_NAME:
    break;
  }
  return SLICE_NONE;
}

/* A part of a name-addr or addr-spec with its parameters (RFC 3261 20.10); no empty ones. */
static Slice part_of_address(FieldContext *context, Slice value, Part part)
{
  SipAddr addr = sip_addr_parse(field_unfold(context, value));

  if (part == PART_NAME) {
    Slice name = slice_trim(sip_unquote(context->scratch, addr.display));
    return name.len > 0 ? name : SLICE_NONE;
  }
  return addr.uri.len > 0 ? part_of_uri(context, addr.uri, part) : SLICE_NONE;
}

/* For a call the model has the URIs. */
static Slice part_of_from(FieldContext *context, Part part)
{
  if (!context->message && part != PART_NAME)
    return part_of_uri(context, field_call_text(context, CALL_TEXT_FROM), part);
  const SipMsg *sip = field_load_subject(context);
  return sip ? part_of_address(context, sip->from, part) : SLICE_NONE;
}

static Slice part_of_to(FieldContext *context, Part part)
{
  if (!context->message && part != PART_NAME)
    return part_of_uri(context, field_call_text(context, CALL_TEXT_TO), part);
  const SipMsg *sip = field_load_subject(context);
  return sip ? part_of_address(context, sip->to, part) : SLICE_NONE;
}

static void collect_parts(FieldContext *context, SipHeader header, Part part, FieldList *list)
{
  FieldList values = {.arena = context->scratch};

  field_collect_values(context, field_load_subject(context), header, &values);
  for (size_t i = 0; i < values.count; i++)
    field_list_add_text(list, part_of_address(context, values.values[i].text, part));
}

#define ONE_PARTY(party, part, PART)                                                               \
  bool field_##party##_##part(FieldContext *context, FieldValue *ret_value)                        \
  {                                                                                                \
    return field_give_text(ret_value, part_of_##party(context, PART));                             \
  }

ONE_PARTY(from, uri, PART_URI)
ONE_PARTY(from, user, PART_USER)
ONE_PARTY(from, host, PART_HOST)
ONE_PARTY(from, name, PART_NAME)
ONE_PARTY(to, uri, PART_URI)
ONE_PARTY(to, user, PART_USER)
ONE_PARTY(to, host, PART_HOST)
ONE_PARTY(to, name, PART_NAME)

#define MANY_PARTIES(party, HEADER, part, PART)                                                    \
  void field_##party##_##part(FieldContext *context, Slice name, FieldList *list)                  \
  {                                                                                                \
    (void) name;                                                                                   \
    collect_parts(context, HEADER, PART, list);                                                    \
  }

MANY_PARTIES(contact, SIP_HEADER_CONTACT, uri, PART_URI)
MANY_PARTIES(contact, SIP_HEADER_CONTACT, user, PART_USER)
MANY_PARTIES(contact, SIP_HEADER_CONTACT, host, PART_HOST)
MANY_PARTIES(contact, SIP_HEADER_CONTACT, name, PART_NAME)
MANY_PARTIES(pai, SIP_HEADER_P_ASSERTED_IDENTITY, uri, PART_URI)
MANY_PARTIES(pai, SIP_HEADER_P_ASSERTED_IDENTITY, user, PART_USER)
MANY_PARTIES(pai, SIP_HEADER_P_ASSERTED_IDENTITY, host, PART_HOST)
MANY_PARTIES(pai, SIP_HEADER_P_ASSERTED_IDENTITY, name, PART_NAME)
MANY_PARTIES(diversion, SIP_HEADER_DIVERSION, uri, PART_URI)
MANY_PARTIES(diversion, SIP_HEADER_DIVERSION, user, PART_USER)
MANY_PARTIES(diversion, SIP_HEADER_DIVERSION, host, PART_HOST)
MANY_PARTIES(diversion, SIP_HEADER_DIVERSION, name, PART_NAME)

/* That of its call, but for an exchange, whose messages have several. */
bool field_message_call_id(FieldContext *context, FieldValue *ret_value)
{
  if (!call_rare(context->call)->keys)
    return field_call_id(context, ret_value);
  const SipMsg *sip = field_load_subject(context);
  return sip && field_give_text(ret_value, sip->call_id);
}

bool field_from_tag(FieldContext *context, FieldValue *ret_value)
{
  const SipMsg *sip = field_load_subject(context);

  return sip && field_give_text(ret_value, sip->from_tag);
}

bool field_to_tag(FieldContext *context, FieldValue *ret_value)
{
  const SipMsg *sip = field_load_subject(context);

  return sip && field_give_text(ret_value, sip->to_tag);
}

/* Request-URI of the subject; absent for a response, which is not read. */
static Slice request_uri(FieldContext *context)
{
  const Message *subject = field_subject(context);
  const SipMsg *sip = message_is_request(subject) ? field_load(context, subject) : NULL;

  return sip ? sip->uri : SLICE_NONE;
}

bool field_request_uri(FieldContext *context, FieldValue *ret_value)
{
  return field_give_text(ret_value, request_uri(context));
}

bool field_request_user(FieldContext *context, FieldValue *ret_value)
{
  return field_give_text(ret_value, part_of_uri(context, request_uri(context), PART_USER));
}

bool field_request_host(FieldContext *context, FieldValue *ret_value)
{
  return field_give_text(ret_value, part_of_uri(context, request_uri(context), PART_HOST));
}

bool field_request_port(FieldContext *context, FieldValue *ret_value)
{
  SipUri uri;

  return sip_uri_parse(request_uri(context), &uri) && uri.port != 0 &&
         field_give_integer(ret_value, uri.port);
}

Slice field_software(FieldContext *context, const SipMsg *sip)
{
  Slice agent = field_header(context, sip, SIP_HEADER_USER_AGENT);

  return agent.data ? agent : field_header(context, sip, SIP_HEADER_SERVER);
}

bool field_user_agent(FieldContext *context, FieldValue *ret_value)
{
  return field_give_text(ret_value, field_software(context, field_load_subject(context)));
}

static bool give_header(FieldContext *context, SipHeader header, FieldValue *ret_value)
{
  return field_give_text(ret_value, field_header(context, field_load_subject(context), header));
}

bool field_server(FieldContext *context, FieldValue *ret_value)
{
  return give_header(context, SIP_HEADER_SERVER, ret_value);
}

bool field_session_id(FieldContext *context, FieldValue *ret_value)
{
  return give_header(context, SIP_HEADER_SESSION_ID, ret_value);
}

void field_collect_values(FieldContext *context, const SipMsg *sip, SipHeader header,
                          FieldList *list)
{
  SipHeaderRow row;
  Slice value;

  if (!sip)
    return;
  for (SipHeaderIter rows = sip_header_iter(sip); sip_header_next(&rows, &row);) {
    if (!row.name.data || row.header != header)
      continue;
    for (SipListIter values = sip_list(row.value); sip_list_next(&values, &value);)
      if (value.len > 0)
        field_list_add_text(list, field_unfold(context, value));
  }
}

void field_reason(FieldContext *context, Slice name, FieldList *list)
{
  (void) name;
  field_collect_values(context, field_load_subject(context), SIP_HEADER_REASON, list);
}

/* RFC 3326: Q.850;cause=16;text="..." */
static bool read_q850(Slice reason, int64_t *ret_cause)
{
  Slice protocol = sip_cut_params(&reason);
  Slice text;
  uint32_t cause;

  if (!slice_eq_nocase(slice_trim(protocol), SLICE("Q.850")) ||
      !sip_param_find(reason, SLICE("cause"), &text) || !slice_to_u32(text, &cause))
    return false;
  *ret_cause = cause;
  return true;
}

bool field_q850_cause(const SipMsg *sip, int64_t *ret_cause)
{
  SipHeaderRow row;
  Slice value;

  for (SipHeaderIter rows = sip_header_iter(sip); sip_header_next(&rows, &row);) {
    if (!row.name.data || row.header != SIP_HEADER_REASON)
      continue;
    for (SipListIter values = sip_list(row.value); sip_list_next(&values, &value);)
      if (read_q850(value, ret_cause))
        return true;
  }
  uint32_t cause;
  if (!sip_msg_isup_cause(sip, &cause))
    return false;
  *ret_cause = cause;
  return true;
}

bool field_reason_q850(FieldContext *context, FieldValue *ret_value)
{
  const SipMsg *sip = field_load_subject(context);

  return sip && field_q850_cause(sip, &ret_value->integer);
}

/* RFC 3261 7.3.3: long and compact names are the same. */
void field_header_rows(FieldContext *context, Slice name, FieldList *list)
{
  const SipMsg *sip = field_load_subject(context);
  SipHeader header = sip_header_from_slice(name);
  SipHeaderRow row;

  if (!sip)
    return;
  for (SipHeaderIter rows = sip_header_iter(sip); sip_header_next(&rows, &row);) {
    bool same_id = header != SIP_HEADER_OTHER && row.header == header;
    if (row.name.data && (same_id || slice_eq_nocase(row.name, name)))
      field_list_add_text(list, field_unfold(context, row.value));
  }
}
