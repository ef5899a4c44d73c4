#include "capture/text_trace.h"

#include "capture/language.h"
#include "capture/pcap_write.h"
#include "capture/pdu.h"
#include "capture/text_line.h"
#include "capture/text_packed.h"

static const int64_t SECOND_NS = 1000000000;
static const int64_t DAY_S = 24 * 60 * 60;

typedef enum {
  OUTSIDE, /* of a message */
  HEADERS,
  BODY,
} Part;

struct TextTrace {
  GTimeZone *zone;  /* of this machine: looked up once, as it is read from files */
  GByteArray *line; /* the beginning of one that has not ended yet */
  bool line_is_cut; /* it was too long: the rest is passed over */

  Heading heading; /* of the next message, or of this one */
  bool has_heading;
  int64_t heading_ns; /* time in it; 0: it has none */
  int64_t line_ns;    /* of the last line with a time */
  int64_t clock_s;    /* of the last time without a date, and the days that have passed */
  int64_t days;

  Part part;
  GByteArray *text; /* of the message, its lines in CRLF */
  size_t body;      /* where its body begins */
  size_t body_lines;
  bool has_length, has_type;
  bool is_sip;     /* it has a field that each message has */
  bool quotes;     /* its body may be another message, or text */
  uint32_t length; /* Content-Length */
  size_t prefix;   /* of its lines */
  char first[2];   /* bytes of the prefix of its first line, */
  char last;       /* by which that of the others is known */
  bool cr_is_dot;
  size_t header_lines;
  PduPortType via; /* transport of the topmost Via */
  bool seen_via;

  GByteArray *packed; /* of a message in rows, see text_packed.h; empty: there is none */
  size_t packed_width;

  bool began; /* the header of the file was written */
  uint64_t messages, without_time, without_date, without_place, too_long;
};

TextTrace *text_trace_new(void)
{
  TextTrace *trace = g_new0(TextTrace, 1);

  trace->zone = g_time_zone_new_local();
  trace->line = g_byte_array_new();
  trace->text = g_byte_array_new();
  trace->packed = g_byte_array_new();
  return trace;
}

void text_trace_free(TextTrace *trace)
{
  if (!trace)
    return;
  g_time_zone_unref(trace->zone);
  g_byte_array_unref(trace->line);
  g_byte_array_unref(trace->text);
  g_byte_array_unref(trace->packed);
  g_free(trace);
}

/* Control characters are in no text but for blanks, form feeds and the escapes of colours; UTF-16
 * is not read. */
bool text_trace_detect(Slice head)
{
  for (size_t i = 0; i < head.len; i++) {
    unsigned char c = (unsigned char) head.data[i];
    bool is_allowed = c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\x1b';
    if ((c < ' ' && !is_allowed) || c == 0x7f || c == 0xff || c == 0xfe)
      return false;
  }
  return head.len > 0;
}

/* --- Times ------------------------------------------------------------------------------------ */

static int64_t local_to_unix(const TextTrace *trace, const TextTime *time, int year, int month,
                             int day)
{
  g_autoptr(GTimeZone) zone =
    time->has_offset ? g_time_zone_new_offset(time->offset_s) : g_time_zone_ref(trace->zone);
  g_autoptr(GDateTime) date =
    g_date_time_new(zone, year, month, day, time->hour, time->minute, time->second);

  return date ? g_date_time_to_unix(date) : 0;
}

/* Without a date: the first days of 1970, and one more each time the clock passes midnight. */
static int64_t clock_to_unix(TextTrace *trace, const TextTime *time)
{
  int64_t clock_s = time->hour * 3600 + time->minute * 60 + time->second;

  if (clock_s + DAY_S / 4 < trace->clock_s)
    trace->days++;
  trace->clock_s = clock_s;
  int64_t unix_s = local_to_unix(trace, time, 1970, 1, 1);
  return unix_s + (unix_s < 0 ? DAY_S : 0) + trace->days * DAY_S;
}

static int64_t time_to_ns(TextTrace *trace, const TextTime *time)
{
  bool has_date = time->month > 0 && time->year > 0;
  int64_t unix_s = has_date ? local_to_unix(trace, time, time->year, time->month, time->day)
                   : time->month > 0 ? local_to_unix(trace, time, 1970, time->month, time->day)
                                     : clock_to_unix(trace, time);

  if (unix_s < 0 || unix_s >= FRAME_TIME_MAX / SECOND_NS)
    return 0;
  trace->without_date += !has_date;
  return unix_s * SECOND_NS + time->fraction_ns;
}

/* --- Writing ---------------------------------------------------------------------------------- */

static void put_place(GByteArray *to, const Place *place, bool is_src)
{
  bool is_ipv4 = place->address_len == 4;
  PduTag src = is_ipv4 ? PDU_IPV4_SRC : PDU_IPV6_SRC, dst = is_ipv4 ? PDU_IPV4_DST : PDU_IPV6_DST;

  if (place->address_len == 0)
    return;
  pdu_put(to, is_src ? src : dst, place->address, place->address_len);
  pdu_put_number(to, is_src ? PDU_SRC_PORT : PDU_DST_PORT, place->port);
}

static void put_file_header(TextTrace *trace, GByteArray *out)
{
  uint8_t header[PCAP_FILE_HEADER_LEN];

  if (trace->began)
    return;
  pcap_write_file_header(LINK_TYPE_PDU, header);
  g_byte_array_append(out, header, sizeof header);
  trace->began = true;
}

static void put_message(TextTrace *trace, GByteArray *out)
{
  const Heading *heading = &trace->heading;
  PduPortType carrier = heading->carrier != PDU_PORT_NONE ? heading->carrier : trace->via;
  uint8_t header[PCAP_RECORD_HEADER_LEN] = {0};

  put_file_header(trace, out);
  guint at = out->len;
  g_byte_array_append(out, header, sizeof header);
  pdu_put(out, PDU_DISSECTOR, "sip", 3);
  put_place(out, &heading->src, true);
  put_place(out, &heading->dst, false);
  if (carrier != PDU_PORT_NONE)
    pdu_put_number(out, PDU_PORT_TYPE, (uint32_t) carrier);
  pdu_put(out, PDU_END, NULL, 0);
  g_byte_array_append(out, trace->text->data, trace->text->len);
  uint32_t len = out->len - at - PCAP_RECORD_HEADER_LEN;
  Frame frame = {.len = len,
                 .wire_len = len,
                 .time_ns = trace->heading_ns > 0 ? trace->heading_ns : trace->line_ns};
  pcap_write_record_header(&frame, header);
  memcpy(out->data + at, header, sizeof header);
  trace->messages++;
  trace->without_time += frame.time_ns == 0;
  trace->without_place += heading->src.address_len == 0 || heading->dst.address_len == 0;
}

/* --- Messages --------------------------------------------------------------------------------- */

/* Lines that ended in LF where they were sent are shorter than with CRLF: the Content-Length shows
 * which.  Bytes after it are not part of the message. */
static void fit_body(TextTrace *trace)
{
  GByteArray *text = trace->text;
  size_t len = text->len - trace->body;
  size_t with_lf = len - trace->body_lines;

  if (trace->has_length && len > trace->length && with_lf > 0 &&
      (with_lf == trace->length || with_lf - 1 == trace->length)) {
    size_t to = trace->body;
    for (size_t from = trace->body; from < text->len; from++)
      if (text->data[from] != '\r' || from + 1 == text->len || text->data[from + 1] != '\n')
        text->data[to++] = text->data[from];
    g_byte_array_set_size(text, (guint) to);
  }
  if (trace->has_length && text->len - trace->body > trace->length)
    g_byte_array_set_size(text, (guint) (trace->body + trace->length));
}

/* The message is over, or was none: logs write start-lines alone, too. */
static void end_message(TextTrace *trace, GByteArray *out)
{
  Part part = trace->part;

  trace->part = OUTSIDE;
  if (part == OUTSIDE)
    return;
  if (part == HEADERS)
    g_byte_array_append(trace->text, (const uint8_t *) "\r\n", 2);
  if (part == BODY)
    fit_body(trace);
  if (trace->is_sip)
    put_message(trace, out);
  trace->heading = (Heading){0};
  trace->has_heading = false;
  trace->heading_ns = 0;
}

static void add_line(TextTrace *trace, Slice line, GByteArray *out)
{
  if (trace->text->len + line.len + 2 > TEXT_MESSAGE_MAX) {
    trace->too_long++;
    end_message(trace, out);
    return;
  }
  g_byte_array_append(trace->text, (const uint8_t *) line.data, (guint) line.len);
  g_byte_array_append(trace->text, (const uint8_t *) "\r\n", 2);
}

/* `start` lies in the line. */
static void begin_message(TextTrace *trace, Slice line, Slice start)
{
  bool has_dot = line.data[line.len - 1] == '.';
  size_t prefix = (size_t) (start.data - line.data);

  g_byte_array_set_size(trace->text, 0);
  trace->part = HEADERS;
  trace->prefix = prefix;
  memcpy(trace->first, line.data, MIN(prefix, sizeof trace->first));
  trace->last = prefix > 0 ? line.data[prefix - 1] : '\0';
  trace->cr_is_dot = trace->heading.cr_is_dot && has_dot;
  trace->header_lines = trace->body_lines = 0;
  trace->has_length = trace->has_type = trace->seen_via = false;
  trace->is_sip = trace->quotes = false;
  trace->length = 0;
  trace->via = PDU_PORT_NONE;
}

/* Without what a quotation, an indented log or syslog puts before each line, if it does. */
static Slice without_prefix(const TextTrace *trace, Slice line)
{
  size_t len = MIN(trace->prefix, line.len);
  size_t blanks = 0;

  while (blanks < len && strchr(" \t>|", line.data[blanks]) && line.data[blanks] != '\0')
    blanks++;
  if (blanks == trace->prefix || (blanks == line.len && trace->prefix > 0))
    return slice_from(line, blanks);
  bool is_like_first = len == trace->prefix && len > sizeof trace->first + 1 &&
                       memcmp(line.data, trace->first, sizeof trace->first) == 0 &&
                       line.data[len - 1] == trace->last;
  return is_like_first ? slice_from(line, len) : line;
}

static bool is_field(Slice line, const char *name, const char *compact, Slice *ret_value)
{
  Slice value = line;
  Slice key = slice_trim(slice_cut(&value, ':'));

  if (!slice_eq_nocase(key, slice_from_string(name)) &&
      !slice_eq_nocase(key, slice_from_string(compact)))
    return false;
  *ret_value = slice_trim(value);
  return true;
}

static PduPortType carrier_of_via(Slice via)
{
  size_t len = 0;

  slice_cut(&via, '/');
  slice_cut(&via, '/');
  via = slice_trim(via);
  while (len < via.len && g_ascii_isalpha(via.data[len]))
    len++;
  return text_carrier_of(slice_head(via, len));
}

static bool is_of_each_message(Slice line)
{
  static const char *const NAMES[][2] = {
    {"Via", "v"}, {"Call-ID", "i"}, {"From", "f"}, {"To", "t"}, {"CSeq", "CSeq"}};
  Slice unused;

  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
    if (is_field(line, NAMES[i][0], NAMES[i][1], &unused))
      return true;
  return false;
}

/* What is needed here of the fields: where the body ends, and the transport. */
static void note_field(TextTrace *trace, Slice line)
{
  Slice value;

  trace->is_sip = trace->is_sip || is_of_each_message(line);
  if (is_field(line, "Content-Length", "l", &value)) {
    trace->has_length = slice_to_u32(value, &trace->length);
  } else if (is_field(line, "Content-Type", "c", &value)) {
    trace->has_type = true;
    trace->quotes = slice_starts_with_nocase(value, SLICE("message/")) ||
                    slice_starts_with_nocase(value, SLICE("multipart/")) ||
                    slice_starts_with_nocase(value, SLICE("text/"));
  } else if (!trace->seen_via && is_field(line, "Via", "v", &value)) {
    trace->seen_via = true;
    trace->via = carrier_of_via(value);
  }
}

/* Has the body all its bytes, its lines counted with CRLF but the last, which may have none? */
static bool body_is_whole(const TextTrace *trace)
{
  return trace->has_length && trace->text->len - trace->body + 2 >= trace->length;
}

/* Exactly so many: what follows is a body with shorter line ends only if it looks like one. */
static bool body_fits(const TextTrace *trace)
{
  size_t len = trace->text->len - trace->body;

  return trace->has_length && (len == trace->length || len == (size_t) trace->length + 2);
}

/* Could the body go on if its lines ended in LF alone? */
static bool fits_with_lf(const TextTrace *trace, Slice line)
{
  size_t len = trace->text->len - trace->body - trace->body_lines;

  return trace->has_length && len + line.len <= trace->length;
}

/* --- Lines ------------------------------------------------------------------------------------ */

static void take_heading(TextTrace *trace, Slice line, const Heading *heading)
{
  TextTime time;

  trace->heading = *heading;
  trace->has_heading = true;
  if (text_line_time(line, &time))
    trace->heading_ns = trace->line_ns = time_to_ns(trace, &time);
}

static void take_outside(TextTrace *trace, Slice line)
{
  TextTime time;

  if (text_line_time(line, &time))
    trace->line_ns = time_to_ns(trace, &time);
}

static void take_header(TextTrace *trace, Slice line, GByteArray *out)
{
  TextTime unused;

  if (line.len == 0) {
    g_byte_array_append(trace->text, (const uint8_t *) "\r\n", 2);
    trace->part = BODY;
    trace->body = trace->text->len;
    if (trace->header_lines == 0 || (trace->has_length ? trace->length == 0 : !trace->has_type))
      end_message(trace, out);
    return;
  }
  bool is_header = text_line_is_header(line);
  bool is_continued = trace->header_lines > 0 && slice_is_blank(line.data[0]);
  bool is_none = trace->header_lines == 0 && !is_header;
  if (is_none || (!is_header && !is_continued && text_line_time(line, &unused))) {
    end_message(trace, out);
    take_outside(trace, line);
    return;
  }
  trace->header_lines++;
  note_field(trace, line);
  add_line(trace, line, out);
}

static void take_body(TextTrace *trace, Slice line, GByteArray *out)
{
  TextTime unused;
  bool is_over = body_is_whole(trace) && !fits_with_lf(trace, line);

  is_over |=
    (body_fits(trace) || !trace->has_length) && (line.len == 0 || text_line_time(line, &unused));
  if (is_over) {
    end_message(trace, out);
    take_outside(trace, line);
    return;
  }
  trace->body_lines++;
  add_line(trace, line, out);
}

/* Does a rule end the message?  In a body it may be text. */
static bool is_ended_by(const TextTrace *trace, Slice line)
{
  return trace->part != OUTSIDE && text_line_is_rule(line) &&
         (trace->heading.ends_with_dashes || trace->part == HEADERS || !trace->has_length ||
          body_is_whole(trace));
}

/* Start-lines are in bodies, too (RFC 3420). */
static bool may_start(const TextTrace *trace)
{
  return trace->part != BODY || !trace->quotes || body_is_whole(trace);
}

/* The rest of a line in a message. */
static void take_text(TextTrace *trace, Slice line, GByteArray *out)
{
  line = without_prefix(trace, line);
  if (trace->cr_is_dot && line.len > 0 && line.data[line.len - 1] == '.')
    line.len--;
  if (trace->part == HEADERS)
    take_header(trace, line, out);
  else
    take_body(trace, line, out);
}

static void take_start(TextTrace *trace, Slice line, Slice start, GByteArray *out)
{
  end_message(trace, out);
  if (start.data > line.data && !trace->has_heading)
    take_outside(trace, slice_head(line, (size_t) (start.data - line.data)));
  begin_message(trace, line, start);
  if (trace->cr_is_dot && start.data[start.len - 1] == '.')
    start.len--;
  add_line(trace, start, out);
}

static void take_line(TextTrace *trace, Slice line, GByteArray *out)
{
  Heading heading;
  Slice start;

  while (line.len > 0 && line.data[line.len - 1] == '\r')
    line.len--;
  if (text_line_heading(line, &heading)) {
    end_message(trace, out);
    take_heading(trace, line, &heading);
  } else if (is_ended_by(trace, line)) {
    end_message(trace, out);
  } else if (may_start(trace) && text_line_start(line, &start)) {
    take_start(trace, line, start, out);
  } else if (trace->part == OUTSIDE) {
    take_outside(trace, line);
  } else {
    take_text(trace, line, out);
  }
}

/* A log may have written the line ends of a message as text: "#015#012" (rsyslog), "\r\n". */
static void take_log_line(TextTrace *trace, Slice line, GByteArray *out)
{
  static const char *const ESCAPES[] = {"#015#012", "\\r\\n"};
  const char *escape = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS(ESCAPES) && !escape; i++)
    if (line.len > 0 && memmem(line.data, line.len, ESCAPES[i], strlen(ESCAPES[i])))
      escape = ESCAPES[i];
  while (escape) {
    const char *at = memmem(line.data, line.len, escape, strlen(escape));
    if (!at)
      break;
    size_t len = (size_t) (at - line.data);
    take_line(trace, slice_head(line, len), out);
    line = slice_from(line, len + strlen(escape));
  }
  take_line(trace, line, out);
}

/* --- Messages in one piece -------------------------------------------------------------------- */

static void end_packed(TextTrace *trace, GByteArray *out)
{
  Slice rest = slice_of((const char *) trace->packed->data, trace->packed->len);
  bool in_body = false;

  if (rest.len == 0)
    return;
  while (rest.len > 0)
    take_line(trace, text_packed_line(&rest, &in_body), out);
  end_message(trace, out);
  g_byte_array_set_size(trace->packed, 0);
}

/* Blanks at the end of the row before may have got lost. */
static void add_row(TextTrace *trace, Slice row)
{
  size_t width = trace->packed_width;

  while (trace->packed->len % width != 0)
    g_byte_array_append(trace->packed, (const uint8_t *) " ", 1);
  g_byte_array_append(trace->packed, (const uint8_t *) row.data, (guint) MIN(row.len, width));
}

/* The first line of a message in one piece, which goes on in the next ones if it is indented. */
static bool begin_packed(TextTrace *trace, Slice line, GByteArray *out)
{
  Slice heading = SLICE_NONE, message = line;
  bool is_row = slice_starts_with(line, SLICE("  "));
  Heading unused;

  if (is_row)
    message = slice_from(line, 2);
  if (text_packed_split(line, &heading, &message) && text_line_heading(heading, &unused))
    take_line(trace, heading, out);
  if (trace->part != OUTSIDE || !trace->heading.cr_is_dot || !text_packed_begins(message))
    return false;
  g_byte_array_append(trace->packed, (const uint8_t *) message.data, (guint) message.len);
  trace->packed_width = message.len;
  if (!is_row)
    end_packed(trace, out);
  return true;
}

/* False when the line is another. */
static bool take_packed(TextTrace *trace, Slice line, GByteArray *out)
{
  bool is_row = trace->packed->len > 0 && slice_starts_with(line, SLICE("  ")) && line.len > 2;

  if (is_row && trace->packed->len < TEXT_MESSAGE_MAX) {
    add_row(trace, slice_from(line, 2));
    return true;
  }
  trace->too_long += is_row;
  end_packed(trace, out);
  return begin_packed(trace, line, out);
}

/* Consoles write colours: ESC [ numbers m. */
static void drop_colors(GByteArray *line)
{
  size_t to = 0;

  if (line->len == 0 || !memchr(line->data, '\x1b', line->len))
    return;
  for (size_t from = 0; from < line->len; from++) {
    size_t end = from + 2;
    bool is_escape =
      line->data[from] == '\x1b' && from + 1 < line->len && line->data[from + 1] == '[';
    while (is_escape && end < line->len &&
           (g_ascii_isdigit(line->data[end]) || line->data[end] == ';'))
      end++;
    if (is_escape && end < line->len && line->data[end] == 'm')
      from = end;
    else
      line->data[to++] = line->data[from];
  }
  g_byte_array_set_size(line, (guint) to);
}

/* Takes the line that has ended. */
static void end_line(TextTrace *trace, GByteArray *out)
{
  drop_colors(trace->line);
  Slice line = slice_of((const char *) trace->line->data, trace->line->len);
  if (!take_packed(trace, line, out))
    take_log_line(trace, line, out);
  trace->too_long += trace->line_is_cut;
  trace->line_is_cut = false;
  g_byte_array_set_size(trace->line, 0);
}

void text_trace_feed(TextTrace *trace, Slice bytes, GByteArray *out)
{
  while (bytes.len > 0) {
    size_t len = slice_find(bytes, '\n');
    size_t room = TEXT_LINE_MAX - trace->line->len;
    g_byte_array_append(trace->line, (const uint8_t *) bytes.data, (guint) MIN(len, room));
    trace->line_is_cut |= len > room;
    if (len < bytes.len)
      end_line(trace, out);
    bytes = slice_from(bytes, len + 1);
  }
}

void text_trace_pause(TextTrace *trace, GByteArray *out)
{
  if (trace->part == BODY && trace->line->len == 0 && body_is_whole(trace))
    end_message(trace, out);
}

void text_trace_end(TextTrace *trace, GByteArray *out)
{
  if (trace->line->len > 0)
    end_line(trace, out);
  end_packed(trace, out);
  end_message(trace, out);
}

char *text_trace_lacks(const TextTrace *trace)
{
  g_autoptr(GString) text = g_string_new(NULL);
  const struct {
    uint64_t count;
    const char *what;
  } LACKS[] = {
    {trace->without_time, N_("without a time")},
    {trace->without_place, N_("without one or both addresses")},
    {trace->too_long, N_("cut (a line or message is too long)")},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(LACKS); i++)
    if (LACKS[i].count > 0)
      g_string_append_printf(text, "%s%" G_GUINT64_FORMAT " %s", text->len > 0 ? _(", ") : "",
                             LACKS[i].count, _(LACKS[i].what));
  if (trace->without_date > 0)
    g_string_append_printf(text, "%s%s", text->len > 0 ? _(", ") : "",
                           _("times without a date or year, shown as of 1970"));
  return text->len > 0
           ? g_strdup_printf(translate_count("text trace of %" G_GUINT64_FORMAT " message: %s",
                                             "text trace of %" G_GUINT64_FORMAT " messages: %s",
                                             trace->messages),
                             trace->messages, text->str)
           : NULL;
}
