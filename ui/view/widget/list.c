#include "ui/view/widget/list.h"

void list_append_place(const Table *table, size_t count, GString *to)
{
  if (count > 0)
    g_string_append_printf(to, " %zu/%zu", MIN(table->cursor, count - 1) + 1, count);
}

bool list_mouse(Host *host, Table *table, const KeyEvent *event, const TableModel *model)
{
  size_t column = 0;
  TableClick click = table_mouse(table, event, model, &column);

  if (click == TABLE_CHOSEN)
    host_run(host, COMMAND_OPEN);
  return click != TABLE_NOTHING;
}
