/*
 * The headers of capture files as we write them: little-endian, nanoseconds; classic pcap, and
 * the blocks of pcapng (draft-ietf-opsawg-pcapng) around what they hold.
 */
#pragma once

#include "capture/frame.h"

enum { PCAP_FILE_HEADER_LEN = 24, PCAP_RECORD_HEADER_LEN = 16 };

void pcap_write_file_header(uint16_t link_type, uint8_t ret_header[PCAP_FILE_HEADER_LEN]);

/* The frame's bytes follow it. */
void pcap_write_record_header(const Frame *frame, uint8_t ret_header[PCAP_RECORD_HEADER_LEN]);

enum {
  PCAPNG_SECTION_LEN = 28,
  PCAPNG_INTERFACE_NAME_MAX = 200,
  PCAPNG_INTERFACE_LEN_MAX = 64 + PCAPNG_INTERFACE_NAME_MAX,
  PCAPNG_PACKET_HEADER_LEN = 28,
  PCAPNG_PACKET_TRAILER_MAX = 3 + 16 + 4,
};

void pcapng_write_section(uint8_t ret_block[PCAPNG_SECTION_LEN]);

/* An interface description with if_name, cut at its most, and if_tsresol.  Returns its length. */
size_t pcapng_write_interface(uint16_t link_type, const char *name,
                              uint8_t ret_block[PCAPNG_INTERFACE_LEN_MAX]);

enum { PCAPNG_SECRETS_HEADER_LEN = 16, PCAPNG_SECRETS_LEN_MAX = 1 << 20 };

/* A decryption secrets block of TLS is header, lines, and the trailer of a packet's block. */
void pcapng_write_secrets_header(uint32_t len, uint8_t ret_header[PCAPNG_SECRETS_HEADER_LEN]);
size_t pcapng_write_secrets_trailer(uint32_t len, uint8_t ret_trailer[PCAPNG_PACKET_TRAILER_MAX]);

/* An enhanced packet block is header, bytes, trailer, which is returned with its length; with the
 * number of the frame as epb_packetid, or without. */
void pcapng_write_packet_header(const Frame *frame, uint32_t interface, bool with_number,
                                uint8_t ret_header[PCAPNG_PACKET_HEADER_LEN]);
size_t pcapng_write_packet_trailer(const Frame *frame, bool with_number,
                                   uint8_t ret_trailer[PCAPNG_PACKET_TRAILER_MAX]);
