/*
 * Finding: one result of the diagnosis of a call, with the messages and streams that prove it.  The
 * table FINDINGS (findings.def) lists all kinds.
 */
#pragma once

#include <glib.h>

#include "capture/arena.h"
#include "capture/slice.h"
#include "dissect/net/endpoint.h"

typedef enum {
#define FINDING(id, name, severity, table, section, help) FINDING_##id,
#include "dissect/diagnose/findings.def"
#undef FINDING
  FINDING_COUNT,
} FindingId;

typedef enum {
  SEVERITY_NOTE,    /* worth knowing */
  SEVERITY_WARNING, /* it worked in spite of it, or may not next time */
  SEVERITY_ERROR,   /* the call failed or is harmed */
} FindingSeverity;

/* What a finding is about.  Findings are sorted by it, in this order. */
typedef enum {
  FINDING_OF_OUTCOME, /* why the call ended as it did */
  FINDING_OF_TRAVEL,  /* how its messages travelled */
  FINDING_OF_MEDIA,   /* offers, answers and RTP */
} FindingTable;

typedef struct {
  const char *name; /* "one-way-audio" */
  FindingSeverity severity;
  FindingTable table;
  const char *section; /* of the RFC */
  const char *help;
} FindingRow;

extern const FindingRow FINDINGS[FINDING_COUNT];

/* "error", ... */
const char *finding_severity_name(FindingSeverity severity);

enum { FINDING_EVIDENCE_MAX = 8, FINDINGS_MAX = 64 };

typedef struct {
  FindingId id;
  FindingSeverity severity; /* of the row, or one less when it is weakened */
  const char *text;         /* one sentence */
  const char *weakened;     /* why it is less severe; or NULL */
  bool decided;             /* the outcome of the call */
  int64_t time_ns;          /* of what it reports; INT64_MIN: not known */
  Endpoint where;           /* whose fault it seems to be, or of ADDRESS_NONE */
  unsigned status;          /* of the response it is about, or 0 */
  uint32_t messages[FINDING_EVIDENCE_MAX], streams[FINDING_EVIDENCE_MAX]; /* numbers */
  size_t message_count, stream_count;
} Finding;

/* Findings of one call; texts are in the arena. */
typedef struct {
  Arena *arena;
  size_t count;
  uint32_t left_out; /* beyond FINDINGS_MAX */
  Finding items[FINDINGS_MAX];
} FindingList;

/* Without any; `items` is not touched: it is large. */
static inline void finding_list_init(FindingList *list, Arena *arena)
{
  list->arena = arena;
  list->count = 0;
  list->left_out = 0;
}

/* Adds one, with the format translated; NULL when the list is full. */
Finding *finding_add(FindingList *list, FindingId id, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Number 0 and numbers beyond the limit are ignored; `finding` may be NULL. */
void finding_prove_by_message(Finding *finding, uint32_t message);
void finding_prove_by_stream(Finding *finding, uint32_t stream);

/* Evidence may be missing, or the call went well in spite of it: one severity less, and why. */
void finding_weaken(Finding *finding, const char *why);

/* Why the call ended first, and of that what decided it; then by severity, time and kind. */
void finding_list_sort(FindingList *list);

/* Of sorted findings the one that says why the call went as it did: the first that decided the
 * outcome or is more than a note; else a note about the outcome; NULL if there is neither. */
const Finding *finding_verdict(const Finding *items, size_t count);

/* The first of that kind, or NULL. */
const Finding *finding_list_find(const FindingList *list, FindingId id);
/* Takes out all of that kind. */
void finding_list_remove(FindingList *list, FindingId id);
