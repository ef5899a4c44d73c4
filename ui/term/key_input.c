#include "ui/term/key_input.h"

#include <errno.h>
#include <unistd.h>

enum {
  READ_AT_ONCE = 4096,
  DOUBLE_CLICK_US = 400 * 1000,
};

void key_input_init(KeyInput *input, int fd)
{
  *input = (KeyInput){.fd = fd, .decoder = key_decoder_new()};
}

void key_input_clear(KeyInput *input)
{
  g_clear_pointer(&input->decoder, key_decoder_free);
}

void key_input_tell_double(KeyInput *input, KeyEvent *event, int64_t now_us)
{
  if (event->code != KEY_CODE_MOUSE || event->mouse != MOUSE_CLICK)
    return;
  if (input->clicked_us > 0 && now_us - input->clicked_us < DOUBLE_CLICK_US &&
      event->x == input->clicked_x && event->y == input->clicked_y) {
    event->mouse = MOUSE_DOUBLE_CLICK;
    now_us = 0; /* a third one begins anew */
  }
  input->clicked_us = now_us;
  input->clicked_x = event->x;
  input->clicked_y = event->y;
}

bool key_input_take(KeyInput *input, KeyEvent *ret_event)
{
  bool taken = key_decoder_next(input->decoder, ret_event);
  int rest_ms = taken ? -1 : key_decoder_wait_ms(input->decoder);

  if (rest_ms >= 0) {
    int64_t now_us = g_get_monotonic_time();

    if (input->rest_until_us == 0)
      input->rest_until_us = now_us + (int64_t) rest_ms * 1000;
    if (now_us >= input->rest_until_us)
      taken = key_decoder_give_up(input->decoder, ret_event);
  }
  if (taken)
    key_input_tell_double(input, ret_event, g_get_monotonic_time());
  return taken;
}

static void read_octets(KeyInput *input)
{
  char octets[READ_AT_ONCE];
  ssize_t n = read(input->fd, octets, sizeof octets);

  if (n > 0) {
    key_decoder_add(input->decoder, slice_of(octets, (size_t) n));
    input->rest_until_us = 0;
  } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
    input->gone = true;
  }
}

void key_input_wait(KeyInput *input, int64_t until_us)
{
  GPollFD readable = {.fd = input->fd, .events = G_IO_IN};
  bool begun = key_decoder_wait_ms(input->decoder) >= 0 && input->rest_until_us > 0;
  int64_t end_us = begun ? MIN(until_us, input->rest_until_us) : until_us;
  int64_t left_us = MAX(end_us - g_get_monotonic_time(), 0);

  if (g_poll(&readable, 1, (int) MIN((left_us + 999) / 1000, G_MAXINT)) <= 0)
    return;
  if (readable.revents & G_IO_IN)
    read_octets(input);
  else
    input->gone = true;
}
