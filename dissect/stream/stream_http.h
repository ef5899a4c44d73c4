/*
 * What stream.c has to know of HTTP: where a message begins, where its header block ends,
 * and whether it asks for or grants WebSocket with SIP inside (RFC 6455 4, RFC 7118 4).
 */
#pragma once

#include "capture/slice.h"

typedef struct {
  unsigned status;     /* of a response, else 0 */
  bool upgrades;       /* Upgrade: websocket */
  bool names_protocol; /* a Sec-WebSocket-Protocol is there */
  bool names_sip;      /* and SIP is in it */
} StreamHttp;

/* Is the first line one of HTTP/1, or, when it is not whole, does a method of HTTP begin it? */
bool stream_http_begins(Slice octets);

/* Octets to the end of the empty line, 0 when it is not there; none ends before `from`. */
size_t stream_http_header_end(Slice octets, size_t from);

/* Reads a whole header block. */
StreamHttp stream_http_read(Slice header);
