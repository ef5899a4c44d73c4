/*
 * Captures: the capture files that an assistant has opened, each read into memory as a whole.
 *
 * Only regular files in the folders named at the start, and below them, can be opened; a symbolic
 * link counts as what it leads to.  At most CAPTURES_MAX are open: a further one closes the one
 * that was not used for the longest time.  Each has a share of the memory and disk that one
 * capture could have.
 */
#pragma once

#include "dissect/diagnose/conversations.h"
#include "dissect/ingest/run.h"

enum { CAPTURES_MAX = 4 };

typedef struct {
  uint32_t number; /* from 1, never used again */
  char *path;      /* without links */
  Run run;
  Conversations *conversations;
  uint64_t used; /* larger: used later */
} Capture;

/* Makes what checks signatures and passwords, for one trace; NULL: nothing does.  May fail. */
typedef bool (*CapturesVerifier)(const void *data, Verifier **ret_verifier, GError **error);

typedef struct {
  const char *const *folders; /* NULL-terminated, must outlive it */
  SourceOptions source;       /* the same; its inputs are not used */
  Limits limits;              /* of one capture */
  uint64_t disk_limit;        /* the same; 0: none */
  bool is_confined;           /* see Run */
  CapturesVerifier verifier;  /* or NULL */
  const void *verifier_data;
} CapturesSetup;

typedef struct Captures Captures;

/* Fails when one of the folders is none. */
G_GNUC_WARN_UNUSED_RESULT Captures *captures_new(const CapturesSetup *setup, GError **error);
void captures_free(Captures *captures);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Captures, captures_free)

/* Reads a file to its end.  A relative path is below one of the folders, or else below the current
 * one.  What was read already is read again, and the old capture closed. */
G_GNUC_WARN_UNUSED_RESULT Capture *captures_open(Captures *captures, const char *path,
                                                 GError **error);

/* NULL: it is not open (any more). */
Capture *captures_find(Captures *captures, uint32_t number);
