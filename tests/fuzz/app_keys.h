/*
 * Random input of a user: short ways through the screens, between them any key, click or character.
 * All of it follows from one number, so that a crash can be repeated.
 */
#pragma once

#include "dissect/query/field.h"
#include "ui/show/text.h"
#include "ui/view/commands.h"

typedef struct {
  uint64_t random; /* state of splitmix64 */
  GArray *waiting; /* KeyEvent, to be pressed in order */
  unsigned next;
} AppKeys;

static inline unsigned app_keys_random(AppKeys *keys, unsigned below)
{
  uint64_t x = keys->random += UINT64_C(0x9E3779B97F4A7C15);

  x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
  return (unsigned) ((x ^ x >> 31) % below);
}

#define APP_KEYS_PICK(keys, table) ((table)[app_keys_random(keys, G_N_ELEMENTS(table))])

static inline void app_keys_press(AppKeys *keys, KeyCode code)
{
  KeyEvent event = {.code = code};

  g_array_append_val(keys->waiting, event);
}

static inline void app_keys_type(AppKeys *keys, const char *text)
{
  Slice rest = slice_from_string(text);

  while (rest.len > 0) {
    size_t len;
    int32_t code = utf8_next(rest, &len);
    app_keys_press(keys, code > 0 ? (KeyCode) code : '?');
    rest = slice_from(rest, len);
  }
}

/* "call.duration >= 5 and ..." */
static inline void app_keys_type_filter(AppKeys *keys)
{
  static const char *const RELATIONS[] = {
    " == ", " != ", " > ", " <= ", " contains ", " in {", " ", " matches ", "[\"X-A\"] == "};
  static const char *const VALUES[] = {"5",     "\"a\"",      "busy", "INVITE", "10.0.0.1",  "4xx",
                                       "250ms", "\"(a|b)*\"", "true", "1..9}",  "2026-01-02"};
  static const char *const JOINTS[] = {" and ", " or ", " and not (", ")"};
  unsigned terms = 1 + app_keys_random(keys, 2);

  for (unsigned i = 0; i < terms; i++) {
    const Field *field = field_at(app_keys_random(keys, (unsigned) field_count()));
    app_keys_type(keys, field->key);
    app_keys_type(keys, APP_KEYS_PICK(keys, RELATIONS));
    app_keys_type(keys, APP_KEYS_PICK(keys, VALUES));
    if (app_keys_random(keys, 4) == 0)
      app_keys_press(keys, KEY_CODE_TAB);
    if (i + 1 < terms)
      app_keys_type(keys, APP_KEYS_PICK(keys, JOINTS));
  }
}

/* Without a slash: files are saved in the working folder. */
static inline void app_keys_type_name(AppKeys *keys)
{
  static const char *const NAMES[] = {"x",     "x.pcap", "x.pcapng", "capture", "..",
                                      ".",     "x.json", "-x",       "~",       "x.csv",
                                      "x.txt", "\u00e4", "x.html",   " ",       "capture.pcap"};

  app_keys_type(keys, APP_KEYS_PICK(keys, NAMES));
}

/* Search texts, header names, user names. */
static inline void app_keys_type_text(AppKeys *keys)
{
  static const char *const TEXTS[] = {
    "sip", "INVITE", "0",   "X-Account", "\u4e2d\u6587e\u0301", "\u202e\u200d\xC2\x85",
    "a b", "tag=",   "Via", "~*"};

  app_keys_type(keys, APP_KEYS_PICK(keys, TEXTS));
}

static inline void app_keys_type_number(AppKeys *keys)
{
  char text[16];

  g_snprintf(text, sizeof text, "%u", app_keys_random(keys, 40));
  app_keys_type(keys, text);
}

static inline void app_keys_type_command(AppKeys *keys)
{
  CommandId id = COMMAND_NONE + 1 + app_keys_random(keys, COMMAND_COUNT - 1);

  app_keys_type(keys, COMMANDS[id].name);
  if (app_keys_random(keys, 4) == 0)
    app_keys_press(keys, KEY_CODE_TAB);
}

/* Names of keys; what is typed is in angle brackets. */
static const char *const APP_KEYS_WAYS[] = {
  "/ <filter> Enter",
  "/ <filter> Up Up Enter",
  "/ <filter> C-u Esc",
  "F7 Space Down Space Down Space Tab Space Enter",
  "F10 Space Down Down + Space > a <text> Enter Enter",
  "F10 a header < d Enter",
  "F8 Down Right Down Right Down Space Down Right Enter",
  "F8 Right Right Enter",
  ": <command> Enter",
  ": <number> Enter",
  "F2 C-u <name> Enter y",
  "F2 C-u <name> Tab Right Tab Right Tab Space Enter Enter",
  "F2 Tab Right Right Right Tab Right Enter y",
  "F2 Tab Tab Right Right Enter y F1 Esc",
  "Enter Enter Tab Tab ] ] Tab [ } )",
  "Enter Space Down Space n d s n Tab",
  "Enter Space End Space d G N s",
  "* Enter e - < > + A <text> Enter",
  "* Enter F4 F4 Right Right s e",
  "Enter S C-u <name> Enter y",
  "Enter Enter F2 C-u <name> Enter y",
  "Enter / <text> Enter n N",
  "Enter Down F6 t Space + - / <text> Enter n y Y",
  "Enter F6 x Right Down PgDn y Y w",
  "Enter b Down b B B y Y",
  "Enter ] ] [ End } { PgUp",
  "Enter i Space Down Down f",
  "Enter d d d f D D s e w w c c a a",
  "Enter t t 9 9 9 0 0 T",
  "F6 Tab w w End Home",
  "> > > z < z Right",
  "Space Down Space * I u Space",
  "F5 F9 F5 F5",
  "p A p A c a",
  "i Space PgDn End Esc",
  "F1 / <text> Enter n Esc",
  "<drag> <drag> F10 Down Space Enter <drag>",
  "* M <drag> <drag> Enter",
  "C Down Right > 1 4 d Down Enter C-u <paint> Enter D y Esc",
  "F8 End Enter End Left < 5 Esc Esc",
  "Esc Esc",
  "q",
};

static inline void app_keys_type_paint(AppKeys *keys)
{
  static const char *const PAINTS[] = {"#5fafff on black bold", "red",     "on 17 dim italic",  "",
                                       "bold reverse",          "on on x", "default on default"};

  app_keys_type(keys, APP_KEYS_PICK(keys, PAINTS));
}

/* From one place to another, mostly on the titles of a list. */
static inline void app_keys_drag(AppKeys *keys)
{
  KeyEvent event = {KEY_CODE_MOUSE, MOUSE_CLICK, (int) app_keys_random(keys, 120),
                    1 + (int) app_keys_random(keys, 2)};

  g_array_append_val(keys->waiting, event);
  for (unsigned moves = app_keys_random(keys, 4); moves > 0; moves--) {
    event.mouse = MOUSE_DRAG;
    event.x = (int) app_keys_random(keys, 240) - 60;
    event.y = (int) app_keys_random(keys, 3);
    g_array_append_val(keys->waiting, event);
  }
  event.mouse = MOUSE_RELEASE;
  if (app_keys_random(keys, 8) > 0)
    g_array_append_val(keys->waiting, event);
}

static inline void app_keys_add_word(AppKeys *keys, Slice word)
{
  if (slice_eq(word, SLICE("<filter>")))
    app_keys_type_filter(keys);
  else if (slice_eq(word, SLICE("<name>")))
    app_keys_type_name(keys);
  else if (slice_eq(word, SLICE("<text>")))
    app_keys_type_text(keys);
  else if (slice_eq(word, SLICE("<number>")))
    app_keys_type_number(keys);
  else if (slice_eq(word, SLICE("<paint>")))
    app_keys_type_paint(keys);
  else if (slice_eq(word, SLICE("<drag>")))
    app_keys_drag(keys);
  else if (slice_eq(word, SLICE("<command>")))
    app_keys_type_command(keys);
  else
    app_keys_press(keys, key_from_name(word));
}

static inline void app_keys_add_way(AppKeys *keys)
{
  Slice rest = slice_from_string(APP_KEYS_PICK(keys, APP_KEYS_WAYS));

  while (rest.len > 0)
    app_keys_add_word(keys, slice_cut(&rest, ' '));
}

/* Any key, with a modifier. */
static inline KeyCode app_keys_any(AppKeys *keys)
{
  static const KeyCode HELD[] = {0, 0, 0, KEY_CODE_CTRL, KEY_CODE_ALT, KEY_CODE_SHIFT};
  KeyCode code = app_keys_random(keys, 2) == 0
                   ? KEY_CODE_UP + app_keys_random(keys, KEY_CODE_END_OF_KEYS - KEY_CODE_UP)
                   : ' ' + app_keys_random(keys, 0x7F - ' ');

  return code | APP_KEYS_PICK(keys, HELD);
}

static inline KeyEvent app_keys_event(AppKeys *keys)
{
  static const KeyCode OFTEN[] = {
    KEY_CODE_ENTER, KEY_CODE_DOWN,      KEY_CODE_ESCAPE, KEY_CODE_TAB,       KEY_CODE_RIGHT, ' ',
    KEY_CODE_UP,    KEY_CODE_PAGE_DOWN, KEY_CODE_LEFT,   KEY_CODE_BACKSPACE,
  };
  KeyEvent event = {.x = (int) app_keys_random(keys, 120) - 10,
                    .y = (int) app_keys_random(keys, 40) - 5};

  switch (app_keys_random(keys, 4)) {
  case 0:
    event.code = KEY_CODE_MOUSE;
    event.mouse = (MouseAction) app_keys_random(keys, MOUSE_END_OF_ACTIONS);
    break;
  case 1:
    event.code = app_keys_any(keys);
    break;
  default:
    event.code = APP_KEYS_PICK(keys, OFTEN);
  }
  return event;
}

/* The next key of the current way, or of a new one, or any key. */
static inline KeyEvent app_keys_next(AppKeys *keys)
{
  if (app_keys_random(keys, 16) == 0)
    return app_keys_event(keys);
  if (keys->next == keys->waiting->len) {
    g_array_set_size(keys->waiting, 0);
    keys->next = 0;
    app_keys_add_way(keys);
  }
  return g_array_index(keys->waiting, KeyEvent, keys->next++);
}
