/*
 * CallStreams: which RTP streams belong to which call, by the MediaBook.
 *
 * Owners are computed on demand, for the streams that have changed since; a stream of which both
 * ends are known is settled.  The trace owns it.
 */
#pragma once

#include "dissect/media/media_book.h"
#include "dissect/media/rtp_stream.h"

typedef struct CallStreams CallStreams;

/* Both must outlive it.  `streams`: RtpStream by number - 1, NULL where one was discarded. */
CallStreams *call_streams_new(MediaBook *book, const GPtrArray *streams);
void call_streams_free(CallStreams *table);

/* The stream of that number has changed. */
void call_streams_note(CallStreams *table, uint32_t stream);

/* The call was evicted. */
void call_streams_forget(CallStreams *table, uint32_t call);

/* Numbers of the call's streams, in the order in which they were found to be its own; some may be
 * of streams that were discarded.  Valid until the next call. */
size_t call_streams_of(CallStreams *table, uint32_t call, const uint32_t **ret_numbers);

/* Who owns the stream now: see media_book_owners. */
size_t call_streams_owners(CallStreams *table, const RtpStream *stream,
                           MediaOwner ret_owners[MEDIA_OWNERS_MAX]);
