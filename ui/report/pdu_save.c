#include "ui/report/pdu_save.h"

#include "capture/pdu.h"

struct PduSave {
  PacketSaveInput input;
  const Masking *masking; /* or NULL */
  MessageList *messages;
  size_t next;
  Writer *writer;
  GByteArray *pdu; /* one of them */
  bool is_over;
  GError *error;
};

PduSave *pdu_save_new(const PacketSaveInput *input, const PacketSaveOptions *options)
{
  static const char *const INPUTS[] = {"messages"};
  PduSave *save = g_new0(PduSave, 1);

  save->input = *input;
  save->masking = options->masking;
  save->messages = message_list_new(options->selection);
  save->pdu = g_byte_array_new();
  save->writer = writer_new((WriterOptions){.fd = options->fd,
                                            .name = options->name,
                                            .format = options->format,
                                            .inputs = INPUTS,
                                            .input_count = G_N_ELEMENTS(INPUTS)});
  return save;
}

void pdu_save_free(PduSave *save)
{
  if (!save)
    return;
  job_free(&save->messages->job);
  writer_free(save->writer);
  g_byte_array_unref(save->pdu);
  g_clear_error(&save->error);
  g_free(save);
}

static void put_endpoint(PduSave *save, Endpoint *endpoint, bool is_src)
{
  GByteArray *to = save->pdu;

  if (save->masking && endpoint_is_known(endpoint))
    pseudonyms_address(save->masking->pseudonyms, endpoint->address,
                       endpoint->family == ADDRESS_IPV4 ? 4 : 16);
  if (endpoint->family == ADDRESS_IPV4)
    pdu_put(to, is_src ? PDU_IPV4_SRC : PDU_IPV4_DST, endpoint->address, 4);
  else if (endpoint->family == ADDRESS_IPV6)
    pdu_put(to, is_src ? PDU_IPV6_SRC : PDU_IPV6_DST, endpoint->address, 16);
  pdu_put_number(to, is_src ? PDU_SRC_PORT : PDU_DST_PORT, endpoint->port);
}

static void put_tags(PduSave *save, const Message *message)
{
  Transport transport = (Transport) message->transport;
  uint32_t port_type = transport == TRANSPORT_UDP    ? PDU_PORT_UDP
                       : transport == TRANSPORT_SCTP ? PDU_PORT_SCTP
                                                     : PDU_PORT_TCP;

  g_byte_array_set_size(save->pdu, 0);
  pdu_put(save->pdu, PDU_DISSECTOR, "sip", 3);
  pdu_put_number(save->pdu, PDU_PORT_TYPE, port_type);
  Endpoint src = *trace_endpoint(save->input.trace, message->src);
  Endpoint dst = *trace_endpoint(save->input.trace, message->dst);
  put_endpoint(save, &src, true);
  put_endpoint(save, &dst, false);
  pdu_put(save->pdu, PDU_END, NULL, 0);
}

static void write_message(PduSave *save, const Message *message)
{
  put_tags(save, message);
  guint tags_len = save->pdu->len;
  g_byte_array_set_size(save->pdu, tags_len + message->len);
  uint8_t *octets = save->pdu->data + tags_len;
  if (!store_read(save->input.stores, message->ref, octets, message->len, &save->error))
    return;
  if (save->masking &&
      !sip_mask_message(save->masking->pseudonyms, save->masking->mask, octets, message->len))
    return;
  const Frame frame = {.data = save->pdu->data,
                       .len = save->pdu->len,
                       .wire_len = save->pdu->len,
                       .number = message->frame,
                       .time_ns = message->time_ns,
                       .link_type = LINK_TYPE_PDU};
  (void) !writer_add(save->writer, &frame, &save->error);
}

static void write_next(PduSave *save)
{
  if (save->next >= save->messages->count) {
    save->is_over = true;
    (void) !writer_finish(save->writer, &save->error);
    return;
  }
  const Message *message = message_list_at(save->messages, save->next++);
  if (message)
    write_message(save, message);
}

bool pdu_save_step(PduSave *save, int64_t until_us)
{
  if (job_step(&save->messages->job, until_us))
    return true;
  do {
    write_next(save);
  } while (!save->is_over && !save->error && g_get_monotonic_time() < until_us);
  return !save->is_over && !save->error;
}

double pdu_save_progress(const PduSave *save)
{
  size_t count = save->messages->count;

  return count > 0 ? (double) save->next / (double) count : 0;
}

bool pdu_save_finish(PduSave *save, GError **error)
{
  if (save->error) {
    g_propagate_error(error, g_steal_pointer(&save->error));
    return false;
  }
  g_assert(save->is_over);
  return true;
}
