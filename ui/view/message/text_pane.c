#include "ui/view/message/text_pane.h"

/* Lines that are drawn: from place->top up to here. */
static size_t last_line(const MessageRaw *raw, const RawPlace *place)
{
  return MIN(raw->line_count, place->top + (size_t) MAX(place->area.height, 0));
}

static int x_of(const RawPlace *place, unsigned column)
{
  return place->area.x + (int) column - (int) place->left;
}

static int y_of(const RawPlace *place, size_t line)
{
  return place->area.y + (int) (line - place->top);
}

void message_raw_draw(const MessageRaw *raw, const RawPlace *place)
{
  Rect before = canvas_clip(place->canvas, place->area);
  int end = place->area.x + place->area.width;

  for (size_t line = place->top; line < last_line(raw, place); line++) {
    RawPieces pieces = message_raw_pieces(raw, line);
    RawPiece piece;

    while (message_raw_piece_next(&pieces, &piece) && x_of(place, piece.column) < end)
      canvas_put(place->canvas, x_of(place, piece.column), y_of(place, line), piece.style,
                 piece.text);
  }
  canvas_unclip(place->canvas, before);
}

void message_raw_mark(const MessageRaw *raw, const RawPlace *place, Octets octets, unsigned marks)
{
  Rect before = canvas_clip(place->canvas, place->area);

  for (size_t line = place->top; line < last_line(raw, place); line++) {
    Octets common = octets_common(raw->lines[line].octets, octets);

    if (common.len == 0)
      continue;
    unsigned start = message_raw_column(raw, line, common.offset);
    unsigned end = message_raw_column(raw, line, common.offset + common.len);
    canvas_mark(place->canvas,
                (Rect){x_of(place, start), y_of(place, line), (int) (end - start), 1}, marks);
  }
  canvas_unclip(place->canvas, before);
}

/* --- the text pane --- */

enum { SIDE_STEP = 8 };

/* The cursor is on the line of the page's place, which may have come from elsewhere. */
static void follow_place(RawPane *pane, const MessageRaw *raw, const MessagePage *page)
{
  size_t line = message_raw_line_at(raw, page->offset);

  if (line != pane->scroll.cursor)
    scroll_to(&pane->scroll, line);
}

static void mark_found_text(const MessagePage *page, const RawPlace *place)
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
  follow_place(pane, raw, page);
  scroll_fit(&pane->scroll, raw->line_count, area.height);
  RawPlace place = {canvas, area, pane->scroll.top, pane->left};
  message_raw_draw(raw, &place);
  mark_found_text(page, &place);
  canvas_mark(
    canvas, (Rect){area.x, area.y + (int) (pane->scroll.cursor - pane->scroll.top), area.width, 1},
    CELL_CURSOR);
}

/* Only unwrapped lines can be wider than the pane. */
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

/* --- the hex pane --- */

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

static void draw_hex_row(const HexPane *pane, const MessagePage *page, Canvas *canvas, size_t row)
{
  g_autoptr(GString) text = g_string_new(NULL);
  int y = pane->area.y + (int) (row - pane->scroll.top);

  hex_append_row(text, &pane->layout, page->sip.raw, row);
  canvas_put(canvas, pane->area.x, y, STYLE_PLAIN, slice_of(text->str, text->len));
  canvas_put(canvas, pane->area.x, y, STYLE_DIM, slice_of(text->str, pane->layout.digits));
}

static void mark_found_bytes(const HexPane *pane, const MessagePage *page, Canvas *canvas)
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
    draw_hex_row(pane, page, canvas, row);
  mark_octets(pane, canvas, lit, CELL_LIT);
  mark_found_bytes(pane, page, canvas);
  mark_octets(pane, canvas, (Octets){(uint32_t) page->offset, 1}, CELL_CURSOR);
  canvas_unclip(canvas, before);
}

/* By bytes, from the page's place. */
static void move_place(MessagePage *page, int64_t by)
{
  int64_t last = page->sip.raw.len > 0 ? (int64_t) page->sip.raw.len - 1 : 0;

  page->offset = (size_t) CLAMP((int64_t) page->offset + by, 0, last);
}

bool hex_pane_command(HexPane *pane, MessagePage *page, CommandId id)
{
  int64_t per_row = MAX(pane->layout.per_row, 1);
  size_t before = pane->scroll.cursor;

  if (id == COMMAND_LEFT)
    move_place(page, -1);
  else if (id == COMMAND_RIGHT)
    move_place(page, 1);
  else if (id == COMMAND_BEGIN)
    page->offset = 0;
  else if (id == COMMAND_END)
    move_place(page, INT32_MAX);
  else if (scroll_command(&pane->scroll, id))
    move_place(page, ((int64_t) pane->scroll.cursor - (int64_t) before) * per_row);
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
