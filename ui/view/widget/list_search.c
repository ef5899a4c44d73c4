#include "ui/view/widget/list_search.h"

#include "ui/view/widget/ask.h"

void list_search_clear(ListSearch *search)
{
  g_free(search->sought);
}

static bool has_sought(const ListSearch *search, size_t row)
{
  g_autoptr(GString) text = g_string_new(NULL);

  search->append_row(search->data, row, text);
  g_string_ascii_down(text);
  return strstr(text->str, search->sought) != NULL;
}

/* From the row after the cursor, or before it, around the end. */
static void seek(ListSearch *search, bool backwards)
{
  size_t count = search->row_count(search->data), from = search->table->cursor;

  for (size_t i = 1; search->sought && i <= count; i++) {
    size_t row = (from + (backwards ? count - i % count : i)) % count;
    if (!has_sought(search, row))
      continue;
    search->table->cursor = row;
    return;
  }
  host_tell(search->host, STYLE_HINT, search->sought ? "not found" : "no search text yet");
}

static void search_for(void *data, Host *host, const char *text)
{
  ListSearch *search = data;

  (void) host;
  g_free(search->sought);
  search->sought = *text ? g_ascii_strdown(text, -1) : NULL;
  seek(search, false);
}

bool list_search_command(ListSearch *search, CommandId id)
{
  if (id == COMMAND_SEARCH)
    ask_line(search->host, &(AskSetup){.label = "search: ", .done = search_for, .data = search});
  else if (id == COMMAND_SEARCH_NEXT || id == COMMAND_SEARCH_PREVIOUS)
    seek(search, id == COMMAND_SEARCH_PREVIOUS);
  else
    return false;
  return true;
}
