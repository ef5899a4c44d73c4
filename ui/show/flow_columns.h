/*
 * FlowColumns: the columns of a ladder, and which endpoints they show.
 *
 * A column is an endpoint, or a host with all its ports.  Columns are in order of appearance until
 * the user moves one, and can be hidden.  Endpoints beyond FLOW_COLUMNS_MAX columns share the last
 * one; those beyond FLOW_ENDPOINTS_MAX are not distinguished at all.
 *
 * A column keeps its slot for its lifetime, whatever its position: refer to columns by slot.
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

/* Where an endpoint was seen: in which message, and whether as its receiver. */
typedef struct {
  uint64_t frame;
  uint32_t number;
  bool receiver;
} FlowPlace;

FlowColumns *flow_columns_new(const Trace *trace);
void flow_columns_free(FlowColumns *columns);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlowColumns, flow_columns_free)

/* Adds an endpoint (Message.src) that was seen there; returns its number for the functions
 * below. */
uint16_t flow_columns_add(FlowColumns *columns, uint32_t id, FlowPlace place);

/* The slot of an endpoint's column. */
uint8_t flow_columns_slot(const FlowColumns *columns, uint16_t endpoint);

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

/* One column for all ports of the host, or one per port; the slots of that host change. */
void flow_columns_merge(FlowColumns *columns, uint8_t slot, bool merged);
/* The same for all hosts, including those added later. */
void flow_columns_merge_all(FlowColumns *columns, bool merged);
bool flow_columns_is_merged(const FlowColumns *columns, uint8_t slot);

/* Its first endpoint; NULL for the column that several hosts share. */
const Endpoint *flow_columns_endpoint(const FlowColumns *columns, uint8_t slot);

/* Not safe. */
void flow_columns_append_name(const FlowColumns *columns, uint8_t slot, const Aliases *aliases,
                              GString *to);
