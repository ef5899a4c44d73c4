#include "dissect/stream/sip_frame.h"

#include <glib.h>

#include "dissect/sip/sip_chars.h"
#include "dissect/sip/sip_msg.h"
#include "dissect/sip/sip_names.h"
#include "dissect/sip/sip_start.h"

/* --- Resynchronisation ------------------------------------------------------------------------ */

/*
 * Where may a message begin in bytes of which nothing is known?  Bodies, logs and other protocols
 * have lines that resemble start-lines, so more is asked for than of a message that is known to
 * begin here: an exact start-line (RFC 3261 7.1, 7.2), and after it a line that begins like a
 * header field.
 */
typedef enum {
  RESYNC_NO,
  RESYNC_MORE, /* the first line would do, the next one is not here yet */
  RESYNC_YES,
} Resync;

enum {
  METHOD_MAX = 32,      /* bytes; the longest registered one has 9 */
  HEADER_NAME_MAX = 64, /* bytes of a header name; the longest registered one has 29 */
};

/* Exactly METHOD SP scheme ":" ... SP SIP/2.0, or SIP/2.0 SP 3DIGIT. */
static bool is_strict(Slice line, const SipStart *start)
{
  enum { LOOSE = SIP_START_SPACES | SIP_START_VERSION_CASE | SIP_START_VERSION | SIP_START_STATUS };

  if (start->flaws & LOOSE)
    return false;
  if (!start->is_request)
    return slice_starts_with(line, SLICE("SIP/2.0 "));
  size_t scheme = sip_span(start->uri, SIP_CHAR_SCHEME);
  return start->method.len <= METHOD_MAX && scheme > 0 && scheme < start->uri.len &&
         start->uri.data[scheme] == ':' && slice_find(start->uri, ' ') == start->uri.len;
}

/* token HCOLON (RFC 3261 25.1). */
static Resync check_header(Slice bytes)
{
  Slice head = slice_head(bytes, HEADER_NAME_MAX);
  size_t at = sip_span(head, SIP_CHAR_TOKEN);

  if (at == 0 && bytes.len > 0)
    return RESYNC_NO;
  while (at < head.len && (head.data[at] == ' ' || head.data[at] == '\t'))
    at++;
  if (at < head.len)
    return head.data[at] == ':' ? RESYNC_YES : RESYNC_NO;
  return at < HEADER_NAME_MAX ? RESYNC_MORE : RESYNC_NO;
}

/*
 * Judges bytes that begin with a whole line.  `lenient`: the place itself is likely (the first
 * bytes, or those after a hole), so any start-line will do.
 */
static Resync resync_check(Slice bytes, bool lenient)
{
  SipStart start;
  Slice line = slice_take_line(&bytes);

  if (!sip_start_parse(line, false, &start))
    return RESYNC_NO;
  if (!lenient && !is_strict(line, &start))
    return RESYNC_NO;
  return check_header(bytes);
}

/* Does the line begin with the end of a registered method, as after a hole ("NVITE sip:...")? */
static bool resync_is_tail(Slice line)
{
  Slice word = slice_head(line, sip_span(line, SIP_CHAR_TOKEN));
  bool is_end = false;

  for (SipMethod method = SIP_METHOD_OTHER + 1; method < SIP_METHOD_COUNT; method++) {
    Slice name = slice_from_string(sip_method_name(method));
    if (slice_eq(name, word))
      return false;
    is_end |=
      word.len > 0 && name.len > word.len && slice_eq(slice_from(name, name.len - word.len), word);
  }
  return is_end;
}

/* Bytes of the registered method that ends the word, or 0. */
static size_t method_at_end(Slice word)
{
  for (SipMethod method = SIP_METHOD_OTHER + 1; method < SIP_METHOD_COUNT; method++) {
    Slice name = slice_from_string(sip_method_name(method));
    if (word.len >= name.len && slice_eq(slice_from(word, word.len - name.len), name))
      return name.len;
  }
  return 0;
}

/* Where the word that ends before `end` begins. */
static size_t word_before(Slice line, size_t end)
{
  while (end > 0 && line.data[end - 1] != ' ')
    end--;
  return end;
}

static size_t find_request(Slice line)
{
  size_t version = word_before(line, line.len);
  size_t uri = version > 0 ? word_before(line, version - 1) : 0;
  SipStart start;

  if (uri == 0)
    return 0;
  size_t method = method_at_end(slice_head(line, uri - 1));
  Slice rest = slice_from(line, uri - 1 - method);
  if (method == 0 || !sip_start_parse(rest, false, &start) || !is_strict(rest, &start))
    return 0;
  return uri - 1 - method;
}

static size_t find_response(Slice line)
{
  static const char VERSION[] = "SIP/2.0 ";
  const char *hit = line.data;
  SipStart start;

  while ((hit = memmem(hit, line.len - (size_t) (hit - line.data), VERSION, strlen(VERSION)))) {
    Slice rest = slice_from(line, (size_t) (hit - line.data));
    if (sip_start_parse(rest, false, &start) && !start.is_request && is_strict(rest, &start))
      return (size_t) (hit - line.data);
    hit++;
  }
  return 0;
}

/*
 * A body need not end with its line, so a message may begin in the middle of one.  Where in the
 * line an exact start-line with a registered method begins; 0 when none does after its
 * start.
 */
static size_t resync_find(Slice line)
{
  if (slice_starts_with(line, SLICE("SIP/2.0 ")))
    return 0;
  size_t request = find_request(line);

  return request > 0 ? request : find_response(line);
}

bool sip_begins_inside(Slice bytes)
{
  bytes = slice_from(bytes, sip_start_fillers(bytes));
  Slice line = slice_take_line(&bytes);
  Slice word = slice_head(line, sip_span(line, SIP_CHAR_TOKEN));
  SipStart start;

  if (slice_eq(word, SLICE("SIP")) || sip_method_from_slice(word) > SIP_METHOD_OTHER)
    return false;
  return !(sip_start_parse(line, false, &start) && is_strict(line, &start)) &&
         resync_find(line) > 0;
}

/* --- The framer ------------------------------------------------------------------------------- */

enum {
  START_LINE_MAX = 16 * 1024, /* in sync; longer than any real Request-URI */
  LOST_KEEP_MAX = 4 * 1024,   /* bytes of a line that may hold a start-line */
  BUFFER_MIN = 2 * 1024,
};

void sip_framer_init(SipFramer *framer, size_t message_max, bool in_sync)
{
  *framer = (SipFramer){.state = in_sync ? SIP_FRAMER_START : SIP_FRAMER_LOST,
                        .message_max = message_max,
                        .fresh = true};
}

void sip_framer_clear(SipFramer *framer)
{
  g_free(framer->buffer);
  framer->buffer = NULL;
  framer->buffer_len = framer->buffer_room = 0;
  framer->buffered = false;
}

/* All bytes from the message's first on. */
static Slice view_of(const SipFramer *framer)
{
  if (framer->buffered)
    return slice_of(framer->buffer + framer->begin, framer->buffer_len - framer->begin);
  return slice_from(framer->input, framer->begin);
}

static void buffer_add(SipFramer *framer, Slice bytes)
{
  size_t len = framer->buffer_len + bytes.len;

  if (len > framer->buffer_room) {
    framer->buffer_room = MAX(len + len / 2, (size_t) BUFFER_MIN);
    framer->buffer = g_realloc(framer->buffer, framer->buffer_room);
  }
  if (bytes.len > 0)
    memcpy(framer->buffer + framer->buffer_len, bytes.data, bytes.len);
  framer->buffer_len = len;
}

/* The view's first bytes are done with.  The buffer stays as it is until the next call. */
static void consume(SipFramer *framer, size_t len)
{
  framer->begin += len;
  framer->line = framer->scanned = 0;
  if (!framer->buffered || framer->begin < framer->joint)
    return;
  framer->begin -= framer->joint;
  framer->buffered = false;
}

/* Keeps what is left of the input for the next one. */
static bool keep_rest(SipFramer *framer)
{
  Slice rest = view_of(framer);

  if (!framer->buffered)
    framer->buffer_len = 0;
  if (rest.len == 0) {
    sip_framer_clear(framer);
  } else if (!framer->buffered) {
    buffer_add(framer, rest);
  } else if (framer->begin > 0) {
    memmove(framer->buffer, rest.data, rest.len);
    framer->buffer_len = rest.len;
  }
  framer->buffered = rest.len > 0;
  framer->begin = 0;
  framer->joint = framer->buffer_len;
  framer->input = SLICE_NONE;
  return false;
}

static void lose(SipFramer *framer, bool fresh)
{
  framer->state = SIP_FRAMER_LOST;
  framer->fresh = fresh;
  framer->mid_line = false;
}

static void begin_header(SipFramer *framer, size_t line_end)
{
  Slice view = view_of(framer);

  framer->tail =
    framer->state == SIP_FRAMER_LOST && framer->fresh && resync_is_tail(slice_head(view, line_end));
  framer->state = SIP_FRAMER_HEADER;
  framer->line = framer->scanned = line_end;
  framer->content_length_at = 0;
  framer->content_type_at = 0;
}

/* The end of the line that is looked at, after its LF; 0 when it is not here yet. */
static size_t find_line_end(SipFramer *framer, Slice view)
{
  size_t from = framer->scanned;
  const char *end = from < view.len ? memchr(view.data + from, '\n', view.len - from) : NULL;

  framer->scanned = end ? (size_t) (end - view.data) : view.len;
  return end ? framer->scanned + 1 : 0;
}

/* The first line, or with `cut` what is there of it. */
static bool is_start_line(Slice view, bool cut)
{
  SipStart start;

  return sip_start_parse(slice_take_line(&view), cut, &start);
}

/* A start-line, and none that only looks like one because another begins inside of it. */
static bool is_whole_start_line(Slice view)
{
  Slice line = slice_take_line(&view);
  SipStart start;

  return sip_start_parse(line, false, &start) &&
         (is_strict(line, &start) || resync_find(line) == 0);
}

/* True: continue, the state may have changed.  False: more bytes are needed. */
static bool step_start(SipFramer *framer)
{
  Slice view = view_of(framer);
  size_t fillers = sip_start_fillers(view);

  if (fillers > 0)
    consume(framer, fillers);
  view = view_of(framer);
  if (view.len == 0)
    return false;
  size_t line_end = find_line_end(framer, view);
  if (line_end > 0 && is_whole_start_line(view))
    begin_header(framer, line_end);
  else if (line_end > 0 || view.len > START_LINE_MAX || !sip_char_is(view.data[0], SIP_CHAR_TOKEN))
    lose(framer, false);
  else
    return false;
  return true;
}

static void step_mid_line(SipFramer *framer)
{
  Slice view = view_of(framer);
  size_t at = slice_find(view, '\n');
  size_t len = at < view.len ? at + 1 : view.len;

  framer->mid_line = at == view.len;
  framer->skipped += len;
  consume(framer, len);
}

static void pass_over(SipFramer *framer, size_t len)
{
  framer->skipped += len;
  framer->fresh = false;
  consume(framer, len);
}

/* Judges the line that the view begins with; true: continue. */
static bool judge_line(SipFramer *framer, Slice view, size_t line_end)
{
  Slice rest = view;
  size_t inside = resync_find(slice_take_line(&rest));

  if (inside > 0) {
    pass_over(framer, inside);
    return true;
  }
  switch (resync_check(view, framer->fresh)) {
  case RESYNC_YES:
    begin_header(framer, line_end);
    return true;
  case RESYNC_MORE:
    return false;
  case RESYNC_NO:
    break;
  }
  pass_over(framer, line_end);
  return true;
}

static bool step_lost(SipFramer *framer)
{
  if (framer->mid_line)
    step_mid_line(framer);
  Slice view = view_of(framer);
  size_t fillers = sip_start_fillers(view);
  if (fillers > 0)
    consume(framer, fillers);
  view = view_of(framer);
  if (view.len == 0)
    return false;

  size_t line_end = find_line_end(framer, view);
  if (line_end > 0 && line_end <= LOST_KEEP_MAX)
    return judge_line(framer, view, line_end);
  framer->mid_line = view.len > LOST_KEEP_MAX;
  return framer->mid_line;
}

/* Is the row's name this one, long (in lower case) or compact (RFC 3261 7.3.3, 25.1: HCOLON)? */
static bool row_is(Slice row, Slice name, char compact)
{
  size_t len = 1;

  if (sip_starts(row, name))
    len = name.len;
  else if (sip_lower(row.data[0]) != compact)
    return false;
  while (len < row.len && (row.data[len] == ' ' || row.data[len] == '\t'))
    len++;
  return len < row.len && row.data[len] == ':';
}

static void note_row(SipFramer *framer, Slice row)
{
  char first = row.data[0];

  if (first != 'C' && first != 'c' && first != 'L' && first != 'l')
    return;
  if (row_is(row, SLICE("content-length"), 'l')) {
    if (framer->content_length_at == 0)
      framer->content_length_at = framer->line;
  } else if (row_is(row, SLICE("content-type"), 'c')) {
    framer->content_type_at = framer->line;
  }
}

/* The value that begins here, folded or not, without the white space before it. */
static Slice skip_lws(Slice s)
{
  for (;;) {
    while (s.len > 0 && (s.data[0] == ' ' || s.data[0] == '\t'))
      s = slice_from(s, 1);
    size_t fold = slice_starts_with(s, SLICE("\r\n")) ? 2 : 1;
    if (s.len <= fold || s.data[fold - 1] != '\n' || (s.data[fold] != ' ' && s.data[fold] != '\t'))
      return s;
    s = slice_from(s, fold);
  }
}

/* The first Content-Length of the header block; false when it is missing or makes no sense. */
static bool read_content_length(const SipFramer *framer, Slice header, uint64_t *ret_length)
{
  if (framer->content_length_at == 0)
    return false;
  Slice value = slice_from(header, framer->content_length_at);
  value = skip_lws(slice_from(value, slice_find(value, ':') + 1));
  size_t digits = 0;
  while (digits < value.len && g_ascii_isdigit(value.data[digits]))
    digits++;
  if (digits < value.len && !strchr(" \t\r\n,", value.data[digits]))
    return false;
  uint64_t length;
  if (!slice_to_u64(slice_head(value, digits), &length) || length > framer->message_max)
    return false;
  *ret_length = length;
  return true;
}

/* Without Content-Length: up to the next line that can only be a start-line, or all there is. */
static size_t guess_body_end(Slice view, size_t at)
{
  while (at < view.len) {
    Slice rest = slice_from(view, at);
    size_t line = slice_find(rest, '\n');
    if (line == rest.len)
      break;
    if (resync_check(rest, false) == RESYNC_YES)
      return at;
    at += line + 1;
  }
  return view.len;
}

static void begin_body(SipFramer *framer, Slice view, size_t header_len)
{
  uint64_t length;

  framer->state = SIP_FRAMER_BODY;
  framer->header_len = header_len;
  framer->is_short = false;
  if (read_content_length(framer, slice_head(view, header_len), &length))
    framer->total = header_len + length;
  else if (framer->content_type_at > 0)
    framer->total = guess_body_end(view, header_len);
  else
    framer->total = header_len;
}

/* `len` bytes of the view are all there is of a message; `left` more of it are still to pass. */
static void pass(SipFramer *framer, size_t len, uint64_t left, SipFramerState then)
{
  framer->state = SIP_FRAMER_PASS;
  framer->total = len;
  framer->left = left;
  framer->then = then;
}

static bool step_header(SipFramer *framer)
{
  Slice view = view_of(framer);

  for (;;) {
    size_t line_end = find_line_end(framer, view);
    if (line_end == 0 && view.len <= framer->message_max)
      return false;
    if (line_end == 0 || line_end > framer->message_max) {
      pass(framer, framer->message_max, 0, SIP_FRAMER_LOST);
      return true;
    }
    Slice row = slice_of(view.data + framer->line, line_end - 1 - framer->line);
    if (row.len == 0 || (row.len == 1 && row.data[0] == '\r')) {
      begin_body(framer, view, line_end);
      return true;
    }
    note_row(framer, row);
    framer->line = framer->scanned = line_end;
  }
}

/* Passes over bytes that belong to a message and are not kept; true when all have passed. */
static bool step_left(SipFramer *framer)
{
  bool keeps = framer->state == SIP_FRAMER_PASS;
  Slice rest = keeps ? framer->input : view_of(framer);
  size_t len = rest.len < framer->left ? rest.len : (size_t) framer->left;

  framer->left -= len;
  if (keeps)
    framer->input = slice_from(framer->input, len);
  else
    consume(framer, len);
  return framer->left == 0;
}

static bool give(SipFramer *framer, size_t len, bool cut, SipFrame *ret_frame)
{
  *ret_frame = (SipFrame){slice_head(view_of(framer), len), !framer->buffered, cut};
  consume(framer, len);
  return true;
}

static bool give_passed(SipFramer *framer, SipFrame *ret_frame)
{
  framer->state = framer->then;
  if (framer->state == SIP_FRAMER_LOST)
    lose(framer, true);
  return give(framer, (size_t) framer->total, true, ret_frame);
}

/* Enough of a header block that these bytes cannot be a body's. */
static bool begins_message(Slice bytes)
{
  SipMsg sip;

  return resync_check(bytes, false) == RESYNC_YES && sip_msg_parse(bytes, true, &sip) != SIP_BAD &&
         sip.via.len > 0 && sip.call_id.len > 0 && sip.cseq > 0;
}

/* Has the message a body in which others may be (RFC 3420, RFC 2046)? */
static bool carries_messages(const SipFramer *framer, Slice header)
{
  if (framer->content_type_at == 0)
    return false;
  Slice value = slice_from(header, framer->content_type_at);
  value = skip_lws(slice_from(value, slice_find(value, ':') + 1));
  return sip_starts(value, SLICE("message/sip")) || sip_starts(value, SLICE("multipart/"));
}

/* A segment that begins with a message while a body is not complete: Content-Length was too large,
 * and the body ends before it. */
static void end_short_body(SipFramer *framer, Slice bytes)
{
  Slice view = view_of(framer);

  if (view.len < framer->header_len || !begins_message(bytes) || carries_messages(framer, view))
    return;
  framer->total = view.len;
  framer->is_short = true;
}

/*
 * The body is here, and what follows it is no message: if a message begins inside of the body, it
 * ends there.  Only few places are looked at, so that the cost stays that of the body.
 */
static void find_short_body(SipFramer *framer, Slice view)
{
  enum { PLACES_MAX = 4 };
  size_t at = framer->header_len, places = 0;
  Slice after = slice_from(view, (size_t) framer->total);

  after = slice_from(after, sip_start_fillers(after));
  if (after.len == 0 || is_start_line(after, true) || carries_messages(framer, view))
    return;
  while (at < framer->total && places < PLACES_MAX) {
    Slice rest = slice_from(view, at);
    Slice line = slice_take_line(&rest);
    size_t inside = resync_find(line);
    Slice place = slice_from(view, at + inside);
    bool may_begin = inside > 0 || resync_check(place, false) == RESYNC_YES;
    places += may_begin;
    if (may_begin && at + inside < framer->total && begins_message(place)) {
      framer->total = at + inside;
      framer->is_short = true;
      return;
    }
    at = view.len - rest.len;
  }
}

static bool give_body(SipFramer *framer, SipFrame *ret_frame)
{
  Slice view = view_of(framer);

  if (!framer->is_short && framer->total < view.len)
    find_short_body(framer, view);
  size_t len = (size_t) MIN(framer->total, framer->message_max);
  framer->left = framer->total - len;
  framer->state = framer->left > 0 ? SIP_FRAMER_DROP : SIP_FRAMER_START;
  return give(framer, len, framer->left > 0 || framer->tail || framer->is_short, ret_frame);
}

void sip_framer_feed(SipFramer *framer, Slice bytes)
{
  Slice wanted = bytes;

  if (framer->state == SIP_FRAMER_BODY && framer->buffered)
    end_short_body(framer, bytes);
  framer->input = bytes;
  framer->joint = framer->buffer_len;
  if (!framer->buffered || framer->state == SIP_FRAMER_PASS)
    return;
  if (framer->state == SIP_FRAMER_BODY) {
    uint64_t end = MIN(framer->total, framer->message_max);
    wanted = slice_head(bytes, (size_t) (end - framer->buffer_len));
  }
  buffer_add(framer, wanted);
}

/* One step; false when it needs more octets. */
static bool step(SipFramer *framer)
{
  switch (framer->state) {
  case SIP_FRAMER_START:
    return step_start(framer);
  case SIP_FRAMER_HEADER:
    return step_header(framer);
  case SIP_FRAMER_DROP:
    if (!step_left(framer))
      return false;
    framer->state = SIP_FRAMER_START;
    return true;
  case SIP_FRAMER_LOST:
    return step_lost(framer);
  case SIP_FRAMER_BODY:
  case SIP_FRAMER_PASS:
    break;
  }
  return false;
}

bool sip_framer_next(SipFramer *framer, SipFrame *ret_frame)
{
  for (;;) {
    if (framer->state == SIP_FRAMER_PASS)
      return step_left(framer) ? give_passed(framer, ret_frame) : keep_rest(framer);
    if (framer->state == SIP_FRAMER_BODY)
      return view_of(framer).len >= MIN(framer->total, framer->message_max)
               ? give_body(framer, ret_frame)
               : keep_rest(framer);
    if (!step(framer))
      return keep_rest(framer);
  }
}

/* Is what is kept enough of a message to be shown? */
static bool is_worth_giving(SipFramer *framer, Slice view)
{
  if (framer->state == SIP_FRAMER_HEADER)
    return true;
  if (framer->state == SIP_FRAMER_START)
    return is_start_line(view, true);
  size_t line_end = framer->mid_line ? 0 : find_line_end(framer, view);
  if (line_end == 0) /* cut at its snap length, after another that was */
    return framer->fresh && is_start_line(view, true);
  return resync_check(view, framer->fresh) != RESYNC_NO;
}

void sip_framer_gap(SipFramer *framer, uint64_t len)
{
  Slice view = view_of(framer);
  uint64_t left = framer->left;

  if (framer->state == SIP_FRAMER_BODY)
    left = framer->total - view.len;
  switch (framer->state) {
  case SIP_FRAMER_BODY:
  case SIP_FRAMER_PASS:
    if (len <= left)
      pass(framer, view.len, left - len, SIP_FRAMER_START);
    else
      pass(framer, view.len, 0, SIP_FRAMER_LOST);
    return;
  case SIP_FRAMER_DROP:
    framer->left -= MIN(len, left);
    if (len > left)
      lose(framer, true);
    return;
  case SIP_FRAMER_START:
  case SIP_FRAMER_HEADER:
  case SIP_FRAMER_LOST:
    if (view.len > 0 && is_worth_giving(framer, view)) {
      pass(framer, view.len, 0, SIP_FRAMER_LOST);
      return;
    }
    framer->skipped += view.len;
    consume(framer, view.len);
    lose(framer, true);
    return;
  }
}

void sip_framer_end(SipFramer *framer)
{
  sip_framer_gap(framer, UINT64_MAX);
}
