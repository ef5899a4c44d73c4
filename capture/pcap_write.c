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
