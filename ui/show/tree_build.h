/*
 * TreeBuilder: builds a MessageTree node by node; private to message_tree.c and the files
 * tree_*.c.
 *
 * tree_begin opens a node, and the following ones are below it until tree_end.  They are paired
 * even where no node was made because there are too many, or it would be too deep.
 */
#pragma once

#include "ui/show/message_tree.h"

typedef struct {
  Arena *arena;
  Slice raw;     /* of the message */
  GArray *nodes; /* TreeNode */
  size_t node_max;
  int64_t time_ns;               /* of the message, or TIME_NONE */
  const SipMsg *sip;             /* whose header fields are put; NULL: those of a body */
  Verifier *verifier;            /* or NULL */
  bool gb;                       /* texts of the body are in GB 18030 */
  uint32_t open[TREE_DEPTH_MAX]; /* indexes of the open nodes */
  unsigned depth;
  unsigned beyond; /* open without a level of their own */
  bool cut;
} TreeBuilder;

typedef struct {
  Slice name, value, note;
  Slice octets; /* of the message: where it was read from; default: the value, if it is there */
  TreeKind kind;
  Style style;
  bool closed;
  bool is_utf8; /* the value is no text of the body, or was converted */
  SipHeader header;
} TreeItem;

void tree_put(TreeBuilder *tree, const TreeItem *item);
void tree_begin(TreeBuilder *tree, const TreeItem *item);
void tree_end(TreeBuilder *tree);

/* The innermost open node; NULL when it was not made. */
TreeNode *tree_open_node(TreeBuilder *tree);

/* A part of that name; nothing when the value is absent. */
void tree_put_part(TreeBuilder *tree, const char *name, Slice value);

/* ";name=value" pairs as TREE_PARAM or TREE_DETAIL. */
void tree_put_params(TreeBuilder *tree, Slice params, TreeKind kind);

/* Text of a body as UTF-8. */
Slice tree_body_text(TreeBuilder *tree, Slice text);

/* Text in the tree's arena. */
Slice tree_format(TreeBuilder *tree, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* A URI and its parts. */
void tree_put_uri(TreeBuilder *tree, const char *name, Slice text);

/* The header fields that the iterator has left. */
void tree_put_headers(TreeBuilder *tree, SipHeaderIter *iter);

/* The body with its contents. */
void tree_put_body(TreeBuilder *tree, const SipMsg *sip);

/* A value of Identity (RFC 8224). */
void tree_put_identity(TreeBuilder *tree, Slice value);

/* GB/T 28181 (tree_gb.c): rows of a MANSCDP body; what an id, or a line of that type in a session
 * description, means; and the parts of Subject. */
void tree_put_gb(TreeBuilder *tree, Slice body);
Slice tree_gb_id_note(TreeBuilder *tree, Slice id);
Slice tree_gb_sdp_note(TreeBuilder *tree, char type, Slice value);
void tree_put_gb_subject(TreeBuilder *tree, Slice value);

/* What is wrong with a body. */
void tree_put_fault(TreeBuilder *tree, Slice fault);

/* Kinds of bodies, a file each; false: it is not what its type says, and is shown as text. */
bool tree_put_sdp(TreeBuilder *tree, Slice body);
bool tree_put_xml(TreeBuilder *tree, Slice content_type, Slice body);
bool tree_put_json(TreeBuilder *tree, Slice content_type, Slice body);
bool tree_put_isup(TreeBuilder *tree, Slice content_type, Slice body);
