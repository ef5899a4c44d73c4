/*
 * Carrier: from packets to the bytes of SIP messages, whatever carried them: datagrams,
 * TCP, WebSocket in TCP (RFC 7118), either in TLS, SCTP (RFC 4168); and to packets of RTP and RTCP
 * in TCP (RFC 4571, RFC 2326 10.12).
 *
 * Feed a packet, then pull messages until there are none.  A datagram is a stream of one
 * message.  What is neither is passed over at little cost.  Bytes lie in the packet
 * (and are found again by `ref`), or are put together in `scratch`.
 *
 * Messages of a TCP connection that may be something else with SIP quoted in it (sip_judge.h) are
 * held back until that is clear, for a bounded time; then they are given, or dropped and the
 * connection counted.
 */
#pragma once

#include "dissect/net/tcp.h"
#include "dissect/stream/dtls_table.h"
#include "dissect/stream/tls_table.h"
#include "dissect/tls/tls_keys.h"

/* The bytes of one SIP message, of one packet of RTP or RTCP in TCP, or of a log line that was
 * copied to HEP, and how they came. */
typedef struct {
  bool is_media; /* no SIP: see raw_media_packet; its bytes are valid until the next call */
  bool is_log;   /* no SIP either: a line of the server that sent it */
  Slice octets;
  bool in_frame; /* bytes lie in one frame: `ref` finds them again */
  ByteRef ref;
  bool cut;        /* bytes are known to be missing (gap, snap length, end of capture) */
  bool fragmented; /* a datagram that came in IP fragments */
  Transport transport;
  Endpoint src, dst;
  const HepPacket *copy; /* in scratch: what HEP says of it, as the four above and the time are;
                            NULL: it is no copy */
  Endpoint from, to;     /* of the connection or datagrams that carried it: src and dst, but for a
                            copy */
  uint64_t frame;        /* the packet that completed it */
  int64_t time_ns;
  uint16_t ip_id;   /* IPv4 identification of that packet, for telling duplicates */
  uint8_t ttl;      /* of a datagram's packet, for the same; else 0 */
  uint32_t tunnel;  /* Packet.tunnel */
  bool refers_back; /* compressed with what the connection carried before it */
  /* TCP: where it lay, with the fillers before it: the sequence number after the message before,
   * or the first that it refers to, and that after its last byte; SCTP: the same of its chunks'
   * TSNs. */
  uint32_t seq, seq_end;
  uint32_t missing; /* media that are cut: so many bytes */
  uint8_t dscp;     /* media: of the last packet of that direction */
} RawMessage;

/* Limits of what streams may hold. */
typedef struct {
  size_t connections;   /* at the limit the one silent for longest is dropped */
  size_t stream_bytes;  /* waiting in all connections together */
  size_t message_bytes; /* of one message on a stream */
  int64_t gap_wait_ns;  /* how long a hole in a TCP stream may wait for its segment */
} CarrierLimits;

typedef struct Carrier Carrier;

Carrier *carrier_new(CarrierLimits limits);
void carrier_free(Carrier *carrier);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Carrier, carrier_free)

/*
 * Lines of a TLS key log (dissect/tls/tls_keys.h): what was captured of their connections before is
 * read now, if it could be kept.  From the first call on, also without a line, more is expected.
 */
void carrier_add_keys(Carrier *carrier, Slice lines, TlsKeyLogFaults *faults);

/* An RSA private key (PEM), for connections that begin from now on; false when it is none. */
bool carrier_add_private_key(Carrier *carrier, Slice pem);

/* The key of SRTP from `src` to `dst` that both agreed on in DTLS; false when it is not known. */
bool carrier_srtp_key(const Carrier *carrier, const Endpoint *src, const Endpoint *dst,
                      DtlsSrtpKey *ret_key);

/* Pairs of endpoints that have spoken DTLS. */
size_t carrier_dtls_count(const Carrier *carrier);

/* Takes a UDP, TCP or SCTP packet, whose bytes must live until carrier_next gives false. */
void carrier_feed(Carrier *carrier, const Packet *packet);

/* Time has passed: holes that waited too long are given up.  INT64_MAX ends all streams. */
void carrier_expire(Carrier *carrier, int64_t now_ns);

/* The next message of what was fed or expired; false when there is none. */
bool carrier_next(Carrier *carrier, Arena *scratch, RawMessage *ret_message);

/* Media as a packet that has nothing else: it is of kind PACKET_TCP, and of no segment, unless it
 * was copied to HEP from a datagram. */
Packet raw_media_packet(const RawMessage *media);

/* What became of the direction of a connection that a TCP packet is of. */
typedef struct {
  const TcpStream *tcp; /* valid until the next packet is fed */
  uint32_t needed; /* bytes before this sequence number are in no message that is still to come */
  bool
    opening; /* the packet has a part of an HTTP header block, which may open a WebSocket, or of a
                   TLS handshake */
  bool is_media; /* no SIP is in it */
} CarrierStream;

/* Of the TCP packet that was fed last, once its messages were pulled.  False when nothing more can
 * come of what was fed. */
bool carrier_look(const Carrier *carrier, CarrierStream *ret_stream);

/* Appends the lines of a TLS key log that open the connection of the message, which was given just
 * now.  The text is secret. */
void carrier_append_keys(const Carrier *carrier, const RawMessage *message, GString *to);

/* The same, for SRTP between the ends of the packet, when they have spoken DTLS. */
void carrier_append_dtls_keys(const Carrier *carrier, const Packet *packet, GString *to);

/* TCP segments that a receiver would not have taken. */
uint64_t carrier_ignored_segments(const Carrier *carrier);

/* Bytes of streams that were passed over while a start-line, or a frame of RTP, was looked for. */
uint64_t carrier_skipped_octets(const Carrier *carrier);

/* TCP connections in which SIP was found that belongs to something else: it was not given. */
uint64_t carrier_quoting_connections(const Carrier *carrier);

/* TCP connections that carry TLS and cannot be read. */
uint64_t carrier_encrypted_connections(const Carrier *carrier);

/* The TLS connections, open ones too. */
const TlsTable *carrier_tls(const Carrier *carrier);

/* Packets of HEP in connections that are not read. */
const Undecoded *carrier_undecoded(const Carrier *carrier);

/* WebSocket messages that could not be decompressed: an earlier one is missing. */
uint64_t carrier_unread_messages(const Carrier *carrier);
