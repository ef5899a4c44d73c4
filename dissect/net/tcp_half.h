/*
 * TcpHalf: one direction of a TCP connection: which bytes are next, which wait, what is
 * known to be missing.  Private to tcp.c, which keeps the connections and the clock.
 *
 * A position counts bytes of the stream; its low 32 bits are the sequence number, so wrapping
 * needs no thought beyond tcp_half_position.
 */
#pragma once

#include "dissect/net/tcp.h"

/*
 * TcpQueue: bytes of one stream that wait after a hole, as pieces in order that never overlap: what
 * arrived first stays (RFC 9293 leaves it open; most receivers do so).  Pieces are copies and
 * belong to the queue until they are taken, then to the taker (g_free).
 */
typedef struct {
  int64_t at; /* position of octets[0] */
  size_t len;
  bool in_frame;
  bool cut;     /* the snap length took what follows */
  bool damaged; /* a good copy may take its place, until it is known that the peer has it */
  ByteRef ref;  /* of octets[0], when in_frame */
  uint64_t frame;
  int64_t time_ns;
  uint16_t ip_id;
  char octets[];
} TcpPiece;

/* Zero is an empty queue. */
typedef struct {
  TcpPiece **pieces; /* those from `first` to `end` are there, lowest first */
  size_t first, end, room;
  size_t bytes;   /* with what the pieces cost themselves, so that it bounds their number */
  size_t damaged; /* pieces */
} TcpQueue;

void tcp_queue_clear(TcpQueue *queue);

/* The lowest piece, or NULL. */
static inline TcpPiece *tcp_queue_first(const TcpQueue *queue)
{
  return queue->first < queue->end ? queue->pieces[queue->first] : NULL;
}

/* The bytes of one segment that are still to be placed; slid forward as they are. */
typedef struct {
  int64_t at;
  Slice octets;
  const Packet *packet;
  bool damaged; /* its checksum is wrong */
} TcpSegment;

/* Copies what is not there yet of the segment's bytes. */
void tcp_queue_add(TcpQueue *queue, const TcpSegment *segment);

/* Takes the lowest piece out; NULL when there is none. */
TcpPiece *tcp_queue_take(TcpQueue *queue);

/* What a half may wait for; each has a time of its own. */
typedef enum {
  TCP_WAIT_START, /* a segment before the first one that was captured */
  TCP_WAIT_ACKED, /* a segment that the receiver has, so only the capture can still be late */
  TCP_WAIT_HOLE,  /* a segment that is missing */
  TCP_WAIT_COUNT,
} TcpWait;

/* Are the checksums of a sender worth a look? */
typedef enum {
  TCP_CHECKSUMS_UNKNOWN, /* none was right yet */
  TCP_CHECKSUMS_GOOD,    /* what is wrong is damaged, or forged */
  TCP_CHECKSUMS_IGNORED, /* its peer takes segments with wrong ones: the card fills them in */
} TcpChecksums;

typedef struct TcpConnection TcpConnection;

typedef struct {
  TcpStream stream; /* first: a TcpStream is found in its half */
  TcpConnection *connection;
  TcpQueue queue;
  int64_t next;   /* position of the byte to give next; of the first that waits until `open` */
  int64_t early;  /* lowest position given; bytes before it were never given */
  int64_t fin;    /* position after the last byte, with has_fin */
  uint32_t acked; /* sequence number the peer asks for, with has_acked */
  uint32_t stray; /* where a segment that did not fit continues, with has_stray */
  bool anchored;  /* `next` has a meaning */
  bool open;      /* bytes may be given */
  bool has_fin, has_acked, has_stray;
  bool after_cut;     /* the snap length took what should be next */
  bool giving_up;     /* the next hole becomes a gap */
  bool ending;        /* all holes do, and the end follows */
  bool has_wrong;     /* a segment with a wrong checksum was taken; it ended at: */
  uint32_t wrong_end; /* sequence number */
  TcpChecksums checksums;
  uint32_t ignored; /* segments that turned out to end nothing; the table counts them */
  bool waits;
  TcpWait wait;
  int64_t wait_at;  /* `next` when it began */
  int64_t deadline; /* of wait */
  GList link;       /* in the queue of all that wait for the same */
  int64_t seen_ns;  /* when its last segment came */
  uint64_t frame;   /* the last that gave bytes */
  int64_t time_ns;
  uint16_t ip_id;
  uint16_t syn_ip_id; /* with stream.has_isn */
} TcpHalf;

/* The position of a sequence number: the nearest one to what is next. */
int64_t tcp_half_position(const TcpHalf *half, uint32_t seq);

/* After all bytes that came, those that wait included. */
int64_t tcp_half_highest(const TcpHalf *half);

/* Gives positions a meaning, when they have none yet: `seq` is next. */
void tcp_half_anchor(TcpHalf *half, uint32_t seq);

/* False when it is so far off that it must be of another connection, or garbage. */
bool tcp_half_is_near(const TcpHalf *half, int64_t at);

/* Bytes can be given from `at` on. */
void tcp_half_open(TcpHalf *half, int64_t at);

/* The half waits at its very start: gives the event that asks whether it may begin there. */
void tcp_half_ask(TcpHalf *half, TcpSegment *segment, TcpEvent *ret_event);

/* Gives what of the segment is early or next, and keeps what has to wait; false: no event. */
bool tcp_half_take(TcpHalf *half, TcpSegment *segment, TcpEvent *ret_event);

/* Gives what waited, a gap that was given up, or the end; *ret_lent keeps the octets. */
bool tcp_half_next(TcpHalf *half, TcpEvent *ret_event, TcpPiece **ret_lent);

/* Something is missing before what waits (or before the end that was announced). */
bool tcp_half_has_hole(const TcpHalf *half);

/* The peer has all of that hole. */
bool tcp_half_hole_is_acked(const TcpHalf *half);

/* Waiting on makes no sense: too much waits, or the bytes were cut off. */
bool tcp_half_is_hopeless(const TcpHalf *half);
