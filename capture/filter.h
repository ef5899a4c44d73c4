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

FilterVerdict filter_judge(Filter *filter, const Frame *frame);

/*
 * Of a frame that the kernel let through with filter_kernel_expression: did it match?  The kernel
 * sees frames without the VLAN tag that the interface took off and libpcap put back.
 */
bool filter_judge_live(Filter *filter, const Frame *frame);

/* The expression, or any IP fragment; freed with g_free. */
char *filter_kernel_expression(const Filter *filter);
const char *filter_expression(const Filter *filter);

/* Adds a line for each link type of which frames came that may be IP but where the expression
 * means nothing. */
void filter_add_faults(const Filter *filter, GPtrArray *faults);
