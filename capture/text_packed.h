/*
 * TextPacked: messages as ngrep prints them without `-W byline`: in one piece, or in rows of the
 * width of the terminal, with a dot for each byte that is not printable, so that ".." is the end of
 * a line, mostly.
 *
 * In header fields ".." ends a line only where a field, a fold or an empty line follows, as a dot
 * may also replace a letter that is not ASCII.  Which byte a dot replaces is not known; how many
 * there are is.
 */
#pragma once

#include "capture/slice.h"

/* Does a message begin here? */
bool text_packed_begins(Slice text);

/* A line that has the heading and the message (`-W single`), both of which lie in it. */
bool text_packed_split(Slice line, Slice *ret_heading, Slice *ret_message);

/* Takes the next line of a message; *in_body is false at first. */
Slice text_packed_line(Slice *rest, bool *in_body);
