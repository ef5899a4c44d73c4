/*
 * CallNotes: the lines of logs about a call (dissect/trace/notes.h), for `explain` and `flow`.
 */
#pragma once

#include "ui/report/report.h"

/* "192.0.2.100: the text"; not safe, in report->scratch. */
Slice call_note_line(Report *report, const Note *note);

/* A line each: "  log TIME SENDER: TEXT". */
void call_notes_put_text(Report *report, const Call *call);

/* The key "notes" and its value. */
void call_notes_put_json(Report *report, const Call *call);
