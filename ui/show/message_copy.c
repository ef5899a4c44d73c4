#include "ui/show/message_copy.h"

#include "ui/show/gb_text.h"
#include "ui/show/text.h"

static void append_lines(GString *to, Slice bytes)
{
  while (bytes.len > 0) {
    g_autoptr(GString) line = g_string_new(NULL);
    text_append_safe(line, slice_take_line(&bytes), TEXT_UTF8);
    g_string_append_len(to, line->str, (gssize) line->len);
    g_string_append_c(to, '\n');
  }
}

void message_copy_append(GString *to, const SipMsg *sip)
{
  Slice body = slice_from(sip->raw, sip->header_len);
  Arena arena;

  append_lines(to, slice_head(sip->raw, sip->header_len));
  arena_init(&arena, 1024);
  append_lines(to, gb_text_is_body(sip) ? gb_text_to_utf8(&arena, body) : body);
  arena_clear(&arena);
}

void message_copy_append_hex(GString *to, Slice bytes)
{
  for (size_t i = 0; i < bytes.len; i++)
    g_string_append_printf(to, "%s%02x", i > 0 ? " " : "", (unsigned char) bytes.data[i]);
}
