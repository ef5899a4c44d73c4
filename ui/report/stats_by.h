/* `stats --by`: the metrics of calls by the value of a field. */
#pragma once

#include "ui/report/report.h"

/* Of ReportOps: adds the call to its groups, with --by; in CSV also without, to one group. */
bool stats_by_call_text(Report *report, const Call *call);
bool stats_by_call_json(Report *report, const Call *call);
bool stats_by_call_csv(Report *report, const Call *call);

/* The groups, largest first. */
void stats_by_put_text(Report *report);
void stats_by_put_json(Report *report);
void stats_by_put_csv(Report *report);
