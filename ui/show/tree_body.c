/*
 * The bodies of a MessageTree by their type: session descriptions (RFC 8866), XML, "Name: value"
 * fields, lines of text, the first bytes of binary ones; and the parts of multipart bodies.
 */
#include "dissect/sip/sdp.h"
#include "dissect/sip/sip_body.h"
#include "ui/show/message_raw.h"
#include "ui/show/tree_build.h"

enum { BINARY_SHOWN = 24 };

/* --- session descriptions --- */

enum { WORDS_MAX = 8 };

/* The lines, with the names of their words. */
static const struct {
  char type;
  const char *name;
  const char *words[WORDS_MAX];
} SDP_LINES[] = {
  {'v', "v= version", {0}},
  {'o',
   "o= origin",
   {"username", "session id", "session version", "network type", "address type", "address"}},
  {'s', "s= session name", {0}},
  {'i', "i= information", {0}},
  {'u', "u= URI", {0}},
  {'e', "e= email", {0}},
  {'p', "p= phone", {0}},
  {'c', "c= connection", {"network type", "address type", "address"}},
  {'b', "b= bandwidth", {0}},
  {'t', "t= time", {"start", "stop"}},
  {'r', "r= repeat", {"interval", "duration", "offsets"}},
  {'z', "z= time zones", {0}},
  {'k', "k= key", {0}},
  {'m', "m= media", {"type", "port", "protocol"}},
  {'a', "a= attribute", {0}},
  {'y', "y= SSRC", {0}},             /* GB/T 28181 */
  {'f', "f= media parameters", {0}}, /* GB/T 28181 */
};

static const struct {
  const char *name;
  const char *words[WORDS_MAX];
} SDP_ATTRIBUTES[] = {
  /* RFC 8839 5.1 */
  {"candidate",
   {"foundation", "component", "transport", "priority", "address", "port", "typ", "type"}},
  {"remote-candidates", {"component", "address", "port"}},
  {"crypto", {"tag", "suite", "key", "session parameters"}}, /* RFC 4568 9.1 */
  {"fingerprint", {"hash", "fingerprint"}},                  /* RFC 8122 5 */
  {"group", {"semantics"}},                                  /* RFC 5888 */
  {"rtcp", {"port", "network type", "address type", "address"}},
  {"rtcp-fb", {"payload type", "feedback"}},
  {"ssrc", {"SSRC", "attribute"}},
  {"extmap", {"id", "URI"}},
  {"rtpmap", {"payload type", "encoding"}},
  {"fmtp", {"payload type", "parameters"}},
};

static void put_named_words(TreeBuilder *tree, const char *const words[WORDS_MAX], Slice text)
{
  for (unsigned i = 0; i < WORDS_MAX && words[i]; i++) {
    Slice word = sdp_take_word(&text);
    bool last = i + 1 == WORDS_MAX || !words[i + 1];

    if (last && word.data && text.len > 0) /* all the rest */
      word.len = (size_t) (text.data + text.len - word.data);
    tree_put_part(tree, words[i], slice_trim(word));
  }
}

/* Takes the next line, and the text it was read from. */
static bool next_sdp_line(Slice *rest, SdpLine *ret_line, Slice *ret_text)
{
  Slice before = *rest;

  if (!sdp_line_next(rest, ret_line))
    return false;
  *ret_text = slice_trim(slice_head(before, before.len - rest->len));
  return true;
}

static void put_attribute(TreeBuilder *tree, Slice text, Slice value)
{
  Slice rest = value, name = slice_trim(slice_cut(&rest, ':'));
  bool valued = name.len < value.len;

  tree_begin(tree, &(TreeItem){.name = tree_format(tree, "a= %.*s", SLICE_ARG(name)),
                               .value = valued ? slice_trim(rest) : SLICE_NONE,
                               .octets = text,
                               .kind = TREE_LINE,
                               .closed = true});
  for (size_t i = 0; valued && i < G_N_ELEMENTS(SDP_ATTRIBUTES); i++)
    if (slice_eq_nocase(name, slice_from_string(SDP_ATTRIBUTES[i].name)))
      put_named_words(tree, SDP_ATTRIBUTES[i].words, rest);
  tree_end(tree);
}

static void put_sdp_lines(TreeBuilder *tree, Slice rest)
{
  SdpLine line;
  Slice text;

  while (!tree->cut && next_sdp_line(&rest, &line, &text)) {
    if (line.type == 'a') {
      put_attribute(tree, text, line.value);
      continue;
    }
    bool unbounded = line.type == 't' && slice_eq(line.value, SLICE("0 0")); /* RFC 8866 5.9 */
    size_t i = 0;
    while (i < G_N_ELEMENTS(SDP_LINES) && SDP_LINES[i].type != line.type)
      i++;
    bool known = i < G_N_ELEMENTS(SDP_LINES);
    tree_begin(tree, &(TreeItem){.name = slice_from_string(known ? SDP_LINES[i].name : "line"),
                                 .value = line.value,
                                 .note = unbounded ? SLICE("permanent") : SLICE_NONE,
                                 .octets = text,
                                 .kind = TREE_LINE,
                                 .closed = true});
    if (known)
      put_named_words(tree, SDP_LINES[i].words, line.value);
    tree_end(tree);
  }
}

/* --- media descriptions --- */

/* "PCMU/8000", "opus/48000/2", or the format itself. */
static Slice codec_text(TreeBuilder *tree, const SdpCodec *codec)
{
  if (!codec->name.data)
    return SLICE("unknown");
  if (codec->clock_rate == 0)
    return codec->name;
  if (codec->channels > 1)
    return tree_format(tree, "%.*s/%u/%u", SLICE_ARG(codec->name), codec->clock_rate,
                       codec->channels);
  return tree_format(tree, "%.*s/%u", SLICE_ARG(codec->name), codec->clock_rate);
}

/* "10.0.0.1:8000 sendrecv" */
static Slice media_note(TreeBuilder *tree, const SdpMedia *media)
{
  const char *direction = sdp_direction_name(media->direction);
  bool ipv6 = slice_find(media->connection.address, ':') < media->connection.address.len;

  if (media->refused)
    return SLICE("refused");
  if (!media->connection.address.data)
    return slice_from_string(direction);
  return tree_format(tree, ipv6 ? "[%.*s]:%u %s" : "%.*s:%u %s",
                     SLICE_ARG(media->connection.address), media->port, direction);
}

static void put_media(TreeBuilder *tree, const SdpMedia *media, Slice text)
{
  Slice value = text;

  slice_cut(&value, '=');
  tree_begin(tree, &(TreeItem){.name = SLICE("m= media"),
                               .value = slice_trim(value),
                               .note = media_note(tree, media),
                               .octets = text,
                               .kind = TREE_LINE,
                               .style = STYLE_SDP});
  tree_put_part(tree, "type", media->type);
  sdp_take_word(&value);
  tree_put_part(tree, "port", sdp_take_word(&value));
  tree_put_part(tree, "protocol", media->protocol);
  SdpCodecIter iter = sdp_codecs(media);
  SdpCodec codec;
  while (!tree->cut && sdp_codec_next(&iter, &codec))
    tree_put(tree, &(TreeItem){.name = tree_format(tree, "format %.*s", SLICE_ARG(codec.format)),
                               .value = codec_text(tree, &codec),
                               .note = codec.fmtp,
                               .octets = codec.format,
                               .kind = TREE_PART,
                               .style = STYLE_SDP});
  put_sdp_lines(tree, media->lines);
  tree_end(tree);
}

static bool put_sdp(TreeBuilder *tree, Slice body)
{
  Sdp sdp;
  SdpMedia media;
  SdpLine line;
  Slice text;

  if (!sdp_parse(body, &sdp))
    return false;
  put_sdp_lines(tree, sdp.lines);
  for (Slice rest = sdp.media; !tree->cut && rest.len > 0;) {
    Slice first = rest;
    if (!next_sdp_line(&first, &line, &text) || !sdp_media_next(&sdp, &rest, &media))
      break;
    put_media(tree, &media, text);
  }
  return true;
}

/* --- XML, well-formed or not; nothing is resolved or expanded --- */

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

/* The text of an element that contains nothing else is its value. */
static void put_xml_text(const Xml *xml, Slice text)
{
  TreeNode *node = tree_open_node(xml->tree);

  if (text.len == 0)
    return;
  if (node && xml->depth > 0 && node->end == xml->tree->nodes->len && !node->value.data)
    node->value = tree_body_text(xml->tree, text);
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

static void put_xml(TreeBuilder *tree, Slice body)
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

/* --- kinds of bodies --- */

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

static BodyKind body_kind_of(Slice content_type, Slice body)
{
  Slice type = slice_trim(slice_head(content_type, slice_find(content_type, ';')));
  Slice head = slice_head(body, 512);

  for (size_t i = 0; i < G_N_ELEMENTS(KINDS); i++)
    if (sip_media_type_is(content_type, slice_from_string(KINDS[i].type),
                          slice_from_string(KINDS[i].subtype)))
      return KINDS[i].kind;
  if (type.len > 4 && slice_eq_nocase(slice_from(type, type.len - 4), SLICE("+xml")))
    return BODY_XML;
  for (size_t i = 0; i < head.len; i++)
    if ((unsigned char) head.data[i] < 0x20 && !memchr("\t\r\n\f", head.data[i], 4))
      return BODY_BINARY;
  return slice_starts_with(body, SLICE("v=0")) ? BODY_SDP : BODY_TEXT;
}

/* --- their contents --- */

static void put_fields(TreeBuilder *tree, Slice body)
{
  for (unsigned number = 1; body.len > 0 && !tree->cut; number++) {
    Slice line = slice_take_line(&body);
    TreeItem item = {.value = line, .octets = line, .kind = TREE_LINE};
    size_t len = 0;

    if (slice_trim(line).len == 0)
      continue;
    while (len < line.len && (g_ascii_isalnum(line.data[len]) || line.data[len] == '-'))
      len++;
    if (len > 0 && len < line.len && (line.data[len] == ':' || line.data[len] == '=')) {
      item.name = slice_head(line, len);
      item.value = slice_trim(slice_from(line, len + 1));
    } else {
      item.name = tree_format(tree, "line %u", number);
    }
    tree_put(tree, &item);
  }
}

static void put_binary(TreeBuilder *tree, Slice body)
{
  g_autoptr(GString) hex = g_string_new(NULL);

  message_copy_append_hex(hex, slice_head(body, BINARY_SHOWN));
  tree_put(tree, &(TreeItem){.name = SLICE("bytes"),
                             .value = arena_dup(tree->arena, slice_of(hex->str, hex->len)),
                             .note = body.len > BINARY_SHOWN ? SLICE("and more") : SLICE_NONE,
                             .octets = body,
                             .kind = TREE_LINE});
}

static void put_content(TreeBuilder *tree, BodyKind kind, Slice body)
{
  switch (kind) {
  case BODY_SDP:
    if (put_sdp(tree, body))
      return;
    break;
  case BODY_XML:
    put_xml(tree, body);
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
  for (unsigned number = 1; body.len > 0 && !tree->cut; number++) {
    Slice line = slice_take_line(&body);
    tree_put(
      tree,
      &(TreeItem){.name = tree_format(tree, "line %u", number), .value = line, .kind = TREE_LINE});
  }
}

/* --- multipart --- */

typedef struct {
  Slice rest, boundary;
  unsigned parts;
} Multipart;

/* Opens a body.  True for a multipart one, which stays open: its parts are read from
 * *ret_multipart.  Any other body is shown and closed. */
static bool open_body(TreeBuilder *tree, Slice content_type, Slice body, Multipart *ret_multipart)
{
  Slice boundary = sip_body_boundary(content_type);
  Slice type = slice_trim(slice_head(content_type, slice_find(content_type, ';')));

  tree_begin(tree, &(TreeItem){.name = SLICE("Body"),
                               .value = type.len > 0 ? type : SLICE("no Content-Type"),
                               .note = tree_format(tree, "%zu bytes", body.len),
                               .octets = body,
                               .kind = TREE_SECTION,
                               .style = STYLE_SDP});
  if (ret_multipart && boundary.len > 0) {
    *ret_multipart = (Multipart){.rest = body, .boundary = boundary};
    sip_body_take_part(&ret_multipart->rest, boundary); /* the preamble */
    return true;
  }
  put_content(tree, body_kind_of(content_type, body), body);
  tree_end(tree);
  return false;
}

/* Opens the next part and shows its header; *ret_body follows it.  Returns the part's own
 * Content-Type; text/plain without one (RFC 2046 5.1). */
static Slice begin_part(TreeBuilder *tree, Multipart *multipart, Slice *ret_body)
{
  Slice part = sip_body_take_part(&multipart->rest, multipart->boundary);
  SipHeaderIter iter = {.rest = part}, again = iter;
  SipHeaderRow row;

  tree_begin(tree, &(TreeItem){.name = tree_format(tree, "Part %u", ++multipart->parts),
                               .octets = part,
                               .kind = TREE_SECTION});
  tree_put_headers(tree, &iter);
  *ret_body = iter.rest;
  while (sip_header_next(&again, &row))
    if (row.header == SIP_HEADER_CONTENT_TYPE)
      return row.value;
  return SLICE("text/plain");
}

void tree_put_body(TreeBuilder *tree, const SipMsg *sip)
{
  Multipart levels[SIP_MULTIPART_DEPTH_MAX];
  unsigned depth = 0;

  /* How the body was sent, when what is shown is not what was sent. */
  const char *more = sip->content.state == SIP_CONTENT_CUT ? " and more" : "";
  if (sip_msg_is_decoded(sip))
    tree_put(tree, &(TreeItem){.name = SLICE("Encoded body"),
                               .value = sip->content_encoding,
                               .note = tree_format(tree, "%zu bytes, decompressed to %zu%s",
                                                   sip->body.len, sip->content.bytes.len, more),
                               .octets = sip->body,
                               .kind = TREE_SECTION});
  if (sip->content.bytes.len == 0)
    return;
  if (open_body(tree, sip->content_type, sip->content.bytes, &levels[0]))
    depth = 1;
  while (depth > 0) {
    Slice type, inner;

    if (tree->cut || slice_trim(levels[depth - 1].rest).len == 0) {
      tree_end(tree); /* the body */
      if (--depth > 0)
        tree_end(tree); /* the part it was in */
      continue;
    }
    type = begin_part(tree, &levels[depth - 1], &inner);
    if (open_body(tree, type, inner, depth < SIP_MULTIPART_DEPTH_MAX ? &levels[depth] : NULL))
      depth++;
    else
      tree_end(tree);
  }
}
