/*
 * Tcp: segments put in order (RFC 9293 3.4).
 *
 * Feed a packet, then pull events until there are none.  Each direction of a connection is a
 * TcpStream of its own: its bytes come once and in order; what was overlapped, sent again or
 * late is sorted out here (the bytes that arrived first win).  A hole that is not filled is
 * given up and reported as a gap: after a wait, soon after the receiver acknowledged it, when too
 * much waits after it, or when the stream ends.  TCP_END comes once for every stream, at last.
 *
 * What a receiver would not take ends nothing here either, and is counted: segments with a wrong
 * checksum, unless the sender leaves checksums to its card; an RST at another number than the next
 * (RFC 5961 3.2); a FIN that data contradicts.  A SYN in a connection that lives begins another one
 * once it was answered (RFC 5961 4.2) or data follows it.  In-order data after an end show that the
 * connection goes on.
 *
 * A stream belongs to the table and lives until both directions have had TCP_END and the
 * event after that was asked for.  Time is the latest time of any packet.
 */
#pragma once

#include "dissect/net/packet.h"

typedef struct {
  size_t connections; /* at the limit one of those longest silent is ended */
  size_t bytes;       /* waiting after holes, all streams together */
  int64_t gap_wait_ns;
} TcpLimits;

/* One direction of one connection. */
typedef struct TcpStream TcpStream;
struct TcpStream {
  Endpoint src, dst;
  uint32_t tunnel;
  bool from_syn;      /* its first byte is the connection's first */
  bool ended;         /* TCP_END was given */
  bool unread;        /* set by the reader: what its bytes are does not matter */
  bool is_captured;   /* a segment of it was seen */
  uint8_t dscp;       /* of the last one */
  bool has_isn;       /* a SYN was seen: */
  uint32_t isn;       /* its number */
  uint64_t syn_frame; /* and its frame */
  TcpStream *peer;
  void *user; /* the reader's own; NULL at first */
};

/* Bytes at `user` that are fetched from memory as soon as a segment comes; most of a Stream. */
enum { TCP_USER_EXPECTED = 320 };

typedef enum {
  TCP_START, /* no SYN was seen, `octets` are the first so far: see tcp_hold */
  TCP_DATA,  /* `octets` are next */
  TCP_GAP,   /* `gap` bytes are missing here */
  TCP_EARLY, /* `octets` precede all that was given: they came after the capture's first */
  TCP_END,   /* nothing more comes */
} TcpEventKind;

typedef struct {
  TcpEventKind kind;
  TcpStream *stream;
  Slice octets;     /* valid until the next tcp_next */
  bool from_packet; /* bytes lie in the packet that was fed, and live as long as that */
  bool in_frame;    /* `ref` finds them again */
  ByteRef ref;
  uint64_t gap;
  uint32_t seq_end; /* the sequence number after it */
  uint64_t frame;   /* the last that gave bytes to this stream, the event's included */
  int64_t time_ns;
  uint16_t ip_id;
} TcpEvent;

typedef struct TcpTable TcpTable;

TcpTable *tcp_table_new(TcpLimits limits);

/* `user` of streams that had no TCP_END yet is the caller's to free before. */
void tcp_table_free(TcpTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TcpTable, tcp_table_free)

/* Takes a TCP packet; it and its bytes must live until tcp_next gives false. */
void tcp_feed(TcpTable *table, const Packet *packet);

/* Time has passed: holes that waited too long are given up.  INT64_MAX ends all streams. */
void tcp_expire(TcpTable *table, int64_t now_ns);

/* The next event of what was fed or expired; false when there is none. */
bool tcp_next(TcpTable *table, TcpEvent *ret_event);

/*
 * Answer to TCP_START: these bytes do not look like the beginning of anything, so a segment
 * that belongs before them may still be on its way.  They wait for it, for a short time; each
 * further segment asks anew.
 */
void tcp_hold(TcpTable *table, TcpStream *stream);

/* Ends one of the connections that were silent longest; false when there is none. */
bool tcp_end_oldest(TcpTable *table);

/* The stream that the packet is of, and the sequence number of the byte it gives next; NULL when
 * it has ended or was never there. */
const TcpStream *tcp_find(const TcpTable *table, const Packet *packet, uint32_t *ret_next);

/* Segments that a receiver would not have taken, so far. */
uint64_t tcp_ignored_segments(const TcpTable *table);

/* Bytes that wait after holes. */
size_t tcp_waiting_bytes(const TcpTable *table);
