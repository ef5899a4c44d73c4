/*
 * FlowFrames: which frames carried which octets of which connection.  Private to frame_picker.c.
 *
 * A flow is one direction of a TCP connection or SCTP association; places in it are sequence
 * numbers, or TSNs.  Frames are remembered while a message may still be made of them; places that
 * were chosen for a while, for what is sent again.  What stands for the connection as a whole
 * (SYN, FIN, RST, the opening of a WebSocket) is remembered as long as the flow is, both
 * directions together.  Bounded: the flow longest silent goes first.
 */
#pragma once

#include "dissect/net/packet.h"

typedef struct FlowTable FlowTable;
typedef struct Flow Flow;

typedef struct {
  uint32_t start, end; /* end is behind it; they may wrap */
} FlowRange;

FlowTable *flow_table_new(size_t flows_max);
void flow_table_free(FlowTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlowTable, flow_table_free)

/* The flow of the packet, or its peer's; made when there is none.  Valid until the next one is. */
Flow *flow_of_packet(FlowTable *table, const Packet *packet);

/* The flow between those two, or NULL. */
typedef struct {
  Endpoint src, dst;
  uint32_t tunnel;
  bool is_sctp;
} FlowName;

Flow *flow_find(FlowTable *table, const FlowName *name);

/* Frames that carried the range; true when the range overlaps one that was chosen. */
bool flow_add(Flow *flow, uint64_t frame, FlowRange range);

/* Octets before that place are in nothing that is still to come. */
void flow_forget(Flow *flow, uint32_t before);

/* A frame that belongs to the connection; true when something of it was chosen. */
bool flow_add_common(Flow *flow, uint64_t frame);

/* A connection begins: what was known of an earlier one is forgotten.  `isn`: its SYN's number. */
void flow_begin(Flow *flow, uint32_t isn);

/* Does the range begin where the connection does, or where one ends that was chosen before? */
bool flow_goes_on(const Flow *flow, FlowRange range);

/* Notes that the range is chosen, and appends the numbers of the frames that carried it, and of
 * those that belong to its connection when that was not chosen yet. */
void flow_choose(FlowTable *table, Flow *flow, FlowRange range, GArray *to);
