#include "ui/view/widget/line_page.h"

#include "ui/view/screens.h"
#include "ui/view/widget/list.h"

enum { ARENA_FIRST = 16 * 1024, INDENT = 2, WORD = 8 };

typedef struct {
  Slice text; /* safe */
  LineOf of;
} Line;

void line_page_init(LinePage *page, Host *host)
{
  *page = (LinePage){
    .host = host,
    .width = -1,
    .lines = g_array_new(FALSE, FALSE, sizeof(Line)),
    .rows = g_array_new(FALSE, FALSE, sizeof(Line)),
  };
  arena_init(&page->arena, ARENA_FIRST);
}

void line_page_clear(LinePage *page)
{
  g_array_unref(page->lines);
  g_array_unref(page->rows);
  arena_clear(&page->arena);
}

void line_page_add(LinePage *page, LineOf of, Slice raw)
{
  g_autoptr(GString) safe = g_string_new(NULL);

  text_append_safe(safe, raw, host_model(page->host)->charset);
  const Line line = {arena_dup(&page->arena, slice_of(safe->str, safe->len)), of};
  g_array_append_val(page->lines, line);
}

void line_page_add_heading(LinePage *page, const char *text)
{
  if (page->lines->len > 0)
    line_page_add(page, (LineOf){.style = STYLE_PLAIN}, SLICE(""));
  line_page_add(page, (LineOf){.style = STYLE_HEADING}, slice_from_string(text));
}

/* --- drawing ---------------------------------------------------------------------------------- */

static void cut_line(LinePage *page, const Line *line)
{
  Slice rest = line->text;
  unsigned indent = 0;
  Line row = *line;

  do {
    unsigned width = MAX((unsigned) MAX(page->width, 1), indent + WORD) - indent;
    Slice words = rest.len > 0 ? text_take_words(&rest, width) : rest;
    g_autofree char *cut = g_strdup_printf("%*s%.*s", (int) indent, "", SLICE_ARG(words));
    row.text = indent > 0 ? arena_dup(&page->arena, slice_from_string(cut)) : words;
    g_array_append_val(page->rows, row);
    indent = INDENT;
  } while (rest.len > 0);
}

static void fit_rows(LinePage *page, int width)
{
  if (width == page->width)
    return;
  page->width = width;
  g_array_set_size(page->rows, 0);
  for (guint i = 0; i < page->lines->len; i++)
    cut_line(page, &g_array_index(page->lines, Line, i));
  page->table.cursor = MIN(page->table.cursor, (size_t) MAX(page->rows->len, 1U) - 1);
}

static void give_cell(void *data, size_t row, size_t column, TableCell *ret_cell)
{
  const LinePage *page = data;
  const Line *line = &g_array_index(page->rows, Line, row);

  (void) column;
  ret_cell->text = line->text;
  ret_cell->style = line->of.style;
}

static TableModel table_model(LinePage *page)
{
  return (TableModel){
    .row_count = page->rows->len,
    .columns = &page->column,
    .column_count = 1,
    .sorted = -1,
    .untitled = true,
    .cell = give_cell,
    .data = page,
  };
}

void line_page_draw(LinePage *page, Canvas *canvas, Rect area)
{
  fit_rows(page, area.width - 1);
  page->column = (TableColumn){"", (unsigned) MAX(area.width - 1, 1), TEXT_LEFT};
  const TableModel model = table_model(page);
  table_draw(&page->table, canvas, area, &model);
}

/* --- commands --------------------------------------------------------------------------------- */

/* To the message of the line, in the ladder of its call. */
static void open_line(LinePage *page)
{
  const Line *line = page->table.cursor < page->rows->len
                       ? &g_array_index(page->rows, Line, page->table.cursor)
                       : NULL;
  const Call *call = line && line->of.call != 0 ? host_call(page->host, line->of.call) : NULL;
  const Message *message = call ? call->first : NULL;

  while (message && message->number != line->of.message)
    message = message->next;
  if (!message) {
    host_tell(page->host, STYLE_HINT, "no message belongs to this line");
    return;
  }
  View *flow = flow_view_new(page->host, &(FlowCalls){&call->number, 1, false});
  host_push(page->host, flow);
  flow_view_prove(flow, message, NULL);
}

bool line_page_command(LinePage *page, CommandId id)
{
  if (id != COMMAND_OPEN)
    return table_command(&page->table, id);
  open_line(page);
  return true;
}

bool line_page_mouse(LinePage *page, const KeyEvent *event)
{
  const TableModel model = table_model(page);

  return list_mouse(page->host, &page->table, event, &model);
}
