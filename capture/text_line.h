/*
 * TextLine: what one line of a text trace says: the time at its beginning, the heading of a message
 * with its direction and peer, or the beginning of a message itself.
 */
#pragma once

#include "capture/pdu.h"
#include "capture/slice.h"

typedef struct {
  uint8_t address[16];
  uint8_t address_len; /* 4, 16, or 0: not known */
  uint16_t port;
} Place;

typedef struct {
  Place src, dst;
  PduPortType carrier;
  bool ends_with_dashes; /* a line of dashes ends the message */
  bool cr_is_dot;        /* each line ends with a dot, which ngrep prints for CR */
} Heading;

/* Is the line the heading of a message? */
bool text_line_heading(Slice line, Heading *ret_heading);

/* Of dashes, or of the marks that ngrep prints between packets? */
bool text_line_is_rule(Slice line);

/* A start-line (RFC 3261 7.1, 7.2), perhaps after what a log or a quotation puts before it. */
bool text_line_start(Slice line, Slice *ret_start);

/* Does it begin with a field name and a colon (RFC 3261 7.3)? */
bool text_line_is_header(Slice line);

/* "udp", "TLS", ...: what carries it, PDU_PORT_NONE for any other word. */
PduPortType text_carrier_of(Slice word);

/* A time at, or near, the beginning of a line. */
typedef struct {
  int year, month, day; /* year 0, month 0: not said */
  int hour, minute, second;
  int64_t fraction_ns;
  bool has_offset;
  int offset_s; /* east of UTC */
} TextTime;

bool text_line_time(Slice line, TextTime *ret_time);
