/*
 * IP: what is common to version 4 and 6: the protocols they carry.
 */
#pragma once

#include "dissect/net/layer.h"

/* Continues with what an IP header, an extension header or ESP's trailer calls `protocol`. */
Layer ip_protocol_open(Peel *peel, uint8_t protocol);

/* Continues with a datagram whose fragments were joined. */
Layer ip_joined_open(Peel *peel, const Datagram *datagram);
