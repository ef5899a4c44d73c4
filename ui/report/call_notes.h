/*
 * CallNotes: the lines of logs about a call (dissect/trace/notes.h), for `explain`, `flow` and
 * `show`.
 */
#pragma once

#include "ui/report/report.h"

/* A line each: "  log TIME SENDER: TEXT". */
void call_notes_put_text(Report *report, const Call *call);

/* The key "notes" and its value. */
void call_notes_put_json(Report *report, const Call *call);
