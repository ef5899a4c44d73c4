#include "dissect/sip/sip_dtmf.h"

#include <glib.h>

#include "dissect/sip/sip_body.h"

/* "5", "*", "a", and as events of RFC 4733 are numbered: "10" is "*". */
static bool read_digit(Slice text, char *ret_digit)
{
  static const char EVENTS[] = "0123456789*#ABCD!";
  uint32_t event;

  if (text.len == 1) {
    const char *found = memchr(EVENTS, g_ascii_toupper(text.data[0]), sizeof EVENTS - 1);
    if (found)
      *ret_digit = *found;
    return found != NULL;
  }
  if (!slice_to_u32(text, &event) || event >= sizeof EVENTS - 1)
    return false;
  *ret_digit = EVENTS[event];
  return true;
}

bool sip_msg_digit(const SipMsg *msg, SipDigit *ret_digit)
{
  enum { LINES = 8 };
  Slice application = SLICE("application"), rest = msg->content.bytes;
  bool is_relay = sip_media_type_is(msg->content_type, application, SLICE("dtmf-relay"));
  SipDigit digit = {0};

  if (msg->method != SIP_METHOD_INFO ||
      (!is_relay && !sip_media_type_is(msg->content_type, application, SLICE("dtmf"))))
    return false;
  for (unsigned i = 0; i < LINES && rest.len > 0; i++) {
    Slice value = slice_take_line(&rest);
    bool has_name = slice_find(value, '=') < value.len;
    Slice name = has_name ? slice_trim(slice_cut(&value, '=')) : SLICE_NONE;

    value = slice_trim(value);
    if (has_name && slice_eq_nocase(name, SLICE("Duration")))
      slice_to_u32(value, &digit.duration_ms);
    else if (digit.digit == '\0' && (!has_name || slice_eq_nocase(name, SLICE("Signal"))))
      read_digit(value, &digit.digit);
  }
  if (digit.digit == '\0')
    return false;
  *ret_digit = digit;
  return true;
}
