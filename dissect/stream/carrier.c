#include "dissect/stream/carrier.h"

#include "capture/cache.h"
#include "dissect/net/hep.h"
#include "dissect/net/sctp.h"
#include "dissect/net/tcp.h"
#include "dissect/sip/sip_msg.h"
#include "dissect/stream/ended_table.h"
#include "dissect/stream/sip_frame.h"
#include "dissect/stream/stream.h"

/* What is known of the SIP in one connection, and its messages until it is clear. */
typedef struct SipCase SipCase;
struct SipCase {
  SipVerdict verdict;
  SipJudge *judge;      /* NULL: the verdict is final */
  const TcpStream *tcp; /* one of both directions */
  GQueue held;          /* of HeldMessage */
  size_t bytes;         /* of them */
  int64_t since_ns;     /* when the first came */
  GList link;           /* in `open`, while messages are held */
};

typedef struct {
  GList link;
  RawMessage raw;
  char octets[];
} HeldMessage;

enum { HELD_MAX = 16, HELD_BYTES_MAX = 128 * 1024 }; /* of one connection */

/* After that no answer comes any more: 64*T1 (RFC 3261 17.1.2.2). */
static const int64_t HOLD_NS = INT64_C(32) * 1000 * 1000 * 1000;

/* `stream_bytes` is for what waits after holes, for messages in parts, and for SCTP. */
enum { SHARE_HOLES = 2, SHARE_STREAMS = 4, SHARE_SCTP = 4 };

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
  uint64_t skipped, encrypted, quoting, unread;
  Undecoded undecoded;
  TlsKeys *keys;
  DtlsTable *dtls;
  bool expects_keys;    /* some have come, or may */
  uint64_t keys_seen;   /* tls_keys_generation when streams that wait were tried last */
  TlsTable connections; /* of TLS that have ended */
  HoldTable hold;       /* of streams that wait */
  EndedTable ended;     /* of connections of which one does */
  bool is_ending;       /* nothing more comes that a stream could wait for */
  GQueue open;          /* of SipCase, the one that is longest open first */
  GQueue released;      /* of HeldMessage */
  size_t held_bytes;    /* of all cases */
};

Carrier *carrier_new(CarrierLimits limits)
{
  Carrier *carrier = g_new0(Carrier, 1);

  carrier->limits = limits;
  carrier->keys = tls_keys_new(TLS_KEYS_MAX);
  carrier->dtls = dtls_table_new(DTLS_TABLE_MAX);
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
  carrier->unread += stream->unread;
  stream->unread = 0;
  stream->skipped = 0;
  stream->encrypted = 0;
}

static void drop_stream(Carrier *carrier, Stream *stream)
{
  if (!stream)
    return;
  hold_table_drop(&carrier->hold, stream);
  carrier->kept -= stream->counted;
  carrier->skipped += stream->skipped;
  carrier->encrypted += stream->encrypted;
  carrier->unread += stream->unread;
  stream_free(stream);
}

/* --- When media came before they were found to be media ------------------------------------ */

/* What was fed to a stream up to that place. */
typedef struct {
  uint32_t seq_end;
  uint64_t frame;
  int64_t time_ns;
} StreamMark;

enum { MARKS_MAX = 64 }; /* of one stream; the last one counts for what is after it, too */

static void mark_event(Stream *stream, const TcpEvent *event)
{
  const StreamMark mark = {event->seq_end, event->frame, event->time_ns};

  if (!stream->marks)
    stream->marks = g_array_new(false, false, sizeof mark);
  if (stream->marks->len == MARKS_MAX)
    g_array_set_size(stream->marks, MARKS_MAX - 1);
  g_array_append_val(stream->marks, mark);
}

/* The packet was complete with the first event that reached its end. */
static void apply_marks(const Stream *stream, RawMessage *raw)
{
  for (guint i = 0; stream->marks && i < stream->marks->len; i++) {
    const StreamMark *mark = &g_array_index(stream->marks, StreamMark, i);
    if ((int32_t) (mark->seq_end - raw->seq_end) < 0)
      continue;
    raw->frame = mark->frame;
    raw->time_ns = mark->time_ns;
    return;
  }
}

/* --- Messages that are held back ---------------------------------------------------------- */

static void hold(Carrier *carrier, SipCase *sip_case, const RawMessage *raw)
{
  HeldMessage *held = g_malloc(sizeof *held + raw->octets.len);

  held->link = (GList){.data = held};
  held->raw = *raw;
  memcpy(held->octets, raw->octets.data, raw->octets.len);
  held->raw.octets = slice_of(held->octets, raw->octets.len);
  if (sip_case->held.length == 0) {
    sip_case->since_ns = carrier->packet.time_ns;
    g_queue_push_tail_link(&carrier->open, &sip_case->link);
  }
  g_queue_push_tail_link(&sip_case->held, &held->link);
  sip_case->bytes += raw->octets.len;
  carrier->held_bytes += raw->octets.len;
}

/* The case is decided: its messages are given next, or dropped. */
static void settle_held(Carrier *carrier, SipCase *sip_case)
{
  GList *link;

  if (sip_case->held.length > 0)
    g_queue_unlink(&carrier->open, &sip_case->link);
  while ((link = g_queue_pop_head_link(&sip_case->held))) {
    if (sip_case->verdict == SIP_VERDICT_SIP)
      g_queue_push_tail_link(&carrier->released, link);
    else
      g_free(link->data);
  }
  carrier->held_bytes -= sip_case->bytes;
  sip_case->bytes = 0;
}

/* Nearly every connection soon has a verdict that is final: its judge takes no memory then. */
static void set_verdict(SipCase *sip_case, SipVerdict verdict)
{
  sip_case->verdict = verdict;
  if (sip_case->judge->final)
    g_clear_pointer(&sip_case->judge, g_free);
}

static void case_free(SipCase *sip_case)
{
  if (sip_case)
    g_free(sip_case->judge);
  g_free(sip_case);
}

static bool peer_is_captured(const TcpStream *tcp)
{
  return tcp->is_captured && tcp->peer->is_captured;
}

static void close_case(Carrier *carrier, SipCase *sip_case)
{
  if (sip_case->held.length > 0 && sip_case->judge) {
    set_verdict(sip_case, sip_judge_close(sip_case->judge, peer_is_captured(sip_case->tcp)));
    carrier->quoting += sip_case->verdict == SIP_VERDICT_QUOTES;
  }
  settle_held(carrier, sip_case);
}

/* Cases that were open for too long, or that hold too much. */
static void close_overdue(Carrier *carrier, int64_t now_ns)
{
  SipCase *oldest;

  while ((oldest = g_queue_peek_head(&carrier->open))) {
    bool is_new = now_ns - oldest->since_ns < HOLD_NS && oldest->since_ns - now_ns < HOLD_NS;
    if (is_new && carrier->held_bytes <= carrier->limits.stream_bytes / SHARE_STREAMS)
      return;
    close_case(carrier, oldest);
  }
}

/* Of the connection, which either direction may know; NULL when there was no SIP in it. */
static SipCase *find_case(const TcpStream *tcp)
{
  const Stream *stream = tcp->user, *peer = tcp->peer->user;

  if (stream && stream->sip_case)
    return stream->sip_case;
  return peer ? peer->sip_case : NULL;
}

static SipCase *case_of(const TcpStream *tcp)
{
  Stream *stream = tcp->user;

  if (stream->sip_case)
    return stream->sip_case;
  stream->sip_case = find_case(tcp);
  if (!stream->sip_case) {
    stream->sip_case = g_new0(SipCase, 1);
    stream->sip_case->judge = g_new0(SipJudge, 1);
    stream->sip_case->link.data = stream->sip_case;
    stream->sip_case->tcp = tcp;
  }
  return stream->sip_case;
}

/* Shows the message to the judge; true when it is to be given now. */
static bool pass_judge(Carrier *carrier, const StreamMessage *message, const RawMessage *raw)
{
  const TcpStream *tcp = carrier->event.stream;
  SipCase *sip_case = case_of(tcp);
  SipVerdict before = sip_case->verdict;

  if (!sip_case->judge)
    return before == SIP_VERDICT_SIP;
  const SipExhibit exhibit = {.octets = raw->octets,
                              .cut = raw->cut,
                              .before = message->before,
                              .side = tcp < tcp->peer,
                              .peer_is_captured = tcp->peer->is_captured,
                              .src = tcp->src,
                              .dst = tcp->dst};

  set_verdict(sip_case, sip_judge_see(sip_case->judge, &exhibit));
  SipVerdict verdict = sip_case->verdict;
  if (verdict == SIP_VERDICT_QUOTES) {
    carrier->quoting += before != SIP_VERDICT_QUOTES;
    settle_held(carrier, sip_case);
    return false;
  }
  if (verdict == SIP_VERDICT_SIP && sip_case->held.length == 0)
    return true;
  hold(carrier, sip_case, raw);
  if (verdict == SIP_VERDICT_SIP)
    settle_held(carrier, sip_case);
  else if (sip_case->held.length >= HELD_MAX || sip_case->bytes > HELD_BYTES_MAX)
    close_case(carrier, sip_case);
  return false;
}

static bool take_released(Carrier *carrier, Arena *scratch, RawMessage *ret_message)
{
  GList *link = g_queue_pop_head_link(&carrier->released);

  if (!link)
    return false;
  HeldMessage *held = link->data;
  *ret_message = held->raw;
  ret_message->octets = arena_dup(scratch, held->raw.octets);
  g_free(held);
  return true;
}

/* What is seen of a connection that only quotes SIP need not be read. */
static void ignore_quotations(Carrier *carrier, const TcpStream *tcp)
{
  Stream *streams[] = {tcp->user, tcp->peer->user};
  const SipCase *sip_case = find_case(tcp);

  if (!sip_case || sip_case->judge || sip_case->verdict != SIP_VERDICT_QUOTES)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS(streams); i++) {
    if (!streams[i] || stream_is_unread(streams[i]))
      continue;
    stream_ignore(streams[i]);
    count_stream(carrier, streams[i]);
  }
}

static TlsOutcome tls_outcome(const Stream *stream)
{
  const Stream *peer = stream->tcp->peer->user;
  const TlsInfo *info = tls_session_info(stream->tls);

  if (info->is_read)
    return TLS_READ;
  if (info->has_alert)
    return TLS_FAILED;
  return stream->is_encrypted || (peer && peer->is_encrypted) ? TLS_UNREAD : TLS_BEGUN;
}

/* Where its beginning is missing, the end with the smaller port is taken for the server. */
static TlsRow tls_row(const Stream *stream, TlsOutcome outcome)
{
  const Stream *peer = stream->tcp->peer->user;
  const TlsInfo *info = tls_session_info(stream->tls);
  bool is_client = info->version != 0 ? tls_session_is_client(stream->tls, stream->tls_side)
                                      : stream->tcp->src.port > stream->tcp->dst.port;
  TlsRow row = tls_row_of(info);

  row.client = is_client ? stream->tcp->src : stream->tcp->dst;
  row.server = is_client ? stream->tcp->dst : stream->tcp->src;
  row.frame = peer ? MIN(peer->frame, stream->frame) : stream->frame;
  row.outcome = (uint8_t) outcome;
  return row;
}

/* Counts a TLS connection once it is known how it goes, and again when that changes and when it has
 * ended.  The session is marked with its outcome and its place in the table. */
static void note_tls(Carrier *carrier, const TcpStream *tcp, bool has_ended)
{
  enum { IS_COUNTED = 1, OUTCOME_AT = 1, PLACE_AT = 8 };
  const Stream *stream = tcp->user ? tcp->user : tcp->peer->user;

  if (!stream || !stream->tls)
    return;
  TlsOutcome outcome = tls_outcome(stream);
  unsigned mark = tls_session_mark(stream->tls),
           way = IS_COUNTED | (unsigned) outcome << OUTCOME_AT;
  bool is_known = outcome != TLS_BEGUN && (mark & ((1U << PLACE_AT) - 1)) != way;
  if (!has_ended && !is_known)
    return;
  if (mark & IS_COUNTED)
    tls_table_remove(&carrier->connections, mark >> PLACE_AT);
  const TlsRow row = tls_row(stream, outcome);
  unsigned place = tls_table_add(&carrier->connections, &row);
  tls_session_set_mark(stream->tls, way | place << PLACE_AT);
}

/* Both directions have ended: what they knew is not needed any more. */
static void drop_streams(Carrier *carrier, TcpStream *tcp)
{
  SipCase *sip_case = find_case(tcp);

  note_tls(carrier, tcp, true);
  if (sip_case)
    close_case(carrier, sip_case);
  case_free(sip_case);
  drop_stream(carrier, tcp->user);
  drop_stream(carrier, tcp->peer->user);
  tcp->user = tcp->peer->user = NULL;
}

static void drop_ended(Carrier *carrier, EndedConnection *ended)
{
  drop_streams(carrier, &ended->sides[0]);
  ended_table_remove(&carrier->ended, ended);
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
  for (EndedConnection *ended; (ended = ended_table_due(&carrier->ended, INT64_MAX));)
    drop_ended(carrier, ended);
  for (GList *link; (link = g_queue_pop_head_link(&carrier->released));)
    g_free(link->data);
  stream_free(carrier->early);
  hold_table_clear(&carrier->hold);
  tcp_table_free(carrier->tcp);
  sctp_table_free(carrier->sctp);
  tls_keys_free(carrier->keys);
  dtls_table_free(carrier->dtls);
  g_free(carrier);
}

void carrier_feed(Carrier *carrier, const Packet *packet)
{
  carrier->packet = *packet;
  switch (packet->kind) {
  case PACKET_UDP:
    carrier->has_datagram = true;
    if (dtls_is_likely(packet->payload))
      dtls_table_take(carrier->dtls, &packet->src, &packet->dst, packet->payload);
    break;
  case PACKET_TCP:
    close_overdue(carrier, packet->time_ns);
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

/* Is it SIP that was found where a message is expected? */
static bool is_sip(Slice octets)
{
  return sip_msg_is_likely(octets) && !sip_begins_inside(octets);
}

static bool next_datagram(Carrier *carrier, RawMessage *ret_message)
{
  const Packet *packet = &carrier->packet;
  bool is_log = packet->copy && packet->copy->type == HEP_LOG;
  size_t before = proxy_header_len(packet->payload); /* of a load balancer */
  Slice octets = slice_from(packet->payload, before);

  carrier->has_datagram = false;
  if (!is_log && !is_sip(octets))
    return false;
  *ret_message = (RawMessage){.octets = octets,
                              .is_log = is_log,
                              .copy = packet->copy,
                              .from = packet->copy ? packet->copy->sender : packet->src,
                              .to = packet->dst,
                              .in_frame = packet->in_frame,
                              .ref = packet->ref + before,
                              .cut = packet->cut,
                              .fragmented = packet->frames != NULL,
                              .transport = packet->transport,
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
static bool next_user_message(Carrier *carrier, Arena *scratch, RawMessage *ret_message)
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
                                .from = message.src,
                                .to = message.dst,
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
                    .is_media = message->is_media,
                    .missing = message->missing,
                    .dscp = tcp->dscp,
                    .transport = message->transport,
                    .src = tcp->src,
                    .dst = tcp->dst,
                    .from = tcp->src,
                    .to = tcp->dst,
                    .frame = event->frame,
                    .time_ns = event->time_ns,
                    .ip_id = event->ip_id,
                    .tunnel = tcp->tunnel,
                    .refers_back = message->refers_back,
                    .seq = event->seq_end - (uint32_t) message->since,
                    .seq_end = event->seq_end - (uint32_t) message->until};

  if (message->from_input && event->in_frame) {
    raw.in_frame = true;
    raw.ref = event->ref + (uint64_t) (message->octets.data - event->octets.data);
  }
  if (!message->is_media && (!message->from_input || !event->from_packet))
    raw.octets = arena_dup(scratch, raw.octets);
  return raw;
}

/* The message is what was copied from now on.  The stream's bytes, where names and ids are, do not
 * last as long as the message. */
static void take_copy(RawMessage *raw, const HepPacket *copy, Arena *scratch)
{
  HepPacket *kept = arena_copy(scratch, copy, sizeof *copy);

  kept->node = arena_dup(scratch, copy->node);
  kept->correlation = arena_dup(scratch, copy->correlation);
  kept->payload = raw->octets;
  raw->copy = kept;
  raw->is_media = copy->type == HEP_RTP || copy->type == HEP_RTCP;
  raw->is_log = copy->type == HEP_LOG;
  raw->transport = copy->transport;
  raw->src = copy->src;
  raw->dst = copy->dst;
  raw->ip_id = 0;
  raw->dscp = 0;
  if (copy->time_ns != 0)
    raw->time_ns = copy->time_ns;
}

/* Is the copy to be given?  If nothing can be done with it, it is counted. */
static bool is_wanted_copy(Carrier *carrier, const StreamMessage *message)
{
  const HepPacket *copy = message->copy;

  if (!message->octets.data)
    undecoded_add(&carrier->undecoded, UNDECODED_HEP, 0, 1);
  else if (!hep_type_is_read(copy->type))
    undecoded_add(&carrier->undecoded, UNDECODED_HEP_TYPE, copy->type, 1);
  else
    return copy->type == HEP_RTP || copy->type == HEP_RTCP || copy->type == HEP_LOG ||
           is_sip(message->octets);
  return false;
}

Packet raw_media_packet(const RawMessage *media)
{
  bool is_datagram = media->transport == TRANSPORT_UDP;

  return (Packet){.kind = is_datagram ? PACKET_UDP : PACKET_TCP,
                  .copy = is_datagram ? media->copy : NULL,
                  .src = media->src,
                  .dst = media->dst,
                  .payload = media->octets,
                  .in_frame = media->in_frame,
                  .cut = media->cut,
                  .missing = media->missing,
                  .ref = media->ref,
                  .frame = media->frame,
                  .time_ns = media->time_ns,
                  .dscp = media->dscp,
                  .tunnel = media->tunnel};
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

/* --- Streams that wait ------------------------------------------------------------------------ */

void carrier_add_keys(Carrier *carrier, Slice lines, TlsKeyLogFaults *faults)
{
  carrier->expects_keys = true;
  tls_keys_add(carrier->keys, lines, faults);
}

bool carrier_add_private_key(Carrier *carrier, Slice pem)
{
  carrier->expects_keys = true;
  return tls_keys_add_private(carrier->keys, pem);
}

bool carrier_srtp_key(const Carrier *carrier, const Endpoint *src, const Endpoint *dst,
                      DtlsSrtpKey *ret_key)
{
  unsigned side;
  const DtlsHandshake *handshake = dtls_table_find(carrier->dtls, src, dst, &side);

  return handshake && dtls_handshake_key(handshake, carrier->keys, side, ret_key);
}

size_t carrier_dtls_count(const Carrier *carrier)
{
  return dtls_table_count(carrier->dtls);
}

static void give_up(Carrier *carrier, Stream *stream)
{
  hold_table_drop(&carrier->hold, stream);
  stream_note_unread(stream);
  stream_ignore(stream);
  count_stream(carrier, stream);
}

/* No key came for a connection that has ended. */
static void give_up_ended(Carrier *carrier, EndedConnection *ended)
{
  for (unsigned i = 0; i < 2; i++) {
    Stream *stream = ended->sides[i].user;
    if (stream && !stream_hold_is_empty(&stream->hold))
      give_up(carrier, stream);
  }
  drop_ended(carrier, ended);
}

static void give_up_due(Carrier *carrier, int64_t now_ns)
{
  for (EndedConnection *ended; (ended = ended_table_due(&carrier->ended, now_ns));)
    give_up_ended(carrier, ended);
}

void carrier_expire(Carrier *carrier, int64_t now_ns)
{
  carrier->is_ending = now_ns == INT64_MAX;
  give_up_due(carrier, now_ns);
  tcp_expire(carrier->tcp, now_ns);
  sctp_expire(carrier->sctp, now_ns);
  if (now_ns != INT64_MAX)
    close_overdue(carrier, now_ns);
  carrier->has_segments = carrier->has_chunks = true;
}

/* The stream holds more: what is too much of it, or of all together, is given up. */
static void give_up_overfull(Carrier *carrier, Stream *stream)
{
  size_t most = carrier->limits.stream_bytes / SHARE_STREAMS;

  for (Stream *full; (full = hold_table_overfull(&carrier->hold, stream, most));)
    give_up(carrier, full);
}

/* What the stream took of the event may be what the other direction waits for. */
static void retry_peer(Carrier *carrier, const TcpStream *tcp)
{
  const Stream *stream = carrier->active;
  Stream *peer = tcp->peer->user;

  if (peer && !(stream->waits && stream->waiting == carrier->event.octets.len))
    hold_table_retry(&carrier->hold, peer);
}

/* Have both directions ended? */
static bool is_over(const TcpStream *tcp)
{
  return tcp->ended && tcp->peer->ended;
}

/* The event was fed: what the stream did not take waits for more, where more may come. */
static void hold_rest(Carrier *carrier, Stream *stream)
{
  size_t rest = stream_take_back(stream);

  if (!carrier->expects_keys || (carrier->is_ending && is_over(carrier->event.stream))) {
    give_up(carrier, stream);
    return;
  }
  hold_table_keep_back(&carrier->hold, stream, &carrier->event, rest);
  give_up_overfull(carrier, stream);
}

/* Is the event of a stream that waits?  It waits, too. */
static bool hold_event(Carrier *carrier, const TcpEvent *event)
{
  Stream *stream = event->stream->user, *peer = event->stream->peer->user;
  bool is_last = carrier->is_ending && is_over(event->stream);

  if (is_last && peer && !stream_hold_is_empty(&peer->hold))
    give_up(carrier, peer);
  if (!stream || stream_hold_is_empty(&stream->hold))
    return false;
  if (is_last) {
    give_up(carrier, stream);
    return false;
  }
  hold_table_add(&carrier->hold, stream, event);
  give_up_overfull(carrier, stream);
  return true;
}

/* The next event that was held, once it is worth to try again. */
static bool next_held(Carrier *carrier, TcpEvent *ret_event)
{
  uint64_t generation = tls_keys_generation(carrier->keys);

  if (generation != carrier->keys_seen)
    hold_table_retry_all(&carrier->hold);
  carrier->keys_seen = generation;
  return hold_table_next(&carrier->hold, ret_event);
}

static Stream *stream_begin(Carrier *carrier, const TcpEvent *event)
{
  Stream *stream = stream_new(event->stream, carrier->limits.message_bytes);

  stream->keys = carrier->keys;
  stream->frame = event->frame;
  return stream;
}

/* Hands an event to its stream; gives the stream when that may have messages now. */
static Stream *feed_event(Carrier *carrier, const TcpEvent *event)
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
    event->stream->user = stream = stream_begin(carrier, event);
  if (!stream)
    return NULL;
  cache_expect(stream->bottom.state, stream->bottom.layer->state_size);
  cache_expect(stream->sip_case, sizeof *stream->sip_case);
  if (event->kind == TCP_DATA)
    stream_feed(stream, event->octets);
  else if (event->kind == TCP_GAP)
    stream_gap(stream, event->gap);
  else
    stream_gap(stream, STREAM_REST);
  return stream;
}

/* Time is kept for what may turn out to be media; then it has been used. */
static void settle_marks(const Carrier *carrier, Stream *stream)
{
  if (stream_may_be_media(stream))
    mark_event(stream, &carrier->event);
  else
    g_clear_pointer(&stream->marks, g_array_unref);
}

/* A connection that is over is forgotten, unless a stream of it waits. */
static void settle_ended(Carrier *carrier, TcpStream *tcp)
{
  const Stream *stream = tcp->user ? tcp->user : tcp->peer->user;
  EndedConnection *ended = stream ? stream->ended : NULL;
  SipCase *sip_case = find_case(tcp);

  if (ended && !ended_holds(tcp)) {
    drop_ended(carrier, ended);
  } else if (!ended && ended_holds(tcp)) {
    ended = ended_table_add(&carrier->ended, tcp, carrier->packet.time_ns);
    if (sip_case)
      sip_case->tcp = &ended->sides[0];
    tcp->user = tcp->peer->user = NULL;
    give_up_due(carrier, carrier->packet.time_ns);
  } else if (!ended) {
    drop_streams(carrier, tcp);
  }
}

/* Streams keep too much together. */
static void end_oldest(Carrier *carrier)
{
  EndedConnection *ended = ended_table_due(&carrier->ended, INT64_MAX);

  if (ended)
    give_up_ended(carrier, ended);
  else
    tcp_end_oldest(carrier->tcp);
}

/* The event has no more messages: what is over is freed, what is too much is ended. */
static void end_event(Carrier *carrier)
{
  TcpStream *tcp = carrier->event.stream;

  if (carrier->active) {
    settle_marks(carrier, carrier->active);
    retry_peer(carrier, tcp);
    if (carrier->active->waits)
      hold_rest(carrier, carrier->active);
    count_stream(carrier, carrier->active);
    ignore_quotations(carrier, tcp);
    tcp->unread = tcp->user && stream_is_unread(tcp->user);
    note_tls(carrier, tcp, false);
  }
  drop_stream(carrier, carrier->early);
  if (tcp && is_over(tcp))
    settle_ended(carrier, tcp);
  carrier->active = carrier->early = NULL;
  carrier->event.stream = NULL;
  if (carrier->kept > carrier->limits.stream_bytes / SHARE_STREAMS)
    end_oldest(carrier);
}

static bool next_of_stream(Carrier *carrier, Arena *scratch, RawMessage *ret_message)
{
  StreamMessage message;

  while (stream_next(carrier->active, &message)) {
    if (message.copy && !is_wanted_copy(carrier, &message))
      continue;
    *ret_message = message_of_stream(&carrier->event, &message, scratch);
    apply_marks(carrier->active, ret_message);
    if (message.copy)
      take_copy(ret_message, message.copy, scratch);
    if (!message.is_plain || pass_judge(carrier, &message, ret_message))
      return true;
    if (take_released(carrier, scratch, ret_message))
      return true;
  }
  return false;
}

static bool next_segment(Carrier *carrier, Arena *scratch, RawMessage *ret_message)
{
  for (;;) {
    if (take_released(carrier, scratch, ret_message))
      return true;
    if (carrier->active && next_of_stream(carrier, scratch, ret_message))
      return true;
    if (carrier->early && !carrier->early_ended) {
      carrier->early_ended = true;
      stream_gap(carrier->early, STREAM_REST);
      continue;
    }
    end_event(carrier);
    if (carrier->released.length > 0)
      continue;
    if (next_held(carrier, &carrier->event)) {
      carrier->active = feed_event(carrier, &carrier->event);
      continue;
    }
    if (!tcp_next(carrier->tcp, &carrier->event)) {
      carrier->has_segments = false;
      return false;
    }
    if (!hold_event(carrier, &carrier->event))
      carrier->active = feed_event(carrier, &carrier->event);
  }
}

bool carrier_next(Carrier *carrier, Arena *scratch, RawMessage *ret_message)
{
  if (take_released(carrier, scratch, ret_message))
    return true;
  if (carrier->has_datagram && next_datagram(carrier, ret_message))
    return true;
  if (carrier->has_chunks && next_user_message(carrier, scratch, ret_message))
    return true;
  return carrier->has_segments && next_segment(carrier, scratch, ret_message);
}

/* The first place of what is held of that direction. */
static uint32_t needed_of_held(const SipCase *sip_case, const TcpStream *tcp, uint32_t needed)
{
  for (GList *link = sip_case->held.head; link; link = link->next) {
    const HeldMessage *held = link->data;
    if (endpoint_eq(&held->raw.src, &tcp->src))
      return (int32_t) (held->raw.seq - needed) < 0 ? held->raw.seq : needed;
  }
  return needed;
}

/* The first place of what a message to come may be in.  A record of TLS is numbered from the
 * connection's beginning. */
static uint32_t needed_of_stream(const TcpStream *tcp, const Stream *stream, uint32_t next)
{
  if (!stream)
    return next;
  if (stream->tls && tcp->has_isn && stream_begun(stream) == stream->fed)
    return tcp->isn + 1;
  bool is_all = stream->keeps_window || stream->tls;
  return next - (uint32_t) (is_all ? stream_begun(stream) : stream->since);
}

bool carrier_look(const Carrier *carrier, CarrierStream *ret_stream)
{
  uint32_t next;
  const TcpStream *tcp = tcp_find(carrier->tcp, &carrier->packet, &next);

  if (!tcp)
    return false;
  const Stream *stream = tcp->user;
  if (stream && stream_is_unread(stream))
    return false;
  ret_stream->tcp = tcp;
  ret_stream->needed = needed_of_stream(tcp, stream, next);
  if (stream && stream->sip_case)
    ret_stream->needed = needed_of_held(stream->sip_case, tcp, ret_stream->needed);
  ret_stream->opening = stream && stream->in_opening;
  ret_stream->is_media = stream && stream_is_media(stream);
  return true;
}

void carrier_append_keys(const Carrier *carrier, const RawMessage *message, GString *to)
{
  const Packet packet = {
    .kind = PACKET_TCP, .src = message->from, .dst = message->to, .tunnel = message->tunnel};
  uint32_t unused;
  const TcpStream *tcp = tcp_find(carrier->tcp, &packet, &unused);
  const Stream *stream = tcp ? tcp->user : NULL;

  if (stream && stream->tls)
    tls_session_append_lines(stream->tls, to);
}

void carrier_append_dtls_keys(const Carrier *carrier, const Packet *packet, GString *to)
{
  unsigned side;
  const DtlsHandshake *handshake =
    dtls_table_find(carrier->dtls, &packet->src, &packet->dst, &side);

  if (handshake && handshake->has_client)
    tls_keys_append_lines(carrier->keys, handshake->client_random, to);
}

const Undecoded *carrier_undecoded(const Carrier *carrier)
{
  return &carrier->undecoded;
}

uint64_t carrier_quoting_connections(const Carrier *carrier)
{
  return carrier->quoting;
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

const TlsTable *carrier_tls(const Carrier *carrier)
{
  return &carrier->connections;
}

uint64_t carrier_unread_messages(const Carrier *carrier)
{
  return carrier->unread;
}
