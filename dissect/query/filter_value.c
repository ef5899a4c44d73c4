#include "dissect/query/filter_value.h"

#include "dissect/query/filter_literal.h"

#define BIT(op) (1U << (op))

enum {
  EQUALITY = BIT(FILTER_EXISTS) | BIT(FILTER_EQUAL) | BIT(FILTER_UNEQUAL) | BIT(FILTER_IN),
  ORDER =
    EQUALITY | BIT(FILTER_LESS) | BIT(FILTER_AT_MOST) | BIT(FILTER_MORE) | BIT(FILTER_AT_LEAST),
  TEXT = EQUALITY | BIT(FILTER_CONTAINS) | BIT(FILTER_MATCHES),
};

static const struct {
  const char *name, *examples;
  unsigned operators;
} TYPES[] = {
  [FIELD_STRING] = {"a text", "\"alice\"", TEXT},
  [FIELD_INTEGER] = {"a number", "486, 400..499 or 4xx", ORDER},
  [FIELD_DURATION] = {"a duration", "3s, 250ms, 1.5s or 2min", ORDER},
  [FIELD_TIME] = {"a time", "2026-01-02, \"2026-01-02 15:04:05\" or 2026-01-02T15:04:05Z", ORDER},
  [FIELD_ADDRESS] = {"an address", "10.0.0.1, 10.0.0.0/8, 10.0.0.1:5060 or [2001:db8::1]:5060",
                     EQUALITY},
  [FIELD_ENUM] = {"a word", "answered", TEXT},
  [FIELD_BOOLEAN] = {"true or false", "true", EQUALITY},
};

const char *filter_type_name(FieldType type)
{
  return TYPES[type].name;
}

const char *filter_type_examples(FieldType type)
{
  return TYPES[type].examples;
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
  case FIELD_DURATION:
    return filter_literal_duration(text, &value->low, &value->high);
  case FIELD_TIME:
    return filter_literal_time(text, &value->low, &value->high);
  case FIELD_ADDRESS:
    return filter_literal_addresses(text, &value->addresses);
  case FIELD_BOOLEAN:
    return parse_truth(text, &value->truth);
  case FIELD_LIST:
    break;
  }
  g_assert_not_reached();
}

/* Octets before the "..", or all. */
static size_t find_dots(Slice text)
{
  for (size_t i = 0; i + 1 < text.len; i++)
    if (text.data[i] == '.' && text.data[i + 1] == '.')
      return i;
  return text.len;
}

bool filter_value_is_range(FieldType type, Slice text)
{
  bool could_be = filter_type_has(type, FILTER_LESS) || type == FIELD_ADDRESS;

  return could_be && find_dots(text) < text.len;
}

/* Plain addresses of one family. */
static bool join_addresses(FilterAddresses *first, const FilterAddresses *last)
{
  if (first->family != last->family || first->port || last->port)
    return false;
  memcpy(first->last, last->last, sizeof first->last);
  return memcmp(first->first, first->last, sizeof first->first) <= 0;
}

static bool parse_range(FieldType type, Slice text, FilterValue *value)
{
  size_t dots = find_dots(text);
  FilterValue last;

  if (!parse_one(type, slice_trim(slice_head(text, dots)), value) ||
      !parse_one(type, slice_trim(slice_from(text, dots + 2)), &last))
    return false;
  if (type == FIELD_ADDRESS)
    return join_addresses(&value->addresses, &last.addresses);
  value->high = last.high;
  return value->low <= value->high;
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

static bool has_address(const FilterAddresses *addresses, const Endpoint *of)
{
  return addresses->family == of->family && (!addresses->port || addresses->port == of->port) &&
         memcmp(of->address, addresses->first, sizeof of->address) >= 0 &&
         memcmp(of->address, addresses->last, sizeof of->address) <= 0;
}

static bool compare_number(const FilterValue *value, FilterOperator op, int64_t of)
{
  if (op == FILTER_LESS)
    return of < value->low;
  if (op == FILTER_AT_MOST)
    return of <= value->high;
  if (op == FILTER_MORE)
    return of > value->high;
  if (op == FILTER_AT_LEAST)
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
  case FIELD_DURATION:
  case FIELD_TIME:
    return compare_number(value, op, of->integer);
  case FIELD_ADDRESS:
    return has_address(&value->addresses, &of->address);
  case FIELD_BOOLEAN:
    return value->truth == of->truth;
  case FIELD_LIST:
    break;
  }
  g_assert_not_reached();
}
