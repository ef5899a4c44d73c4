/*
 * REPORTS: every command and format there is, ended by one of SUBCOMMAND_NONE.
 */
#pragma once

#include "ui/report/report.h"

/* Defines NAME_SHAPE from an X-macro of keys and fields, each written once. */
#define ROW_SHAPE(NAME, COLUMNS)                                                                   \
  static const ValueColumn NAME##_KEYS[] = {COLUMNS(ROW_KEY)};                                     \
  static const char *const NAME##_FIELDS[] = {COLUMNS(ROW_FIELD)};                                 \
  const RowShape NAME##_SHAPE = {NAME##_KEYS, NAME##_FIELDS, G_N_ELEMENTS(NAME##_KEYS)};
#define ROW_KEY(key, field) VALUE_COLUMN(key),
#define ROW_FIELD(key, field) field,

extern const RowShape CALL_SHAPE, MESSAGE_SHAPE;

extern const ReportOps REPORTS[];
/* `messages` when -T itself asks for text: whole messages, not a row each. */
extern const ReportOps WHOLE_MESSAGES;

void messages_begin_csv(Report *report);
void messages_whole(Report *report, const Arrival *arrival, const Message *message);
void messages_begin_text(Report *report);
void messages_json(Report *report, const Arrival *arrival, const Message *message);
void messages_csv(Report *report, const Arrival *arrival, const Message *message);
void messages_text(Report *report, const Arrival *arrival, const Message *message);

void calls_begin_csv(Report *report);
void calls_begin_text(Report *report);
void calls_tick(Report *report, int64_t now_ns);
/* Of the table: how wide its columns must be, then their titles. */
void calls_measure(Report *report, const Call *call);
void calls_put_titles(Report *report);
/* One row each. */
bool calls_json_row(Report *report, const Call *call);
bool calls_csv_row(Report *report, const Call *call);
bool calls_text_row(Report *report, const Call *call);

/* FlowFormats. */
bool flow_text(Report *report, const Call *call);
bool flow_json(Report *report, const Call *call);

void show_text(Report *report, const Arrival *arrival, const Message *message);
void show_json(Report *report, const Arrival *arrival, const Message *message);
/* Each header field on its own line, taken apart, and what is wrong with the message. */
void show_decoded(Report *report, const SipMsg *sip);

void stats_end_text(Report *report);
void stats_end_json(Report *report);
