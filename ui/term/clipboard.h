/*
 * Clipboard: text for the clipboard of the terminal, also a remote one (xterm's OSC 52).
 */
#pragma once

#include <glib.h>

#include "capture/slice.h"

enum { CLIPBOARD_MAX = 74994 }; /* bytes; the limit of xterm and tmux */

/* Appends the control sequence that sets the clipboard; false when the text is too long.
 * `wrapped`: for GNU screen, which passes on short pieces only. */
bool clipboard_append(GString *to, Slice text, bool wrapped);
