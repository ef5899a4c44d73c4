/*
 * The content of a body: its bytes without their Content-Encoding (RFC 3261 20.12), of which gzip
 * and deflate are known (RFC 9110 8.4.1).
 *
 * Few bytes can become very many, so what comes out is bounded: the rest is cut off, and the state
 * says so.
 */
#pragma once

#include "capture/arena.h"
#include "dissect/sip/sip_msg.h"

enum {
  SIP_CONTENT_MAX = 256 * 1024,
  SIP_CONTENT_RATIO_MAX = 64,       /* times the bytes that were sent */
  SIP_CONTENT_LEAST_MAX = 4 * 1024, /* bytes that may come out whatever the ratio */
  SIP_CODINGS_MAX = 3,              /* of one body, one over the other */
};

/* Replaces msg->content, if it is SIP_CONTENT_ENCODED, by the bytes without encoding, which lie in
 * the arena. */
void sip_msg_decode(SipMsg *msg, Arena *arena);

/* The same with a lower bound of what may come out. */
void sip_msg_decode_head(SipMsg *msg, size_t most, Arena *arena);
