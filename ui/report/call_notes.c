#include "ui/report/call_notes.h"

#include "capture/language.h"
#include "ui/show/note_text.h"

void call_notes_put_text(Report *report, const Call *call)
{
  Clock clock = clock_new(TIME_ABSOLUTE, report->setup.utc);
  const Note *notes = NULL;
  size_t count = trace_notes(report->trace, call, &notes);
  char time[TIME_TEXT_MAX];

  for (size_t i = 0; i < count; i++) {
    Slice text = note_text_line(report->trace, report->stores, &notes[i], &report->scratch);
    g_autofree char *line =
      g_strdup_printf(" %s %.*s", clock_format(&clock, notes[i].time_ns, time), SLICE_ARG(text));

    g_string_append(report->text, "  ");
    report_append_styled(report, SLICE("log"), STYLE_HINT);
    report_append_wrapped(report, (unsigned) strlen("  log"), slice_from_string(line));
    report_put_line(report);
  }
}

void call_notes_put_remark(Report *report, const Call *call)
{
  const char *remark = remarks_of(trace_remarks(report->trace), call);

  if (!remark)
    return;
  g_autofree char *line = g_strconcat(_("note: "), remark, NULL);
  g_string_append(report->text, "  ");
  report_append_wrapped(report, 2, slice_from_string(line));
  report_put_line(report);
}

static void put_pair(Json *json, const char *key, FieldValue value)
{
  json_key(json, key);
  json_value(json, value);
}

void call_notes_put_json(Report *report, const Call *call)
{
  Json *json = &report->json;
  const Note *notes = NULL;
  size_t count = trace_notes(report->trace, call, &notes);

  json_key(json, "notes");
  json_begin_array(json);
  for (size_t i = 0; i < count; i++) {
    json_begin_object(json);
    put_pair(json, "frame", value_number(notes[i].frame));
    put_pair(json, "time", value_time(notes[i].time_ns));
    put_pair(json, "sender",
             value_text(note_text_sender(report->trace, &notes[i], &report->scratch)));
    put_pair(json, "text",
             value_text(trace_note_text(&notes[i], report->stores, &report->scratch)));
    json_end_object(json);
  }
  json_end_array(json);
}
