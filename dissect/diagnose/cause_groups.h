/*
 * CauseGroups: the causes of many calls, counted: the first finding of each call, with where it
 * was and its status.
 */
#pragma once

#include "dissect/diagnose/finding.h"

enum { CAUSE_EXAMPLES = 3 };

/* Calls with the same cause; `where` of ADDRESS_NONE and `status` 0 where there is none.  Those
 * that a database has counted have no numbers: no examples, but the Call-ID of the first. */
typedef struct {
  FindingId id;
  unsigned status;
  Endpoint where;
  uint64_t calls;
  int64_t first_ns, last_ns; /* start of the first and last of them */
  uint32_t examples[CAUSE_EXAMPLES];
  size_t example_count;
  char *call_id; /* or NULL */
  uint64_t seed; /* of the table */
} CauseGroup;

typedef struct CauseGroups {
  GHashTable *groups; /* a set of CauseGroup * */
  uint64_t seed;
  uint64_t calls; /* that were added, with a cause or without */
} CauseGroups;

CauseGroups *cause_groups_new(void);
void cause_groups_free(CauseGroups *groups);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CauseGroups, cause_groups_free)

/* One call, and what was found in it: sorted. */
void cause_groups_add(CauseGroups *groups, uint32_t call, int64_t start_ns,
                      const FindingList *findings);

/* Calls with one cause, counted before; the Call-ID is copied. */
void cause_groups_merge(CauseGroups *groups, const CauseGroup *counted);

/* CauseGroup *, the most frequent first; freed with g_ptr_array_unref. */
GPtrArray *cause_groups_list(const CauseGroups *groups);
