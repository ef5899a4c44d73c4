/*
 * KeyInput: keys from a descriptor: waits, reads, decodes, and tells a double click from two.
 */
#pragma once

#include "ui/term/key_decoder.h"

typedef struct {
  int fd; /* not owned */
  KeyDecoder *decoder;
  int64_t rest_until_us; /* monotonic: then what began in the decoder is given up */
  int64_t clicked_us;
  int clicked_x, clicked_y;
  bool gone; /* it came to its end, or cannot be read any more */
} KeyInput;

void key_input_init(KeyInput *input, int fd);
void key_input_clear(KeyInput *input);

/* A key that is there without waiting. */
bool key_input_take(KeyInput *input, KeyEvent *ret_event);

/* Waits for more, until the monotonic time `until_us` or a signal. */
void key_input_wait(KeyInput *input, int64_t until_us);

/* Makes a click at `now_us` a double one where the one before it was there, too, and not long ago;
 * part of key_input_take. */
void key_input_tell_double(KeyInput *input, KeyEvent *event, int64_t now_us);
