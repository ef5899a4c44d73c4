/*
 * EndpointSet: the distinct endpoints of one call, in order of appearance.  Emptying it costs
 * nothing, so one set can serve all calls.  It also keeps the texts of all endpoints, each
 * formatted once.
 */
#pragma once

#include "dissect/trace/trace.h"

typedef struct {
  GArray *places;   /* by endpoint id: the round it was last added in, and its place */
  GArray *ids;      /* uint32_t, by place */
  GPtrArray *texts; /* by endpoint id, NULL until requested */
  const Trace *trace;
  uint32_t round;
} EndpointSet;

EndpointSet endpoint_set_new(const Trace *trace);
void endpoint_set_clear(EndpointSet *set);

/* Forgets the endpoints, but not their texts. */
void endpoint_set_reset(EndpointSet *set);

/* The place of an endpoint, from 0; it is added if it is new. */
uint32_t endpoint_set_add(EndpointSet *set, uint32_t id);

size_t endpoint_set_count(const EndpointSet *set);

/* The text of an endpoint, by id; valid as long as the set. */
Slice endpoint_set_text(EndpointSet *set, uint32_t id);
