#include "dissect/sip/sip_body.h"

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

/* The content of a part whose own Content-Type is SDP, else absent. */
static Slice sdp_of_part(Slice part)
{
  bool lf_only, found = false;
  SipHeaderRow row;
  SipRowKind kind;

  while ((kind = sip_row_take(&part, &row, &lf_only)) == SIP_ROW_FIELD)
    found |= row.header == SIP_HEADER_CONTENT_TYPE && is_sdp(row.value);
  return found && kind == SIP_ROW_EMPTY && part.len > 0 ? part : SLICE_NONE;
}

Slice sip_msg_sdp(const SipMsg *msg)
{
  if (msg->body.len == 0 || !msg->content_type.data)
    return SLICE_NONE;
  if (is_sdp(msg->content_type))
    return msg->body;

  Slice boundary = sip_body_boundary(msg->content_type);
  if (boundary.len == 0)
    return SLICE_NONE;
  Slice body = msg->body, sdp = SLICE_NONE;
  sip_body_take_part(&body, boundary); /* the preamble */
  while (body.len > 0 && !sdp.data)
    sdp = sdp_of_part(sip_body_take_part(&body, boundary));
  return sdp;
}

bool sip_msg_has_sdp(const SipMsg *msg)
{
  return sip_msg_sdp(msg).data != NULL;
}
