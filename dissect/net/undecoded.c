#include "dissect/net/undecoded.h"

#include "capture/language.h"

#include <glib.h>
#include <string.h>

void undecoded_add(Undecoded *undecoded, UndecodedKind kind, uint16_t number, uint64_t count)
{
  unsigned i = 0;

  while (i < undecoded->count &&
         (undecoded->rows[i].kind != kind || undecoded->rows[i].number != number))
    i++;
  if (i == UNDECODED_MAX) { /* the last row is for all others */
    i--;
    undecoded->rows[i].kind = UNDECODED_OTHERS;
    undecoded->rows[i].number = 0;
  } else if (i == undecoded->count) {
    undecoded->rows[undecoded->count++] = (UndecodedRow){(uint16_t) kind, number, 0};
  }
  undecoded->rows[i].count += count;
}

void undecoded_copy(Undecoded *to, const Undecoded *from)
{
  to->count = from->count;
  memcpy(to->rows, from->rows, from->count * sizeof from->rows[0]);
}

size_t undecoded_name(const UndecodedRow *row, char text[static UNDECODED_NAME_MAX])
{
  enum { NUMBER_NONE, NUMBER_DECIMAL, NUMBER_HEX };
  static const struct {
    const char *name;
    uint8_t number;
  } KINDS[] = {
#define UNDECODED_ROW(id, name, number) [UNDECODED_##id] = {name, NUMBER_##number},
    UNDECODED_KINDS(UNDECODED_ROW)
#undef UNDECODED_ROW
  };
  const char *name = _(KINDS[row->kind].name);
  int len = 0;

  if (KINDS[row->kind].number == NUMBER_DECIMAL)
    len = g_snprintf(text, UNDECODED_NAME_MAX, "%s %u", name, row->number);
  else if (KINDS[row->kind].number == NUMBER_HEX)
    len = g_snprintf(text, UNDECODED_NAME_MAX, "%s 0x%04x", name, row->number);
  else
    len = g_snprintf(text, UNDECODED_NAME_MAX, "%s", name);
  return (size_t) len;
}
