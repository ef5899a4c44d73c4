#include "dissect/sip/gb_ptz.h"

#include <glib.h>

#include "capture/language.h"

bool gb_ptz_read(Slice hex, GbPtz *ret_ptz)
{
  GbPtz ptz = {.sum = 0};

  if (hex.len != 2 * (size_t) GB_PTZ_LEN)
    return false;
  for (size_t i = 0; i < GB_PTZ_LEN; i++) {
    int high = g_ascii_xdigit_value(hex.data[2 * i]),
        low = g_ascii_xdigit_value(hex.data[2 * i + 1]);
    if (high < 0 || low < 0)
      return false;
    ptz.bytes[i] = (uint8_t) (high << 4 | low);
    if (i + 1 < GB_PTZ_LEN)
      ptz.sum = (uint8_t) (ptz.sum + ptz.bytes[i]);
  }
  if (ptz.bytes[0] != 0xA5)
    return false;
  ptz.sum_is_right = ptz.sum == ptz.bytes[GB_PTZ_LEN - 1];
  ptz.address = (uint16_t) ((ptz.bytes[6] & 0x0F) << 8 | ptz.bytes[2]);
  *ret_ptz = ptz;
  return true;
}

/* A bit of the command, the byte of data that is its speed, and how far that is shifted. */
typedef struct {
  uint8_t bit, data, shift;
  const char *name;
} Move;

/* Table A.5: pan by data 1, tilt by data 2, zoom by the high half of data 3. */
static const Move MOVES[] = {
  {0x02, 4, 0, "left"}, {0x01, 4, 0, "right"},   {0x08, 5, 0, "up"},
  {0x04, 5, 0, "down"}, {0x10, 6, 4, "zoom in"}, {0x20, 6, 4, "zoom out"},
};

/* Table A.7: focus by data 1, iris by data 2. */
static const Move LENS[] = {
  {0x01, 4, 0, "focus far"},
  {0x02, 4, 0, "focus near"},
  {0x04, 5, 0, "iris open"},
  {0x08, 5, 0, "iris close"},
};

static const char *word(const char *name, bool english)
{
  return english ? name : translate_as("ptz", name);
}

static const char *format_moves(const GbPtz *ptz, const Move *moves, size_t count, bool english,
                                char *text)
{
  const char *comma = english ? ", " : _(", ");
  size_t len = 0;

  text[0] = '\0';
  for (size_t i = 0; i < count; i++)
    if (ptz->bytes[3] & moves[i].bit)
      len += (size_t) g_snprintf(text + len, GB_PTZ_TEXT_MAX - (gulong) len, "%s%s %d",
                                 len > 0 ? comma : "", word(moves[i].name, english),
                                 ptz->bytes[moves[i].data] >> moves[i].shift);
  return text;
}

/* Commands that are numbers, tables A.8 to A.11. */
typedef enum {
  NUMBER_NONE,
  NUMBER_SECOND, /* data 2 */
  NUMBER_WIDE,   /* twelve bits: the high half of data 3, data 2 */
} Number;

typedef struct {
  uint8_t command;
  bool has_group; /* data 1 */
  int16_t only;   /* with that data 2; -1: with any */
  const char *subject, *verb;
  Number number;
} Numbered;

static const Numbered NUMBERED[] = {
  {0x00, false, -1, "stop", NULL, NUMBER_NONE},
  {0x40, false, -1, "focus and iris stop", NULL, NUMBER_NONE},
  {0x81, false, -1, "preset", "set", NUMBER_SECOND},
  {0x82, false, -1, "preset", "call", NUMBER_SECOND},
  {0x83, false, -1, "preset", "delete", NUMBER_SECOND},
  {0x84, true, -1, "cruise", "add preset", NUMBER_SECOND},
  {0x85, true, 0, "cruise", "delete", NUMBER_NONE},
  {0x85, true, -1, "cruise", "delete preset", NUMBER_SECOND},
  {0x86, true, -1, "cruise", "speed", NUMBER_WIDE},
  {0x87, true, -1, "cruise", "stay seconds", NUMBER_WIDE},
  {0x88, true, -1, "cruise", "start", NUMBER_NONE},
  {0x89, true, 0, "scan", "start", NUMBER_NONE},
  {0x89, true, 1, "scan", "left limit", NUMBER_NONE},
  {0x89, true, 2, "scan", "right limit", NUMBER_NONE},
  {0x8A, true, -1, "scan", "speed", NUMBER_WIDE},
  {0x8C, true, -1, "aux", "on", NUMBER_NONE},
  {0x8D, true, -1, "aux", "off", NUMBER_NONE},
};

static const char *format_numbered(const GbPtz *ptz, const Numbered *row, bool english, char *text)
{
  unsigned wide = (unsigned) (ptz->bytes[6] & 0xF0) << 4 | ptz->bytes[5];
  char group[16] = "", number[16] = "";

  if (row->has_group)
    g_snprintf(group, sizeof group, " %u", ptz->bytes[4]);
  if (row->number != NUMBER_NONE)
    g_snprintf(number, sizeof number, " %u", row->number == NUMBER_WIDE ? wide : ptz->bytes[5]);
  g_snprintf(text, GB_PTZ_TEXT_MAX, "%s%s%s%s%s", word(row->subject, english), group,
             row->verb ? " " : "", row->verb ? word(row->verb, english) : "", number);
  return text;
}

static const char *format(const GbPtz *ptz, bool english, char *text)
{
  uint8_t command = ptz->bytes[3];

  for (size_t i = 0; i < G_N_ELEMENTS(NUMBERED); i++)
    if (NUMBERED[i].command == command &&
        (NUMBERED[i].only < 0 || NUMBERED[i].only == ptz->bytes[5]))
      return format_numbered(ptz, &NUMBERED[i], english, text);
  if (command < 0x40)
    return format_moves(ptz, MOVES, G_N_ELEMENTS(MOVES), english, text);
  if (command < 0x50)
    return format_moves(ptz, LENS, G_N_ELEMENTS(LENS), english, text);
  const char *subject = word("command", english);
  g_snprintf(text, GB_PTZ_TEXT_MAX, "%s %02X %02X %02X", subject, command, ptz->bytes[4],
             ptz->bytes[5]);
  return text;
}

const char *gb_ptz_format(const GbPtz *ptz, char text[GB_PTZ_TEXT_MAX])
{
  return format(ptz, true, text);
}

const char *gb_ptz_say(const GbPtz *ptz, char text[GB_PTZ_TEXT_MAX])
{
  return format(ptz, false, text);
}
