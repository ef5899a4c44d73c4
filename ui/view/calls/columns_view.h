/*
 * Columns view: the dialog that chooses, orders and sizes the columns of the call list.  They are
 * kept in the configuration; views are notified by ViewOps.configured.
 */
#pragma once

#include "ui/view/host.h"

View *columns_view_new(Host *host);

/* The configured columns, or the defaults for a screen of that width: CallColumn *, owned by the
 * array. */
GPtrArray *columns_load(const Config *config, unsigned width);
/* NULL: the defaults. */
void columns_store(Config *config, const GPtrArray *columns);
