/*
 * StreamEnds: which RTP streams went to an endpoint.  Filled when it is first asked.
 *
 * Two calls that follow each other with the same endpoints and SSRC have one stream, which counts
 * the packets of both and belongs to the first.  So where a call seems to lack a stream, it may
 * have been one that had begun before.
 */
#pragma once

#include "dissect/media/rtp_stream.h"

typedef struct StreamEnds StreamEnds;

/* Streams to one endpoint that are looked at: the newest ones. */
enum { STREAM_ENDS_LOOKS = 16 };

/* `streams`: RtpStream by number - 1, which grows; NULL where one was discarded. */
StreamEnds *stream_ends_new(const GPtrArray *streams);
void stream_ends_free(StreamEnds *ends);

/* The streams to that endpoint that had begun before that time and went on after it, the newest
 * first; returns how many. */
size_t stream_ends_across(StreamEnds *ends, const Endpoint *dst, int64_t time_ns,
                          const RtpStream *ret_streams[STREAM_ENDS_LOOKS]);
