#include "ui/term/key_input.h"

#include <errno.h>
#include <unistd.h>

#include "ui/show/text.h"

enum {
  ESC = 0x1B,
  DEL = 0x7F,
  SEQUENCE_MAX = 64,
  LEARNED_MAX = 64,
  LEARNED_BYTES = 16,
  NUMBERS_MAX = 4,
  WAIT_ESCAPE_MS = 25,
  WAIT_SEQUENCE_MS = 250, /* faster than anyone types: a slow line */
};

typedef struct {
  char bytes[LEARNED_BYTES];
  size_t len;
  KeyCode code;
} Learned;

struct KeyDecoder {
  GString *bytes;
  size_t at; /* bytes taken */
  Learned learned[LEARNED_MAX];
  size_t learned_count;
};

/* A control sequence: its parameters and what ends it. */
typedef struct {
  char prefix; /* '<' or '?'; or 0 */
  unsigned numbers[NUMBERS_MAX];
  size_t count;
  char final;
} Sequence;

/* CSI n ~: VT220's and xterm's, 7 and 8 are rxvt's, 11 to 15 PuTTY's. */
static const struct {
  uint8_t number;
  KeyCode code;
} NUMBERED[] = {
  {1, KEY_CODE_HOME},    {2, KEY_CODE_INSERT},    {3, KEY_CODE_DELETE},   {4, KEY_CODE_END},
  {5, KEY_CODE_PAGE_UP}, {6, KEY_CODE_PAGE_DOWN}, {7, KEY_CODE_HOME},     {8, KEY_CODE_END},
  {11, KEY_CODE_F1},     {12, KEY_CODE_F1 + 1},   {13, KEY_CODE_F1 + 2},  {14, KEY_CODE_F1 + 3},
  {15, KEY_CODE_F1 + 4}, {17, KEY_CODE_F1 + 5},   {18, KEY_CODE_F1 + 6},  {19, KEY_CODE_F1 + 7},
  {20, KEY_CODE_F1 + 8}, {21, KEY_CODE_F1 + 9},   {23, KEY_CODE_F1 + 10}, {24, KEY_CODE_F12},
};

/* What ends a sequence, and its key; the introducers that it may follow. */
static const struct {
  char final;
  KeyCode code;
  const char *after; /* '[' for CSI, 'O' for SS3 */
} FINALS[] = {
  {'A', KEY_CODE_UP, "[O"},
  {'B', KEY_CODE_DOWN, "[O"},
  {'C', KEY_CODE_RIGHT, "[O"},
  {'D', KEY_CODE_LEFT, "[O"},
  {'H', KEY_CODE_HOME, "[O"},
  {'F', KEY_CODE_END, "[O"},
  {'P', KEY_CODE_F1, "[O"},
  {'Q', KEY_CODE_F1 + 1, "[O"},
  {'R', KEY_CODE_F1 + 2, "[O"},
  {'S', KEY_CODE_F1 + 3, "[O"},
  {'Z', KEY_CODE_TAB | KEY_CODE_SHIFT, "["},
  /* rxvt's arrows with Shift, and with Ctrl */
  {'a', KEY_CODE_UP | KEY_CODE_SHIFT, "["},
  {'b', KEY_CODE_DOWN | KEY_CODE_SHIFT, "["},
  {'c', KEY_CODE_RIGHT | KEY_CODE_SHIFT, "["},
  {'d', KEY_CODE_LEFT | KEY_CODE_SHIFT, "["},
  {'a', KEY_CODE_UP | KEY_CODE_CTRL, "O"},
  {'b', KEY_CODE_DOWN | KEY_CODE_CTRL, "O"},
  {'c', KEY_CODE_RIGHT | KEY_CODE_CTRL, "O"},
  {'d', KEY_CODE_LEFT | KEY_CODE_CTRL, "O"},
  /* the numeric pad in its application mode */
  {'M', KEY_CODE_ENTER, "O"},
  {'I', KEY_CODE_TAB, "O"},
  {'X', '=', "O"},
  {'j', '*', "O"},
  {'k', '+', "O"},
  {'l', ',', "O"},
  {'m', '-', "O"},
  {'n', KEY_CODE_DELETE, "O"},
  {'o', '/', "O"},
  {'p', KEY_CODE_INSERT, "O"},
  {'q', KEY_CODE_END, "O"},
  {'r', KEY_CODE_DOWN, "O"},
  {'s', KEY_CODE_PAGE_DOWN, "O"},
  {'t', KEY_CODE_LEFT, "O"},
  {'v', KEY_CODE_RIGHT, "O"},
  {'w', KEY_CODE_HOME, "O"},
  {'x', KEY_CODE_UP, "O"},
  {'y', KEY_CODE_PAGE_UP, "O"},
};

/* What rxvt ends numbered sequences with when a modifier is held. */
static const struct {
  char final;
  KeyCode modifiers;
} NUMBERED_FINALS[] = {
  {'~', 0},
  {'^', KEY_CODE_CTRL},
  {'$', KEY_CODE_SHIFT},
  {'@', KEY_CODE_CTRL | KEY_CODE_SHIFT},
};

KeyDecoder *key_decoder_new(void)
{
  KeyDecoder *decoder = g_new0(KeyDecoder, 1);

  decoder->bytes = g_string_new(NULL);
  return decoder;
}

void key_decoder_free(KeyDecoder *decoder)
{
  if (!decoder)
    return;
  g_string_free(decoder->bytes, TRUE);
  g_free(decoder);
}

void key_decoder_learn(KeyDecoder *decoder, Slice sequence, KeyCode code)
{
  Learned *learned = &decoder->learned[decoder->learned_count];

  if (decoder->learned_count == LEARNED_MAX || sequence.len < 2 || sequence.len > LEARNED_BYTES ||
      sequence.data[0] != ESC)
    return;
  memcpy(learned->bytes, sequence.data, sequence.len);
  learned->len = sequence.len;
  learned->code = code;
  decoder->learned_count++;
}

void key_decoder_add(KeyDecoder *decoder, Slice bytes)
{
  g_string_erase(decoder->bytes, 0, (gssize) decoder->at);
  decoder->at = 0;
  g_string_append_len(decoder->bytes, bytes.data, (gssize) bytes.len);
}

/* ASCII's controls as the keys that send them.  C-\ means nothing: elsewhere it kills programs. */
static KeyCode control_key(uint8_t byte)
{
  if (byte == 0)
    return KEY_CODE_CTRL | ' ';
  if (byte == DEL)
    return KEY_CODE_BACKSPACE;
  if (byte == '\\' - '@')
    return KEY_CODE_NONE;
  return key_with_modifiers((KeyCode) byte + '@', KEY_CODE_CTRL);
}

/* Length of the first character; 0 if it is incomplete. */
static size_t take_character(Slice s, bool all, KeyCode *ret_code)
{
  uint8_t first = (uint8_t) s.data[0];
  size_t len;
  int32_t code = utf8_next(s, &len);

  *ret_code = KEY_CODE_NONE;
  if (first < ' ' || first == DEL)
    *ret_code = control_key(first);
  else if (code == UTF8_INVALID && len == s.len && first >= 0xC2 && !all)
    return 0;
  else if (code != UTF8_INVALID && key_is_text((KeyCode) code))
    *ret_code = (KeyCode) code;
  return len;
}

/* xterm's parameter for modifiers: 1, and 1 for Shift, 2 for Alt, 4 for Ctrl, 8 for Meta. */
static KeyCode modifiers_of(unsigned number)
{
  unsigned bits = number > 0 ? number - 1 : 0;

  return (bits & 1 ? KEY_CODE_SHIFT : 0) | (bits & (2 | 8) ? KEY_CODE_ALT : 0) |
         (bits & 4 ? KEY_CODE_CTRL : 0);
}

/* A character by its number (CSI u, and xterm's CSI 27;m;n~). */
static KeyCode numbered_character(unsigned number, KeyCode modifiers)
{
  KeyCode code = number;

  if (number == ESC)
    return KEY_CODE_ESCAPE | modifiers;
  if (number < ' ' || number == DEL)
    return control_key((uint8_t) number) | modifiers;
  if (!key_is_text(code))
    return KEY_CODE_NONE;
  if (modifiers & KEY_CODE_SHIFT && !(modifiers & KEY_CODE_CTRL))
    code = g_unichar_toupper(code);
  return key_with_modifiers(code, modifiers & ~(KeyCode) KEY_CODE_SHIFT);
}

static KeyCode numbered_key(const Sequence *sequence)
{
  KeyCode modifiers = modifiers_of(sequence->numbers[1]);

  if (sequence->final == '~' && sequence->numbers[0] == 27 && sequence->count == 3)
    return numbered_character(sequence->numbers[2], modifiers);
  for (size_t i = 0; i < G_N_ELEMENTS(NUMBERED_FINALS); i++)
    if (NUMBERED_FINALS[i].final == sequence->final)
      modifiers |= NUMBERED_FINALS[i].modifiers;
  for (size_t i = 0; i < G_N_ELEMENTS(NUMBERED); i++)
    if (NUMBERED[i].number == sequence->numbers[0])
      return NUMBERED[i].code | modifiers;
  return KEY_CODE_NONE;
}

static bool ends_numbered(char final)
{
  for (size_t i = 0; i < G_N_ELEMENTS(NUMBERED_FINALS); i++)
    if (NUMBERED_FINALS[i].final == final)
      return true;
  return false;
}

static KeyCode lettered_key(const Sequence *sequence, char introducer)
{
  unsigned modifiers = sequence->numbers[sequence->count > 1 ? 1 : 0];

  /* CSI line;column R reports the position of the cursor; the key's first number is 1. */
  if (introducer == '[' && sequence->count > 0 && sequence->numbers[0] > 1)
    return KEY_CODE_NONE;
  for (size_t i = 0; i < G_N_ELEMENTS(FINALS); i++)
    if (FINALS[i].final == sequence->final && strchr(FINALS[i].after, introducer))
      return FINALS[i].code | modifiers_of(modifiers);
  return KEY_CODE_NONE;
}

enum { MOUSE_LEFT = 0, MOUSE_RIGHT = 2, MOUSE_NONE = 3, MOUSE_MOVED = 32, MOUSE_WHEEL = 64 };

/* A button as in X10's mouse reports; others are ignored. */
static void set_mouse_event(unsigned button, unsigned column, unsigned line, KeyEvent *event)
{
  enum { MODIFIERS = 4 | 8 | 16 };
  static const struct {
    unsigned button;
    MouseAction action;
  } ACTIONS[] = {
    {MOUSE_LEFT, MOUSE_CLICK},     {MOUSE_RIGHT, MOUSE_RIGHT_CLICK},
    {MOUSE_NONE, MOUSE_RELEASE},   {MOUSE_LEFT | MOUSE_MOVED, MOUSE_DRAG},
    {MOUSE_WHEEL, MOUSE_WHEEL_UP}, {MOUSE_WHEEL + 1, MOUSE_WHEEL_DOWN},
  };

  button &= ~(unsigned) MODIFIERS;
  for (size_t i = 0; i < G_N_ELEMENTS(ACTIONS); i++)
    if (ACTIONS[i].button == button && column > 0 && line > 0 && column <= G_MAXINT16 &&
        line <= G_MAXINT16)
      *event = (KeyEvent){KEY_CODE_MOUSE, ACTIONS[i].action, (int) column - 1, (int) line - 1};
}

/* CSI M and three bytes, each 32 more than its value. */
static size_t take_x10_mouse(Slice s, KeyEvent *event)
{
  enum { LENGTH = 6, OFFSET = 32 };
  const uint8_t *bytes = (const uint8_t *) s.data;

  if (s.len < LENGTH)
    return 0;
  if (bytes[3] >= OFFSET && bytes[4] > OFFSET && bytes[5] > OFFSET)
    set_mouse_event(bytes[3] - OFFSET, bytes[4] - OFFSET, bytes[5] - OFFSET, event);
  return LENGTH;
}

static void set_sequence_event(const Sequence *sequence, char introducer, KeyEvent *event)
{
  const unsigned *numbers = sequence->numbers;

  if (sequence->prefix == '<' && sequence->final == 'M' && sequence->count == 3)
    set_mouse_event(numbers[0], numbers[1], numbers[2], event);
  else if (sequence->prefix == '<' && sequence->final == 'm' && sequence->count == 3)
    set_mouse_event(MOUSE_NONE, numbers[1], numbers[2], event);
  else if (sequence->prefix)
    return;
  else if (sequence->final == 'M' && sequence->count == 3 && numbers[0] >= 32) /* rxvt */
    set_mouse_event(numbers[0] - 32, numbers[1], numbers[2], event);
  else if (sequence->final == 'u')
    event->code = numbered_character(numbers[0], modifiers_of(numbers[1]));
  else if (ends_numbered(sequence->final))
    event->code = numbered_key(sequence);
  else
    event->code = lettered_key(sequence, introducer);
}

/* Where the sequence ends that begins at `s`: the position of its last byte, or of one that
 * cannot be in it, or s.len. */
static size_t find_final(Slice s, bool *ret_broken)
{
  size_t at = 2;

  *ret_broken = false;
  for (; at < s.len; at++) {
    char c = s.data[at];
    bool is_rxvt = c == '$' && at > 2 && s.data[2] != '?';

    if ((c >= 0x40 && c < DEL) || is_rxvt)
      return at;
    if (c < ' ' || c >= DEL || at == SEQUENCE_MAX) {
      *ret_broken = true;
      return at;
    }
  }
  return at;
}

/* CSI or SS3, parameters, a letter. */
static size_t take_sequence(Slice s, KeyEvent *event)
{
  Sequence sequence = {0};
  bool broken;
  size_t end = find_final(s, &broken);

  if (end == s.len)
    return 0;
  if (broken)
    return end;
  Slice parameters = slice_from(slice_head(s, end), 2);
  if (parameters.len > 0 && strchr("<=>?", parameters.data[0])) {
    sequence.prefix = parameters.data[0];
    parameters = slice_from(parameters, 1);
  }
  /* "1;5": numbers; what follows a colon belongs to the number before it and is left. */
  for (; parameters.len > 0 && sequence.count < NUMBERS_MAX; sequence.count++) {
    Slice number = slice_cut(&parameters, ';');
    uint16_t value;

    if (slice_to_u16(slice_cut(&number, ':'), &value))
      sequence.numbers[sequence.count] = value;
  }
  sequence.final = s.data[end];
  set_sequence_event(&sequence, s.data[1], event);
  return end + 1;
}

static size_t take_learned(const KeyDecoder *decoder, Slice s, KeyEvent *event)
{
  for (size_t i = 0; i < decoder->learned_count; i++) {
    const Learned *learned = &decoder->learned[i];

    if (slice_starts_with(s, slice_of(learned->bytes, learned->len))) {
      event->code = learned->code;
      return learned->len;
    }
  }
  return 0;
}

static bool introduces(Slice s)
{
  return s.len >= 2 && s.data[0] == ESC && (s.data[1] == '[' || s.data[1] == 'O');
}

/* What begins with CSI or SS3. */
static size_t take_introduced(const KeyDecoder *decoder, Slice s, KeyEvent *event)
{
  enum { CONSOLE_LENGTH = 4 }; /* CSI [ and a letter: F1 to F5 of the Linux console */
  size_t len = take_learned(decoder, s, event);

  if (len > 0)
    return len;
  if (s.len > 2 && s.data[1] == '[' && s.data[2] == 'M')
    return take_x10_mouse(s, event);
  if (s.len <= 2 || s.data[1] != '[' || s.data[2] != '[')
    return take_sequence(s, event);
  if (s.len < CONSOLE_LENGTH)
    return 0;
  if (s.data[3] >= 'A' && s.data[3] <= 'E')
    event->code = KEY_CODE_F1 + (KeyCode) (s.data[3] - 'A');
  return CONSOLE_LENGTH;
}

/* What begins with ESC; 0 if it is incomplete. */
static size_t take_escape(const KeyDecoder *decoder, Slice s, KeyEvent *event)
{
  size_t len = take_learned(decoder, s, event);

  if (len > 0 || s.len == 1)
    return len;
  if (introduces(s))
    return take_introduced(decoder, s, event);
  if (s.data[1] == ESC && (s.len == 2 || introduces(slice_from(s, 1)))) {
    len = s.len == 2 ? 0 : take_introduced(decoder, slice_from(s, 1), event);
  } else if (s.data[1] == ESC) {
    event->code = KEY_CODE_ESCAPE;
    return 1;
  } else {
    len = take_character(slice_from(s, 1), false, &event->code);
  }
  if (event->code != KEY_CODE_NONE)
    event->code |= KEY_CODE_ALT;
  return len > 0 ? len + 1 : 0;
}

/* An incomplete sequence: Escape, Alt with the introducer's letter, or nothing. */
static size_t take_rest(Slice s, KeyEvent *event)
{
  bool is_key = s.data[0] == ESC && s.len <= 2;

  if (is_key && (s.len == 1 || s.data[1] == ESC)) {
    event->code = KEY_CODE_ESCAPE;
    return 1;
  }
  if (is_key && introduces(s))
    event->code = KEY_CODE_ALT | (KeyCode) s.data[1];
  return s.len;
}

static bool take_event(KeyDecoder *decoder, bool all, KeyEvent *ret_event)
{
  while (decoder->at < decoder->bytes->len) {
    Slice s = slice_of(decoder->bytes->str + decoder->at, decoder->bytes->len - decoder->at);
    KeyEvent event = {0};
    size_t len =
      s.data[0] == ESC ? take_escape(decoder, s, &event) : take_character(s, all, &event.code);

    if (len == 0 && all)
      len = take_rest(s, &event);
    if (len == 0)
      return false;
    decoder->at += len;
    if (event.code != KEY_CODE_NONE) {
      *ret_event = event;
      return true;
    }
  }
  return false;
}

bool key_decoder_next(KeyDecoder *decoder, KeyEvent *ret_event)
{
  return take_event(decoder, false, ret_event);
}

bool key_decoder_give_up(KeyDecoder *decoder, KeyEvent *ret_event)
{
  return take_event(decoder, true, ret_event);
}

int key_decoder_wait_ms(const KeyDecoder *decoder)
{
  Slice left = slice_of(decoder->bytes->str + decoder->at, decoder->bytes->len - decoder->at);

  if (left.len == 0)
    return -1;
  return left.data[left.len - 1] == ESC ? WAIT_ESCAPE_MS : WAIT_SEQUENCE_MS;
}

/* --- from a descriptor --- */

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
    now_us = 0; /* a third click starts again */
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

void key_input_wait(KeyInput *input, int64_t until_us)
{
  GPollFD readable = {.fd = input->fd, .events = G_IO_IN};
  bool begun = key_decoder_wait_ms(input->decoder) >= 0 && input->rest_until_us > 0;
  int64_t end_us = begun ? MIN(until_us, input->rest_until_us) : until_us;
  int64_t left_us = MAX(end_us - g_get_monotonic_time(), 0);
  char bytes[READ_AT_ONCE];

  if (g_poll(&readable, 1, (int) MIN((left_us + 999) / 1000, G_MAXINT)) <= 0)
    return;
  if (!(readable.revents & G_IO_IN)) {
    input->gone = true;
    return;
  }
  ssize_t n = read(input->fd, bytes, sizeof bytes);
  if (n > 0) {
    key_decoder_add(input->decoder, slice_of(bytes, (size_t) n));
    input->rest_until_us = 0;
  } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
    input->gone = true;
  }
}
