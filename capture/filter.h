/*
 * Filter: a BPF expression (pcap-filter(7)) over frames of any link type.
 *
 * Only the first fragment of a datagram has ports, so a filter on ports would lose the others;
 * the verdict therefore distinguishes frames that cannot match later either from those that may be
 * fragments of a datagram that does.
 */
#pragma once

#include <glib.h>

#include "capture/frame.h"

typedef struct Filter Filter;

typedef enum {
  FILTER_ACCEPTS,
  FILTER_MAY_BE_FRAGMENT, /* does not match, but may belong to a datagram that does */
  FILTER_REJECTS,
} FilterVerdict;

/* Fails with APP_ERROR_USAGE when no link type gives the expression a meaning. */
G_GNUC_WARN_UNUSED_RESULT Filter *filter_new(const char *expression, GError **error);
void filter_free(Filter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Filter, filter_free)

/* Frames are judged without their VLAN tags and PPPoE headers, unless the expression names them. */
FilterVerdict filter_judge(Filter *filter, const Frame *frame);

/*
 * Of a frame that the kernel let through with filter_kernel_expression: did it match?  The kernel
 * sees frames without the VLAN tag that the interface took off and libpcap put back, and knows
 * primitives (inbound, ifindex) that only it can decide.
 */
bool filter_judge_live(Filter *filter, const Frame *frame);

/* What the kernel has to let through, the widest first: not every link type knows all of it. */
typedef enum {
  FILTER_TAGS,       /* the expression after VLAN tags too, and all PPPoE, if it asks for neither */
  FILTER_ALL_TAGGED, /* the same with everything that has a tag: cooked frames know no `vlan` */
  FILTER_FRAGMENTS,  /* the expression, or any IP fragment */
  FILTER_BARE,
  FILTER_WIDTHS,
} FilterWidth;

/* NULL when there is none of that width; freed with g_free. */
char *filter_kernel_expression(const Filter *filter, FilterWidth width);
const char *filter_expression(const Filter *filter);

/* Adds a line for each link type of which frames came that may be IP but where the expression
 * means nothing. */
void filter_add_faults(const Filter *filter, GPtrArray *faults);
