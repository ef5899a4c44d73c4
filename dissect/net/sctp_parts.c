#include "dissect/net/sctp_parts.h"

enum {
  PARTS_MAX = 2048, /* of one direction */
  PART_COST = sizeof(SctpPart) + 16,
};

void sctp_parts_clear(SctpParts *parts)
{
  for (size_t i = 0; i < parts->count; i++)
    g_free(parts->parts[i]);
  g_free(parts->parts);
  *parts = (SctpParts){0};
}

bool sctp_parts_is_full(const SctpParts *parts)
{
  return parts->count >= PARTS_MAX;
}

static bool is_before(const SctpPart *part, uint64_t group, int64_t order)
{
  return part->head.group < group || (part->head.group == group && part->head.order < order);
}

/* Index of the first part that is not before. */
static size_t find_part(const SctpParts *parts, uint64_t group, int64_t order)
{
  size_t low = 0, high = parts->count;

  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (is_before(parts->parts[middle], group, order))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

bool sctp_parts_add(SctpParts *parts, const SctpPartHead *head, Slice octets, size_t *ret_index)
{
  size_t index = find_part(parts, head->group, head->order);
  const SctpPart *there = index < parts->count ? parts->parts[index] : NULL;

  if (there && there->head.group == head->group && there->head.order == head->order)
    return false;
  if (parts->count == parts->room) {
    parts->room = MAX(parts->room * 2, (size_t) 8);
    parts->parts = g_renew(SctpPart *, parts->parts, parts->room);
  }
  SctpPart *part = g_malloc(sizeof *part + octets.len);
  part->head = *head;
  part->len = octets.len;
  memcpy(part->octets, octets.data, octets.len);
  memmove(parts->parts + index + 1, parts->parts + index,
          (parts->count - index) * sizeof(SctpPart *));
  parts->parts[index] = part;
  parts->count++;
  parts->bytes += PART_COST + octets.len;
  *ret_index = index;
  return true;
}

static bool is_followed_by(const SctpPart *part, const SctpPart *next)
{
  return next->head.group == part->head.group && next->head.order == part->head.order + 1 &&
         next->head.stream == part->head.stream && next->head.sequence == part->head.sequence &&
         !((next->head.flags ^ part->head.flags) & SCTP_PART_UNORDERED) &&
         !(part->head.flags & SCTP_PART_END) && !(next->head.flags & SCTP_PART_BEGIN);
}

bool sctp_parts_run(const SctpParts *parts, size_t index, SctpRun *ret_run)
{
  size_t first = index, end = index + 1;

  while (first > 0 && is_followed_by(parts->parts[first - 1], parts->parts[first]))
    first--;
  if (!(parts->parts[first]->head.flags & SCTP_PART_BEGIN))
    return false;
  while (end < parts->count && is_followed_by(parts->parts[end - 1], parts->parts[end]))
    end++;
  *ret_run = (SctpRun){first, end, parts->parts[end - 1]->head.flags & SCTP_PART_END};
  return true;
}

void sctp_parts_remove(SctpParts *parts, size_t first, size_t end)
{
  for (size_t i = first; i < end; i++) {
    parts->bytes -= PART_COST + parts->parts[i]->len;
    g_free(parts->parts[i]);
  }
  if (end < parts->count)
    memmove(parts->parts + first, parts->parts + end, (parts->count - end) * sizeof(SctpPart *));
  parts->count -= end - first;
}
