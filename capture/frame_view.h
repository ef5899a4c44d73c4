/*
 * Frame views: a frame as a BPF program would have to see it, without a header that moved what
 * stands behind it.  The beginning is copied to a buffer: as far as filters look.
 */
#pragma once

#include "capture/frame.h"

enum { FRAME_VIEW_MAX = 512 };

typedef struct {
  uint8_t octets[FRAME_VIEW_MAX];
} FrameView;

/* Without its first VLAN tag (IEEE 802.1Q).  False when it has none. */
bool frame_without_vlan_tag(const Frame *frame, FrameView *view, Frame *ret_frame);

/* The first fragment of an IPv6 datagram without its fragment header (RFC 8200 4.5), behind which
 * filters do not find ports.  False when it is none. */
bool frame_without_fragment_header(const Frame *frame, FrameView *view, Frame *ret_frame);
