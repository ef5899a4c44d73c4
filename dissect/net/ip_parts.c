#include "dissect/net/ip_parts.h"

#include <glib.h>

enum { ROOM_MIN = 4096 };

void ip_parts_clear(IpParts *parts)
{
  g_free(parts->data);
  *parts = (IpParts){0};
}

size_t ip_parts_room_for(const IpParts *parts, size_t end)
{
  size_t room = MAX(MAX(end, parts->room * 2), ROOM_MIN);

  return end <= parts->room ? parts->room : MIN(room, IP_DATAGRAM_MAX);
}

void ip_parts_set_room(IpParts *parts, size_t room)
{
  parts->data = g_realloc(parts->data, room);
  parts->room = room;
}

bool ip_parts_take_end(IpParts *parts, unsigned end, bool last)
{
  if (parts->total > 0 && (end > parts->total || (last && end != parts->total)))
    return false;
  if (last && end < parts->reach)
    return false;
  if (last)
    parts->total = end;
  parts->reach = MAX(parts->reach, end);
  return true;
}

/* Copies units of `octets`, which lie at `offset`; the last one may be short. */
static void copy_units(IpParts *parts, size_t offset, Slice octets, size_t unit, size_t count)
{
  size_t from = unit * 8 - offset;

  memcpy(parts->data + unit * 8, octets.data + from, MIN(count * 8, octets.len - from));
}

/* Up to 64 units, which have one word of bits. */
static void fill_word(IpParts *parts, size_t offset, Slice octets, size_t unit, size_t count)
{
  uint64_t *have = &parts->have[unit / 64];
  uint64_t wanted = UINT64_MAX >> (64 - count) << unit % 64;
  uint64_t missing = wanted & ~*have;

  *have |= wanted;
  parts->units += (unsigned) __builtin_popcountll(missing);
  if (missing == wanted) {
    copy_units(parts, offset, octets, unit, count);
    return;
  }
  for (; missing != 0; missing &= missing - 1)
    copy_units(parts, offset, octets, unit / 64 * 64 + (size_t) __builtin_ctzll(missing), 1);
}

bool ip_parts_fill(IpParts *parts, size_t offset, Slice octets)
{
  unsigned before = parts->units;
  size_t end = (offset + octets.len + 7) / 8;
  size_t count;

  for (size_t unit = offset / 8; unit < end; unit += count) {
    count = MIN(64 - unit % 64, end - unit);
    fill_word(parts, offset, octets, unit, count);
  }
  if (offset == 0)
    parts->first_len = MAX(parts->first_len, (unsigned) octets.len);
  return parts->units > before;
}

bool ip_parts_contradict(const IpParts *parts, size_t offset, Slice octets)
{
  size_t both = MIN(parts->first_len, octets.len);

  return offset == 0 && both > 0 && memcmp(parts->data, octets.data, both) != 0;
}

size_t ip_parts_prefix(const IpParts *parts)
{
  size_t word = 0;

  while (word < G_N_ELEMENTS(parts->have) && parts->have[word] == UINT64_MAX)
    word++;
  if (word == G_N_ELEMENTS(parts->have))
    return parts->reach;
  size_t units = word * 64 + (size_t) __builtin_ctzll(~parts->have[word]);
  return MIN(units * 8, parts->reach);
}

bool ip_parts_complete(const IpParts *parts)
{
  return parts->total > 0 && parts->units == (parts->total + 7) / 8;
}
