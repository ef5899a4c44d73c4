/*
 * Writes captures for benchmarks: classic pcap, Ethernet, IPv4.  Shared by gen.c and hostile.c.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
  PCAP_OUT_PAYLOAD_MAX = 65535 - 20 - 20,
  PCAP_OUT_SYN = 0x02,
  PCAP_OUT_DATA = 0x18,
  PCAP_OUT_MORE_FRAGMENTS = 0x2000,
};

typedef struct {
  FILE *file;
  uint64_t written; /* bytes */
  int64_t time_us;  /* of the last packet, since 2026-01-02 10:00 UTC */
  int64_t step_us;  /* between two packets */
  uint16_t ip_id;   /* of the last packet that has none of its own */
} PcapOut;

typedef struct {
  uint32_t src, dst;
  uint16_t src_port, dst_port;
} Flow;

typedef struct {
  Flow flow;
  uint8_t protocol;
  uint16_t id;       /* 0: the next one */
  uint16_t fragment; /* offset / 8, and PCAP_OUT_MORE_FRAGMENTS */
  const void *data;
  size_t len;
} IpPacket;

typedef struct {
  uint32_t seq;
  uint8_t flags;
  const void *data;
  size_t len;
} TcpSegment;

static inline void put16(uint8_t *at, uint64_t value)
{
  at[0] = (uint8_t) (value >> 8);
  at[1] = (uint8_t) value;
}

static inline void put32(uint8_t *at, uint64_t value)
{
  put16(at, value >> 16);
  put16(at + 2, value);
}

static inline void put32le(uint8_t *at, uint64_t value)
{
  for (int i = 0; i < 4; i++)
    at[i] = (uint8_t) (value >> 8 * i);
}

static inline PcapOut pcap_out_begin(FILE *file)
{
  static const uint8_t HEAD[24] = {0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, [18] = 4, [20] = 1};

  return (PcapOut){.file = file, .written = fwrite(HEAD, 1, sizeof HEAD, file), .step_us = 20};
}

static inline void put_ip_header(uint8_t ip[20], const IpPacket *packet, uint16_t id)
{
  uint32_t sum = 0;

  memset(ip, 0, 20);
  ip[0] = 0x45;
  put16(ip + 2, 20 + packet->len);
  put16(ip + 4, id);
  put16(ip + 6, packet->fragment);
  ip[8] = 64;
  ip[9] = packet->protocol;
  put32(ip + 12, packet->flow.src);
  put32(ip + 16, packet->flow.dst);
  for (int i = 0; i < 20; i += 2)
    sum += (uint32_t) ip[i] << 8 | ip[i + 1];
  sum = (sum & 0xffff) + (sum >> 16);
  put16(ip + 10, ~(sum + (sum >> 16)));
}

static inline void pcap_out_ip(PcapOut *out, const IpPacket *packet)
{
  uint8_t head[16 + 14 + 20] = {0};
  uint8_t *frame = head + 16;

  out->time_us += out->step_us;
  put32le(head, (uint64_t) (1767348000 + out->time_us / 1000000));
  put32le(head + 4, (uint64_t) (out->time_us % 1000000));
  put32le(head + 8, 34 + packet->len);
  put32le(head + 12, 34 + packet->len);
  frame[0] = frame[6] = 2;
  put16(frame + 12, 0x0800);
  put_ip_header(frame + 14, packet, packet->id > 0 ? packet->id : ++out->ip_id);
  out->written += fwrite(head, 1, sizeof head, out->file);
  out->written += fwrite(packet->data, 1, packet->len, out->file);
}

static inline void pcap_out_udp(PcapOut *out, const Flow *flow, const void *data, size_t len)
{
  uint8_t udp[8 + PCAP_OUT_PAYLOAD_MAX] = {0};

  put16(udp, flow->src_port);
  put16(udp + 2, flow->dst_port);
  put16(udp + 4, 8 + len);
  memcpy(udp + 8, data, len);
  pcap_out_ip(out, &(IpPacket){.flow = *flow, .protocol = 17, .data = udp, .len = 8 + len});
}

static inline void pcap_out_tcp(PcapOut *out, const Flow *flow, const TcpSegment *segment)
{
  uint8_t tcp[20 + PCAP_OUT_PAYLOAD_MAX] = {0};
  size_t len = 20 + segment->len;

  put16(tcp, flow->src_port);
  put16(tcp + 2, flow->dst_port);
  put32(tcp + 4, segment->seq);
  tcp[12] = 5 << 4;
  tcp[13] = segment->flags;
  put16(tcp + 14, 64240);
  if (segment->len > 0)
    memcpy(tcp + 20, segment->data, segment->len);
  pcap_out_ip(out, &(IpPacket){.flow = *flow, .protocol = 6, .data = tcp, .len = len});
}
