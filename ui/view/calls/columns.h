/*
 * Columns view: the dialog that chooses, orders and sizes the columns of the call list.  They are
 * kept in the configuration; who shows them hears of it by ViewOps.configured.
 */
#pragma once

#include "ui/view/app.h"

View *columns_view_new(App *app);
