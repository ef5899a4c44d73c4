/*
 * IpParts: the octets of one IP datagram in the making, each at its place, and which of them are
 * there.  Places count in units of 8 octets (RFC 791 3.1); only the last unit may be shorter.
 * Of octets that come twice the first ones stay.  Cleared memory is an empty datagram.
 */
#pragma once

#include "capture/slice.h"

enum {
  IP_DATAGRAM_MAX = 65535,
  IP_UNITS_MAX = 8192,
};

typedef struct {
  uint8_t *data;      /* owned */
  size_t room;        /* of data */
  unsigned total;     /* octets of the datagram; 0 until its last fragment came */
  unsigned reach;     /* end of the farthest fragment */
  unsigned first_len; /* octets of the longest fragment at 0 */
  unsigned units;     /* bits set in `have` */
  uint64_t have[IP_UNITS_MAX / 64];
} IpParts;

void ip_parts_clear(IpParts *parts);

/* How much room octets up to `end` ask for; grows by doubling. */
size_t ip_parts_room_for(const IpParts *parts, size_t end);
void ip_parts_set_room(IpParts *parts, size_t room);

/* Notes that a fragment ends there; false when that contradicts what is known of the length. */
bool ip_parts_take_end(IpParts *parts, unsigned end, bool last);

/* Copies what is not there yet; there must be room.  False when all of it was there. */
bool ip_parts_fill(IpParts *parts, size_t offset, Slice octets);

/* Is this the beginning of another datagram than the beginning that is there? */
bool ip_parts_contradict(const IpParts *parts, size_t offset, Slice octets);

/* Octets in front of the first hole. */
size_t ip_parts_prefix(const IpParts *parts);
bool ip_parts_complete(const IpParts *parts);
