#include "dissect/net/ip_frag.h"

#include "capture/hash.h"

/* --- The bytes of a datagram ------------------------------------------------------------------ */

enum {
  IP_DATAGRAM_MAX = 65535,
  IP_UNITS_MAX = 8192,
};

/*
 * The bytes of one datagram in the making, each at its place, and which of them are there.  Places
 * count in units of 8 bytes (RFC 791 3.1); only the last unit may be shorter.  Zeroed it is empty.
 */
typedef struct {
  uint8_t *data;      /* owned */
  size_t room;        /* of data */
  unsigned total;     /* bytes of the datagram; 0 until its last fragment came */
  unsigned reach;     /* end of the farthest fragment */
  unsigned first_len; /* bytes of the longest fragment at 0 */
  unsigned units;     /* bits set in `have` */
  uint64_t have[IP_UNITS_MAX / 64];
} Parts;

enum { ROOM_MIN = 4096 };

/* How much room bytes up to `end` need; grows by doubling. */
static size_t parts_room_for(const Parts *parts, size_t end)
{
  size_t room = MAX(MAX(end, parts->room * 2), ROOM_MIN);

  return end <= parts->room ? parts->room : MIN(room, IP_DATAGRAM_MAX);
}

static void parts_set_room(Parts *parts, size_t room)
{
  parts->data = g_realloc(parts->data, room);
  parts->room = room;
}

/* Notes that a fragment ends there; false when that contradicts what is known of the length. */
static bool parts_take_end(Parts *parts, unsigned end, bool last)
{
  if (parts->total > 0 && (end > parts->total || (last && end != parts->total)))
    return false;
  if (last && end < parts->reach)
    return false;
  if (last)
    parts->total = end;
  parts->reach = MAX(parts->reach, end);
  return true;
}

/* Copies units of `octets`, which lie at `offset`; the last one may be short. */
static void copy_units(Parts *parts, size_t offset, Slice octets, size_t unit, size_t count)
{
  size_t from = unit * 8 - offset;

  memcpy(parts->data + unit * 8, octets.data + from, MIN(count * 8, octets.len - from));
}

/* Up to 64 units, which have one word of bits. */
static void fill_word(Parts *parts, size_t offset, Slice octets, size_t unit, size_t count)
{
  uint64_t *have = &parts->have[unit / 64];
  uint64_t wanted = UINT64_MAX >> (64 - count) << unit % 64;
  uint64_t missing = wanted & ~*have;

  *have |= wanted;
  parts->units += (unsigned) __builtin_popcountll(missing);
  if (missing == wanted) {
    copy_units(parts, offset, octets, unit, count);
    return;
  }
  for (; missing != 0; missing &= missing - 1)
    copy_units(parts, offset, octets, unit / 64 * 64 + (size_t) __builtin_ctzll(missing), 1);
}

/* Copies what is not there yet; there must be room.  False when all of it was there. */
static bool parts_fill(Parts *parts, size_t offset, Slice octets)
{
  unsigned before = parts->units;
  size_t end = (offset + octets.len + 7) / 8;
  size_t count;

  for (size_t unit = offset / 8; unit < end; unit += count) {
    count = MIN(64 - unit % 64, end - unit);
    fill_word(parts, offset, octets, unit, count);
  }
  if (offset == 0)
    parts->first_len = MAX(parts->first_len, (unsigned) octets.len);
  return parts->units > before;
}

/* Were all of these octets received before? */
static bool parts_contain(const Parts *parts, size_t offset, Slice octets)
{
  size_t end = (offset + octets.len + 7) / 8;
  size_t unit = offset / 8;

  while (unit < end && (parts->have[unit / 64] >> unit % 64 & 1) != 0)
    unit++;
  return octets.len > 0 && unit == end;
}

/* Is this another beginning than the one that is there? */
static bool parts_contradict(const Parts *parts, size_t offset, Slice octets)
{
  size_t both = MIN(parts->first_len, octets.len);

  return offset == 0 && both > 0 && memcmp(parts->data, octets.data, both) != 0;
}

/* Bytes before the first hole. */
static size_t parts_prefix(const Parts *parts)
{
  size_t word = 0;

  while (word < G_N_ELEMENTS(parts->have) && parts->have[word] == UINT64_MAX)
    word++;
  if (word == G_N_ELEMENTS(parts->have))
    return parts->reach;
  size_t units = word * 64 + (size_t) __builtin_ctzll(~parts->have[word]);
  return MIN(units * 8, parts->reach);
}

/* --- Datagrams in the making ------------------------------------------------------------------ */

enum {
  RECENT_MAX = 4096,
  COPIES_MAX = 4,            /* of a datagram that are in the making at the same time */
  FRAMES_MAX = IP_UNITS_MAX, /* of one datagram that are remembered */
};

/* Duplicates come from two taps or interfaces, within milliseconds. */
static const int64_t RECENT_NS = 2 * INT64_C(1000000000);

/* No padding: compared as octets. */
typedef struct {
  Endpoint src, dst; /* ports are 0 */
  uint32_t id;
  uint32_t tunnel;
  uint32_t protocol; /* 0 for those of IPv6, which may differ in it in one datagram */
  uint32_t copy;     /* below COPIES_MAX: which of the duplicates */
  uint64_t hash;     /* of all of them */
} Key;

G_STATIC_ASSERT(sizeof(Key) == 64);

/* A datagram in the making. */
typedef struct {
  Key key;
  GList link;       /* in `waiting` or `given_up` */
  Packet packet;    /* of the fragment that came first; frame and time of the last that helped */
  int64_t since_ns; /* when the first came */
  uint16_t protocol;
  bool has_first;      /* the fragment with offset 0 is there */
  bool repeat;         /* began after a complete datagram of the same key */
  bool is_copy;        /* began with a fragment that another entry has: nothing is lost with it */
  uint32_t frame_room; /* packet.frame_count of them are set */
  uint64_t *frames;
  Parts parts;
} Entry;

/* A datagram that was completed: what comes later under its key may be duplicates. */
typedef struct {
  uint64_t hash;
  int64_t time_ns;
} Recent;

struct FragmentTable {
  PacketLimits limits;
  uint64_t seed;       /* so that input cannot choose where keys collide */
  GHashTable *entries; /* Key -> Entry, those of `waiting` */
  GQueue waiting;      /* owns its entries, oldest first */
  GQueue given_up;     /* the same of those that expire will hand over */
  size_t bytes;        /* of `waiting` */
  uint64_t lost;
  Recent recent[RECENT_MAX]; /* by hash; a newer one takes the place of an older one */
};

/* --- Keys ----------------------------------------------------------------------------------- */

static guint fragment_key_hash(gconstpointer key)
{
  return (guint) ((const Key *) key)->hash;
}

static gboolean fragment_key_equal(gconstpointer a, gconstpointer b)
{
  return memcmp(a, b, sizeof(Key)) == 0;
}

/* --- Time ----------------------------------------------------------------------------------- */

/* In either direction: captures may be joined of parts that are years apart. */
static bool is_apart(int64_t a_ns, int64_t b_ns, int64_t limit_ns)
{
  uint64_t distance =
    a_ns > b_ns ? (uint64_t) a_ns - (uint64_t) b_ns : (uint64_t) b_ns - (uint64_t) a_ns;

  return distance > (uint64_t) limit_ns;
}

static bool entry_is_stale(const FragmentTable *table, const Entry *entry, int64_t now_ns)
{
  int64_t wait_ns = table->limits.fragment_wait_ns;

  if (entry->repeat || entry->is_copy)
    wait_ns = MIN(wait_ns, RECENT_NS);
  return now_ns == INT64_MAX || is_apart(now_ns, entry->since_ns, wait_ns);
}

static Recent *recent_slot(FragmentTable *table, const Key *key)
{
  return &table->recent[(key->hash >> 32) % RECENT_MAX];
}

/* --- Entries -------------------------------------------------------------------------------- */

static void fragment_entry_free(Entry *entry)
{
  g_free(entry->parts.data);
  g_free(entry->frames);
  g_free(entry);
}

static void entries_free(GQueue *queue)
{
  for (GList *link; (link = g_queue_pop_head_link(queue));)
    fragment_entry_free(link->data);
}

static Entry *table_add_entry(FragmentTable *table, const Key *key, const Packet *packet)
{
  Entry *entry = g_new0(Entry, 1);

  entry->key = *key;
  entry->link.data = entry;
  entry->packet = *packet;
  entry->packet.matched = false;
  entry->packet.fragments = entry->packet.frame_count = 0;
  entry->packet.frames = NULL;
  entry->packet.cut = false;
  entry->since_ns = packet->time_ns;
  const Recent *recent = recent_slot(table, key);
  entry->repeat =
    recent->hash == key->hash && !is_apart(packet->time_ns, recent->time_ns, RECENT_NS);
  g_queue_push_tail_link(&table->waiting, &entry->link);
  g_hash_table_insert(table->entries, &entry->key, entry);
  table->bytes += sizeof *entry;
  return entry;
}

/* Takes an entry out of the table; it is the caller's now. */
static void table_remove_entry(FragmentTable *table, Entry *entry)
{
  g_hash_table_remove(table->entries, &entry->key);
  g_queue_unlink(&table->waiting, &entry->link);
  table->bytes -= sizeof *entry + entry->parts.room + entry->frame_room * sizeof(uint64_t);
}

/* --- Giving up ------------------------------------------------------------------------------ */

void fragment_table_lose(FragmentTable *table, uint32_t fragments)
{
  table->lost += fragments;
}

/* The entry gets nothing more: what its first fragments hold waits to be handed over. */
static void table_give_up(FragmentTable *table, Entry *entry)
{
  size_t prefix = parts_prefix(&entry->parts);

  table_remove_entry(table, entry);
  if (entry->packet.matched && !entry->repeat && !entry->is_copy && prefix > 0) {
    parts_set_room(&entry->parts, prefix);
    g_queue_push_tail_link(&table->given_up, &entry->link);
    return;
  }
  if (entry->packet.matched && !entry->is_copy)
    table->lost += entry->packet.fragments;
  fragment_entry_free(entry);
}

/* Makes room for `size` bytes more, at the cost of those that came before `keep`. */
static void table_limit(FragmentTable *table, const Entry *keep, size_t size)
{
  Entry *oldest;

  while ((oldest = g_queue_peek_head(&table->waiting)) && oldest != keep &&
         table->bytes + size > table->limits.fragment_bytes)
    table_give_up(table, oldest);
}

static void table_make_room(FragmentTable *table, Entry *entry, size_t end)
{
  size_t room = parts_room_for(&entry->parts, end);
  size_t more = room - entry->parts.room;

  if (more == 0)
    return;
  table_limit(table, entry, more);
  parts_set_room(&entry->parts, room);
  table->bytes += more;
}

/* --- Adding --------------------------------------------------------------------------------- */

static bool is_of_ipv6(const Fragment *fragment)
{
  return fragment->packet->src.family == ADDRESS_IPV6 && fragment->protocol < FRAGMENT_ETHERNET;
}

static Key key_of(const FragmentTable *table, const Fragment *fragment)
{
  const Packet *packet = fragment->packet;
  Key key = {.src = packet->src,
             .dst = packet->dst,
             .id = fragment->id,
             .tunnel = packet->tunnel,
             .protocol = is_of_ipv6(fragment) ? 0 : fragment->protocol};

  key.src.port = 0;
  key.dst.port = 0;
  key.hash = hash_bytes(&key, offsetof(Key, hash), table->seed);
  return key;
}

/* NULL also if what is there is another datagram with the same identification. */
static Entry *table_find_copy(FragmentTable *table, const Key *key, const Fragment *fragment)
{
  Entry *entry = g_hash_table_lookup(table->entries, key);

  if (!entry || (!entry_is_stale(table, entry, fragment->packet->time_ns) &&
                 !parts_contradict(&entry->parts, fragment->offset, fragment->octets)))
    return entry;
  table_give_up(table, entry);
  return NULL;
}

static Entry *table_new_entry(FragmentTable *table, const Key *key, const Packet *packet)
{
  if (table->waiting.length == FRAGMENT_DATAGRAMS_MAX)
    table_give_up(table, g_queue_peek_head(&table->waiting));
  table_limit(table, NULL, sizeof(Entry));
  return table_add_entry(table, key, packet);
}

/* The first copy that lacks something of the fragment; a new one if others have it. */
static Entry *table_find(FragmentTable *table, const Fragment *fragment)
{
  Key key = key_of(table, fragment);
  uint32_t unused = COPIES_MAX;
  Entry *last = NULL;

  for (; key.copy < COPIES_MAX; key.copy++) {
    Entry *entry = table_find_copy(table, &key, fragment);
    if (entry && !parts_contain(&entry->parts, fragment->offset, fragment->octets))
      return entry;
    if (entry)
      last = entry;
    else
      unused = MIN(unused, key.copy);
  }
  if (unused == COPIES_MAX)
    return last;
  key.copy = unused;
  bool is_copy = last != NULL;
  Entry *entry = table_new_entry(table, &key, fragment->packet);
  entry->is_copy = is_copy;
  return entry;
}

/* Remembers the frames of one fragment, which may itself have been joined inside of a tunnel. */
static void table_note_frames(FragmentTable *table, Entry *entry, const Packet *packet)
{
  const uint64_t *frames = packet->frames ? packet->frames : &packet->frame;
  uint32_t before = entry->packet.frame_count;
  uint32_t count = MIN(packet->frames ? packet->frame_count : 1, FRAMES_MAX - before);

  if (before + count > entry->frame_room) {
    uint32_t room = MAX(entry->frame_room * 2, MAX(before + count, 8U));
    entry->frames = g_renew(uint64_t, entry->frames, room);
    table->bytes += (room - entry->frame_room) * sizeof(uint64_t);
    entry->frame_room = room;
  }
  memcpy(entry->frames + before, frames, count * sizeof *frames);
  entry->packet.frame_count += count;
}

static void entry_note(Entry *entry, const Fragment *fragment)
{
  entry->packet.frame = fragment->packet->frame;
  entry->packet.time_ns = fragment->packet->time_ns;
  entry->packet.fragments += fragment->packet->fragments;
  /* RFC 8200 4.5: the first fragment names the protocol; and it has the ports, so what the filter
   * says of others ("not port 5060") means nothing once it is there. */
  if (fragment->offset == 0) {
    entry->protocol = fragment->protocol;
    entry->packet.matched = fragment->packet->matched;
    entry->has_first = true;
  }
  if (!entry->has_first)
    entry->packet.matched |= fragment->packet->matched;
}

static void entry_give(Entry *entry, size_t len, Arena *scratch, Datagram *ret_datagram)
{
  ret_datagram->packet = entry->packet;
  ret_datagram->protocol = entry->protocol;
  ret_datagram->octets = arena_dup(scratch, slice_of((const char *) entry->parts.data, len));
  size_t frames_len = entry->packet.frame_count * sizeof(uint64_t);
  uint64_t *frames = arena_alloc(scratch, frames_len);
  memcpy(frames, entry->frames, frames_len);
  ret_datagram->packet.frames = frames;
}

/* Are length and place those of a fragment?  All but the last are multiples of 8 bytes long. */
static bool fragment_is_right(const Fragment *fragment)
{
  size_t len = fragment->octets.len;
  bool whole = len % 8 == 0 || !fragment->more || fragment->packet->cut;

  return whole && fragment->offset + len <= IP_DATAGRAM_MAX;
}

FragmentResult fragment_table_add(FragmentTable *table, const Fragment *fragment, Arena *scratch,
                                  Datagram *ret_datagram)
{
  if (!fragment_is_right(fragment))
    return FRAGMENT_WRONG;
  /* What can be used of a fragment that was cut: whole units, and not its end. */
  Fragment usable = *fragment;
  if (fragment->packet->cut) {
    usable.more = true;
    usable.octets.len &= ~(size_t) 7;
  }
  Entry *entry = table_find(table, &usable);
  unsigned end = usable.offset + (unsigned) usable.octets.len;
  if (!parts_take_end(&entry->parts, end, !usable.more)) {
    table->lost += usable.packet->fragments;
    return FRAGMENT_WAITS;
  }
  table_make_room(table, entry, end);
  if (parts_fill(&entry->parts, usable.offset, usable.octets)) {
    table_note_frames(table, entry, usable.packet);
    entry_note(entry, &usable);
  }
  if (entry->parts.total == 0 || entry->parts.units != (entry->parts.total + 7) / 8)
    return FRAGMENT_WAITS;
  entry_give(entry, entry->parts.total, scratch, ret_datagram);
  *recent_slot(table, &entry->key) = (Recent){entry->key.hash, entry->packet.time_ns};
  table_remove_entry(table, entry);
  fragment_entry_free(entry);
  return FRAGMENT_JOINED;
}

bool fragment_table_expire(FragmentTable *table, int64_t now_ns, Arena *scratch,
                           Datagram *ret_datagram)
{
  Entry *oldest;
  while ((oldest = g_queue_peek_head(&table->waiting)) && entry_is_stale(table, oldest, now_ns))
    table_give_up(table, oldest);
  GList *link = g_queue_pop_head_link(&table->given_up);
  if (!link)
    return false;
  Entry *entry = link->data;
  entry_give(entry, parts_prefix(&entry->parts), scratch, ret_datagram);
  ret_datagram->packet.cut = true;
  fragment_entry_free(entry);
  return true;
}

/* --- The table ------------------------------------------------------------------------------ */

FragmentTable *fragment_table_new(PacketLimits limits)
{
  FragmentTable *table = g_new0(FragmentTable, 1);

  table->limits = limits;
  table->seed = hash_seed_new();
  table->entries = g_hash_table_new(fragment_key_hash, fragment_key_equal);
  return table;
}

void fragment_table_free(FragmentTable *table)
{
  if (!table)
    return;
  entries_free(&table->waiting);
  entries_free(&table->given_up);
  g_hash_table_destroy(table->entries);
  g_free(table);
}

uint64_t fragment_table_lost(const FragmentTable *table)
{
  return table->lost;
}
