#include "dissect/stream/carrier.h"

#include "dissect/net/sctp.h"
#include "dissect/net/tcp.h"
#include "dissect/sip/sip_msg.h"
#include "dissect/stream/stream.h"

struct Carrier {
  CarrierLimits limits;
  TcpTable *tcp;
  SctpTable *sctp;
  Packet packet;                               /* as fed */
  bool has_datagram, has_segments, has_chunks; /* something may be left to pull */
  TcpEvent event;
  Stream *active; /* may have more messages of that event */
  bool early_ended;
  Stream *early; /* reads bytes that come before a stream; NULL when there are none */
  size_t kept;   /* bytes in all streams */
  uint64_t skipped, encrypted;
};

/* `stream_bytes` is for what waits after holes, for messages in parts, and for SCTP. */
enum { SHARE_HOLES = 2, SHARE_STREAMS = 4, SHARE_SCTP = 4 };

Carrier *carrier_new(CarrierLimits limits)
{
  Carrier *carrier = g_new0(Carrier, 1);

  carrier->limits = limits;
  carrier->tcp = tcp_table_new((TcpLimits){.connections = limits.connections,
                                           .bytes = limits.stream_bytes / SHARE_HOLES,
                                           .gap_wait_ns = limits.gap_wait_ns});
  carrier->sctp = sctp_table_new((SctpLimits){.associations = limits.connections,
                                              .bytes = limits.stream_bytes / SHARE_SCTP,
                                              .message_bytes = limits.message_bytes,
                                              .wait_ns = limits.gap_wait_ns});
  return carrier;
}

static void count_stream(Carrier *carrier, Stream *stream)
{
  size_t kept = stream_kept(stream);

  carrier->kept += kept - stream->counted;
  stream->counted = kept;
  carrier->skipped += stream->skipped;
  carrier->encrypted += stream->encrypted;
  stream->skipped = 0;
  stream->encrypted = 0;
}

static void drop_stream(Carrier *carrier, Stream *stream)
{
  if (!stream)
    return;
  carrier->kept -= stream->counted;
  carrier->skipped += stream->skipped;
  carrier->encrypted += stream->encrypted;
  stream_free(stream);
}

/* Both directions have ended: what they knew is not needed any more. */
static void drop_streams(Carrier *carrier, TcpStream *tcp)
{
  drop_stream(carrier, tcp->user);
  drop_stream(carrier, tcp->peer->user);
  tcp->user = tcp->peer->user = NULL;
}

void carrier_free(Carrier *carrier)
{
  if (!carrier)
    return;
  TcpEvent event;
  tcp_expire(carrier->tcp, INT64_MAX);
  while (tcp_next(carrier->tcp, &event))
    if (event.kind == TCP_END && event.stream->peer->ended)
      drop_streams(carrier, event.stream);
  stream_free(carrier->early);
  tcp_table_free(carrier->tcp);
  sctp_table_free(carrier->sctp);
  g_free(carrier);
}

void carrier_feed(Carrier *carrier, const Packet *packet)
{
  carrier->packet = *packet;
  switch (packet->kind) {
  case PACKET_UDP:
    carrier->has_datagram = true;
    break;
  case PACKET_TCP:
    tcp_feed(carrier->tcp, &carrier->packet);
    carrier->has_segments = true;
    break;
  case PACKET_SCTP:
    sctp_feed(carrier->sctp, &carrier->packet);
    carrier->has_chunks = true;
    break;
  case PACKET_NONE:
  case PACKET_UNDECODED:
    break;
  }
}

void carrier_expire(Carrier *carrier, int64_t now_ns)
{
  tcp_expire(carrier->tcp, now_ns);
  sctp_expire(carrier->sctp, now_ns);
  carrier->has_segments = carrier->has_chunks = true;
}

static bool next_datagram(Carrier *carrier, RawMessage *ret_message)
{
  const Packet *packet = &carrier->packet;

  carrier->has_datagram = false;
  if (!sip_msg_is_likely(packet->payload))
    return false;
  *ret_message = (RawMessage){.octets = packet->payload,
                              .in_frame = packet->in_frame,
                              .ref = packet->ref,
                              .cut = packet->cut,
                              .transport = TRANSPORT_UDP,
                              .src = packet->src,
                              .dst = packet->dst,
                              .frame = packet->frame,
                              .time_ns = packet->time_ns,
                              .ip_id = packet->ip_id,
                              .ttl = packet->ttl,
                              .tunnel = packet->tunnel};
  return true;
}

/* RFC 4168: a user message is a SIP message. */
static bool next_chunk(Carrier *carrier, Arena *scratch, RawMessage *ret_message)
{
  SctpMessage message;

  while (sctp_next(carrier->sctp, &message)) {
    if (!sip_msg_is_likely(message.octets))
      continue;
    *ret_message = (RawMessage){.octets = message.from_packet ? message.octets
                                                              : arena_dup(scratch, message.octets),
                                .in_frame = message.in_frame,
                                .ref = message.ref,
                                .cut = message.cut,
                                .transport = TRANSPORT_SCTP,
                                .src = message.src,
                                .dst = message.dst,
                                .frame = message.frame,
                                .time_ns = message.time_ns,
                                .ip_id = message.ip_id,
                                .tunnel = message.tunnel,
                                .seq = message.tsn,
                                .seq_end = message.tsn_end};
    return true;
  }
  carrier->has_chunks = false;
  return false;
}

static RawMessage message_of_stream(const TcpEvent *event, const StreamMessage *message,
                                    Arena *scratch)
{
  const TcpStream *tcp = event->stream;
  RawMessage raw = {.octets = message->octets,
                    .cut = message->cut,
                    .transport = message->transport,
                    .src = tcp->src,
                    .dst = tcp->dst,
                    .frame = event->frame,
                    .time_ns = event->time_ns,
                    .ip_id = event->ip_id,
                    .tunnel = tcp->tunnel,
                    .seq = event->seq_end - (uint32_t) message->since,
                    .seq_end = event->seq_end - (uint32_t) message->until};

  if (message->from_input && event->in_frame) {
    raw.in_frame = true;
    raw.ref = event->ref + (uint64_t) (message->octets.data - event->octets.data);
  }
  if (!message->from_input || !event->from_packet)
    raw.octets = arena_dup(scratch, raw.octets);
  return raw;
}

/* Bytes before those that a stream began with: read for themselves, nothing continues them. */
static Stream *begin_early(Carrier *carrier, const TcpEvent *event)
{
  const Stream *stream = event->stream->user;

  if (!stream || !stream_is_plain_sip(stream))
    return NULL;
  carrier->early = stream_new(event->stream, carrier->limits.message_bytes);
  carrier->early_ended = false;
  stream_feed(carrier->early, event->octets);
  return carrier->early;
}

/* Hands an event to its stream; gives the stream when that may have messages now. */
static Stream *take_event(Carrier *carrier, const TcpEvent *event)
{
  Stream *stream = event->stream->user;

  if (event->kind == TCP_EARLY)
    return begin_early(carrier, event);
  if (event->kind == TCP_START) {
    if (!stream_can_begin(event->octets))
      tcp_hold(carrier->tcp, event->stream);
    return NULL;
  }
  if (!stream && event->kind != TCP_END)
    event->stream->user = stream = stream_new(event->stream, carrier->limits.message_bytes);
  if (!stream)
    return NULL;
  if (event->kind == TCP_DATA)
    stream_feed(stream, event->octets);
  else if (event->kind == TCP_GAP)
    stream_gap(stream, event->gap);
  else
    stream_gap(stream, STREAM_REST);
  return stream;
}

/* The event has no more messages: what is over is freed, what is too much is ended. */
static void end_event(Carrier *carrier)
{
  TcpStream *tcp = carrier->event.stream;

  if (carrier->active) {
    count_stream(carrier, carrier->active);
    tcp->unread = stream_is_unread(carrier->active);
  }
  drop_stream(carrier, carrier->early);
  if (tcp && tcp->ended && tcp->peer->ended)
    drop_streams(carrier, tcp);
  carrier->active = carrier->early = NULL;
  carrier->event.stream = NULL;
  if (carrier->kept > carrier->limits.stream_bytes / SHARE_STREAMS)
    tcp_end_oldest(carrier->tcp);
}

static bool next_of_stream(Carrier *carrier, Arena *scratch, RawMessage *ret_message)
{
  StreamMessage message;

  if (!stream_next(carrier->active, &message))
    return false;
  *ret_message = message_of_stream(&carrier->event, &message, scratch);
  return true;
}

static bool next_segment(Carrier *carrier, Arena *scratch, RawMessage *ret_message)
{
  for (;;) {
    if (carrier->active && next_of_stream(carrier, scratch, ret_message))
      return true;
    if (carrier->early && !carrier->early_ended) {
      carrier->early_ended = true;
      stream_gap(carrier->early, STREAM_REST);
      continue;
    }
    end_event(carrier);
    if (!tcp_next(carrier->tcp, &carrier->event)) {
      carrier->has_segments = false;
      return false;
    }
    carrier->active = take_event(carrier, &carrier->event);
  }
}

bool carrier_next(Carrier *carrier, Arena *scratch, RawMessage *ret_message)
{
  if (carrier->has_datagram && next_datagram(carrier, ret_message))
    return true;
  if (carrier->has_chunks && next_chunk(carrier, scratch, ret_message))
    return true;
  return carrier->has_segments && next_segment(carrier, scratch, ret_message);
}

bool carrier_look(const Carrier *carrier, CarrierStream *ret_stream)
{
  uint32_t next;
  const TcpStream *tcp = tcp_find(carrier->tcp, &carrier->packet, &next);

  if (!tcp)
    return false;
  const Stream *stream = tcp->user;
  ret_stream->tcp = tcp;
  ret_stream->needed = next - (stream ? (uint32_t) stream->since : 0);
  ret_stream->opening = stream && stream->in_opening;
  return true;
}

uint64_t carrier_ignored_segments(const Carrier *carrier)
{
  return tcp_ignored_segments(carrier->tcp);
}

uint64_t carrier_skipped_octets(const Carrier *carrier)
{
  return carrier->skipped;
}

uint64_t carrier_encrypted_connections(const Carrier *carrier)
{
  return carrier->encrypted;
}
