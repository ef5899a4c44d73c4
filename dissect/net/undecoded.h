/*
 * Undecoded: what could not be decoded, counted by kind and number ("link type 258": 7 packets), in
 * a table of fixed size.  Protocols that are known and never carry SIP (ARP, ICMP, ...) are not
 * counted.  What is decoded costs nothing here.
 */
#pragma once

#include "capture/slice.h"

/* clang-format off */
/* X-macro: the kinds: what each is called, and how its number is written, if it has one. */
#define UNDECODED_KINDS(X)                                                                         \
  X(LINK_TYPE, "link type", DECIMAL)                                                               \
  X(ADDRESS_FAMILY, "loopback address family", DECIMAL)                                            \
  X(ETHERTYPE, "EtherType", HEX)                                                                   \
  X(PPP, "PPP protocol", HEX)                                                                      \
  X(GRE, "GRE version 1 protocol", HEX)                                                            \
  X(MPLS, "MPLS payload", NONE)                                                                    \
  X(IP_PROTOCOL, "IP protocol", DECIMAL)                                                           \
  X(WLAN, "encrypted WLAN frames", NONE)                                                           \
  X(MACSEC, "encrypted MACsec", NONE)                                                              \
  X(HEP, "damaged HEP", NONE)                                                                      \
  X(HEP_TYPE, "HEP payload type", DECIMAL)                                                         \
  X(HEP_LOG, "HEP log lines without a correlation id", NONE)                                       \
  X(HEP_RTCP, "RTCP in HEP of RTP that was not captured", NONE)                                    \
  X(CAPWAP, "encrypted CAPWAP", NONE)                                                              \
  X(ESP, "encrypted ESP", NONE)                                                                    \
  X(HEADERS, "damaged headers", NONE)                                                              \
  X(OTHERS, "others", NONE)                     /* beyond UNDECODED_MAX */                         \
  X(TLS, "TLS connections without a key", NONE) /* from here on no packets are counted */          \
  X(QUOTES, "TCP connections that only quote SIP", NONE)                                           \
  X(WEBSOCKET, "unreadable compressed WebSocket messages", NONE)
/* clang-format on */

typedef enum {
  UNDECODED_NOTHING,
#define UNDECODED_ENUM(id, name, number) UNDECODED_##id,
  UNDECODED_KINDS(UNDECODED_ENUM)
#undef UNDECODED_ENUM
} UndecodedKind;

/* Else connections or messages. */
static inline bool undecoded_is_of_packets(UndecodedKind kind)
{
  return kind < UNDECODED_TLS;
}

enum { UNDECODED_MAX = 48, UNDECODED_NAME_MAX = 64 };

typedef struct {
  uint16_t kind; /* UndecodedKind */
  uint16_t number;
  uint64_t count;
} UndecodedRow;

/* In order of appearance. */
typedef struct {
  unsigned count;
  UndecodedRow rows[UNDECODED_MAX];
} Undecoded;

void undecoded_add(Undecoded *undecoded, UndecodedKind kind, uint16_t number, uint64_t count);

/* A copy that costs no more than there is. */
void undecoded_copy(Undecoded *to, const Undecoded *from);

/* "EtherType 0x88b5", and its length. */
size_t undecoded_name(const UndecodedRow *row, char text[static UNDECODED_NAME_MAX]);
