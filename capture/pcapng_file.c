#include "capture/pcapng_file.h"

#include "capture/language.h"

/* --- Clocks ----------------------------------------------------------------------------------- */

static const uint64_t SECOND_NS = 1000000000;

void pcapng_clock_set_resolution(PcapngClock *clock, uint8_t tsresol)
{
  clock->binary = tsresol & 0x80;
  clock->exponent = tsresol & 0x7f;
}

/* Seconds and the nanoseconds of the second they leave. */
typedef struct {
  uint64_t seconds, ns;
} Split;

static Split split_decimal(unsigned exponent, uint64_t ticks)
{
  static const uint64_t POWER[] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
    10000000000000000000u,
  };

  if (exponent <= 9)
    return (Split){ticks / POWER[exponent], ticks % POWER[exponent] * POWER[9 - exponent]};
  if (exponent <= 19)
    return (Split){ticks / POWER[exponent], ticks % POWER[exponent] / POWER[exponent - 9]};
  /* 64 bits of such ticks are less than a second. */
  return (Split){0, exponent <= 28 ? ticks / POWER[exponent - 9] : 0};
}

static Split split_binary(unsigned exponent, uint64_t ticks)
{
  uint64_t seconds = exponent < 64 ? ticks >> exponent : 0;
  uint64_t part = exponent < 64 ? ticks - (seconds << exponent) : ticks;

  /* 34 bits of fraction are finer than a nanosecond, and times 10^9 they fit 64. */
  if (exponent > 34) {
    part = exponent - 34 < 64 ? part >> (exponent - 34) : 0;
    exponent = 34;
  }
  return (Split){seconds, part * SECOND_NS >> exponent};
}

int64_t pcapng_clock_to_ns(const PcapngClock *clock, uint64_t ticks)
{
  Split split =
    clock->binary ? split_binary(clock->exponent, ticks) : split_decimal(clock->exponent, ticks);
  int64_t seconds, ns;

  if (__builtin_add_overflow(split.seconds, clock->offset_s, &seconds))
    return FRAME_TIME_MAX;
  if (__builtin_mul_overflow(seconds, (int64_t) SECOND_NS, &ns) ||
      __builtin_add_overflow(ns, (int64_t) split.ns, &ns))
    return seconds < 0 ? 0 : FRAME_TIME_MAX;
  return CLAMP(ns, 0, FRAME_TIME_MAX);
}

/* --- Blocks ----------------------------------------------------------------------------------- */

enum {
  BLOCK_SECTION = 0x0a0d0d0a, /* reads the same in both byte orders */
  BLOCK_INTERFACE = 1,
  BLOCK_PACKET = 2, /* obsolete */
  BLOCK_SIMPLE_PACKET = 3,
  BLOCK_ENHANCED_PACKET = 6,
  BLOCK_SECRETS = 10,
};

enum {
  BYTE_ORDER_MAGIC = 0x1a2b3c4d,
  BLOCK_HEAD_LEN = 8, /* type and length... */
  BLOCK_LEN_MIN = 12, /* ...and the length again at its end */
  SECTION_HEAD_LEN = 12,
  BLOCK_LEN_MAX = 16 * 1024 * 1024,
  INTERFACES_MAX = 65536,
};

enum { OPTION_END = 0, OPTION_PACKET_ID = 5, OPTION_TSRESOL = 9, OPTION_TSOFFSET = 14 };

typedef struct {
  uint16_t link_type; /* LINKTYPE_ */
  uint32_t snap_len;  /* 0: none */
  PcapngClock clock;
} Interface;

void pcapng_file_init(PcapngFile *file)
{
  *file = (PcapngFile){.interfaces = g_array_new(false, false, sizeof(Interface))};
}

void pcapng_file_clear(PcapngFile *file)
{
  g_array_unref(file->interfaces);
}

bool pcapng_file_detect(Slice head)
{
  Reader r = reader_of(head.data, head.len);

  return reader_u32(&r) == BLOCK_SECTION;
}

/* draft-ietf-opsawg-pcapng 4.1 */
static bool walk_section(PcapngFile *file, Reader body, Walk *walk)
{
  reader_skip(&body, 4); /* byte-order magic: see begin_section */
  if (reader_u16_as(&body, file->big_endian) != 1 || body.failed)
    return walk_fails(walk, "unknown pcapng version");
  g_array_set_size(file->interfaces, 0);
  return true;
}

/* draft-ietf-opsawg-pcapng 3.5: code, length, value padded to 4 bytes. */
static PcapngClock read_clock(Reader options, bool big_endian)
{
  PcapngClock clock = PCAPNG_CLOCK_DEFAULT;

  for (;;) {
    uint16_t code = reader_u16_as(&options, big_endian);
    uint16_t len = reader_u16_as(&options, big_endian);
    Reader value = reader_of(reader_take(&options, len), len);
    if (options.failed || code == OPTION_END)
      return clock;
    if (code == OPTION_TSRESOL && len == 1)
      pcapng_clock_set_resolution(&clock, reader_u8(&value));
    if (code == OPTION_TSOFFSET && len == 8) {
      uint64_t first = reader_u32_as(&value, big_endian);
      uint64_t second = reader_u32_as(&value, big_endian);
      clock.offset_s = (int64_t) (big_endian ? first << 32 | second : second << 32 | first);
    }
    reader_skip(&options, (4 - len % 4u) % 4u);
  }
}

/* draft-ietf-opsawg-pcapng 4.2 */
static bool walk_interface(PcapngFile *file, Reader body, Walk *walk)
{
  Interface interface = {0};

  interface.link_type = link_type_of_dlt(reader_u16_as(&body, file->big_endian));
  reader_skip(&body, 2);
  interface.snap_len = reader_u32_as(&body, file->big_endian);
  if (body.failed)
    return walk_fails(walk, "interface description too short");
  if (file->interfaces->len >= INTERFACES_MAX)
    return walk_fails(walk, "too many interfaces");
  interface.clock = read_clock(body, file->big_endian);
  g_array_append_val(file->interfaces, interface);
  return true;
}

static const Interface *find_interface(const PcapngFile *file, uint32_t id, Walk *walk)
{
  if (id < file->interfaces->len)
    return &g_array_index(file->interfaces, Interface, id);
  walk_fails(walk, "packet of an undescribed interface");
  return NULL;
}

/* What the kinds of packet blocks have in common. */
typedef struct {
  const Interface *interface;
  uint16_t number; /* of the interface: less than INTERFACES_MAX */
  int64_t time_ns;
  uint32_t len, wire_len;
} PacketInfo;

/* epb_packetid, as a spool has it; 0 without. */
static uint64_t read_packet_id(Reader options, bool big_endian)
{
  uint16_t code = reader_u16_as(&options, big_endian);
  uint16_t len = reader_u16_as(&options, big_endian);
  uint64_t first = reader_u32_as(&options, big_endian);
  uint64_t second = reader_u32_as(&options, big_endian);

  if (options.failed || code != OPTION_PACKET_ID || len != 8)
    return 0;
  return big_endian ? first << 32 | second : second << 32 | first;
}

static bool add_packet(PcapngFile *file, PacketInfo info, Reader body, Walk *walk)
{
  const uint8_t *data = reader_take(&body, info.len);

  if (!data || info.len > PACKET_LEN_MAX)
    return walk_fails(walk, "packet longer than its block");
  reader_skip(&body, (4 - info.len % 4u) % 4u);
  file->last_ns = info.time_ns;
  walk_add(walk,
           (Frame){.data = data,
                   .len = info.len,
                   .wire_len = MAX(info.wire_len, info.len),
                   .number = reader_left(&body) > 0 ? read_packet_id(body, file->big_endian) : 0,
                   .time_ns = info.time_ns,
                   .link_type = info.interface->link_type,
                   .input = info.number});
  return true;
}

/* After the interface id, which is all that the enhanced and the obsolete block differ in. */
static bool walk_timed_packet(PcapngFile *file, uint32_t interface, Reader body, Walk *walk)
{
  PacketInfo info = {.interface = find_interface(file, interface, walk),
                     .number = (uint16_t) interface};

  if (!info.interface)
    return false;
  uint64_t ticks = (uint64_t) reader_u32_as(&body, file->big_endian) << 32;
  ticks |= reader_u32_as(&body, file->big_endian);
  info.len = reader_u32_as(&body, file->big_endian);
  info.wire_len = reader_u32_as(&body, file->big_endian);
  info.time_ns = pcapng_clock_to_ns(&info.interface->clock, ticks);
  return add_packet(file, info, body, walk);
}

/* draft-ietf-opsawg-pcapng 4.3 */
static bool walk_enhanced_packet(PcapngFile *file, Reader body, Walk *walk)
{
  uint32_t interface = reader_u32_as(&body, file->big_endian);

  return walk_timed_packet(file, interface, body, walk);
}

/* draft-ietf-opsawg-pcapng appendix A */
static bool walk_old_packet(PcapngFile *file, Reader body, Walk *walk)
{
  uint32_t interface = reader_u16_as(&body, file->big_endian);

  reader_skip(&body, 2); /* drops since the packet before */
  return walk_timed_packet(file, interface, body, walk);
}

/* draft-ietf-opsawg-pcapng 4.4: of the first interface, cut at its snap length.  It has no
 * time; that of the packet before keeps the order right. */
static bool walk_simple_packet(PcapngFile *file, Reader body, Walk *walk)
{
  PacketInfo info = {.interface = find_interface(file, 0, walk), .time_ns = file->last_ns};

  if (!info.interface)
    return false;
  info.wire_len = reader_u32_as(&body, file->big_endian);
  info.len = info.wire_len;
  if (info.interface->snap_len > 0)
    info.len = MIN(info.len, info.interface->snap_len);
  return add_packet(file, info, body, walk);
}

/* draft-ietf-opsawg-pcapng 4.7 */
static bool walk_secrets(PcapngFile *file, Reader body, Walk *walk)
{
  enum { TLS_KEY_LOG = 0x544c534b };
  uint32_t type = reader_u32_as(&body, file->big_endian);
  uint32_t len = reader_u32_as(&body, file->big_endian);
  Slice text = reader_slice(&body, len);

  if (body.failed)
    return walk_fails(walk, "secrets longer than their block");
  if (type == TLS_KEY_LOG)
    secrets_add(&walk->batch->secrets, (Secrets){.text = text});
  return true;
}

static const struct {
  uint32_t type;
  bool (*walk)(PcapngFile *file, Reader body, Walk *walk);
} BLOCKS[] = {
  {BLOCK_ENHANCED_PACKET, walk_enhanced_packet}, /* the most frequent first */
  {BLOCK_SIMPLE_PACKET, walk_simple_packet},
  {BLOCK_PACKET, walk_old_packet},
  {BLOCK_INTERFACE, walk_interface},
  {BLOCK_SECTION, walk_section},
  {BLOCK_SECRETS, walk_secrets},
};

static bool walk_known_block(PcapngFile *file, uint32_t type, Reader body, Walk *walk)
{
  for (size_t i = 0; i < G_N_ELEMENTS(BLOCKS); i++) {
    if (BLOCKS[i].type == type)
      return BLOCKS[i].walk(file, body, walk);
  }
  return true;
}

/* A section header shows its byte order after its length (4.1). */
static bool begin_section(PcapngFile *file, Reader block, Walk *walk)
{
  reader_skip(&block, BLOCK_HEAD_LEN);
  Reader little = block;
  bool is_big = reader_u32(&block) == BYTE_ORDER_MAGIC;

  if (block.failed)
    return walk_wants(walk, SECTION_HEAD_LEN, "the last block is cut short");
  if (!is_big && reader_u32le(&little) != BYTE_ORDER_MAGIC)
    return walk_fails(walk, "section header without byte-order magic");
  file->big_endian = is_big;
  return true;
}

static bool walk_block(PcapngFile *file, Walk *walk)
{
  static const char CUT[] = N_("the last block is cut short");
  Reader r = walk->rest;
  uint32_t type = reader_u32_as(&r, file->big_endian);

  if (!r.failed && type == BLOCK_SECTION && !begin_section(file, walk->rest, walk))
    return false;
  uint32_t len = reader_u32_as(&r, file->big_endian);
  if (r.failed)
    return walk_wants(walk, BLOCK_LEN_MIN, CUT);
  if (len % 4 != 0 || len < BLOCK_LEN_MIN || len > BLOCK_LEN_MAX)
    return walk_fails(walk, "impossible block length");
  Slice body = reader_slice(&r, len - BLOCK_LEN_MIN);
  uint32_t len_again = reader_u32_as(&r, file->big_endian);
  if (r.failed)
    return walk_wants(walk, len, CUT);
  if (len_again != len)
    return walk_fails(walk, "block with two different lengths");
  if (!walk_known_block(file, type, reader_of(body.data, body.len), walk))
    return false;
  walk->rest = r;
  return true;
}

void pcapng_file_walk(PcapngFile *file, Walk *walk)
{
  while (reader_left(&walk->rest) > 0 && walk_block(file, walk))
    continue;
}
