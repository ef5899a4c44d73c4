/*
 * Link: the link types that are understood, each with the decoder it begins with, and the
 * types that Ethernet and its kin name their payload with.
 */
#pragma once

#include "dissect/net/layer.h"

/* Smaller numbers in its place are lengths (IEEE 802.3 3.2.6). */
enum { ETHERTYPE_MIN = 0x600 };

typedef struct {
  const char *name; /* as in LINKTYPE_name; NULL when the type is not known */
  uint8_t skip;     /* bytes before it that say nothing about what follows */
  uint8_t layer;    /* Layer */
} LinkType;

/* Of a LINKTYPE_ value; NULL for one that is not known. */
const LinkType *link_type_find(uint32_t link_type);

/* The decoder that a frame of this link type begins with; takes what is to be skipped. */
Layer link_type_open(Peel *peel, uint32_t link_type);

/* Continues after an EtherType (IEEE 802 numbers), or after a length in its place (802.3). */
Layer ethertype_open(Peel *peel, uint16_t type);

/* Is it a type that leads on to something? */
bool ethertype_known(uint16_t type);

/* Does an IP header begin here whose lengths agree with what is left?  For code that must guess. */
bool ip_header_fits(const Peel *peel);
