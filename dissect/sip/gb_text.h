/*
 * Bodies in GB 2312, GBK or GB 18030, as devices of GB/T 28181 send them, to Unicode.  Pure.
 */
#pragma once

#include "capture/arena.h"
#include "capture/slice.h"

/* Is the body in one of them?  Content-Type or the XML declaration must say so, or that it is
 * MANSCDP, which is often mislabelled; and the body must not be well-formed UTF-8. */
bool gb_text_is_body(Slice content_type, Slice body);

/* The code points of `text`: each at the index of its first byte; 0 at all other bytes. */
uint32_t *gb_text_decode(Arena *arena, Slice text);

/* Length of the character at the start; 0 when no character starts like this. */
size_t gb_text_char_len(Slice s);

/* As UTF-8; `text` itself when it is ASCII or cannot be converted. */
Slice gb_text_to_utf8(Arena *arena, Slice text);
