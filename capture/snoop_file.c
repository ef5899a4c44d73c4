#include "capture/snoop_file.h"

#include "capture/language.h"

enum { FILE_HEADER_LEN = 16, RECORD_HEADER_LEN = 24, PADDING_MAX = 4096 };

static const Slice MAGIC = {"snoop\0\0\0", 8};
static const int64_t SECOND_NS = 1000000000;

/* RFC 1761, "Datalink Type", as LINKTYPE_. */
static uint16_t link_type_of(uint32_t datalink)
{
  switch (datalink) {
  case 0: /* IEEE 802.3 */
  case 4:
    return LINK_TYPE_ETHERNET;
  case 2:
    return LINK_TYPE_TOKEN_RING;
  case 8:
    return LINK_TYPE_FDDI;
  default:
    return LINK_TYPE_UNKNOWN;
  }
}

bool snoop_file_detect(Slice head)
{
  return slice_starts_with(head, MAGIC);
}

static bool walk_file_header(SnoopFile *file, Walk *walk)
{
  Reader r = walk->rest;
  Slice magic = reader_slice(&r, MAGIC.len);
  uint32_t version = reader_u32(&r);
  uint32_t datalink = reader_u32(&r);

  if (r.failed)
    return walk_wants(walk, FILE_HEADER_LEN, "the file header is cut short");
  if (!slice_eq(magic, MAGIC))
    return walk_fails(walk, "no snoop file header");
  if (version != 2)
    return walk_fails(walk, "unknown snoop version");
  file->link_type = link_type_of(datalink);
  file->header_read = true;
  walk->rest = r;
  return true;
}

static bool walk_record(const SnoopFile *file, Walk *walk)
{
  static const char CUT[] = N_("the last packet is cut short");
  Reader r = walk->rest;
  uint32_t wire_len = reader_u32(&r);
  uint32_t len = reader_u32(&r);
  uint32_t record_len = reader_u32(&r);
  reader_skip(&r, 4); /* drops so far: not always set */
  int64_t seconds = reader_u32(&r);
  int64_t microseconds = reader_u32(&r);

  if (r.failed)
    return walk_wants(walk, RECORD_HEADER_LEN, CUT);
  if (len > PACKET_LEN_MAX || record_len < RECORD_HEADER_LEN + len ||
      record_len > RECORD_HEADER_LEN + len + PADDING_MAX)
    return walk_fails(walk, "impossible packet length");
  const uint8_t *data = reader_take(&r, record_len - RECORD_HEADER_LEN);
  if (!data)
    return walk_wants(walk, record_len, CUT);
  walk_add(walk, (Frame){.data = data,
                         .len = len,
                         .wire_len = wire_len < len ? len : wire_len,
                         .time_ns = seconds * SECOND_NS + microseconds * 1000,
                         .link_type = file->link_type});
  walk->rest = r;
  return true;
}

void snoop_file_walk(SnoopFile *file, Walk *walk)
{
  if (!file->header_read && !walk_file_header(file, walk))
    return;
  while (reader_left(&walk->rest) > 0 && walk_record(file, walk))
    continue;
}
