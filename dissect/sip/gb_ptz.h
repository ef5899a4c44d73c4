/*
 * PTZCmd: the eight bytes that steer a camera (GB/T 28181-2022 annex A.3), written as hexadecimal
 * digits: A5, version and a check digit, address, command, two bytes of data, one whose high half
 * is data and whose low half belongs to the address, and the sum of the first seven.  Pure.
 */
#pragma once

#include "capture/slice.h"

enum { GB_PTZ_LEN = 8, GB_PTZ_TEXT_MAX = 192 };

typedef struct {
  uint8_t bytes[GB_PTZ_LEN];
  uint8_t sum;       /* of the first seven */
  bool sum_is_right; /* the last byte is that */
  uint16_t address;
} GbPtz;

/* False if it is not sixteen hexadecimal digits that begin with A5. */
bool gb_ptz_read(Slice hex, GbPtz *ret_ptz);

/* "left 150, up 20", "preset call 3", "stop".  Returns `text`. */
const char *gb_ptz_format(const GbPtz *ptz, char text[GB_PTZ_TEXT_MAX]);
/* In the user's language. */
const char *gb_ptz_say(const GbPtz *ptz, char text[GB_PTZ_TEXT_MAX]);
