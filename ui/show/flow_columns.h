/*
 * FlowColumns: the columns of a ladder, and which endpoints they show.
 *
 * A column is a node (FlowNodes), a host with all its ports, or one endpoint.
 * Columns are in order of appearance until
 * the user moves one, and can be hidden.  Endpoints beyond FLOW_COLUMNS_MAX columns share the last
 * one; those beyond FLOW_ENDPOINTS_MAX are not distinguished at all.
 *
 * A column keeps its slot for its lifetime, whatever its position: refer to columns by slot.
 */
#pragma once

#include "dissect/trace/trace.h"
#include "ui/show/alias.h"
#include "ui/show/flow_nodes.h"
#include "ui/show/ladder.h"

enum {
  FLOW_COLUMNS_MAX = LADDER_COLUMNS_MAX,
  FLOW_ENDPOINTS_MAX = 4096,
  FLOW_COLUMN_NONE = 0xff,
};

/* What a column is, from fine to coarse. */
typedef enum {
  FLOW_BY_PORT,
  FLOW_BY_NODE,
  FLOW_BY_HOST,
} FlowGrouping;

typedef struct FlowColumns FlowColumns;

/* Where an endpoint was seen: in which message, and whether as its receiver. */
typedef struct {
  uint64_t frame;
  uint32_t number;
  bool receiver;
} FlowPlace;

/* Nodes that are found must outlive the columns; a message is noted there before its endpoints are
 * added here. */
FlowColumns *flow_columns_new(const Trace *trace, const FlowNodes *nodes);
void flow_columns_free(FlowColumns *columns);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlowColumns, flow_columns_free)

/* Adds an endpoint (Message.src) that was seen there; returns its number for the functions
 * below. */
uint16_t flow_columns_add(FlowColumns *columns, uint32_t id, FlowPlace place);

/* The same for an endpoint that no message has: it has a column of its own, or that of its host. */
uint16_t flow_columns_add_alone(FlowColumns *columns, const Endpoint *endpoint, FlowPlace place);

/* The slot of an endpoint's column. */
uint8_t flow_columns_slot(const FlowColumns *columns, uint16_t endpoint);

/* The same of an endpoint of the trace; FLOW_COLUMN_NONE if it was not added. */
uint8_t flow_columns_slot_of(const FlowColumns *columns, uint32_t id);

/* Columns by position, from 0; hidden ones have a position, too. */
size_t flow_columns_count(const FlowColumns *columns);
uint8_t flow_columns_slot_at(const FlowColumns *columns, size_t position);
size_t flow_columns_position(const FlowColumns *columns, uint8_t slot);

bool flow_columns_is_hidden(const FlowColumns *columns, uint8_t slot);
size_t flow_columns_hidden_count(const FlowColumns *columns);
/* False if it is the last one shown. */
bool flow_columns_hide(FlowColumns *columns, uint8_t slot);
void flow_columns_show_all(FlowColumns *columns);

/* Swaps it with the next column shown in that direction; false at the end. */
bool flow_columns_move(FlowColumns *columns, uint8_t slot, int direction);

/* What the columns of the column's host are; the slots of that host change. */
void flow_columns_group(FlowColumns *columns, uint8_t slot, FlowGrouping by);
/* The same for all hosts, including those added later; FLOW_BY_PORT until it is called. */
void flow_columns_group_all(FlowColumns *columns, FlowGrouping by);
FlowGrouping flow_columns_grouping(const FlowColumns *columns, uint8_t slot);
/* After nodes changed. */
void flow_columns_regroup(FlowColumns *columns);
/* Has the column more than one endpoint? */
bool flow_columns_is_group(const FlowColumns *columns, uint8_t slot);

/* That it is named by; NULL for the column that several hosts share. */
const Endpoint *flow_columns_endpoint(const FlowColumns *columns, uint8_t slot);

/* Not safe. */
void flow_columns_append_name(const FlowColumns *columns, uint8_t slot, const Aliases *aliases,
                              GString *to);
