#include "ui/term/key.h"

#include <glib.h>

#include "ui/show/text.h"

enum {
  KEY_MODIFIERS = KEY_CODE_CTRL | KEY_CODE_ALT | KEY_CODE_SHIFT,
  FUNCTION_KEYS = KEY_CODE_F12 - KEY_CODE_F1 + 1,
};

/* The first name of a key is the one that is shown. */
static const struct {
  const char *name;
  KeyCode code;
} NAMES[] = {
  {"Up", KEY_CODE_UP},
  {"Down", KEY_CODE_DOWN},
  {"Left", KEY_CODE_LEFT},
  {"Right", KEY_CODE_RIGHT},
  {"PgUp", KEY_CODE_PAGE_UP},
  {"PgDn", KEY_CODE_PAGE_DOWN},
  {"Home", KEY_CODE_HOME},
  {"End", KEY_CODE_END},
  {"Ins", KEY_CODE_INSERT},
  {"Del", KEY_CODE_DELETE},
  {"Backspace", KEY_CODE_BACKSPACE},
  {"Enter", KEY_CODE_ENTER},
  {"Tab", KEY_CODE_TAB},
  {"Esc", KEY_CODE_ESCAPE},
  {"Space", ' '},
  {"PageUp", KEY_CODE_PAGE_UP},
  {"PageDown", KEY_CODE_PAGE_DOWN},
  {"Insert", KEY_CODE_INSERT},
  {"Delete", KEY_CODE_DELETE},
  {"Return", KEY_CODE_ENTER},
  {"Escape", KEY_CODE_ESCAPE},
};

static const struct {
  char letter;
  KeyCode modifier;
} MODIFIERS[] = {
  {'C', KEY_CODE_CTRL},
  {'A', KEY_CODE_ALT},
  {'S', KEY_CODE_SHIFT},
};

/* Terminals send the same byte for both (ECMA-48: BS, HT, LF, CR, ESC). */
static const struct {
  char letter;
  KeyCode code;
} CTRL_SYNONYMS[] = {
  {'h', KEY_CODE_BACKSPACE}, {'i', KEY_CODE_TAB},    {'j', KEY_CODE_ENTER},
  {'m', KEY_CODE_ENTER},     {'[', KEY_CODE_ESCAPE},
};

bool key_is_text(KeyCode code)
{
  return code >= ' ' && g_unichar_validate(code) && !g_unichar_iscntrl(code);
}

static size_t name_base(KeyCode base, char *name, size_t size)
{
  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
    if (NAMES[i].code == base)
      return g_strlcpy(name, NAMES[i].name, size);
  if (base >= KEY_CODE_F1 && base <= KEY_CODE_F12)
    return (size_t) g_snprintf(name, size, "F%u", base - KEY_CODE_F1 + 1);
  if (!key_is_text(base))
    return 0;
  size_t len = (size_t) g_unichar_to_utf8(base, name);
  name[len] = '\0';
  return len;
}

char *key_to_name(KeyCode code, char name[KEY_NAME_MAX])
{
  size_t len = 0;

  for (size_t i = 0; i < G_N_ELEMENTS(MODIFIERS); i++)
    if (code & MODIFIERS[i].modifier) {
      name[len++] = MODIFIERS[i].letter;
      name[len++] = '-';
    }
  if (name_base(code & ~(KeyCode) KEY_MODIFIERS, name + len, KEY_NAME_MAX - len) == 0)
    len = 0;
  if (len == 0 && name_base(code, name, KEY_NAME_MAX) == 0)
    name[0] = '\0';
  return name;
}

/* "C-", "A-" and "S-", and "^" for the first. */
static KeyCode take_modifiers(Slice *name)
{
  KeyCode modifiers = 0;
  size_t i = 0;

  while (name->len > 2 && name->data[1] == '-' && i < G_N_ELEMENTS(MODIFIERS)) {
    for (i = 0; i < G_N_ELEMENTS(MODIFIERS); i++)
      if (name->data[0] == MODIFIERS[i].letter)
        break;
    if (i < G_N_ELEMENTS(MODIFIERS)) {
      modifiers |= MODIFIERS[i].modifier;
      *name = slice_from(*name, 2);
    }
  }
  if (name->len == 2 && name->data[0] == '^') {
    modifiers |= KEY_CODE_CTRL;
    *name = slice_from(*name, 1);
  }
  return modifiers;
}

KeyCode key_with_modifiers(KeyCode character, KeyCode modifiers)
{
  if (modifiers & KEY_CODE_SHIFT)
    return KEY_CODE_NONE;
  if (!(modifiers & KEY_CODE_CTRL))
    return character | modifiers;
  if (character < 0x80)
    character = (KeyCode) g_ascii_tolower((char) character);
  for (size_t i = 0; i < G_N_ELEMENTS(CTRL_SYNONYMS); i++)
    if ((KeyCode) CTRL_SYNONYMS[i].letter == character)
      return CTRL_SYNONYMS[i].code | (modifiers & KEY_CODE_ALT);
  return character | modifiers;
}

/* A key that has a name of its own, or F1 to F12. */
static KeyCode special_key(Slice name)
{
  uint16_t number;

  if (name.len < 2)
    return KEY_CODE_NONE; /* most keys are characters */
  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
    if (slice_eq_nocase(name, slice_from_string(NAMES[i].name)))
      return NAMES[i].code;
  if ((name.data[0] != 'F' && name.data[0] != 'f') || !slice_to_u16(slice_from(name, 1), &number) ||
      number < 1 || number > FUNCTION_KEYS)
    return KEY_CODE_NONE;
  return KEY_CODE_F1 + number - 1u;
}

KeyCode key_from_name(Slice name)
{
  KeyCode modifiers = take_modifiers(&name);
  KeyCode special = special_key(name);
  size_t len;

  if (special != KEY_CODE_NONE)
    return special == ' ' ? key_with_modifiers(special, modifiers) : special | modifiers;
  if (name.len == 0)
    return KEY_CODE_NONE;
  int32_t character = utf8_next(name, &len);
  if (character == UTF8_INVALID || len != name.len || !key_is_text((KeyCode) character))
    return KEY_CODE_NONE;
  return key_with_modifiers((KeyCode) character, modifiers);
}
