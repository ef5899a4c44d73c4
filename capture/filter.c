#include "capture/filter.h"

#include <pcap.h>

#include "capture/error.h"
#include "capture/language.h"
#include "capture/walk.h"

/* --- Frames without a header ------------------------------------------------------------------ */

/* A frame as a BPF program would have to see it, without a header that moved what follows.  The
 * beginning is copied to a buffer, as far as filters look. */
enum { FRAME_VIEW_MAX = 512 };

typedef struct {
  uint8_t octets[FRAME_VIEW_MAX];
} FrameView;

enum { VLAN_TAG_LEN = 4, TAGS_MAX = 8, PPPOE_HEADER_LEN = 8 /* and the protocol of PPP */ };
enum { IPV6_HEADER_LEN = 40, IPV6_NEXT_HEADER = 6, IPV6_FRAGMENT = 44, FRAGMENT_HEADER_LEN = 8 };

/* Where the protocol of the network layer is named, and where that layer begins. */
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
  switch (u16_at(frame, at)) {
  case 0x8100: /* 802.1Q */
  case 0x88a8: /* 802.1ad */
  case 0x9100: /* QinQ before that */
  case 0x9200:
  case 0x9300:
    return true;
  default:
    return false;
  }
}

/* The frame without `len` bytes at `at`, which it has. */
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

/* Without its first VLAN tag (IEEE 802.1Q).  False when it has none. */
static bool frame_without_vlan_tag(const Frame *frame, FrameView *view, Frame *ret_frame)
{
  const LinkLayout *layout = find_layout(frame->link_type);

  if (!layout || !has_vlan_tag(frame, layout, 0))
    return false;
  *ret_frame = cut_out(frame, layout->protocol_at, VLAN_TAG_LEN, view);
  return true;
}

/* The EtherType of what a PPPoE session frame carries (RFC 2516), whose header begins at `at`; 0
 * when it is none, or carries no IP. */
static uint16_t pppoe_type(const Frame *frame, size_t at)
{
  if (frame->len < at + PPPOE_HEADER_LEN || u16_at(frame, at) != 0x1100)
    return 0;
  switch (u16_at(frame, at + 6)) {
  case 0x0021:
    return 0x0800;
  case 0x0057:
    return 0x86dd;
  default:
    return 0;
  }
}

/* Without all VLAN tags and the header of PPPoE, so that the network layer is where filters look
 * for it; of the same length for `greater` and `less`.  False when it has neither. */
static bool frame_without_tags(const Frame *frame, FrameView *view, Frame *ret_frame)
{
  const LinkLayout *layout = find_layout(frame->link_type);
  size_t tags = 0, at, type_at;
  uint16_t pppoe = 0;

  if (!layout || layout->protocol_at == 0)
    return false;
  while (tags < TAGS_MAX && has_vlan_tag(frame, layout, tags))
    tags++;
  at = layout->protocol_at;
  type_at = at + tags * VLAN_TAG_LEN;
  if (frame->len >= type_at + 2 && u16_at(frame, type_at) == 0x8864)
    pppoe = pppoe_type(frame, type_at + 2);
  if (tags == 0 && pppoe == 0)
    return false;
  *ret_frame = cut_out(frame, at, type_at - at + (pppoe != 0 ? PPPOE_HEADER_LEN : 0), view);
  ret_frame->wire_len = frame->wire_len;
  if (pppoe == 0)
    return true;
  view->octets[at] = (uint8_t) (pppoe >> 8);
  view->octets[at + 1] = (uint8_t) pppoe;
  return true;
}

/* After up to two tags; the network layer's own version shows whether it is IPv6. */
static size_t find_network(const Frame *frame, const LinkLayout *layout)
{
  size_t tags = 0;

  while (tags < 2 && has_vlan_tag(frame, layout, tags))
    tags++;
  return layout->network_at + tags * VLAN_TAG_LEN;
}

/* The first fragment of an IPv6 datagram without its fragment header (RFC 8200 4.5), after which
 * filters do not find ports.  False when it is none. */
static bool frame_without_fragment_header(const Frame *frame, FrameView *view, Frame *ret_frame)
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

/* --- Programs --------------------------------------------------------------------------------- */

/* More fragments and more headers between are not seen: what may be one is kept. */
#define IP_FRAGMENT "(ip[6:2] & 0x3fff != 0 or ip6[6] = 44)"

/* Whole UDP and TCP directly on the link; but in these tunnels there may be fragments.  (`and` and
 * `or` have the same precedence.) */
#define NO_FRAGMENT                                                                                \
  "((ip and ip[6:2] & 0x3fff = 0 and (ip[9] = 6 or ip[9] = 17))"                                   \
  " or (ip6 and (ip6[6] = 6 or ip6[6] = 17)))"                                                     \
  " and not (udp port 2152 or udp port 4789 or udp port 6081)"

/* Of one link type. */
typedef struct {
  uint16_t link_type;
  struct bpf_program match, no_fragment; /* without instructions when they do not compile */
  char *error;                           /* why `match` does not */
} Programs;

struct Filter {
  char *expression;
  GHashTable *programs; /* link type -> Programs */
  Programs *last;       /* used: nearly always the next, too */
  bool asks_tags;       /* the expression itself says where it looks after tags */
};

/* NULL, or what libpcap has to say. */
static char *compile(const char *expression, uint16_t link_type, struct bpf_program *program)
{
  pcap_t *dead = pcap_open_dead(link_type_to_dlt(link_type), PACKET_LEN_MAX);
  char *why = NULL;

  if (!dead)
    return g_strdup(_("libpcap does not know the link type"));
  if (pcap_compile(dead, program, expression, 1, PCAP_NETMASK_UNKNOWN) != 0) {
    why = g_strdup(pcap_geterr(dead));
    *program = (struct bpf_program){0};
  }
  pcap_close(dead);
  return why;
}

static Programs *programs_new(const char *expression, uint16_t link_type)
{
  Programs *programs = g_new0(Programs, 1);

  programs->link_type = link_type;
  programs->error = compile(expression, link_type, &programs->match);
  g_free(compile(NO_FRAGMENT, link_type, &programs->no_fragment));
  return programs;
}

static void programs_free(gpointer data)
{
  Programs *programs = data;

  pcap_freecode(&programs->match);
  pcap_freecode(&programs->no_fragment);
  g_free(programs->error);
  g_free(programs);
}

static const Programs *programs_for(Filter *filter, uint16_t link_type)
{
  gpointer key = GUINT_TO_POINTER(link_type);

  if (filter->last && filter->last->link_type == link_type)
    return filter->last;
  filter->last = g_hash_table_lookup(filter->programs, key);
  if (!filter->last) {
    filter->last = programs_new(filter->expression, link_type);
    g_hash_table_insert(filter->programs, key, filter->last);
  }
  return filter->last;
}

/* An expression may have a meaning on one link type only (`wlan type mgt`); the files decide which,
 * but a mistake is reported before they are read. */
static char *check_expression(const char *expression)
{
  static const uint16_t USUAL[] = {LINK_TYPE_ETHERNET, LINK_TYPE_LINUX_SLL, LINK_TYPE_RAW,
                                   LINK_TYPE_IEEE802_11, LINK_TYPE_LINUX_SLL2};
  g_autofree char *first_error = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS(USUAL); i++) {
    struct bpf_program program = {0};
    g_autofree char *error = compile(expression, USUAL[i], &program);
    if (!error) {
      pcap_freecode(&program);
      return NULL;
    }
    if (!first_error)
      first_error = g_steal_pointer(&error);
  }
  return g_steal_pointer(&first_error);
}

Filter *filter_new(const char *expression, GError **error)
{
  g_autofree char *why = check_expression(expression);

  if (why) {
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE, _("capture filter \"%s\": %s"), expression, why);
    return NULL;
  }
  Filter *filter = g_new0(Filter, 1);
  filter->expression = g_strdup(expression);
  /* Does it name tags, or bytes and types of the link layer, which tags change? */
  filter->asks_tags = g_regex_match_simple(
    "\\b(vlan|pppoe[ds]|mpls|geneve|vxlan)\\b|\\b(ether|link)\\s*(\\[|proto\\b)", expression, 0, 0);
  filter->programs = g_hash_table_new_full(NULL, NULL, NULL, programs_free);
  return filter;
}

void filter_free(Filter *filter)
{
  if (!filter)
    return;
  g_hash_table_unref(filter->programs);
  g_free(filter->expression);
  g_free(filter);
}

static bool program_accepts(const struct bpf_program *program, const Frame *frame)
{
  struct pcap_pkthdr header = {.caplen = frame->len, .len = frame->wire_len};

  /* Without instructions libpcap would take everything. */
  return program->bf_insns && pcap_offline_filter(program, &header, frame->data) != 0;
}

/* Also the first fragment of an IPv6 datagram, as if it were whole. */
static bool programs_match(const Programs *programs, const Frame *frame)
{
  FrameView view;
  Frame joined;

  return program_accepts(&programs->match, frame) ||
         (frame_without_fragment_header(frame, &view, &joined) &&
          program_accepts(&programs->match, &joined));
}

/* pcap-filter(7): `port 5060` looks at untagged frames only, and `not port 5060` takes every tagged
 * one.  People mean the packet, so tags are taken off unless the expression speaks of them. */
FilterVerdict filter_judge(Filter *filter, const Frame *frame)
{
  const Programs *programs = programs_for(filter, frame->link_type);
  FrameView view;
  Frame untagged;

  if (!filter->asks_tags && frame_without_tags(frame, &view, &untagged))
    frame = &untagged;

  if (programs_match(programs, frame))
    return FILTER_ACCEPTS;
  return program_accepts(&programs->no_fragment, frame) ? FILTER_REJECTS : FILTER_MAY_BE_FRAGMENT;
}

bool filter_judge_live(Filter *filter, const Frame *frame)
{
  const Programs *programs = programs_for(filter, frame->link_type);
  FrameView view;
  Frame untagged;

  if (!filter->asks_tags && !programs->error)
    return filter_judge(filter, frame) == FILTER_ACCEPTS;
  if (programs_match(programs, frame) || program_accepts(&programs->no_fragment, frame))
    return true;
  return frame_without_vlan_tag(frame, &view, &untagged) &&
         (programs_match(programs, &untagged) ||
          program_accepts(&programs->no_fragment, &untagged));
}

/* `vlan`, `mpls` and others move the offsets of all that follows, so fragments are
 * asked for before the expression, and after it as it leaves the offsets.  So does the `vlan` of
 * FILTER_TAGS. */
char *filter_kernel_expression(const Filter *filter, FilterWidth width)
{
  const char *e = filter->expression;

  if (filter->asks_tags && (width == FILTER_TAGS || width == FILTER_ALL_TAGGED))
    return NULL;
  if (width == FILTER_BARE)
    return g_strdup(e);
  g_autofree char *fragments = g_strdup_printf(IP_FRAGMENT " or (%s) or " IP_FRAGMENT, e);
  if (width == FILTER_FRAGMENTS)
    return g_steal_pointer(&fragments);
  g_autofree char *plain = g_strdup_printf("%s or ether proto 0x8864", fragments);
  if (width == FILTER_ALL_TAGGED)
    return g_strdup_printf("%s or ether proto 0x8100 or ether proto 0x88a8", plain);
  return g_strdup_printf("%s or (vlan and (%s or (vlan and (%s))))", plain, plain, plain);
}

const char *filter_expression(const Filter *filter)
{
  return filter->expression;
}

void filter_add_faults(const Filter *filter, GPtrArray *faults)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init(&iter, filter->programs);
  while (g_hash_table_iter_next(&iter, NULL, &value)) {
    const Programs *programs = value;
    if (programs->error && programs->no_fragment.bf_insns)
      g_ptr_array_add(faults,
                      g_strdup_printf(_("capture filter \"%s\" matches nothing on link type "
                                        "%u: %s"),
                                      filter->expression, programs->link_type, programs->error));
  }
}
