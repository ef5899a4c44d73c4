/*
 * Key: what was pressed, as views and bindings know it, and its name: "a", "F5", "C-f", "A-x",
 * "S-Tab", "PgDn", "Space".
 *
 * A key is a Unicode character or one of those below, and the modifiers that were held.  Ctrl with
 * a letter is that lower case letter and KEY_CODE_CTRL; Shift is reported only if it does not make
 * another character.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "capture/slice.h"

typedef uint32_t KeyCode;

enum {
  KEY_CODE_NONE = 0,
  KEY_CODE_UP = 0x110000, /* after the last character */
  KEY_CODE_DOWN,
  KEY_CODE_LEFT,
  KEY_CODE_RIGHT,
  KEY_CODE_PAGE_UP,
  KEY_CODE_PAGE_DOWN,
  KEY_CODE_HOME,
  KEY_CODE_END,
  KEY_CODE_INSERT,
  KEY_CODE_DELETE,
  KEY_CODE_BACKSPACE,
  KEY_CODE_ENTER,
  KEY_CODE_TAB,
  KEY_CODE_ESCAPE,
  KEY_CODE_F1,
  KEY_CODE_F12 = KEY_CODE_F1 + 11,
  KEY_CODE_MOUSE,  /* see KeyEvent */
  KEY_CODE_RESIZE, /* the size of the screen changed */
  KEY_CODE_END_OF_KEYS,

  KEY_CODE_CTRL = 1 << 24,
  KEY_CODE_ALT = 1 << 25,
  KEY_CODE_SHIFT = 1 << 26,
};

typedef enum {
  MOUSE_CLICK, /* the left button was pressed */
  MOUSE_DOUBLE_CLICK,
  MOUSE_RIGHT_CLICK,
  MOUSE_WHEEL_UP,
  MOUSE_WHEEL_DOWN,
  MOUSE_DRAG,    /* it moved while the left button is pressed */
  MOUSE_RELEASE, /* the button was released */
  MOUSE_END_OF_ACTIONS,
} MouseAction;

typedef struct {
  KeyCode code;
  MouseAction mouse; /* of KEY_CODE_MOUSE */
  int x, y;
} KeyEvent;

enum { KEY_NAME_MAX = 24 };

/* Returns `name`. */
char *key_to_name(KeyCode code, char name[KEY_NAME_MAX]);

/* The key of that name (special keys in upper or lower case); KEY_CODE_NONE if there is none. */
KeyCode key_from_name(Slice name);

/* Is it a character that can be typed into a text? */
bool key_is_text(KeyCode code);

/* A character with modifiers, as terminals can report them: C-I is Tab; KEY_CODE_NONE with Shift,
 * which makes another character. */
KeyCode key_with_modifiers(KeyCode character, KeyCode modifiers);
