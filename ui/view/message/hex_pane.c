#include "ui/view/message/message_pane.h"

static void mark_octets(const HexPane *pane, Canvas *canvas, Octets octets, unsigned marks)
{
  const HexLayout *layout = &pane->layout;
  size_t last = MIN(layout->row_count, pane->scroll.top + pane->scroll.height);
  HexRun run;

  for (size_t row = pane->scroll.top; row < last; row++) {
    if (!hex_run_on(layout, octets, row, &run))
      continue;
    int y = pane->area.y + (int) (row - pane->scroll.top);
    unsigned start = hex_column(layout, run.first);
    unsigned end = hex_column(layout, run.first + run.count - 1) + 2;
    canvas_mark(canvas, (Rect){pane->area.x + (int) start, y, (int) (end - start), 1}, marks);
    canvas_mark(canvas,
                (Rect){pane->area.x + (int) (layout->text + run.first), y, (int) run.count, 1},
                marks);
  }
}

static void draw_row(const HexPane *pane, const MessagePage *page, Canvas *canvas, size_t row)
{
  g_autoptr(GString) text = g_string_new(NULL);
  int y = pane->area.y + (int) (row - pane->scroll.top);

  hex_append_row(text, &pane->layout, page->sip.raw, row);
  canvas_put(canvas, pane->area.x, y, STYLE_PLAIN, slice_of(text->str, text->len));
  canvas_put(canvas, pane->area.x, y, STYLE_DIM, slice_of(text->str, pane->layout.digits));
}

static void mark_found(const HexPane *pane, const MessagePage *page, Canvas *canvas)
{
  size_t from = pane->scroll.top * pane->layout.per_row;
  size_t end = from + pane->scroll.height * pane->layout.per_row;
  Octets found;

  while (message_page_found(page, from, &found) && found.offset < end) {
    mark_octets(pane, canvas, found, CELL_FOUND);
    from = (size_t) found.offset + found.len;
  }
}

void hex_pane_draw(HexPane *pane, const MessagePage *page, Canvas *canvas, Rect area, Octets lit)
{
  Rect before = canvas_clip(canvas, area);

  pane->area = area;
  pane->layout = hex_layout(page->sip.raw.len, (unsigned) MAX(area.width, 0));
  pane->scroll.height = (size_t) MAX(area.height, 1);
  scroll_to(&pane->scroll, hex_row_of(&pane->layout, page->offset));
  scroll_fit(&pane->scroll, pane->layout.row_count, area.height);
  size_t last = MIN(pane->layout.row_count, pane->scroll.top + pane->scroll.height);
  for (size_t row = pane->scroll.top; row < last; row++)
    draw_row(pane, page, canvas, row);
  mark_octets(pane, canvas, lit, CELL_LIT);
  mark_found(pane, page, canvas);
  mark_octets(pane, canvas, (Octets){(uint32_t) page->offset, 1}, CELL_CURSOR);
  canvas_unclip(canvas, before);
}

/* By octets from the page's place. */
static void move(MessagePage *page, int64_t by)
{
  int64_t last = page->sip.raw.len > 0 ? (int64_t) page->sip.raw.len - 1 : 0;

  page->offset = (size_t) CLAMP((int64_t) page->offset + by, 0, last);
}

bool hex_pane_command(HexPane *pane, MessagePage *page, CommandId id)
{
  int64_t per_row = MAX(pane->layout.per_row, 1);
  size_t before = pane->scroll.cursor;

  if (id == COMMAND_LEFT)
    move(page, -1);
  else if (id == COMMAND_RIGHT)
    move(page, 1);
  else if (id == COMMAND_BEGIN)
    page->offset = 0;
  else if (id == COMMAND_END)
    move(page, INT32_MAX);
  else if (scroll_command(&pane->scroll, id))
    move(page, ((int64_t) pane->scroll.cursor - (int64_t) before) * per_row);
  else
    return false;
  return true;
}

bool hex_pane_click(HexPane *pane, MessagePage *page, const KeyEvent *event)
{
  size_t row = pane->scroll.top + (size_t) MAX(event->y - pane->area.y, 0);

  return rect_has(pane->area, event->x, event->y) &&
         hex_offset_at(&pane->layout, row, (unsigned) (event->x - pane->area.x), &page->offset);
}
