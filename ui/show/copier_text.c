#include "ui/show/copier_text.h"

#include "capture/language.h"

void copier_append_name(GString *to, const Copier *copier)
{
  char host[ENDPOINT_TEXT_MAX];

  if (copier_is_probe(copier)) {
    g_string_append_len(to, copier->node.data, (gssize) copier->node.len);
    return;
  }
  g_string_append(to,
                  copier->is_others ? _("others") : endpoint_format_address(&copier->host, host));
  if (copier->agent != 0)
    g_string_append_printf(to, _(", agent %u"), copier->agent);
  if (copier->node.len > 0)
    g_string_append_printf(to, _(", %.*s"), SLICE_ARG(copier->node));
}

void copier_append_clock(GString *to, const Copier *copier)
{
  CopierClock clock;

  if (!copier_clock(copier, &clock))
    return;
  bool is_behind = clock.ahead_ns < 0;
  g_autoptr(GString) other = g_string_new(NULL);
  copier_append_name(other, clock.other);
  g_string_append_printf(to, is_behind ? _("%.1f ms behind %s") : _("%.1f ms ahead of %s"),
                         (double) ABS(clock.ahead_ns) / 1e6, other->str);
  if (clock.samples == 1)
    g_string_append(to, _(" (1 answer)"));
  else
    g_string_append_printf(to, _(" (%u answers, half of them within %.1f ms)"), clock.samples,
                           (double) clock.spread_ns / 1e6);
}
