/*
 * MessageTree: a decoded message: what is known about it, what is wrong with it, its start-line,
 * each header field with its values, parameters and URIs, and its bodies.
 *
 * Nodes are in the order they are shown, parents before children, and have the range of bytes they
 * were read from.  Texts are not safe to print (ui/show/text.h): most are slices of the message,
 * which must outlive the tree; the others are in the arena.  Building is linear in the bytes and
 * makes at most TREE_NODES_MAX nodes.
 */
#pragma once

#include "dissect/trace/trace.h"
#include "ui/show/format.h"
#include "ui/show/octets.h"
#include "ui/show/style.h"

enum {
  TREE_NODES_MAX = 16384,
  TREE_DEPTH_MAX = 24, /* deeper nodes become siblings of their parent */
};

typedef enum {
  TREE_SECTION,
  TREE_FACT,   /* known from the trace */
  TREE_FLAW,   /* what is wrong with the message */
  TREE_HEADER, /* a header field by its long name */
  TREE_VALUE,  /* one of several in a header field */
  TREE_PART,   /* of a value or line */
  TREE_PARAM,  /* of a header field: ";name" or ";name=value" */
  TREE_DETAIL, /* of a part, such as the parameters of a URI */
  TREE_LINE,   /* of a body */
} TreeKind;

typedef struct {
  Slice name;
  Slice value;   /* absent: there is none */
  Slice note;    /* our comment on it */
  Octets octets; /* of len 0 when it was not read from the message */
  uint32_t end;  /* index after its last descendant */
  uint8_t depth;
  uint8_t kind;    /* TreeKind */
  uint8_t style;   /* Style, of the value */
  bool closed;     /* collapsed by default */
  uint16_t header; /* SipHeader, of TREE_HEADER */
} TreeNode;

typedef struct {
  const TreeNode *nodes;
  size_t count;
  bool cut; /* nodes are missing: there were too many */
} MessageTree;

/* What the trace knows about the message. */
typedef struct {
  const Message *message;
  const Trace *trace;
  Clock *clock;
} TreeFacts;

/* `facts` may be NULL. */
MessageTree message_tree_build(Arena *arena, const SipMsg *sip, const TreeFacts *facts);

/* Only the header fields, however many: TREE_HEADER nodes and their descendants; `facts` may be
 * NULL. */
MessageTree message_tree_build_headers(Arena *arena, const SipMsg *sip, const TreeFacts *facts);

/* Only the bodies.  They should be shown as they are where tree_body_is_text: a single one of lines
 * of text. */
MessageTree message_tree_build_body(Arena *arena, const SipMsg *sip);
bool tree_body_is_text(const SipMsg *sip);

static inline bool tree_node_has_children(const MessageTree *tree, size_t node)
{
  return tree->nodes[node].end > node + 1;
}

/* The deepest node, except flaws, that was read from that byte; tree->count when there is none. */
size_t message_tree_node_at(const MessageTree *tree, size_t offset);

/* The parent, or tree->count. */
size_t message_tree_parent(const MessageTree *tree, size_t node);
