#include "dissect/sip/sdp.h"

/* The word at the start, behind blanks; *s goes on behind it.  Absent when there is none. */
static Slice take_word(Slice *s)
{
  *s = slice_trim(*s);
  if (s->len == 0)
    return SLICE_NONE;
  size_t len = 0;
  while (len < s->len && s->data[len] != ' ' && s->data[len] != '\t')
    len++;
  Slice word = slice_head(*s, len);
  *s = slice_from(*s, len);
  return word;
}

static SdpLine read_line(Slice text)
{
  Slice value = text;
  Slice type = slice_trim(slice_cut(&value, '='));

  if (type.len != 1 || type.data + 1 > value.data)
    return (SdpLine){.value = text};
  return (SdpLine){.type = type.data[0], .value = slice_trim(value)};
}

bool sdp_line_next(Slice *rest, SdpLine *ret_line)
{
  while (rest->len > 0) {
    Slice text = slice_trim(slice_take_line(rest));
    if (text.len == 0)
      continue;
    *ret_line = read_line(text);
    return true;
  }
  return false;
}

bool sdp_line_find(Slice lines, char type, Slice *ret_value)
{
  SdpLine line;

  while (sdp_line_next(&lines, &line))
    if (line.type == type) {
      *ret_value = line.value;
      return true;
    }
  return false;
}

static SdpAttribute read_attribute(Slice text)
{
  size_t colon = slice_find(text, ':');
  SdpAttribute attribute = {.name = slice_trim(slice_head(text, colon))};

  if (colon < text.len)
    attribute.value = slice_trim(slice_from(text, colon + 1));
  return attribute;
}

bool sdp_attribute_next(Slice *rest, SdpAttribute *ret_attribute)
{
  SdpLine line;

  while (sdp_line_next(rest, &line))
    if (line.type == 'a') {
      *ret_attribute = read_attribute(line.value);
      return true;
    }
  return false;
}

bool sdp_attribute_find(Slice lines, Slice name, Slice *ret_value)
{
  SdpAttribute attribute;

  while (sdp_attribute_next(&lines, &attribute))
    if (slice_eq_nocase(attribute.name, name)) {
      *ret_value = attribute.value;
      return true;
    }
  return false;
}

static const char *const DIRECTIONS[] = {
  [SDP_SENDRECV] = "sendrecv",
  [SDP_SENDONLY] = "sendonly",
  [SDP_RECVONLY] = "recvonly",
  [SDP_INACTIVE] = "inactive",
};

enum { DIRECTION_COUNT = sizeof DIRECTIONS / sizeof DIRECTIONS[0] };

const char *sdp_direction_name(SdpDirection direction)
{
  return DIRECTIONS[direction];
}

static bool direction_from_name(Slice name, SdpDirection *ret_direction)
{
  for (size_t i = 0; i < DIRECTION_COUNT; i++)
    if (slice_eq_nocase(name, slice_from_string(DIRECTIONS[i]))) {
      *ret_direction = (SdpDirection) i;
      return true;
    }
  return false;
}

static uint32_t number_or(Slice text, uint32_t otherwise)
{
  uint32_t number;

  return slice_to_u32(slice_trim(text), &number) ? number : otherwise;
}

static uint16_t port_of(Slice text)
{
  uint32_t port = number_or(text, 0);

  return port <= UINT16_MAX ? (uint16_t) port : 0;
}

/* RFC 8866 5.7: address, address/ttl[/count] for IPv4, address/count for IPv6. */
static SdpConnection read_connection(Slice text)
{
  SdpConnection c = {.net_type = take_word(&text), .count = 1};
  bool is_ipv6;

  c.address_type = take_word(&text);
  is_ipv6 = slice_eq_nocase(c.address_type, SLICE("IP6"));
  text = take_word(&text);
  c.address = slice_cut(&text, '/');
  if (c.address.len > 2 && c.address.data[0] == '[' && c.address.data[c.address.len - 1] == ']')
    c.address = slice_of(c.address.data + 1, c.address.len - 2);
  if (text.len > 0 && !is_ipv6)
    c.ttl = number_or(slice_cut(&text, '/'), 0);
  if (text.len > 0)
    c.count = number_or(text, 1);
  if (c.count == 0)
    c.count = 1;
  return c;
}

static void read_origin(Slice text, Sdp *sdp)
{
  sdp->origin.user = take_word(&text);
  sdp->origin.session_id = take_word(&text);
  sdp->origin.session_version = take_word(&text);
  sdp->origin.net_type = take_word(&text);
  sdp->origin.address_type = take_word(&text);
  sdp->origin.address = take_word(&text);
}

static void keep_first(Slice *slot, Slice value)
{
  if (!slot->data)
    *slot = value;
}

/* What a line says of the session; directions are the caller's. */
static void read_session_line(Sdp *sdp, const SdpLine *line)
{
  switch (line->type) {
  case 'v':
    keep_first(&sdp->version, line->value);
    break;
  case 'o':
    if (!sdp->origin.user.data)
      read_origin(line->value, sdp);
    break;
  case 's':
    keep_first(&sdp->name, line->value);
    break;
  case 'i':
    keep_first(&sdp->information, line->value);
    break;
  case 'u':
    keep_first(&sdp->uri, line->value);
    break;
  case 'e':
    keep_first(&sdp->email, line->value);
    break;
  case 'p':
    keep_first(&sdp->phone, line->value);
    break;
  case 'c':
    if (!sdp->connection.net_type.data)
      sdp->connection = read_connection(line->value);
    break;
  case 'b':
    keep_first(&sdp->bandwidth, line->value);
    break;
  case 't':
    keep_first(&sdp->timing, line->value);
    break;
  case 'r':
    keep_first(&sdp->repeat, line->value);
    break;
  case 'z':
    keep_first(&sdp->zone, line->value);
    break;
  case 'k':
    keep_first(&sdp->key, line->value);
    break;
  default:
    break;
  }
}
