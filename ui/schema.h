/*
 * Schema: the JSON Schema (2020-12) of everything that `-T json` prints, made of the reports' own
 * notation (ReportOps.schema) and of the table of fields.
 */
#pragma once

#include <glib.h>

/* One object: "$defs" has a schema for a line of each command, and of its variants. */
void schema_append(GString *to);
