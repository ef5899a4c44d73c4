#include "ui/view/flow_preview.h"

#include "ui/view/raw_draw.h"

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

static void lay_out(FlowPreview *preview, const FlowPreviewOf *of, TextCharset charset)
{
  RawOptions options = {(unsigned) preview->width, (size_t) preview->height, charset};
  SipMsg sip;

  arena_reset(&preview->arena);
  preview->message = of->message;
  preview->readable = message_load(of->message, of->stores, &preview->arena, &sip, NULL);
  if (preview->readable)
    preview->raw = message_raw_build(&preview->arena, &sip, &options);
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
  message_raw_draw(&preview->raw, &(RawPlace){.canvas = canvas, .area = area});
  if (preview->raw.cut)
    canvas_put_glyph(canvas, area.x + area.width - 1, area.y + area.height - 1, STYLE_HINT,
                     GLYPH_DOWN);
}
