#include "ui/report/reports.h"

void report_end_nothing(Report *report)
{
  (void) report;
}

const ReportOps WHOLE_MESSAGES = {COMMAND_MESSAGES, FORMAT_TEXT, NULL,
                                  messages_whole,   NULL,        report_end_nothing};

const ReportOps REPORTS[] = {
  {COMMAND_CALLS, FORMAT_TEXT, calls_begin_text, NULL, calls_tick, calls_end_text},
  {COMMAND_CALLS, FORMAT_JSON, NULL, NULL, calls_tick, calls_end, &CALL_SHAPE},
  {COMMAND_CALLS, FORMAT_CSV, calls_begin_csv, NULL, calls_tick, calls_end, &CALL_SHAPE},
  {COMMAND_MESSAGES, FORMAT_TEXT, messages_begin_text, messages_text, NULL, report_end_nothing},
  {COMMAND_MESSAGES, FORMAT_JSON, NULL, messages_json, NULL, report_end_nothing, &MESSAGE_SHAPE},
  {COMMAND_MESSAGES, FORMAT_CSV, messages_begin_csv, messages_csv, NULL, report_end_nothing,
   &MESSAGE_SHAPE},
  {COMMAND_FLOW, FORMAT_TEXT, NULL, NULL, NULL, flow_end_text},
  {COMMAND_FLOW, FORMAT_JSON, NULL, NULL, NULL, flow_end_json},
  {COMMAND_SHOW, FORMAT_TEXT, NULL, show_text, NULL, report_end_nothing},
  {COMMAND_SHOW, FORMAT_JSON, NULL, show_json, NULL, report_end_nothing},
  {COMMAND_STATS, FORMAT_TEXT, NULL, NULL, NULL, stats_end_text},
  {COMMAND_STATS, FORMAT_JSON, NULL, NULL, NULL, stats_end_json},
  {COMMAND_SAVE, FORMAT_TEXT, NULL, NULL, NULL, report_end_nothing},
  {COMMAND_NONE, FORMAT_TEXT, NULL, NULL, NULL, NULL},
};
