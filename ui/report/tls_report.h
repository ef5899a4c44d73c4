/*
 * What `explain` and `lint` say of TLS connections, which belong to no call: after the calls, and
 * only when no calls were selected.
 */
#pragma once

#include "ui/report/report.h"
#include "ui/show/tls_text.h"

/* A kind of connections, and what is to say of them. */
typedef void (*TlsReportPut)(Report *report, const TlsRow *row, FindingId id, const char *text);

/* It has neither messages nor streams. */
Finding tls_report_finding(FindingId id, const char *text);

void tls_report_each(Report *report, TlsReportPut put);
