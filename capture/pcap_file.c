#include "capture/pcap_file.h"

#include "capture/language.h"

enum { FILE_HEADER_LEN = 24, RECORD_HEADER_LEN = 16 };

static const int64_t SECOND_NS = 1000000000;

/* A magic number does not always say how long a record header is: patched versions of libpcap
 * added fields to it.  After the usual `extra` the others are tried. */
enum { EXTRAS_MAX = 2 };

static const struct {
  uint32_t magic;
  uint16_t tick_ns;
  uint8_t extra_len, other_extras[EXTRAS_MAX];
} MAGICS[] = {
  {0xa1b2c3d4, 1000, 0, {4, 8}}, /* microseconds; Nokia; Red Hat 6.1 */
  {0xa1b23c4d, 1, 0, {0}},       /* nanoseconds */
  {0xa1b2cd34, 1000, 8, {12}},   /* modified: interface, protocol, packet type; SuSE 6.3 */
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
    file->other_extras = MAGICS[i % MAGIC_COUNT].other_extras;
    return true;
  }
  return false;
}

bool pcap_file_detect(Slice head)
{
  PcapFile file;

  return read_magic(&file, head);
}

/* Can there be a record header here?  Takes it, and its packet as far as it is there. */
static bool skip_record(const PcapFile *file, unsigned extra_len, Reader *r)
{
  uint32_t ticks_max = (uint32_t) (1000000000 / file->tick_ns);

  reader_skip(r, 4);
  uint32_t ticks = reader_u32_as(r, file->big_endian);
  uint32_t len = reader_u32_as(r, file->big_endian);
  uint32_t wire_len = reader_u32_as(r, file->big_endian);
  reader_skip(r, extra_len);
  bool is_plausible = !r->failed && ticks < ticks_max && len <= PACKET_LEN_MAX && wire_len > 0 &&
                      (len <= wire_len || file->lengths_may_be_swapped);
  reader_skip(r, len < reader_left(r) ? len : reader_left(r));
  return is_plausible;
}

/* How many records in a row there can be; 0: one of them is none. */
static unsigned count_records(const PcapFile *file, unsigned extra_len, Reader r)
{
  enum { RECORDS_TRIED = 8 };
  unsigned count = 0;

  while (count < RECORDS_TRIED && reader_left(&r) >= RECORD_HEADER_LEN + (size_t) extra_len)
    if (skip_record(file, extra_len, &r))
      count++;
    else
      return 0;
  return count;
}

/* Only where the usual length is none, and another one fits several records. */
static void choose_extra(PcapFile *file, Reader records)
{
  if (reader_left(&records) < RECORD_HEADER_LEN ||
      count_records(file, file->extra_len, records) > 0)
    return;
  for (unsigned i = 0; i < EXTRAS_MAX && file->other_extras[i] > 0; i++)
    if (count_records(file, file->other_extras[i], records) > 1) {
      file->extra_len = file->other_extras[i];
      return;
    }
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
  choose_extra(file, r);
  walk->rest = r;
  return true;
}

/* Read as a record, a file header is of an empty packet: its time zone and accuracy are 0. */
static bool is_file_header(Slice head, uint32_t len, uint32_t wire_len)
{
  return len == 0 && wire_len == 0 && pcap_file_detect(head);
}

static bool walk_record(PcapFile *file, Walk *walk)
{
  static const char CUT[] = N_("the last packet is cut short");
  size_t header_len = RECORD_HEADER_LEN + (size_t) file->extra_len;
  Reader r = walk->rest, header;

  if (!reader_part(&r, RECORD_HEADER_LEN, &header) || !reader_skip(&r, file->extra_len))
    return walk_wants(walk, header_len, CUT);
  uint32_t seconds = reader_u32_as(&header, file->big_endian);
  uint32_t ticks = reader_u32_as(&header, file->big_endian);
  uint32_t len = reader_u32_as(&header, file->big_endian);
  uint32_t wire_len = reader_u32_as(&header, file->big_endian);
  if (is_file_header(slice_of((const char *) walk->rest.at, RECORD_HEADER_LEN), len, wire_len))
    return walk_file_header(file, walk);
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
