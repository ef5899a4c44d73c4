/*
 * PushRows: the report whose rows go to a PushSink: each message as it comes, each call with its
 * findings and streams once it is over, at the end registrations and what was lost.
 *
 * Ids are hashes of what a row is about: whatever is pushed again, or from an overlapping capture
 * of the same probe, has the same id.
 */
#pragma once

#include "capture/push_sink.h"
#include "ui/report/push_tables.h"

struct PushTarget {
  PushSink *sink;
  const PushTables *tables;
  const char *probe;   /* name of this one */
  const char *version; /* of the program */
  const char *input;   /* files, or interfaces */
};

/* Needs ReportSetup.push. */
extern const ReportOps PUSH_ROWS;
