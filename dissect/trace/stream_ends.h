/*
 * StreamEnds: which RTP streams went to an endpoint.  Filled when somebody asks.
 *
 * Two calls that follow each other with the same endpoints and SSRC have one stream, which counts
 * the packets of both and belongs to the first.  So where a call seems to lack a stream, it may
 * have been one that had begun before.
 */
#pragma once

#include "dissect/media/rtp_stream.h"

typedef struct StreamEnds StreamEnds;

/* `streams`: RtpStream by number - 1, which grows; NULL where one was discarded. */
StreamEnds *stream_ends_new(const GPtrArray *streams);
void stream_ends_free(StreamEnds *ends);

/* Had a stream to that endpoint begun before, and did it go on after that time?  Of more streams
 * than a few to one endpoint the newest are looked at. */
bool stream_ends_went_on(StreamEnds *ends, const Endpoint *dst, int64_t time_ns);
