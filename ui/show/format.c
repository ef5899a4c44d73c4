#include "ui/show/format.h"

#include <time.h>

#include "capture/language.h"
#include "dissect/sip/sip_msg.h"

enum { S_PER_DAY = 86400, ZONE_SLOT_S = 900 };

static int64_t floor_div(int64_t a, int64_t b)
{
  return a / b - (a % b < 0);
}

/* The remainder of floor_div: 0 to b - 1. */
static uint64_t floor_rest(int64_t a, int64_t b)
{
  return (uint64_t) (a % b + (a % b < 0 ? b : 0));
}

/* Exactly `count` digits. */
static char *put_digits(char *at, uint64_t value, unsigned count)
{
  for (unsigned i = count; i > 0; i--) {
    at[i - 1] = (char) ('0' + value % 10);
    value /= 10;
  }
  return at + count;
}

/* The Gregorian date of a day counted from 1970-01-01: years begin in March, so that the leap day
 * is the last, and come in eras of 400 years (146097 days). */
static char *put_date(char *at, int64_t day)
{
  int64_t z = day + 719468;
  int64_t era = floor_div(z, 146097);
  int64_t day_of_era = z - era * 146097;
  int64_t year_of_era =
    (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t month = (5 * day_of_year + 2) / 153; /* from March */

  at = put_digits(at, (uint64_t) (year_of_era + era * 400 + (month >= 10)), 4);
  *at++ = '-';
  at = put_digits(at, (uint64_t) (month < 10 ? month + 3 : month - 9), 2);
  *at++ = '-';
  return put_digits(at, (uint64_t) (day_of_year - (153 * month + 2) / 5 + 1), 2);
}

static char *put_fraction(char *at, uint64_t ns, unsigned digits)
{
  if (digits == 0)
    return at;
  *at++ = '.';
  for (unsigned i = digits; i < 9; i++)
    ns /= 10;
  return put_digits(at, ns, digits);
}

static char *put_time_of_day(char *at, int64_t second_of_day, uint64_t ns, unsigned digits)
{
  at = put_digits(at, (uint64_t) second_of_day / 3600, 2);
  *at++ = ':';
  at = put_digits(at, (uint64_t) second_of_day / 60 % 60, 2);
  *at++ = ':';
  at = put_digits(at, (uint64_t) second_of_day % 60, 2);
  return put_fraction(at, ns, digits);
}

char *size_format(uint64_t bytes, char text[TIME_TEXT_MAX])
{
  static const char *const UNITS[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  uint64_t whole = bytes, rest = 0;
  unsigned unit = 0;

  for (; whole >= 1000; unit++) {
    rest = whole % 1000;
    whole /= 1000;
  }
  if (unit == 0)
    g_snprintf(text, TIME_TEXT_MAX, "%u B", (unsigned) whole);
  else
    g_snprintf(text, TIME_TEXT_MAX, "%u.%u %s", (unsigned) whole, (unsigned) (rest / 100),
               UNITS[unit]);
  return text;
}

size_t number_format(uint64_t number, char text[TIME_TEXT_MAX])
{
  unsigned digits = 1;

  for (uint64_t rest = number; rest >= 10; rest /= 10)
    digits++;
  *put_digits(text, number, digits) = '\0';
  return digits;
}

static char *put_seconds(char *at, int64_t ns, unsigned digits)
{
  uint64_t size = ns < 0 ? -(uint64_t) ns : (uint64_t) ns;

  if (ns < 0)
    *at++ = '-';
  at += number_format(size / SECOND_NS, at);
  return put_fraction(at, size % SECOND_NS, digits);
}

size_t time_format_rfc3339(int64_t time_ns, char text[TIME_TEXT_MAX])
{
  int64_t second = floor_div(time_ns, SECOND_NS);
  int64_t day = floor_div(second, S_PER_DAY);
  char *at = put_date(text, day);

  *at++ = 'T';
  at = put_time_of_day(at, second - day * S_PER_DAY, floor_rest(time_ns, SECOND_NS), 9);
  *at++ = 'Z';
  *at = '\0';
  return (size_t) (at - text);
}

Clock clock_new(TimeMode mode, bool utc)
{
  return (Clock){
    .mode = mode, .utc = utc, .date = true, .digits = 6, .zone_slot = G_MININT64, .started = false};
}

void clock_restart(Clock *clock, int64_t base_ns)
{
  clock->started = true;
  clock->base_ns = base_ns;
  clock->previous_ns = base_ns;
}

/* Zones change their offset at quarter hours of UTC, so one lookup is good for a quarter. */
static int64_t local_second(Clock *clock, int64_t second)
{
  int64_t slot = floor_div(second, ZONE_SLOT_S);
  time_t when = (time_t) second;
  struct tm local;

  if (clock->utc)
    return second;
  if (slot != clock->zone_slot) {
    clock->zone_slot = slot;
    clock->zone_offset_s = localtime_r(&when, &local) ? (int32_t) local.tm_gmtoff : 0;
  }
  return second + clock->zone_offset_s;
}

int64_t clock_day(Clock *clock, int64_t time_ns)
{
  return floor_div(local_second(clock, floor_div(time_ns, SECOND_NS)), S_PER_DAY);
}

static char *put_absolute(Clock *clock, int64_t time_ns, char *at)
{
  int64_t second = floor_div(time_ns, SECOND_NS);
  int64_t local = local_second(clock, second);
  int64_t day = floor_div(local, S_PER_DAY);

  if (clock->date) {
    at = put_date(at, day);
    *at++ = ' ';
  }
  return put_time_of_day(at, local - day * S_PER_DAY, floor_rest(time_ns, SECOND_NS),
                         clock->digits);
}

/* Without overflow: times of a broken capture can be centuries apart. */
static int64_t subtract(int64_t a, int64_t b)
{
  int64_t difference;

  if (__builtin_sub_overflow(a, b, &difference))
    return a < b ? G_MININT64 : G_MAXINT64;
  return difference;
}

char *clock_format(Clock *clock, int64_t time_ns, char text[TIME_TEXT_MAX])
{
  char *end = text;

  if (time_ns == 0) { /* not known */
    g_strlcpy(text, "-", TIME_TEXT_MAX);
    return text;
  }
  if (!clock->started)
    clock_restart(clock, time_ns);
  switch (clock->mode) {
  case TIME_ABSOLUTE:
    end = put_absolute(clock, time_ns, text);
    break;
  case TIME_RELATIVE:
    end = put_seconds(text, subtract(time_ns, clock->base_ns), clock->digits);
    break;
  case TIME_DELTA:
    end = put_seconds(text, subtract(time_ns, clock->previous_ns), clock->digits);
    break;
  case TIME_EPOCH:
    end = put_seconds(text, time_ns, clock->digits);
    break;
  }
  *end = '\0';
  clock->previous_ns = time_ns;
  return text;
}

size_t duration_format_ms(int64_t ns, char text[TIME_TEXT_MAX])
{
  uint64_t size = ns < 0 ? -(uint64_t) ns : (uint64_t) ns;
  char *at = text;

  if (ns < 0)
    *at++ = '-';
  at += number_format(size / 1000000, at);
  *at++ = '.';
  at = put_digits(at, size % 1000000, 6);
  while (at[-1] == '0' && at[-2] != '.')
    at--;
  *at = '\0';
  return (size_t) (at - text);
}

/* "3m05s": a number, what follows it, digits of the part, and what follows them. */
static void put_parts(char *at, uint64_t number, char between, uint64_t part, unsigned digits,
                      const char *end)
{
  at += number_format(number, at);
  *at++ = between;
  g_stpcpy(put_digits(at, part, digits), end);
}

char *duration_format(int64_t ns, char text[TIME_TEXT_MAX])
{
  uint64_t ms = ns < 0 ? 0 : (uint64_t) ns / 1000000;
  uint64_t s = ms / 1000;

  if (ms < 1000)
    g_stpcpy(text + number_format(ms, text), " ms");
  else if (s < 60)
    put_parts(text, s, '.', ms / 100 % 10, 1, " s");
  else if (s < 3600)
    put_parts(text, s / 60, 'm', s % 60, 2, "s");
  else
    put_parts(text, s / 3600, 'h', s / 60 % 60, 2, "m");
  return text;
}

char *duration_so_far_format(int64_t ns, char text[TIME_TEXT_MAX])
{
  int64_t s = MAX(ns, 0) / SECOND_NS;

  if (s >= 60)
    return duration_format(ns, text);
  g_snprintf(text, TIME_TEXT_MAX, "%u s", (unsigned) s);
  return text;
}

void number_append(GString *to, const char *format, uint32_t number)
{
  const char *place = strstr(format, "%u");
  char text[TIME_TEXT_MAX];

  g_assert(place);
  g_string_append_len(to, format, place - format);
  g_string_append_len(to, text, (gssize) number_format(number, text));
  g_string_append(to, place + strlen("%u"));
}

void status_append(GString *to, unsigned status)
{
  if (status == SIP_STATUS_UNREADABLE)
    g_string_append(to, "???");
  else
    g_string_append_printf(to, "%u", status);
}

/* In lower case, as the kind of a call: methods stay as they are. */
static bool is_method(Slice word)
{
  g_autofree char *name = g_ascii_strup(word.data, (gssize) word.len);

  return sip_method_from_slice(slice_from_string(name)) != SIP_METHOD_OTHER;
}

Slice word_shown(Slice word)
{
  enum { LONGEST = 40 };
  char text[LONGEST];

  if (!language_get() || word.len >= sizeof text || is_method(word))
    return word;
  memcpy(text, word.data, word.len);
  text[word.len] = '\0';
  const char *translation = translate(text);
  return translation == text ? word : slice_from_string(translation);
}

/* --- values of fields --- */

/* Thousandths, not negative, without zeros at the end. */
static size_t decimal_format(int64_t thousandths, char text[FIELD_VALUE_TEXT_MAX])
{
  int len = g_snprintf(text, FIELD_VALUE_TEXT_MAX, "%" G_GINT64_FORMAT ".%03d", thousandths / 1000,
                       (int) (thousandths % 1000));

  while (text[len - 1] == '0')
    len--;
  return (size_t) (text[len - 1] == '.' ? len - 1 : len);
}

Slice field_value_format(const FieldValue *value, char text[FIELD_VALUE_TEXT_MAX])
{
  switch (value->type) {
  case FIELD_STRING:
  case FIELD_ENUM:
    return value->text;
  case FIELD_INTEGER:
    return slice_of(text, number_format((uint64_t) value->integer, text));
  case FIELD_DECIMAL:
    return slice_of(text, decimal_format(value->integer, text));
  case FIELD_DURATION:
    return slice_of(text, duration_format_ms(value->integer, text));
  case FIELD_TIME:
    return slice_of(text, time_format_rfc3339(value->integer, text));
  case FIELD_ADDRESS:
    return slice_from_string(value->address.port != 0
                               ? endpoint_format(&value->address, text)
                               : endpoint_format_address(&value->address, text));
  case FIELD_BOOLEAN:
    return value->truth ? SLICE("true") : SLICE("false");
  case FIELD_LIST:
    break;
  }
  g_assert_not_reached();
}

void field_value_append(GString *to, const FieldValue *value, Clock *clock, TextCharset charset)
{
  char text[FIELD_VALUE_TEXT_MAX];
  Slice shown;

  switch (value->type) {
  case FIELD_STRING:
  case FIELD_ENUM:
    text_append_safe(to, value->type == FIELD_ENUM ? word_shown(value->text) : value->text,
                     charset);
    break;
  case FIELD_DURATION:
    g_string_append(to, duration_format(value->integer, text));
    break;
  case FIELD_TIME:
    g_string_append(to, clock_format(clock, value->integer, text));
    break;
  case FIELD_BOOLEAN:
    g_string_append(to, value->truth ? _("yes") : _("no"));
    break;
  case FIELD_INTEGER:
  case FIELD_DECIMAL:
  case FIELD_ADDRESS:
    shown = field_value_format(value, text);
    g_string_append_len(to, shown.data, (gssize) shown.len);
    break;
  case FIELD_LIST:
    g_assert_not_reached();
  }
}
