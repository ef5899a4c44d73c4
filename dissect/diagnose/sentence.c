#include "dissect/diagnose/sentence.h"

#include "capture/language.h"
#include "dissect/sip/sip_values.h"

enum { TEXT_MAX = 80, MINUTE_S = 60, HOUR_S = 3600 };

static const char *keep(const CallCase *c, const char *text)
{
  return arena_copy(c->arena, text, strlen(text) + 1);
}

const char *say(const CallCase *c, const char *format, ...)
{
  const char *translated = translate(format);
  va_list arguments, again;
  char usual[256];

  va_start(arguments, format);
  va_copy(again, arguments);
  size_t size = (size_t) g_vsnprintf(usual, sizeof usual, translated, arguments) + 1;
  char *text = arena_alloc(c->arena, size);
  if (size <= sizeof usual)
    memcpy(text, usual, size);
  else
    g_vsnprintf(text, size, translated, again);
  va_end(again);
  va_end(arguments);
  return text;
}

const char *say_string(const CallCase *c, const GString *text)
{
  return arena_copy(c->arena, text->str, text->len + 1);
}

const char *say_endpoint(const CallCase *c, uint32_t endpoint)
{
  const Endpoint *e = trace_endpoint(c->trace, endpoint);
  char text[ENDPOINT_TEXT_MAX];

  if (!endpoint_is_known(e))
    return _("an unknown address");
  if (!c->names.append)
    return keep(c, endpoint_format(e, text));
  g_string_truncate(c->words, 0);
  c->names.append(c->names.data, e, c->words);
  return say_string(c, c->words);
}

const char *say_span(const CallCase *c, int64_t ns)
{
  int64_t ms = (ns + 500000) / 1000000, tenths = (ms + 50) / 100;
  int64_t s = (ns + SECOND_NS / 2) / SECOND_NS;

  if (ms < 1000)
    return say(c, "%d ms", (int) ms);
  if (tenths < 100 && tenths % 10 > 0)
    return say(c, "%d.%d s", (int) (tenths / 10), (int) (tenths % 10));
  if (s < 2 * MINUTE_S)
    return say(c, "%d s", (int) s);
  if (s < 2 * HOUR_S && s % MINUTE_S == 0)
    return say(c, "%d min", (int) (s / MINUTE_S));
  if (s < 2 * HOUR_S)
    return say(c, "%d min %d s", (int) (s / MINUTE_S), (int) (s % MINUTE_S));
  return say(c, "%" G_GINT64_FORMAT " h %d min", s / HOUR_S, (int) (s % HOUR_S / MINUTE_S));
}

/* Bytes of it that are said.  A character of UTF-8 stays whole. */
static size_t said_len(Slice text)
{
  size_t len = text.data ? strnlen(text.data, MIN(text.len, (size_t) TEXT_MAX)) : 0;

  while (text.len > TEXT_MAX && len > TEXT_MAX - 4 &&
         ((unsigned char) text.data[len] & 0xc0) == 0x80)
    len--;
  return len;
}

const char *say_text(const CallCase *c, Slice text)
{
  size_t len = said_len(text);
  const char *end = text.len > TEXT_MAX ? "..." : "";
  char *said = arena_alloc(c->arena, len + strlen(end) + 1);

  if (len > 0)
    memcpy(said, text.data, len);
  memcpy(said + len, end, strlen(end) + 1);
  return said;
}

const char *say_status(CallCase *c, const Message *response)
{
  const SipMsg *sip = call_case_load_saying(c, response, MESSAGE_SAYS_PHRASE);
  const char *known = sip_status_text(response->status);
  Slice phrase = sip && sip->reason.len > 0 ? sip->reason : slice_from_string(known);

  if (phrase.len == 0)
    return say(c, "%u", response->status);
  return say(c, "%u %.*s%s", response->status, (int) said_len(phrase), phrase.data,
             phrase.len > TEXT_MAX ? "..." : "");
}

const char *say_method(const CallCase *c, const Message *message)
{
  Slice name = trace_method_name(c->trace, message->method);
  bool is_known = message->method > SIP_METHOD_OTHER && name.len > 0;

  return is_known ? say_text(c, name) : _("request");
}

const char *say_times(const CallCase *c, uint32_t count)
{
  return count == 1 ? _("once") : say(c, "%u times", count);
}

const char *say_party(const Dialog *dialog, const Message *request)
{
  return request->transaction->from_tag == dialog->caller_tag ? _("caller") : _("callee");
}

/* --- Reason, Warning, Retry-After ------------------------------------------------------------- */

bool case_reason(CallCase *c, const Message *message, SipReason *ret_reason)
{
  const SipMsg *sip = call_case_load_saying(c, message, MESSAGE_SAYS_WHY);

  return sip && sip_msg_reason(sip, ret_reason);
}

static void append_reason(CallCase *c, const SipReason *reason, GString *to)
{
  const char *meaning =
    sip_reason_is_q850(reason) ? q850_cause_text(reason->cause) : sip_status_text(reason->cause);

  g_string_append_printf(to, _("; %s: %s cause %u"), reason->is_of_isup ? "ISUP" : "Reason",
                         say_text(c, reason->protocol), reason->cause);
  if (meaning)
    g_string_append_printf(to, "%s%s", _(": "), _(meaning));
  if (reason->text.len > 0)
    g_string_append_printf(to, "%s%s", _(", "), say_text(c, reason->text));
}

const char *say_details(CallCase *c, const Message *message)
{
  const SipMsg *sip = call_case_load_saying(c, message, MESSAGE_SAYS_WHY);
  g_autoptr(GString) text = g_string_new(NULL);
  SipReason reason;
  SipHeaderRow row;

  if (!sip)
    return "";
  if (sip_msg_reason(sip, &reason))
    append_reason(c, &reason, text);
  if (sip_msg_find(sip, SIP_HEADER_WARNING, &row))
    g_string_append_printf(text, _("; Warning: %s"), say_text(c, row.value));
  if (sip_msg_find(sip, SIP_HEADER_RETRY_AFTER, &row))
    g_string_append_printf(text, _("; Retry-After: %s"), say_text(c, row.value));
  return say_string(c, text);
}
