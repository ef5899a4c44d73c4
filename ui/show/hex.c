#include "ui/show/hex.h"

/* Columns between offset, hex and text; there is one more blank in the middle of the hex. */
enum { GAP = 2, HEX_WIDTH = 3, DIGITS_MIN = 4 };

HexLayout hex_layout(size_t len, unsigned width)
{
  static const unsigned WIDTHS[] = {32, 16, 8, 4};
  HexLayout layout = {.len = len, .digits = DIGITS_MIN};

  while (layout.digits < 8 && len >> (4 * layout.digits) > 0)
    layout.digits += 2;
  for (size_t i = 0; i < G_N_ELEMENTS(WIDTHS); i++) {
    layout.per_row = WIDTHS[i];
    layout.hex = layout.digits + GAP;
    layout.text = layout.hex + layout.per_row * HEX_WIDTH - 1 + (layout.per_row > 4) + GAP;
    layout.width = layout.text + layout.per_row;
    if (layout.width <= width)
      break;
  }
  layout.row_count = (len + layout.per_row - 1) / layout.per_row;
  return layout;
}

size_t hex_row_of(const HexLayout *layout, size_t offset)
{
  return offset / layout->per_row;
}

unsigned hex_column(const HexLayout *layout, unsigned index)
{
  bool after_middle = layout->per_row > 4 && index >= layout->per_row / 2;

  return layout->hex + index * HEX_WIDTH + (after_middle ? 1 : 0);
}

void hex_append_row(GString *to, const HexLayout *layout, Slice bytes, size_t row)
{
  size_t start = row * layout->per_row, base = to->len;
  Slice line = slice_head(slice_from(bytes, start), layout->per_row);

  g_string_append_printf(to, "%0*zx", (int) layout->digits, start);
  for (unsigned i = 0; i < line.len; i++) {
    while (to->len - base < hex_column(layout, i))
      g_string_append_c(to, ' ');
    g_string_append_printf(to, "%02x", (unsigned char) line.data[i]);
  }
  while (to->len - base < layout->text)
    g_string_append_c(to, ' ');
  for (size_t i = 0; i < line.len; i++)
    g_string_append_c(to, g_ascii_isprint(line.data[i]) ? line.data[i] : '.');
}

bool hex_run_on(const HexLayout *layout, Octets bytes, size_t row, HexRun *ret_run)
{
  Octets whole = {(uint32_t) (row * layout->per_row), layout->per_row};
  Octets common = octets_common(whole, bytes);

  if (common.len == 0)
    return false;
  *ret_run = (HexRun){row, common.offset - whole.offset, common.len};
  return true;
}

bool hex_offset_at(const HexLayout *layout, size_t row, unsigned column, size_t *ret_offset)
{
  for (unsigned i = 0; i < layout->per_row; i++) {
    size_t offset = row * layout->per_row + i;
    unsigned x = hex_column(layout, i);
    bool hit = (column >= x && column < x + 2) || column == layout->text + i;

    if (hit && offset < layout->len) {
      *ret_offset = offset;
      return true;
    }
  }
  return false;
}
