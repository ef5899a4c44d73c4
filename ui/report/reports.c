#include "ui/report/reports.h"

const ReportOps WHOLE_MESSAGES = {
  .command = SUBCOMMAND_MESSAGES,
  .format = FORMAT_TEXT,
  .message = messages_whole,
};

const ReportOps REPORTS[] = {
  {
    .command = SUBCOMMAND_CALLS,
    .format = FORMAT_TEXT,
    .begin = calls_begin_text,
    .tick = calls_tick,
    .measure = calls_measure,
    .heading = calls_put_titles,
    .call = calls_text_row,
  },
  {
    .command = SUBCOMMAND_CALLS,
    .format = FORMAT_JSON,
    .tick = calls_tick,
    .call = calls_json_row,
    .shape = &CALL_SHAPE,
  },
  {
    .command = SUBCOMMAND_CALLS,
    .format = FORMAT_CSV,
    .begin = calls_begin_csv,
    .tick = calls_tick,
    .call = calls_csv_row,
    .shape = &CALL_SHAPE,
  },
  {
    .command = SUBCOMMAND_MESSAGES,
    .format = FORMAT_TEXT,
    .begin = messages_begin_text,
    .message = messages_text,
  },
  {
    .command = SUBCOMMAND_MESSAGES,
    .format = FORMAT_JSON,
    .message = messages_json,
    .shape = &MESSAGE_SHAPE,
  },
  {
    .command = SUBCOMMAND_MESSAGES,
    .format = FORMAT_CSV,
    .begin = messages_begin_csv,
    .message = messages_csv,
    .shape = &MESSAGE_SHAPE,
  },
  {.command = SUBCOMMAND_FLOW, .format = FORMAT_TEXT, .call = flow_text},
  {.command = SUBCOMMAND_FLOW, .format = FORMAT_JSON, .call = flow_json},
  {.command = SUBCOMMAND_SHOW, .format = FORMAT_TEXT, .message = show_text},
  {.command = SUBCOMMAND_SHOW, .format = FORMAT_JSON, .message = show_json},
  {.command = SUBCOMMAND_STATS, .format = FORMAT_TEXT, .end = stats_end_text},
  {.command = SUBCOMMAND_STATS, .format = FORMAT_JSON, .end = stats_end_json},
  {.command = SUBCOMMAND_SAVE, .format = FORMAT_TEXT},
  {.command = SUBCOMMAND_NONE},
};
