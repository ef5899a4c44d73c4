/*
 * Diagnosis: what happened in one call, computed on demand.
 */
#pragma once

#include "dissect/diagnose/call_path.h"
#include "dissect/diagnose/media_findings.h"

/* For a whole capture; make a new one when streams or calls were added. */
typedef struct Diagnoser {
  const Trace *trace;
  const StoreSet *stores; /* NULL: messages cannot be read again */
  MediaHosts *hosts;
} Diagnoser;

/* The trace should follow media (trace_follow_media).  Without stores (NULL) nothing is said of
 * what only the header fields show. */
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
  const char *sentence; /* the first finding, or the result without any */
} Diagnosis;

/* Texts and the path are in the arena. */
void diagnose_call(const Diagnoser *diagnoser, const Call *call, Arena *arena,
                   Diagnosis *ret_diagnosis);
void diagnosis_clear(Diagnosis *diagnosis);

/* Direction of a line as the side that offered it sees it: "sendrecv", ... */
const char *diagnosis_direction(const MediaLine *offer, const MediaLine *answer);
