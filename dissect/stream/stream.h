/*
 * Stream: what the octets of one direction of a TCP connection are, and the SIP messages in
 * them.  Private to carrier.c.
 *
 * A stream finds out for itself: SIP from its first octet or in the middle, HTTP that may be
 * upgraded to WebSocket (RFC 7118), WebSocket in the middle, or nothing that can be read.  It asks
 * its peer (TcpStream.peer) where that knows more.  It keeps the connection's octets only as
 * long as a message needs it.
 */
#pragma once

#include "dissect/net/tcp.h"
#include "dissect/stream/sip_frame.h"
#include "dissect/stream/websocket.h"

typedef enum {
  STREAM_UNKNOWN, /* its first octets do not tell yet */
  STREAM_SIP,     /* or octets in which SIP is looked for */
  STREAM_HTTP,    /* watched for an upgrade */
  STREAM_WEBSOCKET,
  STREAM_IGNORED, /* TLS, and what was upgraded to another protocol */
} StreamProtocol;

typedef struct {
  const TcpStream *tcp;
  StreamProtocol protocol;
  size_t message_max;
  bool at_start;  /* nothing is missing from the first octet on */
  bool found_sip; /* SIP: there was a message */
  bool from_head; /* the framer works on `head`, not on what was fed */
  bool in_header; /* HTTP: the header block's end is not here yet */
  bool not_sip;   /* HTTP: a subprotocol was named, and it is not SIP */
  bool asks;      /* for WebSocket, and nothing speaks against SIP in it */
  char *head;     /* octets that are kept until they tell more */
  size_t head_len, head_room;
  uint64_t since;   /* octets from the end of the last message to the end of what was fed; what
                       cannot be part of the next one is left out where that is known */
  bool in_opening;  /* what was fed last is of an HTTP header block */
  size_t counted;   /* the carrier's: what it knows of stream_kept */
  uint64_t skipped; /* octets passed over while a start-line was looked for */
  union {
    SipFramer sip;             /* SIP */
    WebSocketReader websocket; /* WEBSOCKET */
  };
} Stream;

typedef struct {
  Slice octets;    /* valid until the next call */
  bool from_input; /* they lie in what was fed */
  bool cut;
  /* Where it lay, as octets before the end of what was fed: behind the message before it, fillers
   * included, and behind its own last octet. */
  uint64_t since, until;
} StreamMessage;

Stream *stream_new(const TcpStream *tcp, size_t message_max);
void stream_free(Stream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Stream, stream_free)

/* The next octets; they must live until stream_next gives false. */
void stream_feed(Stream *stream, Slice octets);
void stream_gap(Stream *stream, uint64_t len);
void stream_end(Stream *stream);

bool stream_next(Stream *stream, StreamMessage *ret_message);

/* Octets kept. */
size_t stream_kept(const Stream *stream);

/* Do these octets look like the beginning of something that a stream can begin with? */
bool stream_can_begin(Slice octets);
