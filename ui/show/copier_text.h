/* Who copied messages, to HEP or into a database, and how its clock goes, in words.  Names are as
 * they came. */
#pragma once

#include <glib.h>

#include "dissect/trace/copiers.h"

/* "192.0.2.1, agent 2001, edge-1"; of a probe "edge-1". */
void copier_append_name(GString *to, const Copier *copier);

/* "35.2 ms ahead of edge-1 (12 answers, half of them within 0.4 ms)"; nothing while it is not
 * known. */
void copier_append_clock(GString *to, const Copier *copier);
