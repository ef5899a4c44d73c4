#include "ui/show/field_value.h"

static char *format_address(const Endpoint *address, char text[ENDPOINT_TEXT_MAX])
{
  return address->port != 0 ? endpoint_format(address, text)
                            : endpoint_format_address(address, text);
}

Value value_of_field(const FieldValue *value, Arena *arena)
{
  char text[ENDPOINT_TEXT_MAX];

  switch (value->type) {
  case FIELD_STRING:
  case FIELD_ENUM:
    return value_text(value->text);
  case FIELD_INTEGER:
    return value_number((uint64_t) value->integer);
  case FIELD_DURATION:
    return value_duration(value->integer);
  case FIELD_TIME:
    return value_time(value->integer);
  case FIELD_ADDRESS:
    format_address(&value->address, text);
    return value_text(arena_dup(arena, slice_from_string(text)));
  case FIELD_BOOLEAN:
    return value_bool(value->truth);
  }
  g_assert_not_reached();
}

Slice field_value_plain_text(const FieldValue *value, Arena *arena)
{
  char text[TIME_TEXT_MAX];
  size_t len = 0;

  switch (value->type) {
  case FIELD_STRING:
  case FIELD_ENUM:
  case FIELD_ADDRESS:
    return value_of_field(value, arena).text;
  case FIELD_BOOLEAN:
    return value->truth ? SLICE("true") : SLICE("false");
  case FIELD_INTEGER:
    len = number_format((uint64_t) value->integer, text);
    break;
  case FIELD_DURATION:
    len = duration_format_ms(value->integer, text);
    break;
  case FIELD_TIME:
    len = time_format_rfc3339(value->integer, text);
    break;
  }
  return arena_dup(arena, slice_of(text, len));
}

void field_value_append(GString *to, const FieldValue *value, Clock *clock, TextCharset charset)
{
  char text[ENDPOINT_TEXT_MAX];

  G_STATIC_ASSERT((int) ENDPOINT_TEXT_MAX >= (int) TIME_TEXT_MAX);
  switch (value->type) {
  case FIELD_STRING:
  case FIELD_ENUM:
    text_append_safe(to, value->text, charset);
    break;
  case FIELD_INTEGER:
    g_string_append_len(to, text, (gssize) number_format((uint64_t) value->integer, text));
    break;
  case FIELD_DURATION:
    g_string_append(to, duration_format(value->integer, text));
    break;
  case FIELD_TIME:
    g_string_append(to, clock_format(clock, value->integer, text));
    break;
  case FIELD_ADDRESS:
    g_string_append(to, format_address(&value->address, text));
    break;
  case FIELD_BOOLEAN:
    g_string_append(to, value->truth ? "yes" : "no");
    break;
  }
}
