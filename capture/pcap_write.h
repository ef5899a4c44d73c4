/*
 * The headers of a classic pcap file as we write them: little-endian, nanoseconds.
 */
#pragma once

#include "capture/frame.h"

enum { PCAP_FILE_HEADER_LEN = 24, PCAP_RECORD_HEADER_LEN = 16 };

void pcap_write_file_header(uint16_t link_type, uint8_t ret_header[PCAP_FILE_HEADER_LEN]);

/* The frame's octets follow it. */
void pcap_write_record_header(const Frame *frame, uint8_t ret_header[PCAP_RECORD_HEADER_LEN]);
