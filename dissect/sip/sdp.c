#include "dissect/sip/sdp.h"

Slice sdp_take_word(Slice *text)
{
  size_t len = 0;

  *text = slice_trim(*text);
  if (text->len == 0)
    return SLICE_NONE;
  while (len < text->len && text->data[len] != ' ' && text->data[len] != '\t')
    len++;
  Slice word = slice_head(*text, len);
  *text = slice_from(*text, len);
  return word;
}

static uint32_t number_or(Slice text, uint32_t otherwise)
{
  uint32_t number;

  return slice_to_u32(slice_trim(text), &number) ? number : otherwise;
}

/* "a=..." without blanks around: nearly all lines. */
static bool is_plain_line(Slice line)
{
  return line.len > 2 && line.data[1] == '=' && line.data[0] != '=' &&
         !slice_is_blank(line.data[0]) && !slice_is_blank(line.data[2]) &&
         !slice_is_blank(line.data[line.len - 1]);
}

bool sdp_line_next(Slice *rest, SdpLine *ret_line)
{
  while (rest->len > 0) {
    Slice line = slice_take_line(rest);
    if (is_plain_line(line)) {
      *ret_line = (SdpLine){line.data[0], slice_from(line, 2)};
      return true;
    }
    Slice text = slice_trim(line);
    if (text.len == 0)
      continue;
    size_t equals = slice_find(text, '=');
    Slice type = slice_trim(slice_head(text, equals));
    if (equals == text.len || type.len != 1)
      *ret_line = (SdpLine){.value = text};
    else
      *ret_line =
        (SdpLine){.type = type.data[0], .value = slice_trim(slice_from(text, equals + 1))};
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

enum { DIRECTION_LEN = 8 }; /* of each name */

static const char DIRECTIONS[][DIRECTION_LEN + 1] = {
  [SDP_SENDRECV] = "sendrecv",
  [SDP_SENDONLY] = "sendonly",
  [SDP_RECVONLY] = "recvonly",
  [SDP_INACTIVE] = "inactive",
};

const char *sdp_direction_name(SdpDirection direction)
{
  return DIRECTIONS[direction];
}

static bool direction_from_name(Slice name, SdpDirection *ret_direction)
{
  for (size_t i = 0; name.len == DIRECTION_LEN && i < sizeof DIRECTIONS / sizeof DIRECTIONS[0]; i++)
    if (slice_eq_nocase(name, slice_of(DIRECTIONS[i], DIRECTION_LEN))) {
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
    c.ttl = number_or(slice_cut(&text, '/'), 0);
  if (text.len > 0)
    c.count = number_or(text, 1);
  if (c.count == 0)
    c.count = 1;
  return c;
}

/* Where the value of a session line is kept; NULL for lines that are more than text. */
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
  Slice *slot = slot_of(sdp, line->type), text = line->value;

  if (slot && !slot->data)
    *slot = text;
  if (line->type == 'o' && !sdp->origin.user.data) {
    sdp->origin.user = sdp_take_word(&text);
    sdp->origin.session_id = sdp_take_word(&text);
    sdp->origin.session_version = sdp_take_word(&text);
    sdp->origin.net_type = sdp_take_word(&text);
    sdp->origin.address_type = sdp_take_word(&text);
    sdp->origin.address = sdp_take_word(&text);
  }
  if (line->type == 'c' && !sdp->connection.net_type.data)
    sdp->connection = read_connection(line->value);
  if (line->type == 'a' && !*has_direction)
    *has_direction = direction_from_name(line->value, &sdp->direction);
}

/* The next line before the next m= line, which stays in *rest. */
static bool next_before_media(Slice *rest, SdpLine *ret_line)
{
  Slice after = *rest;

  bool has_line = sdp_line_next(&after, ret_line);

  if (has_line && ret_line->type == 'm')
    return false;
  *rest = after;
  return has_line;
}

bool sdp_parse(Slice body, Sdp *ret_sdp)
{
  Sdp sdp = {.media = body};
  bool has_direction = false;
  SdpLine line;

  sdp.connection.count = 1;
  while (next_before_media(&sdp.media, &line))
    read_session_line(&sdp, &line, &has_direction);
  sdp.lines = slice_head(body, body.len - sdp.media.len);
  if (!sdp.version.data && sdp.media.len == 0)
    return false;
  *ret_sdp = sdp;
  return true;
}

/* What the lines of a media description contained so far. */
typedef struct {
  bool direction, connection, bundle_only;
} MediaSeen;

/* Most lines: sdp_codecs reads them. */
static bool is_of_format(const SdpLine *line)
{
  return line->type == 'a' && (slice_starts_with(line->value, SLICE("rtpmap:")) ||
                               slice_starts_with(line->value, SLICE("fmtp:")));
}

static void read_media_line(SdpMedia *media, const SdpLine *line, MediaSeen *seen)
{
  if (is_of_format(line))
    return;
  if (line->type == 'c' && !seen->connection) {
    media->connection = read_connection(line->value);
    seen->connection = true;
  } else if (line->type == 'i' && !media->information.data) {
    media->information = line->value;
  } else if (line->type == 'b' && !media->bandwidth.data) {
    media->bandwidth = line->value;
  } else if (line->type == 'a') {
    SdpAttribute attribute = read_attribute(line->value);
    if (!seen->direction && direction_from_name(attribute.name, &media->direction)) {
      seen->direction = true;
    } else if (slice_eq_nocase(attribute.name, SLICE("ptime")) && media->ptime == 0) {
      media->ptime = number_or(slice_head(attribute.value, slice_find(attribute.value, '.')), 0);
    } else if (slice_eq_nocase(attribute.name, SLICE("rtcp")) && media->rtcp_port == 0) {
      /* RFC 3605: a=rtcp:53020 IN IP6 2001:db8::1 */
      media->rtcp_port = port_of(sdp_take_word(&attribute.value));
      media->rtcp_connection = read_connection(attribute.value);
    } else if (slice_eq_nocase(attribute.name, SLICE("rtcp-mux"))) {
      media->rtcp_mux = true;
    } else if (slice_eq_nocase(attribute.name, SLICE("bundle-only"))) {
      seen->bundle_only = true;
    }
  }
}

bool sdp_media_next(const Sdp *sdp, Slice *rest, SdpMedia *ret_media)
{
  SdpMedia media = {.connection = sdp->connection, .direction = sdp->direction};
  MediaSeen seen = {0};
  SdpLine line;

  if (!sdp_line_next(rest, &line))
    return false;

  Slice text = line.value; /* audio 49170/2 RTP/AVP 0 8 */
  media.type = sdp_take_word(&text);
  Slice ports = sdp_take_word(&text);
  media.port = port_of(slice_cut(&ports, '/'));
  media.port_count = ports.len > 0 ? number_or(ports, 1) : 1;
  media.protocol = sdp_take_word(&text);
  media.formats = slice_trim(text);

  Slice lines = *rest;
  while (next_before_media(rest, &line))
    read_media_line(&media, &line, &seen);
  media.lines = slice_head(lines, lines.len - rest->len);
  media.refused = media.port == 0 && !seen.bundle_only;
  *ret_media = media;
  return true;
}

/* --- formats: payload types by number (RFC 3551 6) and by a=rtpmap --- */

enum { PAYLOAD_TYPES = 128 };

/* RFC 3551, tables 4 and 5; those without a name are reserved or unassigned. */
static const struct {
  const char *name;
  uint32_t clock_rate;
  uint32_t channels;
} STATIC_TYPES[] = {
  [0] = {"PCMU", 8000, 1},   [3] = {"GSM", 8000, 1},    [4] = {"G723", 8000, 1},
  [5] = {"DVI4", 8000, 1},   [6] = {"DVI4", 16000, 1},  [7] = {"LPC", 8000, 1},
  [8] = {"PCMA", 8000, 1},   [9] = {"G722", 8000, 1},   [10] = {"L16", 44100, 2},
  [11] = {"L16", 44100, 1},  [12] = {"QCELP", 8000, 1}, [13] = {"CN", 8000, 1},
  [14] = {"MPA", 90000, 1},  [15] = {"G728", 8000, 1},  [16] = {"DVI4", 11025, 1},
  [17] = {"DVI4", 22050, 1}, [18] = {"G729", 8000, 1},  [25] = {"CelB", 90000, 1},
  [26] = {"JPEG", 90000, 1}, [28] = {"nv", 90000, 1},   [31] = {"H261", 90000, 1},
  [32] = {"MPV", 90000, 1},  [33] = {"MP2T", 90000, 1}, [34] = {"H263", 90000, 1},
};

enum { STATIC_COUNT = sizeof STATIC_TYPES / sizeof STATIC_TYPES[0] };

const char *sdp_static_name(uint8_t payload_type)
{
  return payload_type < STATIC_COUNT ? STATIC_TYPES[payload_type].name : NULL;
}

uint32_t sdp_static_rate(uint8_t payload_type)
{
  return payload_type < STATIC_COUNT ? STATIC_TYPES[payload_type].clock_rate : 0;
}

static bool to_payload_type(Slice format, uint8_t *ret_type)
{
  uint32_t number;

  if (!slice_to_u32(format, &number) || number >= PAYLOAD_TYPES)
    return false;
  *ret_type = (uint8_t) number;
  return true;
}

/* "a=rtpmap:97 iLBC/8000": keeps what follows the number, by number. */
static void keep_by_type(Slice by_type[PAYLOAD_TYPES], Slice value)
{
  uint8_t type;

  if (to_payload_type(sdp_take_word(&value), &type) && !by_type[type].data)
    by_type[type] = slice_trim(value);
}

SdpCodecIter sdp_codecs(const SdpMedia *media)
{
  SdpCodecIter iter = {.formats = media->formats};
  SdpAttribute attribute;

  for (Slice lines = media->lines; sdp_attribute_next(&lines, &attribute);) {
    if (slice_eq_nocase(attribute.name, SLICE("rtpmap")))
      keep_by_type(iter.maps, attribute.value);
    else if (slice_eq_nocase(attribute.name, SLICE("fmtp")))
      keep_by_type(iter.fmtps, attribute.value);
  }
  return iter;
}

bool sdp_codec_next(SdpCodecIter *iter, SdpCodec *ret_codec)
{
  SdpCodec codec = {.format = sdp_take_word(&iter->formats)};

  if (!codec.format.data)
    return false;
  codec.is_payload_type = to_payload_type(codec.format, &codec.payload_type);
  codec.name = codec.format;
  if (codec.is_payload_type) {
    Slice map = iter->maps[codec.payload_type];
    codec.name = SLICE_NONE;
    codec.channels = 1;
    if (codec.payload_type < STATIC_COUNT && STATIC_TYPES[codec.payload_type].name) {
      codec.name = slice_from_string(STATIC_TYPES[codec.payload_type].name);
      codec.clock_rate = STATIC_TYPES[codec.payload_type].clock_rate;
      codec.channels = STATIC_TYPES[codec.payload_type].channels;
    }
    if (map.len > 0) { /* RFC 8866 6.6: name/clock rate[/channels], overrides the static meaning */
      codec.name = slice_trim(slice_cut(&map, '/'));
      codec.clock_rate = number_or(slice_cut(&map, '/'), codec.clock_rate);
      codec.channels = number_or(map, 1);
    }
    codec.fmtp = iter->fmtps[codec.payload_type];
  }
  *ret_codec = codec;
  return true;
}
