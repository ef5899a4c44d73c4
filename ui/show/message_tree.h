/*
 * MessageTree: one message taken apart: what is known of it, what is wrong with it, its
 * start-line, each header field with its values, parameters and URIs, and its bodies.
 *
 * Nodes stand in the order they are shown in, each before those below it, and know the octets of
 * the message that they were read from.  Texts are not safe (ui/show/text.h): most are slices of
 * the message, which must outlive the tree; the rest is in the arena it was built in.  Building is
 * linear in the octets and never makes more than TREE_NODES_MAX nodes of them.
 */
#pragma once

#include "dissect/trace/trace.h"
#include "ui/show/format.h"
#include "ui/show/octets.h"
#include "ui/show/style.h"

enum {
  TREE_NODES_MAX = 16384,
  TREE_DEPTH_MAX = 24, /* what is deeper stands beside what it is in */
};

typedef enum {
  TREE_SECTION,
  TREE_FACT,   /* what the trace knows */
  TREE_FLAW,   /* what is wrong with the message */
  TREE_HEADER, /* a header field by its long name */
  TREE_VALUE,  /* one of several in it */
  TREE_PART,   /* of a value or line */
  TREE_PARAM,  /* of a header field: ";name" or ";name=value" */
  TREE_DETAIL, /* of a part: the parameters of a URI, say */
  TREE_LINE,   /* of a body */
} TreeKind;

typedef struct {
  Slice name;
  Slice value;   /* absent: there is none */
  Slice note;    /* what it means; ours */
  Octets octets; /* of len 0 when it was read from none */
  uint32_t end;  /* node behind all that are below this one */
  uint8_t depth;
  uint8_t kind;    /* TreeKind */
  uint8_t style;   /* Style, of the value */
  bool closed;     /* better not shown open at first */
  uint16_t header; /* SipHeader, of TREE_HEADER */
} TreeNode;

typedef struct {
  const TreeNode *nodes;
  size_t count;
  bool cut; /* there would be more */
} MessageTree;

/* What the trace knows of the message. */
typedef struct {
  const Message *message;
  const Trace *trace;
  Clock *clock;
} TreeFacts;

/* `facts` may be NULL. */
MessageTree message_tree_build(Arena *arena, const SipMsg *sip, const TreeFacts *facts);

/* The header fields alone, however many: TREE_HEADER nodes and what is below them. */
MessageTree message_tree_build_headers(Arena *arena, const SipMsg *sip);

static inline bool tree_node_has_children(const MessageTree *tree, size_t node)
{
  return tree->nodes[node].end > node + 1;
}

/* The deepest node that was read from that octet, a flaw apart; tree->count when there is none. */
size_t message_tree_node_at(const MessageTree *tree, size_t offset);

/* The node this one is below of, or tree->count. */
size_t message_tree_parent(const MessageTree *tree, size_t node);
