/*
 * FlowNodes: which endpoints of a ladder are one node: a host that connects from an ephemeral port
 * and listens on another one.
 *
 * What a message says of its endpoints counts, for endpoints of the same address: the sent-by of
 * the topmost Via (of the sender of a request, of the receiver of a response: RFC 3261 18.2.2), the
 * Contact of a UAC, and that of a response on a connection.  A sent-by that is a name, or an
 * address before NAT, joins the connections that have it, and the endpoint with that port.  Where
 * only a name is known, a connection belongs to the one endpoint of the host that accepts others.
 * The two ends of a message are never one node.
 *
 * Only the first messages of each endpoint are read.  Endpoints beyond FLOW_NODES_MAX are nodes of
 * their own.
 */
#pragma once

#include "dissect/trace/trace.h"

enum { FLOW_NODES_MAX = 1024 };

typedef struct FlowNodes FlowNodes;

FlowNodes *flow_nodes_new(const Trace *trace, const StoreSet *stores);
void flow_nodes_free(FlowNodes *nodes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlowNodes, flow_nodes_free)

/* Takes the next message of the ladder, in any order; true if an endpoint that was known before
 * belongs to another node now. */
bool flow_nodes_note(FlowNodes *nodes, const Message *message);

/* Of an endpoint (Message.src): the first one of its node; itself if it is not known. */
uint32_t flow_nodes_first(const FlowNodes *nodes, uint32_t id);

/* The endpoint that the node is named by: where it listens if that was seen, else the first. */
uint32_t flow_nodes_name(const FlowNodes *nodes, uint32_t id);
