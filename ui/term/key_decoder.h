/*
 * KeyDecoder: the octets that a terminal sends -> keys.
 *
 * Knows the spellings of xterm, VT100 to VT220, PuTTY, rxvt, the Linux console, screen and tmux
 * (ECMA-48 CSI and SS3, xterm's modifiers, CSI u, mouse reports in three encodings); others are
 * learned.  A sequence that means no key is swallowed whole, so its octets never act as keys.
 * Escape alone, or the start of a sequence, is only told apart by waiting.
 */
#pragma once

#include <glib.h>

#include "ui/term/key.h"

typedef struct KeyDecoder KeyDecoder;

KeyDecoder *key_decoder_new(void);
void key_decoder_free(KeyDecoder *decoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeyDecoder, key_decoder_free)

/* Another spelling of a key; one that does not begin with ESC, or is one too many, is left. */
void key_decoder_learn(KeyDecoder *decoder, Slice sequence, KeyCode code);

void key_decoder_add(KeyDecoder *decoder, Slice octets);

/* The next key; false when there is no whole one. */
bool key_decoder_next(KeyDecoder *decoder, KeyEvent *ret_event);

/* How long to wait for the rest of one; -1 when none has begun. */
int key_decoder_wait_ms(const KeyDecoder *decoder);

/* The same as key_decoder_next, after the rest did not come. */
bool key_decoder_give_up(KeyDecoder *decoder, KeyEvent *ret_event);
