#include "ui/show/tree_build.h"

#include "dissect/sip/sip_values.h"
#include "ui/show/gb_text.h"

/* Is it a slice of the message? */
static bool is_of_message(const TreeBuilder *tree, Slice text)
{
  return text.data && text.data >= tree->raw.data &&
         text.data + text.len <= tree->raw.data + tree->raw.len;
}

static Octets octets_of_item(const TreeBuilder *tree, const TreeItem *item)
{
  Slice from = item->octets.data ? item->octets : item->value;

  return is_of_message(tree, from) ? octets_of(tree->raw, from) : (Octets){0, 0};
}

/* False when there are too many. */
static bool add(TreeBuilder *tree, const TreeItem *item)
{
  if (tree->nodes->len >= tree->node_max) {
    tree->cut = true;
    return false;
  }
  TreeNode node = {
    .name = item->name,
    .value = tree_body_text(tree, item->value),
    .note = item->note,
    .octets = octets_of_item(tree, item),
    .end = tree->nodes->len + 1,
    .depth = (uint8_t) tree->depth,
    .kind = (uint8_t) item->kind,
    .style = (uint8_t) item->style,
    .closed = item->closed,
    .header = (uint16_t) item->header,
  };
  g_array_append_val(tree->nodes, node);
  return true;
}

void tree_put(TreeBuilder *tree, const TreeItem *item)
{
  add(tree, item);
}

void tree_begin(TreeBuilder *tree, const TreeItem *item)
{
  uint32_t index = tree->nodes->len;

  if (!add(tree, item) || tree->depth == TREE_DEPTH_MAX) {
    tree->beyond++;
    return;
  }
  tree->open[tree->depth++] = index;
}

TreeNode *tree_open_node(TreeBuilder *tree)
{
  if (tree->beyond > 0 || tree->depth == 0)
    return NULL;
  return &g_array_index(tree->nodes, TreeNode, tree->open[tree->depth - 1]);
}

void tree_end(TreeBuilder *tree)
{
  TreeNode *node = tree_open_node(tree);

  if (!node) {
    tree->beyond--;
    return;
  }
  node->end = tree->nodes->len;
  tree->depth--;
}

void tree_put_part(TreeBuilder *tree, const char *name, Slice value)
{
  if (value.data)
    tree_put(tree, &(TreeItem){.name = slice_from_string(name), .value = value, .kind = TREE_PART});
}

void tree_put_params(TreeBuilder *tree, Slice params, TreeKind kind)
{
  SipParam param;

  while (!tree->cut && sip_param_next(&params, &param)) {
    const char *end =
      param.value.data ? param.value.data + param.value.len : param.name.data + param.name.len;
    tree_put(tree,
             &(TreeItem){.name = param.name,
                         .value = param.value,
                         .octets = slice_of(param.name.data, (size_t) (end - param.name.data)),
                         .kind = kind,
                         .style = STYLE_PARAMETER});
  }
}

Slice tree_body_text(TreeBuilder *tree, Slice text)
{
  return tree->gb ? gb_text_to_utf8(tree->arena, text) : text;
}

Slice tree_format(TreeBuilder *tree, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start(arguments, format);
  text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  return arena_dup(tree->arena, slice_from_string(text));
}
