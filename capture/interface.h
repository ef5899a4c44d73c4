/*
 * Interface: a device that is captured on, through libpcap.
 *
 * One that goes away (is set down, or removed) is waited for, and when one of its name and kind is
 * there again, the same socket is bound to it: that takes no rights, which are given up by then.
 * Other devices than those of packet(7) end for good.
 */
#pragma once

#include <glib.h>

#include "capture/filter.h"
#include "capture/frame.h"

typedef struct {
  const char *name; /* "eth0", "any"; "netns:NAME/eth0": in a network namespace of ip-netns(8) */
  const Filter *filter;  /* or NULL */
  uint32_t snap_len;     /* bytes that are kept of a packet; 0: all */
  uint32_t buffer_bytes; /* of the kernel; 0: the usual */
  bool is_reserved;      /* not in promiscuous mode: only what is sent to or by this machine */
} InterfaceOptions;

typedef enum {
  INTERFACE_PACKET,
  INTERFACE_EMPTY, /* there is none now, or the interface is away */
  INTERFACE_ENDED,
} InterfaceStatus;

typedef struct Interface Interface;

Interface *interface_open(const InterfaceOptions *options, GError **error);
void interface_free(Interface *interface);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Interface, interface_free)

/* Can be read when there are packets. */
int interface_fd(const Interface *interface);
bool interface_is_away(const Interface *interface);
uint16_t interface_link_type(const Interface *interface);

/* The next packet: bytes, which are libpcap's until the next call, lengths and time. */
InterfaceStatus interface_read(Interface *interface, Frame *ret_packet);

/* Looks for one that is away, now and then.  A line when it goes or comes back, at most one a
 * minute, or when it has ended; else NULL. */
char *interface_news(Interface *interface);

/* Packets that the kernel or the interface had no room for. */
uint64_t interface_dropped(Interface *interface);
