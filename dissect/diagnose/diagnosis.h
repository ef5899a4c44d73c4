/*
 * Diagnosis: what happened in one call, computed on demand.
 */
#pragma once

#include "dissect/diagnose/call_case.h"
#include "dissect/diagnose/call_path.h"
#include "dissect/diagnose/media_findings.h"

/* For a whole capture, while it grows. */
typedef struct Diagnoser {
  const Trace *trace;
  const StoreSet *stores;
  EndpointNames names; /* set by whoever has aliases */
  CaptureIndex *index;
  MediaHosts *hosts;
} Diagnoser;

/* The trace should follow media (trace_follow_media).  `stores` may be NULL: rules that have to
 * read a message say nothing then. */
Diagnoser *diagnoser_new(const Trace *trace, const StoreSet *stores);
void diagnoser_free(Diagnoser *diagnoser);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Diagnoser, diagnoser_free)

typedef struct {
  CallSummary summary;
  const MediaCall *media; /* NULL: it has no session descriptions */
  GArray *streams;        /* CallStream */
  CallPath path;
  FindingList findings; /* those that matter most first */
  const char *result;   /* how the call went, and the first two of its streams */
  const char *sentence; /* of the verdict (finding_verdict), or the result without one */
} Diagnosis;

/* Texts and the path are in the arena. */
void diagnose_call(const Diagnoser *diagnoser, const Call *call, Arena *arena,
                   Diagnosis *ret_diagnosis);
void diagnosis_clear(Diagnosis *diagnosis);

/* Direction of a line as the side that offered it sees it: "sendrecv", ... */
const char *diagnosis_direction(const MediaLine *offer, const MediaLine *answer);
