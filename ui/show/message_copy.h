/*
 * Messages as text for the clipboard: safe to paste anywhere.
 */
#pragma once

#include <glib.h>

#include "dissect/sip/sip_msg.h"

/* Appends the message line by line, each made safe and ended by LF; the body as UTF-8. */
void message_copy_append(GString *to, const SipMsg *sip);

/* Appends "53 49 50". */
void message_copy_append_hex(GString *to, Slice bytes);
