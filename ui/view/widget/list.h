/*
 * What lists share beside their table: where the cursor is, for the title, and what the mouse does.
 */
#pragma once

#include "ui/view/host.h"
#include "ui/view/widget/table.h"

/* " 2/5": the row of the cursor; nothing without rows. */
void list_append_place(const Table *table, size_t count, GString *to);

/* A double click opens the row.  False if the event was not on the table. */
bool list_mouse(Host *host, Table *table, const KeyEvent *event, const TableModel *model);
