/*
 * InterfaceDrops: packets that a capture on an interface did not get, because the kernel had no
 * room for them (PACKET_STATISTICS of packet(7)) or the interface had none (its counters in
 * /sys/class/net).
 *
 * pcap_stats(3) reports the same, but opens those files on each call, which the thread that reads
 * packets is not allowed to do (capture/confine.h).
 */
#pragma once

#include <stdint.h>

typedef struct InterfaceDrops InterfaceDrops;

/* NULL when it is no socket of packet(7).  `name`: NULL for an interface that /sys does not show,
 * because it is of another network namespace.  The socket is not owned. */
InterfaceDrops *interface_drops_new(const char *name, int socket);
void interface_drops_free(InterfaceDrops *drops);

/* All so far.  The kernel's own count has 32 bits and restarts at each call. */
uint64_t interface_drops_read(InterfaceDrops *drops);
