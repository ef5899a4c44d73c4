/*
 * CallNotes: the lines of logs about a call (dissect/trace/notes.h), and what users wrote about it
 * (dissect/trace/remarks.h), for `explain`, `flow` and `show`.
 */
#pragma once

#include "ui/report/report.h"

/* A line each: "  log TIME SENDER: TEXT". */
void call_notes_put_text(Report *report, const Call *call);

/* "  note: TEXT", if there is one. */
void call_notes_put_remark(Report *report, const Call *call);

/* The key "notes" and its value. */
void call_notes_put_json(Report *report, const Call *call);
