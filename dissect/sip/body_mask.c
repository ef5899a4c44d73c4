/* Bodies by their type. */
#include "dissect/sip/sip_body.h"
#include "dissect/sip/sip_mask.h"

/* Elements of XML whose text says what is wanted, or how it is, not of whom; GB/T 28181's among
 * them. */
static const char *const PLAIN_ELEMENTS[] = {
  "CmdType", "SN",     "SumNum", "Result", "Status", "Online",     "State",  "basic",
  "state",   "status", "Encode", "Record", "On",     "StatusCode", "PTZCmd", "active",
};

static const char *const PLAIN_ATTRIBUTES[] = {
  "version", "encoding", "standalone", "state",       "Num", "event",
  "code",    "expires",  "direction",  "retry-after", "q",
};

static bool is_name_char(char c)
{
  return g_ascii_isalnum(c) || c == '-' || c == '.' || c == '_';
}

/* Without its prefix. */
static Slice take_name(Slice *rest)
{
  size_t begin = 0, len = 0;

  for (; len < rest->len && (is_name_char(rest->data[len]) || rest->data[len] == ':'); len++)
    if (rest->data[len] == ':')
      begin = len + 1;
  Slice name = slice_from(slice_head(*rest, len), begin);
  *rest = slice_from(*rest, len);
  return name;
}

/* name="value" and so on, up to the end of a tag. */
static void mask_attributes(Pseudonyms *pseudonyms, char *text, Slice tag)
{
  Slice rest = tag;

  while (rest.len > 0) {
    if (!is_name_char(rest.data[0])) {
      rest = slice_from(rest, 1);
      continue;
    }
    bool is_space =
      slice_starts_with(rest, SLICE("xmlns")) || slice_starts_with(rest, SLICE("xsi"));
    Slice name = take_name(&rest);
    size_t skip = 0;
    while (skip < rest.len && (slice_is_blank(rest.data[skip]) || rest.data[skip] == '='))
      skip++;
    rest = slice_from(rest, skip);
    if (rest.len == 0 || (rest.data[0] != '"' && rest.data[0] != '\''))
      continue;
    char quote = rest.data[0];
    rest = slice_from(rest, 1);
    Slice value = slice_cut(&rest, quote);
    if (value.len > 0 && !is_space &&
        !mask_knows(PLAIN_ATTRIBUTES, G_N_ELEMENTS(PLAIN_ATTRIBUTES), name))
      mask_text(pseudonyms, text + (value.data - text), value.len, 0);
  }
}

/* A comment, CDATA, or an instruction to some program: no element, and not the declaration. */
static bool is_markup(Slice tag)
{
  return slice_starts_with(tag, SLICE("!")) ||
         (slice_starts_with(tag, SLICE("?")) && !slice_starts_with_nocase(tag, SLICE("?xml ")));
}

/* Elements and attributes stay, their values do not; nor does other markup. */
static void mask_xml(Pseudonyms *pseudonyms, char *text, size_t len)
{
  Slice rest = slice_of(text, len);
  bool is_plain = false;

  while (rest.len > 0) {
    Slice content = slice_head(rest, slice_find(rest, '<'));
    if (content.len > 0 && !is_plain)
      mask_text(pseudonyms, text + (content.data - text), content.len, 0);
    rest = slice_from(rest, content.len + 1);
    Slice tag = slice_cut(&rest, '>');
    is_plain = false;
    size_t mark = slice_starts_with(tag, SLICE("![CDATA[")) ? 8 : 1;
    if (is_markup(tag) && tag.len > mark)
      mask_text(pseudonyms, text + (tag.data - text) + mark, tag.len - mark, 0);
    if (is_markup(tag) || tag.len == 0 || tag.data[0] == '/' || tag.data[0] == '?')
      continue;
    Slice name = take_name(&tag);
    is_plain = mask_knows(PLAIN_ELEMENTS, G_N_ELEMENTS(PLAIN_ELEMENTS), name);
    mask_attributes(pseudonyms, text, tag);
  }
}

/* Numbers outside of strings: no leading zero may come up. */
static void mask_json_number(Pseudonyms *pseudonyms, char *text, size_t len)
{
  enum { LONG_NUMBER = 7 };

  if (len < LONG_NUMBER)
    return;
  mask_text(pseudonyms, text, len, 0);
  if (text[0] == '0')
    text[0] = '1';
}

/* Names of members stay (RFC 8259). */
static void mask_json(Pseudonyms *pseudonyms, char *text, size_t len)
{
  for (size_t i = 0; i < len;) {
    size_t begin = i;
    if (text[i] == '"') {
      for (i++; i < len && text[i] != '"'; i++)
        i += text[i] == '\\';
      size_t end = MIN(i, len);
      size_t after = end + 1;
      while (after < len && slice_is_blank(text[after]))
        after++;
      bool is_name = after < len && text[after] == ':';
      if (!is_name && end > begin + 1)
        mask_text(pseudonyms, text + begin + 1, end - begin - 1, 0);
      i++;
    } else if (g_ascii_isdigit(text[i])) {
      while (i < len && g_ascii_isdigit(text[i]))
        i++;
      mask_json_number(pseudonyms, text + begin, i - begin);
    } else {
      i++;
    }
  }
}

/* "Signal=5", or "5": which digit it was is not kept. */
static void mask_digits(char *text, size_t len)
{
  Slice rest = slice_of(text, len);

  while (rest.len > 0) {
    Slice value = slice_take_line(&rest);
    Slice name = slice_find(value, '=') < value.len ? slice_cut(&value, '=') : SLICE("Signal");
    if (!slice_eq_nocase(slice_trim(name), SLICE("Signal")))
      continue;
    char *at = text + (value.data - text);
    for (size_t i = 0; i < value.len; i++)
      if (g_ascii_isdigit(at[i]))
        at[i] = '0';
  }
}

/* The start-line of a message, if there is one, and its rows (RFC 3420). */
static void mask_fragment(Pseudonyms *pseudonyms, char *text, size_t len)
{
  Slice rest = slice_of(text, len), line = slice_take_line(&rest);
  bool has_start =
    slice_starts_with_nocase(line, SLICE("SIP/")) || slice_find(line, ' ') < slice_find(line, ':');
  char *rows = has_start ? text + len - rest.len : text;
  SipMaskOptions options = {.user_agents = false};

  if (has_start)
    mask_start_line(pseudonyms, text, line.len, !memchr(text, '\n', len));
  Slice left = slice_of(rows, len - (size_t) (rows - text));
  mask_rows(pseudonyms, options, rows, left.len);
  while (left.len > 0 && slice_take_line(&left).len > 0)
    ;
  mask_blank(text + len - left.len, left.len);
}

/* Messages-Waiting: yes; the account is an address (RFC 3842). */
static void mask_summary(Pseudonyms *pseudonyms, char *text, size_t len)
{
  Slice rest = slice_of(text, len);

  while (rest.len > 0) {
    Slice line = slice_take_line(&rest), name = slice_cut(&line, ':');
    bool is_count = slice_eq_nocase(name, SLICE("Messages-Waiting")) ||
                    (slice_starts_with_nocase(slice_from(name, name.len - MIN(name.len, 8U)),
                                              SLICE("-Message")) &&
                     name.len > 8);
    if (!is_count && line.len > 0)
      mask_text(pseudonyms, text + (line.data - text), line.len, 0);
  }
}

static void mask_parts(Pseudonyms *pseudonyms, Slice type, char *text, size_t len, unsigned depth)
{
  Slice boundary = sip_body_boundary(type), rest = slice_of(text, len);
  SipMaskOptions options = {.user_agents = false};
  Slice preamble = sip_body_take_part(&rest, boundary);

  mask_blank(text + (preamble.data - text), preamble.len);
  while (rest.len > 0) {
    Slice part = sip_body_take_part(&rest, boundary);
    if (!part.data)
      break;
    char *rows = text + (part.data - text);
    SipHeaderIter iter = {part};
    SipHeaderRow row;
    while (sip_header_next(&iter, &row))
      ;
    size_t head = part.len - iter.rest.len;
    Slice inner = mask_rows(pseudonyms, options, rows, head);
    mask_body(pseudonyms, inner, rows + head, part.len - head, depth + 1);
  }
}

static bool is_application(Slice type, Slice subtype)
{
  return sip_media_type_is(type, SLICE("application"), subtype);
}

/* "application/pidf+xml": what comes before the parameters ends like this. */
static bool ends_in(Slice type, Slice end)
{
  Slice name = slice_trim(slice_cut(&type, ';'));

  return name.len >= end.len && slice_eq_nocase(slice_from(name, name.len - end.len), end);
}

void mask_body(Pseudonyms *pseudonyms, Slice type, char *text, size_t len, unsigned depth)
{
  if (len == 0)
    return;
  if (is_application(type, SLICE("sdp")))
    sdp_mask(pseudonyms, text, len);
  else if (sip_body_boundary(type).len > 0 && depth < SIP_MULTIPART_DEPTH_MAX)
    mask_parts(pseudonyms, type, text, len, depth);
  else if (ends_in(type, SLICE("xml")))
    mask_xml(pseudonyms, text, len);
  else if (ends_in(type, SLICE("json")))
    mask_json(pseudonyms, text, len);
  else if (is_application(type, SLICE("dtmf-relay")) || is_application(type, SLICE("dtmf")))
    mask_digits(text, len);
  else if (sip_media_type_is(type, SLICE("message"), SLICE("sipfrag")) ||
           sip_media_type_is(type, SLICE("message"), SLICE("sip")))
    mask_fragment(pseudonyms, text, len);
  else if (is_application(type, SLICE("simple-message-summary")))
    mask_summary(pseudonyms, text, len);
  else
    mask_blank(text, len);
}
