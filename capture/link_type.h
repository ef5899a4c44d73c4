/*
 * Link types: LINKTYPE_ values stand in capture files, DLT_ values are libpcap's on this host.
 * They differ for a few that the systems number differently (pcap-linktype(7)); old files hold
 * DLT_ values of the system that wrote them.
 */
#pragma once

#include <stdint.h>

enum {
  LINK_TYPE_NULL = 0,
  LINK_TYPE_ETHERNET = 1,
  LINK_TYPE_RAW = 101,
  LINK_TYPE_IEEE802_11 = 105,
  LINK_TYPE_LINUX_SLL = 113,
  LINK_TYPE_IPV6 = 229,
  LINK_TYPE_LINUX_SLL2 = 276,
};

/* LINKTYPE_ of a DLT_ value, or of what stands in a file: those that are right are kept. */
uint16_t link_type_of_dlt(uint16_t dlt);

/* DLT_ of a LINKTYPE_. */
int link_type_to_dlt(uint16_t link_type);
