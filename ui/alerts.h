/*
 * Alerts: --alert EXPR --exec CMD: a command that is started when a number of the last 5 minutes
 * goes beyond a limit, and again when it is back; or for each call that matches when it is over.
 *
 *   metric.asr < 40 for 60s      a metric ('rung help stats'), its limit, for how long
 *   call.outcome == failed       a display filter
 *
 * Starts are limited to ALERTS_PER_MINUTE for each; those left out are counted and told to the next
 * one.  What was found is in variables of the environment, RUNG_ALERT_*.
 */
#pragma once

#include "dissect/query/display_filter.h"
#include "ui/show/metric_window.h"

enum { ALERTS_PER_MINUTE = 10 };

typedef struct Alerts Alerts;

/* Of each expression its command, both NULL-terminated; *ret_alerts is NULL where there are none.
 * Starts the process that runs commands (ui/alert_runner.h), as `user`. */
G_GNUC_WARN_UNUSED_RESULT bool alerts_new(const char *const *expressions,
                                          const char *const *commands, const char *user,
                                          Alerts **ret_alerts, GError **error);
void alerts_free(Alerts *alerts);

bool alerts_need_media(const Alerts *alerts);

/* A call is over, which `context` looks at. */
void alerts_note_call(Alerts *alerts, FieldContext *context);

/* By the time of the capture. */
void alerts_step(Alerts *alerts, const MetricWindow *window, int64_t now_ns);

/* A line about a command that failed, once for each; or NULL.  Freed with g_free. */
char *alerts_news(Alerts *alerts);
