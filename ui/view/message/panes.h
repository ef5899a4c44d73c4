/*
 * The panes of a message view: its bytes as text and as a hex dump, and its tree; and a message's
 * text on a canvas, for other screens, too.  A pane keeps where it is scrolled to, the one of the
 * tree also what is folded; the place in the message is the page's.
 */
#pragma once

#include "ui/show/message_raw.h"
#include "ui/term/canvas.h"
#include "ui/view/message/message_page.h"
#include "ui/view/widget/table.h"

/* Where it is drawn. */
typedef struct {
  Canvas *canvas;
  Rect area;
  size_t top;    /* line that is drawn first */
  unsigned left; /* columns scrolled out */
} RawPlace;

void message_raw_draw(const MessageRaw *raw, const RawPlace *place);

/* Marks these bytes, where they are on its lines. */
void message_raw_mark(const MessageRaw *raw, const RawPlace *place, Octets octets, unsigned marks);

/* Marks what is found, as far as it is on its lines. */
void message_raw_mark_found(const MessageRaw *raw, const RawPlace *place, const TextSearch *search);

typedef struct {
  Scroll scroll; /* lines */
  unsigned left; /* columns that are scrolled out */
  bool unwrapped;
  Rect area; /* of the last draw */
} RawPane;

void raw_pane_draw(RawPane *pane, MessagePage *page, Canvas *canvas, Rect area);
bool raw_pane_command(RawPane *pane, MessagePage *page, CommandId id);
/* The clicked byte becomes the page's place; false for clicks elsewhere. */
bool raw_pane_click(RawPane *pane, MessagePage *page, const KeyEvent *event);
/* The line of the cursor as it is in the message, with all its wrapped parts. */
Slice raw_pane_line(const RawPane *pane, const MessagePage *page);

typedef struct {
  Scroll scroll; /* rows */
  HexLayout layout;
  Rect area;
} HexPane;

/* `lit`: the bytes that belong to the cursor. */
void hex_pane_draw(HexPane *pane, const MessagePage *page, Canvas *canvas, Rect area, Octets lit);
bool hex_pane_command(HexPane *pane, MessagePage *page, CommandId id);
bool hex_pane_click(HexPane *pane, MessagePage *page, const KeyEvent *event);

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
