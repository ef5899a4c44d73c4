/*
 * FlowPage: the ladders of `flow -T svg` and `flow -T html`.
 */
#pragma once

#include "ui/report/report.h"

void flow_page_free(FlowPage *page);

extern const ReportOps FLOW_SVG, FLOW_HTML;
