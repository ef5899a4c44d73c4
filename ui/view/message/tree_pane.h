/*
 * The pane of a message view that shows its tree.  It keeps where it is scrolled to and what is
 * folded; the place in the message is the page's.
 */
#pragma once

#include "ui/term/canvas.h"
#include "ui/view/message/message_page.h"
#include "ui/view/widget/scroll.h"

typedef struct TreeFolds TreeFolds;

typedef struct {
  Scroll scroll; /* rows */
  GArray *rows;  /* uint32_t: visible nodes */
  TreeFolds *folds;
  Rect area;
} TreePane;

void tree_pane_init(TreePane *pane);
void tree_pane_clear(TreePane *pane);
/* Another message is on the page: the same nodes are folded as before, and the cursor is on the
 * same field. */
void tree_pane_load(TreePane *pane, const MessagePage *page);
/* To the node of the page's place. */
void tree_pane_follow(TreePane *pane, const MessagePage *page);
/* The page's place becomes the cursor's node. */
void tree_pane_take_place(const TreePane *pane, MessagePage *page);
void tree_pane_draw(TreePane *pane, const MessagePage *page, Canvas *canvas, Rect area);
bool tree_pane_command(TreePane *pane, MessagePage *page, CommandId id);
bool tree_pane_click(TreePane *pane, MessagePage *page, const KeyEvent *event);
/* The node of the cursor; NULL when there is none. */
const TreeNode *tree_pane_node(const TreePane *pane, const MessagePage *page);
