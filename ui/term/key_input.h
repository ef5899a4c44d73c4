/*
 * KeyDecoder: the bytes that a terminal sends -> keys.
 *
 * Knows the spellings of xterm, VT100 to VT220, PuTTY, rxvt, the Linux console, screen and tmux
 * (ECMA-48 CSI and SS3, xterm's modifiers, CSI u, mouse reports in three encodings); others are
 * learned.  A sequence that means no key is swallowed whole, so its bytes never act as keys.
 * Escape alone can be told from the start of a sequence only by waiting.
 *
 * KeyInput: keys from a descriptor: waits, reads, decodes, and recognizes double clicks.
 */
#pragma once

#include <glib.h>

#include "ui/term/key.h"

typedef struct KeyDecoder KeyDecoder;

KeyDecoder *key_decoder_new(void);
void key_decoder_free(KeyDecoder *decoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeyDecoder, key_decoder_free)

/* Adds a spelling of a key; ignored if it does not begin with ESC, or if there are too many. */
void key_decoder_learn(KeyDecoder *decoder, Slice sequence, KeyCode code);

void key_decoder_add(KeyDecoder *decoder, Slice bytes);

/* The next key; false if there is no complete one. */
bool key_decoder_next(KeyDecoder *decoder, KeyEvent *ret_event);

/* How long to wait for the rest of a key; -1 if none has begun. */
int key_decoder_wait_ms(const KeyDecoder *decoder);

/* Like key_decoder_next, after the rest did not come. */
bool key_decoder_give_up(KeyDecoder *decoder, KeyEvent *ret_event);

typedef struct {
  int fd; /* not owned */
  KeyDecoder *decoder;
  int64_t rest_until_us; /* monotonic time to wait for the rest of a key */
  int64_t clicked_us;
  int clicked_x, clicked_y;
  bool gone; /* at its end, or not readable any more */
} KeyInput;

void key_input_init(KeyInput *input, int fd);
void key_input_clear(KeyInput *input);

/* A key that is there without waiting. */
bool key_input_take(KeyInput *input, KeyEvent *ret_event);

/* Waits for more, until the monotonic time `until_us` or a signal. */
void key_input_wait(KeyInput *input, int64_t until_us);

/* Makes a click at `now_us` a double click if the previous one was at the same place shortly
 * before; part of key_input_take. */
void key_input_tell_double(KeyInput *input, KeyEvent *event, int64_t now_us);
