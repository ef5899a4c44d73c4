/* XML as far as it takes to show it: elements, attributes and texts, well-formed or not; nothing
 * is resolved or expanded. */
#include "ui/show/tree_build.h"

typedef struct {
  TreeBuilder *tree;
  Slice rest;
  unsigned depth; /* elements that are open */
} Xml;

/* Octets up to and with `end`, or all. */
static Slice take_to(Slice *rest, const char *end)
{
  size_t len = strlen(end);
  const char *hit = memmem(rest->data, rest->len, end, len);
  Slice taken = slice_head(*rest, hit ? (size_t) (hit - rest->data) + len : rest->len);

  *rest = slice_from(*rest, taken.len);
  return taken;
}

/* The text of an element that holds nothing else is its value. */
static void put_text(const Xml *xml, Slice text)
{
  TreeNode *node = tree_open_node(xml->tree);

  if (text.len == 0)
    return;
  if (node && xml->depth > 0 && node->end == xml->tree->nodes->len && !node->value.data)
    node->value = tree_body_text(xml->tree, text);
  else
    tree_put(xml->tree, &(TreeItem){.name = SLICE("text"), .value = text, .kind = TREE_LINE});
}

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static Slice take_name(Slice *s)
{
  size_t len = 0;

  *s = slice_trim(*s);
  while (len < s->len && !is_blank(s->data[len]) && !memchr("=/>\"'", s->data[len], 5))
    len++;
  Slice name = slice_head(*s, len);
  *s = slice_from(*s, len);
  return name;
}

/* What stands in quotes behind "=". */
static Slice take_attribute_value(Slice *s)
{
  *s = slice_trim(slice_from(slice_trim(*s), 1));
  if (s->len == 0 || (s->data[0] != '"' && s->data[0] != '\''))
    return take_name(s);
  char quote = s->data[0];
  *s = slice_from(*s, 1);
  return slice_cut(s, quote);
}

static void put_attributes(TreeBuilder *tree, Slice text)
{
  while (!tree->cut) {
    Slice name = take_name(&text), value = SLICE_NONE;

    text = slice_trim(text);
    if (text.len > 0 && text.data[0] == '=')
      value = take_attribute_value(&text);
    else if (name.len == 0)
      return;
    tree_put(tree, &(TreeItem){
                     .name = name, .value = value, .kind = TREE_PARAM, .style = STYLE_PARAMETER});
  }
}

/* The element that is open goes on to here. */
static void end_element(Xml *xml, const char *end)
{
  TreeNode *node = tree_open_node(xml->tree);

  if (xml->depth == 0)
    return;
  if (node && node->octets.len > 0)
    node->octets.len = (uint32_t) (end - xml->tree->raw.data) - node->octets.offset;
  tree_end(xml->tree);
  xml->depth--;
}

static void begin_element(Xml *xml, Slice tag)
{
  Slice inner = slice_of(tag.data + 1, tag.len - 1);
  bool closed = tag.len >= 2 && tag.data[tag.len - 1] == '>';

  if (closed)
    inner.len--;
  bool empty = inner.len > 0 && inner.data[inner.len - 1] == '/';
  if (empty)
    inner.len--;
  Slice name = take_name(&inner);
  tree_begin(xml->tree, &(TreeItem){.name = name, .octets = tag, .kind = TREE_LINE});
  xml->depth++;
  put_attributes(xml->tree, inner);
  if (empty)
    end_element(xml, tag.data + tag.len);
}

/* "<!...", "<?...": shown as it stands. */
static void put_declaration(Xml *xml)
{
  bool comment = slice_starts_with(xml->rest, SLICE("<!--"));
  bool data = slice_starts_with(xml->rest, SLICE("<![CDATA["));
  Slice text = take_to(&xml->rest, comment ? "-->" : data ? "]]>" : ">");

  tree_put(xml->tree, &(TreeItem){.name = comment ? SLICE("comment") : SLICE("declaration"),
                                  .value = text,
                                  .kind = TREE_LINE,
                                  .style = STYLE_DIM});
}

void tree_put_xml(TreeBuilder *tree, Slice body)
{
  Xml xml = {.tree = tree, .rest = body};

  while (xml.rest.len > 0 && !tree->cut) {
    size_t angle = slice_find(xml.rest, '<');
    put_text(&xml, slice_trim(slice_head(xml.rest, angle)));
    xml.rest = slice_from(xml.rest, angle);
    if (xml.rest.len == 0)
      break;
    char kind = xml.rest.len > 1 ? xml.rest.data[1] : '\0';
    if (kind == '!' || kind == '?') {
      put_declaration(&xml);
      continue;
    }
    Slice tag = take_to(&xml.rest, ">");
    if (kind == '/')
      end_element(&xml, tag.data + tag.len);
    else
      begin_element(&xml, tag);
  }
  while (xml.depth > 0)
    end_element(&xml, body.data + body.len);
}
