#include "dissect/net/tcp_queue.h"

/* What a piece costs beside its octets, the allocator's share included. */
enum { PIECE_COST = sizeof(TcpPiece) + 16 };

void tcp_queue_clear(TcpQueue *queue)
{
  for (size_t i = queue->first; i < queue->end; i++)
    g_free(queue->pieces[i]);
  g_free(queue->pieces);
  *queue = (TcpQueue){0};
}

/* Index of the first piece that ends behind `at`. */
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

static void make_room(TcpQueue *queue)
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

/* Puts a copy before the piece at `index`; gives the index behind it. */
static size_t insert_copy(TcpQueue *queue, size_t index, const TcpPiece *head, const char *octets)
{
  size_t from_first = index - queue->first;

  make_room(queue);
  index = queue->first + from_first;
  TcpPiece *piece = g_malloc(sizeof *piece + head->len);
  *piece = *head;
  memcpy(piece->octets, octets, head->len);
  memmove(queue->pieces + index + 1, queue->pieces + index,
          (queue->end - index) * sizeof(TcpPiece *));
  queue->pieces[index] = piece;
  queue->end++;
  queue->bytes += PIECE_COST + head->len;
  return index + 1;
}

void tcp_queue_add(TcpQueue *queue, int64_t at, Slice octets, const Packet *packet)
{
  int64_t start = at, end = at + (int64_t) octets.len;
  size_t index = find_piece(queue, at);

  while (at < end) {
    const TcpPiece *there = index < queue->end ? queue->pieces[index] : NULL;
    int64_t hole_end = there ? MIN(there->at, end) : end;
    size_t offset = (size_t) (at - start);
    TcpPiece head = {.at = at,
                     .in_frame = packet->in_frame,
                     .cut = packet->cut && hole_end == end,
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
  if (queue->first == queue->end)
    queue->first = queue->end = 0;
  return piece;
}
