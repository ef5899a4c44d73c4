#include "dissect/sip/sip_body.h"

#include "dissect/sip/sip_coding.h"
#include "dissect/sip/sip_row.h"
#include "dissect/sip/sip_values.h"

/* Takes type "/" subtype, with LWS, from *value. */
static bool take_media_type(Slice *value, Slice *ret_type, Slice *ret_subtype)
{
  *ret_type = sip_take_token(value);
  if (!sip_take_mark(value, '/'))
    return false;
  *ret_subtype = sip_take_token(value);
  return true;
}

bool sip_media_type_is(Slice content_type, Slice type, Slice subtype)
{
  Slice actual_type, actual_subtype;

  return take_media_type(&content_type, &actual_type, &actual_subtype) &&
         slice_eq_nocase(actual_type, type) && slice_eq_nocase(actual_subtype, subtype);
}

static bool is_sdp(Slice content_type)
{
  return slice_eq(content_type, SLICE("application/sdp")) ||
         sip_media_type_is(content_type, SLICE("application"), SLICE("sdp"));
}

Slice sip_body_boundary(Slice content_type)
{
  Slice type, subtype, boundary;

  if (!take_media_type(&content_type, &type, &subtype) ||
      !slice_eq_nocase(type, SLICE("multipart")))
    return SLICE_NONE;
  sip_cut_params(&content_type);
  if (!sip_param_find(content_type, SLICE("boundary"), &boundary))
    return SLICE_NONE;
  if (boundary.len > 2 && sip_quoted_len(boundary) == boundary.len)
    boundary = slice_of(boundary.data + 1, boundary.len - 2);
  return boundary;
}

/* "--boundary", or "--boundary--" after the last part; blanks may follow. */
static bool is_delimiter(Slice line, Slice boundary)
{
  if (!slice_starts_with(line, SLICE("--")) || !slice_starts_with(slice_from(line, 2), boundary))
    return false;
  Slice after = slice_trim(slice_from(line, 2 + boundary.len));
  return after.len == 0 || slice_eq(after, SLICE("--"));
}

Slice sip_body_take_part(Slice *rest, Slice boundary)
{
  Slice part = *rest;

  while (rest->len > 0) {
    if (!slice_starts_with(*rest, SLICE("--"))) { /* on to the next line that may be one */
      const char *at = memmem(rest->data, rest->len, "\n--", 3);
      *rest = at ? slice_from(*rest, (size_t) (at - rest->data) + 1) : slice_from(*rest, rest->len);
      continue;
    }
    size_t before = part.len - rest->len;
    Slice line = slice_take_line(rest);
    if (!is_delimiter(line, boundary))
      continue;
    part = slice_head(part, before);
    if (part.len > 0 && part.data[part.len - 1] == '\n')
      part.len--;
    if (part.len > 0 && part.data[part.len - 1] == '\r')
      part.len--;
    return part;
  }
  return part;
}

/* Cuts the header off a part.  Its Content-Type, absent without one or without content. */
static Slice take_part_type(Slice *part)
{
  Slice type = SLICE_NONE;
  bool lf_only;
  SipHeaderRow row;
  SipRowKind kind;

  while ((kind = sip_row_take(part, &row, &lf_only)) == SIP_ROW_FIELD)
    if (row.header == SIP_HEADER_CONTENT_TYPE && !type.data)
      type = row.value;
  return kind == SIP_ROW_EMPTY && part->len > 0 ? type : SLICE_NONE;
}

typedef struct {
  Slice type, subtype;     /* what is looked for; absent: session descriptions */
  Slice found, found_type; /* the first one, and its Content-Type */
  const char *no_boundary; /* the first multipart body that does not contain its boundary */
} BodyFacts;

static bool is_wanted(const BodyFacts *facts, Slice type)
{
  return facts->type.data ? sip_media_type_is(type, facts->type, facts->subtype) : is_sdp(type);
}

/* Multipart in multipart to SIP_MULTIPART_DEPTH_MAX: each level reads its bytes once. */
static void walk_body(Slice type, Slice body, unsigned depth, BodyFacts *facts)
{
  if (!facts->found.data && is_wanted(facts, type)) {
    facts->found = body;
    facts->found_type = type;
  }
  if (!slice_starts_with_nocase(type, SLICE("multipart/")) || depth == SIP_MULTIPART_DEPTH_MAX)
    return;

  Slice boundary = sip_body_boundary(type), rest = body;
  if (boundary.len == 0 || sip_body_take_part(&rest, boundary).len == body.len) {
    if (!facts->no_boundary)
      facts->no_boundary = body.data;
    return;
  }
  while (rest.len > 0) {
    Slice part = sip_body_take_part(&rest, boundary);
    Slice part_type = take_part_type(&part);
    if (part_type.data)
      walk_body(part_type, part, depth + 1, facts);
  }
}

static bool is_readable(const SipContent *content)
{
  return content->state != SIP_CONTENT_ENCODED && content->state != SIP_CONTENT_UNKNOWN;
}

static BodyFacts body_facts(const SipMsg *msg, Slice type, Slice subtype)
{
  BodyFacts facts = {.type = type, .subtype = subtype};

  if (msg->content.bytes.len > 0 && msg->content_type.data && is_readable(&msg->content))
    walk_body(msg->content_type, msg->content.bytes, 0, &facts);
  return facts;
}

Slice sip_msg_sdp(const SipMsg *msg)
{
  return body_facts(msg, SLICE_NONE, SLICE_NONE).found;
}

Slice sip_msg_part(const SipMsg *msg, Slice type, Slice subtype, Slice *ret_type)
{
  BodyFacts facts = body_facts(msg, type, subtype);

  *ret_type = facts.found_type;
  return facts.found;
}

const char *sip_msg_no_boundary(const SipMsg *msg)
{
  SipContentState state = msg->content.state;
  bool whole = state == SIP_CONTENT_PLAIN || state == SIP_CONTENT_DECODED;

  return msg->complete && whole ? body_facts(msg, SLICE_NONE, SLICE_NONE).no_boundary : NULL;
}

bool sip_msg_has_sdp(const SipMsg *msg)
{
  Slice type = msg->content_type;

  if (msg->content.state != SIP_CONTENT_ENCODED)
    return sip_msg_sdp(msg).data != NULL;
  if (!is_sdp(type) && !slice_starts_with_nocase(type, SLICE("multipart/")))
    return false;
  enum { SDP_WITHIN = 16 * 1024 };
  SipMsg decoded = *msg;
  Arena arena;
  arena_init(&arena, 4096);
  sip_msg_decode_head(&decoded, SDP_WITHIN, &arena);
  bool has = sip_msg_sdp(&decoded).data != NULL;
  arena_clear(&arena);
  return has;
}
