/*
 * ListSearch: the search for a text in the rows of a list: /, n and N.
 */
#pragma once

#include "ui/view/host.h"
#include "ui/view/widget/table.h"

typedef struct {
  Host *host;
  Table *table; /* whose cursor goes to what is found */
  size_t (*row_count)(void *data);
  /* Appends the texts of the row that are searched, each with a line end. */
  void (*append_row)(void *data, size_t row, GString *to);
  void *data;
  char *sought; /* in lower case; NULL: none yet */
} ListSearch;

void list_search_clear(ListSearch *search);

/* COMMAND_SEARCH asks for the text; COMMAND_SEARCH_NEXT, COMMAND_SEARCH_PREVIOUS go to the next row
 * with it, around the end.  False for others. */
bool list_search_command(ListSearch *search, CommandId id);
