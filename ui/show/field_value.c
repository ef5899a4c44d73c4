#include "ui/show/field_value.h"

Slice field_value_format(const FieldValue *value, char text[FIELD_VALUE_TEXT_MAX])
{
  switch (value->type) {
  case FIELD_STRING:
  case FIELD_ENUM:
    return value->text;
  case FIELD_INTEGER:
    return slice_of(text, number_format((uint64_t) value->integer, text));
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
    text_append_safe(to, value->text, charset);
    break;
  case FIELD_DURATION:
    g_string_append(to, duration_format(value->integer, text));
    break;
  case FIELD_TIME:
    g_string_append(to, clock_format(clock, value->integer, text));
    break;
  case FIELD_BOOLEAN:
    g_string_append(to, value->truth ? "yes" : "no");
    break;
  case FIELD_INTEGER:
  case FIELD_ADDRESS:
    shown = field_value_format(value, text);
    g_string_append_len(to, shown.data, (gssize) shown.len);
    break;
  case FIELD_LIST:
    g_assert_not_reached();
  }
}
