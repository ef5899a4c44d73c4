#include "ui/term/clipboard.h"

#define WRAP_BEGIN "\033P" /* DCS */
#define WRAP_END "\033\\"  /* ST */

enum { WRAPPED_MAX = 240 }; /* bytes of a piece */

bool clipboard_append(GString *to, Slice text, bool wrapped)
{
  if (text.len > CLIPBOARD_MAX)
    return false;

  g_autofree char *base64 = g_base64_encode((const guchar *) text.data, text.len);
  g_autofree char *sequence = g_strconcat("\033]52;c;", base64, "\a", NULL);
  if (!wrapped) {
    g_string_append(to, sequence);
    return true;
  }
  for (Slice rest = slice_from_string(sequence); rest.len > 0;) {
    Slice piece = slice_head(rest, WRAPPED_MAX);

    g_string_append(to, WRAP_BEGIN);
    g_string_append_len(to, piece.data, (gssize) piece.len);
    g_string_append(to, WRAP_END);
    rest = slice_from(rest, piece.len);
  }
  return true;
}
