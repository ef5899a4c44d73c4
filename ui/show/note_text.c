#include "ui/show/note_text.h"

Slice note_text_sender(const Trace *trace, const Note *note, Arena *arena)
{
  const Copier *sender = trace_note_sender(trace, note);
  char host[ENDPOINT_TEXT_MAX];

  if (sender->is_others)
    return SLICE("others");
  return arena_dup(arena, slice_from_string(endpoint_format_address(&sender->host, host)));
}

Slice note_text_line(const Trace *trace, const StoreSet *stores, const Note *note, Arena *arena)
{
  Slice text = trace_note_text(note, stores, arena);
  Slice sender = note_text_sender(trace, note, arena);
  g_autofree char *line = g_strdup_printf("%.*s: %.*s", SLICE_ARG(sender), SLICE_ARG(text));

  return arena_dup(arena, slice_from_string(line));
}
