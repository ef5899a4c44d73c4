/*
 * Packet: what one frame carries, below the transport: link layer and tunnels taken off,
 * IP fragments joined.
 *
 * packet_decode is a pure function but for the fragments it has to keep.  The payload lies
 * in the frame, or, when it was joined from fragments, in `scratch`.  A datagram whose rest did
 * not come is handed over by packet_decoder_expire.  Headers that are cut or contradict
 * themselves make PACKET_UNDECODED; a payload shorter than its headers say has `cut` set.
 */
#pragma once

#include "capture/arena.h"
#include "capture/frame.h"
#include "dissect/net/endpoint.h"
#include "dissect/net/undecoded.h"

typedef enum {
  PACKET_NONE,      /* nothing of ours: ARP, ICMP, another protocol, a fragment that waits */
  PACKET_UDP,       /* payload: the datagram's bytes, or a whole message out of HEP and its like */
  PACKET_TCP,       /* payload: the segment's bytes, may be empty */
  PACKET_SCTP,      /* payload: the chunks, after the common header */
  PACKET_UNDECODED, /* an unknown type, encrypted, or lengths that are wrong: counted by kind */
} PacketKind;

enum { TCP_FIN = 0x01, TCP_SYN = 0x02, TCP_RST = 0x04, TCP_ACK = 0x10 };

typedef struct HepPacket HepPacket;

/* Two cache lines: one is cleared for each frame. */
typedef struct {
  PacketKind kind;
  Endpoint src, dst;
  uint32_t tunnel; /* 0 if none, else a hash of the tunnels around it (IP in IP, GRE, VXLAN,
                      ..., not VLANs), the same for both directions; differs by decoder */
  Slice payload;
  ByteRef ref;            /* of payload.data, when in_frame */
  uint64_t frame;         /* number of the frame that completed it */
  int64_t time_ns;        /* of that frame */
  const uint64_t *frames; /* numbers of those it was joined from, in scratch; NULL when whole */
  uint32_t frame_count;
  uint32_t fragments; /* frames it was joined from; 1 when it came whole */
  union {
    struct {
      uint32_t tcp_seq, tcp_ack;
    };
    const HepPacket *copy; /* PACKET_UDP: what HEP says of it, in scratch; NULL: it is no copy */
  };
  uint32_t missing;   /* of a datagram that is cut: how many bytes, as UDP's length says */
  uint16_t ip_id;     /* IPv4 identification; 0 for IPv6 */
  uint8_t ttl;        /* time to live, or hop limit, of the innermost IP header */
  uint8_t dscp;       /* of that header (RFC 2474) */
  uint8_t tcp_flags;  /* TCP_... */
  uint8_t tcp_header; /* bytes of the header, which lies before the payload; 0: not known */
  uint8_t transport;  /* Transport; PACKET_UDP: UDP, or of a message that was copied to HEP */
  bool in_frame;      /* payload lies in frame->data: ref above finds it again */
  bool cut;           /* bytes are missing at the end: snap length, or lost fragments */
  bool matched;       /* the capture filter matched the frame, or the first fragment */
  bool waits;         /* PACKET_NONE: a fragment that was kept for others */
} Packet;

G_STATIC_ASSERT(sizeof(Packet) <= 128);

typedef enum {
  CHECKSUM_UNKNOWN, /* left to the network card, or bytes are missing */
  CHECKSUM_GOOD,
  CHECKSUM_WRONG,
} Checksum;

/* Of a TCP segment (RFC 9293 3.1); reads all of its bytes. */
Checksum packet_tcp_checksum(const Packet *packet);

typedef struct PacketDecoder PacketDecoder;

/* Limits: fragments kept at the same time, and for how long a datagram waits for its rest. */
typedef struct {
  size_t fragment_bytes; /* of all datagrams that wait */
  int64_t fragment_wait_ns;
} PacketLimits;

PacketDecoder *packet_decoder_new(PacketLimits limits);
void packet_decoder_free(PacketDecoder *decoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PacketDecoder, packet_decoder_free)

/*
 * Decodes one frame; ret_packet holds when it is UDP, TCP or SCTP.  Joined payloads are
 * allocated in `scratch`.
 */
PacketKind packet_decode(PacketDecoder *decoder, const Frame *frame, Arena *scratch,
                         Packet *ret_packet);

/*
 * A datagram whose rest did not come until `now_ns` (or, with INT64_MAX, at all), or that had to
 * make room: what it holds up to its first hole, with the number and time of the last frame that
 * it got something from, and with `cut` set unless UDP's length says that nothing is missing.
 * Those without a first fragment are dropped and counted.  False when there is none left; call
 * it until then, once for each batch of frames.
 */
bool packet_decoder_expire(PacketDecoder *decoder, int64_t now_ns, Arena *scratch,
                           Packet *ret_packet);

/* What made PACKET_UNDECODED so far; and ESP in UDP, which also is a datagram. */
const Undecoded *packet_decoder_undecoded(const PacketDecoder *decoder);

/* Fragments that never became part of anything. */
uint64_t packet_decoder_lost_fragments(const PacketDecoder *decoder);
