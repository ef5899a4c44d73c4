/*
 * Sctp: user messages out of SCTP packets (RFC 9260 3.3.1, 6.9; I-DATA: RFC 8260 2.1).
 *
 * Feed a packet, then pull messages until there are none.  A chunk that holds a whole message
 * is shown where it lies; fragments are kept, in any order, until all have come, for a time, and
 * as far as the limits allow.  Chunks that were sent again (same TSN) are passed over.  Messages
 * come as they are complete: SIP over SCTP asks for no order among them (RFC 4168).
 */
#pragma once

#include "dissect/net/packet.h"

typedef struct {
  size_t associations; /* one direction each; at the limit the one silent for longest is dropped */
  size_t bytes;        /* of fragments that wait, in all */
  size_t message_bytes;
  int64_t wait_ns; /* for the rest of a message */
} SctpLimits;

typedef struct {
  Slice octets;
  bool from_packet; /* bytes lie in the packet that was fed; else valid until the next call */
  bool in_frame;    /* `ref` finds them again */
  ByteRef ref;
  bool cut; /* bytes are missing at the end */
  Endpoint src, dst;
  uint32_t tunnel;
  uint32_t tsn, tsn_end; /* of its first chunk, and after its last one */
  uint64_t frame;        /* the last packet that gave bytes */
  int64_t time_ns;
  uint16_t ip_id;
} SctpMessage;

typedef struct SctpTable SctpTable;

SctpTable *sctp_table_new(SctpLimits limits);
void sctp_table_free(SctpTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SctpTable, sctp_table_free)

/* TSNs of a direction that are remembered: a message may have parts that far before what comes. */
enum { SCTP_WINDOW = 2048 };

/* The TSNs of the packet's DATA and I-DATA chunks: the first, and the one after the last; false
 * when it has none. */
bool sctp_packet_tsns(const Packet *packet, uint32_t *ret_first, uint32_t *ret_end);

/* Takes an SCTP packet; it and its bytes must live until sctp_next gives false. */
void sctp_feed(SctpTable *table, const Packet *packet);

/* Time has passed: messages that waited too long are given up.  INT64_MAX ends all. */
void sctp_expire(SctpTable *table, int64_t now_ns);

/* The next message of what was fed, or the beginning of one that was given up. */
bool sctp_next(SctpTable *table, SctpMessage *ret_message);
