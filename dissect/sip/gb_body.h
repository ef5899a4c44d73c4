/*
 * The head of a MANSCDP body (GB/T 28181-2022 annex A, A.2): which command it is, and what pairs a
 * query with its answer, which is a MESSAGE of its own with another Call-ID.
 *
 * Read by one bounded scan of the tags, without an XML parser: every message with such a body is
 * asked when it is filed.  Values are slices of the body, in its charset; ids and numbers are
 * ASCII in all of them.  Pure.
 */
#pragma once

#include "dissect/sip/sip_msg.h"

typedef enum {
  GB_NONE,
  GB_CONTROL,
  GB_QUERY,
  GB_RESPONSE,
  GB_NOTIFY,
  GB_KIND_COUNT,
} GbKind;

/* "query"; NULL for GB_NONE. */
const char *gb_kind_name(GbKind kind);

/* Bytes and tags that are read of a body. */
enum { GB_SCAN_MAX = 8192, GB_TAGS_MAX = 256 };

/* Absent: not in what was read.  All are children of the root but the attribute Num of a list. */
typedef struct {
  GbKind kind;
  Slice command;    /* CmdType */
  Slice sn, device; /* DeviceID; of a Broadcast TargetID */
  Slice result;     /* OK, ERROR */
  Slice sum_num;    /* items of the whole answer, in all its messages */
  Slice num;        /* items of this message */
  Slice status;     /* of a Keepalive */
  Slice ptz;        /* PTZCmd: see gb_ptz.h */
  Slice action;     /* the first child of a control that is none of the above: "TeleBoot" */
  Slice value;      /* its text: "Boot" */
} GbBody;

/* False if it is no such body: it has no root of the four kinds, or no CmdType. */
bool gb_body_read(Slice body, GbBody *ret_body);

/* Application/MANSCDP+xml, or XML without any Content-Type, which some platforms send. */
bool sip_msg_may_have_gb(const SipMsg *msg);

/* The same of the content of a message. */
bool sip_msg_gb(const SipMsg *msg, GbBody *ret_body);

/* Is an answer of the device expected to that control (GB/T 28181-2022 9.3)?  The others, such as
 * PTZCmd, get none. */
bool gb_control_is_answered(const GbBody *body);
