#include "dissect/sip/sdp.h"

#include "dissect/sip/sdp_words.h"

static SdpLine read_line(Slice text)
{
  size_t equals = slice_find(text, '=');
  Slice type = slice_trim(slice_head(text, equals));

  if (equals == text.len || type.len != 1)
    return (SdpLine){.value = text};
  return (SdpLine){.type = type.data[0], .value = slice_trim(slice_from(text, equals + 1))};
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

static uint16_t port_of(Slice text)
{
  uint16_t port;

  return slice_to_u16(slice_trim(text), &port) ? port : 0;
}

/* RFC 8866 5.7: address, address/ttl[/count] for IPv4, address/count for IPv6. */
static SdpConnection read_connection(Slice text)
{
  SdpConnection c = {.net_type = sdp_take_word(&text), .count = 1};
  bool is_ipv6;

  c.address_type = sdp_take_word(&text);
  is_ipv6 = slice_eq_nocase(c.address_type, SLICE("IP6"));
  text = sdp_take_word(&text);
  c.address = slice_cut(&text, '/');
  if (c.address.len > 2 && c.address.data[0] == '[' && c.address.data[c.address.len - 1] == ']')
    c.address = slice_of(c.address.data + 1, c.address.len - 2);
  if (text.len > 0 && !is_ipv6)
    c.ttl = sdp_number_or(slice_cut(&text, '/'), 0);
  if (text.len > 0)
    c.count = sdp_number_or(text, 1);
  if (c.count == 0)
    c.count = 1;
  return c;
}

static void read_origin(Slice text, Sdp *sdp)
{
  sdp->origin.user = sdp_take_word(&text);
  sdp->origin.session_id = sdp_take_word(&text);
  sdp->origin.session_version = sdp_take_word(&text);
  sdp->origin.net_type = sdp_take_word(&text);
  sdp->origin.address_type = sdp_take_word(&text);
  sdp->origin.address = sdp_take_word(&text);
}

/* Where the value of a line of the session is kept, NULL for those that are more than text. */
static Slice *slot_of(Sdp *sdp, char type)
{
  switch (type) {
  case 'v':
    return &sdp->version;
  case 's':
    return &sdp->name;
  case 'i':
    return &sdp->information;
  case 'u':
    return &sdp->uri;
  case 'e':
    return &sdp->email;
  case 'p':
    return &sdp->phone;
  case 'b':
    return &sdp->bandwidth;
  case 't':
    return &sdp->timing;
  case 'r':
    return &sdp->repeat;
  case 'z':
    return &sdp->zone;
  case 'k':
    return &sdp->key;
  default:
    return NULL;
  }
}

static void read_session_line(Sdp *sdp, const SdpLine *line, bool *has_direction)
{
  Slice *slot = slot_of(sdp, line->type);

  if (slot && !slot->data)
    *slot = line->value;
  if (line->type == 'o' && !sdp->origin.user.data)
    read_origin(line->value, sdp);
  if (line->type == 'c' && !sdp->connection.net_type.data)
    sdp->connection = read_connection(line->value);
  if (line->type == 'a' && !*has_direction)
    *has_direction = direction_from_name(line->value, &sdp->direction);
}

/* Octets before the line that begins the next media description, or all. */
static size_t find_media(Slice lines)
{
  SdpLine line;
  Slice rest = lines;
  size_t at = 0;

  while (sdp_line_next(&rest, &line)) {
    if (line.type == 'm')
      return at;
    at = lines.len - rest.len;
  }
  return lines.len;
}

bool sdp_parse(Slice octets, Sdp *ret_sdp)
{
  size_t at = find_media(octets);
  Sdp sdp = {.lines = slice_head(octets, at), .media = slice_from(octets, at)};
  bool has_direction = false;
  SdpLine line;

  sdp.connection.count = 1;
  for (Slice rest = sdp.lines; sdp_line_next(&rest, &line);)
    read_session_line(&sdp, &line, &has_direction);
  if (!sdp.version.data && sdp.media.len == 0)
    return false;
  *ret_sdp = sdp;
  return true;
}

/* m=audio 49170/2 RTP/AVP 0 8 */
static void read_media(Slice text, SdpMedia *media)
{
  media->type = sdp_take_word(&text);
  Slice ports = sdp_take_word(&text);
  media->port = port_of(slice_cut(&ports, '/'));
  media->port_count = ports.len > 0 ? sdp_number_or(ports, 1) : 1;
  media->protocol = sdp_take_word(&text);
  media->formats = slice_trim(text);
}

/* RFC 3605: a=rtcp:53020 IN IP6 2001:db8::1 */
static void read_rtcp(Slice text, SdpMedia *media)
{
  if (media->rtcp_port != 0)
    return;
  media->rtcp_port = port_of(sdp_take_word(&text));
  media->rtcp_connection = read_connection(text);
}

/* What is seen while the lines of a media description are read. */
typedef struct {
  bool direction, connection, bundle_only;
} MediaSeen;

static void read_media_attribute(SdpMedia *media, Slice text, MediaSeen *seen)
{
  SdpAttribute attribute = read_attribute(text);

  if (!seen->direction && direction_from_name(attribute.name, &media->direction))
    seen->direction = true;
  else if (slice_eq_nocase(attribute.name, SLICE("ptime")) && media->ptime == 0)
    media->ptime = sdp_number_or(slice_head(attribute.value, slice_find(attribute.value, '.')), 0);
  else if (slice_eq_nocase(attribute.name, SLICE("rtcp")))
    read_rtcp(attribute.value, media);
  else if (slice_eq_nocase(attribute.name, SLICE("rtcp-mux")))
    media->rtcp_mux = true;
  else if (slice_eq_nocase(attribute.name, SLICE("bundle-only")))
    seen->bundle_only = true;
}

static void read_media_line(SdpMedia *media, const SdpLine *line, MediaSeen *seen)
{
  if (line->type == 'c' && !seen->connection) {
    media->connection = read_connection(line->value);
    seen->connection = true;
  } else if (line->type == 'i' && !media->information.data) {
    media->information = line->value;
  } else if (line->type == 'b' && !media->bandwidth.data) {
    media->bandwidth = line->value;
  } else if (line->type == 'a') {
    read_media_attribute(media, line->value, seen);
  }
}

bool sdp_media_next(const Sdp *sdp, Slice *rest, SdpMedia *ret_media)
{
  SdpMedia media = {.connection = sdp->connection, .direction = sdp->direction};
  MediaSeen seen = {0};
  SdpLine line;

  if (!sdp_line_next(rest, &line))
    return false;
  read_media(line.value, &media);
  size_t end = find_media(*rest);
  media.lines = slice_head(*rest, end);
  *rest = slice_from(*rest, end);
  for (Slice lines = media.lines; sdp_line_next(&lines, &line);)
    read_media_line(&media, &line, &seen);
  media.refused = media.port == 0 && !seen.bundle_only;
  *ret_media = media;
  return true;
}
