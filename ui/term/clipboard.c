#include "ui/term/clipboard.h"

#define WRAP_BEGIN "\033P" /* DCS */
#define WRAP_END "\033\\"  /* ST */

enum { WRAPPED_MAX = 240 }; /* bytes of a piece */

static void append_wrapped(GString *to, Slice sequence)
{
  while (sequence.len > 0) {
    Slice piece = slice_head(sequence, WRAPPED_MAX);

    g_string_append(to, WRAP_BEGIN);
    g_string_append_len(to, piece.data, (gssize) piece.len);
    g_string_append(to, WRAP_END);
    sequence = slice_from(sequence, piece.len);
  }
}

bool clipboard_append(GString *to, Slice text, bool wrapped)
{
  if (text.len > CLIPBOARD_MAX)
    return false;

  g_autofree char *base64 = g_base64_encode((const guchar *) text.data, text.len);
  g_autofree char *sequence = g_strconcat("\033]52;c;", base64, "\a", NULL);
  if (wrapped)
    append_wrapped(to, slice_from_string(sequence));
  else
    g_string_append(to, sequence);
  return true;
}
