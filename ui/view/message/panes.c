#include "ui/view/message/panes.h"

/* --- the text of a message on a canvas --- */

/* Lines that are drawn: from place->top up to here. */
static size_t last_line(const MessageRaw *raw, const RawPlace *place)
{
  return MIN(raw->line_count, place->top + (size_t) MAX(place->area.height, 0));
}

static int x_of(const RawPlace *place, unsigned column)
{
  return place->area.x + (int) column - (int) place->left;
}

static int y_of(const RawPlace *place, size_t line)
{
  return place->area.y + (int) (line - place->top);
}

void message_raw_draw(const MessageRaw *raw, const RawPlace *place)
{
  Rect before = canvas_clip(place->canvas, place->area);
  int end = place->area.x + place->area.width;

  for (size_t line = place->top; line < last_line(raw, place); line++) {
    RawPieces pieces = message_raw_pieces(raw, line);
    RawPiece piece;

    while (message_raw_piece_next(&pieces, &piece) && x_of(place, piece.column) < end)
      canvas_put(place->canvas, x_of(place, piece.column), y_of(place, line), piece.style,
                 piece.text);
  }
  canvas_unclip(place->canvas, before);
}

void message_raw_mark(const MessageRaw *raw, const RawPlace *place, Octets octets, unsigned marks)
{
  Rect before = canvas_clip(place->canvas, place->area);

  for (size_t line = place->top; line < last_line(raw, place); line++) {
    Octets common = octets_common(raw->lines[line].octets, octets);

    if (common.len == 0)
      continue;
    unsigned start = message_raw_column(raw, line, common.offset);
    unsigned end = message_raw_column(raw, line, common.offset + common.len);
    canvas_mark(place->canvas,
                (Rect){x_of(place, start), y_of(place, line), (int) (end - start), 1}, marks);
  }
  canvas_unclip(place->canvas, before);
}

void message_raw_mark_found(const MessageRaw *raw, const RawPlace *place, const TextSearch *search)
{
  size_t last = last_line(raw, place), len = search->needle.len;

  if (place->top >= last)
    return;
  size_t from = raw->lines[place->top].octets.offset;
  size_t end = raw->lines[last - 1].octets.offset + raw->lines[last - 1].octets.len;
  Slice in = slice_head(raw->raw, end + len - 1); /* a match that begins on the last line */
  for (size_t at; (at = text_search_find_after(search, in, from)) < end; from = at + len)
    message_raw_mark(raw, place, (Octets){(uint32_t) at, (uint32_t) len}, CELL_FOUND);
}

/* --- the text pane --- */

enum { SIDE_STEP = 8 };

void raw_pane_draw(RawPane *pane, MessagePage *page, Canvas *canvas, Rect area)
{
  unsigned width = pane->unwrapped ? 0 : (unsigned) MAX(area.width, 2);
  const MessageRaw *raw = message_page_raw(page, width, canvas->charset);

  pane->area = area;
  pane->scroll.height = (size_t) MAX(area.height, 1);
  /* The cursor is on the line of the page's place, which may have come from elsewhere. */
  size_t line = message_raw_line_at(raw, page->offset);
  if (line != pane->scroll.cursor)
    scroll_to(&pane->scroll, line);
  scroll_fit(&pane->scroll, raw->line_count, area.height);
  RawPlace place = {canvas, area, pane->scroll.top, pane->left};
  message_raw_draw(raw, &place);
  if (page->search)
    message_raw_mark_found(raw, &place, page->search);
  canvas_mark(
    canvas, (Rect){area.x, area.y + (int) (pane->scroll.cursor - pane->scroll.top), area.width, 1},
    CELL_CURSOR);
}

/* Only unwrapped lines can be wider than the pane. */
static bool scroll_raw_sideways(RawPane *pane, const MessagePage *page, CommandId id)
{
  unsigned width = (unsigned) MAX(pane->area.width, 1);
  unsigned most = pane->unwrapped && page->raw.width > width ? page->raw.width - width : 0;

  if (id == COMMAND_LEFT)
    pane->left -= MIN(pane->left, SIDE_STEP);
  else if (id == COMMAND_RIGHT)
    pane->left = MIN(pane->left + SIDE_STEP, most);
  else
    return false;
  return true;
}

bool raw_pane_command(RawPane *pane, MessagePage *page, CommandId id)
{
  if (id == COMMAND_WRAP) {
    pane->unwrapped = !pane->unwrapped;
    pane->left = 0;
    return true;
  }
  if (!page->has_raw || scroll_raw_sideways(pane, page, id))
    return page->has_raw;
  if (!scroll_command(&pane->scroll, id))
    return false;
  if (pane->scroll.cursor < page->raw.line_count)
    page->offset = page->raw.lines[pane->scroll.cursor].octets.offset;
  return true;
}

bool raw_pane_click(RawPane *pane, MessagePage *page, const KeyEvent *event)
{
  size_t line = pane->scroll.top + (size_t) MAX(event->y - pane->area.y, 0);
  unsigned column = (unsigned) MAX(event->x - pane->area.x, 0) + pane->left;

  if (!rect_has(pane->area, event->x, event->y) || line >= page->raw.line_count)
    return false;
  size_t offset = message_raw_offset(&page->raw, line, column);
  Octets octets = page->raw.lines[line].octets;
  page->offset = MIN(offset, octets.offset + MAX(octets.len, 1) - 1);
  return true;
}

Slice raw_pane_line(const RawPane *pane, const MessagePage *page)
{
  const MessageRaw *raw = &page->raw;
  size_t line = pane->scroll.cursor;

  if (!page->has_raw || line >= raw->line_count)
    return SLICE_NONE;
  while (line > 0 && raw->lines[line].wrapped)
    line--;
  Slice rest = slice_from(raw->raw, raw->lines[line].octets.offset);
  return slice_take_line(&rest);
}

/* --- the hex pane --- */

static void mark_octets(const HexPane *pane, Canvas *canvas, Octets octets, unsigned marks)
{
  const HexLayout *layout = &pane->layout;
  size_t last = MIN(layout->row_count, pane->scroll.top + pane->scroll.height);
  HexRun run;

  for (size_t row = pane->scroll.top; row < last; row++) {
    if (!hex_run_on(layout, octets, row, &run))
      continue;
    int y = pane->area.y + (int) (row - pane->scroll.top);
    unsigned start = hex_column(layout, run.first);
    unsigned end = hex_column(layout, run.first + run.count - 1) + 2;
    canvas_mark(canvas, (Rect){pane->area.x + (int) start, y, (int) (end - start), 1}, marks);
    canvas_mark(canvas,
                (Rect){pane->area.x + (int) (layout->text + run.first), y, (int) run.count, 1},
                marks);
  }
}

static void draw_hex_row(const HexPane *pane, const MessagePage *page, Canvas *canvas, size_t row)
{
  g_autoptr(GString) text = g_string_new(NULL);
  int y = pane->area.y + (int) (row - pane->scroll.top);

  hex_append_row(text, &pane->layout, page->sip.raw, row);
  canvas_put(canvas, pane->area.x, y, STYLE_PLAIN, slice_of(text->str, text->len));
  canvas_put(canvas, pane->area.x, y, STYLE_DIM, slice_of(text->str, pane->layout.digits));
}

void hex_pane_draw(HexPane *pane, const MessagePage *page, Canvas *canvas, Rect area, Octets lit)
{
  Rect before = canvas_clip(canvas, area);

  pane->area = area;
  pane->layout = hex_layout(page->sip.raw.len, (unsigned) MAX(area.width, 0));
  pane->scroll.height = (size_t) MAX(area.height, 1);
  scroll_to(&pane->scroll, hex_row_of(&pane->layout, page->offset));
  scroll_fit(&pane->scroll, pane->layout.row_count, area.height);
  size_t last = MIN(pane->layout.row_count, pane->scroll.top + pane->scroll.height);
  for (size_t row = pane->scroll.top; row < last; row++)
    draw_hex_row(pane, page, canvas, row);
  mark_octets(pane, canvas, lit, CELL_LIT);
  size_t from = pane->scroll.top * pane->layout.per_row;
  size_t end = from + pane->scroll.height * pane->layout.per_row;
  Octets found;
  while (message_page_found(page, from, &found) && found.offset < end) {
    mark_octets(pane, canvas, found, CELL_FOUND);
    from = (size_t) found.offset + found.len;
  }
  mark_octets(pane, canvas, (Octets){(uint32_t) page->offset, 1}, CELL_CURSOR);
  canvas_unclip(canvas, before);
}

/* By bytes, from the page's place. */
static void move_place(MessagePage *page, int64_t by)
{
  int64_t last = page->sip.raw.len > 0 ? (int64_t) page->sip.raw.len - 1 : 0;

  page->offset = (size_t) CLAMP((int64_t) page->offset + by, 0, last);
}

bool hex_pane_command(HexPane *pane, MessagePage *page, CommandId id)
{
  int64_t per_row = MAX(pane->layout.per_row, 1);
  size_t before = pane->scroll.cursor;

  if (id == COMMAND_LEFT)
    move_place(page, -1);
  else if (id == COMMAND_RIGHT)
    move_place(page, 1);
  else if (id == COMMAND_BEGIN)
    page->offset = 0;
  else if (id == COMMAND_END)
    move_place(page, INT32_MAX);
  else if (scroll_command(&pane->scroll, id))
    move_place(page, ((int64_t) pane->scroll.cursor - (int64_t) before) * per_row);
  else
    return false;
  return true;
}

bool hex_pane_click(HexPane *pane, MessagePage *page, const KeyEvent *event)
{
  size_t row = pane->scroll.top + (size_t) MAX(event->y - pane->area.y, 0);

  return rect_has(pane->area, event->x, event->y) &&
         hex_offset_at(&pane->layout, row, (unsigned) (event->x - pane->area.x), &page->offset);
}

/* --- the tree pane --- */

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

static void fold_node(TreePane *pane, size_t node, bool closed)
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
      fold_node(pane, i, closed);
}

/* Left folds, or goes to the parent; right unfolds, or goes to the first child. */
static void move_in_tree(TreePane *pane, const MessageTree *tree, size_t node, bool left)
{
  bool can_fold = tree_node_has_children(tree, node), closed = pane->folds->closed[node];
  size_t parent = message_tree_parent(tree, node);

  if (can_fold && closed != left)
    fold_node(pane, node, left);
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
    fold_node(pane, node, !pane->folds->closed[node]);
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
