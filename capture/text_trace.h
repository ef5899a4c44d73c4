/*
 * TextTrace: SIP messages out of text as people paste it into tickets: files of sngrep and of this
 * program, ngrep, logs of FreeSWITCH, Asterisk, Kamailio, OpenSIPS and Cisco CUBE, or messages one
 * after another.
 *
 * What comes out is a capture: pcap with nanoseconds, each message a PDU as Wireshark exports it
 * (link type 252), so that it is stored, shown and saved like any other.  A time, an address or a
 * transport that the text does not have is not made up: the time is 0, the tag of the address is
 * missing.  A message without a time of its own has that of the line with a time before it.
 *
 * Lines end in CRLF again, or in LF where the Content-Length says so.  Text is hostile: a line has
 * at most TEXT_LINE_MAX bytes, a message TEXT_MESSAGE_MAX, and each byte is looked at a few times.
 */
#pragma once

#include <glib.h>

#include "capture/slice.h"

enum { TEXT_LINE_MAX = 64 * 1024, TEXT_MESSAGE_MAX = 128 * 1024 };

typedef struct TextTrace TextTrace;

TextTrace *text_trace_new(void);
void text_trace_free(TextTrace *trace);

/* May these bytes begin a text? */
bool text_trace_detect(Slice head);

/* Takes the next bytes; whole messages are appended to `out`, before the first one the header of
 * the file. */
void text_trace_feed(TextTrace *trace, Slice bytes, GByteArray *out);

/* Nothing more can be read at the moment: the last message is appended if its body is as long as
 * its Content-Length. */
void text_trace_pause(TextTrace *trace, GByteArray *out);
void text_trace_end(TextTrace *trace, GByteArray *out);

/* What the messages so far lack or lost, as a clause; NULL: nothing.  Freed with g_free. */
char *text_trace_lacks(const TextTrace *trace);
