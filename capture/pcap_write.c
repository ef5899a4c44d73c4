#include "capture/pcap_write.h"

#include "capture/walk.h"

static void put_u16(uint8_t *at, uint16_t value)
{
  at[0] = (uint8_t) value;
  at[1] = (uint8_t) (value >> 8);
}

static void put_u32(uint8_t *at, uint32_t value)
{
  put_u16(at, (uint16_t) value);
  put_u16(at + 2, (uint16_t) (value >> 16));
}

void pcap_write_file_header(uint16_t link_type, uint8_t ret_header[PCAP_FILE_HEADER_LEN])
{
  put_u32(ret_header, 0xa1b23c4d);
  put_u16(ret_header + 4, 2); /* version 2.4 */
  put_u16(ret_header + 6, 4);
  put_u32(ret_header + 8, 0); /* time zone and accuracy are always 0 */
  put_u32(ret_header + 12, 0);
  put_u32(ret_header + 16, PACKET_LEN_MAX);
  put_u32(ret_header + 20, link_type);
}

void pcap_write_record_header(const Frame *frame, uint8_t ret_header[PCAP_RECORD_HEADER_LEN])
{
  static const int64_t SECOND_NS = 1000000000;

  put_u32(ret_header, (uint32_t) (frame->time_ns / SECOND_NS));
  put_u32(ret_header + 4, (uint32_t) (frame->time_ns % SECOND_NS));
  put_u32(ret_header + 8, frame->len);
  put_u32(ret_header + 12, frame->wire_len);
}

enum {
  BLOCK_SECTION = 0x0a0d0d0a,
  BLOCK_INTERFACE = 1,
  BLOCK_ENHANCED_PACKET = 6,
  BLOCK_SECRETS = 10,
  SECRETS_TLS = 0x544c534b,
  BYTE_ORDER_MAGIC = 0x1a2b3c4d,
  OPTION_NAME = 2,
  OPTION_PACKET_ID = 5,
  OPTION_TSRESOL = 9,
  TSRESOL_NS = 9, /* 10^-9 s */
};

void pcapng_write_section(uint8_t ret_block[PCAPNG_SECTION_LEN])
{
  put_u32(ret_block, BLOCK_SECTION);
  put_u32(ret_block + 4, PCAPNG_SECTION_LEN);
  put_u32(ret_block + 8, BYTE_ORDER_MAGIC);
  put_u16(ret_block + 12, 1); /* version 1.0 */
  put_u16(ret_block + 14, 0);
  memset(ret_block + 16, 0xff, 8); /* the section's length is not given */
  put_u32(ret_block + 24, PCAPNG_SECTION_LEN);
}

/* Bytes that bring `len` to a multiple of 4. */
static size_t padding_of(size_t len)
{
  return (4 - len % 4) % 4;
}

/* Code, length, value, padding.  Returns what is after it. */
static uint8_t *put_option(uint8_t *at, uint16_t code, const void *value, size_t len)
{
  put_u16(at, code);
  put_u16(at + 2, (uint16_t) len);
  memcpy(at + 4, value, len);
  memset(at + 4 + len, 0, padding_of(len));
  return at + 4 + len + padding_of(len);
}

/* The name's longest beginning that has room and ends with a whole character. */
static size_t name_len(const char *name)
{
  size_t len = strnlen(name, PCAPNG_INTERFACE_NAME_MAX + 1);

  if (len <= PCAPNG_INTERFACE_NAME_MAX)
    return len;
  len = PCAPNG_INTERFACE_NAME_MAX;
  while (len > 0 && ((uint8_t) name[len] & 0xc0) == 0x80)
    len--;
  return len;
}

size_t pcapng_write_interface(uint16_t link_type, const char *name,
                              uint8_t ret_block[PCAPNG_INTERFACE_LEN_MAX])
{
  static const uint8_t RESOLUTION = TSRESOL_NS;
  uint8_t *at = ret_block + 16;

  at = put_option(at, OPTION_NAME, name, name_len(name));
  at = put_option(at, OPTION_TSRESOL, &RESOLUTION, 1);
  put_u32(at, 0); /* opt_endofopt */
  uint32_t len = (uint32_t) (at - ret_block) + 8;
  put_u32(at + 4, len);
  put_u32(ret_block, BLOCK_INTERFACE);
  put_u32(ret_block + 4, len);
  put_u16(ret_block + 8, link_type);
  put_u16(ret_block + 10, 0);
  put_u32(ret_block + 12, PACKET_LEN_MAX);
  return len;
}

static uint32_t secrets_block_len(uint32_t len)
{
  return PCAPNG_SECRETS_HEADER_LEN + len + (uint32_t) padding_of(len) + 4;
}

void pcapng_write_secrets_header(uint32_t len, uint8_t ret_header[PCAPNG_SECRETS_HEADER_LEN])
{
  put_u32(ret_header, BLOCK_SECRETS);
  put_u32(ret_header + 4, secrets_block_len(len));
  put_u32(ret_header + 8, SECRETS_TLS);
  put_u32(ret_header + 12, len);
}

size_t pcapng_write_secrets_trailer(uint32_t len, uint8_t ret_trailer[PCAPNG_PACKET_TRAILER_MAX])
{
  size_t padding = padding_of(len);

  memset(ret_trailer, 0, padding);
  put_u32(ret_trailer + padding, secrets_block_len(len));
  return padding + 4;
}

/* epb_packetid and opt_endofopt */
enum { PACKET_OPTIONS_LEN = 16 };

static uint32_t packet_block_len(const Frame *frame, bool with_number)
{
  return PCAPNG_PACKET_HEADER_LEN + frame->len + (uint32_t) padding_of(frame->len) +
         (with_number ? PACKET_OPTIONS_LEN : 0) + 4;
}

void pcapng_write_packet_header(const Frame *frame, uint32_t interface, bool with_number,
                                uint8_t ret_header[PCAPNG_PACKET_HEADER_LEN])
{
  put_u32(ret_header, BLOCK_ENHANCED_PACKET);
  put_u32(ret_header + 4, packet_block_len(frame, with_number));
  put_u32(ret_header + 8, interface);
  put_u32(ret_header + 12, (uint32_t) ((uint64_t) frame->time_ns >> 32));
  put_u32(ret_header + 16, (uint32_t) frame->time_ns);
  put_u32(ret_header + 20, frame->len);
  put_u32(ret_header + 24, frame->wire_len);
}

size_t pcapng_write_packet_trailer(const Frame *frame, bool with_number,
                                   uint8_t ret_trailer[PCAPNG_PACKET_TRAILER_MAX])
{
  uint8_t *at = ret_trailer + padding_of(frame->len);
  uint8_t number[8];

  memset(ret_trailer, 0, padding_of(frame->len));
  if (with_number) {
    put_u32(number, (uint32_t) frame->number);
    put_u32(number + 4, (uint32_t) (frame->number >> 32));
    at = put_option(at, OPTION_PACKET_ID, number, sizeof number);
    put_u32(at, 0); /* opt_endofopt */
    at += 4;
  }
  put_u32(at, packet_block_len(frame, with_number));
  return (size_t) (at + 4 - ret_trailer);
}
