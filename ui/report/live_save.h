/*
 * LiveSave: writes the packets of selected calls while the capture goes on, so that they are in the
 * file whatever ends the program.
 *
 * A call that is selected for good as it is now has its packets written as they come, its media,
 * too; one that may still change is asked once it is over.  What was captured of a call before it
 * was selected is written by another pass over the spool, now and then.  Calls that have to go are
 * asked before they do.  What this leaves out (open
 * calls, retransmissions before the pass) a PacketSave with the same sink adds at the end, which
 * knows what was written.  With a sink that is split, there is nothing for it to add: finishing
 * does that.
 */
#pragma once

#include "ui/report/packet_save.h"

typedef struct LiveSave LiveSave;

/* What `input` and `options` point to must outlive it; the options have a sink.  With media the
 * trace follows them (trace_follow_media). */
LiveSave *live_save_new(const PacketSaveInput *input, const PacketSaveOptions *options);
void live_save_free(LiveSave *save);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LiveSave, live_save_free)

/* A message was added to the trace. */
void live_save_message(LiveSave *save, const Message *message);

/* The frames of a batch, whose messages were added. */
void live_save_frames(LiveSave *save, const FrameBatch *batch);

/* What is due: a few milliseconds of work.  `now_ns`: the time of the capture.  False once
 * something could not be written. */
bool live_save_tick(LiveSave *save, int64_t now_ns);

/* Calls that are evicted next: those that are selected as they are now are written at once, however
 * long that takes. */
void live_save_leaving(LiveSave *save, Call *const *calls, size_t count);

/* Calls that were evicted before they were over and were not selected by then, so that it is not
 * known whether they were to be written. */
uint64_t live_save_undecided(const LiveSave *save);

/* Nothing more comes.  False if something could not be written. */
G_GNUC_WARN_UNUSED_RESULT bool live_save_finish(LiveSave *save, GError **error);
