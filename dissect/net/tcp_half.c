#include "dissect/net/tcp_half.h"

/* --- The queue -------------------------------------------------------------------------------- */

/* What a piece costs beside its bytes, the allocator's share included. */
enum { PIECE_COST = sizeof(TcpPiece) + 16 };

void tcp_queue_clear(TcpQueue *queue)
{
  for (size_t i = queue->first; i < queue->end; i++)
    g_free(queue->pieces[i]);
  g_free(queue->pieces);
  *queue = (TcpQueue){0};
}

/* Index of the first piece that ends after `at`. */
static size_t find_piece(const TcpQueue *queue, int64_t at)
{
  size_t low = queue->first, high = queue->end;

  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const TcpPiece *piece = queue->pieces[middle];
    if (piece->at + (int64_t) piece->len > at)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

static void queue_make_room(TcpQueue *queue)
{
  if (queue->end < queue->room)
    return;
  size_t count = queue->end - queue->first;
  if (queue->first > queue->room / 2) {
    memmove(queue->pieces, queue->pieces + queue->first, count * sizeof *queue->pieces);
    queue->first = 0;
    queue->end = count;
    return;
  }
  queue->room = MAX(queue->room * 2, (size_t) 8);
  queue->pieces = g_renew(TcpPiece *, queue->pieces, queue->room);
}

/* Removes the pieces from `from` to `to`. */
static void drop_pieces(TcpQueue *queue, size_t from, size_t to)
{
  for (size_t i = from; i < to; i++) {
    queue->bytes -= PIECE_COST + queue->pieces[i]->len;
    queue->damaged -= queue->pieces[i]->damaged;
    g_free(queue->pieces[i]);
  }
  memmove(queue->pieces + from, queue->pieces + to, (queue->end - to) * sizeof *queue->pieces);
  queue->end -= to - from;
}

/* The good copy of these bytes is here: damaged ones are not needed. */
static void drop_damaged(TcpQueue *queue, int64_t at, int64_t end)
{
  size_t i = queue->damaged > 0 ? find_piece(queue, at) : queue->end;

  while (queue->damaged > 0 && i < queue->end && queue->pieces[i]->at < end) {
    if (queue->pieces[i]->damaged)
      drop_pieces(queue, i, i + 1);
    else
      i++;
  }
}

/* Puts a copy before the piece at `index`; gives the index after it. */
static size_t insert_copy(TcpQueue *queue, size_t index, const TcpPiece *head, const char *octets)
{
  size_t from_first = index - queue->first;

  queue_make_room(queue);
  index = queue->first + from_first;
  TcpPiece *piece = g_malloc(sizeof *piece + head->len);
  *piece = *head;
  memcpy(piece->octets, octets, head->len);
  memmove(queue->pieces + index + 1, queue->pieces + index,
          (queue->end - index) * sizeof(TcpPiece *));
  queue->pieces[index] = piece;
  queue->end++;
  queue->bytes += PIECE_COST + head->len;
  queue->damaged += head->damaged;
  return index + 1;
}

void tcp_queue_add(TcpQueue *queue, const TcpSegment *segment)
{
  const Packet *packet = segment->packet;
  Slice octets = segment->octets;
  int64_t start = segment->at, at = start, end = at + (int64_t) octets.len;

  if (!segment->damaged)
    drop_damaged(queue, at, end);
  size_t index = find_piece(queue, at);

  while (at < end) {
    const TcpPiece *there = index < queue->end ? queue->pieces[index] : NULL;
    int64_t hole_end = there ? MIN(there->at, end) : end;
    size_t offset = (size_t) (at - start);
    TcpPiece head = {.at = at,
                     .in_frame = packet->in_frame,
                     .cut = packet->cut && hole_end == end,
                     .damaged = segment->damaged,
                     .ref = packet->ref + (uint64_t) (octets.data + offset - packet->payload.data),
                     .frame = packet->frame,
                     .time_ns = packet->time_ns,
                     .ip_id = packet->ip_id};
    if (hole_end > at) {
      head.len = (size_t) (hole_end - at);
      index = insert_copy(queue, index, &head, octets.data + offset);
    }
    if (!there)
      return;
    at = there->at + (int64_t) there->len;
    index++;
  }
}

TcpPiece *tcp_queue_take(TcpQueue *queue)
{
  TcpPiece *piece = tcp_queue_first(queue);

  if (!piece)
    return NULL;
  queue->first++;
  queue->bytes -= PIECE_COST + piece->len;
  queue->damaged -= piece->damaged;
  if (queue->first == queue->end)
    queue->first = queue->end = 0;
  return piece;
}

/* --- The half --------------------------------------------------------------------------------- */

enum {
  NEAR = 16 << 20,         /* bytes; more than what is in flight on any call */
  WAITING_MAX = 256 << 10, /* bytes after one hole */
};

int64_t tcp_half_position(const TcpHalf *half, uint32_t seq)
{
  return half->next + (int32_t) (seq - (uint32_t) half->next);
}

int64_t tcp_half_highest(const TcpHalf *half)
{
  const TcpQueue *queue = &half->queue;

  if (!tcp_queue_first(queue))
    return half->next;
  const TcpPiece *last = queue->pieces[queue->end - 1];
  return last->at + (int64_t) last->len;
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

  /* RFC 9293 3.8.4: a keep-alive may carry one garbage byte, just before what is next. */
  if (probe && probe->len == 1 && probe->octets[0] == 0 &&
      half->queue.end - half->queue.first == 1 && segment->at == probe->at + 1)
    g_free(tcp_queue_take(&half->queue));
  tcp_queue_add(&half->queue, segment);
  segment->octets = SLICE_NONE;
  const TcpPiece *first = tcp_queue_first(&half->queue);
  g_assert(first);
  half->next = first->at;
  *ret_event = event_of(half, TCP_START);
  ret_event->octets = slice_of(first->octets, first->len);
}

/* Bytes before the first that the capture had: only where no SYN shows where the stream began. */
static bool take_early(TcpHalf *half, TcpSegment *segment, TcpEvent *ret_event)
{
  if (half->stream.from_syn || segment->at >= half->early)
    return false;
  size_t len = MIN(segment->octets.len, (size_t) (half->early - segment->at));
  half->early = segment->at;
  *ret_event = give_segment(half, segment, len, TCP_EARLY);
  return true;
}

/* Nothing comes after the last byte: what does shows that the FIN was none.  (One byte may be a
 * keep-alive's.) */
static void contradict_fin(TcpHalf *half, const TcpSegment *segment)
{
  int64_t end = segment->at + (int64_t) segment->octets.len;

  if (!half->has_fin || segment->octets.len == 0 || end <= half->fin)
    return;
  if (segment->at == half->fin && segment->octets.len == 1)
    return;
  half->has_fin = false;
  half->ignored++;
}

bool tcp_half_take(TcpHalf *half, TcpSegment *segment, TcpEvent *ret_event)
{
  if (!segment->damaged) {
    drop_damaged(&half->queue, segment->at, segment->at + (int64_t) segment->octets.len);
    contradict_fin(half, segment);
    if (segment->octets.len > 0 && take_early(half, segment, ret_event))
      return true;
  }
  if (half->has_fin)
    segment->octets = slice_head(segment->octets, (size_t) MAX(half->fin - segment->at, 0));
  const TcpPiece *first = tcp_queue_first(&half->queue);
  if (segment->at < half->next) {
    segment->octets = slice_from(segment->octets, (size_t) (half->next - segment->at));
    segment->at = half->next;
  }
  if (segment->octets.len == 0)
    return false;
  if (segment->at == half->next && !segment->damaged && !(first && first->at == half->next)) {
    size_t room = first ? (size_t) (first->at - half->next) : SIZE_MAX;
    size_t len = MIN(segment->octets.len, room);
    half->next += (int64_t) len;
    *ret_event = give_segment(half, segment, len, TCP_DATA);
    return true;
  }
  tcp_queue_add(&half->queue, segment);
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

/* Has the peer all bytes before that position? */
static bool is_acked(const TcpHalf *half, int64_t until)
{
  return half->has_acked && tcp_half_position(half, half->acked) >= until;
}

/* Where the hole ends: at what waits (a damaged piece is a hole itself), or at an end that the peer
 * has seen. */
static int64_t hole_end(const TcpHalf *half)
{
  const TcpPiece *first = tcp_queue_first(&half->queue);

  if (first)
    return first->damaged && first->at == half->next ? first->at + (int64_t) first->len : first->at;
  bool announced = half->has_fin && (half->ending || is_acked(half, half->fin + 1));
  return announced ? MAX(half->fin, half->next) : half->next;
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

/* No good copy came: the peer has this one, or there is none. */
static void take_damaged(TcpHalf *half, const TcpPiece *piece)
{
  half->giving_up = false;
  if (!half->has_acked || is_acked(half, piece->at + (int64_t) piece->len))
    half->checksums = TCP_CHECKSUMS_IGNORED;
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
  bool is_next = half->open && first && first->at == half->next;
  bool as_it_is = half->giving_up || half->ending;
  if (is_next && (!first->damaged || as_it_is)) {
    if (first->damaged && !half->ending)
      take_damaged(half, first);
    *ret_lent = tcp_queue_take(&half->queue);
    *ret_event = give_piece(half, *ret_lent);
    return true;
  }
  if ((half->giving_up || half->ending) && tcp_half_has_hole(half)) {
    *ret_event = give_gap(half);
    return true;
  }
  bool at_fin = half->open && half->has_fin && half->next >= half->fin;
  bool fin_is_known = !half->has_acked || is_acked(half, half->fin + 1);
  if (!half->ending && !(at_fin && fin_is_known))
    return false;
  half->stream.ended = true;
  tcp_queue_clear(&half->queue);
  *ret_event = event_of(half, TCP_END);
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
  return half->open && is_acked(half, hole_end(half));
}

bool tcp_half_is_hopeless(const TcpHalf *half)
{
  return half->queue.bytes > WAITING_MAX || half->after_cut;
}
