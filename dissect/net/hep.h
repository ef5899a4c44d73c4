/*
 * HEP: what a SIP server or a probe copied to a collector, with the addresses, the transport and
 * the time at which it was seen (https://github.com/sipcapture/HEP: versions 1, 2 and 3).
 *
 * hep_read and hep_unpack work on the bytes of one HEP packet, whatever brought it.  As a layer of
 * UDP the packet becomes what was copied; of the datagram around it the source is kept.  The
 * authentication key is never read.
 */
#pragma once

#include "capture/hep_chunk.h"
#include "dissect/net/layer.h"

enum {
  HEP3_SHOWN = 12,          /* bytes that show that one begins: with the head of a chunk */
  HEP_UNPACKED_MAX = 65535, /* bytes that may come out of a payload */
};

/* Slices point into the packet, or into what it was unpacked to. */
struct HepPacket {
  Endpoint src, dst; /* of what was copied */
  Endpoint sender;   /* of the copy; set by who knows */
  int64_t time_ns;   /* 0: it does not say */
  Transport transport;
  uint8_t type;      /* HepType, or another */
  uint32_t agent;    /* capture agent id (chunk 12); 0: it does not say */
  Slice node;        /* its name (chunk 19) */
  Slice correlation; /* chunk 17: often the Call-ID */
  Slice payload;
  bool is_compressed;
  bool cut; /* the payload's end is missing */
};

/* May HEP begin here?  Cheap: asked of every datagram. */
static inline bool hep_is_likely(const Reader *in)
{
  return reader_left(in) >= 8 &&
         (memcmp(in->at, "HEP3", 4) == 0 || in->at[0] == 1 || in->at[0] == 2);
}

/* Does a packet of version 3 begin here: "HEP3", a length and a first chunk that fits into it, as
 * far as they are there? */
bool hep3_begins(Slice bytes);

/* Where one begins in bytes of a stream; bytes.len when there is none. */
size_t hep3_find(Slice bytes);

/* Its length as its head, which must be there, says: 0 when it is none. */
size_t hep3_len(Slice bytes);

/* Reads a packet of version 3.  `cut`: its end is missing.  False when it is none. */
bool hep3_read(Slice bytes, bool cut, HepPacket *ret_packet);

/*
 * Makes the payload what was sent: decompressed, and a report of RTCP out of JSON; if it was
 * changed, it lies in `to`, which is emptied before.  False when it is damaged, or is of type
 * HEP_RTCP and no RTCP.
 */
bool hep_unpack(HepPacket *packet, GByteArray *to);

/* Is something done with payloads of that type? */
static inline bool hep_type_is_read(uint8_t type)
{
  return type == HEP_UNKNOWN || type == HEP_SIP || type == HEP_RTP || type == HEP_RTCP ||
         type == HEP_LOG;
}

/* The protocol number of a transport, as in chunk 2. */
uint8_t hep_protocol(Transport transport);

/* Continues with the message in a whole HEP packet, which is left; LAYER_NONE, and a peel as it
 * was, when it is none. */
Layer hep_open(Peel *peel);
