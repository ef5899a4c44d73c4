/*
 * FlowPreview: the message of the cursor, raw, in a pane of any size.
 *
 * It is read and laid out when message or size change; the octets stay until then.  A text that is
 * looked for is marked, and the pane begins where it is in sight.
 */
#pragma once

#include "dissect/query/text_search.h"
#include "dissect/trace/trace.h"
#include "ui/show/message_raw.h"
#include "ui/term/canvas.h"

typedef struct {
  Arena arena;            /* of one message */
  const Message *message; /* that is laid out, or NULL */
  int width, height;
  MessageRaw raw;
  TextSearch *search; /* or NULL */
  size_t top;         /* line that is drawn first */
  bool readable;
} FlowPreview;

void flow_preview_init(FlowPreview *preview);
void flow_preview_clear(FlowPreview *preview);
/* The message may be gone, or another text is looked for. */
void flow_preview_forget(FlowPreview *preview);

typedef struct {
  const StoreSet *stores;
  const Message *message;
  Slice needle; /* empty: none */
} FlowPreviewOf;

void flow_preview_draw(FlowPreview *preview, const FlowPreviewOf *of, Canvas *canvas, Rect area);
