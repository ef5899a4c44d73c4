/*
 * The conversation of a call in `explain`: its other legs, and what links them.
 */
#pragma once

#include "ui/report/report.h"

/* Keys of the call's object: conversation, services, legs, likely. */
void explain_put_legs_json(Report *report, const Call *call);
/* Nothing for a call that is alone. */
void explain_put_legs_text(Report *report, const Call *call);
