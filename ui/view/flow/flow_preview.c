#include "ui/view/flow/flow_preview.h"

#include "ui/view/message/raw_draw.h"

void flow_preview_init(FlowPreview *preview)
{
  enum { FIRST = 16 * 1024 };

  *preview = (FlowPreview){0};
  arena_init(&preview->arena, FIRST);
}

void flow_preview_clear(FlowPreview *preview)
{
  arena_clear(&preview->arena);
}

void flow_preview_forget(FlowPreview *preview)
{
  preview->message = NULL;
}

/* Begins the pane where the text can be seen. */
static void show_needle(FlowPreview *preview, Slice needle)
{
  enum { ABOVE = 2 };

  preview->search = text_search_new(&preview->arena, needle);
  size_t at = text_search_find(preview->search, preview->raw.raw);
  size_t line = message_raw_line_at(&preview->raw, at);
  size_t height = (size_t) preview->height, count = preview->raw.line_count;
  if (at < preview->raw.raw.len && line >= height)
    preview->top = MIN(line - MIN(line, (size_t) ABOVE), count - height);
}

static void lay_out(FlowPreview *preview, const FlowPreviewOf *of, TextCharset charset)
{
  bool looks = of->needle.len > 0;
  RawOptions options = {
    .width = (unsigned) preview->width,
    .line_max = looks ? 0 : (size_t) preview->height, /* it may be on any line */
    .charset = charset,
  };
  SipMsg sip;

  arena_reset(&preview->arena);
  preview->message = of->message;
  preview->search = NULL;
  preview->top = 0;
  preview->readable = message_load(of->message, of->stores, &preview->arena, &sip, NULL);
  if (preview->readable)
    preview->raw = message_raw_build(&preview->arena, &sip, &options);
  if (preview->readable && looks)
    show_needle(preview, of->needle);
}

/* Wherever the text is on the lines that are shown. */
static void mark_needle(const FlowPreview *preview, const RawPlace *place)
{
  const MessageRaw *raw = &preview->raw;
  size_t end = MIN(raw->line_count, preview->top + (size_t) preview->height);
  size_t len = preview->search->needle.len, at = raw->lines[preview->top].octets.offset;
  Octets last = raw->lines[end - 1].octets;
  Slice shown = slice_head(raw->raw, last.offset + last.len);

  for (; at < shown.len; at += len) {
    at += text_search_find(preview->search, slice_from(shown, at));
    if (at < shown.len)
      message_raw_mark(raw, place, (Octets){(uint32_t) at, (uint32_t) len}, CELL_FOUND);
  }
}

void flow_preview_draw(FlowPreview *preview, const FlowPreviewOf *of, Canvas *canvas, Rect area)
{
  if (area.width <= 0 || area.height <= 0)
    return;
  if (preview->message != of->message || preview->width != area.width ||
      preview->height != area.height) {
    preview->width = area.width;
    preview->height = area.height;
    lay_out(preview, of, canvas->charset);
  }
  if (!preview->readable) {
    canvas_put_string(canvas, area.x, area.y, STYLE_ERROR, "cannot be read: the file was changed");
    return;
  }
  const RawPlace place = {.canvas = canvas, .area = area, .top = preview->top};
  message_raw_draw(&preview->raw, &place);
  if (preview->search && preview->raw.line_count > 0)
    mark_needle(preview, &place);
  if (preview->raw.cut || preview->raw.line_count > preview->top + (size_t) area.height)
    canvas_put_glyph(canvas, area.x + area.width - 1, area.y + area.height - 1, STYLE_HINT,
                     GLYPH_DOWN);
}
