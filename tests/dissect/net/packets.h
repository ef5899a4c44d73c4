/*
 * Packets for tests, one template per layer, the outermost first.
 *
 * A template is hex digits, blanks are ignored; "len" is the number of bytes after the template,
 * as two bytes, and "len+20" adds to it.  What follows "|" is appended after the inner layers:
 * padding, trailers.  Payloads are text.
 */
#pragma once

#include "dissect/net/packet.h"
#include "tests/test.h"

#define ETHERNET(type) "020000000001 020000000002 " type
#define IPV4_BETWEEN(protocol, src, dst) "4500 len+20 1234 0000 40" protocol " 0000 " src dst
#define IPV4(protocol) IPV4_BETWEEN(protocol, "0a000001", "0a000002")
#define IPV6(next) "60000000 len " next "40" IPV6_1 IPV6_2
#define IPV6_1 "20010db8000000000000000000000001"
#define IPV6_2 "20010db8000000000000000000000002"
#define UDP_PORTS(src, dst) src dst " len+8 0000"
#define UDP UDP_PORTS("13c4", "13c6")
#define TCP "13c4 13c6 00000064 000000c8 6018 2000 0000 0000 020405b4"
#define SCTP "13c4 13c6 01020304 00000000"

enum { LAYERS_MAX = 12 };

/* Appends the bytes of a template; `inner` is how many follow it. */
static inline void append_template(GByteArray *out, const char *text, size_t inner)
{
  while (*text) {
    if (*text == ' ') {
      text++;
      continue;
    }
    if (strncmp(text, "len", 3) == 0) {
      char *end = NULL;
      size_t len = inner + (text[3] == '+' ? strtoul(text + 4, &end, 10) : 0);
      text = end ? end : text + 3;
      g_byte_array_append(out, (const uint8_t[]){(uint8_t) (len >> 8), (uint8_t) len}, 2);
      continue;
    }
    int high = g_ascii_xdigit_value(text[0]);
    int low = g_ascii_xdigit_value(text[1]);
    g_assert(high >= 0 && low >= 0);
    g_byte_array_append(out, (const uint8_t[]){(uint8_t) (high << 4 | low)}, 1);
    text += 2;
  }
}

/* Puts one layer around `inner`, which it takes. */
static inline GByteArray *wrap(const char *layer, GByteArray *inner)
{
  const char *tail = strchr(layer, '|');
  g_autofree char *head = tail ? g_strndup(layer, (size_t) (tail - layer)) : g_strdup(layer);
  GByteArray *out = g_byte_array_new();

  if (tail)
    append_template(inner, tail + 1, 0);
  append_template(out, head, inner->len);
  g_byte_array_append(out, inner->data, inner->len);
  g_byte_array_unref(inner);
  return out;
}

/* `layers` end with NULL or at LAYERS_MAX. */
static inline GByteArray *packet_build(const char *const *layers, Slice payload)
{
  GByteArray *packet = g_byte_array_new();
  size_t count = 0;

  g_byte_array_append(packet, (const uint8_t *) payload.data, (guint) payload.len);
  while (count < LAYERS_MAX && layers[count])
    count++;
  while (count > 0)
    packet = wrap(layers[--count], packet);
  return packet;
}

/* A frame whose bytes are in a heap block of exactly their size; frame_clear frees it. */
static inline Frame frame_of(uint16_t link_type, const GByteArray *packet, size_t len)
{
  return (Frame){.data = (const uint8_t *) exact_copy(packet->data, len),
                 .len = (uint32_t) len,
                 .wire_len = packet->len,
                 .number = 1,
                 .time_ns = 1000,
                 .ref = byte_ref_make(3, 500),
                 .link_type = link_type,
                 .matched = true};
}

static inline void frame_clear(Frame *frame)
{
  gpointer data;

  memcpy(&data, &frame->data, sizeof data);
  g_free(data);
  frame->data = NULL;
}

static const PacketLimits TEST_LIMITS = {.fragment_bytes = 1 << 20,
                                         .fragment_wait_ns = INT64_C(30000000000)};

static inline bool is_transport(PacketKind kind)
{
  return kind == PACKET_UDP || kind == PACKET_TCP || kind == PACKET_SCTP;
}
