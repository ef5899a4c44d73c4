/*
 * SctpParts: fragments of user messages of one direction, until a message is whole.
 * Private to sctp.c.
 *
 * Fragments of a DATA message have consecutive TSNs (RFC 9260 6.9), those of an I-DATA message
 * consecutive fragment numbers of their own (RFC 8260 2.1): `order` is the one or the other,
 * `group` tells I-DATA messages apart and is 0 for DATA.  Sorted by both; bounded in number.
 */
#pragma once

#include "dissect/net/packet.h"

enum { SCTP_PART_END = 1, SCTP_PART_BEGIN = 2, SCTP_PART_UNORDERED = 4 };

typedef struct {
  uint64_t group;
  int64_t order;
  uint32_t tsn;
  uint16_t stream, sequence;
  uint8_t flags; /* SCTP_PART_... */
  bool cut;      /* the snap length took its end */
  int64_t seen_ns;
  uint64_t frame;
  int64_t time_ns;
  uint16_t ip_id;
} SctpPartHead;

typedef struct {
  SctpPartHead head;
  size_t len;
  char octets[];
} SctpPart;

/* Zero is none. */
typedef struct {
  SctpPart **parts;
  size_t count, room;
  size_t bytes; /* with what the parts cost themselves */
} SctpParts;

/* Consecutive fragments that begin a message: parts[first] to parts[end - 1]. */
typedef struct {
  size_t first, end;
  bool whole; /* they end it, too */
} SctpRun;

void sctp_parts_clear(SctpParts *parts);

/* True when so many wait that no more can be added. */
bool sctp_parts_is_full(const SctpParts *parts);

/* Adds a copy; *ret_index says where.  False when it was there. */
bool sctp_parts_add(SctpParts *parts, const SctpPartHead *head, Slice octets, size_t *ret_index);

/* The fragments around `index`, if they begin with the first of a message. */
bool sctp_parts_run(const SctpParts *parts, size_t index, SctpRun *ret_run);

/* Frees the fragments from `first` to `end`. */
void sctp_parts_remove(SctpParts *parts, size_t first, size_t end);
