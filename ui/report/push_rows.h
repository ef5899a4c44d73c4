/*
 * PushRows: the report whose rows go to a PushSink: each message as it comes, each call with its
 * findings and streams once it is over, at the end registrations and what was lost.  Live, a call
 * that goes on after that is pushed again, and so are registrations and losses now and then.
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

/* The call is about to be evicted: its row is put, if it was to be put later. */
void push_rows_evicted(Report *report, const Call *call);
