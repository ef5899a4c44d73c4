/*
 * `show`, and whole messages as text, which `messages -T text` writes too.
 */
#pragma once

#include "ui/report/report.h"

/* As sngrep writes a message to a .txt file, for other programs to read: byte for byte, except that
 * a terminal gets no control characters. */
void messages_whole(Report *report, const Arrival *arrival, const Message *message);
