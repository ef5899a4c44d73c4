/*
 * Trace: owner of the model and of its limits.  One thread owns it; no locks.
 *
 * Feed it batches of the pipeline; then read calls, or what one arrival became.
 */
#pragma once

#include "capture/store.h"
#include "dissect/media/media_book.h"
#include "dissect/media/rtp_streams.h"
#include "dissect/sip/sip_msg.h"
#include "dissect/trace/arrival.h"
#include "dissect/trace/bursts.h"
#include "dissect/trace/copiers.h"
#include "dissect/trace/correlation.h"
#include "dissect/trace/message.h"
#include "dissect/trace/notes.h"
#include "dissect/trace/remarks.h"
#include "dissect/trace/summary.h"
#include "dissect/verify/verifier.h"

/* Every table that input can grow; at the limit of calls or messages the oldest finished call goes
 * first. */
typedef struct {
  uint32_t calls;
  uint32_t messages;  /* records kept, of all calls */
  uint32_t endpoints; /* distinct; those beyond share one that is shown as "others" */
  uint32_t methods;   /* distinct unknown ones; those beyond are counted as one */
  uint32_t streams;   /* of RTP; at the limit one that was silent for long goes */
  PacketLimits packets;
  CarrierLimits carrier;
} Limits;

extern const Limits LIMITS_DEFAULT;

enum { STATUS_MAX = 700 };

/* Counts over the whole input, including those of discarded calls. */
typedef struct {
  uint64_t packets, bytes;
  uint64_t undecoded_packets; /* of any kind */
  Undecoded undecoded;
  uint64_t lost_fragments;   /* that never became part of a whole datagram */
  uint64_t skipped_octets;   /* of streams, while searching for a start-line */
  uint64_t ignored_segments; /* of TCP: no receiver would have taken them */
  uint64_t dropped_packets;  /* live: that the kernel or an interface lost */
  uint64_t messages, requests, responses, retransmissions, duplicates, malformed, incomplete;
  uint64_t call_ids, invite_calls, dialogs;
  uint64_t statuses[STATUS_MAX];
  uint64_t transports[TRANSPORT_COUNT];
  uint64_t outcomes[OUTCOME_COUNT]; /* of evicted calls started by INVITE */
  uint64_t effective;               /* of those: call_summary_is_effective */
  uint64_t evicted_calls;
  uint64_t evicted_streams;
  int64_t first_ns, last_ns; /* of any packet; TIME_NONE if there was none */
} TraceStats;

typedef struct Trace Trace;

Trace *trace_new(const Limits *limits);
void trace_free(Trace *trace);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Trace, trace_free)

/* `arrivals` are filed next, one after the other, and there are `count` of them: a hint that has
 * their records fetched from memory while the first ones are filed. */
void trace_expect(const Trace *trace, const Arrival *arrivals, size_t count);

/* From now on the stores hold what messages refer to until their calls are evicted
 * (store_set_hold).  For a trace that has none yet. */
void trace_hold_octets(Trace *trace, StoreSet *stores);

/* Must calls be evicted before a message is added?  trace_add evicts no more than it must. */
bool trace_is_full(const Trace *trace, const Arrival *arrival);

/* Chooses at most so many calls that are next at a limit; says how many.  They can be looked at
 * until trace_evict_chosen, which must follow before anything is added; *ret_calls is the
 * trace's. */
size_t trace_choose(Trace *trace, size_t most, Call *const **ret_calls);
void trace_evict_chosen(Trace *trace);

/* The calls of these numbers are evicted only when all the others are gone; those that were pinned
 * before are no more. */
void trace_set_pinned(Trace *trace, const uint32_t *numbers, size_t count);

/* Keeps the offers and answers of all calls from now on, and reads again those that there were, so
 * that the call of a stream can be found. */
void trace_follow_media(Trace *trace, const StoreSet *stores);
/* NULL unless they are kept. */
const MediaBook *trace_media(const Trace *trace);

/* What can be proven of the messages, taken over; NULL: nothing. */
void trace_set_verifier(Trace *trace, Verifier *verifier);
Verifier *trace_verifier(const Trace *trace);

/* What users wrote about its calls, to be read and changed; at first nothing. */
Remarks *trace_remarks(const Trace *trace);

/* Those of all calls that there are now, in a book of their own. */
MediaBook *trace_read_media(const Trace *trace, const StoreSet *stores);
/* Those of the first messages of one call. */
MediaBook *call_read_media(const Call *call, size_t most, const StoreSet *stores);

/* Numbers of the RTP streams that belong to the call; some may be of streams that were discarded.
 * Valid until the next question; none unless offers and answers are kept. */
size_t trace_call_streams(const Trace *trace, const Call *call, const uint32_t **ret_numbers);

/* Files one message, after its packets' times were noted; what it became stays valid until its
 * call is evicted. */
const Message *trace_add(Trace *trace, const Arrival *arrival);

/* Files a line of a log, whose text lies at note->ref, for calls with that Call.id. */
void trace_add_note(Trace *trace, const Key *id, const HepPacket *copy, const Note *note);

/* The lines of logs about the call, by time: of its Call-ID, until it is used for another call.
 * Valid until one is added. */
size_t trace_notes(const Trace *trace, const Call *call, const Note **ret_notes);

/* Lines of logs that were filed; of these about calls that are not there, and those dropped. */
typedef struct {
  uint64_t all, alone, dropped;
} NoteCounts;

NoteCounts trace_note_counts(const Trace *trace);

/* Who sent it. */
const Copier *trace_note_sender(const Trace *trace, const Note *note);

/* Its text, at most NOTE_TEXT_MAX bytes of it, without the line's end, in `scratch`; says so if it
 * cannot be read. */
Slice trace_note_text(const Note *note, const StoreSet *stores, Arena *scratch);

/* Counts packets and moves the trace's time on. */
void trace_note_packets(Trace *trace, uint64_t packets, uint64_t bytes);
/* All over the whole input so far. */
void trace_note_losses(Trace *trace, uint64_t lost_fragments, uint64_t skipped_octets,
                       uint64_t dropped_packets);
void trace_note_ignored(Trace *trace, uint64_t segments);
void trace_note_undecoded(Trace *trace, const Undecoded *undecoded);
void trace_note_tls(Trace *trace, const TlsTable *tls);
void trace_note_time(Trace *trace, int64_t first_ns, int64_t last_ns);

/* Takes over the records of streams that changed, and empties the arrays. */
void trace_note_streams(Trace *trace, const RtpNews *news);

/* RTP streams in the order in which they were found, from 0; NULL where one was discarded. */
size_t trace_stream_count(const Trace *trace);
const RtpStream *trace_stream_at(const Trace *trace, size_t index);

/* The newest stream from its destination to its source, or NULL. */
const RtpStream *trace_stream_reverse(const Trace *trace, const RtpStream *stream);

/* True if a stream of an earlier call may also be the one from a line to another (stream_ends.h):
 * it goes there, may come from the same side, and was not interrupted at that time. */
bool trace_stream_went_on(const Trace *trace, const MediaLine *from, const MediaLine *to,
                          int64_t time_ns);

/* The calls whose session descriptions name the stream, the newest first; see media_book_owners. */
size_t trace_stream_owners(const Trace *trace, const RtpStream *stream,
                           MediaOwner ret_owners[MEDIA_OWNERS_MAX]);

/* The newest call that announced one of the ends of RTCP between them, at that time; NULL if there
 * is none, or offers and answers are not kept. */
const Call *trace_media_call(const Trace *trace, const Endpoint *src, const Endpoint *dst,
                             int64_t time_ns);

/* Calls in order of appearance, from 0; NULL where one was evicted. */
size_t trace_call_count(const Trace *trace);
const Call *trace_call_at(const Trace *trace, size_t index);

/* By Call.number; NULL if there is none, or it was evicted. */
static inline const Call *trace_call(const Trace *trace, uint32_t number)
{
  return number > 0 && number <= trace_call_count(trace) ? trace_call_at(trace, number - 1) : NULL;
}

/* What whoever counts calls keeps with a call, 0 at first (ui/show/tally.h). */
void trace_set_tally(Trace *trace, uint32_t number, uint64_t tally);

/* "gb-query", "gb-control" or "gb-notify" of an exchange of GB/T 28181; NULL of any other call. */
const char *call_exchange_kind(const Call *call);

/* The burst of that kind that the requests of the call belong to; NULL if there is none.  Valid
 * until a message is added. */
const Burst *trace_burst(const Trace *trace, const Call *call, BurstKind kind);
/* See bursts_left_out. */
uint64_t trace_bursts_left_out(const Trace *trace);

/* The trace's time: the latest of any packet. */
int64_t trace_now(const Trace *trace);

/* Of Message.src and .dst. */
const Endpoint *trace_endpoint(const Trace *trace, uint32_t id);

/* Who copied the message; NULL when it was captured itself. */
const Copier *trace_copier(const Trace *trace, const Message *message);

/* Those who copied anything so far, by index; the last one may stand for all others. */
size_t trace_copier_count(const Trace *trace);
const Copier *trace_copier_at(const Trace *trace, size_t index);

/* Calls and messages that are kept. */
uint32_t trace_kept_calls(const Trace *trace);
uint32_t trace_kept_messages(const Trace *trace);

/* Of Message.method: "INVITE", or the text of an unknown one. */
Slice trace_method_name(const Trace *trace, uint16_t method);
/* Ids below this are valid; SIP_METHOD_NONE and SIP_METHOD_OTHER are among them. */
uint16_t trace_method_count(const Trace *trace);
/* Messages that are requests of that method, and transactions that it began. */
uint64_t trace_method_requests(const Trace *trace, uint16_t method);
uint64_t trace_method_transactions(const Trace *trace, uint16_t method);

/* The TLS connections that have ended; changes as the trace does. */
const TlsTable *trace_tls(const Trace *trace);

/* Changes as the trace does. */
const TraceStats *trace_counts(const Trace *trace);

/*
 * Call-ID, From URI or To URI of the call, whole: a long one is read again, into `scratch`; where
 * that cannot be done, its beginning and "...".
 */
Slice call_text(const Call *call, CallText which, const StoreSet *stores, Arena *scratch);

/* The parts of it, beside call_text_kept: the message that has the whole text (NULL: what is kept
 * is whole), the text of a message, and what is shown when that cannot be read. */
const Message *call_text_message(const Call *call, CallText which);
Slice call_text_in(const SipMsg *sip, CallText which);
Slice call_text_shortened(const Call *call, CallText which, Arena *scratch);

/* Is that its Call-ID, all of it? */
bool call_has_id(const Trace *trace, const Call *call, Slice id);

/*
 * Reads a message's bytes into `scratch`, parses them again and decodes the content.  Fails if the
 * store cannot be read (a file that was changed or removed meanwhile).
 */
G_GNUC_WARN_UNUSED_RESULT bool message_load(const Message *message, const StoreSet *stores,
                                            Arena *scratch, SipMsg *ret_msg, GError **error);
