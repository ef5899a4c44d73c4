#include "ui/view/message/raw_draw.h"

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
