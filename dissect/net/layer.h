/*
 * Layer: the decoders that take a frame apart, and Peel, a frame on its way through them.
 *
 * A decoder reads its own header from peel->in, leaves there what it carries, and names the
 * decoder that is next; packet.c calls them in turn, so nothing recurses and the depth has one
 * bound.  A decoder reads straight down: the driver looks at in.failed after each of them.
 * What a layer finds out goes to peel->packet at once; it holds only once LAYER_END is reached.
 * Addresses, lengths and tunnels of an inner layer replace those of the outer one.
 */
#pragma once

#include "capture/reader.h"
#include "dissect/net/ip_frag.h"
#include "dissect/net/packet.h"
#include "dissect/net/undecoded.h"

/* X-macro: every decoder; enum, prototypes and the driver's table follow from it. */
#define LAYERS(X)                                                                                  \
  X(ETHERNET, ethernet_layer)                                                                      \
  X(ETHERTYPE, ethertype_layer) /* the type field itself, after tags and other link headers */     \
  X(LLC, llc_layer)                                                                                \
  X(SNAP, snap_layer)                                                                              \
  X(CMD, cmd_layer)                                                                                \
  X(MACSEC, macsec_layer)                                                                          \
  X(NSH, nsh_layer)                                                                                \
  X(TOKEN_RING, token_ring_layer)                                                                  \
  X(FRAME_RELAY, frame_relay_layer)                                                                \
  X(PPP, ppp_layer)                                                                                \
  X(PPPOE, pppoe_layer)                                                                            \
  X(MPLS, mpls_layer)                                                                              \
  X(NULL, null_layer)                                                                              \
  X(SLL, sll_layer)                                                                                \
  X(SLL2, sll2_layer)                                                                              \
  X(NFLOG, nflog_layer)                                                                            \
  X(WLAN, wlan_layer)                                                                              \
  X(RADIOTAP, radiotap_layer)                                                                      \
  X(PRISM, prism_layer)                                                                            \
  X(WLAN_CAPWAP, wlan_capwap_layer)                                                                \
  X(PPI, ppi_layer)                                                                                \
  X(PKTAP, pktap_layer)                                                                            \
  X(PDU, pdu_layer)                                                                                \
  X(IP, ip_layer) /* version 4 or 6, as its first digit says */                                    \
  X(IPV4, ipv4_layer)                                                                              \
  X(IPV6, ipv6_layer)                                                                              \
  X(EXTENSION, extension_layer)                                                                    \
  X(FRAGMENT, fragment_layer)                                                                      \
  X(AH, ah_layer)                                                                                  \
  X(ESP, esp_layer)                                                                                \
  X(GRE, gre_layer)                                                                                \
  X(UDP, udp_layer)                                                                                \
  X(TCP, tcp_layer)                                                                                \
  X(SCTP, sctp_layer)

typedef enum {
  LAYER_NONE, /* nothing of ours is in it */
  LAYER_BAD,  /* lengths that are wrong, or an unknown link type */
  LAYER_END,  /* peel->packet is complete */
#define LAYER_ENUM(name, decoder) LAYER_##name,
  LAYERS(LAYER_ENUM)
#undef LAYER_ENUM
    LAYER_COUNT,
} Layer;

typedef struct {
  Reader in;      /* what is left of the frame, or of joined fragments */
  Packet *packet; /* what is known so far */
  bool joined;    /* `in` lies in scratch */
  FragmentTable *fragments;
  Arena *scratch;
  uint64_t seed;           /* of Packet.tunnel */
  UndecodedKind undecoded; /* why the frame is not decoded, and the number of what is in it */
  uint16_t undecoded_number;
} Peel;

#define LAYER_PROTOTYPE(name, decoder) Layer decoder(Peel *peel);
LAYERS(LAYER_PROTOTYPE)
#undef LAYER_PROTOTYPE

/* Continues with what an IP header, an extension header or ESP's trailer calls `protocol`. */
Layer ip_protocol_open(Peel *peel, uint8_t protocol);

/* The headers of the usual frame, read at once, as the layers would read them: Ethernet, an IPv4
 * header without options, and UDP; all of the datagram is there.  False for all other frames, of
 * which nothing is taken. */
bool plain_datagram_take(Peel *peel);

/* Continues with what a datagram of UDP carries. */
Layer datagram_open(Peel *peel);

/* What is left is a fragment; continues with the datagram if it was the last that was missing. */
Layer fragment_open(Peel *peel, Fragment *fragment);

/* Continues with a datagram whose fragments were joined. */
Layer joined_open(Peel *peel, const Datagram *datagram);

/* The same where they came in CAPWAP; `protocol`: FRAGMENT_... */
Layer capwap_joined_open(Peel *peel, uint16_t protocol);

/* Takes an address of that family from `in`; the port is 0. */
static inline void endpoint_read(Reader *in, AddressFamily family, Endpoint *ret_endpoint)
{
  size_t len = family == ADDRESS_IPV4 ? 4 : 16;
  const uint8_t *bytes = reader_take(in, len);

  *ret_endpoint = (Endpoint){.family = (uint8_t) family};
  if (bytes)
    memcpy(ret_endpoint->address, bytes, len);
}

/* The same where the port may have come before the address: it is kept. */
static inline void address_read(Reader *in, AddressFamily family, Endpoint *endpoint)
{
  uint16_t port = endpoint->port;

  endpoint_read(in, family, endpoint);
  endpoint->port = port;
}

/* Does an SCTP packet begin here whose chunks agree with what is left? */
bool sctp_header_fits(const Peel *peel);

/* What is left is a whole message, which `transport` carried from packet->src to packet->dst. */
Layer message_end(Peel *peel, Transport transport);

/*
 * The layer's header says that `len` bytes follow: what is after them is padding, and what is
 * not there was cut off.
 */
static inline void peel_limit(Peel *peel, size_t len)
{
  size_t left = reader_left(&peel->in);

  peel->packet->cut = len > left;
  if (len < left)
    peel->in = reader_of(peel->in.at, len);
}

/* What is in it would have to be decoded, but is not. */
static inline Layer peel_give_up(Peel *peel, UndecodedKind kind, unsigned number)
{
  peel->undecoded = kind;
  peel->undecoded_number = (uint16_t) number;
  return LAYER_NONE;
}

/* The first digit of what is left: the version of an IP header. */
static inline unsigned peel_version(const Peel *peel)
{
  return reader_peek(&peel->in) >> 4;
}
