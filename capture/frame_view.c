#include "capture/frame_view.h"

#include <glib.h>

#include "capture/link_type.h"

enum { VLAN_TAG_LEN = 4 };
enum { IPV6_HEADER_LEN = 40, IPV6_NEXT_HEADER = 6, IPV6_FRAGMENT = 44, FRAGMENT_HEADER_LEN = 8 };

/* Where the protocol of the network layer is told, and where that layer begins. */
typedef struct {
  uint16_t link_type;
  uint8_t protocol_at; /* 0: nowhere */
  uint8_t network_at;
} LinkLayout;

static const LinkLayout LAYOUTS[] = {
  {LINK_TYPE_ETHERNET, 12, 14}, {LINK_TYPE_LINUX_SLL, 14, 16}, {LINK_TYPE_LINUX_SLL2, 0, 20},
  {LINK_TYPE_RAW, 0, 0},        {LINK_TYPE_NULL, 0, 4},        {LINK_TYPE_IPV6, 0, 0},
};

static const LinkLayout *find_layout(uint16_t link_type)
{
  for (size_t i = 0; i < G_N_ELEMENTS(LAYOUTS); i++) {
    if (LAYOUTS[i].link_type == link_type)
      return &LAYOUTS[i];
  }
  return NULL;
}

static uint16_t u16_at(const Frame *frame, size_t at)
{
  return (uint16_t) (frame->data[at] << 8 | frame->data[at + 1]);
}

static bool has_vlan_tag(const Frame *frame, const LinkLayout *layout, size_t tags_before)
{
  size_t at = layout->protocol_at + tags_before * VLAN_TAG_LEN;

  if (layout->protocol_at == 0 || frame->len < at + VLAN_TAG_LEN)
    return false;
  uint16_t protocol = u16_at(frame, at);
  return protocol == 0x8100 || protocol == 0x88a8;
}

/* The frame without `len` octets at `at`, which it has. */
static Frame cut_out(const Frame *frame, size_t at, size_t len, FrameView *view)
{
  size_t kept = MIN(frame->len - len, (size_t) FRAME_VIEW_MAX);
  Frame cut = *frame;

  memcpy(view->octets, frame->data, at);
  memcpy(view->octets + at, frame->data + at + len, kept - at);
  cut.data = view->octets;
  cut.len = (uint32_t) kept;
  cut.wire_len = frame->wire_len - (uint32_t) len;
  return cut;
}

bool frame_without_vlan_tag(const Frame *frame, FrameView *view, Frame *ret_frame)
{
  const LinkLayout *layout = find_layout(frame->link_type);

  if (!layout || !has_vlan_tag(frame, layout, 0))
    return false;
  *ret_frame = cut_out(frame, layout->protocol_at, VLAN_TAG_LEN, view);
  return true;
}

/* Behind up to two tags; the network layer's own version tells whether it is IPv6. */
static size_t find_network(const Frame *frame, const LinkLayout *layout)
{
  size_t tags = 0;

  while (tags < 2 && has_vlan_tag(frame, layout, tags))
    tags++;
  return layout->network_at + tags * VLAN_TAG_LEN;
}

bool frame_without_fragment_header(const Frame *frame, FrameView *view, Frame *ret_frame)
{
  const LinkLayout *layout = find_layout(frame->link_type);

  if (!layout)
    return false;
  size_t ip = find_network(frame, layout);
  size_t fragment = ip + IPV6_HEADER_LEN;
  if (frame->len < fragment + FRAGMENT_HEADER_LEN || frame->data[ip] >> 4 != 6 ||
      frame->data[ip + IPV6_NEXT_HEADER] != IPV6_FRAGMENT)
    return false;
  if (u16_at(frame, fragment + 2) >> 3 != 0) /* its offset */
    return false;
  *ret_frame = cut_out(frame, fragment, FRAGMENT_HEADER_LEN, view);
  view->octets[ip + IPV6_NEXT_HEADER] = frame->data[fragment];
  return true;
}
