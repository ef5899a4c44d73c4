/*
 * Bursts: many similar attempts in a short time, as no ordinary client makes them: one client that
 * tries users of a server one after the other, REGISTERs without end, one number dialled with many
 * prefixes (RFC 3261 26.1).
 *
 * What is watched (a client and a server, an address-of-record, ...) has a track of fixed size in a
 * table of fixed size: filing an attempt costs the same whatever the input, for weeks.  Attempts
 * count within a window that slides; bursts stay until their track is needed for another one.
 * Different users are counted as bits: never more than there were.
 *
 * A server in front of many users looks much like an attacker when all it sends is refused.  So a
 * client that answers requests itself, or of which requests were accepted lately, has no bursts of
 * users and numbers; nor has one whose requests come from elsewhere (more than one Via).  A
 * challenge does not count as a refusal if credentials follow that are not refused: phones behind a
 * NAT register this way after a restart of their registrar.
 */
#pragma once

#include "dissect/net/endpoint.h"

typedef enum {
  BURST_USERS,     /* refused, of a client at a server */
  BURST_REGISTERS, /* of a client, for few addresses-of-record */
  BURST_AOR,       /* REGISTERs for an address-of-record, of any clients */
  BURST_NUMBER,    /* refused calls of a client to a number with different prefixes */
  BURST_KINDS,
} BurstKind;

typedef struct {
  int64_t from_ns, to_ns; /* first and last attempt */
  uint32_t attempts;
  uint32_t different; /* users, addresses-of-record, clients, dialled strings; at least */
  /* Attempts meanwhile, of the same client: of users those with a 2xx, or with credentials that
   * were not refused; of a number those to it with a 2xx. */
  uint32_t accepted;
  uint32_t in_order; /* attempts with the number after that of the attempt before */
} Burst;

/* A request outside of dialogs, as its client sent it. */
typedef struct {
  const Endpoint *client, *server;
  Slice from, to; /* values of the header fields, or their URIs */
  int64_t time_ns;
  uint16_t method;
  uint16_t status;    /* of its final response */
  uint16_t via_count; /* 1 at the UAC */
  bool has_credentials;
} Attempt;

typedef struct Bursts Bursts;

Bursts *bursts_new(void);
void bursts_free(Bursts *bursts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bursts, bursts_free)

/* A request that is sent for the first time. */
void bursts_note_request(Bursts *bursts, const Attempt *attempt);

/* A request with its first final response. */
void bursts_note_final(Bursts *bursts, const Attempt *attempt);

/* The burst that such attempts between these times belong to; `now_ns`: up to which attempts were
 * noted.  Valid until one is; NULL if there is none. */
const Burst *bursts_find(const Bursts *bursts, BurstKind kind, const Attempt *like, int64_t to_ns,
                         int64_t now_ns);

/* Tracks, and what is known of hosts, that made room for others before their time had passed:
 * bursts may be missed. */
uint64_t bursts_left_out(const Bursts *bursts);
