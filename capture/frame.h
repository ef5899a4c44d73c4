/*
 * Frame: one captured packet as it lies in its batch, and ByteRef: where bytes can be
 * found again once the batch is gone.
 *
 * A frame's data belongs to its FrameBatch and is valid until the batch is given back to
 * source_read.  Link types are LINKTYPE_ values as in capture files (not the host's DLT_).
 */
#pragma once

#include "capture/secrets.h"

/* Where some bytes lie: which store, and at which byte of it.  16 bits of store, 48 of offset. */
typedef uint64_t ByteRef;

static inline ByteRef byte_ref_make(unsigned store, uint64_t offset)
{
  return (uint64_t) store << 48 | offset;
}

/* A store that no StoreSet has: these bytes are not kept, and reading them fails. */
enum { STORE_NONE = 0xffff };

static inline unsigned byte_ref_store(ByteRef ref)
{
  return (unsigned) (ref >> 48);
}

static inline uint64_t byte_ref_offset(ByteRef ref)
{
  return ref & ((UINT64_C(1) << 48) - 1);
}

/* The year 2116. */
#define FRAME_TIME_MAX (INT64_C(1) << 62)

typedef struct {
  const uint8_t *data;
  uint32_t len;       /* captured bytes at data */
  uint32_t wire_len;  /* bytes the packet had; len < wire_len when the snap length cut it */
  uint64_t number;    /* from 1, over all inputs, in the order in which they are read */
  int64_t time_ns;    /* since 1970-01-01 UTC; 0..FRAME_TIME_MAX, so differences fit */
  ByteRef ref;        /* of data[0] */
  uint16_t link_type; /* LINKTYPE_ */
  uint16_t input;     /* index of the file or interface it came from */
  bool matched;       /* false: the capture filter did not match; only fragments may matter */
} Frame;

/* Frames that travel together.  Reused: source_read fills it anew. */
typedef struct {
  Frame *frames;
  size_t count, room;
  uint8_t *bytes; /* what the frames' data points into */
  size_t bytes_room;
  SecretsList secrets; /* that were found with the frames */
} FrameBatch;

/* Room for frames and bytes comes with the first source_read. */
void frame_batch_clear(FrameBatch *batch);

/* For code that fills batches: one more frame, not initialised; earlier ones may move. */
Frame *frame_batch_add(FrameBatch *batch);

/* Room for `size` octets.  They may move, so before any frame points into them. */
void frame_batch_reserve(FrameBatch *batch, size_t size);

/*
 * LINKTYPE_ values are used in capture files, DLT_ values by libpcap on this host.  They differ for
 * a few that the systems number differently (pcap-linktype(7)); old files have DLT_ values of the
 * system that wrote them.
 */
enum {
  LINK_TYPE_NULL = 0,
  LINK_TYPE_ETHERNET = 1,
  LINK_TYPE_TOKEN_RING = 6,
  LINK_TYPE_FDDI = 10,
  LINK_TYPE_RAW = 101,
  LINK_TYPE_IEEE802_11 = 105,
  LINK_TYPE_LINUX_SLL = 113,
  LINK_TYPE_IPV6 = 229,
  LINK_TYPE_PDU = 252,
  LINK_TYPE_LINUX_SLL2 = 276,
  LINK_TYPE_UNKNOWN = 0xffff, /* of a file whose format numbers them in its own way */
};

/* LINKTYPE_ of a DLT_ value, or of a value in a file: right ones are kept. */
uint16_t link_type_of_dlt(uint16_t dlt);

/* DLT_ of a LINKTYPE_. */
int link_type_to_dlt(uint16_t link_type);
