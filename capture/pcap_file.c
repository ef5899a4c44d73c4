#include "capture/pcap_file.h"

enum { FILE_HEADER_LEN = 24, RECORD_HEADER_LEN = 16 };

static const int64_t SECOND_NS = 1000000000;

static const struct {
  uint32_t magic;
  uint16_t tick_ns;
  uint8_t extra_len;
} MAGICS[] = {
  {0xa1b2c3d4, 1000, 0}, /* microseconds */
  {0xa1b23c4d, 1, 0},    /* nanoseconds */
  {0xa1b2cd34, 1000, 8}, /* modified: interface, protocol, packet type after the lengths */
};

enum { MAGIC_COUNT = sizeof MAGICS / sizeof MAGICS[0] };

static bool read_magic(PcapFile *file, Slice head)
{
  for (size_t i = 0; i < 2 * MAGIC_COUNT; i++) {
    bool big_endian = i >= MAGIC_COUNT;
    Reader r = reader_of(head.data, head.len);
    if (reader_u32_as(&r, big_endian) != MAGICS[i % MAGIC_COUNT].magic)
      continue;
    file->big_endian = big_endian;
    file->tick_ns = MAGICS[i % MAGIC_COUNT].tick_ns;
    file->extra_len = MAGICS[i % MAGIC_COUNT].extra_len;
    return true;
  }
  return false;
}

bool pcap_file_detect(Slice head)
{
  PcapFile file;

  return read_magic(&file, head);
}

static bool walk_file_header(PcapFile *file, Walk *walk)
{
  Reader r = walk->rest;
  Slice header = reader_slice(&r, FILE_HEADER_LEN);

  if (!header.data)
    return walk_wants(walk, FILE_HEADER_LEN, "the file header is cut short");
  if (!read_magic(file, header))
    return walk_fails(walk, "no pcap file header");
  Reader fields = reader_of(header.data + 4, header.len - 4);
  uint16_t major = reader_u16_as(&fields, file->big_endian);
  uint16_t minor = reader_u16_as(&fields, file->big_endian);
  if (major != 2 || minor > 4)
    return walk_fails(walk, "unknown pcap version");
  reader_skip(&fields, 12); /* time zone, accuracy, snap length: never set correctly */
  uint32_t network = reader_u32_as(&fields, file->big_endian);
  file->link_type = link_type_of_dlt((uint16_t) network); /* above it: length of the FCS */
  file->lengths_may_be_swapped = minor < 4;
  file->header_read = true;
  walk->rest = r;
  return true;
}

static bool walk_record(const PcapFile *file, Walk *walk)
{
  static const char CUT[] = "the last packet is cut short";
  size_t header_len = RECORD_HEADER_LEN + (size_t) file->extra_len;
  Reader r = walk->rest, header;

  if (!reader_part(&r, RECORD_HEADER_LEN, &header) || !reader_skip(&r, file->extra_len))
    return walk_wants(walk, header_len, CUT);
  uint32_t seconds = reader_u32_as(&header, file->big_endian);
  uint32_t ticks = reader_u32_as(&header, file->big_endian);
  uint32_t len = reader_u32_as(&header, file->big_endian);
  uint32_t wire_len = reader_u32_as(&header, file->big_endian);
  if (len > wire_len) {
    uint32_t smaller = wire_len;
    wire_len = len;
    len = file->lengths_may_be_swapped ? smaller : len;
  }
  if (len > PACKET_LEN_MAX)
    return walk_fails(walk, "impossible packet length");
  const uint8_t *data = reader_take(&r, len);
  if (!data)
    return walk_wants(walk, header_len + len, CUT);
  walk_add(walk, (Frame){.data = data,
                         .len = len,
                         .wire_len = wire_len,
                         .time_ns = seconds * SECOND_NS + ticks * file->tick_ns,
                         .link_type = file->link_type});
  walk->rest = r;
  return true;
}

void pcap_file_walk(PcapFile *file, Walk *walk)
{
  if (!file->header_read && !walk_file_header(file, walk))
    return;
  while (reader_left(&walk->rest) > 0 && walk_record(file, walk))
    continue;
}
