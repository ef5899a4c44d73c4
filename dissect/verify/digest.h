/*
 * Digest credentials (RFC 7616, RFC 8760) against passwords; private to this room.
 */
#pragma once

#include "dissect/verify/passwords.h"
#include "dissect/verify/verifier.h"

/* See verifier_check_digest. */
DigestState digest_check(const Passwords *passwords, const SipMsg *request, Slice credentials);
