/*
 * NoteText: how lines of logs about a call (dissect/trace/notes.h) are shown.
 */
#pragma once

#include "dissect/trace/trace.h"

/* "192.0.2.100", or "others"; in the arena. */
Slice note_text_sender(const Trace *trace, const Note *note, Arena *arena);

/* "192.0.2.100: the text"; not safe, in the arena. */
Slice note_text_line(const Trace *trace, const StoreSet *stores, const Note *note, Arena *arena);
