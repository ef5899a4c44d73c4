/*
 * `explain` as Markdown (CommonMark), to be pasted into a ticket: the facts of a call, its cause
 * with the evidence, the ladder, the messages that matter, and what the capture lacks.
 *
 * Nothing that was sent becomes markup: it stands in code spans and code blocks whose fences are
 * longer than any in it, or is escaped.
 */
#pragma once

#include "ui/report/report.h"

extern const ReportOps EXPLAIN_MARKDOWN;
