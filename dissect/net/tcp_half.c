#include "dissect/net/tcp_half.h"

enum {
  NEAR = 16 << 20,         /* octets; more than what is in flight on any call */
  WAITING_MAX = 256 << 10, /* octets behind one hole */
};

int64_t tcp_half_position(const TcpHalf *half, uint32_t seq)
{
  return half->next + (int32_t) (seq - (uint32_t) half->next);
}

void tcp_half_anchor(TcpHalf *half, uint32_t seq)
{
  if (half->anchored)
    return;
  half->anchored = true;
  half->next = (INT64_C(1) << 32) + seq; /* room for what comes before it */
}

bool tcp_half_is_near(const TcpHalf *half, int64_t at)
{
  return at >= half->next - NEAR && at <= half->next + NEAR;
}

void tcp_half_open(TcpHalf *half, int64_t at)
{
  half->open = true;
  half->next = half->early = at;
}

static void stamp(TcpHalf *half, uint64_t frame, int64_t time_ns, uint16_t ip_id)
{
  if (frame < half->frame)
    return;
  half->frame = frame;
  half->time_ns = time_ns;
  half->ip_id = ip_id;
}

static TcpEvent event_of(TcpHalf *half, TcpEventKind kind)
{
  return (TcpEvent){.kind = kind,
                    .stream = &half->stream,
                    .seq_end = (uint32_t) half->next,
                    .frame = half->frame,
                    .time_ns = half->time_ns,
                    .ip_id = half->ip_id};
}

/* Gives the segment's first `len` octets. */
static TcpEvent give_segment(TcpHalf *half, TcpSegment *segment, size_t len, TcpEventKind kind)
{
  const Packet *packet = segment->packet;

  stamp(half, packet->frame, packet->time_ns, packet->ip_id);
  TcpEvent event = event_of(half, kind);
  event.octets = slice_head(segment->octets, len);
  event.from_packet = true;
  event.in_frame = packet->in_frame;
  event.ref = packet->ref + (uint64_t) (segment->octets.data - packet->payload.data);
  segment->octets = slice_from(segment->octets, len);
  segment->at += (int64_t) len;
  event.seq_end = (uint32_t) segment->at;
  if (kind == TCP_DATA)
    half->after_cut = packet->cut && segment->octets.len == 0;
  return event;
}

void tcp_half_ask(TcpHalf *half, TcpSegment *segment, TcpEvent *ret_event)
{
  const TcpPiece *probe = tcp_queue_first(&half->queue);

  /* RFC 9293 3.8.4: a keep-alive may carry one garbage octet, just before what is next. */
  if (probe && probe->len == 1 && probe->octets[0] == 0 &&
      half->queue.end - half->queue.first == 1 && segment->at == probe->at + 1)
    g_free(tcp_queue_take(&half->queue));
  tcp_queue_add(&half->queue, segment->at, segment->octets, segment->packet);
  segment->octets = SLICE_NONE;
  const TcpPiece *first = tcp_queue_first(&half->queue);
  g_assert(first);
  half->next = first->at;
  *ret_event = event_of(half, TCP_START);
  ret_event->octets = slice_of(first->octets, first->len);
}

/* Octets before the first that the capture had: only where no SYN tells where the stream began. */
static bool take_early(TcpHalf *half, TcpSegment *segment, TcpEvent *ret_event)
{
  if (half->stream.from_syn || segment->at >= half->early)
    return false;
  size_t len = MIN(segment->octets.len, (size_t) (half->early - segment->at));
  half->early = segment->at;
  *ret_event = give_segment(half, segment, len, TCP_EARLY);
  return true;
}

bool tcp_half_take(TcpHalf *half, TcpSegment *segment, TcpEvent *ret_event)
{
  const TcpPiece *first = tcp_queue_first(&half->queue);

  if (half->has_fin)
    segment->octets = slice_head(segment->octets, (size_t) MAX(half->fin - segment->at, 0));
  if (segment->octets.len > 0 && take_early(half, segment, ret_event))
    return true;
  if (segment->at < half->next) {
    segment->octets = slice_from(segment->octets, (size_t) (half->next - segment->at));
    segment->at = half->next;
  }
  if (segment->octets.len == 0)
    return false;
  if (segment->at == half->next && !(first && first->at == half->next)) {
    size_t room = first ? (size_t) (first->at - half->next) : SIZE_MAX;
    size_t len = MIN(segment->octets.len, room);
    half->next += (int64_t) len;
    *ret_event = give_segment(half, segment, len, TCP_DATA);
    return true;
  }
  tcp_queue_add(&half->queue, segment->at, segment->octets, segment->packet);
  segment->octets = SLICE_NONE;
  return false;
}

static TcpEvent give_piece(TcpHalf *half, TcpPiece *piece)
{
  stamp(half, piece->frame, piece->time_ns, piece->ip_id);
  TcpEvent event = event_of(half, TCP_DATA);
  event.octets = slice_of(piece->octets, piece->len);
  event.in_frame = piece->in_frame;
  event.ref = piece->ref;
  half->next += (int64_t) piece->len;
  event.seq_end = (uint32_t) half->next;
  half->after_cut = piece->cut;
  return event;
}

/* Where the hole ends: at what waits, or at the end that was told. */
static int64_t hole_end(const TcpHalf *half)
{
  const TcpPiece *first = tcp_queue_first(&half->queue);

  if (!first)
    return half->has_fin ? half->fin : half->next;
  return half->has_fin ? MIN(first->at, half->fin) : first->at;
}

static TcpEvent give_gap(TcpHalf *half)
{
  int64_t until = hole_end(half);
  TcpEvent event = event_of(half, TCP_GAP);

  event.gap = (uint64_t) (until - half->next);
  event.seq_end = (uint32_t) until;
  half->next = until;
  half->giving_up = false;
  half->after_cut = false;
  return event;
}

static TcpEvent give_end(TcpHalf *half)
{
  half->stream.ended = true;
  tcp_queue_clear(&half->queue);
  return event_of(half, TCP_END);
}

bool tcp_half_next(TcpHalf *half, TcpEvent *ret_event, TcpPiece **ret_lent)
{
  const TcpPiece *first = tcp_queue_first(&half->queue);

  if (half->stream.ended)
    return false;
  if (!half->open && first && (half->giving_up || half->ending)) {
    tcp_half_open(half, first->at);
    half->giving_up = false;
  }
  bool beyond_fin = half->has_fin && half->next >= half->fin;
  if (half->open && first && first->at == half->next && !beyond_fin) {
    *ret_lent = tcp_queue_take(&half->queue);
    *ret_event = give_piece(half, *ret_lent);
    return true;
  }
  if ((half->giving_up || half->ending) && tcp_half_has_hole(half)) {
    *ret_event = give_gap(half);
    return true;
  }
  if (!half->ending && !(half->open && beyond_fin))
    return false;
  *ret_event = give_end(half);
  return true;
}

bool tcp_half_has_hole(const TcpHalf *half)
{
  if (half->stream.ended)
    return false;
  return half->open ? hole_end(half) > half->next : tcp_queue_first(&half->queue) != NULL;
}

bool tcp_half_hole_is_acked(const TcpHalf *half)
{
  return half->open && half->has_acked && tcp_half_position(half, half->acked) >= hole_end(half);
}

bool tcp_half_is_hopeless(const TcpHalf *half)
{
  return half->queue.bytes > WAITING_MAX || half->after_cut;
}
