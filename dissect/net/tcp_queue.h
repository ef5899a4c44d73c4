/*
 * TcpQueue: octets of one stream that wait behind a hole, as pieces in order that never
 * overlap: what arrived first stays (RFC 9293 leaves it open; most receivers do so).
 *
 * A position counts octets of the stream; its low 32 bits are the sequence number.  Pieces
 * are copies and belong to the queue until they are taken, then to the taker (g_free).
 */
#pragma once

#include "dissect/net/packet.h"

typedef struct {
  int64_t at; /* position of octets[0] */
  size_t len;
  bool in_frame;
  bool cut;    /* the snap length took what follows */
  ByteRef ref; /* of octets[0], when in_frame */
  uint64_t frame;
  int64_t time_ns;
  uint16_t ip_id;
  char octets[];
} TcpPiece;

/* Zero is an empty queue. */
typedef struct {
  TcpPiece **pieces; /* those from `first` to `end` are there, lowest first */
  size_t first, end, room;
  size_t bytes; /* with what the pieces cost themselves, so that it bounds their number */
} TcpQueue;

void tcp_queue_clear(TcpQueue *queue);

/* The lowest piece, or NULL. */
static inline TcpPiece *tcp_queue_first(const TcpQueue *queue)
{
  return queue->first < queue->end ? queue->pieces[queue->first] : NULL;
}

/* Copies what is not there yet of `octets` at position `at`; the rest as in `packet`. */
void tcp_queue_add(TcpQueue *queue, int64_t at, Slice octets, const Packet *packet);

/* Takes the lowest piece out; NULL when there is none. */
TcpPiece *tcp_queue_take(TcpQueue *queue);
