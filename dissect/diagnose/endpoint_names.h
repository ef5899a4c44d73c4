/* EndpointNames: how endpoints are named in the sentences of findings. */
#pragma once

#include <glib.h>

#include "dissect/net/endpoint.h"

/* `append` NULL: by address. */
typedef struct {
  void (*append)(const void *data, const Endpoint *endpoint, GString *to);
  const void *data;
} EndpointNames;
