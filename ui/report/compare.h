/*
 * Compare: two calls, or two captures, and what differs between them.
 *
 * Each capture has a report of its own, which collects; the second one, or the only one, prints
 * the comparison.  The first one is closed before the second is read (ReportSetup.first).
 */
#pragma once

#include "ui/report/report.h"

/* The only two formats. */
extern const ReportOps COMPARE_TEXT, COMPARE_JSON;
