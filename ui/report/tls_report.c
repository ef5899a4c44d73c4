#include "ui/report/tls_report.h"

Finding tls_report_finding(FindingId id, const char *text)
{
  return (Finding){.id = id, .severity = FINDINGS[id].severity, .text = text};
}

void tls_report_each(Report *report, TlsReportPut put)
{
  const TlsTable *tls = trace_tls(report->trace);
  g_autoptr(GString) text = g_string_new(NULL);

  for (unsigned i = 0; selection_is_all(report->setup.selection) && i < tls->count; i++) {
    FindingId id = tls_finding(&tls->rows[i]);
    if (id == FINDING_COUNT)
      continue;
    g_string_truncate(text, 0);
    tls_text_append_finding(&tls->rows[i], text);
    put(report, &tls->rows[i], id, text->str);
  }
}
