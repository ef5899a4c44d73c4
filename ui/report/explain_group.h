/* `explain --group`: how often each cause occurred over all calls. */
#pragma once

#include "dissect/diagnose/diagnosis.h"
#include "ui/report/report.h"

/* Notes the cause of one call. */
void explain_group_add(Report *report, const Call *call, const Diagnosis *diagnosis);

/* What was noted, the most frequent cause first. */
void explain_group_put_text(Report *report);
void explain_group_put_json(Report *report);
void explain_group_put_csv(Report *report);
