/*
 * WebSocketReader: one direction of a WebSocket connection (RFC 6455 5) to messages.
 *
 * Feed bytes, report gaps, and pull messages until there are none.  Masked frames are
 * unmasked, fragments joined, control frames passed over.  A message that came whole, unmasked
 * and in one frame is shown where it lies, others in the reader's buffer.  What is longer than
 * `message_max` is passed over and counted.
 *
 * Messages with RSV1 are decompressed (permessage-deflate, RFC 7692), whether the handshake was
 * seen or not: a window that is kept does no harm where the sender begins anew with each message.
 * When one was lost, those that refer back to it cannot be read: they are counted in `unread`, and
 * the next one is tried with an empty window.
 *
 * When the framing is lost the reader waits for the next feed: websocket_peek shows whether a
 * frame may begin there.
 */
#pragma once

#include "capture/inflate.h"

enum {
  WEBSOCKET_HEADER_MAX = 14,
  /* What a compressed message may become: times its bytes, but not below so many. */
  WEBSOCKET_RATIO_MAX = 128,
  WEBSOCKET_LEAST_MAX = 16 * 1024,
};

/* How one end compresses, as the handshake says (RFC 7692 7.1); all zero: not known. */
typedef struct {
  bool agreed;         /* it may compress */
  bool alone;          /* each message by itself: no_context_takeover */
  uint8_t window_bits; /* 0: up to INFLATE_WINDOW_BITS_MAX */
} WebSocketDeflate;

typedef struct {
  size_t message_max;
  WebSocketDeflate deflate; /* of the sender; may be set until bytes are fed */
  Slice input;              /* what was fed; the caller's */
  uint8_t header[WEBSOCKET_HEADER_MAX];
  size_t header_len; /* bytes of it that are there */
  bool in_payload;   /* the header is read: the fields below hold */
  bool final;
  uint8_t opcode;
  bool masked;
  uint8_t key[4];
  uint64_t length, at; /* of the payload, and how much of it was read */
  bool passing;        /* this payload is not wanted */
  bool in_message;     /* a fragment came, its continuation is awaited */
  bool compressed;     /* that message is */
  bool unwanted;       /* that message is too long: so is what continues it */
  bool cut;            /* bytes of the message are missing */
  bool lost;           /* no frame border is known */
  char *buffer;
  size_t buffer_len, buffer_room;
  Inflater *inflater;   /* has the window; NULL: an empty one */
  GByteArray *inflated; /* the last message that was compressed; or NULL */
  uint64_t skipped;     /* frames that were not wanted */
  uint64_t unread;      /* messages that could not be decompressed */
} WebSocketReader;

typedef struct {
  Slice bytes;     /* valid until the next call */
  bool from_input; /* they lie in what was fed */
  bool cut;
  bool refers_back; /* it was compressed, and may refer to messages before it */
} WebSocketMessage;

void websocket_init(WebSocketReader *reader, size_t message_max);
void websocket_clear(WebSocketReader *reader);

/* The next bytes; they must live until websocket_next gives false. */
void websocket_feed(WebSocketReader *reader, Slice bytes);

/* Here `len` bytes of the stream are missing. */
void websocket_gap(WebSocketReader *reader, uint64_t len);

/* Nothing more comes. */
void websocket_end(WebSocketReader *reader);

bool websocket_next(WebSocketReader *reader, WebSocketMessage *ret_message);

/* Bytes that are kept, with those of zlib. */
size_t websocket_kept(const WebSocketReader *reader);

/*
 * If a text or binary frame can begin here, or after whole control frames: the beginning of its
 * payload, unmasked, and decompressed where RSV1 says so, into `room` as far as it reaches.  Absent
 * otherwise.
 */
Slice websocket_peek(Slice bytes, char *room, size_t room_len);

/* Does a frame begin here with the beginning of a SIP message (RFC 7118 5)? */
bool websocket_has_sip(Slice bytes);
