#include "dissect/query/filter_value.h"

#include "capture/language.h"

#include <arpa/inet.h>
#include <time.h>

/* --- Literals -------------------------------------------------------------------------------- */

#define SECOND_NS INT64_C(1000000000)

enum { NS_DIGITS = 9, ADDRESS_TEXT_MAX = 46 };

static bool is_digit(Slice s, size_t at)
{
  return at < s.len && g_ascii_isdigit(s.data[at]);
}

static size_t count_digits(Slice s)
{
  size_t count = 0;

  while (is_digit(s, count))
    count++;
  return count;
}

/* The digits at the start of *s, which then starts after them. */
static bool take_number(Slice *s, uint64_t *ret_number)
{
  size_t len = count_digits(*s);

  if (!slice_to_u64(slice_head(*s, len), ret_number))
    return false;
  *s = slice_from(*s, len);
  return true;
}

static bool take_byte(Slice *s, char byte)
{
  if (s->len == 0 || s->data[0] != byte)
    return false;
  *s = slice_from(*s, 1);
  return true;
}

/* ".25" as nanoseconds of a second; digits beyond nine change nothing. */
static bool take_fraction(Slice *s, int64_t *ret_ns, size_t *ret_digits)
{
  int64_t ns = 0;

  if (!take_byte(s, '.'))
    return false;
  size_t digits = count_digits(*s);
  if (digits == 0)
    return false;
  for (size_t i = 0; i < NS_DIGITS; i++)
    ns = ns * 10 + (i < digits ? s->data[i] - '0' : 0);
  *s = slice_from(*s, digits);
  *ret_ns = ns;
  *ret_digits = MIN(digits, (size_t) NS_DIGITS);
  return true;
}

bool filter_literal_integer(Slice text, int64_t *ret_low, int64_t *ret_high)
{
  /* A digit and "xx": a class of statuses (RFC 3261 7.2). */
  bool is_class =
    text.len == 3 && is_digit(text, 0) && slice_eq_nocase(slice_from(text, 1), SLICE("xx"));
  bool negative = take_byte(&text, '-');
  uint64_t number;

  if (is_class) {
    *ret_low = (text.data[0] - '0') * 100;
    *ret_high = *ret_low + 99;
    return true;
  }
  if (!slice_to_u64(text, &number) || number > INT64_MAX)
    return false;
  *ret_low = *ret_high = negative ? -(int64_t) number : (int64_t) number;
  return true;
}

bool filter_literal_decimal(Slice text, int64_t *ret_low, int64_t *ret_high)
{
  bool negative = take_byte(&text, '-');
  int64_t fraction_ns = 0, thousandths;
  uint64_t whole;
  size_t digits;

  if (!take_number(&text, &whole) || whole > INT64_MAX)
    return false;
  if (text.len > 0 && text.data[0] == '.' && !take_fraction(&text, &fraction_ns, &digits))
    return false;
  (void) take_byte(&text, '%');
  if (text.len > 0 || __builtin_mul_overflow((int64_t) whole, INT64_C(1000), &thousandths) ||
      __builtin_add_overflow(thousandths, fraction_ns / (SECOND_NS / 1000), &thousandths))
    return false;
  *ret_low = *ret_high = negative ? -thousandths : thousandths;
  return true;
}

static int64_t unit_ns(Slice name)
{
  static const struct {
    const char *name;
    int64_t ns;
  } UNITS[] = {
    {"", SECOND_NS},
    {"ns", 1},
    {"us", 1000},
    {"\302\265s", 1000},
    {"ms", 1000000},
    {"s", SECOND_NS},
    {"sec", SECOND_NS},
    {"m", 60 * SECOND_NS},
    {"min", 60 * SECOND_NS},
    {"h", 3600 * SECOND_NS},
    {"d", 86400 * SECOND_NS},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(UNITS); i++)
    if (slice_eq_nocase(slice_from_string(UNITS[i].name), name))
      return UNITS[i].ns;
  return 0;
}

/* "1.5s" of "1.5s", "1h" of "1h30min". */
static bool take_duration(Slice *s, int64_t *ret_ns)
{
  int64_t ns, fraction_ns = 0;
  uint64_t whole;
  size_t digits, len = 0;

  if (!take_number(s, &whole) || whole > INT64_MAX)
    return false;
  if (s->len > 0 && s->data[0] == '.' && !take_fraction(s, &fraction_ns, &digits))
    return false;
  while (len < s->len && !is_digit(*s, len))
    len++;
  int64_t unit = unit_ns(slice_head(*s, len));
  if (unit == 0 || __builtin_mul_overflow((int64_t) whole, unit, &ns))
    return false;
  /* unit and fraction have the factor 1000000000 in common, or the unit is a part of a second */
  int64_t part_ns =
    unit >= SECOND_NS ? fraction_ns * (unit / SECOND_NS) : fraction_ns / (SECOND_NS / unit);
  if (__builtin_add_overflow(ns, part_ns, &ns))
    return false;
  *s = slice_from(*s, len);
  *ret_ns = ns;
  return true;
}

bool filter_literal_duration(Slice text, int64_t *ret_low, int64_t *ret_high)
{
  bool negative = take_byte(&text, '-');
  int64_t part, sum = 0;

  do {
    if (!take_duration(&text, &part) || __builtin_add_overflow(sum, part, &sum))
      return false;
  } while (text.len > 0);
  *ret_low = *ret_high = negative ? -sum : sum;
  return true;
}

/* A number of exactly so many digits. */
static bool take_digits(Slice *s, size_t len, int *ret_number)
{
  uint32_t number;

  if (s->len < len || !slice_to_u32(slice_head(*s, len), &number))
    return false;
  *s = slice_from(*s, len);
  *ret_number = (int) number;
  return true;
}

typedef struct {
  int year, month, day, hour, minute, second;
  int64_t fraction_ns;
  int64_t span_ns; /* how much is meant by it */
} TimeText;

static bool take_date(Slice *s, TimeText *t)
{
  t->span_ns = 86400 * SECOND_NS;
  return take_digits(s, 4, &t->year) && take_byte(s, '-') && take_digits(s, 2, &t->month) &&
         take_byte(s, '-') && take_digits(s, 2, &t->day);
}

static bool take_clock(Slice *s, TimeText *t)
{
  size_t digits;

  t->span_ns = 60 * SECOND_NS;
  if (!take_digits(s, 2, &t->hour) || !take_byte(s, ':') || !take_digits(s, 2, &t->minute))
    return false;
  if (!take_byte(s, ':'))
    return true;
  t->span_ns = SECOND_NS;
  if (!take_digits(s, 2, &t->second))
    return false;
  if (s->len == 0 || s->data[0] != '.')
    return true;
  if (!take_fraction(s, &t->fraction_ns, &digits))
    return false;
  for (size_t i = 0; i < digits; i++)
    t->span_ns /= 10;
  return true;
}

bool filter_literal_clock(Slice text, int64_t *ret_low, int64_t *ret_high)
{
  TimeText t = {0};

  if (!take_clock(&text, &t) || text.len > 0 || t.hour > 23 || t.minute > 59 || t.second > 60)
    return false;
  *ret_low = (t.hour * 3600 + t.minute * 60 + t.second) * SECOND_NS + t.fraction_ns;
  *ret_high = *ret_low + t.span_ns - 1;
  return true;
}

/* "Z", "+05:30" or nothing. */
static GTimeZone *take_zone(Slice *s)
{
  if (s->len == 0)
    return g_time_zone_new_local();
  if (take_byte(s, 'Z') || take_byte(s, 'z'))
    return g_time_zone_new_utc();
  g_autofree char *offset = slice_dup(*s);
  if ((s->data[0] != '+' && s->data[0] != '-') || s->len != strlen("+00:00"))
    return NULL;
  *s = SLICE("");
  return g_time_zone_new_identifier(offset);
}

bool filter_literal_time(Slice text, int64_t *ret_low, int64_t *ret_high)
{
  TimeText t = {0};

  if (!take_date(&text, &t))
    return false;
  bool has_clock = take_byte(&text, 'T') || take_byte(&text, 't') || take_byte(&text, ' ');
  if (has_clock && !take_clock(&text, &t))
    return false;
  g_autoptr(GTimeZone) zone = take_zone(&text);
  if (!zone || text.len > 0)
    return false;
  g_autoptr(GDateTime) time =
    g_date_time_new(zone, t.year, t.month, t.day, t.hour, t.minute, t.second);
  int64_t low, high;
  if (!time || __builtin_mul_overflow(g_date_time_to_unix(time), SECOND_NS, &low) ||
      __builtin_add_overflow(low, t.fraction_ns, &low) ||
      __builtin_add_overflow(low, t.span_ns - 1, &high))
    return false;
  *ret_low = low;
  *ret_high = high;
  return true;
}

static bool parse_address(Slice text, FilterAddresses *addresses)
{
  char address[ADDRESS_TEXT_MAX];
  bool is_ipv6 = slice_find(text, ':') < text.len;

  if (text.len >= sizeof address || slice_find(text, '\0') < text.len)
    return false;
  memcpy(address, text.data, text.len);
  address[text.len] = '\0';
  *addresses = (FilterAddresses){.family = is_ipv6 ? ADDRESS_IPV6 : ADDRESS_IPV4};
  if (inet_pton(is_ipv6 ? AF_INET6 : AF_INET, address, addresses->first) != 1)
    return false;
  memcpy(addresses->last, addresses->first, sizeof addresses->last);
  return true;
}

/* All addresses that begin with the first `bits` of this one. */
static bool widen(FilterAddresses *addresses, Slice bits)
{
  uint32_t len, width = addresses->family == ADDRESS_IPV4 ? 32 : 128;

  if (!slice_to_u32(bits, &len) || len > width)
    return false;
  for (uint32_t i = len; i < width; i++) {
    uint8_t bit = (uint8_t) (0x80 >> i % 8);
    addresses->first[i / 8] &= (uint8_t) ~bit;
    addresses->last[i / 8] |= bit;
  }
  return true;
}

static bool set_port(FilterAddresses *addresses, Slice text)
{
  uint32_t port;

  if (!slice_to_u32(text, &port) || port == 0 || port > UINT16_MAX)
    return false;
  addresses->port = (uint16_t) port;
  return true;
}

/* "[2001:db8::1]" or "[2001:db8::1]:5060" */
static bool parse_bracketed(Slice text, FilterAddresses *addresses)
{
  if (slice_find(text, ']') == text.len)
    return false;
  Slice address = slice_from(slice_cut(&text, ']'), 1);
  if (!parse_address(address, addresses) || addresses->family != ADDRESS_IPV6)
    return false;
  return text.len == 0 || (take_byte(&text, ':') && set_port(addresses, text));
}

bool filter_literal_addresses(Slice text, FilterAddresses *ret_addresses)
{
  FilterAddresses addresses;
  size_t slash = slice_find(text, '/'), colon = slice_find(text, ':');
  bool has_port =
    colon < text.len && slice_find(slice_from(text, colon + 1), ':') == text.len - colon - 1;
  bool ok;

  if (text.len > 0 && text.data[0] == '[')
    ok = parse_bracketed(text, &addresses);
  else if (slash < text.len)
    ok = parse_address(slice_head(text, slash), &addresses) &&
         widen(&addresses, slice_from(text, slash + 1));
  else if (has_port)
    ok = parse_address(slice_head(text, colon), &addresses) &&
         set_port(&addresses, slice_from(text, colon + 1));
  else
    ok = parse_address(text, &addresses);
  if (ok)
    *ret_addresses = addresses;
  return ok;
}

/* --- Types and values ------------------------------------------------------------------------ */

#define BIT(op) (1U << (op))

enum {
  EQUALITY =
    BIT(FILTER_OP_EXISTS) | BIT(FILTER_OP_EQUAL) | BIT(FILTER_OP_UNEQUAL) | BIT(FILTER_OP_IN),
  ORDER = EQUALITY | BIT(FILTER_OP_LESS) | BIT(FILTER_OP_AT_MOST) | BIT(FILTER_OP_MORE) |
          BIT(FILTER_OP_AT_LEAST),
  TEXT = EQUALITY | BIT(FILTER_OP_CONTAINS) | BIT(FILTER_OP_MATCHES),
};

static const struct {
  const char *name, *examples;
  unsigned operators;
} TYPES[] = {
  [FIELD_STRING] = {N_("text"), "\"alice\"", TEXT},
  [FIELD_INTEGER] = {N_("a number"), N_("486, 400..499 or 4xx"), ORDER},
  [FIELD_DECIMAL] = {N_("a number"), N_("3.5, 4 or 0.5..2"), ORDER},
  [FIELD_DURATION] = {N_("a duration"), N_("3s, 250ms, 1.5s or 2min"), ORDER},
  [FIELD_TIME] = {N_("a time"),
                  N_("10:30, 2026-01-02, \"2026-01-02 15:04:05\" or 2026-01-02T15:04:05Z"), ORDER},
  [FIELD_ADDRESS] = {N_("an address"),
                     N_("10.0.0.1, 10.0.0.0/8, 10.0.0.1:5060 or [2001:db8::1]:5060"), EQUALITY},
  [FIELD_ENUM] = {N_("a word"), "answered", TEXT},
  [FIELD_BOOLEAN] = {N_("true or false"), "true", EQUALITY},
};

const char *filter_type_name(FieldType type)
{
  return _(TYPES[type].name);
}

const char *filter_type_examples(FieldType type)
{
  return _(TYPES[type].examples);
}

bool filter_type_has(FieldType type, FilterOperator op)
{
  return (TYPES[type].operators & BIT(op)) != 0;
}

static bool parse_truth(Slice text, bool *ret_truth)
{
  bool truth = slice_eq_nocase(text, SLICE("true")) || slice_eq(text, SLICE("1"));

  if (!truth && !slice_eq_nocase(text, SLICE("false")) && !slice_eq(text, SLICE("0")))
    return false;
  *ret_truth = truth;
  return true;
}

static bool parse_one(FieldType type, Slice text, FilterValue *value)
{
  switch (type) {
  case FIELD_STRING:
  case FIELD_ENUM:
    value->text = text;
    return true;
  case FIELD_INTEGER:
    return filter_literal_integer(text, &value->low, &value->high);
  case FIELD_DECIMAL:
    return filter_literal_decimal(text, &value->low, &value->high);
  case FIELD_DURATION:
    return filter_literal_duration(text, &value->low, &value->high);
  case FIELD_TIME:
    value->of_day = filter_literal_clock(text, &value->low, &value->high);
    return value->of_day || filter_literal_time(text, &value->low, &value->high);
  case FIELD_ADDRESS:
    return filter_literal_addresses(text, &value->addresses);
  case FIELD_BOOLEAN:
    return parse_truth(text, &value->truth);
  case FIELD_LIST:
    break;
  }
  g_assert_not_reached();
}

/* Bytes before the "..", or all. */
static size_t find_dots(Slice text)
{
  for (size_t i = 0; i + 1 < text.len; i++)
    if (text.data[i] == '.' && text.data[i + 1] == '.')
      return i;
  return text.len;
}

bool filter_value_is_range(FieldType type, Slice text)
{
  bool could_be = filter_type_has(type, FILTER_OP_LESS) || type == FIELD_ADDRESS;

  return could_be && find_dots(text) < text.len;
}

static bool parse_range(FieldType type, Slice text, FilterValue *value)
{
  size_t dots = find_dots(text);
  FilterAddresses *addresses = &value->addresses;
  FilterValue last = {.type = type};

  if (!parse_one(type, slice_trim(slice_head(text, dots)), value) ||
      !parse_one(type, slice_trim(slice_from(text, dots + 2)), &last))
    return false;
  if (type != FIELD_ADDRESS) {
    value->high = last.high;
    return value->low <= value->high && value->of_day == last.of_day;
  }
  if (addresses->family != last.addresses.family || addresses->port || last.addresses.port)
    return false; /* plain addresses of one family */
  memcpy(addresses->last, last.addresses.last, sizeof addresses->last);
  return memcmp(addresses->first, addresses->last, sizeof addresses->first) <= 0;
}

bool filter_value_parse(FieldType type, Slice text, FilterValue *ret_value)
{
  FilterValue value = {.type = type};
  bool ok = filter_value_is_range(type, text) ? parse_range(type, text, &value)
                                              : parse_one(type, text, &value);

  if (ok)
    *ret_value = value;
  return ok;
}

/* Since midnight, local. */
static int64_t time_of_day(int64_t time_ns)
{
  int64_t part_ns = (time_ns % SECOND_NS + SECOND_NS) % SECOND_NS;
  time_t seconds = (time_t) ((time_ns - part_ns) / SECOND_NS);
  struct tm tm;

  if (!localtime_r(&seconds, &tm))
    return 0;
  return (tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec) * SECOND_NS + part_ns;
}

static bool compare_number(const FilterValue *value, FilterOperator op, int64_t of)
{
  if (op == FILTER_OP_LESS)
    return of < value->low;
  if (op == FILTER_OP_AT_MOST)
    return of <= value->high;
  if (op == FILTER_OP_MORE)
    return of > value->high;
  if (op == FILTER_OP_AT_LEAST)
    return of >= value->low;
  return of >= value->low && of <= value->high;
}

bool filter_value_holds(const FilterValue *value, FilterOperator op, const FieldValue *of)
{
  switch (value->type) {
  case FIELD_STRING:
    return slice_eq(value->text, of->text);
  case FIELD_ENUM:
    return slice_eq_nocase(value->text, of->text);
  case FIELD_INTEGER:
  case FIELD_DECIMAL:
  case FIELD_DURATION:
    return compare_number(value, op, of->integer);
  case FIELD_TIME:
    return compare_number(value, op, value->of_day ? time_of_day(of->integer) : of->integer);
  case FIELD_ADDRESS:
    return value->addresses.family == of->address.family &&
           (!value->addresses.port || value->addresses.port == of->address.port) &&
           memcmp(of->address.address, value->addresses.first, sizeof of->address.address) >= 0 &&
           memcmp(of->address.address, value->addresses.last, sizeof of->address.address) <= 0;
  case FIELD_BOOLEAN:
    return value->truth == of->truth;
  case FIELD_LIST:
    break;
  }
  g_assert_not_reached();
}
