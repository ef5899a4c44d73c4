/*
 * Flow view: the ladder of one call or several.
 */
#pragma once

#include "ui/view/host.h"

typedef struct {
  const uint32_t *calls; /* numbers; copied */
  size_t count;
  bool extended; /* with the calls that belong to them */
} FlowCalls;

View *flow_view_new(Host *host, const FlowCalls *calls);
