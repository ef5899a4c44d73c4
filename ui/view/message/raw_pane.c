#include "ui/view/message/message_pane.h"
#include "ui/view/message/raw_draw.h"

enum { SIDE_STEP = 8 };

/* The cursor is on the line of the page's place, which may have come from elsewhere. */
static void follow(RawPane *pane, const MessageRaw *raw, const MessagePage *page)
{
  size_t line = message_raw_line_at(raw, page->offset);

  if (line != pane->scroll.cursor)
    scroll_to(&pane->scroll, line);
}

static void mark_found(const MessagePage *page, const RawPlace *place)
{
  const MessageRaw *raw = &page->raw;
  size_t last = MIN(raw->line_count, place->top + (size_t) MAX(place->area.height, 0));
  Octets found;

  if (place->top >= last)
    return;
  size_t from = raw->lines[place->top].octets.offset;
  size_t end = raw->lines[last - 1].octets.offset + raw->lines[last - 1].octets.len;
  while (message_page_found(page, from, &found) && found.offset < end) {
    message_raw_mark(raw, place, found, CELL_FOUND);
    from = (size_t) found.offset + found.len;
  }
}

void raw_pane_draw(RawPane *pane, MessagePage *page, Canvas *canvas, Rect area)
{
  unsigned width = pane->unwrapped ? 0 : (unsigned) MAX(area.width, 2);
  const MessageRaw *raw = message_page_raw(page, width, canvas->charset);

  pane->area = area;
  pane->scroll.height = (size_t) MAX(area.height, 1);
  follow(pane, raw, page);
  scroll_fit(&pane->scroll, raw->line_count, area.height);
  RawPlace place = {canvas, area, pane->scroll.top, pane->left};
  message_raw_draw(raw, &place);
  mark_found(page, &place);
  canvas_mark(
    canvas, (Rect){area.x, area.y + (int) (pane->scroll.cursor - pane->scroll.top), area.width, 1},
    CELL_CURSOR);
}

/* Only what is not wrapped can lie outside. */
static bool scroll_sideways(RawPane *pane, const MessagePage *page, CommandId id)
{
  unsigned width = (unsigned) MAX(pane->area.width, 1);
  unsigned most = pane->unwrapped && page->raw.width > width ? page->raw.width - width : 0;

  if (id == COMMAND_LEFT)
    pane->left -= MIN(pane->left, SIDE_STEP);
  else if (id == COMMAND_RIGHT)
    pane->left = MIN(pane->left + SIDE_STEP, most);
  else
    return false;
  return true;
}

bool raw_pane_command(RawPane *pane, MessagePage *page, CommandId id)
{
  if (id == COMMAND_WRAP) {
    pane->unwrapped = !pane->unwrapped;
    pane->left = 0;
    return true;
  }
  if (!page->has_raw || scroll_sideways(pane, page, id))
    return page->has_raw;
  if (!scroll_command(&pane->scroll, id))
    return false;
  if (pane->scroll.cursor < page->raw.line_count)
    page->offset = page->raw.lines[pane->scroll.cursor].octets.offset;
  return true;
}

bool raw_pane_click(RawPane *pane, MessagePage *page, const KeyEvent *event)
{
  size_t line = pane->scroll.top + (size_t) MAX(event->y - pane->area.y, 0);
  unsigned column = (unsigned) MAX(event->x - pane->area.x, 0) + pane->left;

  if (!rect_has(pane->area, event->x, event->y) || line >= page->raw.line_count)
    return false;
  size_t offset = message_raw_offset(&page->raw, line, column);
  Octets octets = page->raw.lines[line].octets;
  page->offset = MIN(offset, octets.offset + MAX(octets.len, 1) - 1);
  return true;
}

Slice raw_pane_line(const RawPane *pane, const MessagePage *page)
{
  const MessageRaw *raw = &page->raw;
  size_t line = pane->scroll.cursor;

  if (!page->has_raw || line >= raw->line_count)
    return SLICE_NONE;
  while (line > 0 && raw->lines[line].wrapped)
    line--;
  Slice rest = slice_from(raw->raw, raw->lines[line].octets.offset);
  return slice_take_line(&rest);
}
