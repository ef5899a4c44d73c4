/*
 * The bodies of a MessageTree by their type, a row each in KINDS; "Name: value" fields, lines of
 * text, the first bytes of binary ones; and the parts of multipart bodies.
 */
#include <stdio.h>

#include "capture/language.h"
#include "dissect/sip/gb_media.h"
#include "dissect/sip/gb_play.h"
#include "dissect/sip/sip_body.h"
#include "ui/show/message_raw.h"
#include "ui/show/tree_build.h"

enum { BINARY_SHOWN = 24 };

/* --- texts and bytes --- */

static bool put_fields(TreeBuilder *tree, Slice content_type, Slice body)
{
  (void) content_type;
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
  return true;
}

static bool put_binary(TreeBuilder *tree, Slice content_type, Slice body)
{
  g_autoptr(GString) hex = g_string_new(NULL);

  (void) content_type;
  message_copy_append_hex(hex, slice_head(body, BINARY_SHOWN));
  tree_put(tree, &(TreeItem){.name = slice_from_string(_("bytes")),
                             .value = arena_dup(tree->arena, slice_of(hex->str, hex->len)),
                             .note = body.len > BINARY_SHOWN ? slice_from_string(_("and more"))
                                                             : SLICE_NONE,
                             .octets = body,
                             .kind = TREE_LINE});
  return true;
}

static void put_text(TreeBuilder *tree, Slice body)
{
  for (unsigned number = 1; body.len > 0 && !tree->cut; number++) {
    Slice line = slice_take_line(&body);
    tree_put(
      tree,
      &(TreeItem){.name = tree_format(tree, "line %u", number), .value = line, .kind = TREE_LINE});
  }
}

void tree_put_fault(TreeBuilder *tree, Slice fault)
{
  tree_put(tree, &(TreeItem){.name = slice_from_string(_("fault")),
                             .value = fault,
                             .kind = TREE_LINE,
                             .style = STYLE_WARNING,
                             .is_utf8 = true});
}

/* --- message-summary (RFC 3842) --- */

/* "2/8 (0/2)" */
static Slice summary_note(TreeBuilder *tree, Slice value)
{
  unsigned counts[4] = {0};
  int read = 0;
  g_autofree char *text = slice_dup(slice_head(value, 64));

  read = sscanf(text, "%9u/%9u (%9u/%9u", &counts[0], &counts[1], &counts[2], &counts[3]);
  if (read < 2)
    return SLICE_NONE;
  if (read < 4)
    return tree_format(tree, "%u new, %u old", counts[0], counts[1]);
  return tree_format(tree, "%u new (%u urgent), %u old (%u urgent)", counts[0], counts[2],
                     counts[1], counts[3]);
}

static bool put_summary(TreeBuilder *tree, Slice content_type, Slice body)
{
  (void) content_type;
  while (body.len > 0 && !tree->cut) {
    Slice line = slice_take_line(&body), value = line, name = slice_cut(&value, ':');

    if (slice_trim(line).len > 0)
      tree_put(tree, &(TreeItem){.name = slice_trim(name),
                                 .value = slice_trim(value),
                                 .note = summary_note(tree, slice_trim(value)),
                                 .octets = line,
                                 .kind = TREE_LINE});
  }
  return true;
}

/* --- messages in messages (RFC 3420) --- */

static bool ends_with(Slice text, Slice end)
{
  return text.len > end.len && slice_eq_nocase(slice_from(text, text.len - end.len), end);
}

static bool put_fragment(TreeBuilder *tree, Slice content_type, Slice body)
{
  Slice rest = body, first = slice_take_line(&rest);
  bool is_response = slice_starts_with(first, SLICE("SIP/2.0 "));
  bool is_request = !is_response && ends_with(first, SLICE(" SIP/2.0"));

  (void) content_type;
  if (is_response || is_request)
    tree_put(tree, &(TreeItem){.name = is_request ? slice_from_string(_("Request"))
                                                  : slice_from_string(_("Response")),
                               .value = first,
                               .kind = TREE_LINE,
                               .style = STYLE_SDP});
  SipHeaderIter headers = {.rest = is_response || is_request ? rest : body};
  tree_put_headers(tree, &headers);
  put_text(tree, headers.rest);
  return true;
}

/* --- kinds of bodies --- */

/* Shows a body; false if it is not what its type says. */
typedef bool PutBody(TreeBuilder *tree, Slice content_type, Slice body);

static bool put_sdp(TreeBuilder *tree, Slice content_type, Slice body)
{
  (void) content_type;
  return tree_put_sdp(tree, body);
}

/* `is_text`: its lines say as much as what it is decoded to. */
typedef struct {
  const char *type, *subtype;
  PutBody *put;
  bool is_text;
} Kind;

/* What it asks for in words, and its lines. */
static bool put_playback(TreeBuilder *tree, Slice content_type, Slice body)
{
  char text[GB_PLAY_TEXT_MAX];
  GbPlay play;

  if (gb_play_read(body, &play)) {
    Slice words = slice_from_string(gb_play_format(&play, text));
    tree_put(tree, &(TreeItem){.name = SLICE("playback"),
                               .value = arena_dup(tree->arena, words),
                               .kind = TREE_LINE});
  }
  return put_fields(tree, content_type, body);
}

static const Kind KINDS[] = {
  {"application", "sdp", put_sdp, true},
  {"application", "xml", tree_put_xml, false},
  {"text", "xml", tree_put_xml, false},
  {"application", "media_control", tree_put_xml, false},
  {"application", "rs-metadata", tree_put_xml, false}, /* RFC 7866 before its number */
  {"application", "json", tree_put_json, false},
  {"application", "isup", tree_put_isup, false},
  {"application", "simple-message-summary", put_summary, false},
  {"application", "dtmf-relay", put_fields, true},
  {"application", "mansrtsp", put_playback, false}, /* GB/T 28181 */
  {"message", "cpim", put_fields, true},
  {"message", "sip", put_fragment, false},
  {"message", "sipfrag", put_fragment, false},
  {"application", "qsig", put_binary, false},
  {"application", "gzip", put_binary, false},
};

/* By the structured syntax of a subtype (RFC 6839). */
static const Kind SUFFIXES[] = {
  {"", "+xml", tree_put_xml, false},
  {"", "+json", tree_put_json, false},
};

/* What has no type that is known is judged by its bytes. */
static const Kind TEXT = {"", "", NULL, true}, BINARY = {"", "", put_binary, false},
                  SDP = {"", "", put_sdp, true}, XML = {"", "", tree_put_xml, false};

static const Kind *kind_of(Slice content_type, Slice body)
{
  Slice type = slice_trim(slice_head(content_type, slice_find(content_type, ';')));
  Slice head = slice_head(body, 512);

  for (size_t i = 0; i < G_N_ELEMENTS(KINDS); i++)
    if (sip_media_type_is(content_type, slice_from_string(KINDS[i].type),
                          slice_from_string(KINDS[i].subtype)))
      return &KINDS[i];
  for (size_t i = 0; i < G_N_ELEMENTS(SUFFIXES); i++)
    if (ends_with(type, slice_from_string(SUFFIXES[i].subtype)))
      return &SUFFIXES[i];
  if (type.len == 0 && slice_starts_with(body, SLICE("<?xml")))
    return &XML;
  for (size_t i = 0; i < head.len; i++)
    if ((unsigned char) head.data[i] < 0x20 && !memchr("\t\r\n\f", head.data[i], 4))
      return &BINARY;
  return slice_starts_with(body, SLICE("v=0")) ? &SDP : &TEXT;
}

bool tree_body_is_text(const SipMsg *sip)
{
  const Kind *kind = kind_of(sip->content_type, sip->content.bytes);
  bool has_ssrc = kind->put == put_sdp && gb_sdp_ssrc(sip->content.bytes).data;

  return kind->is_text && !has_ssrc && sip_body_boundary(sip->content_type).len == 0;
}

static void put_content(TreeBuilder *tree, Slice content_type, Slice body)
{
  const Kind *kind = kind_of(content_type, body);

  if (!kind->put || !kind->put(tree, content_type, body))
    put_text(tree, body);
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

  tree_begin(tree,
             &(TreeItem){.name = slice_from_string(_("Body")),
                         .value = type.len > 0 ? type : slice_from_string(_("no Content-Type")),
                         .note = tree_format(tree, "%zu bytes", body.len),
                         .octets = body,
                         .kind = TREE_SECTION,
                         .style = STYLE_SDP});
  if (ret_multipart && boundary.len > 0) {
    *ret_multipart = (Multipart){.rest = body, .boundary = boundary};
    sip_body_take_part(&ret_multipart->rest, boundary); /* the preamble */
    return true;
  }
  put_content(tree, content_type, body);
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
  const char *more = sip->content.state == SIP_CONTENT_CUT ? _(" and more") : "";
  if (sip_msg_is_decoded(sip))
    tree_put(tree, &(TreeItem){.name = slice_from_string(_("Encoded body")),
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
