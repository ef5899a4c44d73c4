/*
 * RegisterReading: what one REGISTER asks for, and what its final response grants (RFC 3261 10.2,
 * 10.3).
 *
 * Slices of the two messages, or of the arena where something had to be decoded or joined.  Linear;
 * of very many contacts only the first ones are read.
 */
#pragma once

#include "capture/arena.h"
#include "dissect/sip/sip_msg.h"

enum { REGISTER_CONTACTS_MAX = 64 };

typedef struct {
  Slice uri;
  uint64_t hash; /* the same for URIs that are equal, whatever their parameters and spelling */
  Slice q, instance, reg_id, pub_gruu, temp_gruu; /* of the response, where it has them */
  uint32_t asked, granted;                        /* seconds */
  bool is_asked;                                  /* in the request, with `asked` if has_asked */
  bool is_listed; /* in the response, with `granted` if has_granted */
  bool has_asked, has_granted;
} RegisterContact;

typedef struct {
  Slice aor;         /* URI of To without parameters and escapes */
  bool removes_all;  /* Contact: * */
  bool lists;        /* the response lists all bindings, and all were read */
  bool has_contacts; /* the response has a Contact */
  bool has_credentials;
  bool is_stale;    /* the challenge says that only the nonce was */
  bool has_expires; /* the response has an Expires, of `expires` seconds */
  uint32_t expires;
  uint32_t min_expires; /* of a 423; 0: none */
  uint32_t left_out;    /* contacts, at least */
  Slice path, service_route, user_agent;
  uint64_t seed;
  size_t count;
  RegisterContact *contacts; /* in the arena */
} RegisterReading;

/* Of one transaction; either may be NULL. */
typedef struct {
  const SipMsg *request, *final;
  uint64_t seed; /* of the hashes */
} RegisterMessages;

/* False if it is not said what is registered. */
bool register_read(const RegisterMessages *messages, Arena *arena, RegisterReading *ret_reading);

/* Copies into the arena all that it points to. */
void register_reading_keep(RegisterReading *reading, Arena *arena);
