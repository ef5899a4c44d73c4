/*
 * Compare: two calls, or two captures, and what differs between them.
 *
 * Each capture has a report of its own, which collects (ReportSetup.is_first, .first); the second
 * one, or the only one, puts.
 */
#pragma once

#include "ui/report/report.h"

/* The only two formats. */
extern const ReportOps COMPARE_TEXT, COMPARE_JSON;
