#include "dissect/trace/bursts.h"

#include "capture/hash.h"
#include "dissect/sip/gb_id.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_names.h"

#define SECOND_NS INT64_C(1000000000)

enum {
  WAYS = 4, /* tracks or hosts that the same hash may have */
  TRACK_SETS = 1024,
  HOST_SETS = 4096,
  BURSTS_KEPT = 2,
  BIT_WORDS = 16,
  NUMBER_TAIL = 9, /* last digits of a number, which its prefixes leave alone */
  ACCEPTED_SHARE = 8,
  CALLERS_SHARE = 8,
  /* Challenges are answered by then. */
  SETTLED_AFTER_S = 5,
};

static const int64_t ACCEPTED_HALF_LIFE_NS = 3600 * SECOND_NS;

/* When a burst is due.  `each`: attempts for each different one, at least. */
static const struct {
  int64_t window_ns;
  unsigned attempts, different, each;
} RULES[BURST_KINDS] = {
  [BURST_USERS] = {60 * SECOND_NS, 20, 20, 0},
  [BURST_REGISTERS] = {10 * SECOND_NS, 200, 1, 10},
  [BURST_AOR] = {10 * SECOND_NS, 100, 1, 0},
  [BURST_NUMBER] = {600 * SECOND_NS, 8, 8, 0},
};

/* Attempts of half a window. */
typedef struct {
  int64_t first_ns;
  uint32_t attempts, in_order;
  int32_t accepted; /* of users; negative: more of the half before were refused */
  uint64_t callers; /* bits, by hash: From users that are not the user in To */
  uint64_t bits[BIT_WORDS];
} Half;

typedef struct {
  int64_t half_ns;      /* when halves[0] began */
  Half halves[2];       /* this one, and the one before */
  uint64_t last_number; /* of the newest user, if it was digits */
  uint16_t via_count;   /* of an address-of-record: the lowest seen, nearest to the client */
  uint8_t kind;
  uint8_t burst_count;
  Burst bursts[BURSTS_KEPT]; /* the newest first */
  uint64_t bits[BIT_WORDS];  /* of the newest */
} Track;

/* As client or as server. */
typedef struct {
  int64_t half_ns;   /* when `accepted` was halved */
  uint32_t accepted; /* requests of it, halved every ACCEPTED_HALF_LIFE_NS */
  bool serves;       /* it answers requests */
} Host;

/* Of the record with the same index; kept apart, so that a set is one line of the cache. */
typedef struct {
  uint64_t key;    /* 0: free */
  int64_t last_ns; /* the newest attempt */
} Place;

typedef struct {
  Place *places; /* sets * WAYS */
  size_t sets;
} Places;

struct Bursts {
  uint64_t seed;
  uint64_t left_out;
  bool has_any[BURST_KINDS]; /* bursts, ever: most captures have none */
  int64_t watch_until_ns;    /* no 2xx after that is of an open burst */
  Places of_tracks, of_hosts;
  Track *tracks;
  Host *hosts;
};

static Places places_new(size_t sets)
{
  return (Places){g_new0(Place, sets * WAYS), sets};
}

Bursts *bursts_new(void)
{
  Bursts *bursts = g_new0(Bursts, 1);

  bursts->seed = hash_seed_new();
  bursts->of_tracks = places_new(TRACK_SETS);
  bursts->of_hosts = places_new(HOST_SETS);
  bursts->tracks = g_new0(Track, TRACK_SETS * WAYS);
  bursts->hosts = g_new0(Host, HOST_SETS * WAYS);
  bursts->watch_until_ns = INT64_MIN;
  return bursts;
}

void bursts_free(Bursts *bursts)
{
  if (!bursts)
    return;
  g_free(bursts->of_tracks.places);
  g_free(bursts->of_hosts.places);
  g_free(bursts->tracks);
  g_free(bursts->hosts);
  g_free(bursts);
}

uint64_t bursts_left_out(const Bursts *bursts)
{
  return bursts->left_out;
}

/* --- Keys and tracks -------------------------------------------------------------------------- */

static uint64_t hash_text(const Bursts *bursts, Slice text)
{
  return hash_bytes(text.data, text.len, bursts->seed);
}

/* Of what is counted by bits.  Without a seed, so that the counts are the same in every run. */
static uint64_t hash_of(Slice text)
{
  return hash_bytes(text.data, text.len, 0);
}

static uint64_t hash_host(const Bursts *bursts, const Endpoint *host)
{
  return hash_bytes(host->address, sizeof host->address, bursts->seed + host->family);
}

static Slice user_in(Slice value)
{
  return sip_uri_user(sip_addr_parse(value).uri);
}

/* 0: the value has none. */
static uint64_t hash_aor(const Bursts *bursts, Slice value)
{
  SipUri uri;

  if (!sip_uri_parse(sip_addr_parse(value).uri, &uri) || uri.user.len == 0)
    return 0;
  return hash_bytes(uri.user.data, uri.user.len, hash_text(bursts, uri.host));
}

/* The last digits of what was dialled; empty when it is no number with a prefix, as a device of
 * GB/T 28181 is not: the first cameras of all districts have the same last digits. */
static Slice number_tail(Slice user)
{
  GbId id;

  if (user.len <= NUMBER_TAIL || gb_id_read(user, &id))
    return (Slice){0};
  Slice tail = slice_from(user, user.len - NUMBER_TAIL);
  for (size_t i = 0; i < tail.len; i++)
    if (!g_ascii_isdigit(tail.data[i]))
      return (Slice){0};
  return tail;
}

/* Of the track for such an attempt; 0: it is of none. */
static uint64_t key_of(const Bursts *bursts, BurstKind kind, const Attempt *attempt)
{
  uint64_t client = hash_host(bursts, attempt->client);
  uint64_t what = 0;

  switch (kind) {
  case BURST_USERS:
    what = hash_bytes(attempt->server, sizeof *attempt->server, client);
    break;
  case BURST_AOR:
    what = hash_aor(bursts, attempt->to);
    break;
  case BURST_NUMBER: {
    Slice tail = number_tail(user_in(attempt->to));
    what = tail.len > 0 ? hash_bytes(tail.data, tail.len, client) : 0;
    break;
  }
  case BURST_REGISTERS:
    what = client;
    break;
  case BURST_KINDS:
    break;
  }
  return what == 0 ? 0 : hash_bytes(&what, sizeof what, bursts->seed + kind + 1) | 1;
}

static const size_t NOWHERE = SIZE_MAX;

/* Of its set. */
static size_t first_place(const Places *in, uint64_t key)
{
  return (key >> 1) % in->sets * WAYS;
}

static size_t find_place(const Places *in, uint64_t key)
{
  size_t first = first_place(in, key);

  for (size_t i = first; key != 0 && i < first + WAYS; i++)
    if (in->places[i].key == key)
      return i;
  return NOWHERE;
}

/* Of its set one that is free, or that with the oldest attempt. */
static size_t oldest_place(const Places *in, uint64_t key)
{
  size_t first = first_place(in, key), oldest = first;

  for (size_t i = first; i < first + WAYS; i++)
    if (in->places[i].key == 0 ||
        (in->places[oldest].key != 0 && in->places[i].last_ns < in->places[oldest].last_ns))
      oldest = i;
  return oldest;
}

/* Finds its place, or makes one; *ret_before: what it was before. */
static size_t take_place(Places *in, uint64_t key, int64_t time_ns, Place *ret_before)
{
  size_t found = find_place(in, key), at = found == NOWHERE ? oldest_place(in, key) : found;

  *ret_before = in->places[at];
  in->places[at] = (Place){key, found == NOWHERE ? time_ns : MAX(ret_before->last_ns, time_ns)};
  return at;
}

static void note_left_out(Bursts *bursts, const Place *before, int64_t window_ns, int64_t time_ns)
{
  if (before->key != 0 && time_ns - before->last_ns < window_ns)
    bursts->left_out++;
}

static Track *find_track(const Bursts *bursts, uint64_t key)
{
  size_t at = find_place(&bursts->of_tracks, key);

  return at == NOWHERE ? NULL : &bursts->tracks[at];
}

static Track *take_track(Bursts *bursts, BurstKind kind, uint64_t key, int64_t time_ns)
{
  Place before;
  Track *track = &bursts->tracks[take_place(&bursts->of_tracks, key, time_ns, &before)];

  if (before.key == key)
    return track;
  note_left_out(bursts, &before, RULES[track->kind].window_ns, time_ns);
  *track = (Track){.kind = (uint8_t) kind, .half_ns = time_ns, .via_count = UINT16_MAX};
  return track;
}

/* --- Attempts within the window --------------------------------------------------------------- */

static void set_bit(uint64_t *words, unsigned count, uint64_t hash)
{
  words[hash / 64 % count] |= UINT64_C(1) << hash % 64;
}

static unsigned count_bits(const uint64_t a[BIT_WORDS], const uint64_t b[BIT_WORDS])
{
  unsigned count = 0;

  for (unsigned i = 0; i < BIT_WORDS; i++)
    count += (unsigned) __builtin_popcountll(a[i] | b[i]);
  return count;
}

/* A clock that was set back begins anew, too. */
static void move_window(Track *track, int64_t time_ns)
{
  int64_t half = RULES[track->kind].window_ns / 2, passed = time_ns - track->half_ns;

  if (passed > -half && passed < half)
    return;
  bool is_next = passed >= half && passed < 2 * half;
  track->halves[1] = is_next ? track->halves[0] : (Half){0};
  track->halves[0] = (Half){0};
  track->half_ns = is_next ? track->half_ns + half : time_ns;
}

/* The user as a number; 0: it is none. */
static uint64_t number_of(Slice user)
{
  uint64_t number = 0;

  if (user.len == 0 || user.len > 18)
    return 0;
  for (size_t i = 0; i < user.len; i++) {
    if (!g_ascii_isdigit(user.data[i]))
      return 0;
    number = number * 10 + (uint64_t) (user.data[i] - '0');
  }
  return number;
}

/* `what`: hash of the user, address-of-record, ... of which different ones are counted. */
static void count_attempt(Track *track, const Attempt *attempt, uint64_t what)
{
  Half *half = &track->halves[0];

  move_window(track, attempt->time_ns);
  if (half->attempts++ == 0)
    half->first_ns = attempt->time_ns;
  set_bit(half->bits, BIT_WORDS, what);
}

/* The newest burst, if it is not over. */
static Burst *open_burst(Track *track, int64_t time_ns)
{
  Burst *newest = &track->bursts[0];
  int64_t window = RULES[track->kind].window_ns;
  bool is_open = track->burst_count > 0 && time_ns <= newest->to_ns + window &&
                 time_ns >= newest->from_ns - window;

  return is_open ? newest : NULL;
}

static Burst *begin_burst(Track *track, uint32_t attempts)
{
  const Half *halves = track->halves;
  int32_t accepted = halves[0].accepted + halves[1].accepted;

  memmove(&track->bursts[1], &track->bursts[0], (BURSTS_KEPT - 1) * sizeof(Burst));
  track->burst_count = (uint8_t) MIN(track->burst_count + 1, BURSTS_KEPT);
  memset(track->bits, 0, sizeof track->bits);
  track->bursts[0] = (Burst){
    .from_ns = halves[1].attempts > 0 ? halves[1].first_ns : halves[0].first_ns,
    .attempts = attempts - 1, /* the last one is counted in any case */
    .accepted = (uint32_t) MAX(accepted, 0),
    .in_order = halves[0].in_order + halves[1].in_order,
  };
  return &track->bursts[0];
}

static bool is_due(const Track *track, uint32_t attempts)
{
  /* With so many bits set there may have been any number of them. */
  enum { BITS_FULL = BIT_WORDS * 64 * 3 / 4 };
  const unsigned each = RULES[track->kind].each;

  if (attempts < RULES[track->kind].attempts)
    return false;
  unsigned different = count_bits(track->halves[0].bits, track->halves[1].bits);
  return different >= RULES[track->kind].different &&
         (each == 0 || (different < BITS_FULL && attempts >= each * different));
}

/* After count_attempt.  Goes on with the open burst; begins one only if it may. */
static void note_burst(Bursts *bursts, Track *track, int64_t time_ns, bool may_begin)
{
  const Half *halves = track->halves;
  uint32_t attempts = halves[0].attempts + halves[1].attempts;
  Burst *burst = open_burst(track, time_ns);

  if (!is_due(track, attempts))
    return;
  if (!burst && !may_begin)
    return;
  if (!burst)
    burst = begin_burst(track, attempts);
  for (unsigned i = 0; i < BIT_WORDS; i++)
    track->bits[i] |= halves[0].bits[i] | halves[1].bits[i];
  burst->attempts++;
  burst->different = count_bits(track->bits, track->bits);
  burst->to_ns = MAX(burst->to_ns, time_ns);
  bursts->has_any[track->kind] = true;
  bursts->watch_until_ns = MAX(bursts->watch_until_ns, time_ns + RULES[track->kind].window_ns);
}

/* --- Hosts ------------------------------------------------------------------------------------ */

static uint64_t key_of_host(const Bursts *bursts, const Endpoint *host)
{
  return hash_host(bursts, host) | 1;
}

static const Host *find_host(const Bursts *bursts, const Endpoint *endpoint)
{
  size_t at = find_place(&bursts->of_hosts, key_of_host(bursts, endpoint));

  return at == NOWHERE ? NULL : &bursts->hosts[at];
}

static Host *take_host(Bursts *bursts, const Endpoint *endpoint, int64_t time_ns)
{
  uint64_t key = key_of_host(bursts, endpoint);
  Place before;
  Host *host = &bursts->hosts[take_place(&bursts->of_hosts, key, time_ns, &before)];

  if (before.key == key)
    return host;
  note_left_out(bursts, &before, ACCEPTED_HALF_LIFE_NS, time_ns);
  *host = (Host){.half_ns = time_ns};
  return host;
}

static uint32_t accepted_lately(const Host *host, int64_t time_ns)
{
  int64_t halvings = (time_ns - host->half_ns) / ACCEPTED_HALF_LIFE_NS;

  return halvings > 31 ? 0 : host->accepted >> MAX(halvings, 0);
}

static void note_accepted(Bursts *bursts, const Endpoint *client, int64_t time_ns)
{
  Host *host = take_host(bursts, client, time_ns);
  uint32_t lately = accepted_lately(host, time_ns);

  if (lately != host->accepted || lately == 0)
    host->half_ns = time_ns;
  host->accepted = MIN(lately, UINT32_MAX / 2) + 1;
}

/* Is the client one in front of many users? */
static bool is_server(const Bursts *bursts, const Attempt *attempt, unsigned different)
{
  const Host *host = find_host(bursts, attempt->client);

  return host &&
         (host->serves || accepted_lately(host, attempt->time_ns) > different / ACCEPTED_SHARE);
}

/* --- Requests --------------------------------------------------------------------------------- */

static bool is_watched(const Attempt *attempt)
{
  return endpoint_is_known(attempt->client) && endpoint_is_known(attempt->server) &&
         attempt->time_ns > 0;
}

static void note_aor(Bursts *bursts, const Attempt *attempt)
{
  uint64_t key = key_of(bursts, BURST_AOR, attempt);

  if (key == 0)
    return;
  Track *track = take_track(bursts, BURST_AOR, key, attempt->time_ns);
  if (attempt->via_count > track->via_count)
    return; /* sent on by a proxy: it was counted before */
  if (attempt->via_count < track->via_count)
    memset(track->halves, 0, sizeof track->halves);
  track->via_count = attempt->via_count;
  const char *address = (const char *) attempt->client->address;
  count_attempt(track, attempt, hash_of(slice_of(address, sizeof attempt->client->address)));
  note_burst(bursts, track, attempt->time_ns, true);
}

static void note_register(Bursts *bursts, const Attempt *attempt)
{
  note_aor(bursts, attempt);
  if (attempt->via_count != 1)
    return;
  Track *track =
    take_track(bursts, BURST_REGISTERS, key_of(bursts, BURST_REGISTERS, attempt), attempt->time_ns);
  count_attempt(track, attempt, hash_of(user_in(attempt->to)));
  note_burst(bursts, track, attempt->time_ns, true);
}

/* Counts, or with -1 takes back, one that was accepted among those that were refused. */
static void note_accepted_user(Bursts *bursts, const Attempt *attempt, int change)
{
  Track *track = find_track(bursts, key_of(bursts, BURST_USERS, attempt));

  if (!track)
    return;
  move_window(track, attempt->time_ns);
  track->halves[0].accepted += change;
  Burst *burst = open_burst(track, attempt->time_ns);
  if (burst && (change > 0 || burst->accepted > 0))
    burst->accepted += (uint32_t) change;
}

void bursts_note_request(Bursts *bursts, const Attempt *attempt)
{
  if (!is_watched(attempt))
    return;
  if (attempt->method == SIP_METHOD_REGISTER)
    note_register(bursts, attempt);
  if (attempt->has_credentials && attempt->via_count == 1)
    note_accepted_user(bursts, attempt, 1);
}

/* --- Final responses -------------------------------------------------------------------------- */

/* RFC 3261 21.4: the server does not know the user, or does not let in who asks. */
static bool refuses_user(uint16_t status)
{
  return status == 401 || status == 403 || status == 404 || status == 407 || status == 410 ||
         status == 484 || status == 604;
}

/* What the callee had a part in says nothing of the number. */
static bool refuses_number(uint16_t status)
{
  return status >= 400 && status != 480 && status != 486 && status != 487 && status != 600 &&
         status != 603;
}

static void note_refused_user(Bursts *bursts, const Attempt *attempt)
{
  Track *track =
    take_track(bursts, BURST_USERS, key_of(bursts, BURST_USERS, attempt), attempt->time_ns);
  Slice from = user_in(attempt->from), to = user_in(attempt->to);
  uint64_t number = number_of(to);

  count_attempt(track, attempt, hash_of(to));
  bool is_next = number != 0 && number == track->last_number + 1;
  track->halves[0].in_order += is_next;
  track->last_number = number;
  if (!slice_eq(from, to))
    set_bit(&track->halves[0].callers, 1, hash_of(from));
  uint64_t callers = track->halves[0].callers | track->halves[1].callers;
  unsigned different = count_bits(track->halves[0].bits, track->halves[1].bits);
  Burst *burst = open_burst(track, attempt->time_ns);
  if (burst)
    burst->in_order += is_next;
  note_burst(bursts, track, attempt->time_ns,
             (unsigned) __builtin_popcountll(callers) * CALLERS_SHARE <= different &&
               !is_server(bursts, attempt, different));
}

static void note_refused_number(Bursts *bursts, const Attempt *attempt)
{
  uint64_t key = key_of(bursts, BURST_NUMBER, attempt);

  if (key == 0)
    return;
  Track *track = take_track(bursts, BURST_NUMBER, key, attempt->time_ns);
  count_attempt(track, attempt, hash_of(user_in(attempt->to)));
  unsigned different = count_bits(track->halves[0].bits, track->halves[1].bits);
  note_burst(bursts, track, attempt->time_ns, !is_server(bursts, attempt, different));
}

static void note_accepted_number(Bursts *bursts, const Attempt *attempt)
{
  Track *track = find_track(bursts, key_of(bursts, BURST_NUMBER, attempt));
  Burst *burst = track ? open_burst(track, attempt->time_ns) : NULL;

  if (!burst)
    return;
  burst->accepted++;
  burst->to_ns = MAX(burst->to_ns, attempt->time_ns);
}

void bursts_note_final(Bursts *bursts, const Attempt *attempt)
{
  if (!is_watched(attempt))
    return;
  take_host(bursts, attempt->server, attempt->time_ns)->serves = true;
  if (attempt->via_count != 1)
    return;
  if (attempt->status < 300 && attempt->method != SIP_METHOD_OPTIONS) {
    note_accepted(bursts, attempt->client, attempt->time_ns);
    if (!attempt->has_credentials) /* else its request was counted */
      note_accepted_user(bursts, attempt, 1);
    if (attempt->time_ns <= bursts->watch_until_ns)
      note_accepted_number(bursts, attempt);
    return;
  }
  if (refuses_user(attempt->status) && attempt->has_credentials)
    note_accepted_user(bursts, attempt, -1);
  if (refuses_user(attempt->status))
    note_refused_user(bursts, attempt);
  if (attempt->method == SIP_METHOD_INVITE && refuses_number(attempt->status))
    note_refused_number(bursts, attempt);
}

/* --- Finding bursts --------------------------------------------------------------------------- */

/* Did what came after its beginning show that it is that of a server, or of many users? */
static bool is_refuted(const Bursts *bursts, const Track *track, const Burst *burst,
                       const Attempt *like, int64_t now_ns)
{
  const Host *host = find_host(bursts, like->client);
  bool of_client = track->kind == BURST_USERS || track->kind == BURST_NUMBER;

  if (of_client && host && host->serves)
    return true;
  return track->kind == BURST_USERS && (burst->accepted > burst->different / ACCEPTED_SHARE ||
                                        now_ns - burst->from_ns < SETTLED_AFTER_S * SECOND_NS);
}

const Burst *bursts_find(const Bursts *bursts, BurstKind kind, const Attempt *like, int64_t to_ns,
                         int64_t now_ns)
{
  bool may_be = bursts->has_any[kind] && is_watched(like);
  const Track *track = may_be ? find_track(bursts, key_of(bursts, kind, like)) : NULL;

  for (unsigned i = 0; track && i < track->burst_count; i++) {
    const Burst *burst = &track->bursts[i];
    if (like->time_ns <= burst->to_ns && to_ns >= burst->from_ns)
      return is_refuted(bursts, track, burst, like, now_ns) ? NULL : burst;
  }
  return NULL;
}
