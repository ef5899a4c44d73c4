/*
 * FindingRows: the page of what diagnosis found in one call: its findings, each with the messages
 * that prove it, the course of its session, the roles of its endpoints, and the way of its
 * requests.
 *
 * One row per line of a screen, as wide as the page; texts are safe and in the arena.
 */
#pragma once

#include "dissect/diagnose/diagnosis.h"
#include "ui/show/alias.h"
#include "ui/show/format.h"
#include "ui/show/style.h"

enum { FINDING_NONE = UINT32_MAX };

typedef struct {
  Slice text;
  Style style;
  uint32_t message; /* that Enter leads to; 0: none */
  uint32_t finding; /* index in Diagnosis.findings; or FINDING_NONE */
} FindingRowLine;

typedef struct {
  Arena *arena;
  const Trace *trace;
  const Call *call;
  const Diagnosis *diagnosis;
  const Aliases *aliases; /* or NULL */
  TextCharset charset;
  Clock clock;
  unsigned width;
} FindingRowsInput;

/* FindingRowLine. */
GArray *finding_rows_new(const FindingRowsInput *input);

/* "messages 1, 7; stream 2; RFC 3261 17.1": what proves it, and the rule. */
void finding_append_proof(const Finding *finding, GString *to);

/* How a finding of that severity is drawn. */
Style finding_severity_style(FindingSeverity severity);
