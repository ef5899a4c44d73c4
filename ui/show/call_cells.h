/*
 * CallCells: what stands in the cells of the call list: the texts of the rows that are on the
 * screen, and no others.
 *
 * Rows are kept as long as their call gets no message, so that drawing again reads nothing again.
 * A call of very many messages, whose facts take long, is looked at again after a while only.
 */
#pragma once

#include "ui/show/alias.h"
#include "ui/show/call_columns.h"
#include "ui/show/style.h"

typedef struct CallCells CallCells;

typedef struct {
  TextCharset charset;
  bool utc;
  bool date;              /* times with their date */
  unsigned digits;        /* of their fraction: see Clock */
  const Aliases *aliases; /* names of hosts, until the cells are set again; or NULL */
} CallCellsLook;

CallCells *call_cells_new(const Trace *trace, const StoreSet *stores);
void call_cells_free(CallCells *cells);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CallCells, call_cells_free)

/* Forgets all rows and widths.  `columns` (CallColumn) must live until the next call. */
void call_cells_set(CallCells *cells, const GPtrArray *columns, const CallCellsLook *look);

/* Safe text of a cell, good until the cells are set or another call is asked for; empty where the
 * fact is absent. */
Slice call_cells_text(CallCells *cells, const Call *call, size_t column);

/* What became of the call. */
Style call_cells_style(CallCells *cells, const Call *call);

/* Of each column, the widest text so far. */
const unsigned *call_cells_widths(const CallCells *cells);

bool call_cells_are_unreadable(const CallCells *cells);
