/*
 * The rows of `registrations` for reports other than its own: the same columns and values.
 */
#pragma once

#include "ui/report/report.h"

typedef struct {
  const char *key;
  FieldType type;
} TypedColumn;

/* Ended by one without a key. */
extern const TypedColumn REGISTRATION_TYPED[];

/* Called with each row; the values are valid until it returns. */
typedef void PutRegistration(Report *report, const FieldValue *values);

void registrations_put(Report *report, PutRegistration *put);
