#include "dissect/sip/gb_play.h"

#include <glib.h>

#include "dissect/sip/sip_body.h"

enum { LINES_MAX = 32, VALUE_MAX = 24, RANGE_MAX = 40 };

/* "npt=600-"; of a time of the clock, which may have "-" in it, without its end. */
static void note_range(GbPlay *play, Slice value)
{
  Slice rest = value, unit = slice_trim(slice_cut(&rest, '='));

  play->is_npt = slice_eq_nocase(unit, SLICE("npt"));
  play->range = play->is_npt || slice_eq_nocase(unit, SLICE("clock")) ? slice_trim(rest) : value;
  if (!play->is_npt && play->range.len > 0 && play->range.data[play->range.len - 1] == '-')
    play->range.len--;
}

static void note_field(GbPlay *play, Slice line)
{
  Slice value = line, name = slice_trim(slice_cut(&value, ':'));

  value = slice_trim(value);
  if (slice_eq_nocase(name, SLICE("CSeq")))
    play->cseq = value;
  else if (slice_eq_nocase(name, SLICE("Scale")))
    play->scale = value;
  else if (slice_eq_nocase(name, SLICE("Range")))
    note_range(play, value);
}

/* "PLAY RTSP/1.0", which may have a URI between; "PLAY MANSRTSP/1.0"; "RTSP/1.0 200 OK". */
static bool read_first(Slice line, GbPlay *play)
{
  Slice rest = slice_trim(line), first = slice_cut(&rest, ' ');
  bool is_status = slice_starts_with_nocase(first, SLICE("RTSP/")) ||
                   slice_starts_with_nocase(first, SLICE("MANSRTSP/"));

  rest = slice_trim(rest);
  if (is_status)
    return slice_to_u32(slice_cut(&rest, ' '), &play->status);
  play->method = first;
  while (slice_find(rest, ' ') < rest.len)
    (void) slice_cut(&rest, ' ');
  return first.len > 0 && (slice_starts_with_nocase(rest, SLICE("RTSP/")) ||
                           slice_starts_with_nocase(rest, SLICE("MANSRTSP/")));
}

bool gb_play_read(Slice body, GbPlay *ret_play)
{
  GbPlay play = {.status = 0};
  Slice rest = body;

  if (!read_first(slice_take_line(&rest), &play))
    return false;
  for (unsigned i = 0; i < LINES_MAX && rest.len > 0; i++)
    note_field(&play, slice_take_line(&rest));
  *ret_play = play;
  return true;
}

bool sip_msg_gb_play(const SipMsg *msg, GbPlay *ret_play)
{
  return sip_media_type_is(msg->content_type, SLICE("application"), SLICE("mansrtsp")) &&
         gb_play_read(msg->content.bytes, ret_play);
}

/* --- in words --------------------------------------------------------------------------------- */

/* Digits, and a point between them. */
static bool is_decimal(Slice text)
{
  size_t points = 0;

  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] == '.')
      points++;
    else if (text.data[i] < '0' || text.data[i] > '9')
      return false;
  return text.len > 0 && text.len <= VALUE_MAX && points <= 1 && text.data[0] != '.' &&
         text.data[text.len - 1] != '.';
}

/* "2" of "2.0" */
static Slice without_zeros(Slice decimal)
{
  if (slice_find(decimal, '.') == decimal.len)
    return decimal;
  while (decimal.data[decimal.len - 1] == '0')
    decimal.len--;
  decimal.len -= decimal.data[decimal.len - 1] == '.';
  return decimal;
}

/* "00:10:00" of "600"; what is no number of seconds stays as it is. */
static void append_place(GString *to, Slice place)
{
  Slice fraction = place, whole = slice_cut(&fraction, '.');
  uint32_t seconds;

  if (!is_decimal(place) || !slice_to_u32(whole, &seconds)) {
    g_string_append_len(to, place.data, (gssize) MIN(place.len, (size_t) VALUE_MAX));
    return;
  }
  g_string_append_printf(to, "%02u:%02u:%02u", seconds / 3600, seconds / 60 % 60, seconds % 60);
  Slice rest = slice_from(without_zeros(place), whole.len);
  g_string_append_len(to, rest.data, (gssize) rest.len);
}

/* From now on is where it is already. */
static void append_npt(GString *to, Slice range)
{
  Slice end = range, begin = slice_trim(slice_cut(&end, '-'));

  end = slice_trim(end);
  if (!slice_eq_nocase(begin, SLICE("now")) && begin.len > 0) {
    g_string_append(to, "seek to ");
    append_place(to, begin);
  }
  if (end.len > 0) {
    g_string_append(to, to->len > 0 ? ", play until " : "play until ");
    append_place(to, end);
  }
}

static void append_range(GString *to, const GbPlay *play)
{
  if (play->is_npt)
    append_npt(to, play->range);
  else if (play->range.len > 0)
    g_string_append_printf(to, "seek to %.*s", SLICE_ARG(slice_head(play->range, RANGE_MAX)));
}

static void append_scale(GString *to, Slice scale)
{
  bool is_backwards = scale.len > 0 && scale.data[0] == '-';
  Slice speed = slice_from(scale, is_backwards);

  g_string_append_printf(to, "%splay%s", to->len > 0 ? ", " : "", is_backwards ? " backwards" : "");
  if (!is_decimal(speed))
    g_string_append(to, " (Scale is no number)");
  else
    g_string_append_printf(to, " at %.*sx", SLICE_ARG(without_zeros(speed)));
}

static void append_words(GString *to, const GbPlay *play)
{
  if (!play->method.data) {
    g_string_append_printf(to, "RTSP %u", play->status);
  } else if (slice_eq_nocase(play->method, SLICE("PLAY"))) {
    append_range(to, play);
    if (play->scale.len > 0)
      append_scale(to, play->scale);
    else if (to->len == 0)
      g_string_append(to, "play");
  } else if (slice_eq_nocase(play->method, SLICE("PAUSE"))) {
    g_string_append(to, "pause");
  } else if (slice_eq_nocase(play->method, SLICE("TEARDOWN"))) {
    g_string_append(to, "stop");
  } else {
    g_string_append_len(to, play->method.data, (gssize) MIN(play->method.len, (size_t) VALUE_MAX));
  }
}

const char *gb_play_format(const GbPlay *play, char text[GB_PLAY_TEXT_MAX])
{
  g_autoptr(GString) words = g_string_new(NULL);

  append_words(words, play);
  g_strlcpy(text, words->str, GB_PLAY_TEXT_MAX);
  return text;
}
