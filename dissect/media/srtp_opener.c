#include "dissect/media/srtp_opener.h"

#include <glib.h>

enum {
  TRIES_FIRST = 8 * 1024, /* that a stream may cost beside its packets */
  TRIES_PER_PACKET = 4,
  PACKET_LEAST = 8,    /* header of RTCP */
  SEARCH_TRIES = 4096, /* of one search; with one key, weeks of G.711 */
};

typedef struct {
  int64_t from_ns;
  SrtpKey key;
} TimedKey;

struct SrtpOpener {
  uint32_t ssrc;
  GArray *keys;         /* TimedKey */
  SrtpContext *context; /* of the last packet that was opened; NULL before */
  bool is_control;
  uint32_t tries;   /* left */
  uint64_t refused; /* since the last one that was opened */
  uint8_t *room;    /* for a packet */
  size_t room_len;
};

static void wipe_key(gpointer key)
{
  explicit_bzero(key, sizeof(TimedKey));
}

SrtpOpener *srtp_opener_new(uint32_t ssrc, bool is_control)
{
  SrtpOpener *opener = g_new0(SrtpOpener, 1);

  opener->ssrc = ssrc;
  opener->is_control = is_control;
  opener->tries = TRIES_FIRST;
  opener->keys = g_array_new(false, false, sizeof(TimedKey));
  g_array_set_clear_func(opener->keys, wipe_key);
  return opener;
}

void srtp_opener_free(SrtpOpener *opener)
{
  if (!opener)
    return;
  srtp_context_free(opener->context);
  g_array_unref(opener->keys);
  g_free(opener->room);
  g_free(opener);
}

static bool is_same_key(const SrtpKey *a, const SrtpKey *b)
{
  const SrtpSuiteRow *row = srtp_suite_row(a->suite);

  return a->suite == b->suite && a->is_plain_rtp == b->is_plain_rtp &&
         a->is_plain_rtcp == b->is_plain_rtcp && a->mki_len == b->mki_len &&
         memcmp(a->mki, b->mki, a->mki_len) == 0 &&
         memcmp(a->master, b->master, (size_t) row->key_len + row->salt_len) == 0;
}

bool srtp_opener_add(SrtpOpener *opener, const SrtpKey *key, int64_t from_ns)
{
  const TimedKey added = {from_ns, *key};

  if (!srtp_suite_is_readable(key->suite) || opener->keys->len == SRTP_KEYS_MAX)
    return false;
  for (guint i = 0; i < opener->keys->len; i++)
    if (is_same_key(&g_array_index(opener->keys, TimedKey, i).key, key))
      return false;
  g_array_append_val(opener->keys, added);
  opener->refused = 0; /* it is tried with the next packet */
  return true;
}

bool srtp_opener_has_keys(const SrtpOpener *opener)
{
  return opener->keys->len > 0;
}

static bool try_context(SrtpOpener *opener, SrtpContext *context, Slice packet, size_t *ret_len)
{
  *ret_len = packet.len;
  memcpy(opener->room, packet.data, packet.len);
  return opener->is_control ? srtp_context_open_control(context, opener->room, ret_len)
                            : srtp_context_open(context, opener->room, ret_len);
}

/* The rollover counter of try `n`: near the last one, then from 0 on. */
static uint32_t counter_of_try(uint32_t last, uint32_t n)
{
  const uint32_t NEAR[] = {last, last + 1, last - 1};

  return n < G_N_ELEMENTS(NEAR) ? NEAR[n] : n - (uint32_t) G_N_ELEMENTS(NEAR);
}

/* One key with many rollover counters; RTCP packets say their own index.  True if it is the key,
 * which is used from now on. */
static bool try_key(SrtpOpener *opener, const SrtpKey *key, Slice packet, size_t *ret_len)
{
  uint32_t last = opener->context ? srtp_context_rollover(opener->context) : 0;
  uint32_t most = opener->is_control ? 1 : SEARCH_TRIES / opener->keys->len;
  SrtpContext *context = srtp_context_new(key, opener->ssrc);
  bool is_open = false;

  for (uint32_t n = 0; context && n < most && opener->tries > 0 && !is_open; n++) {
    srtp_context_set_rollover(context, counter_of_try(last, n));
    is_open = try_context(opener, context, packet, ret_len);
    opener->tries--;
  }
  if (!is_open) {
    srtp_context_free(context);
    return false;
  }
  srtp_context_free(opener->context);
  opener->context = context;
  return true;
}

/* Those that were in use at that time come first, the newest of them before the others. */
static bool search(SrtpOpener *opener, Slice packet, int64_t time_ns, size_t *ret_len)
{
  guint then = 0;

  while (then < opener->keys->len && g_array_index(opener->keys, TimedKey, then).from_ns <= time_ns)
    then++;
  for (guint i = 0; i < opener->keys->len; i++) {
    guint at = i < then ? then - 1 - i : i;
    if (try_key(opener, &g_array_index(opener->keys, TimedKey, at).key, packet, ret_len))
      return true;
  }
  return false;
}

/* A change of keys is noticed at the first packet; where nothing fits, it is tried less often. */
static bool is_search_due(uint64_t refused)
{
  enum { SELDOM = 256 };

  return (refused & (refused - 1)) == 0 || refused % SELDOM == 0;
}

bool srtp_opener_open(SrtpOpener *opener, Slice packet, int64_t time_ns, Slice *ret_packet)
{
  size_t len = 0;

  if (packet.len < PACKET_LEAST)
    return false;
  if (packet.len > opener->room_len) {
    opener->room_len = packet.len;
    g_free(opener->room);
    opener->room = g_malloc(packet.len);
  }
  opener->tries = MIN(opener->tries + TRIES_PER_PACKET, (uint32_t) TRIES_FIRST);
  /* A context refuses copies, too; a new one takes them. */
  bool is_open = (opener->context && try_context(opener, opener->context, packet, &len)) ||
                 (is_search_due(opener->refused + 1) && search(opener, packet, time_ns, &len));
  opener->refused = is_open ? 0 : opener->refused + 1;
  if (!is_open)
    return false;
  *ret_packet = slice_of((const char *) opener->room, len);
  return true;
}
