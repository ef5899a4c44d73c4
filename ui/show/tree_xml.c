/*
 * XML in a MessageTree: first what is wrong with it, then a row for each item of the documents that
 * are known, such as the dialogs of dialog-info, then all elements.
 */
#include "capture/language.h"
#include "dissect/sip/sip_body.h"
#include "dissect/sip/xml_doc.h"
#include "ui/show/tree_build.h"

/* --- what known documents say --- */

enum { PATHS_MAX = 8, ROWS_MAX = 256 };

/* An element of a document, and what is said of it: the text at a path of names, or with "@" of an
 * attribute of the element there.  "*": the texts of all its children. */
typedef struct {
  const char *subtype; /* of application/ */
  const char *element;
  const char *paths[PATHS_MAX];
} XmlRow;

static const XmlRow XML_ROWS[] = {
  /* GB/T 28181-2022 annex A.2.6 */
  {"manscdp+xml",
   "Item",
   {"DeviceID", "Name", "Status", "ParentID", "Manufacturer", "Model", "StartTime", "EndTime"}},
  /* RFC 3863, 4479; with a location RFC 4119, 5139, 5491 */
  {"pidf+xml", "presence", {"@entity"}},
  {"pidf+xml", "tuple", {"@id", "status/basic", "contact", "note", "timestamp"}},
  {"pidf+xml", "note", {"."}},
  {"pidf+xml", "civicAddress", {"*"}},
  {"pidf+xml", "Point", {"pos"}},
  {"pidf+xml", "Circle", {"pos", "radius"}},
  {"pidf+xml", "Ellipse", {"pos", "semiMajorAxis", "semiMinorAxis", "orientation"}},
  {"pidf+xml", "usage-rules", {"*"}},
  {"pidf+xml", "method", {"."}},
  /* RFC 4235 */
  {"dialog-info+xml", "dialog-info", {"@entity", "@state", "@version"}},
  {"dialog-info+xml",
   "dialog",
   {"@id", "@direction", "state", "state@event", "@call-id", "local/identity", "remote/identity"}},
  /* RFC 4575 */
  {"conference-info+xml", "conference-info", {"@entity", "@state"}},
  {"conference-info+xml", "conference-state", {"user-count", "active", "locked"}},
  {"conference-info+xml", "user", {"@entity", "@state", "display-text"}},
  {"conference-info+xml",
   "endpoint",
   {"@entity", "status", "joining-method", "disconnection-method"}},
  {"conference-info+xml", "media", {"@id", "type", "status", "label"}},
  /* RFC 3680 */
  {"reginfo+xml", "reginfo", {"@state", "@version"}},
  {"reginfo+xml", "registration", {"@aor", "@state"}},
  {"reginfo+xml", "contact", {"uri", "@state", "@event", "@expires"}},
  /* RFC 7865 */
  {"rs-metadata+xml", "session", {"@session_id", "sipSessionID", "start-time", "stop-time"}},
  {"rs-metadata+xml", "participant", {"@participant_id", "nameID@aor", "nameID/name"}},
  {"rs-metadata+xml", "stream", {"@stream_id", "@session_id", "label"}},
  {"rs-metadata+xml",
   "participantsessionassoc",
   {"@participant_id", "@session_id", "associate-time", "disassociate-time"}},
  {"rs-metadata+xml", "participantstreamassoc", {"@participant_id", "send", "recv"}},
};

static void append_pair(GString *to, Slice name, Slice value)
{
  if (!value.data)
    return;
  g_string_append(to, to->len > 0 ? ", " : "");
  for (size_t i = 0; i < name.len; i++)
    g_string_append_c(to, name.data[i] == '/' || name.data[i] == '@' ? ' ' : name.data[i]);
  g_string_append_printf(to, " %.*s", SLICE_ARG(value));
}

static void append_children(GString *to, const XmlDoc *doc, uint32_t element)
{
  for (uint32_t i = element + 1; i < doc->elements[element].end; i = doc->elements[i].end)
    append_pair(to, doc->elements[i].name, doc->elements[i].text);
}

/* "state@event": the attribute of the element there. */
static void append_path(GString *to, const XmlDoc *doc, uint32_t element, Slice path)
{
  Slice attribute = path, names = slice_cut(&attribute, '@');
  uint32_t found = xml_find(doc, element, names);
  bool of_attribute = names.len < path.len;

  if (found == XML_NONE)
    return;
  append_pair(to, names.len == 0 ? attribute : path,
              of_attribute ? xml_attribute(doc, found, attribute) : doc->elements[found].text);
}

static Slice row_text(TreeBuilder *tree, const XmlDoc *doc, uint32_t element, const XmlRow *row)
{
  g_autoptr(GString) text = g_string_new(NULL);

  for (unsigned i = 0; i < PATHS_MAX && row->paths[i]; i++)
    if (strcmp(row->paths[i], "*") == 0)
      append_children(text, doc, element);
    else if (strcmp(row->paths[i], ".") == 0)
      g_string_append_printf(text, "%.*s", SLICE_ARG(doc->elements[element].text));
    else
      append_path(text, doc, element, slice_from_string(row->paths[i]));
  return arena_dup(tree->arena, slice_of(text->str, text->len));
}

/* Opens "XML" for the elements when there were rows. */
static bool put_rows(TreeBuilder *tree, Slice content_type, const XmlDoc *doc)
{
  unsigned count = 0;

  for (uint32_t i = 0; i < doc->count && count < ROWS_MAX && !tree->cut; i++)
    for (size_t k = 0; k < G_N_ELEMENTS(XML_ROWS); k++) {
      const XmlRow *row = &XML_ROWS[k];
      if (!slice_eq(doc->elements[i].name, slice_from_string(row->element)) ||
          !sip_media_type_is(content_type, SLICE("application"), slice_from_string(row->subtype)))
        continue;
      Slice text = row_text(tree, doc, i, row);
      count++;
      if (text.len > 0)
        tree_put(tree, &(TreeItem){.name = doc->elements[i].name,
                                   .value = text,
                                   .is_utf8 = true,
                                   .kind = TREE_LINE,
                                   .style = STYLE_SDP});
    }
  return count > 0;
}

/* --- the elements, well-formed or not; nothing is resolved or expanded --- */

typedef struct {
  TreeBuilder *tree;
  Slice rest;
  unsigned depth; /* elements that are open */
} Xml;

/* Takes everything up to and including `end`, or all. */
static Slice take_to(Slice *rest, const char *end)
{
  size_t len = strlen(end);
  const char *hit = memmem(rest->data, rest->len, end, len);
  Slice taken = slice_head(*rest, hit ? (size_t) (hit - rest->data) + len : rest->len);

  *rest = slice_from(*rest, taken.len);
  return taken;
}

/* GB/T 28181 sends passwords of devices in clear, in BasicParam and in the items of a catalog. */
static bool is_secret(Slice name)
{
  return slice_eq_nocase(name, SLICE("Password"));
}

/* The text of an element that contains nothing else is its value. */
static void put_xml_text(const Xml *xml, Slice text)
{
  TreeNode *node = tree_open_node(xml->tree);

  if (text.len == 0)
    return;
  if (node && xml->depth > 0 && node->end == xml->tree->nodes->len && !node->value.data)
    node->value = is_secret(node->name) ? SLICE("(hidden)") : tree_body_text(xml->tree, text);
  else
    tree_put(xml->tree, &(TreeItem){.name = SLICE("text"), .value = text, .kind = TREE_LINE});
}

static Slice take_xml_name(Slice *s)
{
  size_t len = 0;

  *s = slice_trim(*s);
  while (len < s->len && !slice_is_blank(s->data[len]) && !memchr("=/>\"'", s->data[len], 5))
    len++;
  Slice name = slice_head(*s, len);
  *s = slice_from(*s, len);
  return name;
}

static void put_attributes(TreeBuilder *tree, Slice text)
{
  while (!tree->cut) {
    Slice name = take_xml_name(&text), value = SLICE_NONE;

    text = slice_trim(text);
    if (text.len > 0 && text.data[0] == '=') {
      text = slice_trim(slice_from(text, 1));
      char quote = text.len > 0 ? text.data[0] : '\0';
      bool quoted = quote == '"' || quote == '\'';
      if (quoted)
        text = slice_from(text, 1);
      value = quoted ? slice_cut(&text, quote) : take_xml_name(&text);
    } else if (name.len == 0) {
      return;
    }
    tree_put(tree, &(TreeItem){
                     .name = name, .value = value, .kind = TREE_PARAM, .style = STYLE_PARAMETER});
  }
}

/* The open element extends to `end`. */
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
  Slice name = take_xml_name(&inner);
  tree_begin(xml->tree, &(TreeItem){.name = name, .octets = tag, .kind = TREE_LINE});
  xml->depth++;
  put_attributes(xml->tree, inner);
  if (empty)
    end_element(xml, tag.data + tag.len);
}

/* "<!...", "<?...": shown as written. */
static void put_xml_declaration(Xml *xml)
{
  bool comment = slice_starts_with(xml->rest, SLICE("<!--"));
  bool data = slice_starts_with(xml->rest, SLICE("<![CDATA["));
  Slice text = take_to(&xml->rest, comment ? "-->" : data ? "]]>" : ">");

  tree_put(xml->tree, &(TreeItem){.name = comment ? SLICE("comment") : SLICE("declaration"),
                                  .value = text,
                                  .kind = TREE_LINE,
                                  .style = STYLE_DIM});
}

static void put_elements(TreeBuilder *tree, Slice body)
{
  Xml xml = {.tree = tree, .rest = body};

  while (xml.rest.len > 0 && !tree->cut) {
    size_t angle = slice_find(xml.rest, '<');
    put_xml_text(&xml, slice_trim(slice_head(xml.rest, angle)));
    xml.rest = slice_from(xml.rest, angle);
    if (xml.rest.len == 0)
      break;
    char kind = xml.rest.len > 1 ? xml.rest.data[1] : '\0';
    if (kind == '!' || kind == '?') {
      put_xml_declaration(&xml);
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

/* --- both --- */

/* Texts in UTF-8: GB 18030 is converted, and ISO 8859-1 where the declaration says so. */
static Slice utf8_text(TreeBuilder *tree, Slice body)
{
  Slice head = slice_head(body, 128);
  gsize len = 0;

  if (tree->gb)
    return tree_body_text(tree, body);
  if (!memmem(head.data, head.len, "8859-1", 6))
    return body;
  g_autofree char *text =
    g_convert(body.data, (gssize) body.len, "UTF-8", "ISO-8859-1", NULL, &len, NULL);
  return text ? arena_dup(tree->arena, slice_of(text, len)) : body;
}

bool tree_put_xml(TreeBuilder *tree, Slice content_type, Slice body)
{
  Slice text = utf8_text(tree, body);
  XmlDoc doc = xml_doc_read(tree->arena, text);
  bool is_text = g_utf8_validate(text.data, (gssize) text.len, NULL);

  if (doc.fault)
    tree_put_fault(tree, is_text    ? slice_from_string(doc.fault)
                         : tree->gb ? slice_from_string(_("not valid GB 18030"))
                                    : slice_from_string(_("not valid UTF-8")));
  if (content_type.len == 0 ||
      sip_media_type_is(content_type, SLICE("application"), SLICE("manscdp+xml")))
    tree_put_gb(tree, body);
  bool has_rows = put_rows(tree, content_type, &doc);
  if (has_rows)
    tree_begin(
      tree, &(TreeItem){.name = SLICE("XML"), .octets = body, .kind = TREE_LINE, .closed = true});
  put_elements(tree, body);
  if (has_rows)
    tree_end(tree);
  return true;
}
