/*
 * EarlyFrames: frames of STUN and DTLS between endpoints that no session description has named so
 * far, as behind an address translation, or before the answer.  If media of a chosen call come
 * between the same endpoints, they belong to those: without them SRTP cannot be decrypted.
 *
 * Of each pair of endpoints the newest are remembered; at the limit the pair that is the longest
 * without one goes.
 */
#pragma once

#include "dissect/net/packet.h"

typedef struct EarlyFrames EarlyFrames;

/* Of one pair: more than a handshake has with all that is sent again. */
enum { EARLY_FRAMES_MAX = 64 };

/* `pairs_max`: of endpoints. */
EarlyFrames *early_frames_new(size_t pairs_max);
void early_frames_free(EarlyFrames *early);

/* Remembers those of the packet. */
void early_frames_add(EarlyFrames *early, const Packet *packet);

/* The packet is of media: appends the numbers (uint64_t) of those that came in the minute before
 * it between its endpoints, in either direction, and forgets them. */
void early_frames_take(EarlyFrames *early, const Packet *packet, GArray *to);
