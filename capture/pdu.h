/*
 * Pdu: a message as Wireshark exports it, without what carried it (link type 252): tags of type,
 * length and value, then the bytes of one protocol
 * (https://www.tcpdump.org/linktypes/LINKTYPE_WIRESHARK_UPPER_PDU.html).  Types and lengths have 16
 * bits; all numbers are in network byte order.
 */
#pragma once

#include <stdint.h>

#include <glib.h>

/* The tags that matter here. */
typedef enum {
  PDU_END = 0, /* the bytes of the protocol follow */
  PDU_DISSECTOR = 12,
  PDU_IPV4_SRC = 20,
  PDU_IPV4_DST = 21,
  PDU_IPV6_SRC = 22,
  PDU_IPV6_DST = 23,
  PDU_PORT_TYPE = 24, /* PduPortType */
  PDU_SRC_PORT = 25,
  PDU_DST_PORT = 26,
  PDU_PROTOCOL = 33, /* text of a column; ours is "SIP/TLS", which names the transport */
  /* Ours, which others skip: who copied the message to HEP, or into a database. */
  PDU_COPIER_IPV4 = 0xf001,
  PDU_COPIER_IPV6,
  PDU_COPIER_AGENT,
  PDU_COPIER_NODE,
} PduTag;

/* What carried the message. */
typedef enum {
  PDU_PORT_NONE = 0, /* not known */
  PDU_PORT_SCTP = 1,
  PDU_PORT_TCP = 2,
  PDU_PORT_UDP = 3,
} PduPortType;

/* Appends a tag; the value is padded to 4 bytes with zeros, which its length counts. */
void pdu_put(GByteArray *to, PduTag tag, const void *value, size_t len);

void pdu_put_number(GByteArray *to, PduTag tag, uint32_t value);
