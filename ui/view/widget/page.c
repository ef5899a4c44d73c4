#include "ui/view/widget/page.h"

#include "ui/view/widget/table.h"

PageColumns page_columns(int width, int count, int gap)
{
  g_assert(count >= 1 && count <= PAGE_COLUMNS_MAX);
  return (PageColumns){count, (width - (count - 1) * gap) / count, gap};
}

/* Gives rows their places, from the first one on. */
typedef struct {
  const PageModel *model;
  int lines[PAGE_COLUMNS_MAX]; /* of each column so far */
  int column;                  /* of the section */
} Layout;

static int shortest_column(const Layout *layout)
{
  int shortest = 0;

  for (int column = 1; column < layout->model->columns.count; column++)
    if (layout->lines[column] < layout->lines[shortest])
      shortest = column;
  return shortest;
}

/* Of the next row, as if the page began at 0, 0.  A blank line is before a section. */
static Rect place_next(Layout *layout, size_t row)
{
  const PageModel *model = layout->model;
  const PageColumns *columns = &model->columns;

  if (model->is_heading(model->data, row)) {
    layout->column = shortest_column(layout);
    layout->lines[layout->column] += layout->lines[layout->column] > 0;
  }
  int *lines = &layout->lines[layout->column];
  Rect at = {layout->column * (columns->width + columns->gap), *lines, columns->width,
             model->height ? model->height(model->data, row) : 1};
  *lines += at.height;
  return at;
}

static int count_lines(const PageModel *model)
{
  Layout layout = {.model = model};
  int lines = 0;

  for (size_t row = 0; row < model->row_count; row++) {
    Rect at = place_next(&layout, row);
    lines = MAX(lines, at.y + at.height);
  }
  return lines;
}

static int last_top(const Page *page)
{
  return MAX(page->lines - page->height, 0);
}

static void draw_more(const Page *page, Canvas *canvas, Rect area)
{
  int edge = area.x + area.width;

  if (page->top > 0)
    canvas_put_glyph(canvas, edge, area.y, STYLE_DIM, GLYPH_UP);
  if (page->top < last_top(page))
    canvas_put_glyph(canvas, edge, area.y + area.height - 1, STYLE_DIM, GLYPH_DOWN);
}

void page_draw(Page *page, Canvas *canvas, Rect area, const PageModel *model)
{
  Rect before = canvas_clip(canvas, area);
  Layout layout = {.model = model};

  page->lines = count_lines(model);
  page->height = area.height;
  page->top = CLAMP(page->top, 0, last_top(page));
  for (size_t row = 0; row < model->row_count; row++) {
    Rect at = place_next(&layout, row);
    at.x += area.x;
    at.y += area.y - page->top;
    if (at.y + at.height > area.y && at.y < area.y + area.height)
      model->draw(model->data, row, canvas, at);
  }
  canvas_unclip(canvas, before);
  draw_more(page, canvas, area);
}

bool page_command(Page *page, CommandId id)
{
  int lines;

  if (!scroll_rows(id, page->height, &lines))
    return false;
  page->top = (int) CLAMP((int64_t) page->top + lines, 0, last_top(page));
  return true;
}
