/*
 * FlowColumns: which endpoint stands in which column of a ladder.
 *
 * A column is an endpoint, or a host with all its ports; in order of appearance until somebody
 * moves one.  Columns can be hidden.  Bounded: endpoints beyond FLOW_COLUMNS_MAX columns share the
 * last one; those beyond FLOW_ENDPOINTS_MAX are not told apart at all.
 *
 * A column keeps its slot as long as it is there, whatever its place in the order; what others
 * remember of columns, they remember by slot.
 */
#pragma once

#include "dissect/trace/trace.h"
#include "ui/show/alias.h"
#include "ui/show/ladder.h"

enum {
  FLOW_COLUMNS_MAX = LADDER_COLUMNS_MAX,
  FLOW_ENDPOINTS_MAX = 4096,
  FLOW_COLUMN_NONE = 0xff,
};

typedef struct FlowColumns FlowColumns;

/* Where something was seen: a message, and whether it was its receiver. */
typedef struct {
  uint64_t frame;
  uint32_t number;
  bool receiver;
} FlowPlace;

FlowColumns *flow_columns_new(const Trace *trace);
void flow_columns_free(FlowColumns *columns);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlowColumns, flow_columns_free)

/* An endpoint (Message.src) that was seen there; returns what it is called below. */
uint16_t flow_columns_add(FlowColumns *columns, uint32_t id, FlowPlace place);

/* The slot of an endpoint's column. */
uint8_t flow_columns_slot(const FlowColumns *columns, uint16_t endpoint);

/* In their order, from 0; hidden ones have a place in it. */
size_t flow_columns_count(const FlowColumns *columns);
uint8_t flow_columns_slot_at(const FlowColumns *columns, size_t position);
size_t flow_columns_position(const FlowColumns *columns, uint8_t slot);

bool flow_columns_is_hidden(const FlowColumns *columns, uint8_t slot);
size_t flow_columns_hidden_count(const FlowColumns *columns);
/* Not of the last one that is shown: false. */
bool flow_columns_hide(FlowColumns *columns, uint8_t slot);
void flow_columns_show_all(FlowColumns *columns);

/* Changes places with the next column that is shown; false at the end. */
bool flow_columns_move(FlowColumns *columns, uint8_t slot, int direction);

/* One column for all ports of the host, or one for each; slots of that host change. */
void flow_columns_merge(FlowColumns *columns, uint8_t slot, bool merged);
/* The same for all hosts, those to come included. */
void flow_columns_merge_all(FlowColumns *columns, bool merged);
bool flow_columns_is_merged(const FlowColumns *columns, uint8_t slot);

/* Its first endpoint; NULL for the column that several hosts share. */
const Endpoint *flow_columns_endpoint(const FlowColumns *columns, uint8_t slot);

/* Not safe. */
void flow_columns_append_name(const FlowColumns *columns, uint8_t slot, const Aliases *aliases,
                              GString *to);
