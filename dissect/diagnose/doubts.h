/*
 * Doubts: what a capture, or what it has of one call, may lack: dropped and cut packets, gaps, one
 * direction only, media that were not captured, no beginning or no end.
 *
 * Sentences in the arena; nothing is guessed: each names what was counted or seen.
 */
#pragma once

#include "capture/language.h"
#include "dissect/diagnose/call_path.h"
#include "dissect/media/media_book.h"

enum { DOUBTS_MAX = 10 };

typedef struct {
  const char *items[DOUBTS_MAX];
  size_t count;
  bool lacks_media; /* of a call: the last of them is DOUBT_NO_MEDIA, which is so of all calls */
} Doubts;

#define DOUBT_NO_MEDIA _("no RTP of any call was captured: a capture filter may have left it out")

/* Adds those about all of the capture: costs no walk over its calls. */
void doubts_add_capture(const Trace *trace, Arena *arena, Doubts *doubts);

typedef struct {
  const Trace *trace;
  const Call *call;
  const CallSummary *summary;
  const MediaCall *media;     /* NULL: it has no session descriptions */
  const CallReading *reading; /* of its messages */
} DoubtfulCall;

/* Adds those about that call. */
void doubts_add_call(const DoubtfulCall *of, Arena *arena, Doubts *doubts);

/* Was all of it sent in one direction, though some of that is only sent when there were answers?
 * Linear in the messages that were read. */
bool call_is_one_way(const Call *call);

/* Is something missing in the capture that may weaken what is said of calls?  Cheap. */
bool capture_is_incomplete(const Trace *trace);
