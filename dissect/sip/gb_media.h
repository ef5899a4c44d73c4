/*
 * What GB/T 28181 adds to session descriptions and to INVITE (annexes G and 9.2): the lines y= (an
 * SSRC of ten digits) and f= (media parameters), the source in u=, and Subject.  Pure.
 */
#pragma once

#include "capture/slice.h"

enum { GB_SSRC_LEN = 10, GB_FORMAT_TEXT_MAX = 160 };

/* The value of the first line y=, as written; absent without one.  Of a session description. */
Slice gb_sdp_ssrc(Slice sdp);

/* y=: false if it is not ten digits or more than 32 bits.  The first digit is 0 for live media and
 * 1 for a record. */
bool gb_ssrc_read(Slice y, uint32_t *ret_ssrc, bool *ret_is_record);

/* f=v/codec/resolution/rate/bit rate type/kbit/s a/codec/kbit/s/sampling: "video H.264 1080P 25
 * fps; audio G.711", with what it says; empty where it says nothing.  Peers leave out slashes. */
const char *gb_format_text(Slice f, char text[GB_FORMAT_TEXT_MAX]);

/* "recorded on an alarm": the type of u=CHANNEL:TYPE; NULL without a known one. */
const char *gb_source_type(Slice u, Slice *ret_channel);

/* SENDER:SEQUENCE,RECEIVER:SEQUENCE; the second half may be absent. */
typedef struct {
  Slice sender, sender_sequence, receiver, receiver_sequence;
} GbSubject;

/* False if it does not begin with an id of digits and a colon. */
bool gb_subject_read(Slice subject, GbSubject *ret_subject);
