#include "ui/view/message/tree_pane.h"

enum { INDENT = 2, NAMES_MAX = 28, NOTE_GAP = 2 };

/* Nodes that the user folded or unfolded, by their names and those of their parents, so that the
 * same nodes of the next message are folded, too. */
struct TreeFolds {
  GHashTable *chosen; /* key of a node -> FOLD_... */
  uint32_t *keys;     /* of the nodes of this message */
  bool *closed;
  size_t count;
};

enum { FOLD_UNKNOWN, FOLD_CLOSED, FOLD_OPEN };

void tree_pane_init(TreePane *pane)
{
  *pane = (TreePane){.rows = g_array_new(false, false, sizeof(uint32_t))};
  pane->folds = g_new0(TreeFolds, 1);
  pane->folds->chosen = g_hash_table_new(NULL, NULL);
}

void tree_pane_clear(TreePane *pane)
{
  g_hash_table_unref(pane->folds->chosen);
  g_free(pane->folds->keys);
  g_free(pane->folds->closed);
  g_free(pane->folds);
  g_array_unref(pane->rows);
}

/* --- folds --- */

static void set_rows(TreePane *pane, const MessageTree *tree)
{
  g_array_set_size(pane->rows, 0);
  for (uint32_t i = 0; i < tree->count;) {
    g_array_append_val(pane->rows, i);
    i = pane->folds->closed[i] ? tree->nodes[i].end : i + 1;
  }
}

static void fold(TreePane *pane, size_t node, bool closed)
{
  TreeFolds *folds = pane->folds;

  folds->closed[node] = closed;
  g_hash_table_insert(folds->chosen, GUINT_TO_POINTER(folds->keys[node]),
                      GUINT_TO_POINTER(closed ? FOLD_CLOSED : FOLD_OPEN));
}

/* Nodes of the same name get different keys. */
static void set_keys(TreeFolds *folds, const MessageTree *tree)
{
  g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
  uint32_t above[TREE_DEPTH_MAX + 2] = {0}; /* keys, by depth */

  for (size_t i = 0; i < tree->count; i++) {
    const TreeNode *node = &tree->nodes[i];
    uint32_t key = (above[node->depth] ^ text_hash(node->name)) * 31 + 1;
    unsigned before = GPOINTER_TO_UINT(g_hash_table_lookup(seen, GUINT_TO_POINTER(key)));

    g_hash_table_insert(seen, GUINT_TO_POINTER(key), GUINT_TO_POINTER(before + 1));
    folds->keys[i] = before > 0 ? key + before * 2654435761U : key;
    above[node->depth + 1] = folds->keys[i];
  }
}

void tree_pane_load(TreePane *pane, const MessagePage *page)
{
  const MessageTree *tree = &page->tree;
  TreeFolds *folds = pane->folds;
  uint32_t key = 0;
  size_t row = 0;

  if (pane->scroll.cursor < pane->rows->len)
    key = folds->keys[g_array_index(pane->rows, uint32_t, pane->scroll.cursor)];
  folds->keys = g_renew(uint32_t, folds->keys, tree->count);
  folds->closed = g_renew(bool, folds->closed, tree->count);
  folds->count = tree->count;
  set_keys(folds, tree);
  for (size_t i = 0; i < tree->count; i++) {
    unsigned chosen =
      GPOINTER_TO_UINT(g_hash_table_lookup(folds->chosen, GUINT_TO_POINTER(folds->keys[i])));
    folds->closed[i] = chosen == FOLD_UNKNOWN ? tree->nodes[i].closed : chosen == FOLD_CLOSED;
  }
  set_rows(pane, tree);
  while (row < pane->rows->len && folds->keys[g_array_index(pane->rows, uint32_t, row)] != key)
    row++;
  if (row == pane->rows->len) /* not there: near where the cursor was */
    row = MIN(pane->scroll.cursor, MAX(pane->rows->len, 1) - 1);
  scroll_to(&pane->scroll, row);
}

/* --- the cursor --- */

/* tree.count when there are no rows. */
static size_t node_index(const TreePane *pane, const MessagePage *page)
{
  return pane->scroll.cursor < pane->rows->len
           ? g_array_index(pane->rows, uint32_t, pane->scroll.cursor)
           : page->tree.count;
}

const TreeNode *tree_pane_node(const TreePane *pane, const MessagePage *page)
{
  size_t node = node_index(pane, page);

  return node < page->tree.count ? &page->tree.nodes[node] : NULL;
}

/* The row of a node, or of the folded node that contains it. */
static size_t row_of(const TreePane *pane, size_t node)
{
  size_t low = 0, high = pane->rows->len;

  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (g_array_index(pane->rows, uint32_t, middle) <= node)
      low = middle;
    else
      high = middle;
  }
  return low;
}

static void go_to_node(TreePane *pane, size_t node)
{
  scroll_to(&pane->scroll, row_of(pane, node));
}

void tree_pane_follow(TreePane *pane, const MessagePage *page)
{
  size_t node = message_tree_node_at(&page->tree, page->offset);

  if (node == page->tree.count)
    return;
  for (size_t up = message_tree_parent(&page->tree, node); up < page->tree.count;
       up = message_tree_parent(&page->tree, up))
    pane->folds->closed[up] = false;
  set_rows(pane, &page->tree);
  go_to_node(pane, node);
}

void tree_pane_take_place(const TreePane *pane, MessagePage *page)
{
  const TreeNode *node = tree_pane_node(pane, page);

  if (node && node->octets.len > 0)
    page->offset = node->octets.offset;
}

/* --- drawing --- */

static Style style_of_name(const TreeNode *node)
{
  switch ((TreeKind) node->kind) {
  case TREE_SECTION:
    return STYLE_HEADING;
  case TREE_FLAW:
    return (Style) node->style;
  case TREE_HEADER:
    return STYLE_NAME;
  case TREE_PARAM:
  case TREE_DETAIL:
    return STYLE_PARAMETER;
  case TREE_LINE:
    return STYLE_SDP;
  case TREE_FACT:
  case TREE_VALUE:
  case TREE_PART:
    break;
  }
  return STYLE_DIM;
}

/* Where name and value of a node are drawn. */
typedef struct {
  Rect name, value;
} NodePlaces;

static void mark_found_node(const MessagePage *page, Canvas *canvas, const NodePlaces *places,
                            const TreeNode *node)
{
  Slice raw = page->sip.raw;
  bool of_message = node->value.data >= raw.data && node->value.data < raw.data + raw.len;
  size_t from = node->octets.offset, end = from + node->octets.len;
  Octets found;

  if (node->octets.len == 0 || !message_page_found(page, from, &found) || found.offset >= end)
    return;
  bool in_name = of_message && raw.data + found.offset < node->value.data;
  canvas_mark(canvas, in_name ? places->name : places->value, CELL_FOUND);
}

/* Text up to the right edge of the pane, cut with an ellipsis; returns the column after it. */
static int put_cut(const TreePane *pane, Canvas *canvas, Rect at, const CanvasText *text)
{
  int edge = pane->area.x + pane->area.width;
  int end = canvas_put(canvas, at.x, at.y, text->style, text->text);

  if (end >= edge && at.x < edge)
    canvas_put_cell(canvas, (Rect){at.x, at.y, edge - at.x, 1}, text);
  return end;
}

static void draw_node_value(const TreePane *pane, const TreeNode *node, Canvas *canvas,
                            NodePlaces *places)
{
  CanvasText value = {node->value, (Style) node->style, TEXT_LEFT};
  CanvasText note = {node->note, STYLE_DIM, TEXT_LEFT};
  Rect at = places->value;
  int end = put_cut(pane, canvas, at, &value);

  places->value.width = end - at.x;
  at.x = end + (node->value.len > 0 ? NOTE_GAP : 0);
  if (node->note.data)
    put_cut(pane, canvas, at, &note);
}

static void draw_node(const TreePane *pane, const MessagePage *page, Canvas *canvas, size_t row)
{
  size_t index = g_array_index(pane->rows, uint32_t, row);
  const TreeNode *node = &page->tree.nodes[index];
  int y = pane->area.y + (int) (row - pane->scroll.top);
  int x = pane->area.x + node->depth * INDENT;
  int values = pane->area.x + MIN(NAMES_MAX, pane->area.width * 2 / 5);

  if (tree_node_has_children(&page->tree, index))
    canvas_put_glyph(canvas, x, y, STYLE_DIM,
                     pane->folds->closed[index] ? GLYPH_FOLDED : GLYPH_UNFOLDED);
  x += INDENT;
  int end = canvas_put(canvas, x, y, style_of_name(node), node->name);
  NodePlaces places = {{x, y, end - x, 1}, {MAX(end + 1, values), y, 0, 1}};
  draw_node_value(pane, node, canvas, &places);
  mark_found_node(page, canvas, &places, node);
  if (row == pane->scroll.cursor)
    canvas_mark(canvas, (Rect){pane->area.x, y, pane->area.width, 1}, CELL_CURSOR);
}

void tree_pane_draw(TreePane *pane, const MessagePage *page, Canvas *canvas, Rect area)
{
  Rect before = canvas_clip(canvas, area);

  pane->area = area;
  scroll_fit(&pane->scroll, pane->rows->len, area.height);
  size_t last = MIN((size_t) pane->rows->len, pane->scroll.top + pane->scroll.height);
  for (size_t row = pane->scroll.top; row < last; row++)
    draw_node(pane, page, canvas, row);
  canvas_unclip(canvas, before);
}

/* --- commands --- */

static void fold_all(TreePane *pane, const MessageTree *tree, bool closed)
{
  for (size_t i = 0; i < tree->count; i++)
    if (tree_node_has_children(tree, i))
      fold(pane, i, closed);
}

/* Left folds, or goes to the parent; right unfolds, or goes to the first child. */
static void move_in_tree(TreePane *pane, const MessageTree *tree, size_t node, bool left)
{
  bool can_fold = tree_node_has_children(tree, node), closed = pane->folds->closed[node];
  size_t parent = message_tree_parent(tree, node);

  if (can_fold && closed != left)
    fold(pane, node, left);
  else if (left && parent < tree->count)
    go_to_node(pane, parent);
  else if (!left && can_fold)
    go_to_node(pane, node + 1);
}

static bool change_folds(TreePane *pane, const MessagePage *page, CommandId id)
{
  const MessageTree *tree = &page->tree;
  size_t node = node_index(pane, page);
  bool folds_all = id == COMMAND_FOLD_ALL || id == COMMAND_UNFOLD_ALL;

  if (node == tree->count)
    return id == COMMAND_FOLD || folds_all;
  if (id == COMMAND_LEFT || id == COMMAND_RIGHT)
    move_in_tree(pane, tree, node, id == COMMAND_LEFT);
  else if (id == COMMAND_FOLD && tree_node_has_children(tree, node))
    fold(pane, node, !pane->folds->closed[node]);
  else if (folds_all)
    fold_all(pane, tree, id == COMMAND_FOLD_ALL);
  else if (id != COMMAND_FOLD)
    return false;
  return true;
}

bool tree_pane_command(TreePane *pane, MessagePage *page, CommandId id)
{
  size_t node = node_index(pane, page);

  if (change_folds(pane, page, id)) {
    set_rows(pane, &page->tree);
    if (id == COMMAND_FOLD || id == COMMAND_FOLD_ALL || id == COMMAND_UNFOLD_ALL)
      go_to_node(pane, node);
  } else if (!scroll_command(&pane->scroll, id)) {
    return false;
  }
  tree_pane_take_place(pane, page);
  return true;
}

bool tree_pane_click(TreePane *pane, MessagePage *page, const KeyEvent *event)
{
  size_t row = pane->scroll.top + (size_t) MAX(event->y - pane->area.y, 0);

  if (!rect_has(pane->area, event->x, event->y) || row >= pane->rows->len)
    return false;
  pane->scroll.cursor = row;
  tree_pane_take_place(pane, page);
  int fold_x = pane->area.x + tree_pane_node(pane, page)->depth * INDENT;
  if (event->x == fold_x || event->mouse == MOUSE_DOUBLE_CLICK)
    tree_pane_command(pane, page, COMMAND_FOLD);
  return true;
}
