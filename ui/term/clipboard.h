/*
 * Clipboard: text for the clipboard of the terminal, wherever that runs (xterm's OSC 52).
 */
#pragma once

#include <glib.h>

#include "capture/slice.h"

enum { CLIPBOARD_MAX = 74994 }; /* octets; what xterm and tmux take */

/* Appends the control sequence that sets the clipboard; false when the text is too long.
 * `wrapped`: GNU screen is in between, and gives on what it is told to in short pieces. */
bool clipboard_append(GString *to, Slice text, bool wrapped);
