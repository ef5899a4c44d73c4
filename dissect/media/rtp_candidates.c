#include "dissect/media/rtp_candidates.h"

enum {
  WAYS = 8, /* entries of a bucket: their hashes are one cache line */
  BUCKETS_FIRST = 128,
};

/* An entry that waits for longer is not missed: its stream would have gone on. */
static const int64_t YOUNG_NS = INT64_C(1000) * 1000 * 1000;

/* An entry is an index into both arrays; those of a bucket follow one another. */
struct RtpCandidates {
  uint64_t *hashes; /* 0: free */
  RtpCandidate *entries;
  size_t buckets, buckets_max;
};

static void allocate(RtpCandidates *candidates, size_t buckets)
{
  candidates->buckets = buckets;
  candidates->hashes = g_new0(uint64_t, buckets * WAYS);
  candidates->entries = g_new(RtpCandidate, buckets * WAYS);
}

RtpCandidates *rtp_candidates_new(size_t limit)
{
  RtpCandidates *candidates = g_new0(RtpCandidates, 1);

  allocate(candidates, BUCKETS_FIRST);
  candidates->buckets_max = BUCKETS_FIRST;
  while (candidates->buckets_max * WAYS * 2 <= limit)
    candidates->buckets_max *= 2;
  return candidates;
}

void rtp_candidates_free(RtpCandidates *candidates)
{
  if (!candidates)
    return;
  g_free(candidates->hashes);
  g_free(candidates->entries);
  g_free(candidates);
}

static int64_t time_of(const RtpCandidates *candidates, size_t entry)
{
  return candidates->entries[entry].first.time_ns;
}

/* The entry of that hash, else a free one, else the oldest of its bucket. */
static size_t find(const RtpCandidates *candidates, uint64_t hash)
{
  size_t first = (size_t) (hash & (candidates->buckets - 1)) * WAYS, place = first;
  const uint64_t *hashes = candidates->hashes;

  for (size_t entry = first; entry < first + WAYS; entry++)
    if (hashes[entry] == hash)
      return entry;
  for (size_t entry = first; entry < first + WAYS && hashes[place] != 0; entry++)
    if (hashes[entry] == 0 || time_of(candidates, entry) < time_of(candidates, place))
      place = entry;
  return place;
}

/* Each bucket becomes two, so that all entries have room. */
static void grow(RtpCandidates *candidates)
{
  size_t count = candidates->buckets * WAYS;
  g_autofree uint64_t *hashes = candidates->hashes;
  g_autofree RtpCandidate *entries = candidates->entries;

  allocate(candidates, candidates->buckets * 2);
  for (size_t i = 0; i < count; i++) {
    if (hashes[i] == 0)
      continue;
    size_t entry = find(candidates, hashes[i]);
    candidates->hashes[entry] = hashes[i];
    candidates->entries[entry] = entries[i];
  }
}

static void wait_for_next(RtpCandidates *candidates, uint64_t hash, const RtpArrival *arrival)
{
  size_t entry = find(candidates, hash);

  while (candidates->hashes[entry] != 0 && candidates->hashes[entry] != hash &&
         candidates->buckets < candidates->buckets_max &&
         arrival->time_ns - time_of(candidates, entry) < YOUNG_NS) {
    grow(candidates);
    entry = find(candidates, hash);
  }
  RtpCandidate *candidate = &candidates->entries[entry];
  Slice payload = slice_head(arrival->rtp.payload, sizeof candidate->payload);
  candidates->hashes[entry] = hash;
  *candidate = (RtpCandidate){.first = *arrival};
  if (payload.len > 0)
    memcpy(candidate->payload, payload.data, payload.len);
  candidate->first.rtp.payload.len = payload.len;
}

/* Do both fit into one stream, whatever its clock rate?  An SSRC is random (RFC 3550 8.1): a small
 * one may be a counter or flags of something else, and must be followed in step. */
static bool is_proof(const RtpArrival *a, const RtpArrival *b)
{
  enum { FORWARD = 50, BACK = 5, SMALL_SSRC = 1 << 16, RATE_MAX = 192000, SLACK_S = 2 };
  int16_t steps = (int16_t) (b->rtp.seq - a->rtp.seq);
  uint32_t forward = b->rtp.timestamp - a->rtp.timestamp;
  int32_t moved = (int32_t) (steps < 0 ? 0 - forward : forward);
  double seconds = (double) (b->time_ns - a->time_ns) / 1e9;

  if (steps == 0 || steps > FORWARD || steps < -BACK)
    return false;
  if (a->rtp.is_padding_wrong || b->rtp.is_padding_wrong)
    return false;
  if (b->rtp.payload_type != a->rtp.payload_type && steps != 1)
    return false;
  if (a->rtp.ssrc < SMALL_SSRC && (steps != 1 || moved <= 0))
    return false;
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
  size_t entry = find(candidates, hash);
  RtpCandidate *waiting = candidates->hashes[entry] == hash ? &candidates->entries[entry] : NULL;
  if (waiting && is_copy(&waiting->first, arrival)) {
    waiting->copies += waiting->copies < UINT16_MAX;
    return false;
  }
  if (!waiting || !is_proof(&waiting->first, arrival)) {
    wait_for_next(candidates, hash, arrival);
    return false;
  }
  *ret_before = *waiting;
  ret_before->first.rtp.payload.data = ret_before->payload;
  candidates->hashes[entry] = 0;
  return true;
}
