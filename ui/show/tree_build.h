/*
 * TreeBuilder: what a MessageTree is put together with, and who does which part of it; for
 * message_tree.c and the tree_*.c beside it.
 *
 * tree_begin opens a node that the following ones are below of, until tree_end; they are paired
 * even where no node was made, because there are too many or it would be too deep.
 */
#pragma once

#include "ui/show/message_tree.h"

typedef struct {
  Arena *arena;
  Slice raw;     /* of the message */
  GArray *nodes; /* TreeNode */
  size_t node_max;
  int64_t time_ns;               /* of the message, or TIME_NONE */
  bool gb;                       /* texts of the body are in GB 18030 */
  uint32_t open[TREE_DEPTH_MAX]; /* nodes that are begun */
  unsigned depth;
  unsigned beyond; /* begun without being a level of their own */
  bool cut;
} TreeBuilder;

typedef struct {
  Slice name, value, note;
  Slice octets; /* of the message: what it was read from; absent: the value, if that is of it */
  TreeKind kind;
  Style style;
  bool closed;
  SipHeader header;
} TreeItem;

void tree_put(TreeBuilder *tree, const TreeItem *item);
void tree_begin(TreeBuilder *tree, const TreeItem *item);
void tree_end(TreeBuilder *tree);

/* The node that was begun last and is no more than that; NULL when it was not made. */
TreeNode *tree_open_node(TreeBuilder *tree);

/* A part of that name; none when the value is absent. */
void tree_put_part(TreeBuilder *tree, const char *name, Slice value);

/* ";name=value" pairs as TREE_PARAM or TREE_DETAIL. */
void tree_put_params(TreeBuilder *tree, Slice params, TreeKind kind);

/* Text of a body as UTF-8. */
Slice tree_body_text(TreeBuilder *tree, Slice text);

/* Text in the tree's arena. */
Slice tree_format(TreeBuilder *tree, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* A URI and what it is made of (tree_values.c). */
void tree_put_uri(TreeBuilder *tree, const char *name, Slice text);

/* The header fields that follow in the iterator (tree_headers.c). */
void tree_put_headers(TreeBuilder *tree, SipHeaderIter *iter);

/* The parts of one value of that header field (tree_values.c); false when it has none. */
bool tree_put_value(TreeBuilder *tree, SipHeader header, Slice value);

/* How far a Date is from the time of the capture; absent when that cannot be told (tree_date.c). */
Slice tree_date_note(TreeBuilder *tree, Slice value);

/* A body and what is in it (tree_body.c). */
void tree_put_body(TreeBuilder *tree, Slice content_type, Slice body);

/* The lines of a session description (tree_sdp.c); false when it is none. */
bool tree_put_sdp(TreeBuilder *tree, Slice body);

/* Elements, attributes and texts (tree_xml.c). */
void tree_put_xml(TreeBuilder *tree, Slice body);
