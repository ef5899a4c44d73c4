/*
 * FlowPreview: the message of the cursor, raw, in a pane of any size.
 *
 * It is read and laid out when message or size change; the octets stay until then.
 */
#pragma once

#include "dissect/trace/trace.h"
#include "ui/term/canvas.h"
#include "ui/view/message_raw.h"

typedef struct {
  Arena arena;            /* of one message */
  const Message *message; /* that is laid out, or NULL */
  int width, height;
  MessageRaw raw;
  bool readable;
} FlowPreview;

void flow_preview_init(FlowPreview *preview);
void flow_preview_clear(FlowPreview *preview);
/* The message may be gone. */
void flow_preview_forget(FlowPreview *preview);

typedef struct {
  const StoreSet *stores;
  const Message *message;
} FlowPreviewOf;

void flow_preview_draw(FlowPreview *preview, const FlowPreviewOf *of, Canvas *canvas, Rect area);
