/*
 * The way of a call's messages in `explain`: roles of its endpoints, the branches of its requests,
 * and what each hop changed.
 */
#pragma once

#include "dissect/diagnose/diagnosis.h"
#include "ui/report/report.h"

/* "roles" and "branches" of the object of a call. */
void explain_put_path_json(Report *report, const Diagnosis *diagnosis);

/* Lines of the roles and hops, when the call has more than one. */
void explain_put_path_text(Report *report, const Diagnosis *diagnosis);
