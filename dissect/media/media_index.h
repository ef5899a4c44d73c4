/*
 * MediaIndex: who claims an endpoint or an SSRC, and since when.
 *
 * Claims are added in the order of messages, and found by binary search: a port that 10^5 calls
 * have used one after the other costs no more than one that was used once.
 */
#pragma once

#include "dissect/media/media_sdp.h"

typedef struct {
  int64_t from_ns;  /* not before that of the claim before */
  uint32_t call;    /* 0: given up */
  uint32_t message; /* whose description it is; not before that of the claim before */
  const MediaLine *line;
  uint8_t side; /* of the call: MediaSide */
  bool is_rtcp, is_tcp;
} MediaClaim;

typedef struct {
  size_t count;
  const MediaClaim *claims; /* in order of time; valid until the next change */
} MediaClaims;

typedef struct MediaIndex MediaIndex;

MediaIndex *media_index_new(void);
void media_index_free(MediaIndex *index);

void media_index_add(MediaIndex *index, const Endpoint *endpoint, const MediaClaim *claim);
void media_index_add_ssrc(MediaIndex *index, uint32_t ssrc, const MediaClaim *claim);

/* Gives up what that message of the call, which is not 0, claims there. */
void media_index_remove(MediaIndex *index, const Endpoint *endpoint, uint32_t call,
                        uint32_t message);
void media_index_remove_ssrc(MediaIndex *index, uint32_t ssrc, uint32_t call, uint32_t message);

/* Those from the beginning up to that time; all with INT64_MAX. */
MediaClaims media_index_until(const MediaIndex *index, const Endpoint *endpoint, int64_t time_ns);
MediaClaims media_index_ssrc_until(const MediaIndex *index, uint32_t ssrc, int64_t time_ns);
