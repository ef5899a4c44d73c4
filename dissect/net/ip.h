/*
 * IP: what is common to version 4 and 6: the protocols they carry.
 */
#pragma once

#include "dissect/net/layer.h"

/* Goes on with what an IP header, an extension header or ESP's trailer calls `protocol`. */
Layer ip_protocol_open(Peel *peel, uint8_t protocol);

/* Does an IP header begin here whose lengths agree with what is left?  For those who must guess. */
bool ip_header_fits(const Peel *peel);

/* Goes on with a datagram whose fragments were joined. */
Layer ip_joined_open(Peel *peel, const Datagram *datagram);
