/* Captures built in memory, byte by byte: both byte orders, whole and broken.  Frames as text. */
#pragma once

#include "capture/frame.h"
#include "tests/test.h"

typedef struct {
  GByteArray *bytes;
  bool big_endian;
} Build;

static inline Build build_new(bool big_endian)
{
  return (Build){g_byte_array_new(), big_endian};
}

static inline void build_clear(Build *build)
{
  g_byte_array_unref(build->bytes);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Build, build_clear)

static inline void put(Build *b, const void *data, size_t len)
{
  g_byte_array_append(b->bytes, data, (guint) len);
}

/* The lowest `width` bytes of the value. */
static inline void put_number(Build *b, uint64_t value, unsigned width)
{
  for (unsigned i = 0; i < width; i++) {
    unsigned shift = 8 * (b->big_endian ? width - 1 - i : i);
    uint8_t byte = (uint8_t) (value >> shift);
    put(b, &byte, 1);
  }
}

static inline void put_u16(Build *b, uint16_t value)
{
  put_number(b, value, 2);
}

static inline void put_u32(Build *b, uint32_t value)
{
  put_number(b, value, 4);
}

static inline void put_text(Build *b, const char *text)
{
  put(b, text, strlen(text));
}

static inline void put_pcap_header(Build *b, uint32_t magic, uint32_t network)
{
  put_u32(b, magic);
  put_u16(b, 2);
  put_u16(b, 4);
  put_u32(b, 0);
  put_u32(b, 0);
  put_u32(b, 65535);
  put_u32(b, network);
}

typedef struct {
  uint32_t seconds, ticks;
  const char *text; /* the packet */
  uint32_t wire_len;
  unsigned extra; /* bytes after the record header */
} PcapPacket;

static inline void put_pcap_packet(Build *b, PcapPacket packet)
{
  put_u32(b, packet.seconds);
  put_u32(b, packet.ticks);
  put_u32(b, (uint32_t) strlen(packet.text));
  put_u32(b, packet.wire_len);
  put(b, "\xee\xee\xee\xee\xee\xee\xee\xee", packet.extra);
  put_text(b, packet.text);
}

/* A pcapng block: begin, put its body, end. */
static inline guint begin_block(Build *b, uint32_t type)
{
  guint at = b->bytes->len;

  put_u32(b, type);
  put_u32(b, 0);
  return at;
}

static inline void end_block(Build *b, guint at)
{
  while ((b->bytes->len - at) % 4 != 0)
    put(b, "", 1);
  guint len = b->bytes->len - at + 4;
  put_u32(b, len);
  memcpy(b->bytes->data + at + 4, b->bytes->data + b->bytes->len - 4, 4);
}

static inline void put_section(Build *b)
{
  guint at = begin_block(b, 0x0a0d0d0a);

  put_u32(b, 0x1a2b3c4d);
  put_u16(b, 1);
  put_u16(b, 0);
  put_number(b, UINT64_MAX, 8);
  end_block(b, at);
}

/* Options are the bytes as in the file. */
static inline void put_interface(Build *b, uint16_t link_type, uint32_t snap_len, Slice options)
{
  guint at = begin_block(b, 1);

  put_u16(b, link_type);
  put_u16(b, 0);
  put_u32(b, snap_len);
  put(b, options.data, options.len);
  end_block(b, at);
}

typedef struct {
  uint32_t interface;
  uint64_t ticks;
  const char *text;
  uint32_t wire_len;
} NgPacket;

static inline void put_ng_packet_body(Build *b, NgPacket packet)
{
  put_u32(b, (uint32_t) (packet.ticks >> 32));
  put_u32(b, (uint32_t) packet.ticks);
  put_u32(b, (uint32_t) strlen(packet.text));
  put_u32(b, packet.wire_len);
  put_text(b, packet.text);
}

static inline void put_enhanced(Build *b, NgPacket packet)
{
  guint at = begin_block(b, 6);

  put_u32(b, packet.interface);
  put_ng_packet_body(b, packet);
  end_block(b, at);
}

static inline void put_old_packet(Build *b, NgPacket packet)
{
  guint at = begin_block(b, 2);

  put_u16(b, (uint16_t) packet.interface);
  put_u16(b, 7);
  put_ng_packet_body(b, packet);
  end_block(b, at);
}

/* The text is the packet as it was cut. */
static inline void put_simple(Build *b, const char *text, uint32_t wire_len)
{
  guint at = begin_block(b, 3);

  put_u32(b, wire_len);
  put_text(b, text);
  end_block(b, at);
}

static inline Slice build_slice(const Build *b)
{
  return slice_of((const char *) b->bytes->data, b->bytes->len);
}

/* One line per frame: NUMBER SECONDS.NANOSECONDS LINK_TYPE LEN/WIRE_LEN DATA (as text). */
static inline void frame_to_text(const Frame *frame, GString *text)
{
  int64_t seconds = frame->time_ns / 1000000000;

  g_string_append_printf(text, "%" G_GUINT64_FORMAT " %" G_GINT64_FORMAT ".%09d %u %u/%u %.*s\n",
                         frame->number, seconds, (int) (frame->time_ns - seconds * 1000000000),
                         frame->link_type, frame->len, frame->wire_len, (int) frame->len,
                         (const char *) frame->data);
}
