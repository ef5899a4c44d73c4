/* Bodies by their type: session descriptions, parts of a multipart one, XML, lines of text; of
 * what is no text its first octets. */
#include "dissect/sip/sip_body.h"
#include "ui/show/message_copy.h"
#include "ui/show/tree_build.h"

/* Multipart bodies in multipart bodies: what is deeper is text. */
enum { MULTIPART_DEPTH_MAX = 4, BINARY_SHOWN = 24 };

/* --- kinds --- */

typedef enum {
  BODY_TEXT,
  BODY_SDP,
  BODY_XML,
  BODY_FIELDS, /* lines of "Name: value" or "Name=value" */
  BODY_BINARY,
} BodyKind;

static const struct {
  const char *type, *subtype;
  BodyKind kind;
} KINDS[] = {
  {"application", "sdp", BODY_SDP},
  {"application", "xml", BODY_XML},
  {"text", "xml", BODY_XML},
  {"application", "dtmf-relay", BODY_FIELDS},
  {"application", "media_control", BODY_XML},
  {"application", "simple-message-summary", BODY_FIELDS},
  {"application", "mansrtsp", BODY_FIELDS}, /* GB/T 28181 */
  {"message", "sip", BODY_FIELDS},
  {"message", "sipfrag", BODY_FIELDS},
  {"message", "cpim", BODY_FIELDS},
  {"application", "isup", BODY_BINARY},
  {"application", "qsig", BODY_BINARY},
  {"application", "gzip", BODY_BINARY},
};

static bool is_xml_type(Slice content_type)
{
  Slice type = slice_trim(slice_head(content_type, slice_find(content_type, ';')));

  return type.len > 4 && slice_eq_nocase(slice_from(type, type.len - 4), SLICE("+xml"));
}

/* Controls among the first octets: no text. */
static bool looks_binary(Slice body)
{
  Slice head = slice_head(body, 512);

  for (size_t i = 0; i < head.len; i++)
    if ((unsigned char) head.data[i] < 0x20 && !memchr("\t\r\n\f", head.data[i], 4))
      return true;
  return false;
}

static BodyKind kind_of(Slice content_type, Slice body)
{
  for (size_t i = 0; i < G_N_ELEMENTS(KINDS); i++)
    if (sip_media_type_is(content_type, slice_from_string(KINDS[i].type),
                          slice_from_string(KINDS[i].subtype)))
      return KINDS[i].kind;
  if (is_xml_type(content_type))
    return BODY_XML;
  if (looks_binary(body))
    return BODY_BINARY;
  return slice_starts_with(body, SLICE("v=0")) ? BODY_SDP : BODY_TEXT;
}

/* --- what is in them --- */

static void put_text(TreeBuilder *tree, Slice body)
{
  for (unsigned number = 1; body.len > 0 && !tree->cut; number++) {
    Slice line = slice_take_line(&body);
    tree_put(
      tree,
      &(TreeItem){.name = tree_format(tree, "line %u", number), .value = line, .kind = TREE_LINE});
  }
}

/* Octets of a field's name, 0 when the line is none. */
static size_t field_name_len(Slice line)
{
  size_t len = 0;

  while (len < line.len && (g_ascii_isalnum(line.data[len]) || line.data[len] == '-'))
    len++;
  return len < line.len && (line.data[len] == ':' || line.data[len] == '=') ? len : 0;
}

static void put_fields(TreeBuilder *tree, Slice body)
{
  for (unsigned number = 1; body.len > 0 && !tree->cut; number++) {
    Slice line = slice_take_line(&body);
    size_t len = field_name_len(line);
    TreeItem item = {.value = line, .octets = line, .kind = TREE_LINE};

    if (slice_trim(line).len == 0)
      continue;
    item.name = len > 0 ? slice_head(line, len) : tree_format(tree, "line %u", number);
    if (len > 0)
      item.value = slice_trim(slice_from(line, len + 1));
    tree_put(tree, &item);
  }
}

static void put_binary(TreeBuilder *tree, Slice body)
{
  g_autoptr(GString) hex = g_string_new(NULL);

  message_copy_append_hex(hex, slice_head(body, BINARY_SHOWN));
  tree_put(tree, &(TreeItem){.name = SLICE("octets"),
                             .value = arena_dup(tree->arena, slice_of(hex->str, hex->len)),
                             .note = body.len > BINARY_SHOWN ? SLICE("and more") : SLICE_NONE,
                             .octets = body,
                             .kind = TREE_LINE});
}

static void put_content(TreeBuilder *tree, BodyKind kind, Slice body)
{
  switch (kind) {
  case BODY_SDP:
    if (tree_put_sdp(tree, body))
      return;
    break;
  case BODY_XML:
    tree_put_xml(tree, body);
    return;
  case BODY_FIELDS:
    put_fields(tree, body);
    return;
  case BODY_BINARY:
    put_binary(tree, body);
    return;
  case BODY_TEXT:
    break;
  }
  put_text(tree, body);
}

/* --- multipart --- */

typedef struct {
  Slice rest, boundary;
  unsigned parts;
} Multipart;

static void begin_body(TreeBuilder *tree, Slice content_type, Slice body)
{
  Slice type = slice_trim(slice_head(content_type, slice_find(content_type, ';')));

  tree_begin(tree, &(TreeItem){.name = SLICE("Body"),
                               .value = type.len > 0 ? type : SLICE("no Content-Type"),
                               .note = tree_format(tree, "%zu octets", body.len),
                               .octets = body,
                               .kind = TREE_SECTION,
                               .style = STYLE_SDP});
}

/* The value of a part's own Content-Type; RFC 2046 5.1: text/plain where it has none. */
static Slice part_type(Slice part)
{
  SipHeaderIter iter = {.rest = part};
  SipHeaderRow row;

  while (sip_header_next(&iter, &row))
    if (row.header == SIP_HEADER_CONTENT_TYPE)
      return row.value;
  return SLICE("text/plain");
}

/* A body that is no multipart one is done with; else its parts are to be read from *ret_multipart,
 * and it stays open. */
static bool open_body(TreeBuilder *tree, Slice content_type, Slice body, Multipart *ret_multipart)
{
  Slice boundary = sip_body_boundary(content_type);

  begin_body(tree, content_type, body);
  if (ret_multipart && boundary.len > 0) {
    *ret_multipart = (Multipart){.rest = body, .boundary = boundary};
    sip_body_take_part(&ret_multipart->rest, boundary); /* the preamble */
    return true;
  }
  put_content(tree, kind_of(content_type, body), body);
  tree_end(tree);
  return false;
}

/* The next part's header; *ret_body is what follows it. */
static Slice begin_part(TreeBuilder *tree, Multipart *multipart, Slice *ret_body)
{
  Slice part = sip_body_take_part(&multipart->rest, multipart->boundary);
  SipHeaderIter iter = {.rest = part};

  tree_begin(tree, &(TreeItem){.name = tree_format(tree, "Part %u", ++multipart->parts),
                               .octets = part,
                               .kind = TREE_SECTION});
  tree_put_headers(tree, &iter);
  *ret_body = iter.rest;
  return part_type(part);
}

/* Only blanks are left: what stood behind the last delimiter is nothing. */
static bool is_over(const TreeBuilder *tree, const Multipart *multipart)
{
  return tree->cut || slice_trim(multipart->rest).len == 0;
}

void tree_put_body(TreeBuilder *tree, Slice content_type, Slice body)
{
  Multipart levels[MULTIPART_DEPTH_MAX];
  unsigned depth = 0;

  if (body.len == 0)
    return;
  if (open_body(tree, content_type, body, &levels[0]))
    depth = 1;
  while (depth > 0) {
    Slice type, inner;

    if (is_over(tree, &levels[depth - 1])) {
      tree_end(tree); /* the body */
      if (--depth > 0)
        tree_end(tree); /* the part it was in */
      continue;
    }
    type = begin_part(tree, &levels[depth - 1], &inner);
    if (open_body(tree, type, inner, depth < MULTIPART_DEPTH_MAX ? &levels[depth] : NULL))
      depth++;
    else
      tree_end(tree);
  }
}
