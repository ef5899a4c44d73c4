/*
 * FlowPage: the page of `flow -T html`, of which `report` makes a longer one.
 *
 * Written to the report's Out; its state is the report's.
 */
#pragma once

#include "dissect/diagnose/finding.h"
#include "ui/report/report.h"

/* Up to the first section; `title` is plain text. */
void flow_page_begin(Report *report, const char *title);

/* A step of a call's section, or with setup.merge of all: true while there is more to do. */
bool flow_page_call(Report *report, const Call *call);

/* The end; says what was left out. */
void flow_page_end(Report *report);

/* An item of a list, with links to its messages if they are on the page. */
void flow_page_append_finding(GString *to, const Finding *finding, bool has_links);
