/*
 * SrtpOpener: opens the packets that one SSRC sends (RFC 3711), with whichever of several keys fits
 * and with a rollover counter that is found out, as a capture may begin in the middle of a call.
 * Authentication decides; what does not authenticate is never given.
 *
 * Whatever comes, a packet costs only a few tries on average.
 */
#pragma once

#include "dissect/media/srtp_crypto.h"

typedef struct SrtpOpener SrtpOpener;

enum { SRTP_KEYS_MAX = 64 }; /* further ones are left out */

/* Of packets of RTP, or of RTCP. */
SrtpOpener *srtp_opener_new(uint32_t ssrc, bool is_control);
void srtp_opener_free(SrtpOpener *opener);

/* Adds a key that may be in use from that time on; in order of time.  False when it is left out: it
 * is there already, cannot be read, or there are too many. */
bool srtp_opener_add(SrtpOpener *opener, const SrtpKey *key, int64_t from_ns);
bool srtp_opener_has_keys(const SrtpOpener *opener);

/* *ret_packet is valid until the next call.  False when no key fits. */
bool srtp_opener_open(SrtpOpener *opener, Slice packet, int64_t time_ns, Slice *ret_packet);
