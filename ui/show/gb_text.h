/*
 * Bodies in GB 2312, GBK or GB 18030, as devices of GB/T 28181 send them: found out and decoded.
 */
#pragma once

#include "capture/arena.h"
#include "dissect/sip/sip_msg.h"

/* Is the body in one of them?  The message has to say so, in Content-Type or in the XML
 * declaration; and it is not if it is well-formed UTF-8 all the same. */
bool gb_text_is_body(const SipMsg *sip);

/*
 * The code points of `text`: each at the place of its first octet, with 0 at those of the others
 * and where there is none.
 */
uint32_t *gb_text_decode(Arena *arena, Slice text);

/* Octets of the character that begins with these; 0 when they cannot begin one. */
size_t gb_text_char_len(Slice s);

/* As UTF-8; `text` itself where that makes no difference, or is not possible. */
Slice gb_text_to_utf8(Arena *arena, Slice text);
