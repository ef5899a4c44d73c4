#include "capture/language.h"
#include "ui/show/remark_file.h"
#include "ui/view/screens.h"
#include "ui/view/widget/ask.h"

static void take_note(void *data, Host *host, const char *text)
{
  const AppModel *model = host_model(host);
  Remarks *remarks = trace_remarks(model->trace);
  const Call *call = host_call(host, GPOINTER_TO_UINT(data));
  g_autoptr(GError) error = NULL;

  if (!call) {
    host_tell(host, STYLE_WARNING, "the call was discarded meanwhile (limit reached)");
    return;
  }
  if (!remarks_set_call(remarks, call, text)) {
    host_tell(host, STYLE_WARNING, "no more than %d notes", REMARKS_MAX);
    return;
  }
  call_index_touch(model->index, call);
  host_configured(host); /* the list has a column for notes where there are any */
  if (model->noted && !remark_file_write(model->noted, remarks, &error)) {
    host_tell(host, STYLE_ERROR, "%s", error->message);
    return;
  }
  g_autofree char *path = model->noted ? remark_file_path(model->noted) : NULL;
  if (path)
    host_tell(host, STYLE_SUCCESS, "kept in %s", path);
  else
    host_tell(host, STYLE_HINT, "kept until the end; a capture that you save has the note");
}

void note_ask(Host *host, uint32_t number)
{
  const Call *call = host_call(host, number);

  if (!call)
    return;
  g_autofree char *label = g_strdup_printf(_("note on call %u: "), number);
  const AskSetup setup = {
    .label = label,
    .text = remarks_of(trace_remarks(host_model(host)->trace), call),
    .done = take_note,
    .data = GUINT_TO_POINTER(number),
  };
  ask_line(host, &setup);
}
