/*
 * Fragments: IP datagrams that are put together again (RFC 791 3.2, RFC 8200 4.5), and frames in
 * CAPWAP, whose fragments are of the same kind (RFC 5415 3.4), in any order, with duplicates and
 * overlaps; of bytes that come twice the first ones stay.
 *
 * A datagram is found by addresses, identification, protocol (IPv4) and the tunnels around.  An
 * identification that is used again must not mix datagrams: a first fragment that says
 * something else than the one already there begins a datagram of its own, and one that waited
 * for too long gets nothing more.  Several taps see each fragment several times: what is there
 * already, or comes after the datagram is complete, may be its duplicate: for a short time it can
 * make up another whole one, but not one in part.
 *
 * Datagrams that were given up wait in the table until fragment_table_expire has handed them
 * over, shrunk to the bytes that matter; call it at least once for each batch of frames.
 */
#pragma once

#include "dissect/net/packet.h"

typedef struct FragmentTable FragmentTable;

/* Besides numbers of IP protocols: what is in CAPWAP. */
enum { FRAGMENT_ETHERNET = 256, FRAGMENT_WLAN };

typedef struct {
  const Packet
    *packet; /* the IP header it came with, the tunnels around, when and in which frame */
  uint32_t id;
  uint16_t protocol; /* of the IP header or the fragment header, or FRAGMENT_... */
  bool more;
  unsigned offset; /* in bytes, a multiple of 8 */
  Slice octets;    /* packet->cut: there were more of them */
} Fragment;

typedef struct {
  Packet packet; /* addresses, tunnel; the last frame and its time; cut, matched, fragments */
  uint16_t protocol;
  Slice octets; /* in scratch */
} Datagram;

typedef enum {
  FRAGMENT_WAITS,  /* for others; or came for nothing */
  FRAGMENT_JOINED, /* it was the last that was missing */
  FRAGMENT_WRONG,  /* no fragment has such a length or place */
} FragmentResult;

/* How many datagrams may wait at the same time, whatever their size. */
enum { FRAGMENT_DATAGRAMS_MAX = 4096 };

/* The table may exceed limits.fragment_bytes by what one datagram needs. */
FragmentTable *fragment_table_new(PacketLimits limits);
void fragment_table_free(FragmentTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FragmentTable, fragment_table_free)

FragmentResult fragment_table_add(FragmentTable *table, const Fragment *fragment, Arena *scratch,
                                  Datagram *ret_datagram);

/*
 * The next datagram that had to make room or waited too long at `now_ns` (INT64_MAX: all): the
 * bytes before its first hole.  False when there is none left.
 */
bool fragment_table_expire(FragmentTable *table, int64_t now_ns, Arena *scratch,
                           Datagram *ret_datagram);

/* Counts fragments that nothing came of; the table counts those it drops itself. */
void fragment_table_lose(FragmentTable *table, uint32_t fragments);
uint64_t fragment_table_lost(const FragmentTable *table);
