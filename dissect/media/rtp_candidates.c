#include "dissect/media/rtp_candidates.h"

enum {
  WAYS = 4, /* entries of a bucket */
  BUCKETS_FIRST = 256,
};

/* An entry that waits for longer is not missed: its stream would have gone on. */
static const int64_t YOUNG_NS = INT64_C(1000) * 1000 * 1000;

typedef struct {
  uint64_t hash; /* 0: free */
  RtpCandidate candidate;
} Entry;

struct RtpCandidates {
  Entry *entries; /* `buckets` times WAYS */
  size_t buckets, buckets_max;
};

RtpCandidates *rtp_candidates_new(size_t limit)
{
  RtpCandidates *candidates = g_new0(RtpCandidates, 1);

  candidates->buckets = candidates->buckets_max = BUCKETS_FIRST;
  while (candidates->buckets_max * WAYS * 2 <= limit)
    candidates->buckets_max *= 2;
  candidates->entries = g_new0(Entry, candidates->buckets * WAYS);
  return candidates;
}

void rtp_candidates_free(RtpCandidates *candidates)
{
  if (!candidates)
    return;
  g_free(candidates->entries);
  g_free(candidates);
}

static Entry *bucket_of(const RtpCandidates *candidates, uint64_t hash)
{
  return &candidates->entries[(hash & (candidates->buckets - 1)) * WAYS];
}

/* The entry of that hash, else a free one, else the oldest. */
static Entry *find(const RtpCandidates *candidates, uint64_t hash)
{
  Entry *bucket = bucket_of(candidates, hash), *place = bucket;

  for (size_t i = 0; i < WAYS; i++) {
    Entry *entry = &bucket[i];
    if (entry->hash == hash)
      return entry;
    if (place->hash != 0 &&
        (entry->hash == 0 || entry->candidate.first.time_ns < place->candidate.first.time_ns))
      place = entry;
  }
  return place;
}

/* Each bucket becomes two, so that all entries have room. */
static void grow(RtpCandidates *candidates)
{
  size_t count = candidates->buckets * WAYS;
  g_autofree Entry *old = candidates->entries;

  candidates->buckets *= 2;
  candidates->entries = g_new0(Entry, candidates->buckets * WAYS);
  for (size_t i = 0; i < count; i++)
    if (old[i].hash != 0)
      *find(candidates, old[i].hash) = old[i];
}

static void wait_for_next(RtpCandidates *candidates, uint64_t hash, const RtpArrival *arrival)
{
  Entry *entry = find(candidates, hash);

  while (entry->hash != 0 && entry->hash != hash && candidates->buckets < candidates->buckets_max &&
         arrival->time_ns - entry->candidate.first.time_ns < YOUNG_NS) {
    grow(candidates);
    entry = find(candidates, hash);
  }
  *entry = (Entry){.hash = hash, .candidate = {.first = *arrival}};
  Slice payload = slice_head(arrival->rtp.payload, sizeof entry->candidate.payload);
  if (payload.len > 0)
    memcpy(entry->candidate.payload, payload.data, payload.len);
  entry->candidate.first.rtp.payload.len = payload.len;
}

/* Do both fit into one stream, whatever its clock rate?  An SSRC is random (RFC 3550 8.1): a small
 * one may be a counter or flags of something else, and must be followed in step. */
static bool is_proof(const RtpArrival *a, const RtpArrival *b)
{
  enum { FORWARD = 50, BACK = 5, SMALL_SSRC = 1 << 16, RATE_MAX = 192000, SLACK_S = 2 };
  int16_t steps = (int16_t) (b->rtp.seq - a->rtp.seq);
  int32_t moved = (int32_t) (b->rtp.timestamp - a->rtp.timestamp);
  double seconds = (double) (b->time_ns - a->time_ns) / 1e9;

  if (steps == 0 || steps > FORWARD || steps < -BACK)
    return false;
  if (a->rtp.is_padding_wrong || b->rtp.is_padding_wrong)
    return false;
  if (b->rtp.payload_type != a->rtp.payload_type && steps != 1)
    return false;
  if (a->rtp.ssrc < SMALL_SSRC && (steps != 1 || moved <= 0))
    return false;
  if (steps < 0)
    moved = -moved;
  return moved >= 0 && moved <= (ABS(seconds) + SLACK_S) * RATE_MAX;
}

static bool is_copy(const RtpArrival *a, const RtpArrival *b)
{
  return a->rtp.seq == b->rtp.seq && a->rtp.timestamp == b->rtp.timestamp &&
         a->rtp.payload_type == b->rtp.payload_type && a->payload_bytes == b->payload_bytes;
}

bool rtp_candidates_prove(RtpCandidates *candidates, uint64_t hash, const RtpArrival *arrival,
                          RtpCandidate *ret_before)
{
  hash = MAX(hash, UINT64_C(1)); /* 0 is a free entry */
  Entry *entry = find(candidates, hash);
  if (entry->hash == hash && is_copy(&entry->candidate.first, arrival)) {
    entry->candidate.copies += entry->candidate.copies < UINT16_MAX;
    return false;
  }
  if (entry->hash == hash && is_proof(&entry->candidate.first, arrival)) {
    *ret_before = entry->candidate;
    ret_before->first.rtp.payload.data = ret_before->payload;
    entry->hash = 0;
    return true;
  }
  wait_for_next(candidates, hash, arrival);
  return false;
}
