#include "ui/report/reports.h"

void report_end_nothing(Report *report)
{
  (void) report;
}

const ReportOps WHOLE_MESSAGES = {SUBCOMMAND_MESSAGES, FORMAT_TEXT, NULL,
                                  messages_whole,      NULL,        report_end_nothing};

const ReportOps REPORTS[] = {
  {SUBCOMMAND_CALLS, FORMAT_TEXT, calls_begin_text, NULL, calls_tick, calls_end_text},
  {SUBCOMMAND_CALLS, FORMAT_JSON, NULL, NULL, calls_tick, calls_end, &CALL_SHAPE},
  {SUBCOMMAND_CALLS, FORMAT_CSV, calls_begin_csv, NULL, calls_tick, calls_end, &CALL_SHAPE},
  {SUBCOMMAND_MESSAGES, FORMAT_TEXT, messages_begin_text, messages_text, NULL, report_end_nothing},
  {SUBCOMMAND_MESSAGES, FORMAT_JSON, NULL, messages_json, NULL, report_end_nothing, &MESSAGE_SHAPE},
  {SUBCOMMAND_MESSAGES, FORMAT_CSV, messages_begin_csv, messages_csv, NULL, report_end_nothing,
   &MESSAGE_SHAPE},
  {SUBCOMMAND_FLOW, FORMAT_TEXT, NULL, NULL, NULL, flow_end_text},
  {SUBCOMMAND_FLOW, FORMAT_JSON, NULL, NULL, NULL, flow_end_json},
  {SUBCOMMAND_SHOW, FORMAT_TEXT, NULL, show_text, NULL, report_end_nothing},
  {SUBCOMMAND_SHOW, FORMAT_JSON, NULL, show_json, NULL, report_end_nothing},
  {SUBCOMMAND_STATS, FORMAT_TEXT, NULL, NULL, NULL, stats_end_text},
  {SUBCOMMAND_STATS, FORMAT_JSON, NULL, NULL, NULL, stats_end_json},
  {SUBCOMMAND_SAVE, FORMAT_TEXT, NULL, NULL, NULL, report_end_nothing},
  {SUBCOMMAND_NONE, FORMAT_TEXT, NULL, NULL, NULL, NULL},
};
