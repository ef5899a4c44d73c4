/*
 * FramePicker: which frames make up the messages of chosen calls: all fragments and segments that
 * carried their bytes, also those that were sent again, beginning and end of their connections,
 * and, where that is wanted, their media.
 *
 * It walks the input a second time, with decoder and carrier of its own, and recognizes a message
 * of a chosen call by its Call-ID, or by Call-ID and frame.  Where a message is compressed with
 * what its connection carried before (RFC 7692 7.2.3.2), all of that is chosen, too.  Feed it the
 * frames that the pipeline got, in the same order, and pull those that are chosen: in that order
 * (FrameChoice.wait_ns), and without bytes (Frame.ref finds them).
 */
#pragma once

#include "capture/hash.h"
#include "dissect/pick/frame_memory.h"
#include "dissect/pick/media_ends.h"
#include "dissect/trace/setup.h"

typedef struct FramePicker FramePicker;

typedef struct {
  /* Call.id.low of calls that are chosen, and message_mark of messages that are where other calls
   * have the same Call-ID, or the call has several; NULL: all. */
  const HashSet *calls;
  bool by_call;   /* `calls` has their numbers as values: a frame is picked once for each of its */
  uint64_t frame; /* Message.frame, when only messages that ended in that frame are; else 0 */
  uint64_t seed;  /* pipeline_seed, of the same run */
  MediaEnds *media; /* NULL: none are wanted */
  bool with_keys;   /* frame_picker_take_keys is wanted */
  int64_t wait_ns;  /* for older frames that may still be chosen; 0: until all come in order */
} FrameChoice;

/* What `choice` points to must live as long.  `setup`: as the pipeline got it, with a source that
 * reads again; the caller reads it. */
FramePicker *frame_picker_new(const FrameChoice *choice, const Setup *setup);
void frame_picker_free(FramePicker *picker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FramePicker, frame_picker_free)

/* Of a batch, before its frames. */
void frame_picker_add_keys(FramePicker *picker, const SecretsList *secrets);

void frame_picker_feed(FramePicker *picker, const Frame *frame);

/* Appends the lines of a TLS key log that open what was chosen since the last call, each once over
 * all calls.  The text is secret. */
void frame_picker_take_keys(FramePicker *picker, GString *to);

/* Time has passed up to the last frame; once for each batch. */
void frame_picker_expire(FramePicker *picker);

/* It is that time, though no frame has come: older ones are not waited for. */
void frame_picker_note_time(FramePicker *picker, int64_t now_ns);

/* Nothing more is fed. */
void frame_picker_end(FramePicker *picker);

/* Chosen messages that cannot be read in what was chosen: they are compressed with earlier ones,
 * which are too many, or too far back. */
uint64_t frame_picker_unreadable(const FramePicker *picker);

/* The next chosen frame, without bytes; false when none is ready.  Pull them after each batch, and
 * after the end. */
bool frame_picker_next(FramePicker *picker, PickedFrame *ret_frame);
