/* JSON in a MessageTree: a node for each value, those of objects and arrays below them. */
#include "capture/language.h"
#include "dissect/sip/json_reader.h"
#include "ui/show/tree_build.h"

static void put_item(TreeBuilder *tree, const JsonItem *item, unsigned index)
{
  bool is_string = item->kind == JSON_STRING;
  TreeItem node = {
    .name =
      item->name.data ? json_unescape(tree->arena, item->name) : tree_format(tree, "%u", index),
    .value = is_string ? json_unescape(tree->arena, item->value) : item->value,
    .octets = item->value,
    .kind = TREE_LINE,
  };

  if (item->kind == JSON_OBJECT || item->kind == JSON_ARRAY) {
    node.value = SLICE_NONE;
    node.note = item->kind == JSON_ARRAY ? slice_from_string(_("array")) : SLICE_NONE;
    tree_begin(tree, &node);
  } else {
    tree_put(tree, &node);
  }
}

/* Its outermost object or array has no node of its own. */
bool tree_put_json(TreeBuilder *tree, Slice content_type, Slice body)
{
  JsonReader reader = json_reader_of(body);
  unsigned indexes[JSON_DEPTH_MAX + 1] = {0}, open = 0;
  JsonItem item;

  (void) content_type;
  while (json_reader_next(&reader, &item)) {
    bool begins = item.kind == JSON_OBJECT || item.kind == JSON_ARRAY;
    unsigned depth = reader.depth;
    if (item.kind == JSON_END) {
      if (depth > 0) {
        tree_end(tree);
        open--;
      }
    } else if (!begins || depth > 1) {
      unsigned *index = &indexes[begins ? depth - 1 : depth];
      put_item(tree, &item, (*index)++);
      open += begins ? 1 : 0;
    }
    if (begins)
      indexes[depth] = 1;
  }
  for (; open > 0; open--)
    tree_end(tree);
  if (!_(reader.fault))
    return true;
  tree_put_fault(tree, tree_format(tree, "byte %zu of the JSON: %s", body.len - reader.rest.len,
                                   _(reader.fault)));
  tree_put(tree, &(TreeItem){
                   .name = slice_from_string(_("rest")), .value = reader.rest, .kind = TREE_LINE});
  return true;
}
