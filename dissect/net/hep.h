/*
 * HEP: messages that a SIP server copied to a collector, with the addresses, the transport and the
 * time at which it saw them (https://github.com/sipcapture/HEP: versions 1, 2 and 3).
 *
 * The packet becomes what was copied; nothing of the datagram around it is kept.
 */
#pragma once

#include "dissect/net/layer.h"

/* May HEP begin here?  Cheap: asked of every datagram. */
static inline bool hep_is_likely(const Reader *in)
{
  return reader_left(in) >= 8 &&
         (memcmp(in->at, "HEP3", 4) == 0 || in->at[0] == 1 || in->at[0] == 2);
}

/* Continues with the message in a whole HEP packet, which is left; LAYER_NONE, and a peel as it
 * was, when it is none. */
Layer hep_open(Peel *peel);
