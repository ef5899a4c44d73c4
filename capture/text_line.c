#include "capture/text_line.h"

#include <arpa/inet.h>
#include <glib.h>

/* --- Addresses -------------------------------------------------------------------------------- */

PduPortType text_carrier_of(Slice word)
{
  static const struct {
    const char *name;
    PduPortType carrier;
  } NAMES[] = {{"udp", PDU_PORT_UDP},   {"tcp", PDU_PORT_TCP}, {"tls", PDU_PORT_TCP},
               {"sctp", PDU_PORT_SCTP}, {"ws", PDU_PORT_TCP},  {"wss", PDU_PORT_TCP}};

  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
    if (slice_eq_nocase(word, slice_from_string(NAMES[i].name)))
      return NAMES[i].carrier;
  return PDU_PORT_NONE;
}

/* "10.0.0.1:5060", "[2001:db8::1]:5060", and sngrep's "2001:db8::1:5060". */
static bool read_place(Slice text, Place *ret_place)
{
  char address[INET6_ADDRSTRLEN];
  size_t colon = text.len;
  Place place = {0};

  while (colon > 0 && text.data[colon - 1] != ':')
    colon--;
  if (colon < 2 || !slice_to_u16(slice_from(text, colon), &place.port))
    return false;
  Slice host = slice_head(text, colon - 1);
  if (host.len >= 2 && host.data[0] == '[' && host.data[host.len - 1] == ']')
    host = slice_of(host.data + 1, host.len - 2);
  if (host.len >= sizeof address || slice_find(host, '\0') < host.len)
    return false;
  memcpy(address, host.data, host.len);
  address[host.len] = '\0';
  if (inet_pton(AF_INET, address, place.address) == 1)
    place.address_len = 4;
  else if (inet_pton(AF_INET6, address, place.address) == 1)
    place.address_len = 16;
  *ret_place = place;
  return place.address_len > 0;
}

static Slice first_word(Slice text)
{
  return slice_head(text, slice_find(text, ' '));
}

/* Where a message came from or goes to: "udp/[10.0.0.1]:5060", "UDP:10.0.0.1:5060" or without a
 * transport; a colon may end it. */
static bool read_peer(Slice text, Place *ret_place, PduPortType *ret_carrier)
{
  Slice word = first_word(slice_trim(text));
  size_t name_len = 0;

  while (word.len > 0 && word.data[word.len - 1] == ':')
    word.len--;
  while (name_len < word.len && g_ascii_isalpha(word.data[name_len]))
    name_len++;
  PduPortType carrier = text_carrier_of(slice_head(word, name_len));
  bool has_name = carrier != PDU_PORT_NONE && name_len < word.len &&
                  (word.data[name_len] == '/' || word.data[name_len] == ':');
  if (!read_place(slice_from(word, has_name ? name_len + 1 : 0), ret_place))
    return false;
  *ret_carrier = has_name ? carrier : PDU_PORT_NONE;
  return true;
}

/* --- Headings --------------------------------------------------------------------------------- */

/* Finds `needle` and returns what is after it; absent when it is not there. */
static Slice after(Slice text, const char *needle)
{
  size_t len = strlen(needle);
  const char *at = text.data ? memmem(text.data, text.len, needle, len) : NULL;

  return at ? slice_from(text, (size_t) (at - text.data) + len) : SLICE_NONE;
}

/* A row for each way in which programs write which way a message went, and who the peer is. */
static const struct {
  const char *sign;        /* in the line... */
  const char *before_peer; /* ...and after it, before the peer; NULL: the line has no peer */
  bool received;
  bool ends_with_dashes;
} HEADINGS[] = {
  /* FreeSWITCH and drachtio: recv 812 bytes from udp/[10.0.0.1]:5060 at 12:00:00.123456: */
  {"recv ", " bytes from ", true, true},
  {"send ", " bytes to ", false, true},
  /* Asterisk, PJSIP: <--- Received SIP request (512 bytes) from UDP:10.0.0.1:5060 ---> */
  {"Received SIP re", " bytes) from ", true, true},
  {"Transmitting SIP re", " bytes) to ", false, true},
  /* Asterisk, chan_sip: <--- SIP read from UDP:10.0.0.1:5060 --->
   * Retransmitting #1 (NAT) to 10.0.0.1:5060: */
  {"SIP read from ", "", true, true},
  {"ransmitting ", ") to ", false, true},
  /* Cisco CUBE, after a line with the time: nothing else is in the line */
  {"Received:", NULL, true, false},
  {"Sent:", NULL, false, false},
};

static bool heading_of_peer(Slice line, Heading *ret_heading)
{
  for (size_t i = 0; i < G_N_ELEMENTS(HEADINGS); i++) {
    Heading heading = {.ends_with_dashes = HEADINGS[i].ends_with_dashes};
    Place peer = {0};
    if (!HEADINGS[i].before_peer) {
      if (!slice_eq(slice_trim(line), slice_from_string(HEADINGS[i].sign)))
        continue;
    } else {
      Slice rest = after(after(line, HEADINGS[i].sign), HEADINGS[i].before_peer);
      if (!rest.data || !read_peer(rest, &peer, &heading.carrier))
        continue;
    }
    *(HEADINGS[i].received ? &heading.src : &heading.dst) = peer;
    *ret_heading = heading;
    return true;
  }
  return false;
}

/* sngrep, this program: 2024/01/01 12:00:00.123456 10.0.0.1:5060 -> 10.0.0.2:5060
 * ngrep: U 2024/01/01 12:00:00.123456 10.0.0.1:5060 -> 10.0.0.2:5060 #1
 * Homer: proto:UDP 2024-01-01T12:00:00.123Z  10.0.0.1:5060 ---> 10.0.0.2:5060 */
static bool heading_of_arrow(Slice line, Heading *ret_heading)
{
  const char *arrow = after(line, " -> ").data ? " -> " : " ---> ";
  Slice right = after(line, arrow);
  Heading heading = {0};
  PduPortType unused;

  if (!right.data)
    return false;
  Slice left = slice_head(line, (size_t) (right.data - line.data) - strlen(arrow));
  size_t word = left.len;
  while (word > 0 && left.data[word - 1] != ' ')
    word--;
  /* One of them may be unknown, which this program writes as a dash. */
  bool has_src = read_peer(slice_from(left, word), &heading.src, &unused);
  bool has_dst = read_peer(right, &heading.dst, &unused);
  if ((!has_src && !slice_eq(slice_from(left, word), SLICE("-"))) ||
      (!has_dst && !slice_eq(first_word(right), SLICE("-"))) || (!has_src && !has_dst))
    return false;
  bool is_ngrep = line.len > 2 && line.data[1] == ' ' && strchr("UTS", line.data[0]);
  heading.cr_is_dot = is_ngrep;
  if (is_ngrep)
    heading.carrier = line.data[0] == 'U'   ? PDU_PORT_UDP
                      : line.data[0] == 'T' ? PDU_PORT_TCP
                                            : PDU_PORT_SCTP;
  *ret_heading = heading;
  return true;
}

bool text_line_heading(Slice line, Heading *ret_heading)
{
  enum { HEADING_MAX = 512 };

  return line.len <= HEADING_MAX &&
         (heading_of_peer(line, ret_heading) || heading_of_arrow(line, ret_heading));
}

bool text_line_is_rule(Slice line)
{
  Slice text = slice_trim(line);

  if (text.len > 4 && text.data[0] == '<' && text.data[text.len - 1] == '>')
    text = slice_of(text.data + 1, text.len - 2); /* Asterisk: <-------------> */
  if (text.len == 0 || (text.data[0] == '-' && text.len < 3))
    return false;
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] != text.data[0])
      return false;
  return text.data[0] == '-' || text.data[0] == '#';
}

/* --- Messages --------------------------------------------------------------------------------- */

/* What may be in a method or a field name (RFC 3261 25.1, token). */
static bool is_token_char(char c)
{
  return g_ascii_isalnum(c) || (c != '\0' && strchr("-.!%*_+`'~", c));
}

bool text_line_is_header(Slice line)
{
  size_t colon = slice_find(line, ':');
  size_t len = colon;

  while (len > 0 && (line.data[len - 1] == ' ' || line.data[len - 1] == '\t'))
    len--;
  if (colon == line.len || len == 0)
    return false;
  for (size_t i = 0; i < len; i++)
    if (!is_token_char(line.data[i]))
      return false;
  return true;
}

static const Slice VERSION = {"SIP/2.0", 7};

/* "SIP/2.0 200 OK" at the beginning of a line, or where a prefix ends. */
static bool find_status_line(Slice line, Slice *ret_start)
{
  const char *at = memmem(line.data, line.len, "SIP/2.0 ", 8);

  if (!at)
    return false;
  size_t prefix = (size_t) (at - line.data);
  Slice code = slice_head(slice_from(line, prefix + 8), 3);
  uint16_t status;
  if (!slice_to_u16(code, &status) || code.len < 3 || status < 100 || status > 699)
    return false;
  char next = line.len > prefix + 11 ? line.data[prefix + 11] : ' ';
  if (next != ' ' || (prefix > 0 && !strchr(" \t>|\"'", line.data[prefix - 1])))
    return false;
  *ret_start = slice_from(line, prefix);
  return true;
}

static size_t word_before(Slice line, size_t end)
{
  while (end > 0 && line.data[end - 1] != ' ')
    end--;
  return end;
}

/* "INVITE sip:bob@example.com SIP/2.0", the last three words of a line. */
static bool find_request_line(Slice line, Slice *ret_start)
{
  Slice text = line;

  while (text.len > 0 && strchr(" \t\r.\"'", text.data[text.len - 1]))
    text.len--;
  if (text.len <= VERSION.len || !slice_eq(slice_from(text, text.len - VERSION.len), VERSION))
    return false;
  size_t version = text.len - VERSION.len;
  if (version < 4 || text.data[version - 1] != ' ')
    return false;
  size_t uri = word_before(text, version - 1);
  Slice target = slice_of(text.data + uri, version - 1 - uri);
  size_t scheme = slice_find(target, ':');
  if (uri < 2 || scheme == 0 || scheme > 16 || scheme == target.len)
    return false;
  size_t method = uri - 1;
  while (method > 0 && is_token_char(text.data[method - 1]))
    method--;
  if (method == uri - 1 || !g_ascii_isupper(text.data[method]))
    return false;
  *ret_start = slice_from(text, method);
  return true;
}

bool text_line_start(Slice line, Slice *ret_start)
{
  return line.len > 0 && (find_status_line(line, ret_start) || find_request_line(line, ret_start));
}

/* --- Times ------------------------------------------------------------------------------------ */

/* Digits, as many as there are up to `max`; at least one. */
static bool take_number(Slice *text, size_t max, int *ret_number)
{
  size_t len = 0;
  int number = 0;

  for (; len < max && len < text->len && g_ascii_isdigit(text->data[len]); len++)
    number = number * 10 + (text->data[len] - '0');
  *text = slice_from(*text, len);
  *ret_number = number;
  return len > 0;
}

static bool take_byte(Slice *text, const char *allowed)
{
  if (text->len == 0 || text->data[0] == '\0' || !strchr(allowed, text->data[0]))
    return false;
  *text = slice_from(*text, 1);
  return true;
}

static void take_fraction(Slice *text, int64_t *ret_ns)
{
  int64_t unit = 100000000;
  Slice rest = *text;

  *ret_ns = 0;
  if (!take_byte(&rest, ".,") || rest.len == 0 || !g_ascii_isdigit(rest.data[0]))
    return;
  for (; rest.len > 0 && g_ascii_isdigit(rest.data[0]); rest = slice_from(rest, 1)) {
    *ret_ns += (rest.data[0] - '0') * unit;
    unit /= 10;
  }
  *text = rest;
}

/* "Z", "+02:00" or "+0200" directly after a time. */
static void take_offset(Slice text, TextTime *time)
{
  int hours, minutes = 0;
  bool is_west = text.len > 0 && text.data[0] == '-';

  if (take_byte(&text, "Z")) {
    time->has_offset = true;
  } else if (take_byte(&text, "+-") && take_number(&text, 2, &hours) && hours <= 14) {
    (void) !take_byte(&text, ":");
    (void) !take_number(&text, 2, &minutes);
    time->has_offset = true;
    time->offset_s = (hours * 60 + minutes) * 60 * (is_west ? -1 : 1);
  }
}

static bool take_clock(Slice *text, TextTime *time)
{
  if (!take_number(text, 2, &time->hour) || !take_byte(text, ":") ||
      !take_number(text, 2, &time->minute) || !take_byte(text, ":") ||
      !take_number(text, 2, &time->second))
    return false;
  take_fraction(text, &time->fraction_ns);
  take_offset(*text, time);
  return time->hour < 24 && time->minute < 60 && time->second < 61;
}

/* "2024-01-01 12:00:00", "2024/01/01T12:00:00Z". */
static bool read_date_time(Slice text, TextTime *time)
{
  return take_number(&text, 4, &time->year) && time->year >= 1970 && take_byte(&text, "-/") &&
         take_number(&text, 2, &time->month) && take_byte(&text, "-/") &&
         take_number(&text, 2, &time->day) && take_byte(&text, " T") && take_clock(&text, time);
}

/* "Jan  1 12:00:00.123", "Jan 1 2024 12:00:00". */
static bool read_month_time(Slice text, TextTime *time)
{
  static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

  if (text.len < 4 || text.data[3] != ' ')
    return false;
  for (int month = 0; month < 12; month++)
    if (memcmp(text.data, MONTHS + (size_t) (3 * month), 3) == 0)
      time->month = month + 1;
  text = slice_trim(slice_from(text, 3));
  if (time->month == 0 || !take_number(&text, 2, &time->day) || !take_byte(&text, " "))
    return false;
  Slice after_day = text;
  if (!take_number(&text, 4, &time->year) || time->year < 1970 || !take_byte(&text, " ")) {
    time->year = 0;
    text = after_day;
  }
  return take_clock(&text, time);
}

static bool read_clock(Slice text, TextTime *time)
{
  return take_clock(&text, time);
}

bool text_line_time(Slice line, TextTime *ret_time)
{
  static bool (*const READERS[])(Slice, TextTime *) = {read_date_time, read_month_time, read_clock};
  enum { NEAR = 100, TIME_MAX = 64 };

  line = slice_head(line, NEAR + TIME_MAX);
  for (size_t i = 0; i < G_N_ELEMENTS(READERS); i++) {
    for (size_t at = 0; at < line.len && at < NEAR; at++) {
      TextTime time = {0};
      /* only where a word begins */
      if (at > 0 && g_ascii_isalnum(line.data[at - 1]))
        continue;
      if (at > 0 && strchr(":.-/", line.data[at - 1]))
        continue;
      if (READERS[i](slice_from(line, at), &time)) {
        *ret_time = time;
        return true;
      }
    }
  }
  return false;
}
