#include "ui/report/masked_packets.h"

#include "capture/reader.h"
#include "dissect/net/packet_build.h"
#include "dissect/net/rtp.h"
#include "dissect/sip/sip_msg.h"

enum {
  SEGMENT = 1460, /* bytes of TCP in a packet */
  FRAGMENT = 1480,
  USUAL_TTL = 64,
};

/* Of a message in the list. */
typedef struct {
  uint64_t frame;
  size_t index;
} Place;

struct MaskedPackets {
  Masking masking;
  PacketSaveInput input;
  const MessageList *messages;
  GArray *places; /* Place: in the order of frames */
  guint next;
  PacketDecoder *decoder;
  Arena scratch;      /* of one frame */
  GHashTable *sent;   /* of a direction of a connection (GBytes): its next number, plus 1 */
  GByteArray *bytes;  /* of one message */
  GByteArray *packet; /* that is made of it, */
  GByteArray *part;   /* and a fragment of that */
  MaskedLosses losses;
};

MaskedPackets *masked_packets_new(const Masking *masking, const PacketSaveInput *input,
                                  const MessageList *messages)
{
  MaskedPackets *packets = g_new0(MaskedPackets, 1);

  packets->masking = *masking;
  packets->input = *input;
  packets->messages = messages;
  packets->decoder = packet_decoder_new(input->limits->packets);
  arena_init(&packets->scratch, 4096);
  packets->sent =
    g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  packets->bytes = g_byte_array_new();
  packets->packet = g_byte_array_new();
  packets->part = g_byte_array_new();
  return packets;
}

void masked_packets_free(MaskedPackets *packets)
{
  if (!packets)
    return;
  packet_decoder_free(packets->decoder);
  arena_clear(&packets->scratch);
  if (packets->places)
    g_array_unref(packets->places);
  g_hash_table_unref(packets->sent);
  g_byte_array_unref(packets->bytes);
  g_byte_array_unref(packets->packet);
  g_byte_array_unref(packets->part);
  g_free(packets);
}

MaskedLosses masked_packets_losses(const MaskedPackets *packets)
{
  return packets->losses;
}

/* --- Packets ---------------------------------------------------------------------------------- */

static void write_bytes(const GByteArray *bytes, uint32_t missing, const Frame *like,
                        PacketSink *sink, GError **error)
{
  const Frame frame = {.data = bytes->data,
                       .len = bytes->len,
                       .wire_len = bytes->len + missing,
                       .number = like->number,
                       .time_ns = like->time_ns,
                       .link_type = LINK_TYPE_RAW};

  packet_sink_write(sink, &frame, error);
}

static Endpoint masked_endpoint(MaskedPackets *packets, const Endpoint *endpoint)
{
  Endpoint masked = *endpoint;

  pseudonyms_address(packets->masking.pseudonyms, masked.address,
                     masked.family == ADDRESS_IPV4 ? 4 : 16);
  return masked;
}

static bool can_be_sent(const Endpoint *src, const Endpoint *dst)
{
  return endpoint_is_known(src) && src->family == dst->family && !src->is_others && !dst->is_others;
}

/* The next number (sequence, TSN) from one endpoint to another, which then is `step` higher. */
static uint32_t take_number(MaskedPackets *packets, const Endpoint *src, const Endpoint *dst,
                            uint32_t step)
{
  const Endpoint ends[] = {*src, *dst};
  GBytes *key = g_bytes_new(ends, sizeof ends);
  uint32_t number = GPOINTER_TO_UINT(g_hash_table_lookup(packets->sent, key));

  g_hash_table_insert(packets->sent, key, GUINT_TO_POINTER(number + step));
  return number + 1;
}

/* --- Messages --------------------------------------------------------------------------------- */

/* One whose last fragment did not come ends where the one before it did. */
static void write_fragments(MaskedPackets *packets, const PacketHead *head, const Message *message,
                            const Frame *like, PacketSink *sink, GError **error)
{
  enum { UNIT = 8 };
  GByteArray *packet = packets->packet;
  FragmentPart part = {
    .id = head->ip_id != 0 ? head->ip_id : (uint16_t) (message->number | 1),
    .len = packet->len > FRAGMENT ? FRAGMENT : packet->len / (2 * UNIT) * UNIT,
    .has_more = head->missing > 0,
  };

  for (; !*error && packet_build_fragment(packets->part, packet, &part); part.at += part.len)
    write_bytes(packets->part, 0, like, sink, error);
}

static void write_datagram(MaskedPackets *packets, PacketHead *head, const Message *message,
                           const Frame *like, PacketSink *sink, GError **error)
{
  enum { UNIT = 8 };
  bool is_fragmented = message->flags & MESSAGE_FRAGMENTED;

  if (is_fragmented && message->flags & MESSAGE_INCOMPLETE && packets->bytes->len % UNIT == 0)
    head->missing = UNIT;
  else if (head->missing > 0)
    is_fragmented = false;
  packet_build_udp(packets->packet, head,
                   slice_of((const char *) packets->bytes->data, packets->bytes->len));
  if (is_fragmented)
    write_fragments(packets, head, message, like, sink, error);
  else
    write_bytes(packets->packet, head->missing, like, sink, error);
}

/* How many bytes of it were sent that are not there. */
static uint32_t missing_of(const GByteArray *bytes)
{
  enum { MOST = 65535 };
  SipMsg msg;

  if (sip_msg_parse(slice_of((const char *) bytes->data, bytes->len), true, &msg) != SIP_OK ||
      !msg.has_content_length || msg.content_length <= msg.body.len)
    return 1;
  return (uint32_t) MIN(msg.content_length - msg.body.len, (uint64_t) MOST);
}

/* What is missing was sent, but for its last byte not captured, and was received. */
static void write_gap(MaskedPackets *packets, const PacketHead *head, uint32_t ack,
                      const Frame *like, PacketSink *sink, GError **error)
{
  const PacketHead back = {.src = head->dst, .dst = head->src, .ttl = USUAL_TTL};
  uint32_t missing = missing_of(packets->bytes);
  uint32_t seq = take_number(packets, &head->src, &head->dst, missing);

  if (missing > 1) {
    packet_build_tcp(packets->packet, head, seq + missing - 1, ack, SLICE("x"));
    write_bytes(packets->packet, 0, like, sink, error);
  }
  if (*error)
    return;
  packet_build_tcp(packets->packet, &back, ack, seq + missing, SLICE_NONE);
  write_bytes(packets->packet, 0, like, sink, error);
}

static void write_segments(MaskedPackets *packets, const PacketHead *head, const Message *message,
                           const Frame *like, PacketSink *sink, GError **error)
{
  Slice rest = slice_of((const char *) packets->bytes->data, packets->bytes->len);
  uint32_t ack = take_number(packets, &head->dst, &head->src, 0);

  while (rest.len > 0 && !*error) {
    Slice payload = slice_head(rest, SEGMENT);
    uint32_t seq = take_number(packets, &head->src, &head->dst, (uint32_t) payload.len);
    packet_build_tcp(packets->packet, head, seq, ack, payload);
    write_bytes(packets->packet, 0, like, sink, error);
    rest = slice_from(rest, SEGMENT);
  }
  if (message->flags & MESSAGE_INCOMPLETE && !*error)
    write_gap(packets, head, ack, like, sink, error);
}

/* The message as it was sent, and then without what names anybody. */
static bool load(MaskedPackets *packets, const Message *message)
{
  GByteArray *bytes = packets->bytes;

  g_byte_array_set_size(bytes, message->len);
  return store_read(packets->input.stores, message->ref, bytes->data, message->len, NULL) &&
         sip_mask_message(packets->masking.pseudonyms, packets->masking.mask, bytes->data,
                          bytes->len);
}

static void write_message(MaskedPackets *packets, const Message *message, uint32_t missing,
                          PacketSink *sink, GError **error)
{
  Transport transport = (Transport) message->transport;
  const Endpoint *src = trace_endpoint(packets->input.trace, message->src);
  const Endpoint *dst = trace_endpoint(packets->input.trace, message->dst);
  const Frame like = {.number = message->frame, .time_ns = message->time_ns};
  bool is_stream = transport_is_stream(transport);

  if (!can_be_sent(src, dst) || (!is_stream && message->len + missing > PACKET_PAYLOAD_MAX) ||
      !load(packets, message)) {
    packets->losses.messages++;
    return;
  }
  PacketHead head = {
    .src = masked_endpoint(packets, src),
    .dst = masked_endpoint(packets, dst),
    .ttl = message->is_copied || message->ttl == 0 ? USUAL_TTL : message->ttl,
    .ip_id = message->is_copied ? 0 : message->ip_id,
    .missing = transport == TRANSPORT_UDP ? missing : 0,
  };
  packets->losses.opened += is_stream && transport != TRANSPORT_TCP;
  if (transport == TRANSPORT_UDP) {
    write_datagram(packets, &head, message, &like, sink, error);
  } else if (transport == TRANSPORT_SCTP) {
    packet_build_sctp(packets->packet, &head, take_number(packets, &head.src, &head.dst, 1),
                      slice_of((const char *) packets->bytes->data, packets->bytes->len));
    write_bytes(packets->packet, 0, &like, sink, error);
  } else {
    write_segments(packets, &head, message, &like, sink, error);
  }
}

static int compare_places(gconstpointer a, gconstpointer b)
{
  const Place *left = a, *right = b;

  if (left->frame != right->frame)
    return left->frame < right->frame ? -1 : 1;
  return left->index < right->index ? -1 : left->index > right->index;
}

/* One of which bytes are missing was found later than those after it. */
static void sort_messages(MaskedPackets *packets)
{
  packets->places = g_array_new(false, false, sizeof(Place));
  for (size_t i = 0; i < packets->messages->count; i++) {
    const Message *message = message_list_at(packets->messages, i);
    const Place place = {message ? message->frame : 0, i};
    g_array_append_val(packets->places, place);
  }
  g_array_sort(packets->places, compare_places);
}

/* Those that ended up to that frame; `packet` is what is in it. */
static void write_messages(MaskedPackets *packets, uint64_t frame, const Packet *packet,
                           PacketSink *sink, GError **error)
{
  if (!packets->places)
    sort_messages(packets);
  for (; packets->next < packets->places->len && !*error; packets->next++) {
    const Place *place = &g_array_index(packets->places, Place, packets->next);
    const Message *message = message_list_at(packets->messages, place->index);
    if (place->frame > frame)
      return;
    if (!message) {
      packets->losses.messages++;
      continue;
    }
    bool is_cut = packet && packet->kind == PACKET_UDP && packet->cut && message->frame == frame;
    write_message(packets, message, is_cut ? MAX(packet->missing, 1U) : 0, sink, error);
  }
}

/* --- Media ------------------------------------------------------------------------------------ */

/* What an encoder of these gives for silence, else zeros. */
static int silence_of(uint8_t payload_type)
{
  enum { PCMU = 0, PCMA = 8, PCMU_SILENCE = 0xff, PCMA_SILENCE = 0xd5 };

  return payload_type == PCMU ? PCMU_SILENCE : payload_type == PCMA ? PCMA_SILENCE : 0;
}

/* Could it be an event (RFC 4733 2.3)?  Then it is one of "0", and still as long. */
static bool is_event(const RtpPacket *rtp)
{
  enum { DYNAMIC = 96, EVENT = 4, DIGITS = 16 };

  return rtp->payload_type >= DYNAMIC && rtp->payload.len == EVENT &&
         (uint8_t) rtp->payload.data[0] < DIGITS;
}

static void silence(uint8_t *bytes, size_t len, const RtpPacket *rtp)
{
  size_t fixed = RTP_HEADER + 4U * rtp->csrc_count;
  uint8_t *payload = bytes + (rtp->payload.data - (const char *) bytes);
  uint8_t *extension = bytes + fixed + 4, *end = bytes + len;

  if (rtp->has_extension && extension < payload)
    memset(extension, 0, (size_t) (payload - extension));
  if (is_event(rtp))
    payload[0] = 0;
  else
    memset(payload, silence_of(rtp->payload_type), rtp->payload.len);
  uint8_t *padding = payload + rtp->payload.len;
  if (padding + 1 < end) /* its count stays */
    memset(padding, 0, (size_t) (end - padding) - 1);
}

/* Items of one source after another: type, length, text (RFC 3550 6.5). */
static void mask_description(MaskedPackets *packets, uint8_t *body, size_t len)
{
  size_t at = 4;

  while (at + 2 <= len) {
    size_t text = body[at + 1];
    if (body[at] == 0) { /* the end of a source: padding up to the next one */
      at = (at / 4 + 1) * 4 + 4;
      continue;
    }
    if (at + 2 + text > len)
      return;
    mask_text(packets->masking.pseudonyms, (char *) body + at + 2, text, 0);
    at += 2 + text;
  }
}

static void mask_report(MaskedPackets *packets, const RtcpPacket *report, uint8_t *body)
{
  size_t len = report->body.len, sources = MIN(4U * report->count, len);

  if (report->type == RTCP_DESCRIPTION)
    mask_description(packets, body, len);
  else if (report->type == RTCP_BYE)
    memset(body + sources, 0, len - sources);
  else if (report->type == RTCP_APP && len > 8)
    memset(body + 8, 0, len - 8);
}

/* What is encrypted, or unknown, is zeros after the sender. */
static void mask_control(MaskedPackets *packets, uint8_t *bytes, size_t len)
{
  enum { CLEAR = 8 };
  Slice rest = slice_of((const char *) bytes, len);
  RtcpPacket report;

  if (!rtcp_is_whole(rest)) {
    memset(bytes + CLEAR, 0, len - CLEAR);
    return;
  }
  while (rtcp_next(&rest, &report))
    mask_report(packets, &report, bytes + (report.body.data - (const char *) bytes));
}

static bool mask_media(MaskedPackets *packets, const Packet *packet)
{
  uint8_t *bytes = packets->bytes->data;
  size_t len = packets->bytes->len;
  RtpPacket rtp;

  switch (rtp_classify(packet->payload)) {
  case RTP_IS_DATA:
    if (!rtp_parse(slice_of((const char *) bytes, len), packet->cut, &rtp))
      return false;
    silence(bytes, len, &rtp);
    return true;
  case RTP_IS_CONTROL:
    mask_control(packets, bytes, len);
    return true;
  case RTP_IS_OTHER:
    break;
  }
  return false;
}

static void write_media(MaskedPackets *packets, const Packet *packet, const Frame *frame,
                        PacketSink *sink, GError **error)
{
  enum { KEEPALIVE = 4 };

  if (packet->payload.len <= KEEPALIVE || packet->copy || sip_msg_is_likely(packet->payload))
    return;
  g_byte_array_set_size(packets->bytes, 0);
  g_byte_array_append(packets->bytes, (const guint8 *) packet->payload.data,
                      (guint) packet->payload.len);
  if (!can_be_sent(&packet->src, &packet->dst) || packet->payload.len > PACKET_PAYLOAD_MAX ||
      !mask_media(packets, packet)) {
    packets->losses.media++;
    return;
  }
  const PacketHead head = {
    .src = masked_endpoint(packets, &packet->src),
    .dst = masked_endpoint(packets, &packet->dst),
    .ttl = packet->ttl != 0 ? packet->ttl : USUAL_TTL,
    .dscp = packet->dscp & 0x3f,
    .ip_id = packet->ip_id,
    .missing = packet->cut ? MIN(MAX(packet->missing, 1U), 500U) : 0,
  };
  packet_build_udp(packets->packet, &head,
                   slice_of((const char *) packets->bytes->data, packets->bytes->len));
  write_bytes(packets->packet, head.missing, frame, sink, error);
}

void masked_packets_add(MaskedPackets *packets, const Frame *frame, PacketSink *sink,
                        GError **error)
{
  Packet packet;

  arena_reset(&packets->scratch);
  PacketKind kind = packet_decode(packets->decoder, frame, &packets->scratch, &packet);
  packet.kind = kind;
  write_messages(packets, frame->number, &packet, sink, error);
  if (kind == PACKET_UDP && !*error)
    write_media(packets, &packet, frame, sink, error);
}

void masked_packets_end(MaskedPackets *packets, PacketSink *sink, GError **error)
{
  write_messages(packets, UINT64_MAX, NULL, sink, error);
}
