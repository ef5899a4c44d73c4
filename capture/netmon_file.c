#include "capture/netmon_file.h"

#include "capture/language.h"

#include <glib.h>

enum {
  HEADER_LEN = 128,
  TABLE_COUNT = 5, /* of packets, user data, comments, processes, networks */
  RECORD_HEADER_1_LEN = 8,
  RECORD_HEADER_2_LEN = 16,
  MEDIA_NETMON_WLAN = 6,
  MEDIA_PCAP = 0xe000, /* and a LINKTYPE_ in the lower 12 bits */
};

static const int64_t SECOND_NS = 1000000000;

/* Media types of NDIS as format 2 uses them; others are LINK_TYPE_UNKNOWN. */
static const uint16_t MEDIA[] = {
  [0] = LINK_TYPE_UNKNOWN,    [1] = LINK_TYPE_ETHERNET, [2] = LINK_TYPE_TOKEN_RING,
  [3] = LINK_TYPE_FDDI,       [4] = LINK_TYPE_UNKNOWN,  [5] = LINK_TYPE_UNKNOWN,
  [6] = LINK_TYPE_IEEE802_11, /* after a header that NetMon adds */
  [7] = LINK_TYPE_RAW,        /* tunnels, mobile networks, raw IP */
  [8] = LINK_TYPE_RAW,        [9] = LINK_TYPE_RAW,
};

static uint16_t link_type_of(uint16_t media)
{
  if ((media & 0xf000) == MEDIA_PCAP)
    return link_type_of_dlt(media & 0xfff);
  return media < G_N_ELEMENTS(MEDIA) ? MEDIA[media] : LINK_TYPE_UNKNOWN;
}

bool netmon_file_detect(Slice head)
{
  return slice_starts_with(head, SLICE("RTSS")) || slice_starts_with(head, SLICE("GMBU"));
}

/* SYSTEMTIME: year, month, day of the week, day, hour, minute, second, millisecond. */
static int64_t read_start(Reader *r)
{
  uint16_t parts[8];

  for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
    parts[i] = reader_u16le(r);
  g_autoptr(GDateTime) start =
    g_date_time_new_utc(parts[0], parts[1], parts[3], parts[4], parts[5], parts[6]);
  if (!start || g_date_time_to_unix(start) < 0)
    return 0;
  return MIN(g_date_time_to_unix(start), FRAME_TIME_MAX / SECOND_NS / 2) * SECOND_NS +
         parts[7] * (SECOND_NS / 1000);
}

static bool walk_file_header(NetmonFile *file, Walk *walk)
{
  Reader r = walk->rest;
  Slice header = reader_slice(&r, HEADER_LEN);

  if (!header.data)
    return walk_wants(walk, HEADER_LEN, "the file header is cut short");
  if (!netmon_file_detect(header))
    return walk_fails(walk, "no NetMon file header");
  Reader fields = reader_of(header.data + 4, header.len - 4);
  file->minor = reader_u8(&fields);
  file->major = reader_u8(&fields);
  if (file->major != 1 && file->major != 2)
    return walk_fails(walk, "unknown NetMon version");
  file->media = reader_u16le(&fields);
  file->start_ns = read_start(&fields);
  file->end = UINT64_MAX;
  for (unsigned i = 0; i < TABLE_COUNT; i++) {
    uint32_t at = reader_u32le(&fields);
    uint32_t len = reader_u32le(&fields); /* of the fourth: a count */
    if (i == 0)
      file->left = len / 4;
    if (at >= HEADER_LEN && len > 0)
      file->end = MIN(file->end, at);
  }
  file->position = HEADER_LEN;
  file->header_read = true;
  walk->rest = r;
  return true;
}

/* What follows a packet; the times of format 2.3 are exact and UTC: FILETIME, 100 ns since 1601. */
static size_t trailer_len(const NetmonFile *file)
{
  static const uint8_t LENGTHS[] = {0, 2, 6, 15};

  if (file->major < 2)
    return 0;
  return LENGTHS[MIN(file->minor, G_N_ELEMENTS(LENGTHS) - 1)];
}

static void read_trailer(const NetmonFile *file, Reader *r, Frame *frame, uint16_t *ret_media)
{
  static const int64_t UNIX_EPOCH = INT64_C(116444736000000000);

  if (file->major < 2 || file->minor < 1)
    return;
  *ret_media = reader_u16le(r);
  reader_skip(r, file->minor >= 2 ? 4 : 0); /* the process */
  if (file->minor < 3)
    return;
  uint64_t low = reader_u32le(r);
  uint64_t filetime = (uint64_t) reader_u32le(r) << 32 | low;
  reader_skip(r, 1); /* the time zone */
  if (filetime > INT64_MAX || (int64_t) filetime < UNIX_EPOCH)
    return;
  frame->time_ns = MIN((int64_t) filetime - UNIX_EPOCH, FRAME_TIME_MAX / 100) * 100;
}

/* NetMon puts a header of its own before 802.11: a version and, in two bytes, its length. */
static void skip_wlan_header(Frame *frame)
{
  Reader r = reader_of(frame->data, frame->len);

  reader_skip(&r, 1);
  uint16_t len = reader_u16le(&r);
  if (r.failed || len > frame->len) {
    frame->link_type = LINK_TYPE_UNKNOWN;
    return;
  }
  frame->data += len;
  frame->len -= len;
  frame->wire_len -= len;
}

/* Time since the start, in ms or us. */
static int64_t read_time(const NetmonFile *file, Reader *r)
{
  uint64_t ticks = reader_u32le(r);
  int64_t since_ns;

  if (file->major >= 2)
    ticks |= (uint64_t) reader_u32le(r) << 32;
  if (__builtin_mul_overflow((int64_t) ticks, file->major >= 2 ? 1000 : 1000000, &since_ns))
    return 0;
  return CLAMP(since_ns, -file->start_ns, FRAME_TIME_MAX - file->start_ns) + file->start_ns;
}

static bool walk_record(NetmonFile *file, Walk *walk)
{
  static const char CUT[] = N_("the last packet is cut short");
  Reader r = walk->rest;
  size_t header_len = file->major >= 2 ? RECORD_HEADER_2_LEN : RECORD_HEADER_1_LEN;
  Frame frame = {.time_ns = read_time(file, &r)};
  uint16_t media = file->media;

  frame.wire_len = file->major >= 2 ? reader_u32le(&r) : reader_u16le(&r);
  frame.len = file->major >= 2 ? reader_u32le(&r) : reader_u16le(&r);
  if (r.failed)
    return walk_wants(walk, header_len, CUT);
  size_t record_len = header_len + frame.len + trailer_len(file);
  if (frame.len > PACKET_LEN_MAX || file->position + record_len > file->end)
    return walk_fails(walk, "impossible packet length");
  frame.data = reader_take(&r, frame.len);
  read_trailer(file, &r, &frame, &media);
  if (r.failed)
    return walk_wants(walk, record_len, CUT);
  frame.wire_len = MAX(frame.wire_len, frame.len);
  frame.link_type = link_type_of(media);
  if (media == MEDIA_NETMON_WLAN)
    skip_wlan_header(&frame);
  walk_add(walk, frame);
  file->position += record_len;
  file->left -= file->left > 0;
  walk->rest = r;
  return true;
}

/* The tables are passed over. */
static void walk_tables(const NetmonFile *file, Walk *walk)
{
  if (file->left > 0)
    walk_fails(walk, "packets of the frame table are missing");
  else
    walk->rest.at = walk->rest.end;
}

void netmon_file_walk(NetmonFile *file, Walk *walk)
{
  if (!file->header_read && !walk_file_header(file, walk))
    return;
  while (reader_left(&walk->rest) > 0 && file->position < file->end && walk_record(file, walk))
    continue;
  if (file->position >= file->end)
    walk_tables(file, walk);
}
