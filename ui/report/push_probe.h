/*
 * The row of the table `probe`: how much was read, and what is missing in it.
 */
#pragma once

#include "ui/report/registration_rows.h"

/* Ended by one without a key. */
extern const TypedColumn PUSH_PROBE_TYPED[];

typedef struct {
  const char *version; /* of the program */
  const char *input;   /* files or interfaces */
  uint64_t rows_lost;  /* that were to be pushed */
  int64_t now_ns;      /* whose row it is */
} PushProbe;

/* Valid until report->scratch is reset. */
const FieldValue *push_probe_values(Report *report, const PushProbe *probe);
