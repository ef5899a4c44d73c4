/*
 * Stream: the bytes of one direction of a TCP connection, and the SIP messages, or packets of RTP
 * and RTCP, in them: a stack of protocols (stream_layer.h).  Private to carrier.c and the layers.
 *
 * A stream finds out for itself what it carries, and asks its peer (TcpStream.peer) where that
 * knows more.  It keeps bytes of the connection only as long as a message needs them.
 */
#pragma once

#include "dissect/net/tcp.h"
#include "dissect/stream/stream_hold.h"
#include "dissect/stream/stream_layer.h"
#include "dissect/stream/websocket.h"
#include "dissect/tls/tls_session.h"

struct Stream {
  const TcpStream *tcp;
  size_t message_max;
  StreamStage bottom;
  uint64_t since;    /* bytes from the end of the last message to the end of what was fed; what
                       cannot be part of the next one is left out where that is known */
  uint64_t fed;      /* bytes since the stream began, with those that were missing */
  bool in_opening;   /* what was fed last is of an HTTP header block or TLS handshake */
  bool keeps_window; /* messages to come may refer to all that was fed */
  bool refers_back;  /* the piece that is read now does */
  uint64_t skipped;  /* bytes passed over while a start-line was looked for */
  uint64_t unread;   /* compressed messages that could not be read */
  /* In this stream a server answered to a WebSocket handshake: how both ends compress. */
  bool is_server;
  WebSocketDeflate deflate, peer_deflate;
  unsigned restarts;  /* of stages: stage_restart */
  TlsKeys *keys;      /* of the carrier; NULL: there are none */
  TlsSession *tls;    /* of both directions; NULL: none was found */
  unsigned tls_side;  /* which of its sides this direction is */
  uint64_t frame;     /* that it began with */
  bool is_encrypted;  /* by something that cannot be opened */
  unsigned encrypted; /* such connections: 1, noted by one of both directions */
  bool waits;         /* nothing may be fed before a key or the other direction is there: */
  size_t waiting;     /* so many of the last bytes fed were not taken */
  StreamHold hold;    /* the carrier's: events that came since */
  struct EndedConnection *ended; /* the carrier's: that `tcp` is of; NULL: of the TCP table */
  size_t counted;                /* the carrier's: what it knows of stream_kept */
  struct SipCase *sip_case;      /* the carrier's, of both directions */
  GArray *marks;                 /* the carrier's; or NULL */

  /* With a stage above the lowest: the last piece of the lowest, as bytes before the end of what
   * was fed: from the end of the piece before, and from its own end on. */
  uint64_t piece_since, piece_until;
};

typedef struct {
  Slice octets;    /* valid until the next call */
  bool from_input; /* they lie in what was fed */
  bool cut;
  bool is_media;    /* RTP or RTCP; the rest is SIP */
  uint32_t missing; /* of media that are cut: so many bytes */
  bool is_plain;    /* found in the bytes themselves, not in a protocol that carries SIP: */
  SipBefore before;
  Transport transport;
  const HepPacket *copy; /* what HEP says of it, valid as the bytes are; NULL: it is no copy */
  bool refers_back;      /* it cannot be read without all that came before it */
  /* Where it was, as bytes before the end of what was fed: from the end of the message before,
   * fillers included, or from all that it needs, and from its own last byte on. */
  uint64_t since, until;
} StreamMessage;

Stream *stream_new(const TcpStream *tcp, size_t message_max);
void stream_free(Stream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Stream, stream_free)

/* The next bytes; they must live until stream_next gives false. */
void stream_feed(Stream *stream, Slice bytes);

/* So many bytes are missing here; STREAM_REST: nothing more comes. */
void stream_gap(Stream *stream, uint64_t len);

bool stream_next(Stream *stream, StreamMessage *ret_message);

/* Where the stream began, as bytes before the end of what was fed; of a very long one a later
 * place. */
uint64_t stream_begun(const Stream *stream);

/* Bytes kept. */
size_t stream_kept(const Stream *stream);

/* Is SIP looked for in the bytes themselves, not in a protocol that carries it? */
static inline bool stream_is_plain_sip(const Stream *stream)
{
  return stream->bottom.layer == &STREAM_SIP;
}

static inline bool stream_is_media(const Stream *stream)
{
  return stream->bottom.layer == &STREAM_MEDIA;
}

/* Is it kept, as it may be media, until more has come? */
bool stream_may_be_media(const Stream *stream);

/* Is the stream of something in which no SIP is looked for? */
static inline bool stream_is_unread(const Stream *stream)
{
  return stream->bottom.layer == &STREAM_IGNORED;
}

/*
 * It waits, and has given all messages before: how many of the last bytes that were fed it has not
 * taken.  They count as not fed; feed them again, after SLICE_NONE, which makes it go on, when a
 * key or bytes of the other direction have come.
 */
size_t stream_take_back(Stream *stream);

/* It is of a connection that is encrypted and cannot be opened, which is counted once. */
void stream_note_unread(Stream *stream);

/* Nothing in it matters any more. */
void stream_ignore(Stream *stream);

/* Could a stream begin with these bytes? */
bool stream_can_begin(Slice bytes);
