/*
 * HepChunk and HepType: the parts of a HEP 3 packet (https://github.com/sipcapture/HEP).  A packet
 * is "HEP3", its length, and chunks: vendor, type and length of 16 bits each, then the value.
 * Lengths count their heads; all numbers are in network byte order.
 */
#pragma once

enum {
  HEP3_HEAD = 6,      /* bytes of "HEP3" and the length of the packet */
  HEP_CHUNK_HEAD = 6, /* bytes before a value */
};

/* Types of chunks without a vendor (vendor 0). */
typedef enum {
  HEP_CHUNK_FAMILY = 1,   /* AF_INET or AF_INET6 */
  HEP_CHUNK_PROTOCOL = 2, /* of IP */
  HEP_CHUNK_IPV4_SRC = 3,
  HEP_CHUNK_IPV4_DST = 4,
  HEP_CHUNK_IPV6_SRC = 5,
  HEP_CHUNK_IPV6_DST = 6,
  HEP_CHUNK_SRC_PORT = 7,
  HEP_CHUNK_DST_PORT = 8,
  HEP_CHUNK_SECONDS = 9,
  HEP_CHUNK_MICROS = 10,
  HEP_CHUNK_TYPE = 11,  /* HepType */
  HEP_CHUNK_AGENT = 12, /* capture agent id */
  HEP_CHUNK_PASSWORD = 14,
  HEP_CHUNK_PAYLOAD = 15,
  HEP_CHUNK_COMPRESSED = 16,  /* the same, compressed */
  HEP_CHUNK_CORRELATION = 17, /* correlation id */
  HEP_CHUNK_NODE = 19,        /* name of the agent */
} HepChunk;

/* Types of payloads: what was copied. */
typedef enum {
  HEP_UNKNOWN = 0, /* it is not named, as in versions 1 and 2: the bytes show it */
  HEP_SIP = 1,
  HEP_RTP = 4,
  HEP_RTCP = 5,  /* as it was sent, or as JSON (dissect/net/hep_rtcp.h) */
  HEP_LOG = 100, /* a line of text */
} HepType;
