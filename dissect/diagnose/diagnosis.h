/*
 * Diagnosis: what happened in one call, computed on demand.
 */
#pragma once

#include "dissect/diagnose/call_case.h"
#include "dissect/diagnose/call_path.h"
#include "dissect/diagnose/doubts.h"
#include "dissect/diagnose/media_findings.h"
#include "dissect/diagnose/session_events.h"

typedef struct DiagnosesAhead DiagnosesAhead;

/* For a whole capture, while it grows. */
typedef struct Diagnoser {
  const Trace *trace;
  const StoreSet *stores;
  EndpointNames names; /* set by whoever has aliases */
  CaptureIndex *index;
  RegisterMemo *registers;
  MediaHosts *hosts;
  DiagnosesAhead *ahead; /* or NULL */
  SessionsWanted sessions;
} Diagnoser;

/* While the trace does not follow media (trace_follow_media), the session descriptions of a call
 * are read again when it is diagnosed.  `stores` may be NULL: rules that have to read a message say
 * nothing then. */
Diagnoser *diagnoser_new(const Trace *trace, const StoreSet *stores);
void diagnoser_free(Diagnoser *diagnoser);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Diagnoser, diagnoser_free)

/* These calls will be diagnosed next, in this order, and until then neither the trace nor the
 * diagnoser changes: threads work ahead.  `calls`: const Call *; becomes the diagnoser's. */
void diagnoser_work_ahead(Diagnoser *diagnoser, GArray *calls);

typedef struct {
  CallSummary summary;
  const MediaCall *media; /* NULL: it has no session descriptions */
  MediaBook *own_book;    /* that it is in, or NULL: it is in the trace's */
  GArray *streams;        /* CallStream */
  CallPath *path;
  CallCase *call_case; /* private: as the rules look at it */
  SessionEvents session;
  Doubts doubts;        /* about what the capture has of this call */
  const char *result;   /* how the call went, and the first two of its streams */
  const char *sentence; /* of the verdict (finding_verdict), or the result without one */
  FindingList findings; /* those that matter most first; the last, since it is large */
} Diagnosis;

/* Texts and the path are in the arena; it is valid until the next call is diagnosed. */
void diagnose_call(const Diagnoser *diagnoser, const Call *call, Arena *arena,
                   Diagnosis *ret_diagnosis);
void diagnosis_clear(Diagnosis *diagnosis);

/* Direction of a line as the side that offered it sees it: "sendrecv", ... */
const char *diagnosis_direction(const MediaLine *offer, const MediaLine *answer);
