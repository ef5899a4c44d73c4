/*
 * The panes of a message view: its text, its tree, its octets.  Each keeps where it is scrolled to;
 * the place in the message is the page's.
 */
#pragma once

#include "ui/show/hex.h"
#include "ui/term/canvas.h"
#include "ui/view/message/message_page.h"
#include "ui/view/widget/scroll.h"

/* --- text --- */

typedef struct {
  Scroll scroll; /* lines */
  unsigned left; /* columns that are scrolled out */
  bool unwrapped;
  Rect area; /* of the last draw */
} RawPane;

void raw_pane_draw(RawPane *pane, MessagePage *page, Canvas *canvas, Rect area);
bool raw_pane_command(RawPane *pane, MessagePage *page, CommandId id);
/* The octet that was clicked becomes the page's place; false when it was elsewhere. */
bool raw_pane_click(RawPane *pane, MessagePage *page, const KeyEvent *event);
/* The line of the cursor as it is in the message, all that is wrapped of it. */
Slice raw_pane_line(const RawPane *pane, const MessagePage *page);

/* --- tree --- */

typedef struct TreeFolds TreeFolds;

typedef struct {
  Scroll scroll; /* rows */
  GArray *rows;  /* uint32_t: nodes that are to be seen */
  TreeFolds *folds;
  Rect area;
} TreePane;

void tree_pane_init(TreePane *pane);
void tree_pane_clear(TreePane *pane);
/* Another message is on the page: what was folded in the last one is, too, and the cursor is on the
 * same field. */
void tree_pane_load(TreePane *pane, const MessagePage *page);
/* To the node of the page's place. */
void tree_pane_follow(TreePane *pane, const MessagePage *page);
/* The page's place becomes that of the cursor's node. */
void tree_pane_take_place(const TreePane *pane, MessagePage *page);
void tree_pane_draw(TreePane *pane, const MessagePage *page, Canvas *canvas, Rect area);
bool tree_pane_command(TreePane *pane, MessagePage *page, CommandId id);
bool tree_pane_click(TreePane *pane, MessagePage *page, const KeyEvent *event);
/* The node of the cursor; NULL when there is none. */
const TreeNode *tree_pane_node(const TreePane *pane, const MessagePage *page);

/* --- octets --- */

typedef struct {
  Scroll scroll; /* rows */
  HexLayout layout;
  Rect area;
} HexPane;

/* `lit`: what belongs to the cursor. */
void hex_pane_draw(HexPane *pane, const MessagePage *page, Canvas *canvas, Rect area, Octets lit);
bool hex_pane_command(HexPane *pane, MessagePage *page, CommandId id);
bool hex_pane_click(HexPane *pane, MessagePage *page, const KeyEvent *event);
